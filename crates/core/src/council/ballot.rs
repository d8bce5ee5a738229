//! Votes (表决): a question or several, put to a roll that is frozen when the vote is opened, under the charter in force then.
//!
//! - A vote takes ballots within its window: the first instant is in it, the closing instant is not. What was handed in on
//!   paper or shown by hands in the window may still be entered after it, until the vote is closed. A closed vote never
//!   changes.
//! - **Once across all ways.** A [`cast::Turnout`] says that a voter took part; there is at most one for each voter, whatever
//!   the way, and the store's key says the same. Papers and hands are entered by one person and confirmed by another
//!   ([`entry`]); their turnout stands from the entry on.
//! - Who took part and what was voted are apart: a [`cast::Sheet`] of a secret vote names no voter ([`receipt`]).
//! - A vote is counted by `tongxin-tally` from its sheets ([`count`]), and told in reasons with their numbers ([`outcome`]).

pub mod cast;
pub mod count;
pub mod entry;
pub mod outcome;
pub mod proxy;
mod question;
pub mod receipt;

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};
pub use question::{Method, Question};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tongxin_tally::majority::{Abstention, Answer, Tie};
use uuid::Uuid;

use super::{
    MatterKind, Measure, REASON_MAX, Secrecy,
    charter::{Approval, Charter, CharterVersion, Quorum, QuorumBy, Way},
    roll::{QuorumFigure, RollEntry, entitled, quorum_figures},
};
use crate::{
    invalid::{Problem, Problems},
    text,
    time::Window,
};

/// The most questions of a vote.
pub const QUESTIONS_MAX: usize = 20;

/// What is to be voted on, how and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VotePlan {
    /// The kind of the matter.
    pub matter: MatterKind,
    /// The proposal that is voted on.
    pub proposal: Option<Uuid>,
    /// The questions; a ballot answers all of them.
    pub questions: Vec<Question>,
    /// The ways, of those of the charter.
    pub ways: Vec<Way>,
    /// From the first instant until the closing one, which is not in it.
    pub window: Window,
}

impl VotePlan {
    /// Checks it against the charter.
    ///
    /// # Errors
    /// `required`, `too_many`; `vote_one_by_one`; `vote_must_be_yes_no`; `vote_no_majority`; what is wrong with a question;
    /// `vote_way_not_allowed`; `vote_secret_by_hands`; `vote_window_hours` with `min` and `max`.
    pub fn check(&self, charter: &Charter) -> Result<(), Problems> {
        let mut problems = Problems::default();
        if self.questions.len() > QUESTIONS_MAX {
            return Err(Problems(vec![Problem::new("questions", "too_many").with("max", QUESTIONS_MAX)]));
        }
        let rule = charter.rule(self.matter);
        problems.require(!self.questions.is_empty(), || Problem::new("questions", "required"));
        let yes_no = self.questions.iter().filter(|question| question.method == Method::YesNo).count();
        problems.require(!rule.one_by_one || (yes_no == 1 && self.questions.len() == 1), || {
            Problem::new("questions", "vote_one_by_one")
        });
        let decides = matches!(self.matter, MatterKind::CharterChange | MatterKind::Admission | MatterKind::Removal);
        problems
            .require(!decides || yes_no == self.questions.len(), || Problem::new("questions", "vote_must_be_yes_no"));
        problems.require(yes_no == 0 || !rule.approval.is_empty(), || Problem::new("questions", "vote_no_majority"));
        for question in &self.questions {
            problems.gather(question.check());
        }
        problems.require(!self.ways.is_empty(), || Problem::new("ways", "required"));
        problems.require(self.ways.iter().all(|way| charter.voting.ways.contains(way)), || {
            Problem::new("ways", "vote_way_not_allowed")
        });
        let hands = self.ways.contains(&Way::Hands);
        problems.require(!(hands && rule.secrecy == Secrecy::Secret), || Problem::new("ways", "vote_secret_by_hands"));
        let (least, most) = (charter.voting.least_hours, charter.voting.most_hours);
        let length = self.window.until - self.window.from;
        problems.require((Duration::hours(least.into())..=Duration::hours(most.into())).contains(&length), || {
            Problem::new("closes", "vote_window_hours").with("min", least).with("max", most)
        });
        problems.finish(Some(()))
    }
}

/// The rules that a vote is judged by, as they were when it was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoteRule {
    /// The number of the charter's version.
    pub charter_version: u32,
    /// What ballots are weighed in; a choice among options is counted by the first.
    pub measures: Vec<Measure>,
    /// How many have to take part.
    pub quorum: Quorum,
    /// How much has to say yes.
    pub approval: Vec<Approval>,
    /// Whether it is secret.
    pub secrecy: Secrecy,
    /// Whether who abstains takes part.
    pub abstention: Abstention,
    /// What becomes of a tie.
    pub tie: Tie,
    /// Whether a ballot may be changed until the end.
    pub change: bool,
    /// How many others one may vote for.
    pub proxies: u32,
    /// Whether the paper of who is absent has to be handed in before the vote begins.
    pub written_before: bool,
}

impl VoteRule {
    fn new(version: &CharterVersion, matter: MatterKind) -> Self {
        let charter = &version.charter;
        let rule = charter.rule(matter);
        let mut measures = vec![charter.body.measures()[0]];
        let used = rule.quorum.thresholds.iter().map(|threshold| threshold.measure);
        for measure in used.chain(rule.approval.iter().map(|approval| approval.measure)) {
            if !measures.contains(&measure) {
                measures.push(measure);
            }
        }
        Self {
            charter_version: version.number,
            measures,
            quorum: rule.quorum.clone(),
            approval: rule.approval.to_vec(),
            secrecy: rule.secrecy,
            abstention: charter.decisions.abstention,
            tie: charter.decisions.tie,
            change: charter.voting.change,
            proxies: charter.voting.proxies,
            written_before: charter.voting.written_before,
        }
    }

    /// Where a measure stands among the weights.
    fn weight_of(&self, measure: Measure) -> usize {
        self.measures.iter().position(|own| *own == measure).unwrap_or(usize::MAX)
    }
}

coded! {
    /// How far a vote is.
    VoteState {
        /// Opened: ballots are taken in its window, entries until it is closed.
        Open => "open",
        /// Closed: nothing of it changes any more.
        Closed => "closed",
        /// Called off.
        Cancelled => "cancelled",
    }
}

/// A vote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// Its identifier.
    pub id: Uuid,
    /// What is voted on.
    pub plan: VotePlan,
    /// The rules.
    pub rule: VoteRule,
    /// What is entitled in each measure.
    pub entitled: Vec<u64>,
    /// How many are on the roll.
    pub voters: u64,
    /// Who is present or represented, of a vote at a meeting.
    pub present: BTreeSet<Uuid>,
    /// The figures of a quorum by presence, as it was opened.
    pub presence: Vec<QuorumFigure>,
    /// For each question, the order that breaks ties among its options, drawn as it was opened.
    pub orders: Vec<Vec<usize>>,
    /// For each question, the casting vote.
    pub casting: Vec<Option<Answer>>,
    /// How far it is.
    pub state: VoteState,
    /// When it was closed or cancelled.
    pub ended_at: Option<DateTime<Utc>>,
    /// Why it was cancelled.
    pub reason: Option<String>,
}

impl Vote {
    /// Opens a vote at or before the first instant of its window, with the roll as it is now and the charter in force on the
    /// day. `present` are those who are there, and for a quorum by who is represented also those; empty for a vote outside a
    /// meeting. `seed` draws the order that breaks ties.
    ///
    /// # Errors
    /// As [`VotePlan::check`]; `already_past`; `vote_empty_roll`, `roll_twice`, `roll_too_large`; `vote_no_quorum` with the
    /// `measure`, what is there (`got`) and what is `needed`.
    pub fn open(
        id: Uuid,
        plan: VotePlan,
        charter: &CharterVersion,
        (roll, present): (&[RollEntry], BTreeSet<Uuid>),
        now: DateTime<Utc>,
        seed: u64,
    ) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        problems.gather(plan.check(&charter.charter));
        problems.require(now <= plan.window.from, || Problem::new("opens", "already_past"));
        problems.require(!roll.is_empty(), || Problem::new("roll", "vote_empty_roll"));
        let rule = VoteRule::new(charter, plan.matter);
        let entitled = problems.take(entitled(&rule.measures, roll));
        let by_presence = rule.quorum.by != QuorumBy::TakingPart;
        let presence = match entitled {
            Some(_) if by_presence => problems.take(quorum_figures(&rule.quorum, roll, &present)).unwrap_or_default(),
            _ => Vec::new(),
        };
        if let Some(short) = presence.iter().find(|figure| !figure.met) {
            let problem = Problem::new("present", "vote_no_quorum").with("measure", short.measure);
            problems.0.push(problem.with("got", short.got).with("needed", short.needed));
        }
        let on_roll: BTreeSet<Uuid> = roll.iter().map(|entry| entry.voter).collect();
        let orders = plan.questions.iter().enumerate().map(|(at, question)| draw(seed, at, question.options.len()));
        let orders: Vec<Vec<usize>> = orders.collect();
        let vote = entitled.map(|entitled| Self {
            id,
            orders,
            casting: vec![None; plan.questions.len()],
            plan,
            rule,
            entitled,
            voters: roll.len() as u64,
            present: present.intersection(&on_roll).copied().collect(),
            presence,
            state: VoteState::Open,
            ended_at: None,
            reason: None,
        });
        problems.finish(vote)
    }

    /// Somebody of the roll comes to the meeting while the vote is open.
    ///
    /// # Errors
    /// `vote_closed`.
    pub fn arrives(&mut self, entry: &RollEntry) -> Result<(), Problem> {
        self.is_open()?;
        self.present.insert(entry.voter);
        Ok(())
    }

    fn is_open(&self) -> Result<(), Problem> {
        if self.state == VoteState::Open { Ok(()) } else { Err(Problem::new("state", "vote_closed")) }
    }

    /// Whether a ballot is taken at an instant.
    ///
    /// # Errors
    /// `vote_closed`; `vote_not_yet` before the first instant; `vote_over` from the closing instant on.
    pub fn takes(&self, now: DateTime<Utc>) -> Result<(), Problem> {
        self.is_open()?;
        if now < self.plan.window.from {
            return Err(Problem::new("at", "vote_not_yet"));
        }
        if now >= self.plan.window.until {
            return Err(Problem::new("at", "vote_over"));
        }
        Ok(())
    }

    /// Closes it: from the closing instant on; before, only when everybody on the roll has voted (`turnout`), or when it is
    /// by a show of hands alone. `unconfirmed` is the number of entries that wait for their second person.
    ///
    /// # Errors
    /// `vote_closed`, `vote_still_open`, `vote_unconfirmed` with `count`.
    pub fn close(&mut self, now: DateTime<Utc>, turnout: u64, unconfirmed: usize) -> Result<(), Problem> {
        self.is_open()?;
        let hands = self.plan.ways == [Way::Hands] && now >= self.plan.window.from;
        if now < self.plan.window.until && turnout < self.voters && !hands {
            return Err(Problem::new("at", "vote_still_open"));
        }
        if unconfirmed > 0 {
            return Err(Problem::new("entries", "vote_unconfirmed").with("count", unconfirmed));
        }
        self.state = VoteState::Closed;
        self.ended_at = Some(now);
        Ok(())
    }

    /// Calls it off, with a reason.
    ///
    /// # Errors
    /// `vote_closed`; `required` or `too_long` for the reason.
    pub fn cancel(&mut self, reason: &str, now: DateTime<Utc>) -> Result<(), Problems> {
        let mut problems = Problems::default();
        problems.take(self.is_open());
        let reason = problems.take(text::line("reason", reason, REASON_MAX));
        self.reason = Some(problems.finish(reason)?);
        self.state = VoteState::Cancelled;
        self.ended_at = Some(now);
        Ok(())
    }

    /// Gives the casting vote on a question that is tied, once. It decides nothing else.
    ///
    /// # Errors
    /// `vote_not_closed`; `vote_no_tie`; `vote_casting_given`.
    pub fn cast_the_casting_vote(
        &mut self,
        question: usize,
        answer: Answer,
        explained: &outcome::Explanation,
    ) -> Result<(), Problem> {
        if self.state != VoteState::Closed {
            return Err(Problem::new("state", "vote_not_closed"));
        }
        if self.rule.tie != Tie::CastingVote || explained.verdict != outcome::Verdict::FailedByTie {
            return Err(Problem::new("question", "vote_no_tie"));
        }
        match self.casting.get_mut(question) {
            Some(slot @ None) => *slot = Some(answer),
            _ => return Err(Problem::new("question", "vote_casting_given")),
        }
        Ok(())
    }
}

/// A lot among options, the same for the same seed.
fn draw(seed: u64, question: usize, options: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..options).collect();
    order.sort_by_key(|option| {
        let lot = Sha256::new().chain_update(seed.to_be_bytes()).chain_update((question as u64).to_be_bytes());
        <[u8; 32]>::from(lot.chain_update((*option as u64).to_be_bytes()).finalize())
    });
    order
}
