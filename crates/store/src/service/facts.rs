//! What matching needs to know, read in a few narrow queries.

use std::collections::HashSet;

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, Order, QueryFilter, QueryOrder, QuerySelect, Statement,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};
use tongxin_core::{
    community::Location,
    service::{
        Category, IntentState, Side,
        affinity::Words,
        matching::{History, NeedFacts, OfferFacts},
        schedule::Slots,
    },
    time::{Window, from_millis},
};
use uuid::Uuid;

use crate::{
    Result,
    convert::code,
    entity::{care_group, intent, member},
};

/// Which open needs or offers to read.
#[derive(Debug, Clone, Default)]
pub struct FactsFilter {
    /// This one only.
    pub id: Option<Uuid>,
    /// Of this category only.
    pub category: Option<Category>,
    /// Of this residential area only.
    pub area: Option<Uuid>,
    /// Nearest to this location first.
    pub near: Option<Location>,
}

#[derive(FromQueryResult)]
struct Narrow {
    id: Uuid,
    member_id: Uuid,
    place_id: Uuid,
    area_id: Option<Uuid>,
    category: String,
    care_kind: String,
    title: String,
    text: String,
    from_at: i64,
    until_at: i64,
    slots: i64,
    quantity: i64,
    committed: i64,
    urgency: String,
    reach: String,
}

async fn narrow(
    c: &impl ConnectionTrait,
    community: Uuid,
    side: Side,
    filter: &FactsFilter,
    limit: u64,
) -> Result<Vec<Narrow>> {
    use intent::Column;
    let mut query = intent::Entity::find()
        .select_only()
        .columns([
            Column::Id,
            Column::MemberId,
            Column::PlaceId,
            Column::AreaId,
            Column::Category,
            Column::CareKind,
            Column::Title,
            Column::Text,
            Column::FromAt,
            Column::UntilAt,
            Column::Slots,
            Column::Quantity,
            Column::Committed,
            Column::Urgency,
            Column::Reach,
        ])
        .filter(Column::CommunityId.eq(community))
        .filter(Column::Side.eq(side.code()));
    query = match filter.id {
        Some(id) => query.filter(Column::Id.eq(id)),
        None => query.filter(Column::State.eq(IntentState::Open.code())),
    };
    if let Some(category) = filter.category {
        query = query.filter(Column::Category.eq(category.code()));
    }
    if let Some(area) = filter.area {
        query = query.filter(Column::AreaId.eq(area));
    }
    if let Some(near) = filter.near {
        query = query.order_by(distance(&near), Order::Asc);
    }
    Ok(query
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .limit(limit)
        .into_model::<Narrow>()
        .all(c)
        .await?)
}

fn distance(near: &Location) -> SimpleExpr {
    let same_place = Expr::col(intent::Column::PlaceId).eq(near.place);
    match near.area {
        Some(area) => Expr::case(same_place, 0).case(Expr::col(intent::Column::AreaId).eq(area), 1).finally(2).into(),
        None => Expr::case(same_place, 0).finally(2).into(),
    }
}

/// Open needs, oldest first (or nearest first), at most `limit`; with an id, that need in any state.
///
/// # Errors
/// The database's.
pub async fn needs(
    c: &impl ConnectionTrait,
    community: Uuid,
    filter: &FactsFilter,
    limit: u64,
) -> Result<Vec<NeedFacts>> {
    let rows = narrow(c, community, Side::Need, filter, limit).await?;
    let cared_for = in_care_groups(c, community, rows.iter().map(|r| r.member_id)).await?;
    let to_facts = |r: Narrow| {
        Ok(NeedFacts {
            id: r.id,
            member: r.member_id,
            location: Location { place: r.place_id, area: r.area_id },
            category: code(&r.category)?,
            care_kind: code(&r.care_kind)?,
            window: Window { from: from_millis(r.from_at), until: from_millis(r.until_at) },
            slots: Slots(u32::try_from(r.slots).unwrap_or(0)),
            remaining: r.quantity - r.committed,
            urgency: code(&r.urgency)?,
            in_care_group: cared_for.contains(&r.member_id),
            words: Words::new(&r.title, &r.text),
        })
    };
    rows.into_iter().map(to_facts).collect()
}

/// Open offers, oldest first (or nearest first), at most `limit`; with an id, that offer in any state.
///
/// # Errors
/// The database's.
pub async fn offers(
    c: &impl ConnectionTrait,
    community: Uuid,
    filter: &FactsFilter,
    limit: u64,
) -> Result<Vec<OfferFacts>> {
    let rows = narrow(c, community, Side::Offer, filter, limit).await?;
    let mut balances = std::collections::HashMap::new();
    let mut members: Vec<Uuid> = rows.iter().map(|r| r.member_id).collect();
    members.sort_unstable();
    members.dedup();
    for chunk in members.chunks(500) {
        let found: Vec<(Uuid, i64, i64)> = member::Entity::find()
            .filter(member::Column::CommunityId.eq(community))
            .filter(member::Column::Id.is_in(chunk.iter().copied()))
            .select_only()
            .columns([member::Column::Id, member::Column::ReceivedMinutes, member::Column::GivenMinutes])
            .into_tuple()
            .all(c)
            .await?;
        balances.extend(found.into_iter().map(|(id, received, given)| (id, received - given)));
    }
    let to_facts = |r: Narrow| {
        Ok(OfferFacts {
            id: r.id,
            member: r.member_id,
            location: Location { place: r.place_id, area: r.area_id },
            category: code(&r.category)?,
            care_kind: code(&r.care_kind)?,
            window: Window { from: from_millis(r.from_at), until: from_millis(r.until_at) },
            slots: Slots(u32::try_from(r.slots).unwrap_or(0)),
            remaining: r.quantity - r.committed,
            reach: code(&r.reach)?,
            received_more_minutes: balances.get(&r.member_id).copied().unwrap_or(0),
            words: Words::new(&r.title, &r.text),
        })
    };
    rows.into_iter().map(to_facts).collect()
}

async fn in_care_groups(
    c: &impl ConnectionTrait,
    community: Uuid,
    members: impl Iterator<Item = Uuid>,
) -> Result<HashSet<Uuid>> {
    let mut members: Vec<Uuid> = members.collect();
    members.sort_unstable();
    members.dedup();
    let mut found = HashSet::new();
    for chunk in members.chunks(500) {
        let rows: Vec<Uuid> = care_group::Entity::find()
            .filter(care_group::Column::CommunityId.eq(community))
            .filter(care_group::Column::MemberId.is_in(chunk.iter().copied()))
            .select_only()
            .column(care_group::Column::MemberId)
            .into_tuple()
            .all(c)
            .await?;
        found.extend(rows);
    }
    Ok(found)
}

/// How often each giver has served each receiver, by settled deliveries; of one receiver when given.
///
/// # Errors
/// The database's.
pub async fn history(c: &impl ConnectionTrait, community: Uuid, receiver: Option<Uuid>) -> Result<History> {
    let mut sql = String::from(
        "SELECT giver_id, receiver_id, COUNT(*) AS times FROM service_match WHERE community_id = $1 AND state IN ('confirmed', 'settled')",
    );
    let mut values: Vec<sea_orm::Value> = vec![community.into()];
    if let Some(receiver) = receiver {
        sql.push_str(" AND receiver_id = $2");
        values.push(receiver.into());
    }
    sql.push_str(" GROUP BY giver_id, receiver_id");
    let rows = c.query_all_raw(Statement::from_sql_and_values(c.get_database_backend(), sql, values)).await?;
    let mut history = History::with_capacity(rows.len());
    for row in rows {
        let times: i64 = row.try_get_by_index(2)?;
        history.insert((row.try_get_by_index(0)?, row.try_get_by_index(1)?), u32::try_from(times).unwrap_or(u32::MAX));
    }
    Ok(history)
}
