//! When something can happen: a window, once or recurring by an RFC 5545 rule, and the part-of-week slots it touches.

use chrono::{DateTime, Datelike, Duration, NaiveDate, TimeZone, Timelike, Utc, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::{invalid::Problem, time::Window};

/// The longest recurrence rule, in characters.
pub const RULE_MAX: usize = 200;
/// The longest window, in days.
pub const WINDOW_MAX_DAYS: i64 = 800;

/// Part-of-week slots: for each weekday morning (before 12), afternoon (12–18) and evening (from 18), one bit.
/// Two schedules can meet only if they share a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Slots(pub u32);

/// A part of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DayPart {
    /// Before 12.
    Morning,
    /// 12 to 18.
    Afternoon,
    /// From 18.
    Evening,
}

impl Slots {
    /// Every slot of the week.
    pub const ALL: Self = Self((1 << 21) - 1);

    /// The slots that both have.
    #[must_use]
    pub const fn common(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many slots.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// The weekdays that have a slot, Monday first.
    #[must_use]
    pub fn weekdays(self) -> Vec<Weekday> {
        (0_u8..7).filter(|day| self.0 >> (day * 3) & 0b111 != 0).filter_map(|day| Weekday::try_from(day).ok()).collect()
    }

    fn add_span(&mut self, day: Weekday, first_hour: u32, last_hour: u32) {
        let part = |hour: u32| u32::from(hour >= 12) + u32::from(hour >= 18);
        for part in part(first_hour)..=part(last_hour) {
            self.0 |= 1 << (day.num_days_from_monday() * 3 + part);
        }
    }
}

/// A checked schedule.
///
/// Once: anything within the window. Recurring: the window's `from` begins the first occurrence, and every occurrence
/// lasts from `from`'s to `until`'s time of day, overnight if that is earlier, a whole day if it is the same; the last
/// ends by `until`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// The window as a whole.
    pub window: Window,
    /// The recurrence rule, without `RRULE:`; none for once.
    pub rule: Option<String>,
    /// The slots of the week that it touches.
    pub slots: Slots,
}

impl Schedule {
    /// Checks a window and its rule.
    ///
    /// # Errors
    /// `end_before_start`, `window_too_long`, `bad_rule`, `rule_too_often` or `no_occurrence`.
    pub fn check(from: DateTime<Utc>, until: DateTime<Utc>, rule: &str, zone: Tz) -> Result<Self, Problem> {
        let window = Window::new(from, until).ok_or_else(|| Problem::new("until", "end_before_start"))?;
        if until - from > Duration::days(WINDOW_MAX_DAYS) {
            return Err(Problem::new("until", "window_too_long").with("max", WINDOW_MAX_DAYS));
        }
        let rule = rule.trim().trim_start_matches("RRULE:").to_uppercase();
        if rule.is_empty() {
            return Ok(Self { window, rule: None, slots: once_slots(window, zone) });
        }
        if rule.len() > RULE_MAX {
            return Err(Problem::new("rrule", "too_long").with("max", RULE_MAX));
        }
        let often = ["SECONDLY", "MINUTELY", "HOURLY", "BYHOUR", "BYMINUTE", "BYSECOND"];
        if often.iter().any(|often| rule.contains(often)) {
            return Err(Problem::new("rrule", "rule_too_often"));
        }
        let mut schedule = Self { window, rule: Some(rule), slots: Slots::default() };
        let starts = schedule.occurrences(from, zone, 60).ok_or_else(|| Problem::new("rrule", "bad_rule"))?;
        if starts.is_empty() {
            return Err(Problem::new("rrule", "no_occurrence"));
        }
        for occurrence in starts {
            schedule.slots.0 |= once_slots(occurrence, zone).0;
        }
        Ok(schedule)
    }

    /// The occurrences that end after `after`, at most `limit`; nothing when the rule can't be read. A schedule that
    /// happens once has its window as the only one.
    #[must_use]
    pub fn occurrences(&self, after: DateTime<Utc>, zone: Tz, limit: u16) -> Option<Vec<Window>> {
        let Some(rule) = &self.rule else {
            return Some(if self.window.until > after { vec![self.window] } else { Vec::new() });
        };
        let length = self.occurrence_length(zone);
        let rule: rrule::RRule<rrule::Unvalidated> = rule.parse().ok()?;
        let zone: rrule::Tz = zone.into();
        let start = self.window.from.with_timezone(&zone);
        let set = rule.build(start).ok()?;
        let first = (after - length).with_timezone(&zone);
        let set = set.after(first).before(self.window.until.with_timezone(&zone));
        let windows = set.all(limit).dates.into_iter();
        let windows = windows.filter_map(|at| {
            let at = at.with_timezone(&Utc);
            Window::new(at, at + length)
        });
        Some(windows.filter(|w| w.until > after && w.until <= self.window.until).collect())
    }

    /// The next occurrence that ends after `after`.
    #[must_use]
    pub fn next(&self, after: DateTime<Utc>, zone: Tz) -> Option<Window> {
        self.occurrences(after, zone, 2)?.into_iter().next()
    }

    fn occurrence_length(&self, zone: Tz) -> Duration {
        let (start, end) = (self.window.from.with_timezone(&zone), self.window.until.with_timezone(&zone));
        let seconds = i64::from(end.num_seconds_from_midnight()) - i64::from(start.num_seconds_from_midnight());
        let day = Duration::days(1).num_seconds();
        Duration::seconds(match seconds.rem_euclid(day) {
            0 => day,
            seconds => seconds,
        })
    }
}

fn once_slots(window: Window, zone: Tz) -> Slots {
    if window.until - window.from >= Duration::days(7) {
        return Slots::ALL;
    }
    let (start, end) = (window.from.with_timezone(&zone), window.until.with_timezone(&zone));
    let mut slots = Slots::default();
    let mut day: NaiveDate = start.date_naive();
    let last = (end - Duration::seconds(1)).date_naive();
    while day <= last {
        let first = if day == start.date_naive() { start.hour() } else { 0 };
        let until = if day == last { last_hour(end) } else { 23 };
        slots.add_span(day.weekday(), first, until.max(first));
        day = day.succ_opt().unwrap_or(NaiveDate::MAX);
    }
    slots
}

/// The hour in which a span that ends at `end` has its last second.
fn last_hour(end: DateTime<Tz>) -> u32 {
    (end - Duration::seconds(1)).hour()
}

/// The first and the last instant (excluded) of `day` in `zone`.
#[must_use]
pub fn day_window(day: NaiveDate, zone: Tz) -> Window {
    // Where clocks are put forward at midnight, the day begins at the first instant that they show.
    let midnight = |day: NaiveDate| {
        let naive = day.and_time(chrono::NaiveTime::MIN);
        (0..=48)
            .find_map(|half_hours| {
                let shown = naive + Duration::minutes(30 * half_hours);
                zone.from_local_datetime(&shown).earliest()
            })
            .map_or_else(|| naive.and_utc(), |at| at.with_timezone(&Utc))
    };
    let from = midnight(day);
    let until = midnight(day.succ_opt().unwrap_or(day)).max(from + Duration::hours(1));
    Window { from, until }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ZONE: Tz = chrono_tz::Asia::Shanghai;

    fn at(text: &str) -> DateTime<Utc> {
        let naive = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
        ZONE.from_local_datetime(&naive).unwrap().with_timezone(&Utc)
    }

    #[test]
    fn weekly_on_tuesday_afternoons() {
        let schedule =
            Schedule::check(at("2026-11-24 14:00"), at("2027-01-31 16:00"), "FREQ=WEEKLY;BYDAY=TU", ZONE).unwrap();
        assert_eq!(schedule.slots.weekdays(), [Weekday::Tue]);
        assert_eq!(schedule.slots.count(), 1);
        let next = schedule.next(at("2026-11-24 17:00"), ZONE).unwrap();
        assert_eq!(next, Window { from: at("2026-12-01 14:00"), until: at("2026-12-01 16:00") });
        assert_eq!(schedule.next(at("2026-11-24 15:00"), ZONE).unwrap().from, at("2026-11-24 14:00"));
    }

    #[test]
    fn refuses_what_makes_no_sense() {
        let code = |from, until, rule| Schedule::check(at(from), at(until), rule, ZONE).unwrap_err().code;
        assert_eq!(code("2026-11-24 14:00", "2026-11-24 13:00", ""), "end_before_start");
        assert_eq!(code("2026-11-24 14:00", "2030-11-24 13:00", ""), "window_too_long");
        assert_eq!(code("2026-11-24 14:00", "2026-12-24 15:00", "FREQ=SOMETIMES"), "bad_rule");
        assert_eq!(code("2026-11-24 14:00", "2026-12-24 15:00", "FREQ=MINUTELY"), "rule_too_often");
    }

    #[test]
    fn once_touches_the_parts_of_its_days() {
        let schedule = Schedule::check(at("2026-11-24 09:00"), at("2026-11-24 12:00"), "", ZONE).unwrap();
        assert_eq!(schedule.slots.count(), 1);
        let longer = Schedule::check(at("2026-11-24 09:00"), at("2026-11-26 12:00"), "", ZONE).unwrap();
        assert_eq!(longer.slots.weekdays(), [Weekday::Tue, Weekday::Wed, Weekday::Thu]);
        assert_eq!(longer.slots.count(), 7);
    }

    proptest! {
        #[test]
        fn windows_that_overlap_on_a_day_share_a_slot(start_a in 0_i64..20_000, len_a in 1_i64..3_000, start_b in 0_i64..20_000, len_b in 1_i64..3_000) {
            let base = at("2026-11-02 00:00");
            let schedule = |start: i64, len: i64| {
                let from = base + Duration::minutes(start);
                Schedule::check(from, from + Duration::minutes(len), "", ZONE).unwrap()
            };
            let (a, b) = (schedule(start_a, len_a), schedule(start_b, len_b));
            if a.window.overlap(&b.window).is_some() {
                prop_assert!(!a.slots.common(b.slots).is_empty());
            }
        }
    }
}
