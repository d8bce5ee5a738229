//! The words of rosters: what columns are called, what cells may say, and what is wrong, in the reader's language.

use std::sync::LazyLock;

use tongxin_app::roster::{CellProblem, Change, Vocabulary};
use tongxin_core::{
    community::{OrganisationKind, post::PostKind},
    people::{CareGroup, Sex},
    roster::{Field, RosterKind},
};

use crate::{
    form::Choice,
    i18n::{Locale, Message},
    layout::Shell,
    words,
};

/// What headers and cells may say in any language of the program: what the templates write is read again.
static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let mut all = Vocabulary::default();
    for locale in Locale::ALL {
        for kind in RosterKind::ALL {
            for field in kind.fields() {
                all.header(*field, &label(locale, *kind, *field));
            }
        }
        for field in Field::ALL {
            for choice in choices(locale, *field) {
                all.value(*field, &choice.label, &choice.value);
            }
        }
    }
    all
});

/// See [`VOCABULARY`].
#[must_use]
pub(crate) fn vocabulary() -> &'static Vocabulary {
    &VOCABULARY
}

/// What a column is called.
#[must_use]
pub(crate) fn label(locale: Locale, kind: RosterKind, field: Field) -> String {
    let own = format!("roster-field-{kind}-{field}");
    if locale.has(&own) { locale.t(own) } else { locale.t(format!("roster-field-{field}")) }
}

/// The words that a column allows; none when it allows any text.
pub(crate) fn choices(locale: Locale, field: Field) -> Vec<Choice> {
    match field {
        Field::Sex => words::choices::<Sex>(locale),
        Field::CareGroups => words::choices::<CareGroup>(locale),
        Field::OrganisationKind => words::choices::<OrganisationKind>(locale),
        Field::PostKind => words::choices::<PostKind>(locale),
        Field::Relation => {
            let word = |code: &&str| Choice::new(code, locale.t(format!("roster-relation-{code}")));
            ["home", "registered"].iter().map(word).collect()
        }
        Field::Registered | Field::Retired => {
            ["yes", "no"].iter().map(|code| Choice::new(code, locale.t(format!("roster-{code}")))).collect()
        }
        _ => Vec::new(),
    }
}

/// What is wrong with a cell, and what would be right.
pub(crate) fn problem(locale: Locale, problem: &CellProblem) -> String {
    let mut message = Message::new(format!("invalid-{}", problem.code));
    for (name, value) in &problem.args {
        message = message.with(name.clone(), value);
    }
    let text = message.text(locale);
    let allowed = problem.field.parse().map(|field| choices(locale, field)).unwrap_or_default();
    if problem.code != "unknown_choice" || allowed.is_empty() {
        return text;
    }
    let allowed: Vec<String> = allowed.into_iter().map(|choice| choice.label).collect();
    locale.tr("roster-allowed", "words", allowed.join(&locale.t("list-separator")))
}

/// One value of a change, as the reader says it.
pub(crate) fn value(shell: &Shell, field: Field, text: &str, place: impl Fn(&str) -> String) -> String {
    if text.is_empty() {
        return shell.t("format-none");
    }
    let locale = shell.locale();
    match field {
        Field::Place => place(text),
        Field::BirthDate | Field::From | Field::Until => {
            text.parse().map_or_else(|_| text.to_owned(), |day| shell.fmt.day(day))
        }
        _ => {
            let known = choices(locale, field);
            let word = |code: &str| known.iter().find(|choice| choice.value == code).map(|choice| choice.label.clone());
            let words: Vec<String> =
                text.split(';').map(|code| word(code).unwrap_or_else(|| code.to_owned())).collect();
            words.join(&shell.t("list-separator"))
        }
    }
}

/// Whether what stood there before may be shown: what is sensitive is not.
pub(crate) fn shows_before(change: &Change) -> bool {
    change.field != Field::CareGroups && !change.before.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_a_label_by_which_it_is_known_again() {
        for locale in Locale::ALL {
            for kind in RosterKind::ALL {
                for field in kind.fields() {
                    let label = label(locale, *kind, *field);
                    assert!(!label.starts_with("roster-"), "{label}");
                    let guessed = tongxin_core::roster::guess(*kind, &label, &vocabulary().headers);
                    assert_eq!(guessed, Some(*field), "{} {kind} {label}", locale.tag());
                }
            }
        }
    }
}
