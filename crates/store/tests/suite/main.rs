//! The store's suite: each check runs on SQLite and on PostgreSQL. For PostgreSQL, `TONGXIN_TEST_POSTGRES` names a server
//! on which databases may be made (`postgres://USER@HOST:PORT/postgres`); without it those tests are skipped, unless
//! `TONGXIN_TEST_REQUIRE_ALL` is set.
#![allow(missing_docs, reason = "a test's name says what it checks")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

#[path = "../common/mod.rs"]
mod common;

mod connection;
mod council;
mod council_duty;
mod council_meetings;
mod council_papers;
mod council_proposals;
mod council_resolutions;
mod council_rolls;
mod council_votes;
mod crash;
mod duplicates;
mod figures;
mod foundation;
mod identity;
mod intents;
mod letters;
mod matches;
mod matter;
mod party;
mod posts;
mod record;
mod reorganisation;
mod search;
mod structure;
mod writer;
