//! Councils: seats, who speaks for them, and the duty rota.

#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

#[path = "support/given.rs"]
mod given;

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use given::{codes, date, day, id};
use proptest::prelude::*;
use tongxin_core::{
    council::{
        Holder, Office,
        charter::{DutyOrder, DutyRule, DutyUnit, SeatRule},
        duty::{Swap, SwapState, Turn, begun, on_duty, plan, reminders},
        seat::{Seat, SeatRole, Sitting, check_seat, check_sitting, speakers, speaks_for, term},
    },
    people::MemberKind,
    period::Period,
};
use uuid::Uuid;

// Seats.

fn organisation(n: u128) -> Holder {
    Holder { kind: MemberKind::Organisation, member: id(n) }
}

fn person(n: u128) -> Holder {
    Holder { kind: MemberKind::Person, member: id(n) }
}

fn seat(n: u32, holder: Holder, period: Period) -> Seat {
    Seat { id: id(100 + u128::from(n)), number: n, holder, office: Office::Member, period }
}

fn sitting(n: u128, seat: &Seat, person: u128, role: SeatRole, period: Period) -> Sitting {
    Sitting { id: id(1_000 + n), seat: seat.id, person: id(person), role, period }
}

fn periods() -> impl Strategy<Value = Period> {
    (0_u32..30, prop::option::of(1_u32..20))
        .prop_map(|(from, length)| Period { from: day(from), until: length.map(|n| day(from + n)) })
}

fn seats_rule() -> SeatRule {
    SeatRule { per_organisation: 1, per_person: 1, least: 1, most: Some(4), substitutes: 2 }
}

proptest! {
    /// Whatever is asked for in whatever order: what is let through keeps every limit on every day.
    #[test]
    fn seats_and_sittings_keep_the_charter(
        seats_asked in prop::collection::vec((1_u32..6, 1_u128..4, any::<bool>(), periods()), 0..8),
        sittings_asked in prop::collection::vec((0_usize..4, 1_u128..6, any::<bool>(), periods()), 0..14),
    ) {
        let rule = seats_rule();
        let mut seats: Vec<Seat> = Vec::new();
        for (at, (number, member, own, days)) in seats_asked.into_iter().enumerate() {
            let holder = if own { person(member) } else { organisation(member) };
            let new = Seat { id: id(500 + at as u128), ..seat(number, holder, days) };
            if check_seat(&rule, &seats, &new).is_ok() {
                seats.push(new);
            }
        }
        let mut sittings: Vec<Sitting> = Vec::new();
        for (at, (which, who, represents, days)) in sittings_asked.into_iter().enumerate() {
            let Some(seat) = seats.get(which) else { continue };
            let role = if represents { SeatRole::Representative } else { SeatRole::Substitute };
            let new = sitting(at as u128, seat, who, role, days);
            if check_sitting(&rule, seat, &sittings, &new).is_ok() {
                sittings.push(new);
            }
        }
        for n in 0..60 {
            let today: Vec<&Seat> = seats.iter().filter(|seat| seat.period.contains(day(n))).collect();
            prop_assert!(today.len() <= 4);
            let mut numbers: Vec<u32> = today.iter().map(|seat| seat.number).collect();
            numbers.sort_unstable();
            numbers.dedup();
            prop_assert_eq!(numbers.len(), today.len());
            let mut named: Vec<Uuid> = Vec::new();
            for seat in &seats {
                let speaking = speakers(seat, &sittings, day(n));
                if !seat.period.contains(day(n)) {
                    prop_assert!(speaking.is_empty());
                }
                let represent = speaking.iter().filter(|(_, role)| *role == SeatRole::Representative).count();
                prop_assert!(represent <= 1 && speaking.len() - represent <= 2);
                for (who, _) in &speaking {
                    prop_assert!(speaks_for(seat, &sittings, *who, day(n)).is_some());
                }
            }
            for sitting in sittings.iter().filter(|sitting| sitting.period.contains(day(n))) {
                prop_assert!(!named.contains(&sitting.person), "nobody speaks for two seats");
                named.push(sitting.person);
            }
        }
    }
}

#[test]
fn a_person_who_holds_a_seat_speaks_for_it() {
    let own = seat(1, person(9), Period::since(day(0)));
    assert_eq!(speakers(&own, &[], day(3)), [(id(9), SeatRole::Representative)]);
    let another = sitting(1, &own, 8, SeatRole::Representative, Period::since(day(0)));
    assert_eq!(codes(check_sitting(&seats_rule(), &own, &[], &another)), [("person", "seat_holder_sits")]);
    let substitute = sitting(1, &own, 8, SeatRole::Substitute, Period::since(day(0)));
    assert_eq!(check_sitting(&seats_rule(), &own, &[], &substitute), Ok(()));
    assert_eq!(speaks_for(&own, &[substitute], id(8), day(3)), Some(SeatRole::Substitute));
    let none = SeatRule { per_person: 0, ..seats_rule() };
    assert_eq!(codes(check_seat(&none, &[], &own)), [("holder", "seat_not_for_kind")]);
    assert_eq!(term(date("2026-01-31"), Some(1)).until, Some(date("2026-02-28")));
}

// The duty rota.

fn duty(unit: DutyUnit, length: u32, order: DutyOrder) -> DutyRule {
    DutyRule { length, unit, order, swaps: true, remind_days: 14 }
}

fn turns_of(turns: &[Turn]) -> BTreeMap<Uuid, usize> {
    let mut counts = BTreeMap::new();
    for turn in turns {
        *counts.entry(turn.seat).or_default() += 1;
    }
    counts
}

fn orders() -> impl Strategy<Value = DutyOrder> {
    prop::sample::select(DutyOrder::ALL)
}

proptest! {
    #[test]
    fn the_duty_is_fair_and_keeps_its_order(count in 1_u32..9, days in 1_u32..400, length in 1_u32..9, order in orders(), seed: u64) {
        let seats: Vec<Seat> = (1..=count).map(|n| seat(n, organisation(u128::from(n)), Period::since(day(0)))).collect();
        let rule = duty(DutyUnit::Days, length, order);
        let turns = plan(&rule, &seats, &[], (day(0), day(days)), seed).unwrap();
        prop_assert_eq!(turns[0].from, day(0));
        prop_assert!(turns.windows(2).all(|two| two[0].until == two[1].from));
        prop_assert!(turns.last().unwrap().until >= day(days));
        // At every moment nobody has had more than one turn more than another, and each round is as the one before.
        for end in 0..=turns.len() {
            let counts = turns_of(&turns[..end]);
            let of = |seat: &Seat| counts.get(&seat.id).copied().unwrap_or(0);
            let most = seats.iter().map(of).max().unwrap();
            prop_assert!(most - seats.iter().map(of).min().unwrap() <= 1);
        }
        for (at, turn) in turns.iter().enumerate().skip(seats.len()) {
            prop_assert_eq!(turn.seat, turns[at - seats.len()].seat);
        }
        if order == DutyOrder::Listed {
            let first: Vec<u128> = turns.iter().take(seats.len()).map(|turn| turn.seat.as_u128()).collect();
            prop_assert!(first.is_sorted());
        }
        // Every day has one seat on duty.
        for n in 0..days {
            prop_assert_eq!(turns.iter().filter(|turn| turn.contains(day(n))).count(), 1);
            prop_assert!(on_duty(&turns, day(n)).is_some());
        }
        // The list may come in any order.
        let mut turned = seats.clone();
        turned.reverse();
        prop_assert_eq!(plan(&rule, &turned, &[], (day(0), day(days)), seed).unwrap(), turns);
    }

    #[test]
    fn who_joins_or_leaves_leaves_the_duty_fair(
        stay in 2_u32..6,
        joins in prop::collection::vec(1_u32..200, 0..3),
        leaves in prop::collection::vec(1_u32..200, 0..3),
        order in orders(),
        seed: u64,
    ) {
        let mut seats: Vec<Seat> = (1..=stay).map(|n| seat(n, organisation(u128::from(n)), Period::since(day(0)))).collect();
        for (at, from) in joins.iter().enumerate() {
            let n = 50 + u32::try_from(at).unwrap();
            seats.push(seat(n, organisation(u128::from(n)), Period::since(day(*from))));
        }
        for (at, until) in leaves.iter().enumerate() {
            let n = 60 + u32::try_from(at).unwrap();
            seats.push(seat(n, organisation(u128::from(n)), Period { from: day(0), until: Some(day(*until)) }));
        }
        let rule = duty(DutyUnit::Days, 5, order);
        let whole = plan(&rule, &seats, &[], (day(0), day(400)), seed).unwrap();
        for turn in &whole {
            let seat = seats.iter().find(|seat| seat.id == turn.seat).unwrap();
            prop_assert!(seat.period.contains(turn.from));
        }
        // Those who are there all the time.
        let counts = turns_of(&whole);
        let there: Vec<usize> = seats[..stay as usize].iter().map(|seat| counts.get(&seat.id).copied().unwrap_or(0)).collect();
        prop_assert!(there.iter().max().unwrap() - there.iter().min().unwrap() <= 1, "{there:?}");
        // Once everybody is there, each has its share, who joined too.
        let settled: Vec<Turn> = whole.iter().filter(|turn| turn.from >= day(200)).cloned().collect();
        let counts = turns_of(&settled);
        let all: Vec<usize> = seats.iter().filter(|seat| seat.period.until.is_none())
            .map(|seat| counts.get(&seat.id).copied().unwrap_or(0)).collect();
        prop_assert!(all.iter().max().unwrap() - all.iter().min().unwrap() <= 2, "{all:?}");
        // Planning on from any day gives the same.
        for n in [3, 77, 123] {
            let past = begun(&whole, day(n));
            let on = plan(&rule, &seats, &past, (day(0), day(400)), seed).unwrap();
            prop_assert_eq!([past, on].concat(), whole.clone());
        }
    }

    #[test]
    fn swaps_change_nobodys_sum(seed: u64, asked in prop::collection::vec((0_usize..12, 0_usize..12), 1..6)) {
        let seats: Vec<Seat> = (1..=5).map(|n| seat(n, organisation(u128::from(n)), Period::since(day(0)))).collect();
        let rule = duty(DutyUnit::Months, 1, DutyOrder::Drawn);
        let mut turns = plan(&rule, &seats, &[], (day(10), day(400)), seed).unwrap();
        let before = turns_of(&turns);
        for (n, (own, other)) in asked.into_iter().enumerate() {
            let (own, other) = (turns[own].clone(), turns[other].clone());
            let asking = (id(n as u128), own.seat, "");
            let Ok(mut swap) = Swap::ask(&rule, &turns, &[], asking, (own.from, other.from), day(0)) else {
                prop_assert_eq!(own.seat, other.seat);
                continue;
            };
            turns = swap.agree(other.seat, &turns, &seats, day(1)).unwrap();
            prop_assert_eq!(swap.state, SwapState::Agreed);
            prop_assert_eq!(swap.agree(other.seat, &turns, &seats, day(1)).unwrap_err().code, "duty_swap_decided");
        }
        prop_assert_eq!(turns_of(&turns), before);
    }
}

#[test]
fn months_do_not_drift_and_reminders_come_in_time() {
    let seats: Vec<Seat> =
        (1..=3).map(|n| seat(n, organisation(u128::from(n)), Period::since(date("2026-01-01")))).collect();
    let rule = duty(DutyUnit::Months, 1, DutyOrder::Listed);
    let turns = plan(&rule, &seats, &[], (date("2026-01-31"), date("2026-06-30")), 0).unwrap();
    let from: Vec<String> = turns.iter().map(|turn| turn.from.to_string()).collect();
    assert_eq!(from, ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]);
    let due = |text: &str| reminders(&rule, &turns, date(text)).iter().map(|turn| turn.seat).collect::<Vec<_>>();
    assert!(due("2026-03-16").is_empty());
    assert_eq!(due("2026-03-17"), [id(103)]);
    assert_eq!(due("2026-03-30"), [id(103)]);
    assert!(due("2026-03-31").is_empty());
}

#[test]
fn a_rota_without_anybody_is_told() {
    let gone = [seat(1, organisation(1), Period { from: day(0), until: Some(day(12)) })];
    let rule = duty(DutyUnit::Days, 5, DutyOrder::Listed);
    let problem = plan(&rule, &gone, &[], (day(0), day(40)), 0).unwrap_err();
    assert_eq!((problem.code, problem.args), ("duty_nobody", vec![("day", day(15).to_string())]));
    let endless = plan(&rule, &gone, &[], (day(0), NaiveDate::MAX), 0).unwrap_err();
    assert_eq!(endless.code, "duty_nobody");
    let always = [seat(1, organisation(1), Period::since(day(0)))];
    assert_eq!(plan(&rule, &always, &[], (day(0), NaiveDate::MAX), 0).unwrap_err().code, "duty_too_long");
}

#[test]
fn a_swap_is_asked_and_answered_by_those_whose_turns_they_are() {
    let seats: Vec<Seat> = (1..=3).map(|n| seat(n, organisation(u128::from(n)), Period::since(day(0)))).collect();
    let rule = duty(DutyUnit::Days, 10, DutyOrder::Listed);
    let turns = plan(&rule, &seats, &[], (day(0), day(60)), 0).unwrap();
    let ask = |rule: &DutyRule, open: &[Swap], asks: u128, own, other, today| {
        Swap::ask(rule, &turns, open, (id(1), id(asks), "出差"), (day(own), day(other)), day(today))
    };
    let first = ask(&rule, &[], 101, 30, 40, 5).unwrap();
    assert_eq!((first.asked, first.state), (id(102), SwapState::Asked));
    let text = serde_json::to_string(&first).unwrap();
    assert_eq!(serde_json::from_str::<Swap>(&text).unwrap(), first);
    let without = DutyRule { swaps: false, ..rule.clone() };
    assert_eq!(codes(ask(&without, &[], 101, 30, 40, 5)), [("own", "duty_no_swaps")]);
    assert_eq!(codes(ask(&rule, &[], 101, 30, 41, 5)), [("other", "duty_no_such_turn")]);
    assert_eq!(codes(ask(&rule, &[], 101, 0, 40, 5)), [("own", "duty_turn_begun")]);
    assert_eq!(codes(ask(&rule, &[], 102, 30, 50, 5)), [("own", "duty_not_yours")]);
    assert_eq!(codes(ask(&rule, std::slice::from_ref(&first), 103, 50, 40, 5)), [("other", "duty_swap_open")]);

    let mut swap = first.clone();
    assert_eq!(swap.agree(id(101), &turns, &seats, day(6)).unwrap_err().code, "duty_not_yours");
    assert_eq!(swap.agree(id(102), &turns, &seats, day(30)).unwrap_err().code, "duty_turn_begun");
    let mut leaving = seats.clone();
    leaving[0].period.until = Some(day(45));
    assert_eq!(swap.agree(id(102), &turns, &leaving, day(6)).unwrap_err().code, "duty_seat_gone");
    let mut changed = turns.clone();
    changed[3].seat = id(103);
    assert_eq!(swap.agree(id(102), &changed, &seats, day(6)).unwrap_err().code, "duty_turns_changed");
    let agreed = swap.agree(id(102), &turns, &seats, day(6)).unwrap();
    assert_eq!((agreed[3].seat, agreed[4].seat), (id(102), id(101)));
    let mut refused = first.clone();
    assert!(refused.refuse(id(102)).is_ok() && refused.withdraw(id(101)).is_err());
    let mut withdrawn = first;
    assert_eq!(withdrawn.withdraw(id(102)).unwrap_err().code, "duty_not_yours");
    assert!(withdrawn.withdraw(id(101)).is_ok() && withdrawn.state == SwapState::Withdrawn);
}

#[test]
fn a_turn_leaves_a_note_to_the_next() {
    let mut turn = Turn { seat: id(1), from: day(10), until: day(20), hand_over: None };
    assert_eq!(
        codes(turn.hand_over(id(2), id(9), "", day(9))),
        [("text", "duty_not_yours"), ("text", "duty_not_begun"), ("text", "required")]
    );
    turn.hand_over(id(1), id(9), "钥匙在物业", day(20)).unwrap();
    assert_eq!(turn.hand_over.unwrap().on, day(10).checked_add_days(Days::new(10)).unwrap());
}
