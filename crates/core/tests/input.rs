//! Schedules, and forms with input that nobody wishes for.

use chrono::{DateTime, Duration, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;
use tongxin_core::{
    invalid::Problems,
    people::{MemberForm, MemberKind, check_member},
    service::{
        IntentForm, Side,
        intent::{self, QUANTITY_MAX, TEXT_MAX, TITLE_MAX},
        matches::{check_delivery, check_feedback},
        schedule::{Schedule, day_window},
    },
    text,
};

const ZONE: Tz = chrono_tz::Asia::Shanghai;

fn start() -> DateTime<Utc> {
    ZONE.with_ymd_and_hms(2026, 11, 23, 9, 0, 0).unwrap().with_timezone(&Utc)
}

fn rule() -> impl Strategy<Value = String> {
    let freq = prop_oneof![Just("DAILY"), Just("WEEKLY"), Just("MONTHLY"), Just("YEARLY")];
    let days = prop_oneof![
        Just(""),
        Just(";BYDAY=MO"),
        Just(";BYDAY=TU,TH"),
        Just(";BYDAY=SA,SU"),
        Just(";BYMONTHDAY=1,15"),
        Just(";BYMONTHDAY=31"),
    ];
    let count = prop_oneof![Just(String::new()), (1_u32..20).prop_map(|n| format!(";COUNT={n}"))];
    (freq, 1_u32..4, days, count)
        .prop_map(|(freq, every, days, count)| format!("FREQ={freq};INTERVAL={every}{days}{count}"))
}

proptest! {
    #[test]
    fn occurrences_lie_in_the_window_and_next_is_the_earliest(
        offset in 0_i64..48 * 60,
        minutes in 1_i64..24 * 60,
        days in 0_i64..200,
        rule in rule(),
        after in -10_i64..220 * 24,
        zone in prop_oneof![Just(ZONE), Just(chrono_tz::Europe::Berlin), Just(chrono_tz::America::St_Johns)],
    ) {
        let from = start() + Duration::minutes(offset);
        let until = from + Duration::days(days) + Duration::minutes(minutes);
        let schedule = match Schedule::check(from, until, &rule, zone) {
            Ok(schedule) => schedule,
            Err(problem) => {
                prop_assert!(["no_occurrence", "bad_rule"].contains(&problem.code), "{problem:?}");
                return Ok(());
            }
        };
        prop_assert!(!schedule.slots.is_empty());
        let all = schedule.occurrences(from - Duration::days(1), zone, 1_000).unwrap();
        prop_assert!(!all.is_empty(), "a checked schedule happens");
        prop_assert!(all.is_sorted_by(|a, b| a.from < b.from));
        for one in &all {
            prop_assert!(one.from < one.until && from <= one.from && one.until <= until, "{one:?} outside");
        }
        let after = from + Duration::hours(after);
        let earliest = all.iter().find(|one| one.until > after).copied();
        prop_assert_eq!(schedule.next(after, zone), earliest);
        let again: Vec<_> = all.iter().filter(|one| one.until > after).copied().collect();
        prop_assert_eq!(schedule.occurrences(after, zone, 1_000).unwrap(), again);
    }

    #[test]
    fn a_schedule_that_happens_once_is_its_window(minutes in 1_i64..100_000, after in -1_000_i64..110_000) {
        let until = start() + Duration::minutes(minutes);
        let schedule = Schedule::check(start(), until, "", ZONE).unwrap();
        prop_assert!(!schedule.slots.is_empty());
        let after = start() + Duration::minutes(after);
        prop_assert_eq!(schedule.next(after, ZONE), (after < until).then_some(schedule.window));
    }

    #[test]
    fn no_rule_stops_the_check(rule in "\\PC{0,80}", junk in "(RRULE:)?(FREQ=(DAILY|WEEKLY|YEARLY|HOURLY|secondly))?(;[A-Z]{2,8}=[-0-9A-Z,]{0,8}){0,4}") {
        for rule in [rule, junk] {
            let _ = Schedule::check(start(), start() + Duration::days(90), &rule, ZONE);
        }
    }

    #[test]
    fn a_day_is_one_day_in_every_zone(days in 0_i64..3_000, zone in prop_oneof![Just(ZONE), Just(chrono_tz::America::Sao_Paulo), Just(chrono_tz::Pacific::Apia)]) {
        let day = NaiveDate::from_ymd_opt(2010, 1, 1).unwrap() + Duration::days(days);
        let (one, next) = (day_window(day, zone), day_window(day.succ_opt().unwrap(), zone));
        prop_assert!(one.from < one.until && one.until <= next.until);
        prop_assert!(one.until - one.from <= Duration::hours(26));
    }
}

#[test]
fn rules_that_happen_never_or_many_times_a_day_are_refused_at_once() {
    let code = |rule: &str| {
        let until = start() + Duration::days(700);
        Schedule::check(start(), until, rule, ZONE).map_err(|problem| problem.code)
    };
    assert_eq!(code("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"), Err("no_occurrence"));
    assert_eq!(code("FREQ=DAILY;BYHOUR=1,2,3;BYSECOND=0,1"), Err("rule_too_often"));
    assert_eq!(code("freq=hourly"), Err("rule_too_often"));
    assert_eq!(code(&"FREQ=DAILY;".repeat(50)), Err("too_long"));
    assert!(code("RRULE:FREQ=YEARLY;INTERVAL=65535").is_ok());
}

#[test]
fn a_night_watch_lasts_until_the_morning() {
    let from = start() + Duration::hours(13);
    let until = from + Duration::days(7) + Duration::hours(8);
    let schedule = Schedule::check(from, until, "FREQ=DAILY", ZONE).unwrap();
    let all = schedule.occurrences(from, ZONE, 100).unwrap();
    assert_eq!(all.len(), 8);
    assert!(all.iter().all(|one| one.until - one.from == Duration::hours(8)));
    assert_eq!(schedule.slots.count(), 14, "evening and morning of each day");
}

/// Text of every kind that a hostile or unlucky form may hold.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just(" \u{3000}\t\r\n ".to_owned()),
        Just("👨\u{200D}👩\u{200D}👧\u{200D}👦🏽🇨🇳".to_owned()),
        Just("مرحبا \u{202E}gnp.exe\u{202C} שלום\u{200F}".to_owned()),
        Just("<script>alert(1)</script>'; DROP TABLE intent; --".to_owned()),
        Just("\0\u{1}\u{1B}[31m\u{7F}\u{FEFF}\u{2066}x\u{2069}".to_owned()),
        Just("e\u{301}".repeat(500)),
        Just("长".repeat(100_000)),
        Just("-1".to_owned()),
        Just("0".to_owned()),
        Just("99999999999999999999999999".to_owned()),
        Just("１２".to_owned()),
        Just("1e3".to_owned()),
        Just("NaN".to_owned()),
        Just("2026-02-30".to_owned()),
        Just("+999999-01-01".to_owned()),
        Just("a@b@c.d".to_owned()),
        Just("convenience".to_owned()),
        any::<String>(),
        "\\PC{0,80}",
    ]
}

fn is_clean(text: &str, max: usize) -> bool {
    let direction =
        |c| matches!(c, '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    text.chars().count() <= max
        && text == text.trim()
        && !text.chars().any(|c| direction(c) || c.is_control() && c != '\n' && c != '\t')
}

fn told(problems: &Problems) -> bool {
    !problems.0.is_empty() && problems.0.iter().all(|p| !p.field.is_empty() && !p.code.is_empty())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn lines_come_out_clean_or_not_at_all(raw in hostile(), max in 1_usize..100) {
        match text::line("t", &raw, max) {
            Ok(line) => prop_assert!(!line.is_empty() && is_clean(&line, max) && !line.contains(['\n', '\t']), "{line:?}"),
            Err(problem) => prop_assert!(["required", "too_long"].contains(&problem.code)),
        }
        match text::lines("t", &raw, max) {
            Ok(lines) => {
                prop_assert!(is_clean(&lines, max), "{lines:?}");
                prop_assert_eq!(text::lines("t", &lines, max).unwrap(), lines);
            }
            Err(problem) => prop_assert_eq!(problem.code, "too_long"),
        }
        if let Ok(Some(line)) = text::optional_line("t", &raw, max) {
            prop_assert!(!line.is_empty());
        }
    }

    #[test]
    fn a_hostile_intent_is_clean_or_refused(
        side in prop_oneof![Just(Side::Need), Just(Side::Offer)],
        fields in proptest::collection::vec(hostile(), 8),
        times in proptest::collection::vec(proptest::option::of(-1_000_000_i64..1_000_000), 2),
        likely in any::<bool>(),
    ) {
        let [category, care_kind, title, text, rrule, quantity, urgency, reach] = fields.try_into().unwrap();
        let time = |minutes: Option<i64>| minutes.map(|m| start() + Duration::minutes(m));
        let mut form = IntentForm {
            category, care_kind, title, text, rrule, quantity,
            urgency, reach, visibility: String::new(),
            from: time(times[0]), until: time(times[1]),
        };
        if likely {
            form = IntentForm {
                category: "convenience".into(), care_kind: "material".into(), quantity: "3".into(), rrule: String::new(),
                urgency: String::new(), reach: String::new(),
                from: Some(start()), until: Some(start() + Duration::hours(2)), ..form
            };
        }
        match intent::check(side, &form, ZONE, Some(start())) {
            Ok(draft) => {
                prop_assert!(!draft.title.is_empty() && is_clean(&draft.title, TITLE_MAX));
                prop_assert!(is_clean(&draft.text, TEXT_MAX));
                prop_assert!((1..=QUANTITY_MAX).contains(&draft.quantity));
                prop_assert!(draft.schedule.window.until > start());
            }
            Err(problems) => prop_assert!(told(&problems)),
        }
    }

    #[test]
    fn a_hostile_member_is_clean_or_refused(
        fields in proptest::collection::vec(hostile(), 8), groups in proptest::collection::vec(hostile(), 0..3),
    ) {
        let [name, phone, email, birth_date, sex, organisation_kind, contact, _] = fields.try_into().unwrap();
        let form = MemberForm {
            name, phone, email, birth_date, sex, organisation_kind, contact, care_groups: groups,
            ..MemberForm::default()
        };
        let today = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
        for kind in MemberKind::ALL {
            match check_member(*kind, &form, today) {
                Ok(member) => {
                    prop_assert!(!member.name.is_empty() && is_clean(&member.name, 60));
                    prop_assert!(member.phone.is_none_or(|p| is_clean(&p, 120)));
                    prop_assert!(member.email.is_none_or(|e| is_clean(&e, 120) && e.contains('@')));
                }
                Err(problems) => prop_assert!(told(&problems)),
            }
        }
    }

    #[test]
    fn hostile_deliveries_and_ratings_are_refused(minutes in hostile(), quantity in hostile(), note in hostile(), ahead in -100_i64..100) {
        let at = start() + Duration::minutes(ahead);
        match check_delivery(Some(at), &minutes, &quantity, &note, start()) {
            Ok(draft) => prop_assert!(ahead <= 5 && (0..=1_440).contains(&draft.minutes) && (1..=QUANTITY_MAX).contains(&draft.quantity)),
            Err(problems) => prop_assert!(told(&problems)),
        }
        match check_feedback(&quantity, &note) {
            Ok((rating, comment)) => prop_assert!((1..=5).contains(&rating) && comment != Some(String::new())),
            Err(problems) => prop_assert!(told(&problems)),
        }
    }
}
