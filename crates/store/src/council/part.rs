//! What the rolls of whole bodies are made from: exclusive parts (专有部分) with their owners, and grown-up residents.

use chrono::NaiveDate;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Select,
};
use tongxin_core::{community::Location, council::Holder, people::MemberKind, period::Period};
use uuid::Uuid;

use super::holder;
use crate::{
    Paged, Result, Slice,
    community::structure::to_period,
    convert::{holds_on, number, optional_day, stored, taken},
    entity::{
        exclusive_part::{Column, Entity, Model},
        member,
    },
    service::page,
};

/// An exclusive part and who owns it for some days. Who owns it together is entered as one owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExclusivePart {
    /// Its identifier.
    pub id: Uuid,
    /// What it is called, unique among those of the same days: building and room.
    pub code: String,
    /// Where it is.
    pub location: Location,
    /// Who owns it.
    pub owner: Holder,
    /// Its exclusive area, in 0.01 m².
    pub size: u64,
    /// The days.
    pub period: Period,
}

/// Which parts; what is none is no limit.
#[derive(Debug, Clone, Default)]
pub struct PartFilter {
    /// In this place or, of a residential area, anywhere in it.
    pub place: Option<Uuid>,
    /// Of this owner.
    pub owner: Option<Uuid>,
    /// That hold on this day.
    pub on: Option<NaiveDate>,
}

fn to_part(m: Model) -> Result<ExclusivePart> {
    Ok(ExclusivePart {
        id: m.id,
        location: Location { place: m.place_id, area: m.area_id },
        owner: holder(&m.owner_kind, m.owner_id)?,
        size: number(m.size)?,
        period: to_period(&m.from_date, m.until_date.as_deref())?,
        code: m.code,
    })
}

fn row(community: Uuid, part: &ExclusivePart) -> Result<Model> {
    Ok(Model {
        community_id: community,
        id: part.id,
        code: part.code.clone(),
        place_id: part.location.place,
        area_id: part.location.area,
        owner_kind: part.owner.kind.code().to_owned(),
        owner_id: part.owner.member,
        size: stored(part.size)?,
        from_date: part.period.from.to_string(),
        until_date: optional_day(part.period.until),
    })
}

/// Adds parts.
///
/// # Errors
/// [`crate::Error::Taken`] when one is owned on those days.
pub async fn insert(c: &impl ConnectionTrait, community: Uuid, new: &[ExclusivePart]) -> Result<()> {
    for chunk in new.chunks(200) {
        let rows = chunk.iter().map(|part| Ok(row(community, part)?.into_active_model()));
        let rows = rows.collect::<Result<Vec<_>>>()?;
        Entity::insert_many(rows).exec_without_returning(c).await.map_err(taken)?;
    }
    Ok(())
}

/// Stores a part's changes.
///
/// # Errors
/// [`crate::Error::Taken`] when it is owned on those days.
pub async fn save(c: &impl ConnectionTrait, community: Uuid, changed: &ExclusivePart) -> Result<()> {
    let row = row(community, changed)?.into_active_model().reset_all();
    Entity::update(row).exec(c).await.map_err(taken)?;
    Ok(())
}

/// A part.
///
/// # Errors
/// The database's.
pub async fn find(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<ExclusivePart>> {
    Entity::find_by_id((community, id)).one(c).await?.map(to_part).transpose()
}

fn filtered(community: Uuid, filter: &PartFilter) -> Select<Entity> {
    let mut query = Entity::find().filter(Column::CommunityId.eq(community));
    if let Some(place) = filter.place {
        query = query.filter(Condition::any().add(Column::AreaId.eq(place)).add(Column::PlaceId.eq(place)));
    }
    if let Some(owner) = filter.owner {
        query = query.filter(Column::OwnerId.eq(owner));
    }
    if let Some(day) = filter.on {
        query = query.filter(holds_on(Column::FromDate, Column::UntilDate, day));
    }
    query
}

/// Parts by their codes.
///
/// # Errors
/// The database's.
pub async fn list(
    c: &impl ConnectionTrait,
    community: Uuid,
    filter: &PartFilter,
    slice: Slice,
) -> Result<Paged<ExclusivePart>> {
    let query = filtered(community, filter).order_by_asc(Column::Code).order_by_asc(Column::FromDate);
    page(c, query, Column::Id, slice, to_part).await
}

/// Who owns how much of each part, for [`tongxin_core::council::roll::of_owners`].
///
/// # Errors
/// The database's.
pub async fn owned(c: &impl ConnectionTrait, community: Uuid, filter: &PartFilter) -> Result<Vec<(Uuid, u64)>> {
    let query = filtered(community, filter).select_only().columns([Column::OwnerId, Column::Size]);
    let rows: Vec<(Uuid, i64)> = query.order_by_asc(Column::Code).into_tuple().all(c).await?;
    rows.into_iter().map(|(owner, size)| Ok((owner, number(size)?))).collect()
}

/// The residents of a place, or of anywhere in a residential area, that were born no later than a day; those whose day of
/// birth is not known are left out.
///
/// # Errors
/// The database's.
pub async fn residents(
    c: &impl ConnectionTrait,
    community: Uuid,
    place: Option<Uuid>,
    born_by: NaiveDate,
) -> Result<Vec<Uuid>> {
    use member::Column;
    let mut query = member::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::CommunityId.eq(community))
        .filter(Column::Kind.eq(MemberKind::Person.code()))
        .filter(Column::MergedInto.is_null())
        .filter(Column::BirthDate.lte(born_by.to_string()));
    if let Some(place) = place {
        query = query.filter(Condition::any().add(Column::AreaId.eq(place)).add(Column::PlaceId.eq(place)));
    }
    Ok(query.order_by_asc(Column::Id).into_tuple().all(c).await?)
}
