//! Party membership, the steps of development and transfers. Sensitive: the caller has authorised and records the look.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
};
use tongxin_core::{
    people::{
        development::{Step, StepKind},
        membership::{Membership, Transfer, TransferState},
    },
    time::from_millis,
};
use uuid::Uuid;

use super::{Member, to_member};
use crate::{
    Error, Paged, Result, Slice,
    community::structure::to_period,
    convert::{code, date, distinct, holds_on, lasts_after, millis, taken},
    entity::{member, party_membership as membership, party_step as step, party_transfer as transfer},
};

/// A stored step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredStep {
    /// Its identifier.
    pub id: Uuid,
    /// The person.
    pub person: Uuid,
    /// Its number among the person's steps, from 1.
    pub position: i64,
    /// The branch to which the person belonged.
    pub branch: Uuid,
    /// What was done, and when.
    pub step: Step,
    /// A note; may be empty.
    pub note: String,
    /// The account that recorded it; none for an import.
    pub recorded_by: Option<Uuid>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// That it was taken back: it no longer counts.
    pub taken_back: Option<TakenBack>,
}

/// That a step was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenBack {
    /// When.
    pub at: DateTime<Utc>,
    /// By which account.
    pub by: Uuid,
    /// Why.
    pub reason: String,
}

/// Those of these steps that count.
pub fn standing(steps: &[StoredStep]) -> impl Iterator<Item = &Step> {
    steps.iter().filter(|s| s.taken_back.is_none()).map(|s| &s.step)
}

/// Which transfers to list.
#[derive(Debug, Clone, Default)]
pub struct TransferFilter {
    /// From or to one of these branches.
    pub branches: Option<Vec<Uuid>>,
    /// Of this person.
    pub person: Option<Uuid>,
    /// Only those in which somebody has still to act.
    pub open: bool,
}

fn to_membership(m: &membership::Model) -> Result<Membership> {
    Ok(Membership {
        id: m.id,
        person: m.person_id,
        branch: m.branch_id,
        relation: code(&m.relation)?,
        period: to_period(&m.from_date, m.until_date.as_deref())?,
    })
}

fn membership_row(community: Uuid, m: &Membership) -> membership::Model {
    membership::Model {
        community_id: community,
        id: m.id,
        person_id: m.person,
        branch_id: m.branch,
        relation: m.relation.code().to_owned(),
        from_date: m.period.from.to_string(),
        until_date: m.period.until.map(|day| day.to_string()),
    }
}

fn to_step(m: step::Model) -> Result<StoredStep> {
    let kind: StepKind = code(&m.step)?;
    let data = serde_json::from_str(&m.data).map_err(|e| Error::Value(e.to_string()))?;
    let step = Step::from_data(kind, date(&m.on_date)?, &data);
    Ok(StoredStep {
        id: m.id,
        person: m.person_id,
        position: m.position,
        branch: m.branch_id,
        step: step.ok_or_else(|| Error::Value(format!("step {kind} {}", m.data)))?,
        note: m.note,
        recorded_by: m.recorded_by,
        recorded_at: from_millis(m.recorded_at),
        taken_back: m.taken_back_at.zip(m.taken_back_by).map(|(at, by)| TakenBack {
            at: from_millis(at),
            by,
            reason: m.taken_back_reason.unwrap_or_default(),
        }),
    })
}

fn step_row(community: Uuid, s: &StoredStep) -> Result<step::Model> {
    Ok(step::Model {
        community_id: community,
        id: s.id,
        person_id: s.person,
        position: s.position,
        branch_id: s.branch,
        step: s.step.kind().code().to_owned(),
        on_date: s.step.on.to_string(),
        data: serde_json::to_string(&s.step.data()).map_err(|e| Error::Value(e.to_string()))?,
        note: s.note.clone(),
        recorded_by: s.recorded_by,
        recorded_at: millis(s.recorded_at),
        taken_back_at: s.taken_back.as_ref().map(|t| millis(t.at)),
        taken_back_by: s.taken_back.as_ref().map(|t| t.by),
        taken_back_reason: s.taken_back.as_ref().map(|t| t.reason.clone()),
    })
}

fn to_transfer(m: transfer::Model) -> Result<Transfer> {
    Ok(Transfer {
        id: m.id,
        person: m.person_id,
        from: m.from_branch_id,
        to: m.to_branch_id,
        state: code(&m.state)?,
        reason: m.reason,
        asked_on: date(&m.asked_on)?,
        handed_over_on: m.handed_over_on.as_deref().map(date).transpose()?,
        decided_on: m.decided_on.as_deref().map(date).transpose()?,
        note: m.note,
    })
}

fn transfer_row(community: Uuid, t: &Transfer) -> transfer::Model {
    transfer::Model {
        community_id: community,
        id: t.id,
        person_id: t.person,
        from_branch_id: t.from,
        to_branch_id: t.to,
        state: t.state.code().to_owned(),
        reason: t.reason.clone(),
        asked_on: t.asked_on.to_string(),
        handed_over_on: t.handed_over_on.map(|day| day.to_string()),
        decided_on: t.decided_on.map(|day| day.to_string()),
        note: t.note.clone(),
    }
}

fn memberships(community: Uuid) -> Select<membership::Entity> {
    membership::Entity::find()
        .filter(membership::Column::CommunityId.eq(community))
        .order_by_asc(membership::Column::PersonId)
        .order_by_asc(membership::Column::FromDate)
        .order_by_asc(membership::Column::Id)
}

fn lasts(day: NaiveDate) -> Condition {
    holds_on(membership::Column::FromDate, membership::Column::UntilDate, day)
}

/// Every membership of these persons, past ones too, the first first.
///
/// # Errors
/// The database's.
pub async fn memberships_of(c: &impl ConnectionTrait, community: Uuid, persons: &[Uuid]) -> Result<Vec<Membership>> {
    let mut found = Vec::new();
    for chunk in persons.chunks(500) {
        let query = memberships(community).filter(membership::Column::PersonId.is_in(chunk.iter().copied()));
        for row in query.all(c).await? {
            found.push(to_membership(&row)?);
        }
    }
    Ok(found)
}

/// The memberships that hold on a day: of these branches, or of all.
///
/// # Errors
/// The database's.
pub async fn memberships_on(
    c: &impl ConnectionTrait,
    community: Uuid,
    branches: Option<&[Uuid]>,
    day: NaiveDate,
) -> Result<Vec<Membership>> {
    let mut query = memberships(community).filter(lasts(day));
    if let Some(branches) = branches {
        query = query.filter(membership::Column::BranchId.is_in(branches.iter().copied()));
    }
    query.all(c).await?.iter().map(to_membership).collect()
}

/// The memberships of these branches that last on a day or begin later.
///
/// # Errors
/// The database's.
pub async fn memberships_from(
    c: &impl ConnectionTrait,
    community: Uuid,
    branches: &[Uuid],
    day: NaiveDate,
) -> Result<Vec<Membership>> {
    use membership::Column;
    let query = memberships(community).filter(Column::BranchId.is_in(branches.iter().copied()));
    query.filter(lasts_after(Column::UntilDate, day)).all(c).await?.iter().map(to_membership).collect()
}

/// Takes a membership back that was never in force.
///
/// # Errors
/// The database's.
pub async fn delete_membership(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<()> {
    membership::Entity::delete_by_id((community, id)).exec(c).await?;
    Ok(())
}

/// Adds memberships.
///
/// # Errors
/// [`Error::Taken`] for a second home that lasts.
pub async fn insert_memberships(c: &impl ConnectionTrait, community: Uuid, new: &[Membership]) -> Result<()> {
    for chunk in new.chunks(200) {
        let rows = chunk.iter().map(|m| membership_row(community, m).into_active_model());
        membership::Entity::insert_many(rows).exec_without_returning(c).await.map_err(taken)?;
    }
    Ok(())
}

/// Stores a membership's days.
///
/// # Errors
/// The database's.
pub async fn save_membership(c: &impl ConnectionTrait, community: Uuid, changed: &Membership) -> Result<()> {
    let row = membership_row(community, changed).into_active_model().reset_all();
    membership::Entity::update(row).exec(c).await.map_err(taken)?;
    Ok(())
}

/// Every step of these persons, each one's in their order.
///
/// # Errors
/// The database's.
pub async fn steps_of(c: &impl ConnectionTrait, community: Uuid, persons: &[Uuid]) -> Result<Vec<StoredStep>> {
    let mut found = Vec::new();
    for chunk in persons.chunks(500) {
        let query = step::Entity::find()
            .filter(step::Column::CommunityId.eq(community))
            .filter(step::Column::PersonId.is_in(chunk.iter().copied()))
            .order_by_asc(step::Column::PersonId)
            .order_by_asc(step::Column::Position);
        for row in query.all(c).await? {
            found.push(to_step(row)?);
        }
    }
    Ok(found)
}

/// The steps that count, in their order, of everybody who belongs to these branches (or to any) on a day.
///
/// # Errors
/// The database's.
pub async fn steps_on(
    c: &impl ConnectionTrait,
    community: Uuid,
    branches: Option<&[Uuid]>,
    day: NaiveDate,
) -> Result<HashMap<Uuid, Vec<Step>>> {
    let mut members = membership::Entity::find()
        .select_only()
        .column(membership::Column::PersonId)
        .filter(membership::Column::CommunityId.eq(community))
        .filter(lasts(day));
    if let Some(branches) = branches {
        members = members.filter(membership::Column::BranchId.is_in(branches.iter().copied()));
    }
    let rows: Vec<(Uuid, String, String, String)> = step::Entity::find()
        .filter(step::Column::CommunityId.eq(community))
        .filter(step::Column::PersonId.in_subquery(members.into_query()))
        .filter(step::Column::TakenBackAt.is_null())
        .order_by_asc(step::Column::PersonId)
        .order_by_asc(step::Column::Position)
        .select_only()
        .columns([step::Column::PersonId, step::Column::Step, step::Column::OnDate, step::Column::Data])
        .into_tuple()
        .all(c)
        .await?;
    let mut steps: HashMap<Uuid, Vec<Step>> = HashMap::new();
    for (person, kind, on, data) in rows {
        let data = serde_json::from_str(&data).map_err(|e| Error::Value(e.to_string()))?;
        let step = Step::from_data(code(&kind)?, date(&on)?, &data);
        steps.entry(person).or_default().push(step.ok_or_else(|| Error::Value(format!("step {kind}")))?);
    }
    Ok(steps)
}

/// Adds steps.
///
/// # Errors
/// [`Error::Taken`] when the person has a step with that number.
pub async fn insert_steps(c: &impl ConnectionTrait, community: Uuid, new: &[StoredStep]) -> Result<()> {
    for chunk in new.chunks(200) {
        let rows = chunk.iter().map(|s| Ok(step_row(community, s)?.into_active_model())).collect::<Result<Vec<_>>>()?;
        step::Entity::insert_many(rows).exec_without_returning(c).await.map_err(taken)?;
    }
    Ok(())
}

/// Stores that a step was taken back.
///
/// # Errors
/// The database's.
pub async fn take_step_back(c: &impl ConnectionTrait, community: Uuid, id: Uuid, taken_back: &TakenBack) -> Result<()> {
    step::ActiveModel {
        community_id: Unchanged(community),
        id: Unchanged(id),
        taken_back_at: Set(Some(millis(taken_back.at))),
        taken_back_by: Set(Some(taken_back.by)),
        taken_back_reason: Set(Some(taken_back.reason.clone())),
        ..Default::default()
    }
    .update(c)
    .await?;
    Ok(())
}

/// A transfer.
///
/// # Errors
/// The database's.
pub async fn transfer(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<Transfer>> {
    transfer::Entity::find_by_id((community, id)).one(c).await?.map(to_transfer).transpose()
}

/// Transfers, those in which somebody has still to act first, then the newest first.
///
/// # Errors
/// The database's.
pub async fn transfers(
    c: &impl ConnectionTrait,
    community: Uuid,
    filter: &TransferFilter,
    slice: Slice,
) -> Result<Paged<Transfer>> {
    let mut query = transfer::Entity::find().filter(transfer::Column::CommunityId.eq(community));
    if let Some(branches) = &filter.branches {
        let either = Condition::any()
            .add(transfer::Column::FromBranchId.is_in(branches.iter().copied()))
            .add(transfer::Column::ToBranchId.is_in(branches.iter().copied()));
        query = query.filter(either);
    }
    if let Some(person) = filter.person {
        query = query.filter(transfer::Column::PersonId.eq(person));
    }
    if filter.open {
        let open = TransferState::ALL.iter().filter(|s| s.is_open()).map(|s| s.code());
        query = query.filter(transfer::Column::State.is_in(open));
    }
    let query = query
        .order_by_desc(transfer::Column::DecidedOn.is_null())
        .order_by_desc(transfer::Column::AskedOn)
        .order_by_desc(transfer::Column::Id);
    crate::service::page(c, query, transfer::Column::Id, slice, to_transfer).await
}

/// Adds transfers.
///
/// # Errors
/// The database's.
pub async fn insert_transfers(c: &impl ConnectionTrait, community: Uuid, new: &[Transfer]) -> Result<()> {
    for chunk in new.chunks(200) {
        let rows = chunk.iter().map(|t| transfer_row(community, t).into_active_model());
        transfer::Entity::insert_many(rows).exec_without_returning(c).await.map_err(taken)?;
    }
    Ok(())
}

/// Stores a transfer's step.
///
/// # Errors
/// The database's.
pub async fn save_transfer(c: &impl ConnectionTrait, community: Uuid, changed: &Transfer) -> Result<()> {
    let row = transfer_row(community, changed).into_active_model().reset_all();
    transfer::Entity::update(row).exec(c).await?;
    Ok(())
}

/// These persons as members, without their care groups.
///
/// # Errors
/// The database's.
pub async fn persons(
    c: &impl ConnectionTrait,
    community: Uuid,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, Member>> {
    let ids = distinct(ids);
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let rows = member::Entity::find()
            .filter(member::Column::CommunityId.eq(community))
            .filter(member::Column::Id.is_in(chunk.iter().copied()))
            .all(c)
            .await?;
        for row in rows {
            found.insert(row.id, to_member(row)?);
        }
    }
    Ok(found)
}
