//! Matches and their deliveries.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, Order, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, NullOrdering, UnionType},
};
use tongxin_core::{
    service::{Category, Delivery, DeliveryDraft, Match, MatchState, Side, matching::Reason},
    time::{Window, from_millis},
};
use uuid::Uuid;

use super::{count_rows, page};
use crate::{
    Error, Paged, Result, Slice,
    convert::{code, instant, millis},
    entity::{delivery, service_match},
};

/// A match with what was told when it was proposed and what its lists need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMatch {
    /// The match.
    pub life: Match,
    /// The residential area of the need.
    pub area: Option<Uuid>,
    /// The category of need and offer.
    pub category: Category,
    /// Why it was thought to fit.
    pub reasons: Vec<Reason>,
    /// The run that proposed it.
    pub run: Option<Uuid>,
    /// Whether the side that was not asked was handed in for this match alone, as an answer on the spot.
    pub is_answer: bool,
}

/// Which matches to list.
#[derive(Debug, Clone, Default)]
pub struct MatchFilter {
    /// Of this need or offer.
    pub intent: Option<Uuid>,
    /// Of one of these members, as giver or receiver.
    pub members: Option<Vec<Uuid>>,
    /// Waiting for one of these members: to answer a proposal, or to confirm a delivery.
    pub waiting_for: Option<Vec<Uuid>>,
    /// Of these residential areas.
    pub areas: Option<Vec<Uuid>>,
    /// In these states; empty means any.
    pub states: Vec<MatchState>,
    /// Arranged to begin before this instant.
    pub arranged_before: Option<DateTime<Utc>>,
    /// Arranged times first, earliest first; otherwise newest change first.
    pub by_arranged_time: bool,
}

fn to_match(m: service_match::Model) -> Result<StoredMatch> {
    let arranged = m.arranged_from.zip(m.arranged_until);
    Ok(StoredMatch {
        area: m.area_id,
        category: code(&m.category)?,
        reasons: serde_json::from_str(&m.reasons).map_err(|e| Error::Value(e.to_string()))?,
        run: m.run_id,
        is_answer: m.is_answer,
        life: Match {
            id: m.id,
            need: m.need_id,
            offer: m.offer_id,
            receiver: m.receiver_id,
            giver: m.giver_id,
            quantity: m.quantity,
            delivered: m.delivered,
            asked: code(&m.asked)?,
            state: code(&m.state)?,
            arranged: arranged.and_then(|(from, until)| Window::new(from_millis(from), from_millis(until))),
            reason: m.reason,
            proposed_at: from_millis(m.proposed_at),
            accepted_at: instant(m.accepted_at),
            closed_at: instant(m.closed_at),
            updated_at: from_millis(m.updated_at),
        },
    })
}

fn row(community: Uuid, s: &StoredMatch) -> Result<service_match::Model> {
    let m = &s.life;
    Ok(service_match::Model {
        community_id: community,
        id: m.id,
        need_id: m.need,
        offer_id: m.offer,
        receiver_id: m.receiver,
        giver_id: m.giver,
        area_id: s.area,
        category: s.category.code().to_owned(),
        quantity: m.quantity,
        delivered: m.delivered,
        asked: m.asked.code().to_owned(),
        state: m.state.code().to_owned(),
        arranged_from: m.arranged.map(|w| millis(w.from)),
        arranged_until: m.arranged.map(|w| millis(w.until)),
        reason: m.reason.clone(),
        reasons: serde_json::to_string(&s.reasons).map_err(|e| Error::Value(e.to_string()))?,
        run_id: s.run,
        proposed_at: millis(m.proposed_at),
        accepted_at: m.accepted_at.map(millis),
        closed_at: m.closed_at.map(millis),
        updated_at: millis(m.updated_at),
        is_answer: s.is_answer,
    })
}

/// Adds matches.
///
/// # Errors
/// The database's.
pub async fn insert(c: &impl ConnectionTrait, community: Uuid, new: &[StoredMatch]) -> Result<()> {
    for chunk in new.chunks(200) {
        let rows = chunk.iter().map(|m| Ok(row(community, m)?.into_active_model())).collect::<Result<Vec<_>>>()?;
        service_match::Entity::insert_many(rows).exec_without_returning(c).await?;
    }
    Ok(())
}

/// A match.
///
/// # Errors
/// The database's.
pub async fn find(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<StoredMatch>> {
    service_match::Entity::find_by_id((community, id)).one(c).await?.map(to_match).transpose()
}

/// These matches, each once, in the order of their first mention.
///
/// # Errors
/// The database's.
pub async fn many(
    c: &impl ConnectionTrait,
    community: Uuid,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<Vec<StoredMatch>> {
    let mut seen = HashSet::new();
    let ids: Vec<Uuid> = ids.into_iter().filter(|id| seen.insert(*id)).collect();
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let rows = service_match::Entity::find()
            .filter(service_match::Column::CommunityId.eq(community))
            .filter(service_match::Column::Id.is_in(chunk.iter().copied()))
            .all(c)
            .await?;
        for row in rows {
            found.insert(row.id, to_match(row)?);
        }
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// Stores a match's changes.
///
/// # Errors
/// The database's.
pub async fn save(c: &impl ConnectionTrait, community: Uuid, changed: &StoredMatch) -> Result<()> {
    service_match::Entity::update(row(community, changed)?.into_active_model().reset_all()).exec(c).await?;
    Ok(())
}

/// The ids of the matches that have one of `ids` in one of two columns. Each half takes its own index; an `OR` was answered
/// by going through all of the community's.
fn either(
    community: Uuid,
    one: service_match::Column,
    other: service_match::Column,
    ids: &[Uuid],
) -> sea_orm::sea_query::SelectStatement {
    use service_match::Column;
    let half = |column: Column| {
        let half = service_match::Entity::find().select_only().column(Column::Id);
        half.filter(Column::CommunityId.eq(community)).filter(column.is_in(ids.iter().copied())).into_query()
    };
    let mut both = half(one);
    both.union(UnionType::Distinct, half(other));
    both
}

/// The ids of the matches that wait for one of `members`: each part takes the index of its party.
fn waiting(community: Uuid, members: &[Uuid]) -> sea_orm::sea_query::SelectStatement {
    use service_match::Column;
    let of = |party: Column| {
        let of = service_match::Entity::find().select_only().column(Column::Id);
        of.filter(Column::CommunityId.eq(community)).filter(party.is_in(members.iter().copied()))
    };
    let asked = |party: Column, side: Side| {
        of(party)
            .filter(Column::State.eq(MatchState::Proposed.code()))
            .filter(Column::Asked.eq(side.code()))
            .into_query()
    };
    let to_confirm = |party: Column, confirmed: delivery::Column| {
        let open = delivery::Entity::find()
            .select_only()
            .column(delivery::Column::Id)
            .filter(Expr::col((delivery::Entity, delivery::Column::CommunityId)).eq(community))
            .filter(
                Expr::col((delivery::Entity, delivery::Column::MatchId)).equals((service_match::Entity, Column::Id)),
            )
            .filter(delivery::Column::Settled.eq(false))
            .filter(confirmed.is_null())
            .into_query();
        let running = [MatchState::Accepted, MatchState::Arranged, MatchState::Delivered];
        of(party).filter(Column::State.is_in(running.map(MatchState::code))).filter(Expr::exists(open)).into_query()
    };
    let mut all = asked(Column::GiverId, Side::Offer);
    all.union(UnionType::Distinct, asked(Column::ReceiverId, Side::Need))
        .union(UnionType::Distinct, to_confirm(Column::GiverId, delivery::Column::GiverConfirmedAt))
        .union(UnionType::Distinct, to_confirm(Column::ReceiverId, delivery::Column::ReceiverConfirmedAt));
    all
}

/// How many matches wait for one of `members`, counted to `most`.
///
/// # Errors
/// The database's.
pub async fn count_waiting(c: &impl ConnectionTrait, community: Uuid, members: &[Uuid], most: u64) -> Result<u64> {
    let mut found = waiting(community, members);
    found.limit(most);
    count_rows(c, found).await
}

/// Matches.
///
/// # Errors
/// The database's.
pub async fn list(
    c: &impl ConnectionTrait,
    community: Uuid,
    filter: &MatchFilter,
    slice: Slice,
) -> Result<Paged<StoredMatch>> {
    use service_match::Column;
    let mut query = service_match::Entity::find().filter(Column::CommunityId.eq(community));
    if let Some(intent) = filter.intent {
        query = query.filter(Column::Id.in_subquery(either(community, Column::NeedId, Column::OfferId, &[intent])));
    }
    if let Some(members) = &filter.members {
        query = query.filter(Column::Id.in_subquery(either(community, Column::GiverId, Column::ReceiverId, members)));
    }
    if let Some(members) = &filter.waiting_for {
        query = query.filter(Column::Id.in_subquery(waiting(community, members)));
    }
    if let Some(areas) = &filter.areas {
        query = query.filter(Column::AreaId.is_in(areas.iter().copied()));
    }
    if !filter.states.is_empty() {
        query = query.filter(Column::State.is_in(filter.states.iter().map(|s| s.code())));
    }
    if let Some(before) = filter.arranged_before {
        query = query.filter(Column::ArrangedFrom.lt(millis(before)));
    }
    let query = if filter.by_arranged_time {
        query.order_by_with_nulls(Column::ArrangedFrom, Order::Asc, NullOrdering::Last).order_by_asc(Column::Id)
    } else {
        query.order_by_desc(Column::UpdatedAt).order_by_desc(Column::Id)
    };
    page(c, query, Column::Id, slice, to_match).await
}

fn to_delivery(m: delivery::Model) -> Delivery {
    Delivery {
        id: m.id,
        match_id: m.match_id,
        draft: DeliveryDraft {
            happened_at: from_millis(m.happened_at),
            minutes: m.minutes,
            quantity: m.quantity,
            note: m.note,
        },
        recorded_at: from_millis(m.recorded_at),
        giver_confirmed_at: instant(m.giver_confirmed_at),
        receiver_confirmed_at: instant(m.receiver_confirmed_at),
        settled_at: instant(m.settled_at),
        reminded_at: instant(m.reminded_at),
        rating: m.rating,
        comment: m.comment,
    }
}

fn delivery_row(community: Uuid, d: &Delivery, of: &StoredMatch, recorded_by: Option<Uuid>) -> delivery::Model {
    delivery::Model {
        community_id: community,
        id: d.id,
        match_id: d.match_id,
        receiver_id: of.life.receiver,
        giver_id: of.life.giver,
        area_id: of.area,
        category: of.category.code().to_owned(),
        happened_at: millis(d.draft.happened_at),
        minutes: d.draft.minutes,
        quantity: d.draft.quantity,
        note: d.draft.note.clone(),
        recorded_by,
        recorded_at: millis(d.recorded_at),
        giver_confirmed_at: d.giver_confirmed_at.map(millis),
        receiver_confirmed_at: d.receiver_confirmed_at.map(millis),
        settled_at: d.settled_at.map(millis),
        reminded_at: d.reminded_at.map(millis),
        settled: d.is_settled(),
        rating: d.rating,
        comment: d.comment.clone(),
    }
}

/// Adds a delivery of a match.
///
/// # Errors
/// The database's.
pub async fn insert_delivery(
    c: &impl ConnectionTrait,
    community: Uuid,
    new: &Delivery,
    of: &StoredMatch,
    recorded_by: Option<Uuid>,
) -> Result<()> {
    let row = delivery_row(community, new, of, recorded_by).into_active_model();
    delivery::Entity::insert(row).exec_without_returning(c).await?;
    Ok(())
}

/// Stores a delivery's changes.
///
/// # Errors
/// The database's.
pub async fn save_delivery(
    c: &impl ConnectionTrait,
    community: Uuid,
    changed: &Delivery,
    of: &StoredMatch,
) -> Result<()> {
    let mut row = delivery_row(community, changed, of, None).into_active_model().reset_all();
    row.recorded_by = sea_orm::ActiveValue::NotSet;
    delivery::Entity::update(row).exec(c).await?;
    Ok(())
}

/// A delivery.
///
/// # Errors
/// The database's.
pub async fn delivery(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<Delivery>> {
    Ok(delivery::Entity::find_by_id((community, id)).one(c).await?.map(to_delivery))
}

/// The deliveries of these matches, each list oldest first.
///
/// # Errors
/// The database's.
pub async fn deliveries_of(
    c: &impl ConnectionTrait,
    community: Uuid,
    matches: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Delivery>>> {
    let mut found: HashMap<Uuid, Vec<Delivery>> = HashMap::new();
    for chunk in matches.chunks(500) {
        let rows = delivery::Entity::find()
            .filter(delivery::Column::CommunityId.eq(community))
            .filter(delivery::Column::MatchId.is_in(chunk.iter().copied()))
            .order_by_asc(delivery::Column::HappenedAt)
            .all(c)
            .await?;
        for row in rows {
            found.entry(row.match_id).or_default().push(to_delivery(row));
        }
    }
    Ok(found)
}

/// Unsettled deliveries recorded up to `before`, oldest first, with the area's when given.
///
/// # Errors
/// The database's.
pub async fn unsettled(
    c: &impl ConnectionTrait,
    community: Uuid,
    before: DateTime<Utc>,
    areas: Option<&[Uuid]>,
    limit: u64,
) -> Result<Vec<Delivery>> {
    let mut query = open_since(community, before);
    if let Some(areas) = areas {
        query = query.filter(delivery::Column::AreaId.is_in(areas.iter().copied()));
    }
    Ok(query.limit(limit).all(c).await?.into_iter().map(to_delivery).collect())
}

/// Deliveries recorded no later than `before` that are neither settled nor reminded, oldest first.
///
/// # Errors
/// The database's.
pub async fn unreminded(
    c: &impl ConnectionTrait,
    community: Uuid,
    before: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<Delivery>> {
    let query = open_since(community, before).filter(delivery::Column::RemindedAt.is_null());
    Ok(query.limit(limit).all(c).await?.into_iter().map(to_delivery).collect())
}

fn open_since(community: Uuid, before: DateTime<Utc>) -> Select<delivery::Entity> {
    delivery::Entity::find()
        .filter(delivery::Column::CommunityId.eq(community))
        .filter(delivery::Column::Settled.eq(false))
        .filter(delivery::Column::RecordedAt.lte(millis(before)))
        .order_by_asc(delivery::Column::RecordedAt)
}
