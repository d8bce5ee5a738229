//! Letters of appointment (聘书): an enterprise with too few members for a branch appoints, by a numbered letter, a member of
//! the residential area's organisation as its worker for Party building (S18).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    invalid::{Problem, Problems},
    period::Period,
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
