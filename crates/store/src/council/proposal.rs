//! Proposals with the versions of their text, their backers and amendments.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use tongxin_core::{
    council::{
        MatterKind,
        proposal::{Amendment, Proposal, ProposalState, TextVersion},
    },
    time::from_millis,
};
use uuid::Uuid;

use super::in_areas;
use crate::{
    Paged, Result, Slice,
    convert::{code, millis, number, stored},
    entity::{amendment, proposal, proposal_backer as backer, proposal_text as text},
    parts::{by_ids, save_parts, save_revision},
    search,
    service::page,
};

/// A stored proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredProposal {
    /// The council.
    pub council: Uuid,
    /// When it was drafted.
    pub created_at: DateTime<Utc>,
    /// How often it was changed; 0 for a new one.
    pub revision: i64,
    /// The proposal.
    pub life: Proposal,
}

/// A proposal in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposalHead {
    /// Its identifier.
    pub id: Uuid,
    /// The council.
    pub council: Uuid,
    /// The kind of its matter.
    pub matter: MatterKind,
    /// Its title.
    pub title: String,
    /// The seat, or who of the roll, that put it.
    pub by: Uuid,
    /// How far it is.
    pub state: ProposalState,
    /// When it was drafted.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// Which proposals; what is none is no limit.
#[derive(Debug, Clone, Default)]
pub struct ProposalFilter {
    /// Of these councils.
    pub councils: Option<Vec<Uuid>>,
    /// Of councils in one of these residential areas.
    pub areas: Option<Vec<Uuid>>,
    /// In these states; empty means any.
    pub states: Vec<ProposalState>,
    /// Put by one of these.
    pub by: Option<Vec<Uuid>>,
    /// Of this kind of matter.
    pub matter: Option<MatterKind>,
    /// With all of these search tokens.
    pub tokens: Option<String>,
}

fn row(community: Uuid, s: &StoredProposal, revision: i64, updated_at: DateTime<Utc>) -> proposal::Model {
    let p = &s.life;
    proposal::Model {
        community_id: community,
        id: p.id,
        council_id: s.council,
        matter: p.matter.code().to_owned(),
        title: p.title.clone(),
        by_id: p.by,
        state: p.state.code().to_owned(),
        reason: p.reason.clone(),
        created_at: millis(s.created_at),
        updated_at: millis(updated_at),
        revision,
    }
}

fn text_rows(community: Uuid, p: &Proposal) -> Vec<text::Model> {
    let row = |(version, number): (&TextVersion, i64)| text::Model {
        community_id: community,
        proposal_id: p.id,
        number,
        text: version.text.clone(),
        at: millis(version.at),
        amendment_id: version.amendment,
    };
    p.versions.iter().zip(0..).map(row).collect()
}

fn backer_rows(community: Uuid, p: &Proposal) -> Vec<backer::Model> {
    let row = |id: &Uuid| backer::Model { community_id: community, proposal_id: p.id, backer_id: *id };
    p.backers.iter().map(row).collect()
}

fn amendment_rows(community: Uuid, p: &Proposal) -> Result<Vec<amendment::Model>> {
    let row = |(a, position): (&Amendment, i64)| {
        Ok(amendment::Model {
            community_id: community,
            id: a.id,
            proposal_id: p.id,
            position,
            by_id: a.by,
            base: stored(a.base)?,
            text: a.text.clone(),
            reason: a.reason.clone(),
            state: a.state.code().to_owned(),
        })
    };
    p.amendments.iter().zip(1..).map(row).collect()
}

/// Adds a proposal.
///
/// # Errors
/// The database's.
pub async fn insert(c: &impl ConnectionTrait, community: Uuid, new: &StoredProposal) -> Result<()> {
    let row = row(community, new, new.revision, new.created_at).into_active_model();
    proposal::Entity::insert(row).exec_without_returning(c).await?;
    save_all_parts(c, community, None, &new.life).await
}

/// Stores what has changed of a proposal since it was read as `before`.
///
/// # Errors
/// The database's; among them that the row is not there when it was changed since it was read.
pub async fn save(
    c: &impl ConnectionTrait,
    community: Uuid,
    before: &StoredProposal,
    changed: &Proposal,
    now: DateTime<Utc>,
) -> Result<()> {
    let after = StoredProposal { life: changed.clone(), ..before.clone() };
    let row = row(community, &after, before.revision + 1, now);
    save_revision::<proposal::Entity>(c, row, proposal::Column::Revision, before.revision).await?;
    save_all_parts(c, community, Some(&before.life), changed).await
}

async fn save_all_parts(
    c: &impl ConnectionTrait,
    community: Uuid,
    before: Option<&Proposal>,
    after: &Proposal,
) -> Result<()> {
    let old = before.map(|p| text_rows(community, p)).unwrap_or_default();
    save_parts::<text::Entity, _>(c, old, text_rows(community, after), |row| row.number).await?;
    let old = before.map(|p| backer_rows(community, p)).unwrap_or_default();
    save_parts::<backer::Entity, _>(c, old, backer_rows(community, after), |row| row.backer_id).await?;
    let old = before.map(|p| amendment_rows(community, p)).transpose()?.unwrap_or_default();
    save_parts::<amendment::Entity, _>(c, old, amendment_rows(community, after)?, |row| row.id).await
}

/// A proposal.
///
/// # Errors
/// The database's.
pub async fn find(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<StoredProposal>> {
    let Some(row) = proposal::Entity::find_by_id((community, id)).one(c).await? else { return Ok(None) };
    let texts = text::Entity::find()
        .filter(text::Column::CommunityId.eq(community))
        .filter(text::Column::ProposalId.eq(id))
        .order_by_asc(text::Column::Number);
    let backers = backer::Entity::find()
        .filter(backer::Column::CommunityId.eq(community))
        .filter(backer::Column::ProposalId.eq(id));
    let amendments = amendment::Entity::find()
        .filter(amendment::Column::CommunityId.eq(community))
        .filter(amendment::Column::ProposalId.eq(id))
        .order_by_asc(amendment::Column::Position);
    let version = |m: text::Model| TextVersion { text: m.text, at: from_millis(m.at), amendment: m.amendment_id };
    let life = Proposal {
        id: row.id,
        matter: code(&row.matter)?,
        title: row.title,
        versions: texts.all(c).await?.into_iter().map(version).collect(),
        by: row.by_id,
        backers: backers.all(c).await?.into_iter().map(|m| m.backer_id).collect::<BTreeSet<_>>(),
        amendments: amendments.all(c).await?.into_iter().map(to_amendment).collect::<Result<_>>()?,
        state: code(&row.state)?,
        reason: row.reason,
    };
    let created_at = from_millis(row.created_at);
    Ok(Some(StoredProposal { council: row.council_id, created_at, revision: row.revision, life }))
}

fn to_amendment(m: amendment::Model) -> Result<Amendment> {
    let base = number(m.base)?;
    Ok(Amendment { id: m.id, by: m.by_id, base, text: m.text, reason: m.reason, state: code(&m.state)? })
}

fn to_head(m: proposal::Model) -> Result<ProposalHead> {
    Ok(ProposalHead {
        id: m.id,
        council: m.council_id,
        matter: code(&m.matter)?,
        title: m.title,
        by: m.by_id,
        state: code(&m.state)?,
        created_at: from_millis(m.created_at),
        updated_at: from_millis(m.updated_at),
    })
}

/// Proposals, the newest first.
///
/// # Errors
/// The database's.
pub async fn list(
    c: &impl ConnectionTrait,
    community: Uuid,
    filter: &ProposalFilter,
    slice: Slice,
) -> Result<Paged<ProposalHead>> {
    use proposal::Column;
    let mut query = proposal::Entity::find().filter(Column::CommunityId.eq(community));
    if let Some(councils) = &filter.councils {
        query = query.filter(Column::CouncilId.is_in(councils.iter().copied()));
    }
    if let Some(areas) = &filter.areas {
        query = query.filter(Column::CouncilId.in_subquery(in_areas(community, areas)));
    }
    if !filter.states.is_empty() {
        query = query.filter(Column::State.is_in(filter.states.iter().map(|state| state.code())));
    }
    if let Some(by) = &filter.by {
        query = query.filter(Column::ById.is_in(by.iter().copied()));
    }
    if let Some(matter) = filter.matter {
        query = query.filter(Column::Matter.eq(matter.code()));
    }
    if let Some(tokens) = &filter.tokens {
        let backend = c.get_database_backend();
        query = query.filter(search::matches(backend, community, "proposal", "proposal.id", tokens));
    }
    let query = query.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id);
    page(c, query, Column::Id, slice, to_head).await
}

/// These proposals, in no order.
///
/// # Errors
/// The database's.
pub async fn heads(
    c: &impl ConnectionTrait,
    community: Uuid,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<Vec<ProposalHead>> {
    let query = proposal::Entity::find().filter(proposal::Column::CommunityId.eq(community));
    by_ids(c, query, proposal::Column::Id, ids, to_head).await
}

/// How many back each of these proposals; one that nobody backs is left out.
///
/// # Errors
/// The database's.
pub async fn backer_counts(
    c: &impl ConnectionTrait,
    community: Uuid,
    proposals: &[Uuid],
) -> Result<HashMap<Uuid, i64>> {
    let mut found = HashMap::new();
    for chunk in proposals.chunks(500) {
        let query = backer::Entity::find()
            .select_only()
            .column(backer::Column::ProposalId)
            .column_as(backer::Column::BackerId.count(), "backers")
            .filter(backer::Column::CommunityId.eq(community))
            .filter(backer::Column::ProposalId.is_in(chunk.iter().copied()))
            .group_by(backer::Column::ProposalId);
        found.extend(query.into_tuple::<(Uuid, i64)>().all(c).await?);
    }
    Ok(found)
}
