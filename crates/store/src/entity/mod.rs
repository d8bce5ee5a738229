//! The tables as SeaORM entities. Nothing outside this crate sees them; queries hand out `core` types and views.
#![allow(missing_docs, reason = "columns are described in the migrations")]

pub mod account;
pub mod api_token;
pub mod care_group;
pub mod chain_head;
pub mod community;
pub mod delivery;
pub mod held_post;
pub mod idempotency;
pub mod intent;
pub mod match_run;
pub mod match_run_item;
pub mod member;
pub mod place;
pub mod record;
pub mod service_match;
pub mod session;
pub mod standing;
