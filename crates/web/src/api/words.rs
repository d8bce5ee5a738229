//! What several words of the API share: references, windows of time, reasons.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tongxin_app::community::Territory;
use tongxin_core::{service::matching::Reason, time::Window};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::layout::Shell;

/// A thing by its identifier and name.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Ref {
    /// Its identifier.
    pub id: Uuid,
    /// Its name or title.
    pub name: String,
}

impl Ref {
    pub(super) fn new(id: Uuid, name: impl Into<String>) -> Self {
        Self { id, name: name.into() }
    }

    /// A place with its full name.
    pub(super) fn place(territory: &Territory, id: Uuid) -> Self {
        Self::new(id, territory.full_name(id))
    }
}

/// A span of time.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Span {
    /// Its beginning.
    pub from: DateTime<Utc>,
    /// Its end.
    pub until: DateTime<Utc>,
}

impl From<Window> for Span {
    fn from(window: Window) -> Self {
        Self { from: window.from, until: window.until }
    }
}

/// Why an offer fits a need.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReasonOut {
    /// `same_group`, `same_area`, `same_community`, `shared_words`, `shared_days`, `helped_before`, `other_care_kind`,
    /// `gives_back` or `only_part`.
    pub reason: String,
    /// The same in words, in the language of the request.
    pub text: String,
    /// Of `shared_days`: the weekdays, 0 is Monday; empty means every day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<Vec<u8>>,
    /// Of `shared_words`: the words that both mention, the weightiest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<Vec<String>>,
    /// Of `helped_before`: how often.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// Of `only_part`: how much is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<i64>,
}

impl ReasonOut {
    pub(super) fn new(shell: &Shell, reason: &Reason) -> Self {
        let text = shell.reason(reason);
        let (code, days, times, left) = match reason {
            Reason::SameGroup => ("same_group", None, None, None),
            Reason::SameArea => ("same_area", None, None, None),
            Reason::SameCommunity => ("same_community", None, None, None),
            Reason::SharedDays { days } => ("shared_days", Some(days.clone()), None, None),
            Reason::SharedWords { .. } => ("shared_words", None, None, None),
            Reason::HelpedBefore { times } => ("helped_before", None, Some(*times), None),
            Reason::OtherCareKind => ("other_care_kind", None, None, None),
            Reason::GivesBack => ("gives_back", None, None, None),
            Reason::OnlyPart { left } => ("only_part", None, None, Some(*left)),
        };
        let words = if let Reason::SharedWords { words } = reason { Some(words.clone()) } else { None };
        Self { reason: code.to_owned(), text, words, days, times, left }
    }

    pub(super) fn all(shell: &Shell, reasons: &[Reason]) -> Vec<Self> {
        reasons.iter().map(|r| Self::new(shell, r)).collect()
    }
}
