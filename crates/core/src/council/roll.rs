//! The roll: who has a vote and what it weighs, frozen when a vote is opened; and the live figures of a quorum.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use tongxin_tally::{
    Fraction,
    majority::{Base, Condition, Reach},
};
use uuid::Uuid;

use super::{
    Measure,
    charter::{Quorum, QuorumBy, Threshold},
    seat::Seat,
};
use crate::invalid::Problem;

/// Who has a vote. It weighs 1 by heads and by seats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RollEntry {
    /// The seat, of a council with seats; else the person or organisation that owns or lives there.
    pub voter: Uuid,
    /// The exclusive area that it owns, in 0.01 m²; 0 on a roll that is not of owners.
    pub area: u64,
}

impl RollEntry {
    /// Who votes without an area.
    #[must_use]
    pub const fn of(voter: Uuid) -> Self {
        Self { voter, area: 0 }
    }

    /// What it weighs in each measure.
    #[must_use]
    pub fn weights(&self, measures: &[Measure]) -> Vec<u64> {
        let weight = |measure: &Measure| match measure {
            Measure::Heads | Measure::Seats => 1,
            Measure::Area => self.area,
        };
        measures.iter().map(weight).collect()
    }
}

/// The roll of a council's seats on a day.
#[must_use]
pub fn of_seats(seats: &[Seat], day: NaiveDate) -> Vec<RollEntry> {
    seats.iter().filter(|seat| seat.period.contains(day)).map(|seat| RollEntry::of(seat.id)).collect()
}

/// The roll of owners: one head each, with the sum of the areas that it owns. Who owns one part together is one owner.
///
/// # Errors
/// `roll_too_large`.
pub fn of_owners(parts: &[(Uuid, u64)]) -> Result<Vec<RollEntry>, Problem> {
    let mut areas: BTreeMap<Uuid, u64> = BTreeMap::new();
    for (owner, area) in parts {
        let sum = areas.entry(*owner).or_default();
        *sum = sum.checked_add(*area).ok_or_else(too_large)?;
    }
    Ok(areas.into_iter().map(|(voter, area)| RollEntry { voter, area }).collect())
}

/// What is entitled in each measure.
///
/// # Errors
/// `roll_too_large`; `roll_twice` when somebody stands on it twice.
pub fn entitled(measures: &[Measure], roll: &[RollEntry]) -> Result<Vec<u64>, Problem> {
    let voters: BTreeSet<Uuid> = roll.iter().map(|entry| entry.voter).collect();
    if voters.len() != roll.len() {
        return Err(Problem::new("roll", "roll_twice"));
    }
    sum(measures, roll)
}

/// The sum of what these weigh in each measure.
///
/// # Errors
/// `roll_too_large`.
pub fn sum<'a>(measures: &[Measure], entries: impl IntoIterator<Item = &'a RollEntry>) -> Result<Vec<u64>, Problem> {
    let mut sums = vec![0_u64; measures.len()];
    for entry in entries {
        add(&mut sums, &entry.weights(measures), 1)?;
    }
    Ok(sums)
}

/// Adds `times` `weights` to sums.
pub(super) fn add(sums: &mut [u64], weights: &[u64], times: u32) -> Result<(), Problem> {
    for (sum, weight) in sums.iter_mut().zip(weights) {
        let more = weight.checked_mul(times.into()).and_then(|more| sum.checked_add(more));
        *sum = more.ok_or_else(too_large)?;
    }
    Ok(())
}

fn too_large() -> Problem {
    Problem::new("roll", "roll_too_large")
}

/// A threshold of a quorum with its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuorumFigure {
    /// Whom the quorum counts.
    pub by: QuorumBy,
    /// What is measured.
    pub measure: Measure,
    /// More than, or at least.
    pub reach: Reach,
    /// This share.
    pub share: Fraction,
    /// What is there, represented or takes part.
    pub got: u64,
    /// All that is entitled.
    pub entitled: u64,
    /// The smallest amount that is enough.
    pub needed: u64,
    /// Whether it is enough.
    pub met: bool,
}

impl QuorumFigure {
    /// A threshold with its numbers.
    #[must_use]
    pub fn new(by: QuorumBy, threshold: &Threshold, got: u64, entitled: u64) -> Self {
        let Threshold { measure, reach, share } = *threshold;
        let needed = Condition { weight: 0, reach, share, of: Base::Entitled }.needed(entitled);
        Self { by, measure, reach, share, got, entitled, needed, met: got >= needed }
    }
}

/// The figures of a quorum for who is there or represented, as they stand at this moment. Whoever is not on the roll does
/// not count.
///
/// # Errors
/// As [`entitled`].
pub fn quorum_figures(
    quorum: &Quorum,
    roll: &[RollEntry],
    here: &BTreeSet<Uuid>,
) -> Result<Vec<QuorumFigure>, Problem> {
    let measures: Vec<Measure> = quorum.thresholds.iter().map(|threshold| threshold.measure).collect();
    let entitled = entitled(&measures, roll)?;
    let got = sum(&measures, roll.iter().filter(|entry| here.contains(&entry.voter)))?;
    let figures = quorum.thresholds.iter().zip(got).zip(entitled);
    Ok(figures.map(|((threshold, got), entitled)| QuorumFigure::new(quorum.by, threshold, got, entitled)).collect())
}

/// Whether every threshold is met.
#[must_use]
pub fn is_quorate(figures: &[QuorumFigure]) -> bool {
    figures.iter().all(|figure| figure.met)
}
