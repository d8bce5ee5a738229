//! Votes with their rolls. A vote that has ended does not change: the database forbids it too.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseBackend, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Statement,
};
use tongxin_core::{
    council::{
        MatterKind, Secrecy,
        ballot::{Vote, VotePlan, VoteState},
        roll::RollEntry,
    },
    time::from_millis,
};
use uuid::Uuid;

use super::in_areas;
use crate::{
    Error, Paged, Result, Slice,
    convert::{code, from_json, instant, json, millis, number, steps, stored, taken},
    entity::{roll_entry, vote, vote_casting as casting},
    parts::by_ids,
    service::page,
};

/// A stored vote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredVote {
    /// The council.
    pub council: Uuid,
    /// The meeting at which it is held, and the item of its agenda.
    pub meeting: Option<(Uuid, Option<Uuid>)>,
    /// The account that opened it; none for an import.
    pub opened_by: Option<Uuid>,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// The vote.
    pub life: Vote,
}

/// A vote in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoteHead {
    /// Its identifier.
    pub id: Uuid,
    /// The council.
    pub council: Uuid,
    /// The meeting at which it is held.
    pub meeting: Option<Uuid>,
    /// Whether it is secret.
    pub secrecy: Secrecy,
    /// What is voted on.
    pub plan: VotePlan,
    /// How many are on the roll.
    pub voters: u64,
    /// How far it is.
    pub state: VoteState,
}

/// Which votes; what is none is no limit.
#[derive(Debug, Clone, Default)]
pub struct VoteFilter {
    /// Of these councils.
    pub councils: Option<Vec<Uuid>>,
    /// Of councils in one of these residential areas.
    pub areas: Option<Vec<Uuid>>,
    /// In these states; empty means any.
    pub states: Vec<VoteState>,
    /// On whose roll one of these stands.
    pub voters: Option<Vec<Uuid>>,
    /// At this meeting.
    pub meeting: Option<Uuid>,
    /// On this proposal.
    pub proposal: Option<Uuid>,
    /// Of this kind of matter.
    pub matter: Option<MatterKind>,
    /// Whose closing instant is no later than this.
    pub over_by: Option<DateTime<Utc>>,
}

fn row(community: Uuid, s: &StoredVote) -> Result<vote::Model> {
    let v = &s.life;
    Ok(vote::Model {
        community_id: community,
        id: v.id,
        council_id: s.council,
        meeting_id: s.meeting.map(|(meeting, _)| meeting),
        item_id: s.meeting.and_then(|(_, item)| item),
        proposal_id: v.plan.proposal,
        matter: v.plan.matter.code().to_owned(),
        secrecy: v.rule.secrecy.code().to_owned(),
        opens_at: millis(v.plan.window.from),
        closes_at: millis(v.plan.window.until),
        plan: json(&v.plan)?,
        rule: json(&v.rule)?,
        entitled: json(&v.entitled)?,
        voters: stored(v.voters)?,
        presence: json(&v.presence)?,
        orders: json(&v.orders)?,
        state: v.state.code().to_owned(),
        opened_by: s.opened_by,
        opened_at: millis(s.opened_at),
        ended_at: v.ended_at.map(millis),
        reason: v.reason.clone(),
    })
}

/// The vote of a row, without those present and without casting votes.
pub(super) fn to_vote(m: vote::Model) -> Result<StoredVote> {
    let plan: VotePlan = from_json(&m.plan)?;
    let life = Vote {
        id: m.id,
        rule: from_json(&m.rule)?,
        entitled: from_json(&m.entitled)?,
        voters: number(m.voters)?,
        present: BTreeSet::new(),
        presence: from_json(&m.presence)?,
        orders: from_json(&m.orders)?,
        casting: vec![None; plan.questions.len()],
        plan,
        state: code(&m.state)?,
        ended_at: instant(m.ended_at),
        reason: m.reason,
    };
    let meeting = m.meeting_id.map(|meeting| (meeting, m.item_id));
    Ok(StoredVote { council: m.council_id, meeting, opened_by: m.opened_by, opened_at: from_millis(m.opened_at), life })
}

/// Adds a vote that was opened, with its roll.
///
/// # Errors
/// The database's.
pub async fn insert(c: &impl ConnectionTrait, community: Uuid, new: &StoredVote, roll: &[RollEntry]) -> Result<()> {
    vote::Entity::insert(row(community, new)?.into_active_model()).exec_without_returning(c).await?;
    let mut rows = Vec::with_capacity(roll.len());
    for entry in roll {
        let present = new.life.present.contains(&entry.voter);
        let area = stored(entry.area)?;
        let row =
            roll_entry::Model { community_id: community, vote_id: new.life.id, voter_id: entry.voter, area, present };
        rows.push(row.into_active_model());
    }
    for chunk in steps(&rows) {
        roll_entry::Entity::insert_many(chunk.to_vec()).exec_without_returning(c).await.map_err(taken)?;
    }
    Ok(())
}

/// A vote as a whole.
///
/// # Errors
/// The database's.
pub async fn find(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<StoredVote>> {
    let Some(row) = vote::Entity::find_by_id((community, id)).one(c).await? else { return Ok(None) };
    let mut found = to_vote(row)?;
    let present = roll_entry::Entity::find()
        .select_only()
        .column(roll_entry::Column::VoterId)
        .filter(roll_entry::Column::CommunityId.eq(community))
        .filter(roll_entry::Column::VoteId.eq(id))
        .filter(roll_entry::Column::Present.eq(true));
    found.life.present = present.into_tuple::<Uuid>().all(c).await?.into_iter().collect();
    let given = casting::Entity::find()
        .filter(casting::Column::CommunityId.eq(community))
        .filter(casting::Column::VoteId.eq(id));
    for row in given.all(c).await? {
        let question: usize = number(row.question)?;
        if let Some(slot) = found.life.casting.get_mut(question) {
            *slot = Some(from_json(&row.answer)?);
        }
    }
    Ok(Some(found))
}

/// Stores that an open vote was closed or cancelled.
///
/// # Errors
/// The database's; among them that the row is not there when the vote had ended before.
pub async fn end(c: &impl ConnectionTrait, community: Uuid, ended: &Vote) -> Result<()> {
    if c.get_database_backend() == DatabaseBackend::Postgres {
        // Rows that were written one by one tell in which order; all are written anew, at once and by their keys.
        for (table, key) in [("vote_sheet", "sheet_key"), ("vote_inclusion", "inclusion")] {
            let sql = format!(
                "WITH gone AS (DELETE FROM {table} WHERE community_id = $1 AND vote_id = $2 RETURNING *) \
                 INSERT INTO {table} SELECT * FROM gone ORDER BY {key}"
            );
            let values: [sea_orm::Value; 2] = [community.into(), ended.id.into()];
            c.execute_raw(Statement::from_sql_and_values(DatabaseBackend::Postgres, sql, values)).await?;
        }
    }
    let change = vote::ActiveModel {
        state: Set(ended.state.code().to_owned()),
        ended_at: Set(ended.ended_at.map(millis)),
        reason: Set(ended.reason.clone()),
        ..Default::default()
    };
    let done = vote::Entity::update_many()
        .set(change)
        .filter(vote::Column::CommunityId.eq(community))
        .filter(vote::Column::Id.eq(ended.id))
        .filter(vote::Column::State.eq(VoteState::Open.code()))
        .exec(c)
        .await?;
    if done.rows_affected == 1 { Ok(()) } else { Err(Error::Database(DbErr::RecordNotUpdated)) }
}

/// Stores that somebody of the roll came to the meeting while the vote is open.
///
/// # Errors
/// The database's.
pub async fn arrived(c: &impl ConnectionTrait, community: Uuid, vote: Uuid, voter: Uuid) -> Result<()> {
    roll_entry::Entity::update_many()
        .set(roll_entry::ActiveModel { present: Set(true), ..Default::default() })
        .filter(roll_entry::Column::CommunityId.eq(community))
        .filter(roll_entry::Column::VoteId.eq(vote))
        .filter(roll_entry::Column::VoterId.eq(voter))
        .exec(c)
        .await?;
    Ok(())
}

/// Stores the casting vote that a closed vote has on a question.
///
/// # Errors
/// [`Error::Taken`] when one was given before.
pub async fn give_casting(c: &impl ConnectionTrait, community: Uuid, vote: &Vote, question: usize) -> Result<()> {
    let answer = vote.casting.get(question).copied().flatten();
    let answer = answer.ok_or_else(|| Error::Value(format!("casting vote on question {question}")))?;
    let row = casting::Model {
        community_id: community,
        vote_id: vote.id,
        question: stored(question)?,
        answer: json(&answer)?,
    };
    casting::Entity::insert(row.into_active_model()).exec_without_returning(c).await.map_err(taken)?;
    Ok(())
}

fn to_head(m: &vote::Model) -> Result<VoteHead> {
    Ok(VoteHead {
        id: m.id,
        council: m.council_id,
        meeting: m.meeting_id,
        secrecy: code(&m.secrecy)?,
        plan: from_json(&m.plan)?,
        voters: number(m.voters)?,
        state: code(&m.state)?,
    })
}

/// Votes, those that begin last first.
///
/// # Errors
/// The database's.
pub async fn list(
    c: &impl ConnectionTrait,
    community: Uuid,
    filter: &VoteFilter,
    slice: Slice,
) -> Result<Paged<VoteHead>> {
    use vote::Column;
    let mut query = vote::Entity::find().filter(Column::CommunityId.eq(community));
    if let Some(councils) = &filter.councils {
        query = query.filter(Column::CouncilId.is_in(councils.iter().copied()));
    }
    if let Some(areas) = &filter.areas {
        query = query.filter(Column::CouncilId.in_subquery(in_areas(community, areas)));
    }
    if !filter.states.is_empty() {
        query = query.filter(Column::State.is_in(filter.states.iter().map(|state| state.code())));
    }
    if let Some(voters) = &filter.voters {
        let rolls = roll_entry::Entity::find()
            .select_only()
            .column(roll_entry::Column::VoteId)
            .filter(roll_entry::Column::CommunityId.eq(community))
            .filter(roll_entry::Column::VoterId.is_in(voters.iter().copied()));
        query = query.filter(Column::Id.in_subquery(rolls.into_query()));
    }
    if let Some(meeting) = filter.meeting {
        query = query.filter(Column::MeetingId.eq(meeting));
    }
    if let Some(proposal) = filter.proposal {
        query = query.filter(Column::ProposalId.eq(proposal));
    }
    if let Some(matter) = filter.matter {
        query = query.filter(Column::Matter.eq(matter.code()));
    }
    if let Some(instant) = filter.over_by {
        query = query.filter(Column::ClosesAt.lte(millis(instant)));
    }
    let query = query.order_by_desc(Column::OpensAt).order_by_desc(Column::Id);
    page(c, query, Column::Id, slice, |row| to_head(&row)).await
}

fn to_entry(m: &roll_entry::Model) -> Result<RollEntry> {
    Ok(RollEntry { voter: m.voter_id, area: number(m.area)? })
}

/// The whole roll of a vote.
///
/// # Errors
/// The database's.
pub async fn roll(c: &impl ConnectionTrait, community: Uuid, vote: Uuid) -> Result<Vec<RollEntry>> {
    let query = roll_entry::Entity::find()
        .filter(roll_entry::Column::CommunityId.eq(community))
        .filter(roll_entry::Column::VoteId.eq(vote));
    query.order_by_asc(roll_entry::Column::VoterId).all(c).await?.iter().map(to_entry).collect()
}

/// What the roll of a vote has of these voters.
///
/// # Errors
/// The database's.
pub async fn roll_of(
    c: &impl ConnectionTrait,
    community: Uuid,
    vote: Uuid,
    voters: &[Uuid],
) -> Result<BTreeMap<Uuid, RollEntry>> {
    let query = roll_entry::Entity::find()
        .filter(roll_entry::Column::CommunityId.eq(community))
        .filter(roll_entry::Column::VoteId.eq(vote));
    let voters = voters.iter().copied();
    let found = by_ids(c, query, roll_entry::Column::VoterId, voters, |row| to_entry(&row)).await?;
    Ok(found.into_iter().map(|entry| (entry.voter, entry)).collect())
}
