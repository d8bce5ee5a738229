//! The chain of records.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseBackend, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, sea_query::OnConflict,
};
use tongxin_core::{record::Record, time::from_millis};
use uuid::Uuid;

use crate::{
    Paged, Result, Slice,
    convert::{like, millis},
    entity::{chain_head, record},
};

/// What a record says, before it has its place in the chain.
#[derive(Debug, Clone)]
pub struct NewRecord {
    /// When.
    pub at: DateTime<Utc>,
    /// The account that acted.
    pub account: Option<Uuid>,
    /// In which capacity.
    pub capacity: String,
    /// What was done.
    pub action: String,
    /// The kind of thing it was done to.
    pub subject_kind: String,
    /// The thing it was done to.
    pub subject: Uuid,
    /// The particulars, as JSON text.
    pub data: String,
}

/// The number and hash of the chain's last record; zero and empty before the first.
///
/// # Errors
/// The database's.
pub async fn head(c: &impl ConnectionTrait, community: Uuid) -> Result<(i64, String)> {
    let mut query = chain_head::Entity::find_by_id(community);
    if c.get_database_backend() == DatabaseBackend::Postgres {
        // Programs that share the database wait here for each other, so that the chain stays one.
        query = query.lock_exclusive();
    }
    let head = query.one(c).await?;
    Ok(head.map(|h| (h.seq, h.hash)).unwrap_or_default())
}

/// Appends records to the chain, in their order.
///
/// # Errors
/// The database's.
pub async fn append(c: &impl ConnectionTrait, community: Uuid, new: Vec<NewRecord>) -> Result<()> {
    let (mut seq, mut hash) = head(c, community).await?;
    let mut rows = Vec::with_capacity(new.len());
    for new in new {
        seq += 1;
        let mut record = Record {
            seq,
            at: from_millis(millis(new.at)),
            account: new.account,
            capacity: new.capacity,
            action: new.action,
            subject_kind: new.subject_kind,
            subject: new.subject,
            data: new.data,
            previous: hash,
            hash: String::new(),
        };
        record.hash = record.expected_hash();
        hash = record.hash.clone();
        rows.push(to_row(community, record).into_active_model());
    }
    for chunk in rows.chunks(500) {
        record::Entity::insert_many(chunk.to_vec()).exec_without_returning(c).await?;
    }
    let new_head = chain_head::ActiveModel { community_id: Set(community), seq: Set(seq), hash: Set(hash) };
    let replace = OnConflict::column(chain_head::Column::CommunityId)
        .update_columns([chain_head::Column::Seq, chain_head::Column::Hash])
        .to_owned();
    chain_head::Entity::insert(new_head).on_conflict(replace).exec_without_returning(c).await?;
    Ok(())
}

/// Which records to list.
#[derive(Debug, Clone, Default)]
pub struct RecordFilter {
    /// Of this thing only.
    pub subject: Option<Uuid>,
    /// By this account only.
    pub account: Option<Uuid>,
    /// Of this action only, or of a word (`need.`).
    pub action: Option<String>,
}

/// Records, newest first.
///
/// # Errors
/// The database's.
pub async fn list(
    c: &impl ConnectionTrait,
    community: Uuid,
    filter: &RecordFilter,
    slice: Slice,
) -> Result<Paged<Record>> {
    let mut query = record::Entity::find().filter(record::Column::CommunityId.eq(community));
    if let Some(subject) = filter.subject {
        query = query.filter(record::Column::SubjectId.eq(subject));
    }
    if let Some(account) = filter.account {
        query = query.filter(record::Column::AccountId.eq(account));
    }
    if let Some(action) = &filter.action {
        query = query.filter(record::Column::Action.like(like("", action, "%")));
    }
    let total = crate::service::capped_count(c, query.clone().select_only().column(record::Column::Seq), slice).await?;
    let rows = query.order_by_desc(record::Column::Seq).offset(slice.offset).limit(slice.limit).all(c).await?;
    Ok(Paged { rows: rows.into_iter().map(to_record).collect(), total })
}

/// At most `limit` records after number `seq`, in order.
///
/// # Errors
/// The database's.
pub async fn after(c: &impl ConnectionTrait, community: Uuid, seq: i64, limit: u64) -> Result<Vec<Record>> {
    let rows = record::Entity::find()
        .filter(record::Column::CommunityId.eq(community))
        .filter(record::Column::Seq.gt(seq))
        .order_by_asc(record::Column::Seq)
        .limit(limit)
        .all(c)
        .await?;
    Ok(rows.into_iter().map(to_record).collect())
}

fn to_row(community: Uuid, r: Record) -> record::Model {
    record::Model {
        community_id: community,
        seq: r.seq,
        at: millis(r.at),
        account_id: r.account,
        capacity: r.capacity,
        action: r.action,
        subject_kind: r.subject_kind,
        subject_id: r.subject,
        data: r.data,
        previous: r.previous,
        hash: r.hash,
    }
}

fn to_record(m: record::Model) -> Record {
    Record {
        seq: m.seq,
        at: from_millis(m.at),
        account: m.account_id,
        capacity: m.capacity,
        action: m.action,
        subject_kind: m.subject_kind,
        subject: m.subject_id,
        data: m.data,
        previous: m.previous,
        hash: m.hash,
    }
}
