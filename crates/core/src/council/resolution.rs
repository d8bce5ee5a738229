//! Resolutions (决议): what was decided, who carries it out by when, and how far that is.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Holder, Level, MatterKind, REASON_MAX, TEXT_MAX, TITLE_MAX};
use crate::{
    invalid::{Problem, Problems},
    text,
};

/// The longest number, in characters.
pub const NUMBER_MAX: usize = 60;

coded! {
    /// How far a resolution is.
    ResolutionState {
        /// 待落实.
        Open => "open",
        /// 落实中.
        UnderWay => "under_way",
        /// 已落实，待验收.
        Done => "done",
        /// 已验收.
        Accepted => "accepted",
        /// 不再落实.
        Dropped => "dropped",
    }
}

/// Something is still to be done by the owner.
const PENDING: [ResolutionState; 2] = [ResolutionState::Open, ResolutionState::UnderWay];

impl ResolutionState {
    /// Whether something is still to be done by its owner.
    #[must_use]
    pub const fn is_pending(self) -> bool {
        matches!(self, Self::Open | Self::UnderWay)
    }
}

/// A note on the progress.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// When.
    pub at: DateTime<Utc>,
    /// Who wrote it.
    pub by: Uuid,
    /// The state after it.
    pub state: ResolutionState,
    /// What it says.
    pub text: String,
}

/// A resolution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// Its identifier.
    pub id: Uuid,
    /// Its number, unique in its council; [`crate::community::letter::number`] makes them.
    pub number: String,
    /// The level of the council that took it (S21).
    pub level: Level,
    /// The kind of its matter.
    pub matter: MatterKind,
    /// Its title.
    pub title: String,
    /// What was decided.
    pub text: String,
    /// The day of it.
    pub decided_on: NaiveDate,
    /// The number of the charter's version under which it was taken.
    pub charter_version: u32,
    /// Who carries it out; none for one that asks for nothing more.
    pub owner: Option<Holder>,
    /// By when.
    pub due: Option<NaiveDate>,
    /// How far it is.
    pub state: ResolutionState,
    /// The notes, the oldest first.
    pub progress: Vec<Progress>,
}

/// What is typed of a new resolution.
#[derive(Debug, Clone, Copy)]
pub struct ResolutionForm<'a> {
    /// Its number.
    pub number: &'a str,
    /// Its title.
    pub title: &'a str,
    /// What was decided.
    pub text: &'a str,
    /// Who carries it out.
    pub owner: Option<Holder>,
    /// By when.
    pub due: Option<NaiveDate>,
}

impl Resolution {
    /// A resolution of a day. One without an owner asks for nothing more and is accepted as it is taken.
    ///
    /// # Errors
    /// Every problem of the texts; `required` for the day of one with an owner; `resolution_due_early` for a day before it was
    /// taken; `resolution_due_without_owner`.
    pub fn take(
        id: Uuid,
        (level, matter, charter_version): (Level, MatterKind, u32),
        form: &ResolutionForm<'_>,
        decided_on: NaiveDate,
    ) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let number = problems.take(text::line("number", form.number, NUMBER_MAX));
        let title = problems.take(text::line("title", form.title, TITLE_MAX));
        let text = problems.take(text::lines("text", form.text, TEXT_MAX));
        check_due(&mut problems, form.owner, form.due, decided_on);
        let state = if form.owner.is_some() { ResolutionState::Open } else { ResolutionState::Accepted };
        let resolution = number.zip(title).zip(text).map(|((number, title), text)| Self {
            id,
            number,
            level,
            matter,
            title,
            text,
            decided_on,
            charter_version,
            owner: form.owner,
            due: form.due,
            state,
            progress: Vec::new(),
        });
        problems.finish(resolution)
    }

    /// Another owner or day, while something is to be done.
    ///
    /// # Errors
    /// `resolution_not_now`; `required` and `resolution_due_early` of the day.
    pub fn assign(&mut self, owner: Holder, due: NaiveDate) -> Result<(), Problems> {
        let mut problems = Problems::default();
        problems.require(self.state.is_pending(), || self.not_now());
        check_due(&mut problems, Some(owner), Some(due), self.decided_on);
        problems.finish(Some(()))?;
        (self.owner, self.due) = (Some(owner), Some(due));
        Ok(())
    }

    fn not_now(&self) -> Problem {
        Problem::new("state", "resolution_not_now").with("state", self.state)
    }

    fn step(
        &mut self,
        (from, to): (&[ResolutionState], ResolutionState),
        (by, note): (Uuid, Result<String, Problem>),
        now: DateTime<Utc>,
    ) -> Result<(), Problems> {
        let mut problems = Problems::default();
        problems.require(from.contains(&self.state), || self.not_now());
        let text = problems.take(note);
        let text = problems.finish(text)?;
        self.progress.push(Progress { at: now, by, state: to, text });
        self.state = to;
        Ok(())
    }

    /// A note on the progress: it is under way.
    ///
    /// # Errors
    /// `resolution_not_now`, `required`, `too_long`.
    pub fn report(&mut self, by: Uuid, note: &str, now: DateTime<Utc>) -> Result<(), Problems> {
        self.step((&PENDING, ResolutionState::UnderWay), (by, reason(note)), now)
    }

    /// Its owner says that it is done.
    ///
    /// # Errors
    /// `resolution_not_now`, `too_long`.
    pub fn finish(&mut self, by: Uuid, note: &str, now: DateTime<Utc>) -> Result<(), Problems> {
        self.step((&PENDING, ResolutionState::Done), (by, text::lines("note", note, REASON_MAX)), now)
    }

    /// The council accepts what was done; not the one who said that it is done.
    ///
    /// # Errors
    /// `resolution_not_now`, `resolution_own_work`, `too_long`.
    pub fn accept(&mut self, by: Uuid, note: &str, now: DateTime<Utc>) -> Result<(), Problems> {
        if self.state == ResolutionState::Done && self.progress.last().is_some_and(|last| last.by == by) {
            return Err(Problems(vec![Problem::new("state", "resolution_own_work")]));
        }
        let note = text::lines("note", note, REASON_MAX);
        self.step((&[ResolutionState::Done], ResolutionState::Accepted), (by, note), now)
    }

    /// The council does not accept it: it is under way again, with a reason.
    ///
    /// # Errors
    /// `resolution_not_now`, `required`, `too_long`.
    pub fn send_back(&mut self, by: Uuid, note: &str, now: DateTime<Utc>) -> Result<(), Problems> {
        self.step((&[ResolutionState::Done], ResolutionState::UnderWay), (by, reason(note)), now)
    }

    /// It is no longer carried out, with a reason.
    ///
    /// # Errors
    /// `resolution_not_now`, `required`, `too_long`.
    pub fn drop_it(&mut self, by: Uuid, note: &str, now: DateTime<Utc>) -> Result<(), Problems> {
        self.step((&PENDING, ResolutionState::Dropped), (by, reason(note)), now)
    }

    /// Whether its day has passed and something is still to be done.
    #[must_use]
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        self.state.is_pending() && self.due.is_some_and(|due| due < today)
    }
}

fn reason(note: &str) -> Result<String, Problem> {
    text::line("note", note, REASON_MAX)
}

fn check_due(problems: &mut Problems, owner: Option<Holder>, due: Option<NaiveDate>, decided_on: NaiveDate) {
    match (owner, due) {
        (Some(_), None) => problems.0.push(Problem::new("due", "required")),
        (None, Some(_)) => problems.0.push(Problem::new("due", "resolution_due_without_owner")),
        (Some(_), Some(due)) => {
            problems.require(decided_on <= due, || Problem::new("due", "resolution_due_early").with("day", decided_on));
        }
        (None, None) => {}
    }
}
