//! Rules of posts, on random posts and appointments.

#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

use chrono::NaiveDate;
use proptest::prelude::*;
use tongxin_core::{
    community::{
        Location, OrganisationKind,
        post::{
            Appointment, CrossRequirement, Delegation, Duty, HeldPost, Post, PostKind, duties,
            rules::{
                PostForm, check_appointment, check_delegation, check_post, check_post_fits, expires, missing_cross,
                overfull,
            },
        },
    },
    invalid::Problems,
    period::Period,
};
use uuid::Uuid;

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn day(n: u32) -> NaiveDate {
    NaiveDate::from_num_days_from_ce_opt(739_000 + i32::try_from(n).unwrap()).unwrap()
}

fn period(from: u32, until: Option<u32>) -> Period {
    Period { from: day(from), until: until.map(day) }
}

fn periods() -> impl Strategy<Value = Period> {
    (0_u32..30, proptest::option::of(1_u32..20)).prop_map(|(from, length)| period(from, length.map(|n| from + n)))
}

fn post(seats: u32, period: Period) -> Post {
    Post {
        id: id(1),
        code: None,
        organisation: id(2),
        kind: PostKind::CommitteeMember,
        title: "委员".into(),
        seats,
        term_months: None,
        period,
    }
}

fn appointment(n: u128, person: u128, period: Period) -> Appointment {
    Appointment { id: id(n), post: id(1), person: id(person), period, note: String::new() }
}

fn codes<T: std::fmt::Debug>(outcome: Result<T, Problems>) -> Vec<(&'static str, &'static str)> {
    outcome.unwrap_err().0.into_iter().map(|problem| (problem.field, problem.code)).collect()
}

proptest! {
    /// Whatever is asked for, and in whatever order: what the rule lets through keeps the seats on every day, stays within
    /// the post and the organisation, and has nobody twice at once.
    #[test]
    fn what_is_let_through_keeps_every_rule(
        seats in 1_u32..4,
        post_days in periods(),
        organisation in proptest::collection::vec(periods(), 1..3),
        asked in proptest::collection::vec((1_u128..5, periods()), 0..12),
    ) {
        let post = post(seats, post_days);
        let mut held: Vec<Appointment> = Vec::new();
        for (n, (person, days)) in asked.into_iter().enumerate() {
            let new = appointment(10 + n as u128, person, days);
            if check_appointment(&post, &organisation, &held, &new).is_ok() {
                held.push(new);
            }
        }
        for n in 0..80 {
            let today: Vec<_> = held.iter().filter(|a| a.period.contains(day(n))).collect();
            prop_assert!(today.len() <= seats as usize);
            if !today.is_empty() {
                prop_assert!(post_days.contains(day(n)));
                prop_assert!(organisation.iter().any(|days| days.contains(day(n))));
            }
            let mut persons: Vec<_> = today.iter().map(|a| a.person).collect();
            persons.sort_unstable();
            persons.dedup();
            prop_assert_eq!(persons.len(), today.len());
        }
    }

    #[test]
    fn a_refusal_has_its_reason(
        seats in 1_u32..3,
        post_days in periods(),
        organisation in periods(),
        others in proptest::collection::vec((1_u128..5, periods()), 0..5),
        days in periods(),
    ) {
        let post = post(seats, post_days);
        let others: Vec<_> =
            others.into_iter().enumerate().map(|(n, (person, days))| appointment(10 + n as u128, person, days)).collect();
        let new = appointment(9, 1, days);
        let mut reasons = Vec::new();
        if let Err(Problems(problems)) = check_appointment(&post, &[organisation], &others, &new) {
            reasons.extend(problems.into_iter().map(|p| p.code));
        }
        let says = |code: &str| reasons.contains(&code);
        let all: Vec<Period> = others.iter().map(|a| a.period).chain([days]).collect();
        let twice = others.iter().any(|a| a.person == id(1) && a.period.overlaps(&days));
        prop_assert_eq!(says("holds_already"), twice);
        prop_assert_eq!(says("seats_taken"), !twice && overfull(seats, &all).is_some());
        prop_assert_eq!(says("outside_post"), !days.within(&post_days));
        let outside = says("before_organisation") || says("after_organisation_closed");
        prop_assert_eq!(outside, !days.within(&organisation));
    }

    #[test]
    fn a_post_is_overfull_on_the_first_such_day(seats in 1_u32..4, all in proptest::collection::vec(periods(), 0..8)) {
        let count = |n: u32| all.iter().filter(|period| period.contains(day(n))).count();
        let first = (0..80).find(|n| count(*n) > seats as usize).map(day);
        prop_assert_eq!(overfull(seats, &all), first);
    }
}

#[test]
fn an_appointment_after_the_organisation_closed_says_when_it_closed() {
    let post = post(1, period(0, None));
    let closed = [period(0, Some(10)), period(10, Some(20))];
    let outcome = check_appointment(&post, &closed, &[], &appointment(1, 1, period(20, None)));
    let Problems(problems) = outcome.unwrap_err();
    assert_eq!((problems[0].field, problems[0].code), ("from", "after_organisation_closed"));
    assert_eq!(problems[0].args, [("day", day(20).to_string())]);
    let lasting = check_appointment(&post, &closed, &[], &appointment(1, 1, period(5, None)));
    assert_eq!(codes(lasting), [("until", "after_organisation_closed")]);
    assert!(check_appointment(&post, &closed, &[], &appointment(1, 1, period(5, Some(20)))).is_ok());
}

#[test]
fn a_form_tells_every_problem() {
    let form = PostForm {
        kind: "king".into(),
        seats: "0".into(),
        term_months: "-3".into(),
        from: "2026-02-30".into(),
        until: "x".into(),
        ..PostForm::default()
    };
    assert_eq!(
        codes(check_post(&form, day(0))),
        [
            ("kind", "unknown_choice"),
            ("title", "required"),
            ("seats", "bad_quantity"),
            ("term_months", "bad_quantity"),
            ("from", "bad_date"),
            ("until", "bad_date")
        ]
    );
    let form = PostForm { kind: "staff".into(), title: " 科员 ".into(), ..PostForm::default() };
    let draft = check_post(&form, day(3)).unwrap();
    assert_eq!((draft.seats, draft.term_months, draft.period), (1, None, period(3, None)));
}

#[test]
fn a_post_with_holders_keeps_room_for_them() {
    let held = [appointment(1, 1, period(5, None)), appointment(2, 2, period(8, Some(12)))];
    let organisation = [period(0, None)];
    assert!(check_post_fits(&post(2, period(0, None)), &organisation, &held).is_ok());
    let tight = check_post_fits(&post(1, period(6, Some(9))), &organisation, &held);
    assert_eq!(codes(tight), [("seats", "seats_taken"), ("from", "holders_outside")]);
    let early = check_post_fits(&post(1, period(0, None)), &[period(3, None)], &[]);
    assert_eq!(codes(early), [("from", "before_organisation")]);
}

#[test]
fn a_delegation_is_short_within_the_appointment_and_to_another() {
    let held = appointment(1, 1, period(10, Some(400)));
    let delegation = |to: u128, days: Period| Delegation {
        id: id(5),
        appointment: held.id,
        to: id(to),
        period: days,
        reason: "休假".into(),
    };
    assert!(check_delegation(&held, &[], &delegation(2, period(20, Some(30)))).is_ok());
    for (new, expected) in [
        (delegation(1, period(20, Some(30))), ("to", "own_person")),
        (delegation(2, period(20, None)), ("until", "required")),
        (delegation(2, period(12, Some(390))), ("until", "delegation_too_long")),
        (delegation(2, period(5, Some(30))), ("from", "outside_appointment")),
        (delegation(2, period(390, Some(401))), ("until", "outside_appointment")),
    ] {
        assert_eq!(codes(check_delegation(&held, &[], &new)), [expected]);
    }
    let first = delegation(2, period(20, Some(30)));
    let second = check_delegation(&held, &[first], &delegation(3, period(29, Some(40))));
    assert_eq!(codes(second), [("from", "delegated_already")]);
}

#[test]
fn a_missing_cross_appointment_names_the_holder() {
    let secretary = post(2, period(0, None));
    let director = Post { id: id(7), organisation: id(8), kind: PostKind::Director, ..secretary.clone() };
    let requirement = CrossRequirement {
        id: id(20),
        post: secretary.id,
        kind: PostKind::Director,
        organisation: id(8),
        period: period(0, Some(50)),
    };
    let (one, two) = (appointment(1, 1, period(0, None)), appointment(2, 2, period(0, None)));
    let other = Appointment { post: director.id, ..appointment(3, 1, period(0, Some(10))) };
    let held = [(&secretary, &one), (&secretary, &two), (&director, &other)];
    let missing = |n: u32| -> Vec<u128> {
        missing_cross(day(n), std::slice::from_ref(&requirement), &held).iter().map(|m| m.person.as_u128()).collect()
    };
    assert_eq!(missing(5), [2]);
    assert_eq!(missing(10), [1, 2]);
    assert!(missing(50).is_empty(), "no longer required");
}

#[test]
fn a_term_is_told_before_its_end_and_after() {
    let with_term = Post { term_months: Some(12), ..post(1, period(0, None)) };
    let held = appointment(1, 1, period(0, None));
    let end = held.term_ends(&with_term).unwrap();
    let told = |today: NaiveDate| expires(&with_term, &held, today);
    assert_eq!(told(end - chrono::Duration::days(91)), None);
    assert_eq!(told(end - chrono::Duration::days(90)), Some(end));
    assert_eq!(told(end + chrono::Duration::days(9)), Some(end));
    assert_eq!(expires(&post(1, period(0, None)), &held, end), None);
}

#[test]
fn duties_stay_in_their_territory() {
    let held = |kind, organisation_kind, area: Option<u128>| HeldPost {
        appointment: id(1),
        post: id(2),
        kind,
        title: String::new(),
        organisation: id(3),
        organisation_kind,
        location: Location { place: area.map_or(id(100), |_| id(102)), area: area.map(id) },
        period: period(0, None),
        delegated_by: None,
    };
    let of = |post: HeldPost| post.duties().collect::<Vec<_>>();
    assert_eq!(of(held(PostKind::Staff, OrganisationKind::Department, None)), [Duty::SubdistrictStaff]);
    assert_eq!(of(held(PostKind::Staff, OrganisationKind::Department, Some(101))), []);
    let secretary = held(PostKind::Secretary, OrganisationKind::GeneralBranch, Some(101));
    assert_eq!(secretary.covers(), id(101), "the area, not the building");
    assert_eq!(of(secretary), [Duty::Secretary, Duty::PartyOfficer]);
    let central = held(PostKind::Secretary, OrganisationKind::GeneralBranch, None);
    assert_eq!(of(central), [Duty::PartyOfficer]);
    for kind in OrganisationKind::ALL {
        assert!(!duties(PostKind::PoliceOfficer, *kind).contains(&Duty::Secretary));
    }
}
