//! The community, its territory, and the structures of its organisations.

pub mod coverage;
pub mod hosting;
pub mod letter;
pub mod post;
pub mod reorganisation;
pub mod structure;

use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use tongxin_core::community::Place;
use uuid::Uuid;

use crate::{
    Result,
    convert::{code, taken},
    entity::{community, place},
};

/// The community itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Community {
    /// Its identifier, which leads every key.
    pub id: Uuid,
    /// A short code, unique in the database.
    pub code: String,
    /// Its name in Chinese.
    pub name: String,
    /// Its name in English.
    pub name_en: String,
    /// Its IANA time zone.
    pub time_zone: String,
}

/// The communities of this database, oldest first.
///
/// # Errors
/// The database's.
pub async fn communities(c: &impl ConnectionTrait) -> Result<Vec<Community>> {
    let rows = community::Entity::find().order_by_asc(community::Column::CreatedAt).all(c).await?;
    let to_community = |m: community::Model| Community {
        id: m.id,
        code: m.code,
        name: m.name,
        name_en: m.name_en,
        time_zone: m.time_zone,
    };
    Ok(rows.into_iter().map(to_community).collect())
}

/// Founds a community.
///
/// # Errors
/// [`crate::Error::Taken`] when its code is there.
pub async fn insert_community(c: &impl ConnectionTrait, new: &Community, now_ms: i64) -> Result<()> {
    let row = community::ActiveModel {
        id: Set(new.id),
        code: Set(new.code.clone()),
        name: Set(new.name.clone()),
        name_en: Set(new.name_en.clone()),
        time_zone: Set(new.time_zone.clone()),
        created_at: Set(now_ms),
    };
    community::Entity::insert(row).exec_without_returning(c).await.map_err(taken)?;
    Ok(())
}

/// Every place, by code.
///
/// # Errors
/// The database's.
pub async fn places(c: &impl ConnectionTrait, community: Uuid) -> Result<Vec<Place>> {
    let rows = place::Entity::find()
        .filter(place::Column::CommunityId.eq(community))
        .order_by_asc(place::Column::Code)
        .all(c)
        .await?;
    let to_place =
        |m: place::Model| Ok(Place { id: m.id, parent: m.parent_id, kind: code(&m.kind)?, code: m.code, name: m.name });
    rows.into_iter().map(to_place).collect()
}

fn row(community: Uuid, new: &Place, area: Option<Uuid>) -> place::Model {
    place::Model {
        community_id: community,
        id: new.id,
        parent_id: new.parent,
        area_id: area,
        kind: new.kind.code().to_owned(),
        code: new.code.clone(),
        name: new.name.clone(),
    }
}

/// Adds a place; `area` is the residential area that it is or lies in.
///
/// # Errors
/// [`crate::Error::Taken`] when its code is there.
pub async fn insert_place(c: &impl ConnectionTrait, community: Uuid, new: &Place, area: Option<Uuid>) -> Result<()> {
    place::Entity::insert(row(community, new, area).into_active_model())
        .exec_without_returning(c)
        .await
        .map_err(taken)?;
    Ok(())
}

/// Stores a place's new name and code.
///
/// # Errors
/// [`crate::Error::Taken`] when its code is another's.
pub async fn save_place(c: &impl ConnectionTrait, community: Uuid, changed: &Place) -> Result<()> {
    place::Entity::update(place::ActiveModel {
        community_id: Set(community),
        id: Set(changed.id),
        code: Set(changed.code.clone()),
        name: Set(changed.name.clone()),
        ..Default::default()
    })
    .exec(c)
    .await
    .map_err(taken)?;
    Ok(())
}

/// Removes a place that nothing refers to.
///
/// # Errors
/// The database's, when something does.
pub async fn delete_place(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<()> {
    place::Entity::delete_by_id((community, id)).exec(c).await?;
    Ok(())
}
