//! Seats of a council and who speaks for them. A seat has one vote, whatever its representative and substitutes do.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Holder, Office, charter::SeatRule};
use crate::{
    community::post::rules::overfull,
    invalid::{Problem, Problems},
    people::MemberKind,
    period::Period,
};

/// A seat that a member holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// Its identifier.
    pub id: Uuid,
    /// Its place in the list, from 1.
    pub number: u32,
    /// Who holds it.
    pub holder: Holder,
    /// The office that goes with it.
    pub office: Office,
    /// The days.
    pub period: Period,
}

coded! {
    /// How a person speaks for a seat.
    SeatRole {
        /// 代表.
        Representative => "representative",
        /// 替补: when the representative does not come.
        Substitute => "substitute",
    }
}

/// A person who speaks for a seat, for some days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sitting {
    /// Its identifier.
    pub id: Uuid,
    /// The seat.
    pub seat: Uuid,
    /// The person.
    pub person: Uuid,
    /// As what.
    pub role: SeatRole,
    /// The days.
    pub period: Period,
}

/// Checks a new seat; `others` are the other seats of the council.
///
/// # Errors
/// `seat_not_for_kind`, `seat_member_full` and `seat_council_full` with `max` and `day`, `seat_number_taken`.
pub fn check_seat(rule: &SeatRule, others: &[Seat], new: &Seat) -> Result<(), Problems> {
    let mut problems = Problems::default();
    let per_member = match new.holder.kind {
        MemberKind::Organisation => rule.per_organisation,
        MemberKind::Person => rule.per_person,
    };
    let with = |same: &dyn Fn(&Seat) -> bool| -> Vec<Period> {
        others.iter().filter(|seat| same(seat)).chain([new]).map(|seat| seat.period).collect()
    };
    if per_member == 0 {
        problems.0.push(Problem::new("holder", "seat_not_for_kind"));
    } else if let Some(day) = overfull(per_member, &with(&|seat| seat.holder == new.holder)) {
        problems.0.push(Problem::new("holder", "seat_member_full").with("max", per_member).with("day", day));
    }
    if let Some((most, day)) = rule.most.and_then(|most| Some((most, overfull(most, &with(&|_| true))?))) {
        problems.0.push(Problem::new("from", "seat_council_full").with("max", most).with("day", day));
    }
    let taken = others.iter().any(|seat| seat.number == new.number && seat.period.overlaps(&new.period));
    problems.require(!taken, || Problem::new("number", "seat_number_taken"));
    problems.finish(Some(()))
}

/// Checks who is to speak for a seat; `others` are all other sittings of the council.
///
/// # Errors
/// `seat_outside`; `seat_represented` when it has another representative; `seat_substitutes_full`; `seat_holder_sits` when
/// a person who holds the seat is to be represented by another; `seat_sits_already` when the person speaks for this or
/// another seat at that time.
pub fn check_sitting(rule: &SeatRule, seat: &Seat, others: &[Sitting], new: &Sitting) -> Result<(), Problems> {
    let mut problems = Problems::default();
    problems.require(new.period.within(&seat.period), || {
        let until = seat.period.until.map(|day| day.to_string()).unwrap_or_default();
        Problem::new("from", "seat_outside").with("from", seat.period.from).with("until", until)
    });
    let at_once = |sitting: &&Sitting| sitting.period.overlaps(&new.period);
    let same: Vec<&Sitting> = others.iter().filter(at_once).filter(|sitting| sitting.seat == new.seat).collect();
    match new.role {
        SeatRole::Representative => {
            let own = seat.holder.kind == MemberKind::Organisation || seat.holder.member == new.person;
            problems.require(own, || Problem::new("person", "seat_holder_sits"));
            let other = same.iter().find(|sitting| sitting.role == SeatRole::Representative);
            problems.require(other.is_none(), || {
                let day = other.map(|other| other.period.from.to_string()).unwrap_or_default();
                Problem::new("from", "seat_represented").with("day", day)
            });
        }
        SeatRole::Substitute => {
            let substitutes = same.iter().filter(|sitting| sitting.role == SeatRole::Substitute);
            let periods: Vec<Period> = substitutes.map(|sitting| sitting.period).chain([new.period]).collect();
            problems.require(overfull(rule.substitutes, &periods).is_none(), || {
                Problem::new("role", "seat_substitutes_full").with("max", rule.substitutes)
            });
        }
    }
    let sits = others.iter().any(|sitting| sitting.person == new.person && at_once(&sitting));
    problems.require(!sits, || Problem::new("person", "seat_sits_already"));
    problems.finish(Some(()))
}

/// Who speaks for a seat on a day: the representative first, then the substitutes in the order of their beginning. A
/// person who holds a seat without anybody being named speaks for it.
#[must_use]
pub fn speakers(seat: &Seat, sittings: &[Sitting], day: NaiveDate) -> Vec<(Uuid, SeatRole)> {
    if !seat.period.contains(day) {
        return Vec::new();
    }
    let mut named: Vec<&Sitting> =
        sittings.iter().filter(|sitting| sitting.seat == seat.id && sitting.period.contains(day)).collect();
    named.sort_by_key(|sitting| (sitting.role, sitting.period.from, sitting.id));
    let mut speakers: Vec<_> = named.iter().map(|sitting| (sitting.person, sitting.role)).collect();
    let represented = speakers.first().is_some_and(|(_, role)| *role == SeatRole::Representative);
    if !represented && seat.holder.kind == MemberKind::Person {
        speakers.insert(0, (seat.holder.member, SeatRole::Representative));
    }
    speakers
}

/// As what a person may speak for a seat on a day; `None` when it may not.
#[must_use]
pub fn speaks_for(seat: &Seat, sittings: &[Sitting], person: Uuid, day: NaiveDate) -> Option<SeatRole> {
    speakers(seat, sittings, day).into_iter().find(|(speaker, _)| *speaker == person).map(|(_, role)| role)
}

/// The seats that a person may speak for on a day.
#[must_use]
pub fn seats_of<'a>(seats: &'a [Seat], sittings: &[Sitting], person: Uuid, day: NaiveDate) -> Vec<&'a Seat> {
    seats.iter().filter(|seat| speaks_for(seat, sittings, person, day).is_some()).collect()
}

/// The days of a term of `months` from a day on.
#[must_use]
pub fn term(from: NaiveDate, months: Option<u32>) -> Period {
    let until = months.map(|months| crate::people::development::later(from, months));
    Period { from, until }
}
