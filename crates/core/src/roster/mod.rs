//! Rosters (花名册): lists of persons, organisations, posts and memberships that somebody keeps in a spreadsheet and brings
//! in. What its columns mean, how its cells are read, and when a row is somebody who is there already.

mod field;
mod recognise;
mod value;

use chrono::{DateTime, TimeDelta, Utc};

pub use field::{Field, MAPPED_MAX, check_mapping, guess, normal, read_header};
pub use recognise::{Found, Known, Sought, recognise};
pub use value::{is_formula_error, read_day, read_list, read_yes_no};

coded! {
    /// What a roster lists.
    RosterKind {
        /// 人员.
        Persons => "persons",
        /// 组织、单位.
        Organisations => "organisations",
        /// 职务和任职.
        Posts => "posts",
        /// 党员组织关系.
        Memberships => "memberships",
    }
}

coded! {
    /// How far a roster has come. It goes on only by [`RosterState::may_become`].
    RosterState {
        /// The file was read; which column means what is still open.
        Uploaded => "uploaded",
        /// Every row was checked against what is there; nothing is written.
        Checked => "checked",
        /// It is being written.
        Running => "running",
        /// All of it was written.
        Done => "done",
        /// Writing failed, nothing was written; it may be tried again.
        Failed => "failed",
        /// Given up before it was written.
        Cancelled => "cancelled",
        /// It was written, and what it wrote was taken back.
        Undone => "undone",
    }
}

impl RosterState {
    /// Whether it may become `next`. `Running` may be left for `Running` again: a program that stopped meanwhile is
    /// followed by another, and the one transaction of a run lets only one of them write.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        use RosterState::{Cancelled, Checked, Done, Failed, Running, Undone, Uploaded};
        match self {
            Uploaded => matches!(next, Uploaded | Checked | Cancelled),
            Checked | Failed => matches!(next, Uploaded | Checked | Running | Cancelled),
            Running => matches!(next, Running | Done | Failed | Checked),
            Done => next == Undone,
            Cancelled | Undone => false,
        }
    }

    /// Whether it was written, taken back since or not.
    #[must_use]
    pub fn was_written(self) -> bool {
        matches!(self, Self::Done | Self::Undone)
    }

    /// Whether nothing more comes of it but, perhaps, taking it back.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Cancelled | Self::Undone)
    }
}

/// For how many days the rows of a roster are kept: they are personal data, and nobody needs them for longer.
pub const KEPT_DAYS: i64 = 30;

/// Until when a roster is kept as it is. One that was not written goes then as a whole, [`KEPT_DAYS`] after it came in; one that
/// was written loses its rows so long after it ended, and with them the way back. How many rows it wrote stays.
#[must_use]
pub fn kept_until(state: RosterState, came_in: DateTime<Utc>, ended: Option<DateTime<Utc>>) -> DateTime<Utc> {
    let from = if state.was_written() { ended.unwrap_or(came_in) } else { came_in };
    from + TimeDelta::days(KEPT_DAYS)
}

coded! {
    /// What becomes of a row.
    Outcome {
        /// Something is wrong with it.
        Refused => "refused",
        /// It may be somebody who is there already: the reader is asked.
        Asked => "asked",
        /// It adds something.
        New => "new",
        /// It changes something.
        Updated => "updated",
        /// All that it says is there already.
        Unchanged => "unchanged",
        /// The reader leaves it out.
        Skipped => "skipped",
    }
}

impl Outcome {
    /// Whether a roster that has such a row can't be written yet.
    #[must_use]
    pub fn holds_up(self) -> bool {
        matches!(self, Self::Refused | Self::Asked)
    }
}

/// What the reader chose for a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RowChoice {
    /// Nothing: the rule decides.
    #[default]
    Open,
    /// It is somebody new.
    New,
    /// It is this one.
    Same(uuid::Uuid),
    /// It is left out.
    Skip,
}

impl RowChoice {
    /// The code that is stored and sent: empty, `new`, `skip`, or the id.
    #[must_use]
    pub fn code(self) -> String {
        match self {
            Self::Open => String::new(),
            Self::New => "new".to_owned(),
            Self::Skip => "skip".to_owned(),
            Self::Same(id) => id.to_string(),
        }
    }

    /// Reads a code; none when it is no choice.
    #[must_use]
    pub fn read(code: &str) -> Option<Self> {
        match code {
            "" => Some(Self::Open),
            "new" => Some(Self::New),
            "skip" => Some(Self::Skip),
            id => id.parse().ok().map(Self::Same),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_not_written_again() {
        for state in RosterState::ALL {
            assert!(!state.is_over() || !state.may_become(RosterState::Running), "{state}");
            assert!(state.is_over() || state.may_become(RosterState::Checked), "{state} can be tried again");
        }
        assert!(!RosterState::Uploaded.may_become(RosterState::Running), "an unchecked roster is not written");
    }

    #[test]
    fn rows_are_kept_for_thirty_days() {
        let day = |n| DateTime::UNIX_EPOCH + TimeDelta::days(n);
        for state in RosterState::ALL {
            let until = if matches!(state, RosterState::Done | RosterState::Undone) { 35 } else { 30 };
            assert_eq!(kept_until(*state, day(0), Some(day(5))), day(until), "{state}");
        }
    }

    #[test]
    fn choices_are_read_as_they_are_written() {
        let id = uuid::Uuid::from_u128(7);
        for choice in [RowChoice::Open, RowChoice::New, RowChoice::Skip, RowChoice::Same(id)] {
            assert_eq!(RowChoice::read(&choice.code()), Some(choice));
        }
        assert_eq!(RowChoice::read("perhaps"), None);
    }
}
