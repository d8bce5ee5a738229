//! Proposals (议题): drafted, backed by enough, debated and amended, voted on, resolved, carried out.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    MatterKind, REASON_MAX, TEXT_MAX, TITLE_MAX,
    diff::{DiffLine, diff},
};
use crate::{
    invalid::{Problem, Problems},
    text,
};

coded! {
    /// How far a proposal is.
    ProposalState {
        /// 草案.
        Draft => "draft",
        /// 征集附议: it looks for backers.
        Submitted => "submitted",
        /// 已附议.
        Backed => "backed",
        /// 讨论中.
        Debated => "debated",
        /// 表决中.
        Voting => "voting",
        /// 通过.
        Passed => "passed",
        /// 未通过.
        Failed => "failed",
        /// 已落实.
        CarriedOut => "carried_out",
        /// 已撤回.
        Withdrawn => "withdrawn",
    }
}

impl ProposalState {
    /// The states that may follow.
    #[must_use]
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::Draft => &[Self::Submitted, Self::Backed, Self::Withdrawn],
            Self::Submitted => &[Self::Backed, Self::Withdrawn],
            Self::Backed => &[Self::Debated, Self::Withdrawn],
            Self::Debated => &[Self::Voting, Self::Withdrawn],
            // A vote that is cancelled leads back to the debate.
            Self::Voting => &[Self::Debated, Self::Passed, Self::Failed],
            Self::Passed => &[Self::CarriedOut],
            Self::Failed | Self::CarriedOut | Self::Withdrawn => &[],
        }
    }
}

/// A version of a proposal's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextVersion {
    /// The text.
    pub text: String,
    /// When it became so.
    pub at: DateTime<Utc>,
    /// The amendment that was accepted; none when its author wrote it.
    pub amendment: Option<Uuid>,
}

coded! {
    /// How far an amendment is.
    AmendmentState {
        /// Put.
        Open => "open",
        /// Its text is the proposal's.
        Accepted => "accepted",
        /// Not taken over.
        Rejected => "rejected",
        /// Taken back.
        Withdrawn => "withdrawn",
    }
}

/// An amendment (修正案): another text, put against a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amendment {
    /// Its identifier.
    pub id: Uuid,
    /// Who put it.
    pub by: Uuid,
    /// The number of the version that it amends, from 0.
    pub base: usize,
    /// The whole text as it should be.
    pub text: String,
    /// Why; may be empty.
    pub reason: String,
    /// How far it is.
    pub state: AmendmentState,
}

/// A proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Its identifier.
    pub id: Uuid,
    /// The kind of its matter.
    pub matter: MatterKind,
    /// Its title.
    pub title: String,
    /// The versions of its text, the oldest first; never empty.
    pub versions: Vec<TextVersion>,
    /// The seat, or who of the roll, that put it.
    pub by: Uuid,
    /// Who backs it, its author included.
    pub backers: BTreeSet<Uuid>,
    /// The amendments, in the order in which they were put.
    pub amendments: Vec<Amendment>,
    /// How far it is.
    pub state: ProposalState,
    /// Why it was withdrawn.
    pub reason: Option<String>,
}

fn written(raw: &str) -> Result<String, Problem> {
    let text = text::lines("text", raw, TEXT_MAX)?;
    if text.is_empty() { Err(Problem::new("text", "required")) } else { Ok(text) }
}

impl Proposal {
    /// A draft.
    ///
    /// # Errors
    /// Every problem of the texts.
    pub fn draft(
        (id, by): (Uuid, Uuid),
        matter: MatterKind,
        (title, text): (&str, &str),
        now: DateTime<Utc>,
    ) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let title = problems.take(text::line("title", title, TITLE_MAX));
        let text = problems.take(written(text));
        let proposal = title.zip(text).map(|(title, text)| Self {
            id,
            matter,
            title,
            versions: vec![TextVersion { text, at: now, amendment: None }],
            by,
            backers: BTreeSet::from([by]),
            amendments: Vec::new(),
            state: ProposalState::Draft,
            reason: None,
        });
        problems.finish(proposal)
    }

    /// The text as it stands.
    #[must_use]
    pub fn text(&self) -> &str {
        self.versions.last().map_or("", |version| version.text.as_str())
    }

    /// The number of the version that stands, from 0.
    #[must_use]
    pub fn version(&self) -> usize {
        self.versions.len().saturating_sub(1)
    }

    fn not_now(&self) -> Problem {
        Problem::new("state", "proposal_not_now").with("state", self.state)
    }

    fn move_to(&mut self, to: ProposalState) -> Result<(), Problem> {
        if !self.state.next().contains(&to) {
            return Err(self.not_now());
        }
        self.state = to;
        Ok(())
    }

    fn own(&self, by: Uuid) -> Result<(), Problem> {
        if by == self.by { Ok(()) } else { Err(Problem::new("by", "proposal_not_yours")) }
    }

    /// The author writes the text anew, while it is a draft.
    ///
    /// # Errors
    /// `proposal_not_now`, `proposal_not_yours`, what is wrong with the texts.
    pub fn rewrite(&mut self, by: Uuid, title: &str, text: &str, now: DateTime<Utc>) -> Result<(), Problems> {
        let mut problems = Problems::default();
        problems.take(self.own(by));
        problems.require(self.state == ProposalState::Draft, || self.not_now());
        let title = problems.take(text::line("title", title, TITLE_MAX));
        let text = problems.take(written(text));
        let (title, text) = problems.finish(title.zip(text))?;
        self.title = title;
        self.versions = vec![TextVersion { text, at: now, amendment: None }];
        Ok(())
    }

    /// The author puts it: it is backed when `needed` backers are there already, else it looks for them.
    ///
    /// # Errors
    /// `proposal_not_now`, `proposal_not_yours`.
    pub fn submit(&mut self, by: Uuid, needed: u64) -> Result<(), Problem> {
        self.own(by)?;
        if self.state != ProposalState::Draft {
            return Err(self.not_now());
        }
        let to = if self.is_backed(needed) { ProposalState::Backed } else { ProposalState::Submitted };
        self.move_to(to)
    }

    fn is_backed(&self, needed: u64) -> bool {
        self.backers.len() as u64 >= needed
    }

    /// A seat, or who of the roll, backs it; each counts once. With the last that is `needed` it is backed.
    ///
    /// # Errors
    /// `proposal_not_now`; `proposal_backed_already` by the same.
    pub fn back(&mut self, by: Uuid, needed: u64) -> Result<(), Problem> {
        if self.state != ProposalState::Submitted {
            return Err(self.not_now());
        }
        if !self.backers.insert(by) {
            return Err(Problem::new("by", "proposal_backed_already"));
        }
        if self.is_backed(needed) { self.move_to(ProposalState::Backed) } else { Ok(()) }
    }

    /// A backer takes its backing back, before there are enough.
    ///
    /// # Errors
    /// `proposal_not_now`; `proposal_not_backed` by the same; `proposal_own_backing` for the author, who withdraws instead.
    pub fn unback(&mut self, by: Uuid) -> Result<(), Problem> {
        if self.state != ProposalState::Submitted {
            return Err(self.not_now());
        }
        if by == self.by {
            return Err(Problem::new("by", "proposal_own_backing"));
        }
        if self.backers.remove(&by) { Ok(()) } else { Err(Problem::new("by", "proposal_not_backed")) }
    }

    /// The debate begins.
    ///
    /// # Errors
    /// `proposal_not_now`.
    pub fn debate(&mut self) -> Result<(), Problem> {
        if self.state == ProposalState::Voting {
            return Err(self.not_now());
        }
        self.move_to(ProposalState::Debated)
    }

    /// Puts an amendment to the text as it stands, in the debate.
    ///
    /// # Errors
    /// `proposal_not_now`; `nothing_changes`; what is wrong with the texts.
    pub fn amend(&mut self, (id, by): (Uuid, Uuid), text: &str, reason: &str) -> Result<(), Problems> {
        let mut problems = Problems::default();
        problems.require(self.state == ProposalState::Debated, || self.not_now());
        let text = problems.take(written(text));
        let reason = problems.take(text::lines("reason", reason, REASON_MAX));
        problems.require(text.as_deref() != Some(self.text()), || Problem::new("text", "nothing_changes"));
        let base = self.version();
        let amendment = text.zip(reason);
        let amendment =
            amendment.map(|(text, reason)| Amendment { id, by, base, text, reason, state: AmendmentState::Open });
        self.amendments.push(problems.finish(amendment)?);
        Ok(())
    }

    /// Whether an amendment was put against an older text than the one that stands, so that it has to be put anew.
    #[must_use]
    pub fn is_outdated(&self, amendment: &Amendment) -> bool {
        amendment.state == AmendmentState::Open && amendment.base != self.version()
    }

    /// What an amendment changes in the version that it was put against.
    #[must_use]
    pub fn changes(&self, amendment: &Amendment) -> Vec<DiffLine> {
        diff(self.versions.get(amendment.base).map_or("", |version| version.text.as_str()), &amendment.text)
    }

    fn open_amendment(&mut self, id: Uuid) -> Result<usize, Problem> {
        if self.state != ProposalState::Debated {
            return Err(self.not_now());
        }
        let found = self.amendments.iter().position(|own| own.id == id && own.state == AmendmentState::Open);
        found.ok_or_else(|| Problem::new("amendment", "amendment_decided"))
    }

    /// Takes an amendment over: its text is the proposal's next version.
    ///
    /// # Errors
    /// `proposal_not_now`; `amendment_decided`; `amendment_outdated`.
    pub fn accept(&mut self, amendment: Uuid, now: DateTime<Utc>) -> Result<(), Problem> {
        let at = self.open_amendment(amendment)?;
        if self.is_outdated(&self.amendments[at]) {
            return Err(Problem::new("amendment", "amendment_outdated"));
        }
        let accepted = &mut self.amendments[at];
        accepted.state = AmendmentState::Accepted;
        let text = accepted.text.clone();
        self.versions.push(TextVersion { text, at: now, amendment: Some(amendment) });
        Ok(())
    }

    /// Doesn't take an amendment over.
    ///
    /// # Errors
    /// `proposal_not_now`, `amendment_decided`.
    pub fn reject(&mut self, amendment: Uuid) -> Result<(), Problem> {
        let at = self.open_amendment(amendment)?;
        self.amendments[at].state = AmendmentState::Rejected;
        Ok(())
    }

    /// Who put an amendment takes it back.
    ///
    /// # Errors
    /// `proposal_not_now`, `amendment_decided`, `proposal_not_yours`.
    pub fn take_back(&mut self, amendment: Uuid, by: Uuid) -> Result<(), Problem> {
        let at = self.open_amendment(amendment)?;
        if self.amendments[at].by != by {
            return Err(Problem::new("by", "proposal_not_yours"));
        }
        self.amendments[at].state = AmendmentState::Withdrawn;
        Ok(())
    }

    /// The vote begins: from now on the text stands still.
    ///
    /// # Errors
    /// `proposal_not_now`; `proposal_open_amendments` with the `count` of those on the text that stands.
    pub fn vote(&mut self) -> Result<(), Problem> {
        let open = |own: &&Amendment| own.state == AmendmentState::Open && !self.is_outdated(own);
        let count = self.amendments.iter().filter(open).count();
        if self.state == ProposalState::Debated && count > 0 {
            return Err(Problem::new("amendment", "proposal_open_amendments").with("count", count));
        }
        self.move_to(ProposalState::Voting)
    }

    /// The vote was cancelled: the debate goes on.
    ///
    /// # Errors
    /// `proposal_not_now`.
    pub fn resume_debate(&mut self) -> Result<(), Problem> {
        if self.state != ProposalState::Voting {
            return Err(self.not_now());
        }
        self.move_to(ProposalState::Debated)
    }

    /// The vote was counted.
    ///
    /// # Errors
    /// `proposal_not_now`.
    pub fn resolve(&mut self, passed: bool) -> Result<(), Problem> {
        self.move_to(if passed { ProposalState::Passed } else { ProposalState::Failed })
    }

    /// What it asks for was done.
    ///
    /// # Errors
    /// `proposal_not_now`.
    pub fn carry_out(&mut self) -> Result<(), Problem> {
        self.move_to(ProposalState::CarriedOut)
    }

    /// The author withdraws it, before the vote.
    ///
    /// # Errors
    /// `proposal_not_now`, `proposal_not_yours`, `required` or `too_long` for the reason.
    pub fn withdraw(&mut self, by: Uuid, reason: &str) -> Result<(), Problems> {
        let mut problems = Problems::default();
        problems.take(self.own(by));
        problems.require(self.state.next().contains(&ProposalState::Withdrawn), || self.not_now());
        let reason = problems.take(text::line("reason", reason, REASON_MAX));
        self.reason = Some(problems.finish(reason)?);
        self.state = ProposalState::Withdrawn;
        Ok(())
    }
}
