//! Papers and shows of hands that were entered, and proxies.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder,
};
use tongxin_core::{
    council::ballot::{
        Vote,
        cast::{Sheet, Turnout},
        entry::{Entry, EntryState},
        proxy::Proxy,
    },
    time::from_millis,
};
use uuid::Uuid;

use super::ballot::{delete_turnouts, insert_sheets, insert_turnouts};
use crate::{
    Result,
    convert::{code, from_json, instant, json, millis, taken},
    entity::{vote_entry as entry, vote_proxy as proxy},
};

fn row(community: Uuid, vote: Uuid, e: &Entry) -> Result<entry::Model> {
    Ok(entry::Model {
        community_id: community,
        id: e.id,
        vote_id: vote,
        way: e.way.code().to_owned(),
        content: json(&e.content)?,
        handed_in_at: millis(e.handed_in_at),
        entered_by: e.entered_by,
        entered_at: millis(e.entered_at),
        state: e.state.code().to_owned(),
        decided_by: e.decided.map(|(by, _)| by),
        decided_at: e.decided.map(|(_, at)| millis(at)),
        reason: e.reason.clone(),
    })
}

fn to_entry(m: entry::Model) -> Result<Entry> {
    Ok(Entry {
        id: m.id,
        way: code(&m.way)?,
        content: from_json(&m.content)?,
        handed_in_at: from_millis(m.handed_in_at),
        entered_by: m.entered_by,
        entered_at: from_millis(m.entered_at),
        state: code(&m.state)?,
        decided: m.decided_by.zip(instant(m.decided_at)),
        reason: m.reason,
    })
}

/// Adds an entry with the turnouts of its voters.
///
/// # Errors
/// [`crate::Error::Taken`] when one of them has voted.
pub async fn insert(
    c: &impl ConnectionTrait,
    community: Uuid,
    vote: Uuid,
    new: &Entry,
    turnouts: &[Turnout],
) -> Result<()> {
    entry::Entity::insert(row(community, vote, new)?.into_active_model()).exec_without_returning(c).await?;
    insert_turnouts(c, community, vote, turnouts).await
}

/// Stores who decided on an entry that waits, and how.
async fn decide(c: &impl ConnectionTrait, community: Uuid, vote: Uuid, decided: &Entry) -> Result<()> {
    let update = entry::Entity::update(row(community, vote, decided)?.into_active_model().reset_all()).validate()?;
    let update = update.filter(entry::Column::State.eq(EntryState::Entered.code()));
    update.exec_without_returning(c).await?;
    Ok(())
}

/// Stores that another person confirmed an entry, with its sheets.
///
/// # Errors
/// The database's; among them that the row is not there when it was decided before.
pub async fn confirm(
    c: &impl ConnectionTrait,
    community: Uuid,
    vote: &Vote,
    confirmed: &Entry,
    sheets: &[Sheet],
) -> Result<()> {
    decide(c, community, vote.id, confirmed).await?;
    insert_sheets(c, community, vote, sheets).await
}

/// Stores that an entry was discarded; its turnouts go.
///
/// # Errors
/// As [`confirm`].
pub async fn discard(c: &impl ConnectionTrait, community: Uuid, vote: Uuid, discarded: &Entry) -> Result<()> {
    decide(c, community, vote, discarded).await?;
    delete_turnouts(c, community, vote, discarded.id).await
}

/// An entry with its vote.
///
/// # Errors
/// The database's.
pub async fn find(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<(Uuid, Entry)>> {
    let row = entry::Entity::find_by_id((community, id)).one(c).await?;
    row.map(|row| Ok((row.vote_id, to_entry(row)?))).transpose()
}

fn of_vote(community: Uuid, vote: Uuid) -> sea_orm::Select<entry::Entity> {
    entry::Entity::find().filter(entry::Column::CommunityId.eq(community)).filter(entry::Column::VoteId.eq(vote))
}

/// The entries of a vote, the first first.
///
/// # Errors
/// The database's.
pub async fn list(c: &impl ConnectionTrait, community: Uuid, vote: Uuid) -> Result<Vec<Entry>> {
    let query = of_vote(community, vote).order_by_asc(entry::Column::EnteredAt).order_by_asc(entry::Column::Id);
    query.all(c).await?.into_iter().map(to_entry).collect()
}

/// How many entries of a vote wait for their second person.
///
/// # Errors
/// The database's.
pub async fn unconfirmed(c: &impl ConnectionTrait, community: Uuid, vote: Uuid) -> Result<usize> {
    let waiting = of_vote(community, vote).filter(entry::Column::State.eq(EntryState::Entered.code())).count(c).await?;
    Ok(usize::try_from(waiting).unwrap_or(usize::MAX))
}

fn to_proxy(m: &proxy::Model) -> Proxy {
    Proxy { giver: m.giver_id, holder: m.holder_id, at: from_millis(m.at) }
}

/// Adds a proxy in a vote.
///
/// # Errors
/// [`crate::Error::Taken`] when the giver has given one.
pub async fn insert_proxy(c: &impl ConnectionTrait, community: Uuid, vote: Uuid, new: &Proxy) -> Result<()> {
    let row = proxy::Model {
        community_id: community,
        vote_id: vote,
        giver_id: new.giver,
        holder_id: new.holder,
        at: millis(new.at),
    };
    proxy::Entity::insert(row.into_active_model()).exec_without_returning(c).await.map_err(taken)?;
    Ok(())
}

/// Takes a proxy back.
///
/// # Errors
/// The database's.
pub async fn delete_proxy(c: &impl ConnectionTrait, community: Uuid, vote: Uuid, giver: Uuid) -> Result<()> {
    proxy::Entity::delete_by_id((community, vote, giver)).exec(c).await?;
    Ok(())
}

/// The proxies of a vote, by giver; those that one voter holds only when it is given.
///
/// # Errors
/// The database's.
pub async fn proxies(
    c: &impl ConnectionTrait,
    community: Uuid,
    vote: Uuid,
    holder: Option<Uuid>,
) -> Result<Vec<Proxy>> {
    let mut query =
        proxy::Entity::find().filter(proxy::Column::CommunityId.eq(community)).filter(proxy::Column::VoteId.eq(vote));
    if let Some(holder) = holder {
        query = query.filter(proxy::Column::HolderId.eq(holder));
    }
    let rows = query.order_by_asc(proxy::Column::GiverId).all(c).await?;
    Ok(rows.iter().map(to_proxy).collect())
}
