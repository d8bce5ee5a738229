//! What is said on proposals.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use tongxin_core::time::from_millis;
use uuid::Uuid;

use crate::{
    Paged, Result, Slice,
    convert::{instant, millis},
    entity::proposal_comment::{Column, Entity, Model},
    service::page,
};

/// A comment on a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its identifier.
    pub id: Uuid,
    /// The proposal.
    pub proposal: Uuid,
    /// The comment that it answers.
    pub reply_to: Option<Uuid>,
    /// Who wrote it.
    pub person: Uuid,
    /// What it says.
    pub text: String,
    /// When.
    pub at: DateTime<Utc>,
    /// When it was taken back, and by which account: its text is no longer shown.
    pub taken_back: Option<(DateTime<Utc>, Uuid)>,
}

fn row(community: Uuid, comment: &Comment) -> Model {
    Model {
        community_id: community,
        id: comment.id,
        proposal_id: comment.proposal,
        reply_to: comment.reply_to,
        person_id: comment.person,
        text: comment.text.clone(),
        at: millis(comment.at),
        taken_back_at: comment.taken_back.map(|(at, _)| millis(at)),
        taken_back_by: comment.taken_back.map(|(_, by)| by),
    }
}

fn to_comment(m: Model) -> Comment {
    Comment {
        id: m.id,
        proposal: m.proposal_id,
        reply_to: m.reply_to,
        person: m.person_id,
        text: m.text,
        at: from_millis(m.at),
        taken_back: instant(m.taken_back_at).zip(m.taken_back_by),
    }
}

/// Adds a comment.
///
/// # Errors
/// The database's.
pub async fn insert(c: &impl ConnectionTrait, community: Uuid, new: &Comment) -> Result<()> {
    Entity::insert(row(community, new).into_active_model()).exec_without_returning(c).await?;
    Ok(())
}

/// Stores that a comment was taken back.
///
/// # Errors
/// The database's.
pub async fn save(c: &impl ConnectionTrait, community: Uuid, changed: &Comment) -> Result<()> {
    Entity::update(row(community, changed).into_active_model().reset_all()).exec(c).await?;
    Ok(())
}

/// A comment.
///
/// # Errors
/// The database's.
pub async fn find(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<Comment>> {
    Ok(Entity::find_by_id((community, id)).one(c).await?.map(to_comment))
}

/// The comments on a proposal, the first first.
///
/// # Errors
/// The database's.
pub async fn list(c: &impl ConnectionTrait, community: Uuid, proposal: Uuid, slice: Slice) -> Result<Paged<Comment>> {
    let query = Entity::find().filter(Column::CommunityId.eq(community)).filter(Column::ProposalId.eq(proposal));
    let query = query.order_by_asc(Column::At).order_by_asc(Column::Id);
    page(c, query, Column::Id, slice, |row| Ok(to_comment(row))).await
}
