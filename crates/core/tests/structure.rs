//! Organisations in line and territory with dates: whatever is changed, a day that was asked for before gives the same again,
//! and what is checked by rule is what every single day shows.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use proptest::prelude::*;
use tongxin_core::{
    community::{
        Location, OrganisationKind,
        area::{AreaSystem, PartySide, SystemRole, Team, TeamPart},
        history::{Amendment, Fault, History, StandingForm, amended, check_standing, closed, corrected},
        matrix::{Line, Matrix},
        post::{Appointment, Post, PostKind},
        structure::{Difference, Standing, Structure},
    },
    period::Period,
};
use uuid::Uuid;

/// Days are few, so that much falls on the same one.
const DAYS: u32 = 24;

fn day(number: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Days::new(u64::from(number))
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn place(number: u128) -> Location {
    Location { place: id(0xD0 + number), area: (number > 0).then(|| id(0xD0 + number)) }
}

fn standing(n: u128, from: u32, until: Option<u32>, line: Option<u128>) -> Standing {
    Standing {
        organisation: id(n),
        period: Period { from: day(from), until: until.map(day) },
        name: format!("organisation {n}"),
        kind: OrganisationKind::Department,
        line: line.map(id),
        line_outside: None,
        location: place(0),
        reorganisation: None,
    }
}

/// The standings of up to seven organisations, whatever they are: with gaps, overlaps, circles and missing superiors.
fn anything() -> impl Strategy<Value = Vec<Standing>> {
    let one = (1_u128..8, 0..DAYS, proptest::option::of(1_u32..DAYS), proptest::option::of(1_u128..8));
    let one = one.prop_map(|(n, from, length, line)| {
        let line = line.filter(|line| *line != n);
        standing(n, from, length.map(|length| from + length), line)
    });
    proptest::collection::vec(one, 0..12)
}

/// What may be asked of an organisation.
#[derive(Debug, Clone)]
enum Ask {
    Line(Option<u128>),
    Place(u128),
    Name(u32),
    Close,
}

fn asks() -> impl Strategy<Value = Vec<(u128, u32, Ask)>> {
    let what = prop_oneof![
        3 => proptest::option::of(1_u128..8).prop_map(Ask::Line),
        1 => (0_u128..3).prop_map(Ask::Place),
        1 => (0_u32..5).prop_map(Ask::Name),
        1 => Just(Ask::Close),
    ];
    proptest::collection::vec((1_u128..8, 0..DAYS, what), 0..20)
}

/// Seven organisations, all there from the first day, under the first of them.
fn founded() -> History {
    History::new((1..8).map(|n| standing(n, 0, None, (n > 1).then_some(1))))
}

/// Does what is asked, as a use case does: the rule, then the check of the whole. Tells whether it was taken.
fn take(history: &mut History, (n, from, ask): &(u128, u32, Ask)) -> bool {
    let own = history.of(id(*n));
    let changed = match ask {
        Ask::Line(Some(line)) if line == n => return false,
        Ask::Line(line) => {
            let line = Some((line.map(id), None));
            amended(own, day(*from), Amendment { line, ..Amendment::default() })
        }
        Ask::Place(p) => amended(own, day(*from), Amendment { location: Some(place(*p)), ..Amendment::default() }),
        Ask::Name(m) => amended(own, day(*from), Amendment { name: Some(format!("name {m}")), ..Amendment::default() }),
        Ask::Close => closed(own, day(*from)),
    };
    let Ok(changed) = changed else { return false };
    let mut tried = history.clone();
    tried.replace(id(*n), changed);
    let good = tried.check(id(*n)).is_ok();
    if good {
        *history = tried;
    }
    good
}

proptest! {
    #[test]
    fn lines_are_checked_together_as_one_by_one(all in anything()) {
        let history = History::new(all);
        let ids: Vec<Uuid> = (1..8).map(id).collect();
        let together: HashMap<Uuid, Fault> = history.check_lines(&ids).into_iter().collect();
        for one in ids {
            match history.check(one) {
                Ok(()) => prop_assert!(!together.contains_key(&one)),
                Err(fault @ (Fault::NoSuperior(..) | Fault::Circle(..))) => prop_assert_eq!(together.get(&one), Some(&fault)),
                Err(Fault::Overlap(_) | Fault::HasBelow(..)) => {}
            }
        }
    }

    #[test]
    fn the_check_finds_what_every_day_shows(all in anything()) {
        let history = History::new(all.clone());
        let faults: Vec<Fault> = (1..8).filter_map(|n| history.check(id(n)).err()).collect();
        let (mut overlaps, mut circles, mut orphans) = (false, false, false);
        for d in 0..2 * DAYS {
            let on: Vec<&Standing> = all.iter().filter(|s| s.period.contains(day(d))).collect();
            let ids: BTreeSet<Uuid> = on.iter().map(|s| s.organisation).collect();
            overlaps |= ids.len() < on.len();
            if ids.len() == on.len() {
                let structure = history.structure(day(d));
                circles |= structure.cycle().is_some();
                orphans |= structure.orphans().next().is_some();
            }
        }
        if !overlaps {
            prop_assert_eq!(faults.is_empty(), !circles && !orphans, "{:?}", faults);
        } else {
            prop_assert!(!faults.is_empty());
        }
    }

    #[test]
    fn changes_keep_the_past_and_never_break_the_rules(asks in asks()) {
        let mut history = founded();
        for ask in &asks {
            let before = history.clone();
            let taken = take(&mut history, ask);
            for d in 0..2 * DAYS {
                let structure = history.structure(day(d));
                prop_assert_eq!(structure.cycle(), None);
                prop_assert_eq!(structure.orphans().count(), 0);
                if d < ask.1 || !taken {
                    let was: Vec<_> = before.structure(day(d)).all().iter().map(|s| (s.name.clone(), s.line)).collect();
                    let is: Vec<_> = structure.all().iter().map(|s| (s.name.clone(), s.line)).collect();
                    prop_assert_eq!(was, is, "day {} is another after a change of day {}", d, ask.1);
                }
            }
        }
        for n in 1..8 {
            let periods: Vec<Period> = history.of(id(n)).iter().map(|s| s.period).collect();
            prop_assert_eq!(tongxin_core::period::overlap(&periods), None);
        }
    }

    #[test]
    fn differences_tell_all_that_changed(asks in asks(), a in 0..DAYS, b in 0..DAYS) {
        let mut history = founded();
        for ask in &asks {
            take(&mut history, ask);
        }
        let (before, after) = (history.structure(day(a)), history.structure(day(b)));
        let told: HashMap<Uuid, Vec<Difference>> =
            before.differences(&after).into_iter().fold(HashMap::new(), |mut all, (id, how)| {
                all.entry(id).or_insert_with(Vec::new).push(how);
                all
            });
        for n in 1..8 {
            let content = |s: &Standing| (s.name.clone(), s.kind, s.line, s.location);
            let same = before.get(id(n)).map(content) == after.get(id(n)).map(content);
            prop_assert_eq!(told.contains_key(&id(n)), !same);
        }
        let gone = told.values().flatten().filter(|how| **how == Difference::Closed).count();
        let new = told.values().flatten().filter(|how| **how == Difference::Founded).count();
        prop_assert_eq!(before.all().len() + new, after.all().len() + gone);
    }

    #[test]
    fn each_organisation_stands_in_one_cell(all in anything(), d in 0..DAYS) {
        let history = History::new(all);
        let structure = history.structure(day(d));
        let ids: BTreeSet<Uuid> = structure.all().iter().map(|s| s.organisation).collect();
        prop_assume!(structure.cycle().is_none() && ids.len() == structure.all().len());
        let matrix = Matrix::new(&structure);
        let areas = [None, Some(place(1).place), Some(place(2).place)];
        let cells = matrix.lines.iter().flat_map(|line| areas.iter().map(|area| matrix.cell(*line, *area)));
        let mut found: Vec<Uuid> = cells.flatten().map(|s| s.organisation).collect();
        found.sort_unstable();
        prop_assert_eq!(found, ids.into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn a_move_is_a_new_standing_and_a_later_one_follows_it() {
    let mut later = standing(2, 10, None, Some(1));
    later.name = "renamed".into();
    let own = [standing(2, 0, Some(10), Some(1)), later];
    let moved = amended(&own, day(5), Amendment { line: Some((Some(id(3)), None)), ..Amendment::default() }).unwrap();
    let seen: Vec<_> = moved.iter().map(|s| (s.period.from, s.name.as_str(), s.line)).collect();
    let name = "organisation 2";
    assert_eq!(seen, [(day(0), name, Some(id(1))), (day(5), name, Some(id(3))), (day(10), "renamed", Some(id(3)))]);
    let back = amended(&moved, day(5), Amendment { line: Some((Some(id(1)), None)), ..Amendment::default() }).unwrap();
    assert_eq!(back, own);
    assert_eq!(amended(&own[..1], day(10), Amendment::default()).unwrap_err().code, "not_there_on_day");
}

#[test]
fn correcting_the_day_of_a_move_corrects_both_sides() {
    let own = [standing(2, 0, Some(10), Some(1)), standing(2, 10, None, Some(3))];
    let right = standing(2, 7, None, Some(3));
    let fixed = corrected(&own, day(10), right).unwrap();
    assert_eq!(fixed[0].period.until, Some(day(7)));
    let same = corrected(&own, day(10), standing(2, 10, None, Some(1))).unwrap();
    assert_eq!(same, [standing(2, 0, None, Some(1))]);
    assert_eq!(corrected(&own, day(3), standing(2, 3, None, None)).unwrap_err().code, "no_such_standing");
    assert_eq!(corrected(&own, day(0), standing(2, 0, None, None)).unwrap_err().code, "swallows_another");
}

#[test]
fn an_organisation_with_others_below_is_not_closed() {
    let mut history = founded();
    let ended = closed(history.of(id(1)), day(9)).unwrap();
    history.replace(id(1), ended);
    assert!(matches!(history.check(id(1)), Err(Fault::HasBelow(_, on)) if on == day(9)));
    let later = [standing(2, 0, Some(10), None), standing(2, 10, None, None)];
    assert_eq!(closed(&later, day(9)).unwrap_err().code, "later_change");
    assert_eq!(closed(&later[..1], day(10)).unwrap_err().code, "not_there_on_day");
}

#[test]
fn a_circle_of_a_later_day_is_found() {
    let mut history =
        History::new([standing(1, 0, None, None), standing(2, 0, Some(9), None), standing(2, 9, None, Some(1))]);
    let under =
        amended(history.of(id(1)), day(3), Amendment { line: Some((Some(id(2)), None)), ..Amendment::default() });
    history.replace(id(1), under.unwrap());
    assert_eq!(history.check(id(1)), Err(Fault::Circle(vec![id(1), id(2)], day(9))));
}

#[test]
fn a_form_tells_every_problem() {
    let form = StandingForm { kind: "club".into(), from: "soon".into(), ..StandingForm::default() };
    let problems = check_standing(&form, (id(1), Some(id(1)), place(0)), day(0)).unwrap_err();
    let codes: Vec<_> = problems.0.iter().map(|p| (p.field, p.code)).collect();
    assert_eq!(
        codes,
        [("name", "required"), ("kind", "unknown_choice"), ("line", "line_itself"), ("from", "bad_date")]
    );
}

#[test]
fn an_area_shows_its_system_and_what_is_missing() {
    let one =
        |n, kind, line: Option<u128>, place: Location| Standing { kind, location: place, ..standing(n, 0, None, line) };
    let (area, building) = (place(1), Location { place: id(0xE0), area: Some(place(1).place) });
    let unit =
        Standing { line_outside: Some("市教委".into()), ..one(6, OrganisationKind::PartyCommittee, None, building) };
    let structure = Structure::new(
        day(0),
        [
            one(1, OrganisationKind::PartyCommittee, None, place(0)),
            one(2, OrganisationKind::GeneralBranch, Some(1), area),
            one(3, OrganisationKind::Branch, Some(2), area),
            one(4, OrganisationKind::ResidentsCommittee, None, area),
            one(5, OrganisationKind::JointBranch, Some(1), building),
            unit,
            one(7, OrganisationKind::Enterprise, None, building),
            one(8, OrganisationKind::PropertyCompany, None, place(2)),
        ],
    );
    let system = AreaSystem::new(&structure, place(1).place);
    let ids = |all: &[&Standing]| all.iter().map(|s| s.organisation.as_u128()).collect::<Vec<_>>();
    assert_eq!(ids(system.of(SystemRole::Core)), [2]);
    assert_eq!(ids(system.of(SystemRole::MainBody)), [4]);
    assert_eq!(
        system.missing().collect::<Vec<_>>(),
        [SystemRole::Foundation, SystemRole::Support, SystemRole::Station, SystemRole::Props]
    );
    let sides: Vec<_> = system.party.iter().map(|(side, all)| (*side, ids(all))).collect();
    assert_eq!(
        sides,
        [(PartySide::Residential, vec![2, 3]), (PartySide::TwoNew, vec![5]), (PartySide::ResidentUnit, vec![6])]
    );
    assert_eq!(ids(&system.others), [7]);
    let matrix = Matrix::new(&structure);
    assert_eq!(
        matrix.lines,
        [
            Line::Top(id(1)),
            Line::Body(id(2)),
            Line::Alone(OrganisationKind::PartyCommittee),
            Line::Alone(OrganisationKind::ResidentsCommittee),
            Line::Alone(OrganisationKind::PropertyCompany),
            Line::Alone(OrganisationKind::Enterprise),
        ]
    );
}

#[test]
fn a_team_tells_which_part_is_not_filled() {
    let post = |n, kind| Post {
        id: id(n),
        code: None,
        organisation: id(2),
        kind,
        title: String::new(),
        seats: 1,
        term_months: None,
        period: Period::since(day(0)),
    };
    let posts = [post(1, PostKind::Secretary), post(3, PostKind::PoliceOfficer), post(4, PostKind::Staff)];
    let held = |n, post, until: Option<u32>| Appointment {
        id: id(n),
        post: id(post),
        person: id(100 + n),
        period: Period { from: day(0), until: until.map(day) },
        note: String::new(),
    };
    let held = [held(1, 1, None), held(2, 3, Some(5)), held(3, 4, None)];
    let team = Team::new(id(2), day(4), &posts, &held);
    let missing: Vec<_> = team.missing().collect();
    assert_eq!(missing, [TeamPart::PartyMassWorker, TeamPart::UnitRepresentative]);
    assert!(Team::new(id(2), day(5), &posts, &held).missing().any(|part| part == TeamPart::PoliceOfficer));
    assert_eq!(Team::new(id(9), day(4), &posts, &held).missing().count(), 4);
}
