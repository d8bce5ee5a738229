//! Why a vote passed or failed, or who was chosen: reasons with their numbers, which a page says in words.

use serde::{Deserialize, Serialize};
use tongxin_tally::{
    Exact, Fraction, TieBreak,
    count::Outcome,
    majority::{Answer, Base, Decision, Figure, Reach},
};

use super::{Vote, count::Tallied};
use crate::council::{
    Measure,
    roll::{QuorumFigure, is_quorate},
};

coded! {
    /// How a question ended.
    Verdict {
        /// 通过.
        Passed => "passed",
        /// 经主持人决定票通过.
        PassedByCastingVote => "passed_by_casting_vote",
        /// 未通过: too little says yes.
        Failed => "failed",
        /// 未通过: a tie.
        FailedByTie => "failed_by_tie",
        /// 参与不足，无效: too little takes part.
        NoQuorum => "no_quorum",
        /// 选出: as many as there are seats.
        Chosen => "chosen",
        /// 未选足: some, but fewer than there are seats.
        ChosenFewer => "chosen_fewer",
        /// 未选出.
        NobodyChosen => "nobody_chosen",
    }
}

impl Verdict {
    /// Whether what was asked was decided in favour: passed, or somebody chosen.
    #[must_use]
    pub const fn is_carried(self) -> bool {
        matches!(self, Self::Passed | Self::PassedByCastingVote | Self::Chosen | Self::ChosenFewer)
    }
}

/// A condition of saying yes with its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalFigure {
    /// What is measured.
    pub measure: Measure,
    /// More than, or at least.
    pub reach: Reach,
    /// This share.
    pub share: Fraction,
    /// Of this.
    pub of: Base,
    /// What says yes.
    pub got: u64,
    /// What the share is a share of.
    pub base: u64,
    /// The smallest amount that is enough.
    pub needed: u64,
    /// Whether it is enough.
    pub met: bool,
    /// Whether it is exactly one half where more is asked.
    pub tied: bool,
}

/// The votes in one measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SumFigure {
    /// What is measured.
    pub measure: Measure,
    /// For it.
    pub yes: u64,
    /// Against it.
    pub no: u64,
    /// Neither.
    pub abstain: u64,
    /// Present or represented without a vote.
    pub silent: u64,
    /// All that is entitled.
    pub entitled: u64,
}

/// A reason of an outcome. They stand in the order in which they are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// A condition of taking part, met or not.
    Quorum(QuorumFigure),
    /// The votes in a measure.
    Sums(SumFigure),
    /// A condition of saying yes, met or not.
    Approval(ApprovalFigure),
    /// It was tied; what the casting vote said, if one was given.
    Tie {
        /// The casting vote.
        casting: Option<Answer>,
    },
    /// The votes or points of an option when it was chosen or when the count ended.
    Option {
        /// Its number on the ballot paper, from 0.
        option: usize,
        /// What it had: a whole number, or a fraction for transferred votes.
        votes: Exact,
        /// Whether it is chosen.
        chosen: bool,
    },
    /// What was enough to be elected in a ranked vote: the quota, or more than half of what counts in the last round.
    Quota {
        /// The number.
        needed: u64,
    },
    /// Ballots without a mark.
    Blank {
        /// How many.
        ballots: u64,
    },
    /// A tie among options that was broken.
    BrokenTie(TieBreak),
}

/// How a question ended, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// How.
    pub verdict: Verdict,
    /// Why.
    pub reasons: Vec<Reason>,
    /// The options that are chosen, in the order of it.
    pub chosen: Vec<usize>,
}

impl Vote {
    /// Tells how a question ended and why.
    #[must_use]
    pub fn explain(&self, question: usize, tallied: &Tallied) -> Explanation {
        let quorum = self.presence.iter().chain(&tallied.quorum).copied();
        let mut reasons: Vec<Reason> = quorum.map(Reason::Quorum).collect();
        let quorate = is_quorate(&self.presence) && is_quorate(&tallied.quorum);
        if let Outcome::Majority(outcome) = &tallied.outcome {
            let sums = &outcome.sums;
            reasons.extend(self.rule.measures.iter().enumerate().map(|(at, measure)| {
                let (yes, no, abstain, silent) = (sums.yes[at], sums.no[at], sums.abstain[at], sums.silent[at]);
                Reason::Sums(SumFigure { measure: *measure, yes, no, abstain, silent, entitled: outcome.entitled[at] })
            }));
            reasons.extend(outcome.approval.iter().filter_map(|figure| self.approval(figure)).map(Reason::Approval));
            let verdict = match outcome.decision {
                Decision::Passed => Verdict::Passed,
                Decision::PassedByCastingVote => Verdict::PassedByCastingVote,
                Decision::Failed => Verdict::Failed,
                Decision::FailedByTie => Verdict::FailedByTie,
                Decision::NoQuorum => Verdict::NoQuorum,
            };
            if matches!(verdict, Verdict::PassedByCastingVote | Verdict::FailedByTie) {
                reasons.push(Reason::Tie { casting: self.casting.get(question).copied().flatten() });
            }
            return Explanation { verdict, reasons, chosen: Vec::new() };
        }
        let chosen = if quorate { tallied.outcome.elected() } else { Vec::new() };
        reasons.extend(options(&tallied.outcome, quorate));
        let seats = self.plan.questions.get(question).map_or(0, |asked| asked.method.seats());
        let verdict = match chosen.len() {
            _ if !quorate => Verdict::NoQuorum,
            0 => Verdict::NobodyChosen,
            some if some < seats => Verdict::ChosenFewer,
            _ => Verdict::Chosen,
        };
        Explanation { verdict, reasons, chosen }
    }

    fn approval(&self, figure: &Figure) -> Option<ApprovalFigure> {
        let condition = figure.condition;
        let measure = *self.rule.measures.get(condition.weight)?;
        let (reach, share, of) = (condition.reach, condition.share, condition.of);
        let Figure { got, base, needed, met, tied, .. } = *figure;
        Some(ApprovalFigure { measure, reach, share, of, got, base, needed, met, tied })
    }
}

/// The reasons of a choice among options.
fn options(outcome: &Outcome, quorate: bool) -> Vec<Reason> {
    let elected = outcome.elected();
    let (votes, needed, blank, ties): (Vec<Exact>, Option<u64>, u64, Vec<TieBreak>) = match outcome {
        Outcome::Majority(_) => return Vec::new(),
        Outcome::Choice(choice) => {
            (choice.sums.iter().map(|sum| Exact::from(*sum)).collect(), None, choice.blank, choice.ties.clone())
        }
        Outcome::Runoff(runoff) => {
            let last = runoff.rounds.last();
            let votes =
                last.map_or_else(Vec::new, |round| round.votes.iter().map(|votes| Exact::from(*votes)).collect());
            let ties = runoff.rounds.iter().filter_map(|round| round.tie.clone()).collect();
            (votes, last.map(|round| round.needed), runoff.blank, ties)
        }
        Outcome::Stv(stv) => {
            let mut votes = stv.stages.last().map_or_else(Vec::new, |stage| stage.votes.clone());
            // Who was elected has given its surplus away since; what counts is what it was elected with.
            for stage in &stv.stages {
                for option in &stage.elected {
                    votes[*option] = stage.votes[*option].clone();
                }
            }
            let ties = stv.stages.iter().filter_map(|stage| stage.tie.clone()).collect();
            (votes, Some(stv.quota), stv.blank, ties)
        }
        Outcome::Budget(budget) => (Vec::new(), None, 0, budget.ties.clone()),
    };
    let mut reasons: Vec<Reason> = needed.map(|needed| Reason::Quota { needed }).into_iter().collect();
    reasons.extend(votes.into_iter().enumerate().map(|(option, votes)| {
        let chosen = quorate && elected.contains(&option);
        Reason::Option { option, votes, chosen }
    }));
    if blank > 0 {
        reasons.push(Reason::Blank { ballots: blank });
    }
    reasons.extend(ties.into_iter().map(Reason::BrokenTie));
    reasons
}
