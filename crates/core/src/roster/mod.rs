//! Rosters (花名册): lists of persons, organisations, posts and memberships that somebody keeps in a spreadsheet and brings
//! in. What its columns mean, how its cells are read, and when a row is somebody who is there already.

mod field;
mod recognise;
mod value;

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

    /// Whether nothing more comes of it but, perhaps, taking it back.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Cancelled | Self::Undone)
    }
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
    fn choices_are_read_as_they_are_written() {
        let id = uuid::Uuid::from_u128(7);
        for choice in [RowChoice::Open, RowChoice::New, RowChoice::Skip, RowChoice::Same(id)] {
            assert_eq!(RowChoice::read(&choice.code()), Some(choice));
        }
        assert_eq!(RowChoice::read("perhaps"), None);
    }
}
