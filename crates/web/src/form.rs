//! Forms: reading a body, keeping what was typed, and saying by field what was wrong.

use std::collections::BTreeMap;

use axum::{
    Form,
    extract::{FromRequest, Request},
};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::{
    error::WebError,
    format::{parse_date, parse_local},
    i18n::Message,
    layout::Shell,
};

/// Name of the hidden field that carries the session's token against forged requests.
pub const CSRF_FIELD: &str = "csrf";

/// A form's state: the values as typed and the errors by field. Starts empty, from a record, or from a [`RawForm`].
#[derive(Clone, Debug, Default)]
pub struct FormState {
    values: BTreeMap<String, Vec<String>>,
    errors: BTreeMap<String, Message>,
    /// An error of the whole form.
    pub message: Option<Message>,
}

impl FormState {
    /// An empty form.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Fills a field in.
    #[must_use]
    #[allow(clippy::needless_pass_by_value, reason = "callers hand over numbers and texts as they are")]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.values.insert(name.to_owned(), vec![value.to_string()]);
        self
    }

    /// Fills a field in when there is a value.
    #[must_use]
    pub fn with_some(self, name: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Fills in a field that has several values, such as a group of checkboxes.
    #[must_use]
    pub fn with_all<T: ToString>(mut self, name: &str, values: impl IntoIterator<Item = T>) -> Self {
        self.values.insert(name.to_owned(), values.into_iter().map(|v| v.to_string()).collect());
        self
    }

    /// What was typed into a field; the empty text when nothing was.
    #[must_use]
    pub fn value(&self, name: impl AsRef<str>) -> &str {
        self.values.get(name.as_ref()).and_then(|values| values.first()).map_or("", String::as_str)
    }

    /// Whether a field has this value: for `selected` and `checked` in templates.
    #[must_use]
    pub fn is(&self, name: impl AsRef<str>, value: impl AsRef<str>) -> bool {
        self.values.get(name.as_ref()).is_some_and(|values| values.iter().any(|v| v == value.as_ref()))
    }

    /// Records what is wrong with a field; the first error of a field stays.
    pub fn fail(&mut self, name: &str, message: impl Into<Message>) {
        self.errors.entry(name.to_owned()).or_insert_with(|| message.into());
    }

    /// The error of a field.
    #[must_use]
    pub fn error(&self, name: impl AsRef<str>) -> Option<&Message> {
        self.errors.get(name.as_ref())
    }

    /// The errors by field.
    #[must_use]
    pub fn errors(&self) -> &BTreeMap<String, Message> {
        &self.errors
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.errors.is_empty() && self.message.is_none()
    }

    /// Takes over the errors by field that a use case found; an error without field errors becomes the form's message.
    pub fn absorb(&mut self, error: &WebError) {
        for (name, message) in error.fields() {
            self.fail(name, message.clone());
        }
        if error.fields().is_empty() {
            self.message = Some(error.message().clone());
        }
    }
}

/// The body of an urlencoded form, with repeated keys, as it came. As an extractor it refuses a form that does not carry the
/// session's token, so that no handler has to think of it; a guest has no session, see [`OpenForm`]. The readers below record an error for the field and
/// give `None` (or an empty text) when a value is not usable, so that a handler reads all fields and then asks
/// [`RawForm::is_ok`].
#[derive(Clone, Debug, Default)]
pub struct RawForm {
    state: FormState,
}

impl RawForm {
    /// A form from pairs, in order.
    #[must_use]
    pub fn from_pairs(pairs: Vec<(String, String)>) -> Self {
        let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in pairs {
            // Browsers send line ends as CR LF, and only they do.
            values.entry(name).or_default().push(value.replace("\r\n", "\n"));
        }
        Self { state: FormState { values, ..FormState::default() } }
    }

    /// Refuses a form that does not carry the session's token.
    ///
    /// # Errors
    /// [`WebError::csrf`] when the token is missing or another.
    pub fn check_csrf(&self, expected: &str) -> Result<(), WebError> {
        if csrf_matches(expected, self.state.value(CSRF_FIELD)) { Ok(()) } else { Err(WebError::csrf()) }
    }

    /// A field as typed, without the space around it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.state.value(name).trim();
        (!value.is_empty()).then_some(value)
    }

    /// All values of a field that are not empty.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.state
            .values
            .get(name)
            .map_or_else(Vec::new, |values| values.iter().map(|v| v.trim()).filter(|v| !v.is_empty()).collect())
    }

    /// Whether a checkbox is ticked.
    #[must_use]
    pub fn checked(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// A text that must be there and have at most `max` characters; `""` after an error.
    pub fn required(&mut self, name: &str, max: usize) -> String {
        if self.get(name).is_none() {
            self.state.fail(name, "form-error-required");
        }
        self.optional(name, max).unwrap_or_default()
    }

    /// A text that may be left out and has at most `max` characters.
    pub fn optional(&mut self, name: &str, max: usize) -> Option<String> {
        let value = self.get(name)?.to_owned();
        let length = value.chars().count();
        if length > max {
            self.state.fail(name, Message::new("form-error-too-long").with("max", max).with("length", length));
            return None;
        }
        if value.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            self.state.fail(name, "form-error-control");
            return None;
        }
        Some(value)
    }

    /// A whole number within bounds, or nothing when left out.
    pub fn number(&mut self, name: &str, min: i64, max: i64) -> Option<i64> {
        let value = self.get(name)?;
        match value.parse::<i64>() {
            Ok(number) if (min..=max).contains(&number) => Some(number),
            _ => {
                self.state.fail(name, Message::new("form-error-number").with("min", min).with("max", max));
                None
            }
        }
    }

    /// A value that some type reads (an id, a category); nothing when left out.
    pub fn parse<T: std::str::FromStr>(&mut self, name: &str) -> Option<T> {
        let parsed = self.get(name)?.parse().ok();
        if parsed.is_none() {
            self.state.fail(name, "form-error-choice");
        }
        parsed
    }

    /// A `datetime-local` value in the community's zone, or nothing when left out.
    pub fn datetime(&mut self, name: &str, zone: Tz) -> Option<DateTime<Utc>> {
        let parsed = parse_local(self.get(name)?, zone);
        self.keep(name, parsed)
    }

    /// A `date` value, or nothing when left out.
    pub fn date(&mut self, name: &str) -> Option<NaiveDate> {
        let parsed = parse_date(self.get(name)?);
        self.keep(name, parsed)
    }

    /// Records that a field is missing unless there is a value.
    pub fn need<T>(&mut self, name: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.state.fail(name, "form-error-required");
        }
        value
    }

    /// Records what is wrong with a field.
    pub fn fail(&mut self, name: &str, message: impl Into<Message>) {
        self.state.fail(name, message);
    }

    /// Whether nothing was wrong so far.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.state.is_ok()
    }

    /// The state to show the form again with what was typed and what was wrong.
    #[must_use]
    pub fn into_state(self) -> FormState {
        self.state
    }

    /// The same, with the errors that a use case found.
    #[must_use]
    pub fn into_state_with(mut self, error: &WebError) -> FormState {
        self.state.absorb(error);
        self.state
    }

    fn keep<T>(&mut self, name: &str, parsed: Result<T, Message>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(message) => {
                self.state.fail(name, message);
                None
            }
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for RawForm {
    type Rejection = WebError;

    async fn from_request(req: Request, state: &S) -> Result<Self, Self::Rejection> {
        let expected = req.extensions().get::<Shell>().map(|shell| shell.csrf.clone()).unwrap_or_default();
        let OpenForm(form) = OpenForm::from_request(req, state).await?;
        form.check_csrf(&expected)?;
        Ok(form)
    }
}

/// A form that a guest may send: it carries no session's token. Forged requests are refused by their origin.
#[derive(Clone, Debug)]
pub struct OpenForm(pub RawForm);

impl<S: Send + Sync> FromRequest<S> for OpenForm {
    type Rejection = WebError;

    async fn from_request(req: Request, state: &S) -> Result<Self, Self::Rejection> {
        match Form::<Vec<(String, String)>>::from_request(req, state).await {
            Ok(Form(pairs)) => Ok(Self(RawForm::from_pairs(pairs))),
            Err(rejection) => Err(WebError::from_status(rejection.status())),
        }
    }
}

/// Compares two tokens in a time that does not depend on where they differ. An empty token never matches.
#[must_use]
pub fn csrf_matches(expected: &str, given: &str) -> bool {
    let (a, b) = (expected.as_bytes(), given.as_bytes());
    let differing = a.iter().zip(b).fold(0_u8, |all, (x, y)| all | (x ^ y));
    a.len() == b.len() && !a.is_empty() && std::hint::black_box(differing) == 0
}

/// A choice of a `<select>` or of a group of radio buttons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The value sent.
    pub value: String,
    /// The text shown, in the reader's language.
    pub label: String,
}

impl Choice {
    /// A choice.
    #[must_use]
    #[allow(clippy::needless_pass_by_value, reason = "callers hand over numbers and texts as they are")]
    pub fn new(value: impl ToString, label: impl Into<String>) -> Self {
        Self { value: value.to_string(), label: label.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> RawForm {
        RawForm::from_pairs(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn tokens_compare() {
        assert!(csrf_matches("abc", "abc"));
        assert!(!csrf_matches("abc", "abd"));
        assert!(!csrf_matches("abc", "ab"));
        assert!(!csrf_matches("", ""));
        assert!(form(&[("csrf", "abc")]).check_csrf("abc").is_ok());
        assert!(form(&[]).check_csrf("abc").is_err());
    }

    #[test]
    fn errors_are_told_by_field_and_what_was_typed_stays() {
        let mut raw = form(&[
            ("title", "  "),
            ("text", "太长了"),
            ("count", "7x"),
            ("from", "yesterday"),
            ("day", "2"),
            ("day", "4"),
        ]);
        assert_eq!(raw.required("title", 10), "");
        assert_eq!(raw.optional("text", 2), None);
        assert_eq!(raw.number("count", 1, 9), None);
        assert_eq!(raw.datetime("from", chrono_tz::Asia::Shanghai), None);
        assert_eq!(raw.all("day"), ["2", "4"]);
        assert!(!raw.is_ok());
        let state = raw.into_state();
        assert_eq!(state.errors().len(), 4);
        assert_eq!(state.value("text"), "太长了");
        assert!(state.is("day", "4"));
        assert_eq!(state.error("title").unwrap().key, "form-error-required");
    }

    #[test]
    fn good_fields_are_read() {
        let mut raw = form(&[("title", " 理发 "), ("text", "a\r\nb"), ("count", "3"), ("agree", "on")]);
        assert_eq!(raw.required("title", 10), "理发");
        assert_eq!(raw.optional("text", 9).as_deref(), Some("a\nb"));
        assert_eq!(raw.number("count", 1, 9), Some(3));
        assert!(raw.checked("agree") && !raw.checked("other"));
        assert!(raw.is_ok());
    }

    #[test]
    fn control_characters_are_refused() {
        let mut raw = form(&[("title", "a\u{0}b")]);
        assert_eq!(raw.required("title", 10), "");
        assert_eq!(raw.into_state().error("title").unwrap().key, "form-error-control");
    }
}
