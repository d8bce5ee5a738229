//! Times as an import writes them.

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

/// Reads `today-12 09:30`, `today 09:30`, `2026-03-01 09:00` (all in `zone`), or an instant with its offset.
pub(super) fn instant(raw: &str, today: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    let raw = raw.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(raw) {
        return Some(at.with_timezone(&Utc));
    }
    let local = match raw.strip_prefix("today") {
        Some(rest) => {
            let (days, time) = rest.split_once(' ')?;
            let days =
                if days.is_empty() { 0 } else { days.parse::<i64>().ok().filter(|_| days.starts_with(['+', '-']))? };
            let day = today.checked_add_signed(Duration::try_days(days)?)?;
            day.and_time(NaiveTime::parse_from_str(time.trim(), "%H:%M").ok()?)
        }
        None => ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"]
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(raw, format).ok())?,
    };
    Some(zone.from_local_datetime(&local).earliest()?.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_and_absolute_times() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
        let read = |raw| instant(raw, today, chrono_tz::Asia::Shanghai).map(|at| at.to_rfc3339());
        assert_eq!(read("today-12 09:30").unwrap(), "2026-11-12T01:30:00+00:00");
        assert_eq!(read("today+7 9:00").unwrap(), "2026-12-01T01:00:00+00:00");
        assert_eq!(read("today 00:00").unwrap(), "2026-11-23T16:00:00+00:00");
        assert_eq!(read("2026-03-01 09:00").unwrap(), "2026-03-01T01:00:00+00:00");
        assert_eq!(read("2026-03-01T09:00:00Z").unwrap(), "2026-03-01T09:00:00+00:00");
        for bad in
            ["", "today", "today5 09:00", "today+5", "tomorrow 09:00", "2026-02-30 09:00", "today+999999999999 09:00"]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
