//! Seats of councils and who speaks for them.

use chrono::NaiveDate;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Select,
};
use tongxin_core::council::seat::{Seat, Sitting};
use uuid::Uuid;

use super::holder;
use crate::{
    Result,
    community::structure::to_period,
    convert::{code, holds_on, number, optional_day, taken},
    entity::{seat, seat_sitting as sitting},
    parts::by_ids,
};

/// A seat with its council.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CouncilSeat {
    /// The council.
    pub council: Uuid,
    /// The seat.
    pub seat: Seat,
}

fn to_seat(m: &seat::Model) -> Result<Seat> {
    Ok(Seat {
        id: m.id,
        number: number(m.number)?,
        holder: holder(&m.holder_kind, m.holder_id)?,
        office: code(&m.office)?,
        period: to_period(&m.from_date, m.until_date.as_deref())?,
    })
}

fn to_council_seat(m: &seat::Model) -> Result<CouncilSeat> {
    Ok(CouncilSeat { council: m.council_id, seat: to_seat(m)? })
}

fn seat_row(community: Uuid, council: Uuid, s: &Seat) -> seat::Model {
    seat::Model {
        community_id: community,
        id: s.id,
        council_id: council,
        number: s.number.into(),
        holder_kind: s.holder.kind.code().to_owned(),
        holder_id: s.holder.member,
        office: s.office.code().to_owned(),
        from_date: s.period.from.to_string(),
        until_date: optional_day(s.period.until),
    }
}

fn to_sitting(m: &sitting::Model) -> Result<Sitting> {
    Ok(Sitting {
        id: m.id,
        seat: m.seat_id,
        person: m.person_id,
        role: code(&m.role)?,
        period: to_period(&m.from_date, m.until_date.as_deref())?,
    })
}

fn sitting_row(community: Uuid, council: Uuid, s: &Sitting) -> sitting::Model {
    sitting::Model {
        community_id: community,
        id: s.id,
        council_id: council,
        seat_id: s.seat,
        person_id: s.person,
        role: s.role.code().to_owned(),
        from_date: s.period.from.to_string(),
        until_date: optional_day(s.period.until),
    }
}

/// All seats that a council has or had, by number, each number's first first.
///
/// # Errors
/// The database's.
pub async fn seats(c: &impl ConnectionTrait, community: Uuid, council: Uuid) -> Result<Vec<Seat>> {
    let rows = seats_by_number(community).filter(seat::Column::CouncilId.eq(council)).all(c).await?;
    rows.iter().map(to_seat).collect()
}

fn seats_by_number(community: Uuid) -> Select<seat::Entity> {
    let query = seat::Entity::find().filter(seat::Column::CommunityId.eq(community));
    query.order_by_asc(seat::Column::Number).order_by_asc(seat::Column::FromDate)
}

/// The seats that are there on a day, of all of these councils.
///
/// # Errors
/// The database's.
pub async fn seats_on(
    c: &impl ConnectionTrait,
    community: Uuid,
    councils: &[Uuid],
    day: NaiveDate,
) -> Result<Vec<CouncilSeat>> {
    let query = seats_by_number(community).filter(holds_on(seat::Column::FromDate, seat::Column::UntilDate, day));
    by_ids(c, query, seat::Column::CouncilId, councils.iter().copied(), |row| to_council_seat(&row)).await
}

/// A seat with its council.
///
/// # Errors
/// The database's.
pub async fn seat(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<CouncilSeat>> {
    seat::Entity::find_by_id((community, id)).one(c).await?.as_ref().map(to_council_seat).transpose()
}

/// These seats with their councils, by number.
///
/// # Errors
/// The database's.
pub async fn many(
    c: &impl ConnectionTrait,
    community: Uuid,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<Vec<CouncilSeat>> {
    by_ids(c, seats_by_number(community), seat::Column::Id, ids, |row| to_council_seat(&row)).await
}

/// Adds seats of a council.
///
/// # Errors
/// [`crate::Error::Taken`] when a number is held on that day.
pub async fn insert_seats(c: &impl ConnectionTrait, community: Uuid, council: Uuid, new: &[Seat]) -> Result<()> {
    for chunk in new.chunks(200) {
        let rows = chunk.iter().map(|seat| seat_row(community, council, seat).into_active_model());
        seat::Entity::insert_many(rows).exec_without_returning(c).await.map_err(taken)?;
    }
    Ok(())
}

/// Stores a seat's changes.
///
/// # Errors
/// [`crate::Error::Taken`] when its number is held on that day.
pub async fn save_seat(c: &impl ConnectionTrait, community: Uuid, council: Uuid, changed: &Seat) -> Result<()> {
    let row = seat_row(community, council, changed).into_active_model().reset_all();
    seat::Entity::update(row).exec(c).await.map_err(taken)?;
    Ok(())
}

/// All sittings that a council has or had, the first first.
///
/// # Errors
/// The database's.
pub async fn sittings(c: &impl ConnectionTrait, community: Uuid, council: Uuid) -> Result<Vec<Sitting>> {
    let query = sittings_by_day(community).filter(sitting::Column::CouncilId.eq(council));
    query.all(c).await?.iter().map(to_sitting).collect()
}

fn sittings_by_day(community: Uuid) -> Select<sitting::Entity> {
    let query = sitting::Entity::find().filter(sitting::Column::CommunityId.eq(community));
    query.order_by_asc(sitting::Column::FromDate).order_by_asc(sitting::Column::Id)
}

/// What a person sits for on a day, in all councils; and the seats that it holds itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sits {
    /// The seats that it holds.
    pub seats: Vec<CouncilSeat>,
    /// The sittings, each with its council.
    pub sittings: Vec<(Uuid, Sitting)>,
}

/// What a person sits for and holds on a day.
///
/// # Errors
/// The database's.
pub async fn of_person(c: &impl ConnectionTrait, community: Uuid, person: Uuid, day: NaiveDate) -> Result<Sits> {
    let held = seats_by_number(community).filter(seat::Column::HolderId.eq(person)).filter(holds_on(
        seat::Column::FromDate,
        seat::Column::UntilDate,
        day,
    ));
    let sat = sittings_by_day(community).filter(sitting::Column::PersonId.eq(person)).filter(holds_on(
        sitting::Column::FromDate,
        sitting::Column::UntilDate,
        day,
    ));
    let seats = held.all(c).await?.iter().map(to_council_seat).collect::<Result<_>>()?;
    let sat = sat.all(c).await?;
    let sittings = sat.iter().map(|row| Ok((row.council_id, to_sitting(row)?))).collect::<Result<_>>()?;
    Ok(Sits { seats, sittings })
}

/// Adds sittings of a council's seats.
///
/// # Errors
/// [`crate::Error::Taken`] when a seat would have two representatives, or a person two seats of the council.
pub async fn insert_sittings(c: &impl ConnectionTrait, community: Uuid, council: Uuid, new: &[Sitting]) -> Result<()> {
    for chunk in new.chunks(200) {
        let rows = chunk.iter().map(|one| sitting_row(community, council, one).into_active_model());
        sitting::Entity::insert_many(rows).exec_without_returning(c).await.map_err(taken)?;
    }
    Ok(())
}

/// Stores a sitting's changes.
///
/// # Errors
/// As [`insert_sittings`].
pub async fn save_sitting(c: &impl ConnectionTrait, community: Uuid, council: Uuid, changed: &Sitting) -> Result<()> {
    let row = sitting_row(community, council, changed).into_active_model().reset_all();
    sitting::Entity::update(row).exec(c).await.map_err(taken)?;
    Ok(())
}

/// Takes a sitting back that was never in force.
///
/// # Errors
/// The database's.
pub async fn delete_sitting(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<()> {
    sitting::Entity::delete_by_id((community, id)).exec(c).await?;
    Ok(())
}
