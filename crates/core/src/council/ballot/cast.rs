//! A ballot that is cast online, and what is stored of any ballot: the turnout, which names the voter, and the sheet, which
//! says what was voted.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tongxin_tally::count::Mark;
use uuid::Uuid;

use super::{Vote, proxy::Proxy, receipt::Receipt};
use crate::{
    council::{Secrecy, charter::Way, roll::RollEntry},
    invalid::{Problem, Problems},
};

/// That a voter took part. There is at most one for each voter of a vote; it never says what was voted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turnout {
    /// The seat, or who stands on the roll.
    pub voter: Uuid,
    /// The way.
    pub way: Way,
    /// Who acted: the voter, who speaks for the seat, who holds a proxy, or who entered the paper.
    pub by: Uuid,
    /// Whether it was by proxy.
    pub proxy: bool,
    /// When it was last cast or handed in.
    pub at: DateTime<Utc>,
    /// The entry of a paper or a show of hands.
    pub entry: Option<Uuid>,
}

/// What a sheet is stored under. A sheet under the same key is the same ballot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SheetKey {
    /// Of an open vote: the voter.
    Voter(Uuid),
    /// Of a secret ballot that was cast online.
    Secret {
        /// The label under which it is published.
        label: String,
        /// Its inclusion number.
        inclusion: String,
    },
    /// Of papers that were entered as sums: the entry and the line in it.
    Counted(Uuid, u32),
}

/// What was voted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// What it is stored under.
    pub key: SheetKey,
    /// The marks, one for each question.
    pub marks: Vec<Mark>,
    /// What it weighs in each measure of the vote's rule.
    pub weights: Vec<u64>,
    /// How many are the same; 1 but for papers that were entered as sums.
    pub times: u32,
}

/// A ballot that somebody casts online.
#[derive(Debug, Clone)]
pub struct OnlineBallot<'a> {
    /// Whose vote it is.
    pub entry: &'a RollEntry,
    /// The person who casts it; the caller has checked that it is the voter, speaks for the seat or holds the proxy.
    pub by: Uuid,
    /// The proxy by which it is cast.
    pub proxy: Option<&'a Proxy>,
    /// The turnout of this voter that is stored already.
    pub before: Option<&'a Turnout>,
    /// The marks, one for each question.
    pub marks: Vec<Mark>,
    /// The new receipt, of a secret vote.
    pub receipt: Option<&'a Receipt>,
    /// The receipt of the secret ballot that it replaces.
    pub replaces: Option<&'a Receipt>,
}

/// What is to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// In place of the voter's turnout, if there is one.
    pub turnout: Turnout,
    /// In place of the sheet of the same key, if there is one.
    pub sheet: Sheet,
    /// The label of the secret sheet that has to be there and goes; when it is not, nothing is stored and the problem is
    /// `receipt_unknown`.
    pub replaces: Option<String>,
}

impl Vote {
    /// Takes a ballot that is cast online.
    ///
    /// # Errors
    /// As [`Vote::takes`]; `vote_not_online`; `vote_cast_already` where a ballot may not be changed, and for one on paper, by
    /// hands, or that the voter cast itself and a proxy would change; `receipt_needed` to change a secret one;
    /// `receipt_unneeded`; `proxy_not_allowed`; what is wrong with the marks.
    pub fn cast(&self, ballot: &OnlineBallot<'_>, now: DateTime<Utc>) -> Result<Accepted, Problems> {
        let mut problems = Problems::default();
        problems.take(self.takes(now));
        problems.require(self.plan.ways.contains(&Way::Online), || Problem::new("way", "vote_not_online"));
        let voter = ballot.entry.voter;
        let proxied = ballot.proxy.is_none_or(|proxy| self.rule.proxies > 0 && proxy.giver == voter);
        problems.require(proxied, || Problem::new("proxy", "proxy_not_allowed"));
        let secret = self.rule.secrecy == Secrecy::Secret;
        match ballot.before {
            Some(before) => {
                let own = before.proxy || ballot.proxy.is_none();
                let may = self.rule.change && before.way == Way::Online && own;
                problems.require(may, || Problem::new("voter", "vote_cast_already"));
                problems.require(!may || !secret || ballot.replaces.is_some(), || {
                    Problem::new("receipt", "receipt_needed")
                });
            }
            None => problems.require(ballot.replaces.is_none(), || Problem::new("receipt", "receipt_unneeded")),
        }
        problems.take(self.check_marks(&ballot.marks));
        let key = match (secret, ballot.receipt) {
            (false, _) => Some(SheetKey::Voter(voter)),
            (true, Some(receipt)) => {
                Some(SheetKey::Secret { label: receipt.label(self.id), inclusion: receipt.inclusion(self.id) })
            }
            (true, None) => {
                problems.0.push(Problem::new("receipt", "receipt_needed"));
                None
            }
        };
        let turnout =
            Turnout { voter, way: Way::Online, by: ballot.by, proxy: ballot.proxy.is_some(), at: now, entry: None };
        let weights = ballot.entry.weights(&self.rule.measures);
        let replaces = ballot.replaces.filter(|_| secret).map(|receipt| receipt.label(self.id));
        let sheet = key.map(|key| Sheet { key, marks: ballot.marks.clone(), weights, times: 1 });
        problems.finish(sheet.map(|sheet| Accepted { turnout, sheet, replaces }))
    }

    /// Whether marks answer every question.
    ///
    /// # Errors
    /// `ballot_answers` with the number of `questions`; else as [`super::Question::answers`].
    pub fn check_marks(&self, marks: &[Mark]) -> Result<(), Problem> {
        let questions = &self.plan.questions;
        if marks.len() != questions.len() {
            return Err(Problem::new("marks", "ballot_answers").with("questions", questions.len()));
        }
        questions.iter().zip(marks).try_for_each(|(question, mark)| question.answers(mark))
    }
}
