//! Counting a vote: its sheets become a [`Count`] of `tongxin-tally`, which anybody can recount from its file.

use std::collections::{BTreeMap, BTreeSet};

use tongxin_tally::{
    TallyError,
    count::{Ballot, Count, Mark, Outcome, Rule},
    majority::{Base, Condition},
};
use uuid::Uuid;

use super::{Method, Vote, cast::Sheet};
use crate::{
    council::{
        charter::QuorumBy,
        roll::{QuorumFigure, RollEntry, sum},
    },
    invalid::Problem,
};

/// A question that was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tallied {
    /// The file, with its outcome; the ballots are in an order of their own and the same ones together, so that the file says
    /// nothing of who voted or when.
    pub count: Count,
    /// The outcome.
    pub outcome: Outcome,
    /// The figures of the quorum, of a vote whose quorum counts who takes part.
    pub quorum: Vec<QuorumFigure>,
}

/// A mark in an order of its own.
fn sorted(mark: &Mark, ranked: bool) -> Mark {
    match mark {
        Mark::Options(options) if !ranked => {
            let mut options = options.clone();
            options.sort_unstable();
            Mark::Options(options)
        }
        Mark::Scores(scores) => {
            let mut scores = scores.clone();
            scores.sort_unstable();
            Mark::Scores(scores)
        }
        same => same.clone(),
    }
}

/// What tells a mark from another, in an order that is always the same.
fn place(mark: &Mark) -> (u8, Vec<(u16, u32)>) {
    match mark {
        Mark::Yes => (0, Vec::new()),
        Mark::No => (1, Vec::new()),
        Mark::Abstain => (2, Vec::new()),
        Mark::Options(options) => (3, options.iter().map(|option| (*option, 0)).collect()),
        Mark::Scores(scores) => (4, scores.clone()),
    }
}

impl Vote {
    /// The weights of those who are present or represented and have not voted: they take part where the quorum counts who is
    /// there, and not where it counts who votes. `roll` may be the part of it that is present.
    ///
    /// # Errors
    /// `roll_too_large`.
    pub fn silent(&self, roll: &[RollEntry], turned_out: &BTreeSet<Uuid>) -> Result<Vec<u64>, Problem> {
        let by_presence = self.rule.quorum.by != QuorumBy::TakingPart;
        let silent = |entry: &&RollEntry| {
            by_presence && self.present.contains(&entry.voter) && !turned_out.contains(&entry.voter)
        };
        sum(&self.rule.measures, roll.iter().filter(silent))
    }

    /// Counts a question of the vote. `silent` is what [`Vote::silent`] gives.
    ///
    /// # Errors
    /// What is wrong with a ballot or with the numbers; for sheets that [`Vote::cast`] and [`Vote::confirm`] gave there is
    /// nothing.
    pub fn count(&self, question: usize, sheets: &[Sheet], silent: &[u64]) -> Result<Tallied, TallyError> {
        let asked = self.plan.questions.get(question).ok_or(TallyError::Kind { ballot: 0 })?;
        let rule = asked.method.rule();
        let ranked = matches!(asked.method, Method::Ranked | Method::Stv { .. });
        let choice = rule.is_some();
        let mut grouped: BTreeMap<_, Ballot> = BTreeMap::new();
        let mut taking_part = silent.to_vec();
        taking_part.resize(self.rule.measures.len(), 0);
        for (number, sheet) in sheets.iter().enumerate() {
            let mark = sheet.marks.get(question).ok_or(TallyError::Kind { ballot: number })?;
            if sheet.weights.len() != taking_part.len() {
                let (expected, found) = (taking_part.len(), sheet.weights.len());
                return Err(TallyError::Weights { expected, found });
            }
            for (sum, weight) in taking_part.iter_mut().zip(&sheet.weights) {
                let more = weight.checked_mul(sheet.times.into()).and_then(|more| sum.checked_add(more));
                *sum = more.ok_or(TallyError::TooLarge)?;
            }
            let mark = sorted(mark, ranked);
            let weights = if choice { sheet.weights[..1].to_vec() } else { sheet.weights.clone() };
            let ballot = grouped.entry((place(&mark), weights.clone()));
            let ballot = ballot.or_insert_with(|| Ballot { mark, weights, times: 0 });
            ballot.times = ballot.times.checked_add(sheet.times).ok_or(TallyError::TooLarge)?;
        }
        let rule = rule.unwrap_or_else(|| self.majority(question, silent));
        let mut count = Count::new(asked.options.clone(), rule);
        count.order = choice.then(|| self.orders.get(question).cloned()).flatten();
        count.ballots = grouped.into_values().collect();
        let outcome = count.run()?;
        count.outcome = Some(outcome.clone());
        let quorum = self.quorum_taking_part(&outcome, &taking_part);
        Ok(Tallied { count, outcome, quorum })
    }

    fn majority(&self, question: usize, silent: &[u64]) -> Rule {
        let quorum = &self.rule.quorum;
        let participation = quorum.thresholds.iter().filter(|_| quorum.by == QuorumBy::TakingPart);
        Rule::Majority {
            weights: self.rule.measures.len(),
            entitled: self.entitled.clone(),
            silent: silent.to_vec(),
            participation: participation
                .map(|threshold| Condition {
                    weight: self.rule.weight_of(threshold.measure),
                    reach: threshold.reach,
                    share: threshold.share,
                    of: Base::Entitled,
                })
                .collect(),
            approval: self
                .rule
                .approval
                .iter()
                .map(|approval| Condition {
                    weight: self.rule.weight_of(approval.measure),
                    reach: approval.reach,
                    share: approval.share,
                    of: approval.of,
                })
                .collect(),
            abstention: self.rule.abstention,
            tie: self.rule.tie,
            casting: self.casting.get(question).copied().flatten(),
        }
    }

    /// The figures of a quorum by who takes part: as the majority was counted, or for a choice by all ballots.
    fn quorum_taking_part(&self, outcome: &Outcome, taking_part: &[u64]) -> Vec<QuorumFigure> {
        let quorum = &self.rule.quorum;
        if quorum.by != QuorumBy::TakingPart {
            return Vec::new();
        }
        let got = |at: usize, weight: usize| match outcome {
            Outcome::Majority(outcome) => outcome.participation.get(at).map_or(0, |figure| figure.got),
            _ => taking_part.get(weight).copied().unwrap_or(0),
        };
        let figures = quorum.thresholds.iter().enumerate().map(|(at, threshold)| {
            let weight = self.rule.weight_of(threshold.measure);
            let entitled = self.entitled.get(weight).copied().unwrap_or(0);
            QuorumFigure::new(quorum.by, threshold, got(at, weight), entitled)
        });
        figures.collect()
    }
}
