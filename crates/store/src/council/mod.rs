//! Councils: each with its charter, seats, duty rota, meetings, proposals, votes and resolutions.

pub mod attachment;
pub mod ballot;
pub mod charter;
pub mod comment;
pub mod duty;
pub mod entry;
pub mod meeting;
pub mod part;
pub mod proposal;
pub mod resolution;
pub mod seat;
pub mod vote;

use chrono::NaiveDate;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};
use tongxin_core::{
    community::Location,
    council::{Holder, Level, preset::PresetKind},
    period::Period,
};
use uuid::Uuid;

use crate::{
    Paged, Result, Slice,
    community::structure::to_period,
    convert::{code, holds_on, optional_day, taken},
    entity::{
        council::{Column, Entity, Model},
        seat as seat_row, seat_sitting,
    },
    parts::by_ids,
    search,
    service::page,
};

/// A council, committee, team or assembly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Council {
    /// Its identifier.
    pub id: Uuid,
    /// Its code in files.
    pub code: Option<String>,
    /// Its name.
    pub name: String,
    /// What it is sorted by; the app makes it of the name.
    pub sort_key: String,
    /// Its level (S21).
    pub level: Level,
    /// Where it is.
    pub location: Location,
    /// The preset that its charter began with.
    pub preset: Option<PresetKind>,
    /// The council of which it is a branch (S23).
    pub parent: Option<Uuid>,
    /// The organisation that convenes it.
    pub convener: Option<Uuid>,
    /// What the lot of its duty is drawn with.
    pub seed: u64,
    /// The days.
    pub period: Period,
}

/// Which councils; what is none is no limit.
#[derive(Debug, Clone, Default)]
pub struct CouncilFilter {
    /// Of this level.
    pub level: Option<Level>,
    /// In one of these residential areas.
    pub areas: Option<Vec<Uuid>>,
    /// At this place itself.
    pub place: Option<Uuid>,
    /// That began with this preset.
    pub preset: Option<PresetKind>,
    /// Branches of this council.
    pub parent: Option<Uuid>,
    /// In which one of these members, or the organisations and persons that they are, sits or holds a seat on this day.
    pub of: Option<(Vec<Uuid>, NaiveDate)>,
    /// That are there on this day.
    pub on: Option<NaiveDate>,
    /// With all of these search tokens.
    pub tokens: Option<String>,
}

pub(crate) fn holder(kind: &str, member: Uuid) -> Result<Holder> {
    Ok(Holder { kind: code(kind)?, member })
}

/// A holder that may be none, of its two columns.
pub(crate) fn optional_holder(kind: Option<&str>, member: Option<Uuid>) -> Result<Option<Holder>> {
    kind.zip(member).map(|(kind, member)| holder(kind, member)).transpose()
}

/// The two columns of a holder that may be none.
pub(crate) fn holder_columns(holder: Option<Holder>) -> (Option<String>, Option<Uuid>) {
    (holder.map(|holder| holder.kind.code().to_owned()), holder.map(|holder| holder.member))
}

fn to_council(m: Model) -> Result<Council> {
    Ok(Council {
        id: m.id,
        code: m.code,
        name: m.name,
        sort_key: m.sort_key,
        level: code(&m.level)?,
        location: Location { place: m.place_id, area: m.area_id },
        preset: m.preset.as_deref().map(code).transpose()?,
        parent: m.parent_id,
        convener: m.convener_id,
        seed: m.seed.cast_unsigned(),
        period: to_period(&m.from_date, m.until_date.as_deref())?,
    })
}

fn row(community: Uuid, c: &Council) -> Model {
    Model {
        community_id: community,
        id: c.id,
        code: c.code.clone(),
        name: c.name.clone(),
        sort_key: c.sort_key.clone(),
        level: c.level.code().to_owned(),
        place_id: c.location.place,
        area_id: c.location.area,
        preset: c.preset.map(|preset| preset.code().to_owned()),
        parent_id: c.parent,
        convener_id: c.convener,
        seed: c.seed.cast_signed(),
        from_date: c.period.from.to_string(),
        until_date: optional_day(c.period.until),
    }
}

/// Adds councils, each after the one of which it is a branch.
///
/// # Errors
/// [`crate::Error::Taken`] when a code is there.
pub async fn insert(c: &impl ConnectionTrait, community: Uuid, new: &[Council]) -> Result<()> {
    for chunk in new.chunks(200) {
        let rows = chunk.iter().map(|council| row(community, council).into_active_model());
        Entity::insert_many(rows).exec_without_returning(c).await.map_err(taken)?;
    }
    Ok(())
}

/// Stores a council's changes.
///
/// # Errors
/// [`crate::Error::Taken`] when its code is another's.
pub async fn save(c: &impl ConnectionTrait, community: Uuid, changed: &Council) -> Result<()> {
    Entity::update(row(community, changed).into_active_model().reset_all()).exec(c).await.map_err(taken)?;
    Ok(())
}

/// A council.
///
/// # Errors
/// The database's.
pub async fn council(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<Council>> {
    Entity::find_by_id((community, id)).one(c).await?.map(to_council).transpose()
}

/// These councils, in no order.
///
/// # Errors
/// The database's.
pub async fn many(
    c: &impl ConnectionTrait,
    community: Uuid,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<Vec<Council>> {
    by_ids(c, Entity::find().filter(Column::CommunityId.eq(community)), Column::Id, ids, to_council).await
}

/// The ids of the councils in which one of these members holds a seat or sits on a day.
fn councils_of(community: Uuid, members: &[Uuid], day: NaiveDate) -> Condition {
    let seats = seat_row::Entity::find()
        .select_only()
        .column(seat_row::Column::CouncilId)
        .filter(seat_row::Column::CommunityId.eq(community))
        .filter(seat_row::Column::HolderId.is_in(members.iter().copied()))
        .filter(holds_on(seat_row::Column::FromDate, seat_row::Column::UntilDate, day));
    let sittings = seat_sitting::Entity::find()
        .select_only()
        .column(seat_sitting::Column::CouncilId)
        .filter(seat_sitting::Column::CommunityId.eq(community))
        .filter(seat_sitting::Column::PersonId.is_in(members.iter().copied()))
        .filter(holds_on(seat_sitting::Column::FromDate, seat_sitting::Column::UntilDate, day));
    Condition::any().add(Column::Id.in_subquery(seats.into_query())).add(Column::Id.in_subquery(sittings.into_query()))
}

/// Councils by their sort keys.
///
/// # Errors
/// The database's.
pub async fn list(
    c: &impl ConnectionTrait,
    community: Uuid,
    filter: &CouncilFilter,
    slice: Slice,
) -> Result<Paged<Council>> {
    let mut query = Entity::find().filter(Column::CommunityId.eq(community));
    if let Some(level) = filter.level {
        query = query.filter(Column::Level.eq(level.code()));
    }
    if let Some(areas) = &filter.areas {
        query = query.filter(Column::AreaId.is_in(areas.iter().copied()));
    }
    if let Some(place) = filter.place {
        query = query.filter(Column::PlaceId.eq(place));
    }
    if let Some(preset) = filter.preset {
        query = query.filter(Column::Preset.eq(preset.code()));
    }
    if let Some(parent) = filter.parent {
        query = query.filter(Column::ParentId.eq(parent));
    }
    if let Some((members, day)) = &filter.of {
        query = query.filter(councils_of(community, members, *day));
    }
    if let Some(day) = filter.on {
        query = query.filter(holds_on(Column::FromDate, Column::UntilDate, day));
    }
    if let Some(tokens) = &filter.tokens {
        let backend = c.get_database_backend();
        query = query.filter(search::matches(backend, community, "council", "council.id", tokens));
    }
    let query = query.order_by_asc(Column::SortKey).order_by_asc(Column::Id);
    page(c, query, Column::Id, slice, to_council).await
}

/// The ids of the councils in these residential areas, for the lists of what councils have.
pub(crate) fn in_areas(community: Uuid, areas: &[Uuid]) -> sea_orm::sea_query::SelectStatement {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::CommunityId.eq(community))
        .filter(Column::AreaId.is_in(areas.iter().copied()))
        .into_query()
}
