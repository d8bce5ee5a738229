//! Versions of a charter by their day of effect.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Charter;
use crate::{
    council::MatterKind,
    invalid::{Problem, Problems},
};

/// A version of a charter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CharterVersion {
    /// Its number, from 1.
    pub number: u32,
    /// The first day on which it is in force.
    pub from: NaiveDate,
    /// What it says.
    pub charter: Charter,
    /// The resolution that adopted it; none for the founding one.
    pub resolution: Option<Uuid>,
}

/// The version in force on a day; none before the first.
#[must_use]
pub fn in_force(versions: &[CharterVersion], day: NaiveDate) -> Option<&CharterVersion> {
    versions.iter().filter(|version| version.from <= day).max_by_key(|version| version.from)
}

/// The founding version.
///
/// # Errors
/// As [`Charter::check`].
pub fn found(charter: Charter, from: NaiveDate) -> Result<CharterVersion, Problems> {
    charter.check()?;
    Ok(CharterVersion { number: 1, from, charter, resolution: None })
}

/// A decision that a charter be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carried {
    /// The resolution.
    pub resolution: Uuid,
    /// What it was on.
    pub matter: MatterKind,
    /// Whether it passed.
    pub passed: bool,
    /// The day of it.
    pub on: NaiveDate,
}

/// A new version of a charter, in force `from` a day, by a resolution that passed as a change of the charter.
///
/// # Errors
/// As [`Charter::check`]; `charter_not_resolved`; `charter_before_resolution` and `charter_before_last` of the day;
/// `nothing_changes`.
pub fn adopt(
    versions: &[CharterVersion],
    charter: Charter,
    from: NaiveDate,
    by: Carried,
) -> Result<CharterVersion, Problems> {
    let mut problems = Problems::default();
    problems.gather(charter.check());
    problems.require(by.matter == MatterKind::CharterChange && by.passed, || {
        Problem::new("resolution", "charter_not_resolved")
    });
    problems.require(from >= by.on, || Problem::new("from", "charter_before_resolution").with("day", by.on));
    let last = versions.iter().max_by_key(|version| version.from);
    if let Some(last) = last {
        problems.require(from > last.from, || Problem::new("from", "charter_before_last").with("day", last.from));
        problems.require(charter != last.charter, || Problem::new("charter", "nothing_changes"));
    }
    let number = versions.iter().map(|version| version.number).max().unwrap_or(0) + 1;
    problems.finish(Some(CharterVersion { number, from, charter, resolution: Some(by.resolution) }))
}
