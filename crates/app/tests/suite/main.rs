//! The suite of the use cases: each check runs on SQLite and on PostgreSQL. For PostgreSQL, `TONGXIN_TEST_POSTGRES` names
//! a server on which databases may be made (`postgres://USER@HOST:PORT/postgres`); without it those tests are skipped,
//! unless `TONGXIN_TEST_REQUIRE_ALL` is set.
#![allow(missing_docs, reason = "a test's name says what it checks")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

#[macro_use]
mod world;

mod contention;
mod flow;
mod identity;
mod input;
mod letters;
mod merges;
mod overview;
mod party;
mod people;
mod permission;
mod posts;
mod records;
mod reorganisation;
mod roster_age;
mod roster_lines;
mod roster_suspects;
mod rosters;
mod runs;
mod sight;
mod structure;
mod time;
