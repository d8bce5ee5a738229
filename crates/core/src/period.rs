//! Periods of days: what lasts `from` a day `until` another. Memberships, posts and structures carry them, so that any list
//! can be asked for as of a date.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::invalid::{Problem, Problems};

/// The first day of what was there before anybody wrote down since when: 1 January 1900. Pages leave it out.
pub const BEGINNING: NaiveDate = match NaiveDate::from_ymd_opt(1900, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// A period of days: the first day is in it, `until` is the first day after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Period {
    /// The first day.
    pub from: NaiveDate,
    /// The first day after it; none while it lasts.
    pub until: Option<NaiveDate>,
}

impl Period {
    /// The period that begins on `from` and lasts.
    #[must_use]
    pub const fn since(from: NaiveDate) -> Self {
        Self { from, until: None }
    }

    /// A period whose end was checked: none when it would be empty.
    #[must_use]
    pub fn new(from: NaiveDate, until: Option<NaiveDate>) -> Option<Self> {
        until.is_none_or(|until| from < until).then_some(Self { from, until })
    }

    /// Checks the two days of a form, `YYYY-MM-DD`: an empty `from` is `today`, an empty `until` means that it lasts.
    ///
    /// # Errors
    /// `bad_date`, `end_before_start`.
    pub fn check(from: &str, until: &str, today: NaiveDate) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let from = problems.take(optional_day("from", from)).map(|day| day.unwrap_or(today));
        let until = problems.take(optional_day("until", until));
        let period = from.zip(until).and_then(|(from, until)| {
            let period = Self::new(from, until);
            problems.require(period.is_some(), || Problem::new("until", "end_before_start"));
            period
        });
        problems.finish(period)
    }

    /// Whether `day` is in it.
    #[must_use]
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }

    /// Whether some day is in both.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.until.is_none_or(|until| other.from < until) && other.until.is_none_or(|until| self.from < until)
    }

    /// Whether every day of it is in `other`.
    #[must_use]
    pub fn within(&self, other: &Self) -> bool {
        other.from <= self.from && other.until.is_none_or(|end| self.until.is_some_and(|own| own <= end))
    }

    /// The same, ended on `day`: unchanged when it ended before, none when it would be empty.
    #[must_use]
    pub fn ended(&self, day: NaiveDate) -> Option<Self> {
        Self::new(self.from, Some(self.until.map_or(day, |until| until.min(day))))
    }
}

/// An optional day of a form, `YYYY-MM-DD`.
///
/// # Errors
/// `bad_date`.
pub fn optional_day(field: &'static str, raw: &str) -> Result<Option<NaiveDate>, Problem> {
    match raw.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| Problem::new(field, "bad_date")),
    }
}

/// The first two of these periods, in order of their beginning, that overlap.
#[must_use]
pub fn overlap(periods: &[Period]) -> Option<(Period, Period)> {
    let mut ordered = periods.to_vec();
    ordered.sort_by_key(|period| period.from);
    // Neighbours are enough: an overlap of two that are apart is one of each with those between them, too.
    ordered.windows(2).find(|two| two[0].overlaps(&two[1])).map(|two| (two[0], two[1]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(number: u32) -> NaiveDate {
        NaiveDate::from_num_days_from_ce_opt(700_000 + number as i32).unwrap()
    }

    fn periods() -> impl Strategy<Value = Period> {
        (0_u32..20, proptest::option::of(1_u32..10))
            .prop_map(|(from, length)| Period { from: day(from), until: length.map(|n| day(from + n)) })
    }

    proptest! {
        #[test]
        fn overlapping_is_sharing_a_day(a in periods(), b in periods()) {
            let shared = (0..60).any(|n| a.contains(day(n)) && b.contains(day(n)));
            prop_assert_eq!(a.overlaps(&b), shared);
            prop_assert_eq!(b.overlaps(&a), shared);
        }

        #[test]
        fn being_within_is_having_no_day_outside(a in periods(), b in periods()) {
            let outside = (0..60).any(|n| a.contains(day(n)) && !b.contains(day(n)));
            prop_assert_eq!(a.within(&b), !outside);
        }

        #[test]
        fn an_overlap_is_found_among_many(all in proptest::collection::vec(periods(), 0..6)) {
            let pair = all.iter().enumerate().any(|(i, a)| all[i + 1..].iter().any(|b| a.overlaps(b)));
            prop_assert_eq!(overlap(&all).is_some(), pair);
        }
    }

    #[test]
    fn a_form_is_checked_as_a_whole() {
        let Problems(problems) = Period::check("2026-02-30", "soon", day(0)).unwrap_err();
        let codes: Vec<_> = problems.iter().map(|p| (p.field, p.code)).collect();
        assert_eq!(codes, [("from", "bad_date"), ("until", "bad_date")]);
        let Problems(problems) = Period::check("2026-02-03", "2026-02-03", day(0)).unwrap_err();
        assert_eq!((problems[0].field, problems[0].code), ("until", "end_before_start"));
        assert_eq!(Period::check("", "", day(3)).unwrap(), Period::since(day(3)));
    }
}
