//! Between rows and `core` types.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, Condition, sea_query::LikeExpr};
use serde::{Serialize, de::DeserializeOwned};
use tongxin_core::time::from_millis;
use uuid::Uuid;

use crate::{Error, Result};

pub(crate) fn millis(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

pub(crate) fn instant(millis: Option<i64>) -> Option<DateTime<Utc>> {
    millis.map(from_millis)
}

pub(crate) fn code<T>(text: &str) -> Result<T>
where
    T: std::str::FromStr<Err = tongxin_core::UnknownCode>,
{
    Ok(text.parse()?)
}

pub(crate) fn date(text: &str) -> Result<NaiveDate> {
    text.parse().map_err(|_| Error::Value(format!("date {text:?}")))
}

/// A day that may be none, as it is stored.
pub(crate) fn optional_day(day: Option<NaiveDate>) -> Option<String> {
    day.map(|day| day.to_string())
}

/// A number of the domain as the database counts.
pub(crate) fn number<T: TryFrom<i64>>(stored: i64) -> Result<T> {
    T::try_from(stored).map_err(|_| Error::Value(format!("number {stored}")))
}

/// A number as it is stored.
pub(crate) fn stored<T>(number: T) -> Result<i64>
where
    T: Copy + std::fmt::Display,
    i64: TryFrom<T>,
{
    i64::try_from(number).map_err(|_| Error::Value(format!("number {number}")))
}

/// A value as JSON text.
pub(crate) fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Value(error.to_string()))
}

/// A value of JSON text.
pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| Error::Value(error.to_string()))
}

/// The rows that have not ended by `day`: those that last on it, and those that begin later.
pub(crate) fn lasts_after(until: impl ColumnTrait, day: NaiveDate) -> Condition {
    Condition::any().add(until.is_null()).add(until.gt(day.to_string()))
}

/// The rows whose period holds on `day`.
pub(crate) fn holds_on(from: impl ColumnTrait, until: impl ColumnTrait, day: NaiveDate) -> Condition {
    Condition::all().add(from.lte(day.to_string())).add(lasts_after(until, day))
}

/// Each id once, in order, to be asked for in portions.
pub(crate) fn distinct(ids: impl IntoIterator<Item = Uuid>) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// `text` as a part of a `LIKE` pattern, between `before` and `after`; its own wildcards stand for themselves.
pub(crate) fn like(before: &str, text: &str, after: &str) -> LikeExpr {
    let text = text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    LikeExpr::new(format!("{before}{text}{after}")).escape('!')
}

/// A unique constraint that refuses a row says "taken"; every other error stays what it is.
pub(crate) fn taken(error: sea_orm::DbErr) -> Error {
    match error.sql_err() {
        Some(sea_orm::SqlErr::UniqueConstraintViolation(_)) => Error::Taken,
        _ => Error::Database(error),
    }
}

/// The most rows that one statement adds.
const ROWS_MAX: usize = 128;

/// Rows in parts whose lengths are powers of two, so that a few statements, kept prepared, add any number of rows.
pub(crate) fn steps<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let length = 1 << rows.len().min(ROWS_MAX).checked_ilog2()?;
        let (step, rest) = rows.split_at_checked(length)?;
        rows = rest;
        Some(step)
    })
}
