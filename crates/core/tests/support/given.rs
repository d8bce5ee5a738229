//! Ids, days and instants that tests give, and what they are told.

#![allow(dead_code, clippy::unwrap_used, reason = "each test uses its part, and one that fails says so")]

use chrono::{DateTime, Duration, NaiveDate, Utc};
use tongxin_core::invalid::Problems;
use uuid::Uuid;

pub fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub fn day(n: u32) -> NaiveDate {
    NaiveDate::from_num_days_from_ce_opt(739_000 + i32::try_from(n).unwrap()).unwrap()
}

pub fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// So many minutes after the morning of the first day.
pub fn at(minutes: i64) -> DateTime<Utc> {
    let start: DateTime<Utc> = "2026-09-01T01:00:00Z".parse().unwrap();
    start + Duration::minutes(minutes)
}

/// The fields and codes of what was wrong.
pub fn codes<T: std::fmt::Debug>(outcome: Result<T, Problems>) -> Vec<(&'static str, &'static str)> {
    outcome.unwrap_err().0.into_iter().map(|problem| (problem.field, problem.code)).collect()
}
