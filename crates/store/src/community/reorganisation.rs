//! Reorganisations, drafted and put into force.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use tongxin_core::{
    community::reorganisation::{ReorganisationState, Step},
    time::from_millis,
};
use uuid::Uuid;

use crate::{
    Error, Paged, Result, Slice,
    convert::{code, date, instant, millis},
    entity::reorganisation::{Column, Entity, Model},
    service::page,
};

/// A stored reorganisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reorganisation {
    /// Its identifier.
    pub id: Uuid,
    /// Its title, as of the notice.
    pub title: String,
    /// Why, in words; may be empty.
    pub text: String,
    /// The day on which it takes effect.
    pub effective_on: NaiveDate,
    /// How far it is.
    pub state: ReorganisationState,
    /// Its steps, in order.
    pub steps: Vec<Step>,
    /// The account that drafted it; none for an import.
    pub created_by: Option<Uuid>,
    /// When it was drafted.
    pub created_at: DateTime<Utc>,
    /// The account that put it into force or withdrew it.
    pub decided_by: Option<Uuid>,
    /// When it was put into force or withdrawn.
    pub decided_at: Option<DateTime<Utc>>,
}

fn to_reorganisation(m: Model) -> Result<Reorganisation> {
    Ok(Reorganisation {
        id: m.id,
        title: m.title,
        text: m.text,
        effective_on: date(&m.effective_on)?,
        state: code(&m.state)?,
        steps: serde_json::from_str(&m.steps).map_err(|e| Error::Value(format!("steps of {}: {e}", m.id)))?,
        created_by: m.created_by,
        created_at: from_millis(m.created_at),
        decided_by: m.decided_by,
        decided_at: instant(m.decided_at),
    })
}

fn row(community: Uuid, r: &Reorganisation) -> Result<Model> {
    Ok(Model {
        community_id: community,
        id: r.id,
        title: r.title.clone(),
        text: r.text.clone(),
        effective_on: r.effective_on.to_string(),
        state: r.state.code().to_owned(),
        steps: serde_json::to_string(&r.steps).map_err(|e| Error::Value(e.to_string()))?,
        created_by: r.created_by,
        created_at: millis(r.created_at),
        decided_by: r.decided_by,
        decided_at: r.decided_at.map(millis),
    })
}

/// Reorganisations, the latest day first.
///
/// # Errors
/// The database's.
pub async fn list(
    c: &impl ConnectionTrait,
    community: Uuid,
    state: Option<ReorganisationState>,
    slice: Slice,
) -> Result<Paged<Reorganisation>> {
    let mut query = Entity::find().filter(Column::CommunityId.eq(community));
    if let Some(state) = state {
        query = query.filter(Column::State.eq(state.code()));
    }
    let query = query.order_by_desc(Column::EffectiveOn).order_by_desc(Column::Id);
    page(c, query, Column::Id, slice, to_reorganisation).await
}

/// A reorganisation.
///
/// # Errors
/// The database's.
pub async fn reorganisation(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<Reorganisation>> {
    Entity::find_by_id((community, id)).one(c).await?.map(to_reorganisation).transpose()
}

/// Adds a reorganisation.
///
/// # Errors
/// The database's.
pub async fn insert(c: &impl ConnectionTrait, community: Uuid, new: &Reorganisation) -> Result<()> {
    Entity::insert(row(community, new)?.into_active_model()).exec_without_returning(c).await?;
    Ok(())
}

/// Stores a reorganisation's changes.
///
/// # Errors
/// The database's.
pub async fn save(c: &impl ConnectionTrait, community: Uuid, changed: &Reorganisation) -> Result<()> {
    Entity::update(row(community, changed)?.into_active_model().reset_all()).exec(c).await?;
    Ok(())
}
