//! The tables as SeaORM entities. Nothing outside this crate sees them; queries hand out `core` types and views.
#![allow(missing_docs, reason = "columns are described in the migrations")]

pub mod account;
pub mod api_token;
pub mod appointment;
pub mod appointment_letter;
pub mod care_group;
pub mod chain_head;
pub mod community;
pub mod cross_requirement;
pub mod delegation;
pub mod delivery;
pub mod hosting;
pub mod idempotency;
pub mod intent;
pub mod match_run;
pub mod match_run_item;
pub mod member;
pub mod member_merge;
pub mod not_duplicate;
pub mod party_membership;
pub mod party_step;
pub mod party_transfer;
pub mod place;
pub mod post;
pub mod record;
pub mod reorganisation;
pub mod roster;
pub mod roster_mapping;
pub mod roster_row;
pub mod service_match;
pub mod session;
pub mod standing;
