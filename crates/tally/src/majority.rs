//! A question answered by yes or no, with several weights at once.
//!
//! Each ballot weighs in each of several dimensions, for example 1 by heads and 8850 by area; units are whole and small
//! enough to be exact. A [`MajorityRule`] states conditions of two kinds, and **all of them must hold**: how much has to take
//! part, and how much of which base has to say yes. Each condition becomes a [`Figure`] with what was got, its base, and the
//! smallest amount that is enough, so that the outcome can be told in words.
//!
//! - Who takes part: who votes yes, no or abstains, and who is present or represented without a vote. Whether an abstention
//!   takes part is the rule's choice ([`Abstention`]). An abstention is never a yes and never a no.
//! - The bases: [`Base::Entitled`], [`Base::Participating`], and [`Base::Decided`] (yes and no alone).
//! - Nothing passes on nothing: an amount that is enough is at least 1.
//! - **A tie** is a yes of exactly one half where *more than one half* is asked. It fails, or the casting vote that the rule
//!   provides for decides ([`Tie`]); the outcome says so. No casting vote helps another threshold.
//!
//! More yes never harms: when a yes is added or takes the place of a no or an abstention and the entitled stay the same,
//! what passed still passes, because no threshold is above the whole.

use serde::{Deserialize, Serialize};

use crate::{error::TallyError, number::Fraction};

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// For it.
    Yes,
    /// Against it.
    No,
    /// Neither.
    Abstain,
}

/// Whether the threshold itself is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// The threshold has to be passed.
    MoreThan,
    /// The threshold is enough.
    AtLeast,
}

/// What a share is a share of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Base {
    /// All that is entitled.
    Entitled,
    /// All that takes part, present or represented.
    Participating,
    /// Yes and no, without abstentions.
    Decided,
}

/// One condition on one weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Which weight, from 0.
    pub weight: usize,
    /// More than, or at least.
    pub reach: Reach,
    /// This share.
    pub share: Fraction,
    /// Of this.
    pub of: Base,
}

impl Condition {
    /// The smallest amount that is enough for this base.
    pub fn needed(&self, base: u64) -> u64 {
        let least = match self.reach {
            Reach::MoreThan => self.share.more_than(base),
            Reach::AtLeast => self.share.at_least(base),
        };
        least.max(1)
    }
}

/// Whether who abstains takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Abstention {
    /// It takes part, and so makes the base greater.
    TakesPart,
    /// It counts as if it had not come.
    StaysAway,
}

/// What becomes of a tie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tie {
    /// It fails.
    Fails,
    /// The casting vote decides; without one it fails.
    CastingVote,
}

/// The rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MajorityRule {
    /// How many weights each ballot has.
    pub weights: usize,
    /// How much has to take part of what is entitled ([`Base::Entitled`]). Empty: no quorum.
    pub participation: Vec<Condition>,
    /// How much has to say yes.
    pub approval: Vec<Condition>,
    /// Whether who abstains takes part.
    pub abstention: Abstention,
    /// What becomes of a tie.
    pub tie: Tie,
}

/// The sums of the ballots in each weight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sums {
    /// Yes.
    pub yes: Vec<u64>,
    /// No.
    pub no: Vec<u64>,
    /// Abstentions.
    pub abstain: Vec<u64>,
    /// Present or represented without a vote.
    pub silent: Vec<u64>,
}

impl Sums {
    /// Nothing yet.
    pub fn new(weights: usize) -> Self {
        let none = vec![0; weights];
        Self { yes: none.clone(), no: none.clone(), abstain: none.clone(), silent: none }
    }

    /// Adds a ballot.
    ///
    /// # Errors
    /// [`TallyError::Weights`] and [`TallyError::TooLarge`]; then nothing is added that could be used further.
    pub fn add(&mut self, answer: Answer, weights: &[u64]) -> Result<(), TallyError> {
        add(
            match answer {
                Answer::Yes => &mut self.yes,
                Answer::No => &mut self.no,
                Answer::Abstain => &mut self.abstain,
            },
            weights,
        )
    }

    /// Adds who is present or represented without a vote.
    ///
    /// # Errors
    /// As [`Sums::add`].
    pub fn add_silent(&mut self, weights: &[u64]) -> Result<(), TallyError> {
        add(&mut self.silent, weights)
    }
}

fn add(sums: &mut [u64], weights: &[u64]) -> Result<(), TallyError> {
    if sums.len() != weights.len() {
        return Err(TallyError::Weights { expected: sums.len(), found: weights.len() });
    }
    for (sum, &weight) in sums.iter_mut().zip(weights) {
        *sum = sum.checked_add(weight).ok_or(TallyError::TooLarge)?;
    }
    Ok(())
}

/// One condition with its numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// The condition.
    pub condition: Condition,
    /// What takes part, or says yes.
    pub got: u64,
    /// What the share is a share of.
    pub base: u64,
    /// The smallest amount that is enough.
    pub needed: u64,
    /// Whether what was got is enough, without a casting vote.
    pub met: bool,
    /// Whether it is a tie: exactly one half where more than one half is asked.
    pub tied: bool,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// All conditions hold.
    Passed,
    /// All hold, some only by the casting vote.
    PassedByCastingVote,
    /// Too little takes part.
    NoQuorum,
    /// Enough takes part, too little says yes.
    Failed,
    /// It failed by a tie, which the casting vote, when there was one, did not lift.
    FailedByTie,
}

impl Decision {
    /// Whether it passed.
    pub fn passed(self) -> bool {
        matches!(self, Self::Passed | Self::PassedByCastingVote)
    }
}

/// The outcome, with every number that led to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MajorityOutcome {
    /// How it ended.
    pub decision: Decision,
    /// The conditions of taking part, in the order of the rule.
    pub participation: Vec<Figure>,
    /// The conditions of saying yes, in the order of the rule.
    pub approval: Vec<Figure>,
    /// The sums.
    pub sums: Sums,
    /// What is entitled.
    pub entitled: Vec<u64>,
}

impl MajorityRule {
    /// # Errors
    /// A condition names a weight that does not exist, or how much has to take part is not a share of what is entitled.
    pub fn check(&self) -> Result<(), TallyError> {
        if self.participation.iter().any(|condition| condition.of != Base::Entitled) {
            return Err(TallyError::ParticipationBase);
        }
        let named = self.participation.iter().chain(&self.approval).map(|condition| condition.weight);
        match named.max().filter(|&weight| weight >= self.weights) {
            Some(weight) => Err(TallyError::UnknownWeight { weight, weights: self.weights }),
            None => Ok(()),
        }
    }

    /// Decides on sums. `entitled` is what is entitled in each weight; `casting` the casting vote, when one was given.
    ///
    /// # Errors
    /// The rule or the sums don't fit, or more takes part than is entitled.
    pub fn decide(
        &self,
        entitled: &[u64],
        sums: &Sums,
        casting: Option<Answer>,
    ) -> Result<MajorityOutcome, TallyError> {
        self.check()?;
        for list in [entitled, &sums.yes, &sums.no, &sums.abstain, &sums.silent] {
            if list.len() != self.weights {
                return Err(TallyError::Weights { expected: self.weights, found: list.len() });
            }
        }
        let mut participating = Vec::with_capacity(self.weights);
        for (weight, &entitled) in entitled.iter().enumerate() {
            let parts = [sums.yes[weight], sums.no[weight], sums.silent[weight], sums.abstain[weight]];
            let all = parts.iter().try_fold(0_u64, |sum, &part| sum.checked_add(part)).ok_or(TallyError::TooLarge)?;
            if all > entitled {
                return Err(TallyError::MoreThanEntitled { weight, entitled, found: all });
            }
            participating.push(match self.abstention {
                Abstention::TakesPart => all,
                Abstention::StaysAway => all - sums.abstain[weight],
            });
        }
        let figures = |conditions: &[Condition], got: &[u64]| -> Vec<Figure> {
            let figure = |&condition: &Condition| {
                let weight = condition.weight;
                let base = match condition.of {
                    Base::Entitled => entitled[weight],
                    Base::Participating => participating[weight],
                    Base::Decided => sums.yes[weight] + sums.no[weight],
                };
                let (got, needed) = (got[weight], condition.needed(base));
                let half = condition.reach == Reach::MoreThan && condition.share == Fraction::HALF;
                let tied = half && base > 0 && condition.share.is_exactly(got, base);
                Figure { condition, got, base, needed, met: got >= needed, tied }
            };
            conditions.iter().map(figure).collect()
        };
        let participation = figures(&self.participation, &participating);
        let approval = figures(&self.approval, &sums.yes);
        let decision = if !participation.iter().all(|figure| figure.met) {
            Decision::NoQuorum
        } else if approval.iter().all(|figure| figure.met) {
            Decision::Passed
        } else if !approval.iter().all(|figure| figure.met || figure.tied) {
            Decision::Failed
        } else if self.tie == Tie::CastingVote && casting == Some(Answer::Yes) {
            Decision::PassedByCastingVote
        } else {
            Decision::FailedByTie
        };
        Ok(MajorityOutcome { decision, participation, approval, sums: sums.clone(), entitled: entitled.to_vec() })
    }
}
