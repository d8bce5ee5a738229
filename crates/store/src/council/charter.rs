//! The versions of a council's charter.

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use tongxin_core::council::charter::CharterVersion;
use uuid::Uuid;

use crate::{
    Result,
    convert::{date, from_json, json, number, taken},
    entity::charter_version::{Column, Entity, Model},
};

fn to_version(m: &Model) -> Result<CharterVersion> {
    Ok(CharterVersion {
        number: number(m.number)?,
        from: date(&m.from_date)?,
        charter: from_json(&m.charter)?,
        resolution: m.resolution_id,
    })
}

/// Adds a version.
///
/// # Errors
/// [`crate::Error::Taken`] when its number or its day is there.
pub async fn insert(c: &impl ConnectionTrait, community: Uuid, council: Uuid, new: &CharterVersion) -> Result<()> {
    let row = Model {
        community_id: community,
        council_id: council,
        number: new.number.into(),
        from_date: new.from.to_string(),
        charter: json(&new.charter)?,
        resolution_id: new.resolution,
    };
    Entity::insert(row.into_active_model()).exec_without_returning(c).await.map_err(taken)?;
    Ok(())
}

/// All versions, the first first.
///
/// # Errors
/// The database's.
pub async fn versions(c: &impl ConnectionTrait, community: Uuid, council: Uuid) -> Result<Vec<CharterVersion>> {
    let query = Entity::find().filter(Column::CommunityId.eq(community)).filter(Column::CouncilId.eq(council));
    let rows = query.order_by_asc(Column::FromDate).all(c).await?;
    rows.iter().map(to_version).collect()
}

/// The version in force on a day.
///
/// # Errors
/// The database's.
pub async fn in_force(
    c: &impl ConnectionTrait,
    community: Uuid,
    council: Uuid,
    day: NaiveDate,
) -> Result<Option<CharterVersion>> {
    let query = Entity::find().filter(Column::CommunityId.eq(community)).filter(Column::CouncilId.eq(council));
    let query = query.filter(Column::FromDate.lte(day.to_string())).order_by_desc(Column::FromDate);
    query.one(c).await?.as_ref().map(to_version).transpose()
}

/// A version by its number.
///
/// # Errors
/// The database's.
pub async fn version(
    c: &impl ConnectionTrait,
    community: Uuid,
    council: Uuid,
    number: u32,
) -> Result<Option<CharterVersion>> {
    let key = (community, council, i64::from(number));
    Entity::find_by_id(key).one(c).await?.as_ref().map(to_version).transpose()
}
