//! The keys by which members are sorted, made anew when a version makes them otherwise.

use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::{Result, entity::member};

/// Every member's community, identifier, name and key, of all communities.
///
/// # Errors
/// The database's.
pub async fn all(c: &impl ConnectionTrait) -> Result<Vec<(Uuid, Uuid, String, String)>> {
    use member::Column::{CommunityId, Id, Name, SortKey};
    let query = member::Entity::find().select_only().columns([CommunityId, Id, Name, SortKey]);
    Ok(query.into_tuple().all(c).await?)
}

/// Stores keys, by community and member.
///
/// # Errors
/// The database's.
pub async fn put(c: &impl ConnectionTrait, keys: &[(Uuid, Uuid, String)]) -> Result<()> {
    for (community, id, key) in keys {
        member::Entity::update_many()
            .set(member::ActiveModel { sort_key: Set(key.clone()), ..Default::default() })
            .filter(member::Column::CommunityId.eq(*community))
            .filter(member::Column::Id.eq(*id))
            .exec(c)
            .await?;
    }
    Ok(())
}
