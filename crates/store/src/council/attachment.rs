//! Files that are attached to items of an agenda.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tongxin_core::time::from_millis;
use uuid::Uuid;

use crate::{
    Result,
    convert::{millis, stored},
    entity::agenda_attachment::{ActiveModel, Column, Entity},
};

/// A file of an item, without what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its identifier.
    pub id: Uuid,
    /// The item of the agenda.
    pub item: Uuid,
    /// Its name.
    pub file_name: String,
    /// Its media type.
    pub media_type: String,
    /// Its size in bytes.
    pub size: i64,
    /// The account that added it; none for an import.
    pub added_by: Option<Uuid>,
    /// When.
    pub added_at: DateTime<Utc>,
}

/// Adds a file. Its size is that of `content`.
///
/// # Errors
/// The database's.
pub async fn insert(c: &impl ConnectionTrait, community: Uuid, new: &Attachment, content: Vec<u8>) -> Result<()> {
    let row = ActiveModel {
        community_id: Set(community),
        id: Set(new.id),
        item_id: Set(new.item),
        file_name: Set(new.file_name.clone()),
        media_type: Set(new.media_type.clone()),
        size: Set(stored(content.len())?),
        content: Set(content),
        added_by: Set(new.added_by),
        added_at: Set(millis(new.added_at)),
    };
    Entity::insert(row).exec_without_returning(c).await?;
    Ok(())
}

type Row = (Uuid, Uuid, String, String, i64, Option<Uuid>, i64);

fn to_attachment((id, item, file_name, media_type, size, added_by, added_at): Row) -> Attachment {
    Attachment { id, item, file_name, media_type, size, added_by, added_at: from_millis(added_at) }
}

/// The files of these items, in the order in which they were added.
///
/// # Errors
/// The database's.
pub async fn of_items(
    c: &impl ConnectionTrait,
    community: Uuid,
    items: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Attachment>>> {
    let mut found: HashMap<Uuid, Vec<Attachment>> = HashMap::new();
    for chunk in items.chunks(500) {
        let query = Entity::find()
            .select_only()
            .columns([Column::Id, Column::ItemId, Column::FileName, Column::MediaType, Column::Size])
            .columns([Column::AddedBy, Column::AddedAt])
            .filter(Column::CommunityId.eq(community))
            .filter(Column::ItemId.is_in(chunk.iter().copied()))
            .order_by_asc(Column::AddedAt)
            .order_by_asc(Column::Id);
        for row in query.into_tuple::<Row>().all(c).await? {
            found.entry(row.1).or_default().push(to_attachment(row));
        }
    }
    Ok(found)
}

/// A file with what is in it.
///
/// # Errors
/// The database's.
pub async fn find(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<(Attachment, Vec<u8>)>> {
    let row = Entity::find_by_id((community, id)).one(c).await?;
    Ok(row.map(|row| {
        let head = (row.id, row.item_id, row.file_name, row.media_type, row.size, row.added_by, row.added_at);
        (to_attachment(head), row.content)
    }))
}

/// Takes a file away.
///
/// # Errors
/// The database's.
pub async fn delete(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<()> {
    Entity::delete_by_id((community, id)).exec(c).await?;
    Ok(())
}
