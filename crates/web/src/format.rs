//! Dates, times, durations and numbers in the reader's language and the community's zone.

use chrono::{DateTime, Datelike, LocalResult, NaiveDate, NaiveDateTime, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

use crate::i18n::{Locale, Message};

/// How to show values: a language, the community's zone, and the moment of the request (for "today").
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// The reader's language.
    pub locale: Locale,
    /// The community's time zone.
    pub zone: Tz,
    /// The moment of the request.
    pub now: DateTime<Utc>,
}

impl Format {
    /// A format for one request.
    #[must_use]
    pub fn new(locale: Locale, zone: Tz, now: DateTime<Utc>) -> Self {
        Self { locale, zone, now }
    }

    /// Today in the community's zone.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.zone).date_naive()
    }

    /// The day of an instant in the community's zone.
    #[must_use]
    pub fn day_of(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    /// A full day: `2026年11月24日`, `24 November 2026`.
    #[must_use]
    pub fn day(&self, day: NaiveDate) -> String {
        self.locale.tr3(
            "format-date",
            "year",
            day.year().to_string(),
            "month",
            self.month(day),
            "day",
            day.day().to_string(),
        )
    }

    /// A day without its year, with the weekday: `11月24日 周二`, `Tue 24 November`; with the year when it is another.
    #[must_use]
    pub fn day_short(&self, day: NaiveDate) -> String {
        if day.year() != self.today().year() {
            return self.day(day);
        }
        self.locale.tr3(
            "format-date-short",
            "weekday",
            self.weekday(day),
            "month",
            self.month(day),
            "day",
            day.day().to_string(),
        )
    }

    /// The full day of an instant.
    #[must_use]
    pub fn date(&self, at: DateTime<Utc>) -> String {
        self.day(self.day_of(at))
    }

    /// The time of an instant: `09:30`.
    #[must_use]
    pub fn time(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%H:%M").to_string()
    }

    /// Day and time of an instant.
    #[must_use]
    pub fn datetime(&self, at: DateTime<Utc>) -> String {
        format!("{} {}", self.day_short(self.day_of(at)), self.time(at))
    }

    /// A time window; the day is said once when both ends lie on it.
    #[must_use]
    pub fn window(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> String {
        let end = if self.day_of(from) == self.day_of(until) { self.time(until) } else { self.datetime(until) };
        self.locale.tr2("format-window", "from", self.datetime(from), "until", end)
    }

    /// The day of an instant as seen from today: today, tomorrow, in 3 days, 2 days ago; a date beyond 30 days.
    #[must_use]
    pub fn relative(&self, at: DateTime<Utc>) -> String {
        self.relative_day(self.day_of(at))
    }

    /// A day as seen from today.
    #[must_use]
    pub fn relative_day(&self, day: NaiveDate) -> String {
        let days = (day - self.today()).num_days();
        match days {
            0 => self.locale.t("format-today"),
            1 => self.locale.t("format-tomorrow"),
            -1 => self.locale.t("format-yesterday"),
            2..=30 => self.locale.tr("format-in-days", "days", days),
            -30..=-2 => self.locale.tr("format-days-ago", "days", -days),
            _ => self.day(day),
        }
    }

    /// Minutes as hours and minutes: `1 小时 30 分`, `1 h 30 min`.
    #[must_use]
    pub fn duration(&self, minutes: i64) -> String {
        let (hours, rest) = (minutes / 60, (minutes % 60).abs());
        match (hours, rest) {
            (0, _) => self.locale.tr("format-minutes", "minutes", minutes.to_string()),
            (_, 0) => self.locale.tr("format-hours", "hours", self.number(hours)),
            _ => self.locale.tr2("format-hours-minutes", "hours", self.number(hours), "minutes", rest.to_string()),
        }
    }

    /// A whole number with its thousands set apart: `12,345`.
    #[must_use]
    pub fn number(&self, number: i64) -> String {
        let digits = number.unsigned_abs().to_string();
        let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
        if number < 0 {
            out.push('-');
        }
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                out.push(',');
            }
            out.push(digit);
        }
        out
    }

    /// A number with one decimal: `4.6`; a dash when there is none.
    #[must_use]
    pub fn decimal(&self, number: f64) -> String {
        if number.is_finite() { format!("{number:.1}") } else { self.locale.t("format-none") }
    }

    /// A ratio as a percentage without decimals: 0.256 is `26%`; a dash when there is none.
    #[must_use]
    pub fn percent(&self, ratio: f64) -> String {
        if ratio.is_finite() { format!("{:.0}%", ratio * 100.0) } else { self.locale.t("format-none") }
    }

    /// The value of an `<input type="datetime-local">`.
    #[must_use]
    pub fn input_datetime(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%Y-%m-%dT%H:%M").to_string()
    }

    /// The value of a `<time datetime>`.
    #[must_use]
    pub fn machine(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    fn month(&self, day: NaiveDate) -> String {
        self.locale.t(format!("format-month-{}", day.month()))
    }

    fn weekday(&self, day: NaiveDate) -> String {
        self.locale.t(format!("format-weekday-{}", day.weekday().number_from_monday()))
    }
}

/// Reads the value of an `<input type="datetime-local">` as an instant. Of a time that the clocks show twice, the
/// earlier; a time that the clocks skip is refused.
///
/// # Errors
/// A message for the field when the text is no such time.
pub fn parse_local(text: &str, zone: Tz) -> Result<DateTime<Utc>, Message> {
    let text = text.trim();
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S"))
        .map_err(|_| Message::new("form-error-datetime"))?;
    check_year(local.date())?;
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Ok(at.with_timezone(&Utc)),
        LocalResult::None => Err(Message::new("form-error-datetime-skipped")),
    }
}

/// Reads the value of an `<input type="date">`.
///
/// # Errors
/// A message for the field when the text is no date.
pub fn parse_date(text: &str) -> Result<NaiveDate, Message> {
    let day = NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").map_err(|_| Message::new("form-error-date"))?;
    check_year(day)?;
    Ok(day)
}

/// The first instant of a day in a zone.
#[must_use]
pub fn start_of_day(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    (0..=3)
        .find_map(|hour| {
            let local = day.and_hms_opt(hour, 0, 0)?;
            zone.from_local_datetime(&local).earliest()
        })
        .map_or_else(|| day.and_time(chrono::NaiveTime::MIN).and_utc(), |at| at.with_timezone(&Utc))
}

/// Minutes since midnight in a zone.
#[must_use]
pub fn minute_of_day(at: DateTime<Utc>, zone: Tz) -> u32 {
    let local = at.with_timezone(&zone);
    local.hour() * 60 + local.minute()
}

fn check_year(day: NaiveDate) -> Result<(), Message> {
    if (1900..=2200).contains(&day.year()) { Ok(()) } else { Err(Message::new("form-error-year")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn format(locale: Locale) -> Format {
        Format::new(locale, chrono_tz::Asia::Shanghai, at("2026-11-24T01:30:00Z"))
    }

    #[test]
    fn dates_in_both_languages_and_in_the_zone() {
        let late = at("2026-11-23T17:05:00Z");
        assert_eq!(format(Locale::ZhHans).date(late), "2026年11月24日");
        assert_eq!(format(Locale::En).date(late), "24 November 2026");
        assert_eq!(format(Locale::ZhHans).datetime(late), "11月24日 周二 01:05");
        assert_eq!(format(Locale::En).datetime(late), "Tue 24 November 01:05");
        assert_eq!(format(Locale::En).machine(late), "2026-11-24T01:05:00+08:00");
    }

    #[test]
    fn window_says_its_day_once() {
        let en = format(Locale::En);
        let from = at("2026-11-24T01:00:00Z");
        assert_eq!(en.window(from, at("2026-11-24T03:00:00Z")), "Tue 24 November 09:00 – 11:00");
        assert_eq!(en.window(from, at("2026-11-25T03:00:00Z")), "Tue 24 November 09:00 – Wed 25 November 11:00");
    }

    #[test]
    fn durations() {
        assert_eq!(format(Locale::ZhHans).duration(90), "1 小时 30 分");
        assert_eq!(format(Locale::En).duration(90), "1 h 30 min");
        assert_eq!(format(Locale::En).duration(45), "45 min");
        assert_eq!(format(Locale::En).duration(120), "2 h");
        assert_eq!(format(Locale::En).duration(0), "0 min");
    }

    #[test]
    fn numbers() {
        let f = format(Locale::En);
        assert_eq!(f.number(0), "0");
        assert_eq!(f.number(-1_234_567), "-1,234,567");
        assert_eq!(f.number(i64::MIN), "-9,223,372,036,854,775,808");
        assert_eq!(f.percent(0.256), "26%");
        assert_eq!(f.percent(f64::NAN), "–");
        assert_eq!(f.decimal(4.55), "4.5");
    }

    #[test]
    fn days_seen_from_today() {
        let f = format(Locale::En);
        assert_eq!(f.relative(at("2026-11-24T15:59:00Z")), "today");
        assert_eq!(f.relative(at("2026-11-24T16:00:00Z")), "tomorrow");
        assert_eq!(f.relative(at("2026-11-21T04:00:00Z")), "3 days ago");
        assert_eq!(f.relative(at("2026-12-01T04:00:00Z")), "in 7 days");
        assert_eq!(f.relative(at("2027-12-01T04:00:00Z")), "1 December 2027");
    }

    #[test]
    fn local_times_are_read_in_the_zone() {
        let zone = chrono_tz::Asia::Shanghai;
        assert_eq!(parse_local("2026-11-24T09:30", zone), Ok(at("2026-11-24T01:30:00Z")));
        let f = format(Locale::En);
        assert_eq!(f.input_datetime(at("2026-11-24T01:30:00Z")), "2026-11-24T09:30");
        for bad in ["", "2026-13-01T00:00", "24.11.2026", "2026-11-24", "0001-01-01T00:00"] {
            assert!(parse_local(bad, zone).is_err(), "{bad}");
        }
        assert!(parse_local("2026-03-29T02:30", chrono_tz::Europe::Berlin).is_err());
    }

    #[test]
    fn a_day_starts_at_midnight_of_the_zone() {
        let day = parse_date("2026-11-24").unwrap();
        assert_eq!(start_of_day(day, chrono_tz::Asia::Shanghai), at("2026-11-23T16:00:00Z"));
    }
}
