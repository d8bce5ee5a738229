//! Letters of appointment (聘书): an enterprise with too few members for a branch appoints, by a numbered letter, a member of
//! the residential area's organisation as its worker for Party building (S18).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    invalid::{Problem, Problems},
    people::NAME_MAX,
    period::{Period, optional_day},
    text,
};

/// The longest description of the duties, in characters.
pub const DUTIES_MAX: usize = 1_000;

/// A letter of appointment. It is never changed, only revoked: what was handed over on paper stays what it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppointmentLetter {
    /// Its identifier.
    pub id: Uuid,
    /// Its number, unique in the community: `静党聘〔2026〕3号`.
    pub number: String,
    /// The enterprise that appoints.
    pub enterprise: Uuid,
    /// The worker who is appointed.
    pub person: Uuid,
    /// What the worker does there.
    pub duties: String,
    /// Who signs for the enterprise.
    pub signer: String,
    /// The day on which it was issued.
    pub issued_on: NaiveDate,
    /// The days for which it appoints.
    pub period: Period,
    /// When and why it was revoked.
    pub revoked: Option<(NaiveDate, String)>,
}

impl AppointmentLetter {
    /// Whether the worker is appointed on `day`.
    #[must_use]
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.period.contains(day) && self.revoked.as_ref().is_none_or(|(revoked, _)| day < *revoked)
    }

    /// The same, revoked from `on` for `reason`.
    ///
    /// # Errors
    /// `already_revoked`; `date_out_of_range` for a day outside the letter's; `required` or `too_long` for the reason.
    pub fn revoke(self, on: NaiveDate, reason: &str) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        problems.require(self.revoked.is_none(), || Problem::new("on", "already_revoked"));
        let ended = self.period.until.is_some_and(|until| until <= on);
        problems.require(on >= self.period.from && !ended, || {
            let until = self.period.until.map(|day| day.to_string()).unwrap_or_default();
            Problem::new("on", "date_out_of_range").with("from", self.period.from).with("until", until)
        });
        let reason = problems.take(text::line("reason", reason, 200));
        let revoked = reason.map(|reason| Self { revoked: Some((on, reason)), ..self });
        problems.finish(revoked)
    }
}

/// The longest number, in characters.
pub const NUMBER_MAX: usize = 60;

/// What is typed of a new letter.
#[derive(Debug, Clone, Default)]
pub struct LetterForm {
    /// Its number.
    pub number: String,
    /// What the worker does there.
    pub duties: String,
    /// Who signs for the enterprise.
    pub signer: String,
    /// The day on which it is issued, `YYYY-MM-DD`; today when empty.
    pub issued_on: String,
    /// The first day for which it appoints; the day of issue when empty.
    pub from: String,
    /// The first day after; empty while it lasts.
    pub until: String,
}

/// Checks a new letter, `id`, by which an enterprise appoints a person.
///
/// # Errors
/// Every problem of the form at once; `end_before_start` also for days before the letter was issued.
pub fn check_letter(
    form: &LetterForm,
    id: Uuid,
    (enterprise, person): (Uuid, Uuid),
    today: NaiveDate,
) -> Result<AppointmentLetter, Problems> {
    let mut problems = Problems::default();
    let number = problems.take(text::line("number", &form.number, NUMBER_MAX));
    let duties = problems.take(text::lines("duties", &form.duties, DUTIES_MAX));
    problems.require(duties.as_ref().is_none_or(|duties| !duties.is_empty()), || Problem::new("duties", "required"));
    let signer = problems.take(text::line("signer", &form.signer, NAME_MAX));
    let issued_on = problems.take(optional_day("issued_on", &form.issued_on)).map(|day| day.unwrap_or(today));
    let period = problems.gather(Period::check(&form.from, &form.until, issued_on.unwrap_or(today)));
    if let (Some(issued_on), Some(period)) = (issued_on, period) {
        problems.require(issued_on <= period.from, || Problem::new("from", "end_before_start"));
    }
    let letter = number.zip(duties).zip(signer).zip(issued_on).zip(period);
    let letter = letter.map(|((((number, duties), signer), issued_on), period)| AppointmentLetter {
        id,
        number,
        enterprise,
        person,
        duties,
        signer,
        issued_on,
        period,
        revoked: None,
    });
    problems.finish(letter)
}

/// The number of the `serial`-th letter of a year.
#[must_use]
pub fn number(prefix: &str, year: i32, serial: u32) -> String {
    format!("{prefix}〔{year}〕{serial}号")
}

/// The serial in a number that [`number`] made for this prefix and year.
#[must_use]
pub fn serial(number: &str, prefix: &str, year: i32) -> Option<u32> {
    number.strip_prefix(prefix)?.strip_prefix(&format!("〔{year}〕"))?.strip_suffix('号')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn letter() -> AppointmentLetter {
        AppointmentLetter {
            id: Uuid::nil(),
            number: number("静党聘", 2026, 3),
            enterprise: Uuid::nil(),
            person: Uuid::nil(),
            duties: "联系职工,培养入党积极分子".into(),
            signer: "顾文涛".into(),
            issued_on: day("2026-03-01"),
            period: Period { from: day("2026-03-01"), until: Some(day("2028-03-01")) },
            revoked: None,
        }
    }

    #[test]
    fn every_problem_of_a_form_is_told() {
        let today = day("2026-03-01");
        let form = LetterForm { from: "2026-02-01".into(), until: "x".into(), ..LetterForm::default() };
        let Problems(problems) = check_letter(&form, Uuid::nil(), (Uuid::nil(), Uuid::nil()), today).unwrap_err();
        let found: Vec<_> = problems.iter().map(|p| (p.field, p.code)).collect();
        assert_eq!(
            found,
            [("number", "required"), ("duties", "required"), ("signer", "required"), ("until", "bad_date")]
        );
        let form = LetterForm {
            number: number("静党聘", 2026, 3),
            duties: "联系职工,培养入党积极分子".into(),
            signer: "顾文涛".into(),
            until: "2028-03-01".into(),
            ..LetterForm::default()
        };
        assert_eq!(check_letter(&form, Uuid::nil(), (Uuid::nil(), Uuid::nil()), today), Ok(letter()));
        let early = LetterForm { from: "2026-02-01".into(), ..form };
        assert!(check_letter(&early, Uuid::nil(), (Uuid::nil(), Uuid::nil()), today).is_err());
    }

    #[test]
    fn a_letter_holds_until_it_ends_or_is_revoked() {
        let letter = letter();
        assert!(letter.holds_on(day("2028-02-29")) && !letter.holds_on(day("2028-03-01")));
        let revoked = letter.revoke(day("2027-01-01"), "调离").unwrap();
        assert!(revoked.holds_on(day("2026-12-31")) && !revoked.holds_on(day("2027-01-01")));
        let Problems(again) = revoked.revoke(day("2027-02-01"), "").unwrap_err();
        assert_eq!(again.iter().map(|p| p.code).collect::<Vec<_>>(), ["already_revoked", "required"]);
    }

    #[test]
    fn it_is_revoked_within_its_days() {
        for on in ["2026-02-28", "2028-03-01"] {
            let Problems(problems) = letter().revoke(day(on), "调离").unwrap_err();
            assert_eq!(problems[0].code, "date_out_of_range");
        }
    }

    #[test]
    fn a_number_gives_its_serial_back() {
        assert_eq!(number("静党聘", 2026, 3), "静党聘〔2026〕3号");
        assert_eq!(serial("静党聘〔2026〕12号", "静党聘", 2026), Some(12));
        assert_eq!(serial("静党聘〔2025〕12号", "静党聘", 2026), None);
    }
}
