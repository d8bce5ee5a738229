//! The duty by rotation (轮值, S22): who is on duty convenes the meetings and hosts the activities of its turn.
//!
//! **Fair** means: among the seats that are there all the time, none ever has more than one turn more than another; each round
//! keeps the order. A seat that joins begins with as many turns as the one that has fewest, so that it neither catches up
//! the past nor waits; one that leaves is left out. A swap exchanges two turns and leaves every sum as it is. The lot gives
//! each seat a place of its own from the seed, so that who joins or leaves moves nobody else's.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    REASON_MAX, TEXT_MAX,
    charter::{DutyOrder, DutyRule, DutyUnit},
    seat::Seat,
};
use crate::{
    invalid::{Problem, Problems},
    people::development::later,
    period::Period,
    text,
};

/// The most turns that are planned at once.
pub const TURNS_MAX: usize = 600;

/// A turn of a seat. Turns of a council don't overlap, so its first day names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The seat on duty.
    pub seat: Uuid,
    /// The first day.
    pub from: NaiveDate,
    /// The first day after.
    pub until: NaiveDate,
    /// What it handed over to the next.
    pub hand_over: Option<HandOver>,
}

impl Turn {
    /// Whether a day is in it.
    #[must_use]
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.from <= day && day < self.until
    }
}

/// What a turn leaves to the next (交接).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOver {
    /// What is to be known.
    pub text: String,
    /// Who wrote it.
    pub by: Uuid,
    /// When.
    pub on: NaiveDate,
}

/// Plans the turns from `start` until at least `until`, after those in `past`, which stay as they are. `seed` draws the lot,
/// for a charter that asks for one; it stays the same for as long as the order should.
///
/// # Errors
/// `duty_nobody` with the first day on which no seat is there; `duty_too_long` when there would be more than
/// [`TURNS_MAX`] turns.
pub fn plan(
    rule: &DutyRule,
    seats: &[Seat],
    past: &[Turn],
    (start, until): (NaiveDate, NaiveDate),
    seed: u64,
) -> Result<Vec<Turn>, Problem> {
    let mut past = past.to_vec();
    past.sort_by_key(|turn| turn.from);
    let mut from = past.last().map_or(start, |last| last.until.max(start));
    let mut counts = Counts::default();
    for turn in &past {
        counts.join(seats, turn.from);
        counts.serve(turn.seat);
    }
    let places = places(rule.order, seats, seed);
    let mut turns = Vec::new();
    let mut number = 1;
    while from < until {
        // Counted from the start, so that a turn that begins on the 31st does not drift to the 28th for good.
        let mut end = boundary(rule, start, number);
        while end <= from {
            number += 1;
            end = boundary(rule, start, number);
        }
        if turns.len() >= TURNS_MAX || end == NaiveDate::MAX {
            return Err(Problem::new("until", "duty_too_long").with("max", TURNS_MAX));
        }
        counts.join(seats, from);
        let whole = Period { from, until: Some(end) };
        let there = |seat: &&Seat| seat.period.contains(from);
        let all_of_it = |seat: &&Seat| whole.within(&seat.period);
        let least = |seat: &&Seat| (counts.of(seat.id), places.get(&seat.id).copied());
        let next = seats.iter().filter(all_of_it).min_by_key(least);
        let Some(next) = next.or_else(|| seats.iter().filter(there).min_by_key(least)) else {
            return Err(Problem::new("from", "duty_nobody").with("day", from));
        };
        counts.serve(next.id);
        turns.push(Turn { seat: next.id, from, until: end, hand_over: None });
        from = end;
    }
    Ok(turns)
}

fn boundary(rule: &DutyRule, start: NaiveDate, number: u32) -> NaiveDate {
    let length = rule.length.max(1).saturating_mul(number);
    match rule.unit {
        DutyUnit::Days => start.checked_add_days(Days::new(length.into())).unwrap_or(NaiveDate::MAX),
        DutyUnit::Months => later(start, length),
    }
}

/// The place of each seat in a round.
fn places(order: DutyOrder, seats: &[Seat], seed: u64) -> BTreeMap<Uuid, ([u8; 32], u32)> {
    let place = |seat: &Seat| match order {
        DutyOrder::Listed => [0; 32],
        DutyOrder::Drawn => {
            let drawn = Sha256::new().chain_update(seed.to_be_bytes()).chain_update(seat.id.as_bytes());
            drawn.finalize().into()
        }
    };
    seats.iter().map(|seat| (seat.id, (place(seat), seat.number))).collect()
}

/// How many turns each seat has had, as if who joined later had been there with the fewest.
#[derive(Default)]
struct Counts(BTreeMap<Uuid, u64>);

impl Counts {
    /// Seats that are there on a day and have no count yet begin with the fewest of those who are there.
    fn join(&mut self, seats: &[Seat], day: NaiveDate) {
        let there = || seats.iter().filter(|seat| seat.period.contains(day)).map(|seat| seat.id);
        let fewest = there().filter_map(|seat| self.0.get(&seat).copied()).min().unwrap_or(0);
        for seat in there() {
            self.0.entry(seat).or_insert(fewest);
        }
    }

    fn serve(&mut self, seat: Uuid) {
        *self.0.entry(seat).or_default() += 1;
    }

    fn of(&self, seat: Uuid) -> u64 {
        self.0.get(&seat).copied().unwrap_or(0)
    }
}

/// The turns that have begun before a day: what stays when the rest is planned anew.
#[must_use]
pub fn begun(turns: &[Turn], day: NaiveDate) -> Vec<Turn> {
    turns.iter().filter(|turn| turn.from < day).cloned().collect()
}

/// The turn of a day.
#[must_use]
pub fn on_duty(turns: &[Turn], day: NaiveDate) -> Option<&Turn> {
    turns.iter().find(|turn| turn.contains(day))
}

/// The turns of which their seats are to be reminded on a day: those that begin within the charter's days.
#[must_use]
pub fn reminders<'a>(rule: &DutyRule, turns: &'a [Turn], today: NaiveDate) -> Vec<&'a Turn> {
    let until = today.checked_add_days(Days::new(rule.remind_days.into())).unwrap_or(NaiveDate::MAX);
    turns.iter().filter(|turn| today < turn.from && turn.from <= until).collect()
}

coded! {
    /// How far a swap of two turns is.
    SwapState {
        /// Asked for.
        Asked => "asked",
        /// Both agreed: the turns are exchanged.
        Agreed => "agreed",
        /// The other refused.
        Refused => "refused",
        /// Who asked took it back.
        Withdrawn => "withdrawn",
    }
}

/// A swap that one seat asks another for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swap {
    /// Its identifier.
    pub id: Uuid,
    /// Who asks.
    pub asks: Uuid,
    /// The first day of its turn.
    pub own: NaiveDate,
    /// Who is asked.
    pub asked: Uuid,
    /// The first day of the other's turn.
    pub other: NaiveDate,
    /// Why; may be empty.
    pub note: String,
    /// How far it is.
    pub state: SwapState,
}

impl Swap {
    /// Asks for a swap of the turns that begin on the days `own` and `other`. `open` are the swaps of the council.
    ///
    /// # Errors
    /// `duty_no_swaps`; `duty_no_such_turn`; `duty_turn_begun`; `duty_own_turn` for two turns of one seat; `duty_not_yours`;
    /// `duty_swap_open` when one of the turns is asked for already; `too_long`.
    pub fn ask(
        rule: &DutyRule,
        turns: &[Turn],
        open: &[Self],
        (id, asks, note): (Uuid, Uuid, &str),
        (own, other): (NaiveDate, NaiveDate),
        today: NaiveDate,
    ) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        problems.require(rule.swaps, || Problem::new("own", "duty_no_swaps"));
        let note = problems.take(text::lines("note", note, REASON_MAX));
        let mut turn = |field, day| {
            let found = turns.iter().find(|turn| turn.from == day);
            problems.require(found.is_some(), || Problem::new(field, "duty_no_such_turn"));
            problems.require(day > today, || Problem::new(field, "duty_turn_begun"));
            let taken =
                open.iter().any(|swap| swap.state == SwapState::Asked && (swap.own == day || swap.other == day));
            problems.require(!taken, || Problem::new(field, "duty_swap_open"));
            found
        };
        let (mine, theirs) = (turn("own", own), turn("other", other));
        let asked = theirs.map(|turn| turn.seat);
        problems.require(mine.is_none_or(|turn| turn.seat == asks), || Problem::new("own", "duty_not_yours"));
        problems.require(asked != Some(asks), || Problem::new("other", "duty_own_turn"));
        let swap = asked.zip(note);
        problems.finish(swap.map(|(asked, note)| Self { id, asks, own, asked, other, note, state: SwapState::Asked }))
    }

    /// The one who is asked agrees: gives the turns as they are then.
    ///
    /// # Errors
    /// `duty_swap_decided`; `duty_not_yours`; `duty_turn_begun`; `duty_turns_changed` when one of the turns is another's by
    /// now; `duty_seat_gone` when a seat ends before its new turn does.
    pub fn agree(&mut self, by: Uuid, turns: &[Turn], seats: &[Seat], today: NaiveDate) -> Result<Vec<Turn>, Problem> {
        self.decide(by, self.asked)?;
        if self.own <= today || self.other <= today {
            return Err(Problem::new("own", "duty_turn_begun"));
        }
        let mut changed = turns.to_vec();
        for (day, before, after) in [(self.own, self.asks, self.asked), (self.other, self.asked, self.asks)] {
            let turn = changed.iter_mut().find(|turn| turn.from == day && turn.seat == before);
            let turn = turn.ok_or_else(|| Problem::new("own", "duty_turns_changed"))?;
            let whole = Period { from: turn.from, until: Some(turn.until) };
            if !seats.iter().any(|seat| seat.id == after && whole.within(&seat.period)) {
                return Err(Problem::new("own", "duty_seat_gone").with("day", turn.from));
            }
            turn.seat = after;
        }
        self.state = SwapState::Agreed;
        Ok(changed)
    }

    /// The one who is asked refuses.
    ///
    /// # Errors
    /// `duty_swap_decided`, `duty_not_yours`.
    pub fn refuse(&mut self, by: Uuid) -> Result<(), Problem> {
        self.decide(by, self.asked)?;
        self.state = SwapState::Refused;
        Ok(())
    }

    /// Who asked takes it back.
    ///
    /// # Errors
    /// `duty_swap_decided`, `duty_not_yours`.
    pub fn withdraw(&mut self, by: Uuid) -> Result<(), Problem> {
        self.decide(by, self.asks)?;
        self.state = SwapState::Withdrawn;
        Ok(())
    }

    fn decide(&self, by: Uuid, whose: Uuid) -> Result<(), Problem> {
        if self.state != SwapState::Asked {
            return Err(Problem::new("state", "duty_swap_decided"));
        }
        if by == whose { Ok(()) } else { Err(Problem::new("state", "duty_not_yours")) }
    }
}

impl Turn {
    /// Leaves a note to the next, or another one. `seat` is the one that writes.
    ///
    /// # Errors
    /// `duty_not_yours`; `duty_not_begun`; `required`; `too_long`.
    pub fn hand_over(&mut self, seat: Uuid, by: Uuid, note: &str, today: NaiveDate) -> Result<(), Problems> {
        let mut problems = Problems::default();
        problems.require(seat == self.seat, || Problem::new("text", "duty_not_yours"));
        problems.require(self.from <= today, || Problem::new("text", "duty_not_begun").with("day", self.from));
        let text = problems.take(text::lines("text", note, TEXT_MAX));
        problems.require(text.as_ref().is_none_or(|text| !text.is_empty()), || Problem::new("text", "required"));
        self.hand_over = problems.finish(text.map(|text| Some(HandOver { text, by, on: today })))?;
        Ok(())
    }
}
