//! Resolutions and their progress: the public register.

use chrono::NaiveDate;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::NullOrdering,
};
use tongxin_core::{
    community::Location,
    council::{
        Level, MatterKind,
        resolution::{Progress, Resolution, ResolutionState},
    },
    time::from_millis,
};
use uuid::Uuid;

use super::{holder_columns, optional_holder};
use crate::{
    Paged, Result, Slice,
    convert::{code, date, like, millis, number, optional_day, taken},
    entity::{resolution, resolution_progress as progress},
    parts::{save_parts, save_revision},
    search,
    service::page,
};

/// A stored resolution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredResolution {
    /// The council.
    pub council: Uuid,
    /// Where the council is.
    pub location: Location,
    /// The meeting at which it was taken.
    pub meeting: Option<Uuid>,
    /// The proposal that it came from.
    pub proposal: Option<Uuid>,
    /// The vote by which it was taken.
    pub vote: Option<Uuid>,
    /// Whether everybody may see it.
    pub public: bool,
    /// How often it was changed; 0 for a new one.
    pub revision: i64,
    /// The resolution; in a list without its progress.
    pub life: Resolution,
}

/// Which resolutions; what is none is no limit.
#[derive(Debug, Clone, Default)]
pub struct ResolutionFilter {
    /// Those that everybody may see, and those of these councils; none for all.
    pub seen_by: Option<Vec<Uuid>>,
    /// Of these councils.
    pub councils: Option<Vec<Uuid>>,
    /// Of this level.
    pub level: Option<Level>,
    /// In one of these residential areas.
    pub areas: Option<Vec<Uuid>>,
    /// At this place itself.
    pub place: Option<Uuid>,
    /// In these states; empty means any.
    pub states: Vec<ResolutionState>,
    /// Carried out by one of these members.
    pub owners: Option<Vec<Uuid>>,
    /// Of this kind of matter.
    pub matter: Option<MatterKind>,
    /// Due before this day.
    pub due_before: Option<NaiveDate>,
    /// Taken from this day on.
    pub from: Option<NaiveDate>,
    /// Taken before this day.
    pub until: Option<NaiveDate>,
    /// With all of these search tokens.
    pub tokens: Option<String>,
    /// By due day, the next first; otherwise by the day on which they were taken, the last first.
    pub by_due: bool,
}

fn row(community: Uuid, s: &StoredResolution, revision: i64) -> resolution::Model {
    let r = &s.life;
    let (owner_kind, owner_id) = holder_columns(r.owner);
    resolution::Model {
        community_id: community,
        id: r.id,
        council_id: s.council,
        number: r.number.clone(),
        level: r.level.code().to_owned(),
        place_id: s.location.place,
        area_id: s.location.area,
        matter: r.matter.code().to_owned(),
        title: r.title.clone(),
        text: r.text.clone(),
        decided_on: r.decided_on.to_string(),
        charter_version: r.charter_version.into(),
        meeting_id: s.meeting,
        proposal_id: s.proposal,
        vote_id: s.vote,
        owner_kind,
        owner_id,
        due_on: optional_day(r.due),
        state: r.state.code().to_owned(),
        is_public: s.public,
        revision,
    }
}

fn progress_rows(community: Uuid, r: &Resolution) -> Vec<progress::Model> {
    let row = |(note, position): (&Progress, i64)| progress::Model {
        community_id: community,
        resolution_id: r.id,
        position,
        at: millis(note.at),
        by_id: note.by,
        state: note.state.code().to_owned(),
        text: note.text.clone(),
    };
    r.progress.iter().zip(1..).map(row).collect()
}

fn to_resolution(m: resolution::Model) -> Result<StoredResolution> {
    Ok(StoredResolution {
        council: m.council_id,
        location: Location { place: m.place_id, area: m.area_id },
        meeting: m.meeting_id,
        proposal: m.proposal_id,
        vote: m.vote_id,
        public: m.is_public,
        revision: m.revision,
        life: Resolution {
            id: m.id,
            number: m.number,
            level: code(&m.level)?,
            matter: code(&m.matter)?,
            title: m.title,
            text: m.text,
            decided_on: date(&m.decided_on)?,
            charter_version: number(m.charter_version)?,
            owner: optional_holder(m.owner_kind.as_deref(), m.owner_id)?,
            due: m.due_on.as_deref().map(date).transpose()?,
            state: code(&m.state)?,
            progress: Vec::new(),
        },
    })
}

/// Adds a resolution.
///
/// # Errors
/// [`crate::Error::Taken`] when its council has one of this number.
pub async fn insert(c: &impl ConnectionTrait, community: Uuid, new: &StoredResolution) -> Result<()> {
    let row = row(community, new, new.revision).into_active_model();
    resolution::Entity::insert(row).exec_without_returning(c).await.map_err(taken)?;
    save_parts::<progress::Entity, _>(c, Vec::new(), progress_rows(community, &new.life), |row| row.position).await
}

/// Stores what has changed of a resolution since it was read, as a whole, as `before`.
///
/// # Errors
/// The database's; among them that the row is not there when it was changed since it was read.
pub async fn save(
    c: &impl ConnectionTrait,
    community: Uuid,
    before: &StoredResolution,
    changed: &Resolution,
) -> Result<()> {
    let after = StoredResolution { life: changed.clone(), ..before.clone() };
    let row = row(community, &after, before.revision + 1);
    save_revision::<resolution::Entity>(c, row, resolution::Column::Revision, before.revision).await?;
    let (old, new) = (progress_rows(community, &before.life), progress_rows(community, changed));
    save_parts::<progress::Entity, _>(c, old, new, |row| row.position).await
}

/// A resolution as a whole.
///
/// # Errors
/// The database's.
pub async fn find(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<StoredResolution>> {
    let Some(row) = resolution::Entity::find_by_id((community, id)).one(c).await? else { return Ok(None) };
    let mut found = to_resolution(row)?;
    let notes = progress::Entity::find()
        .filter(progress::Column::CommunityId.eq(community))
        .filter(progress::Column::ResolutionId.eq(id))
        .order_by_asc(progress::Column::Position);
    for m in notes.all(c).await? {
        let note = Progress { at: from_millis(m.at), by: m.by_id, state: code(&m.state)?, text: m.text };
        found.life.progress.push(note);
    }
    Ok(Some(found))
}

/// The numbers of a council's resolutions that begin so.
///
/// # Errors
/// The database's.
pub async fn numbers(c: &impl ConnectionTrait, community: Uuid, council: Uuid, beginning: &str) -> Result<Vec<String>> {
    let query = resolution::Entity::find()
        .filter(resolution::Column::CommunityId.eq(community))
        .filter(resolution::Column::CouncilId.eq(council))
        .filter(resolution::Column::Number.like(like("", beginning, "%")))
        .select_only()
        .column(resolution::Column::Number);
    Ok(query.into_tuple().all(c).await?)
}

/// Resolutions, without their progress.
///
/// # Errors
/// The database's.
pub async fn list(
    c: &impl ConnectionTrait,
    community: Uuid,
    filter: &ResolutionFilter,
    slice: Slice,
) -> Result<Paged<StoredResolution>> {
    use resolution::Column;
    let mut query = resolution::Entity::find().filter(Column::CommunityId.eq(community));
    if let Some(own) = &filter.seen_by {
        let public = sea_orm::Condition::any().add(Column::IsPublic.eq(true));
        query = query.filter(public.add(Column::CouncilId.is_in(own.iter().copied())));
    }
    if let Some(councils) = &filter.councils {
        query = query.filter(Column::CouncilId.is_in(councils.iter().copied()));
    }
    if let Some(level) = filter.level {
        query = query.filter(Column::Level.eq(level.code()));
    }
    if let Some(areas) = &filter.areas {
        query = query.filter(Column::AreaId.is_in(areas.iter().copied()));
    }
    if let Some(place) = filter.place {
        query = query.filter(Column::PlaceId.eq(place));
    }
    if !filter.states.is_empty() {
        query = query.filter(Column::State.is_in(filter.states.iter().map(|state| state.code())));
    }
    if let Some(owners) = &filter.owners {
        query = query.filter(Column::OwnerId.is_in(owners.iter().copied()));
    }
    if let Some(matter) = filter.matter {
        query = query.filter(Column::Matter.eq(matter.code()));
    }
    if let Some(day) = filter.due_before {
        query = query.filter(Column::DueOn.lt(day.to_string()));
    }
    if let Some(day) = filter.from {
        query = query.filter(Column::DecidedOn.gte(day.to_string()));
    }
    if let Some(day) = filter.until {
        query = query.filter(Column::DecidedOn.lt(day.to_string()));
    }
    if let Some(tokens) = &filter.tokens {
        let backend = c.get_database_backend();
        query = query.filter(search::matches(backend, community, "resolution", "resolution.id", tokens));
    }
    let query = if filter.by_due {
        let by_due = query.order_by_with_nulls(Column::DueOn, sea_orm::Order::Asc, NullOrdering::Last);
        by_due.order_by_asc(Column::Id)
    } else {
        query.order_by_desc(Column::DecidedOn).order_by_desc(Column::Id)
    };
    page(c, query, Column::Id, slice, to_resolution).await
}
