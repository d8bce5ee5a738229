//! The chain of records.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};
use tongxin_core::{record::Record, time::from_millis};
use uuid::Uuid;

use crate::{
    Paged, Result, Slice, Tx,
    convert::{like, millis, steps},
    entity::{chain_head, record},
    service::page,
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
    let head = chain_head::Entity::find_by_id(community).one(c).await?;
    Ok(head.map(|h| (h.seq, h.hash)).unwrap_or_default())
}

/// Appends records to the chain, in their order; they are stored just before the transaction's commit.
///
/// # Errors
/// None; a database that can't store them fails the whole transaction.
pub async fn append(tx: &Tx, community: Uuid, new: Vec<NewRecord>) -> Result<()> {
    tx.later().records.extend(new.into_iter().map(|new| (community, new)));
    Ok(())
}

/// The number and hash of each community's last record, as this program last knew them: another program that shares the
/// database may have gone on, and a transaction may have been lost.
pub(crate) type Heads = HashMap<Uuid, (i64, String)>;

/// Stores records, each with its community, at the ends of their chains.
pub(crate) async fn store(c: &impl ConnectionTrait, mut new: Vec<(Uuid, NewRecord)>, heads: &mut Heads) -> Result<()> {
    new.sort_by_key(|(community, _)| *community);
    for new in new.chunk_by(|(one, _), (other, _)| one == other) {
        let Some((community, _)) = new.first() else { continue };
        let mut linked = None;
        if let Some(known) = heads.get(community) {
            let (rows, end) = link(known.clone(), new);
            if move_head(c, *community, known, &end).await? {
                linked = Some((rows, end));
            }
        }
        let (rows, end) = match linked {
            Some(linked) => linked,
            None => {
                let (rows, end) = link(head(c, *community).await?, new);
                set_head(c, *community, &end).await?;
                (rows, end)
            }
        };
        for rows in steps(&rows) {
            record::Entity::insert_many(rows.to_vec()).exec_without_returning(c).await?;
        }
        heads.insert(*community, end);
    }
    Ok(())
}

/// The rows of records that follow the record `(seq, hash)`, and the number and hash of the last.
fn link((mut seq, mut hash): (i64, String), new: &[(Uuid, NewRecord)]) -> (Vec<record::ActiveModel>, (i64, String)) {
    let mut rows = Vec::with_capacity(new.len());
    for (community, new) in new {
        seq += 1;
        let mut record = Record {
            seq,
            at: from_millis(millis(new.at)),
            account: new.account,
            capacity: new.capacity.clone(),
            action: new.action.clone(),
            subject_kind: new.subject_kind.clone(),
            subject: new.subject,
            data: new.data.clone(),
            previous: hash,
            hash: String::new(),
        };
        record.hash = record.expected_hash();
        hash = record.hash.clone();
        rows.push(to_row(*community, record).into_active_model());
    }
    (rows, (seq, hash))
}

/// Moves the head from where it is known to be; says whether it was there.
async fn move_head(
    c: &impl ConnectionTrait,
    community: Uuid,
    known: &(i64, String),
    end: &(i64, String),
) -> Result<bool> {
    let moved = chain_head::Entity::update_many()
        .set(chain_head::ActiveModel { seq: Set(end.0), hash: Set(end.1.clone()), ..Default::default() })
        .filter(chain_head::Column::CommunityId.eq(community))
        .filter(chain_head::Column::Seq.eq(known.0))
        .filter(chain_head::Column::Hash.eq(known.1.as_str()))
        .exec(c)
        .await?;
    Ok(moved.rows_affected == 1)
}

/// Sets the head, wherever it was.
async fn set_head(c: &impl ConnectionTrait, community: Uuid, end: &(i64, String)) -> Result<()> {
    let head = chain_head::ActiveModel { community_id: Set(community), seq: Set(end.0), hash: Set(end.1.clone()) };
    let replace = OnConflict::column(chain_head::Column::CommunityId)
        .update_columns([chain_head::Column::Seq, chain_head::Column::Hash])
        .to_owned();
    chain_head::Entity::insert(head).on_conflict(replace).exec_without_returning(c).await?;
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
    let query = query.order_by_desc(record::Column::Seq);
    page(c, query, record::Column::Seq, slice, |row| Ok(to_record(row))).await
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
