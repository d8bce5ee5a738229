//! The duty rota of councils: turns and swaps.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};
use tongxin_core::council::duty::{HandOver, Swap, SwapState, Turn};
use uuid::Uuid;

use crate::{
    Error, Result,
    convert::{code, date, millis},
    entity::{duty_swap as swap, duty_turn as turn},
    parts::{by_ids, save_parts},
};

fn to_turn(m: &turn::Model) -> Result<Turn> {
    let hand_over = match (&m.hand_over, m.hand_over_by, &m.hand_over_on) {
        (Some(text), Some(by), Some(on)) => Some(HandOver { text: text.clone(), by, on: date(on)? }),
        (None, None, None) => None,
        _ => return Err(Error::Value(format!("hand-over of {} {}", m.council_id, m.from_date))),
    };
    Ok(Turn { seat: m.seat_id, from: date(&m.from_date)?, until: date(&m.until_date)?, hand_over })
}

fn turn_row(community: Uuid, council: Uuid, t: &Turn, reminded_at: Option<i64>) -> turn::Model {
    turn::Model {
        community_id: community,
        council_id: council,
        from_date: t.from.to_string(),
        until_date: t.until.to_string(),
        seat_id: t.seat,
        hand_over: t.hand_over.as_ref().map(|note| note.text.clone()),
        hand_over_by: t.hand_over.as_ref().map(|note| note.by),
        hand_over_on: t.hand_over.as_ref().map(|note| note.on.to_string()),
        reminded_at,
    }
}

async fn rows(c: &impl ConnectionTrait, community: Uuid, council: Uuid) -> Result<Vec<turn::Model>> {
    let query = turn::Entity::find().filter(turn::Column::CommunityId.eq(community));
    let query = query.filter(turn::Column::CouncilId.eq(council)).order_by_asc(turn::Column::FromDate);
    Ok(query.all(c).await?)
}

/// All turns of a council, the first first.
///
/// # Errors
/// The database's.
pub async fn turns(c: &impl ConnectionTrait, community: Uuid, council: Uuid) -> Result<Vec<Turn>> {
    rows(c, community, council).await?.iter().map(to_turn).collect()
}

/// The turns of these councils that last on a day, each with its council.
///
/// # Errors
/// The database's.
pub async fn turns_on(
    c: &impl ConnectionTrait,
    community: Uuid,
    councils: &[Uuid],
    day: NaiveDate,
) -> Result<Vec<(Uuid, Turn)>> {
    let query = turn::Entity::find()
        .filter(turn::Column::CommunityId.eq(community))
        .filter(turn::Column::FromDate.lte(day.to_string()))
        .filter(turn::Column::UntilDate.gt(day.to_string()));
    let councils = councils.iter().copied();
    by_ids(c, query, turn::Column::CouncilId, councils, |row| Ok((row.council_id, to_turn(&row)?))).await
}

/// Stores the turns of a council: they are all that it has then. A turn that another seat has by now is to be reminded of
/// anew.
///
/// # Errors
/// [`Error::Taken`] when two turns end on one day.
pub async fn save_turns(c: &impl ConnectionTrait, community: Uuid, council: Uuid, all: &[Turn]) -> Result<()> {
    let before = rows(c, community, council).await?;
    let after = all.iter().map(|turn| {
        let from = turn.from.to_string();
        let old = before.iter().find(|old| old.from_date == from && old.seat_id == turn.seat);
        turn_row(community, council, turn, old.and_then(|old| old.reminded_at))
    });
    let after = after.collect();
    save_parts::<turn::Entity, _>(c, before, after, |row| row.from_date.clone()).await
}

/// The turns of all councils that begin after `after` and no later than `until` and of which nobody was reminded, each with
/// its council.
///
/// # Errors
/// The database's.
pub async fn unreminded(
    c: &impl ConnectionTrait,
    community: Uuid,
    (after, until): (NaiveDate, NaiveDate),
    limit: u64,
) -> Result<Vec<(Uuid, Turn)>> {
    let query = turn::Entity::find()
        .filter(turn::Column::CommunityId.eq(community))
        .filter(turn::Column::FromDate.gt(after.to_string()))
        .filter(turn::Column::FromDate.lte(until.to_string()))
        .filter(turn::Column::RemindedAt.is_null())
        .order_by_asc(turn::Column::FromDate)
        .order_by_asc(turn::Column::CouncilId);
    let rows = query.limit(limit).all(c).await?;
    rows.iter().map(|row| Ok((row.council_id, to_turn(row)?))).collect()
}

/// Stores that the seat of a turn was reminded.
///
/// # Errors
/// The database's.
pub async fn reminded(
    c: &impl ConnectionTrait,
    community: Uuid,
    (council, from): (Uuid, NaiveDate),
    at: DateTime<Utc>,
) -> Result<()> {
    turn::Entity::update_many()
        .set(turn::ActiveModel { reminded_at: Set(Some(millis(at))), ..Default::default() })
        .filter(turn::Column::CommunityId.eq(community))
        .filter(turn::Column::CouncilId.eq(council))
        .filter(turn::Column::FromDate.eq(from.to_string()))
        .exec(c)
        .await?;
    Ok(())
}

fn to_swap(m: swap::Model) -> Result<Swap> {
    Ok(Swap {
        id: m.id,
        asks: m.asks_id,
        own: date(&m.own_date)?,
        asked: m.asked_id,
        other: date(&m.other_date)?,
        note: m.note,
        state: code(&m.state)?,
    })
}

fn swap_row(community: Uuid, council: Uuid, s: &Swap) -> swap::Model {
    swap::Model {
        community_id: community,
        id: s.id,
        council_id: council,
        asks_id: s.asks,
        own_date: s.own.to_string(),
        asked_id: s.asked,
        other_date: s.other.to_string(),
        note: s.note.clone(),
        state: s.state.code().to_owned(),
    }
}

/// The swaps of a council, those of one state only when it is given, the newest first.
///
/// # Errors
/// The database's.
pub async fn swaps(
    c: &impl ConnectionTrait,
    community: Uuid,
    council: Uuid,
    state: Option<SwapState>,
) -> Result<Vec<Swap>> {
    let mut query = swap::Entity::find()
        .filter(swap::Column::CommunityId.eq(community))
        .filter(swap::Column::CouncilId.eq(council));
    if let Some(state) = state {
        query = query.filter(swap::Column::State.eq(state.code()));
    }
    query.order_by_desc(swap::Column::Id).all(c).await?.into_iter().map(to_swap).collect()
}

/// A swap with its council.
///
/// # Errors
/// The database's.
pub async fn swap(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<(Uuid, Swap)>> {
    let row = swap::Entity::find_by_id((community, id)).one(c).await?;
    row.map(|row| Ok((row.council_id, to_swap(row)?))).transpose()
}

/// Adds a swap that is asked for.
///
/// # Errors
/// The database's.
pub async fn insert_swap(c: &impl ConnectionTrait, community: Uuid, council: Uuid, new: &Swap) -> Result<()> {
    let row = swap_row(community, council, new).into_active_model();
    swap::Entity::insert(row).exec_without_returning(c).await?;
    Ok(())
}

/// Stores a swap's changes.
///
/// # Errors
/// The database's.
pub async fn save_swap(c: &impl ConnectionTrait, community: Uuid, council: Uuid, changed: &Swap) -> Result<()> {
    swap::Entity::update(swap_row(community, council, changed).into_active_model().reset_all()).exec(c).await?;
    Ok(())
}
