//! Matching runs: what one proposed, and what staff decided.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use tongxin_core::{service::matching::Reason, time::from_millis};
use uuid::Uuid;

use super::page;
use crate::{
    Error, Paged, Result, Slice,
    convert::{instant, millis},
    entity::{match_run, match_run_item},
};

/// A matching run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its identifier.
    pub id: Uuid,
    /// The place that it was for.
    pub place: Uuid,
    /// `proposed` until staff decide, then `decided`.
    pub state: String,
    /// Its figures, as JSON of the app.
    pub summary: String,
    /// Who asked for it.
    pub created_by: Option<Uuid>,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When staff decided.
    pub decided_at: Option<DateTime<Utc>>,
}

/// One proposal of a run; without an offer, one need that stays unmet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunItem {
    /// Its place in the run, from 0.
    pub position: i64,
    /// The need.
    pub need: Uuid,
    /// The offer; none when the need stays unmet.
    pub offer: Option<Uuid>,
    /// How much.
    pub quantity: i64,
    /// The fit, in points of 1000.
    pub points: i64,
    /// Why it fits.
    pub reasons: Vec<Reason>,
    /// `pending`, `accepted`, `rejected`, `outdated`; for an unmet need the code of why.
    pub decision: String,
    /// The match that it became.
    pub match_id: Option<Uuid>,
}

fn to_run(m: match_run::Model) -> Run {
    Run {
        id: m.id,
        place: m.place_id,
        state: m.state,
        summary: m.summary,
        created_by: m.created_by,
        created_at: from_millis(m.created_at),
        decided_at: instant(m.decided_at),
    }
}

fn run_row(community: Uuid, r: &Run) -> match_run::Model {
    match_run::Model {
        community_id: community,
        id: r.id,
        place_id: r.place,
        state: r.state.clone(),
        summary: r.summary.clone(),
        created_by: r.created_by,
        created_at: millis(r.created_at),
        decided_at: r.decided_at.map(millis),
    }
}

fn item_row(community: Uuid, run: Uuid, i: &RunItem) -> Result<match_run_item::Model> {
    Ok(match_run_item::Model {
        community_id: community,
        run_id: run,
        position: i.position,
        need_id: i.need,
        offer_id: i.offer,
        quantity: i.quantity,
        points: i.points,
        reasons: serde_json::to_string(&i.reasons).map_err(|e| Error::Value(e.to_string()))?,
        decision: i.decision.clone(),
        match_id: i.match_id,
    })
}

/// Stores a run with its items.
///
/// # Errors
/// The database's.
pub async fn insert(c: &impl ConnectionTrait, community: Uuid, run: &Run, items: &[RunItem]) -> Result<()> {
    match_run::Entity::insert(run_row(community, run).into_active_model()).exec_without_returning(c).await?;
    for chunk in items.chunks(500) {
        let rows = chunk
            .iter()
            .map(|i| Ok(item_row(community, run.id, i)?.into_active_model()))
            .collect::<Result<Vec<_>>>()?;
        match_run_item::Entity::insert_many(rows).exec_without_returning(c).await?;
    }
    Ok(())
}

/// A run.
///
/// # Errors
/// The database's.
pub async fn run(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<Run>> {
    Ok(match_run::Entity::find_by_id((community, id)).one(c).await?.map(to_run))
}

/// The items of a run, in order.
///
/// # Errors
/// The database's.
pub async fn items(c: &impl ConnectionTrait, community: Uuid, run: Uuid) -> Result<Vec<RunItem>> {
    let rows = match_run_item::Entity::find()
        .filter(match_run_item::Column::CommunityId.eq(community))
        .filter(match_run_item::Column::RunId.eq(run))
        .order_by_asc(match_run_item::Column::Position)
        .all(c)
        .await?;
    let to_item = |m: match_run_item::Model| {
        Ok(RunItem {
            position: m.position,
            need: m.need_id,
            offer: m.offer_id,
            quantity: m.quantity,
            points: m.points,
            reasons: serde_json::from_str(&m.reasons).map_err(|e| Error::Value(e.to_string()))?,
            decision: m.decision,
            match_id: m.match_id,
        })
    };
    rows.into_iter().map(to_item).collect()
}

/// Stores what was decided of a run and of these items.
///
/// # Errors
/// The database's.
pub async fn save(c: &impl ConnectionTrait, community: Uuid, run: &Run, items: &[RunItem]) -> Result<()> {
    match_run::Entity::update(run_row(community, run).into_active_model().reset_all()).exec(c).await?;
    for item in items {
        match_run_item::Entity::update(item_row(community, run.id, item)?.into_active_model().reset_all())
            .exec(c)
            .await?;
    }
    Ok(())
}

/// Runs for these places (any when none), newest first.
///
/// # Errors
/// The database's.
pub async fn list(
    c: &impl ConnectionTrait,
    community: Uuid,
    places: Option<&[Uuid]>,
    slice: Slice,
) -> Result<Paged<Run>> {
    let mut query = match_run::Entity::find().filter(match_run::Column::CommunityId.eq(community));
    if let Some(places) = places {
        query = query.filter(match_run::Column::PlaceId.is_in(places.iter().copied()));
    }
    let query = query.order_by_desc(match_run::Column::CreatedAt);
    page(c, query, match_run::Column::Id, slice, |row| Ok(to_run(row))).await
}
