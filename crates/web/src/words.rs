//! The words of the domain's codes in the reader's language, for templates and forms.

use tongxin_core::service::{
    CareKind, Category, IntentState, MatchState, Reach, Side, Urgency, Visibility, matching::Reason,
};

use crate::{form::Choice, i18n::Locale, layout::Shell};

/// A coded word: its Fluent key is `{prefix}-{code}`.
pub trait Word: Copy {
    /// The prefix of its keys.
    const PREFIX: &'static str;
    /// All of its values.
    fn all() -> &'static [Self];
    /// Its code.
    fn word_code(self) -> &'static str;
}

macro_rules! words {
    ($($kind:ty => $prefix:literal),+ $(,)?) => {$(
        impl Word for $kind {
            const PREFIX: &'static str = $prefix;
            fn all() -> &'static [Self] {
                Self::ALL
            }
            fn word_code(self) -> &'static str {
                self.code()
            }
        }
    )+};
}
words!(
    Side => "side",
    Category => "category",
    CareKind => "care-kind",
    Urgency => "urgency",
    Visibility => "visibility",
    Reach => "reach",
    IntentState => "intent-state",
    MatchState => "match-state",
    tongxin_core::service::assignment::Why => "why",
    tongxin_core::people::MemberKind => "member-kind",
    tongxin_core::people::CareGroup => "care-group",
    tongxin_core::people::Sex => "sex",
    tongxin_core::people::duplicate::Likeness => "likeness",
    tongxin_core::people::merge::MergeField => "merge-field",
    tongxin_core::people::development::Stage => "party-stage",
    tongxin_core::people::development::StepKind => "party-step",
    tongxin_core::people::membership::Relation => "party-relation",
    tongxin_core::people::membership::TransferState => "party-transfer-state",
    tongxin_core::people::membership::TransferStep => "party-transfer-step",
    tongxin_core::people::membership::SizeAdvice => "party-advice",
    tongxin_core::community::PlaceKind => "place-kind",
    tongxin_core::community::OrganisationKind => "organisation-kind",
    tongxin_core::community::coverage::Coverage => "coverage",
    tongxin_core::community::coverage::StaffSize => "staff-size",
    tongxin_core::community::structure::Difference => "difference",
    tongxin_core::community::reorganisation::ReorganisationState => "reorganisation-state",
    tongxin_core::community::area::SystemRole => "system-role",
    tongxin_core::community::area::PartySide => "party-side",
    tongxin_core::community::area::TeamPart => "team-part",
    tongxin_core::community::post::PostKind => "post-kind",
    tongxin_core::community::post::Duty => "duty",
);

/// The word in a language.
#[must_use]
pub fn say<W: Word>(locale: Locale, word: W) -> String {
    locale.t(format!("{}-{}", W::PREFIX, word.word_code()))
}

/// All values of a word as choices.
#[must_use]
pub fn choices<W: Word + 'static>(locale: Locale) -> Vec<Choice> {
    W::all().iter().map(|w| Choice::new(w.word_code(), say(locale, *w))).collect()
}

impl Shell {
    /// A coded word in the reader's language.
    #[must_use]
    pub fn word<W: Word>(&self, word: &W) -> String {
        say(self.locale(), *word)
    }

    /// A day in the reader's form.
    #[must_use]
    pub fn day(&self, day: &chrono::NaiveDate) -> String {
        self.fmt.day(*day)
    }

    /// A reason of matching in words.
    #[must_use]
    pub fn reason(&self, reason: &Reason) -> String {
        match reason {
            Reason::SameGroup => self.t("reason-same_group"),
            Reason::SameArea => self.t("reason-same_area"),
            Reason::SameCommunity => self.t("reason-same_community"),
            Reason::SharedDays { days } if days.is_empty() => self.t("reason-any_day"),
            Reason::SharedDays { days } => {
                let days: Vec<String> = days.iter().map(|d| self.t(format!("format-weekday-{}", d + 1))).collect();
                self.tr("reason-shared_days", "days", days.join(&self.t("list-separator")))
            }
            Reason::SharedWords { words } => {
                self.tr("reason-shared_words", "words", words.join(&self.t("list-separator")))
            }
            Reason::HelpedBefore { times } => self.tr("reason-helped_before", "times", *times),
            Reason::OtherCareKind => self.t("reason-other_care_kind"),
            Reason::GivesBack => self.t("reason-gives_back"),
            Reason::OnlyPart { left } => self.tr("reason-only_part", "left", *left),
        }
    }

    /// The tone of a state's badge: a colour of the style sheet.
    #[must_use]
    pub fn intent_tone(&self, state: &IntentState) -> &'static str {
        match state {
            IntentState::Open => "blue",
            IntentState::Matched => "orange",
            IntentState::Met => "green",
            IntentState::Withdrawn | IntentState::Expired => "secondary",
        }
    }

    /// The tone of a match's badge.
    #[must_use]
    pub fn match_tone(&self, state: &MatchState) -> &'static str {
        match state {
            MatchState::Proposed => "blue",
            MatchState::Accepted | MatchState::Arranged | MatchState::Delivered => "orange",
            MatchState::Confirmed | MatchState::Settled => "green",
            MatchState::Declined | MatchState::Cancelled => "secondary",
        }
    }

    /// A recurrence rule in words, or as it stands when it is an unusual one.
    #[must_use]
    pub fn rule(&self, rule: impl AsRef<str>) -> String {
        let rule = rule.as_ref();
        let part = |name: &str| rule.split(';').find_map(|p| p.strip_prefix(name)?.strip_prefix('='));
        let days: Option<Vec<String>> = part("BYDAY").map(|days| {
            let number = |day: &str| ["MO", "TU", "WE", "TH", "FR", "SA", "SU"].iter().position(|d| *d == day);
            days.split(',')
                .map(|d| number(d).map_or(d.to_owned(), |n| self.t(format!("format-weekday-{}", n + 1))))
                .collect()
        });
        let days = days.map(|d| d.join(&self.t("list-separator")));
        let interval = part("INTERVAL").unwrap_or("1");
        match (part("FREQ"), days, interval) {
            (Some("WEEKLY"), Some(days), "1") => self.tr("rule-weekly_on", "days", days),
            (Some("WEEKLY"), Some(days), "2") => self.tr("rule-fortnightly_on", "days", days),
            (Some("WEEKLY"), None, "1") => self.t("rule-weekly"),
            (Some("DAILY"), None, "1") => self.t("rule-daily"),
            (Some("MONTHLY"), None, "1") => self.t("rule-monthly"),
            _ => rule.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete<W: Word + 'static>() {
        for word in W::all() {
            let key = format!("{}-{}", W::PREFIX, word.word_code());
            assert!(Locale::En.has(&key) && Locale::ZhHans.has(&key), "{key}");
        }
    }

    #[test]
    fn every_code_has_its_words() {
        complete::<Side>();
        complete::<Category>();
        complete::<CareKind>();
        complete::<Urgency>();
        complete::<Visibility>();
        complete::<Reach>();
        complete::<IntentState>();
        complete::<MatchState>();
        complete::<tongxin_core::service::assignment::Why>();
        complete::<tongxin_core::people::MemberKind>();
        complete::<tongxin_core::people::CareGroup>();
        complete::<tongxin_core::people::Sex>();
        complete::<tongxin_core::people::duplicate::Likeness>();
        complete::<tongxin_core::people::merge::MergeField>();
        complete::<tongxin_core::people::development::Stage>();
        complete::<tongxin_core::people::development::StepKind>();
        complete::<tongxin_core::people::membership::Relation>();
        complete::<tongxin_core::people::membership::TransferState>();
        complete::<tongxin_core::people::membership::TransferStep>();
        complete::<tongxin_core::people::membership::SizeAdvice>();
        complete::<tongxin_core::community::PlaceKind>();
        complete::<tongxin_core::community::OrganisationKind>();
        complete::<tongxin_core::community::coverage::Coverage>();
        complete::<tongxin_core::community::coverage::StaffSize>();
        complete::<tongxin_core::community::structure::Difference>();
        complete::<tongxin_core::community::reorganisation::ReorganisationState>();
        complete::<tongxin_core::community::area::SystemRole>();
        complete::<tongxin_core::community::area::PartySide>();
        complete::<tongxin_core::community::area::TeamPart>();
        complete::<tongxin_core::community::post::PostKind>();
        complete::<tongxin_core::community::post::Duty>();
    }
}
