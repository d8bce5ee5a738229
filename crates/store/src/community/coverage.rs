//! How large organisations are, by which coverage is counted.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::{Result, entity::member};

/// How many employees each organisation has of which it is known.
///
/// # Errors
/// The database's.
pub async fn staff_counts(c: &impl ConnectionTrait, community: Uuid) -> Result<HashMap<Uuid, i64>> {
    let query = member::Entity::find()
        .filter(member::Column::CommunityId.eq(community))
        .filter(member::Column::StaffCount.is_not_null())
        .select_only()
        .columns([member::Column::Id, member::Column::StaffCount]);
    let rows: Vec<(Uuid, i64)> = query.into_tuple().all(c).await?;
    Ok(rows.into_iter().collect())
}
