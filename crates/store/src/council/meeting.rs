//! Meetings with their agenda, invitations and attendance.

mod list;
mod rows;

use chrono::{DateTime, Utc};
pub use list::{FollowUp, FollowUpFilter, MeetingFilter, MeetingHead, follow_ups, heads, items_of, list};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use tongxin_core::{
    council::meeting::Meeting,
    time::{Window, from_millis},
};
use uuid::Uuid;

use crate::{
    Error, Result,
    convert::{code, instant},
    entity::{agenda_item, attendance, invitation, meeting},
    parts::{save_parts, save_revision},
};

/// A stored meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMeeting {
    /// The council.
    pub council: Uuid,
    /// What the meetings that come again have in common.
    pub series: Option<Uuid>,
    /// How often it was changed; 0 for a new one.
    pub revision: i64,
    /// The meeting.
    pub life: Meeting,
}

pub(crate) fn window(from: i64, until: i64) -> Result<Window> {
    let window = Window::new(from_millis(from), from_millis(until));
    window.ok_or_else(|| Error::Value(format!("window {from} to {until}")))
}

/// What is there when both of its columns are.
fn both<T>(one: Option<T>, at: Option<i64>) -> Option<(T, DateTime<Utc>)> {
    one.zip(instant(at))
}

/// Adds a meeting.
///
/// # Errors
/// The database's.
pub async fn insert(c: &impl ConnectionTrait, community: Uuid, new: &StoredMeeting) -> Result<()> {
    let row = rows::of_meeting(community, new, new.revision).into_active_model();
    meeting::Entity::insert(row).exec_without_returning(c).await?;
    save_all_parts(c, community, None, &new.life).await
}

/// Stores what has changed of a meeting since it was read as `before`.
///
/// # Errors
/// The database's; among them that the row is not there when it was changed since it was read.
pub async fn save(c: &impl ConnectionTrait, community: Uuid, before: &StoredMeeting, changed: &Meeting) -> Result<()> {
    let after = StoredMeeting { life: changed.clone(), ..before.clone() };
    let row = rows::of_meeting(community, &after, before.revision + 1);
    save_revision::<meeting::Entity>(c, row, meeting::Column::Revision, before.revision).await?;
    save_all_parts(c, community, Some(&before.life), changed).await
}

async fn save_all_parts(
    c: &impl ConnectionTrait,
    community: Uuid,
    before: Option<&Meeting>,
    after: &Meeting,
) -> Result<()> {
    let items = |meeting: &Meeting| rows::of_items(community, meeting);
    save_parts::<agenda_item::Entity, _>(c, before.map(items).unwrap_or_default(), items(after), |row| row.id).await?;
    let invited = |meeting: &Meeting| rows::of_invitations(community, meeting);
    let old = before.map(invited).unwrap_or_default();
    save_parts::<invitation::Entity, _>(c, old, invited(after), |row| row.voter_id).await?;
    let came = |meeting: &Meeting| rows::of_attendance(community, meeting);
    save_parts::<attendance::Entity, _>(c, before.map(came).unwrap_or_default(), came(after), |row| row.position).await
}

/// A meeting.
///
/// # Errors
/// The database's.
pub async fn find(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<StoredMeeting>> {
    read(c, community, id, None).await
}

/// A meeting with the invitations of these voters alone: to answer one, or to let somebody come, where thousands are invited.
/// It may be saved as a whole one.
///
/// # Errors
/// The database's.
pub async fn find_for(
    c: &impl ConnectionTrait,
    community: Uuid,
    id: Uuid,
    voters: &[Uuid],
) -> Result<Option<StoredMeeting>> {
    read(c, community, id, Some(voters)).await
}

async fn read(
    c: &impl ConnectionTrait,
    community: Uuid,
    id: Uuid,
    voters: Option<&[Uuid]>,
) -> Result<Option<StoredMeeting>> {
    let Some(row) = meeting::Entity::find_by_id((community, id)).one(c).await? else { return Ok(None) };
    let mut invited = invitation::Entity::find()
        .filter(invitation::Column::CommunityId.eq(community))
        .filter(invitation::Column::MeetingId.eq(id));
    if let Some(voters) = voters {
        invited = invited.filter(invitation::Column::VoterId.is_in(voters.iter().copied()));
    }
    let came = attendance::Entity::find()
        .filter(attendance::Column::CommunityId.eq(community))
        .filter(attendance::Column::MeetingId.eq(id))
        .order_by_asc(attendance::Column::Position);
    let items = items_of(c, community, &[id]).await?.remove(&id).unwrap_or_default();
    let life = Meeting {
        id: row.id,
        title: row.title,
        window: window(row.from_at, row.until_at)?,
        place: row.place,
        convener: row.convener_id,
        state: code(&row.state)?,
        items,
        invited: invited.all(c).await?.iter().map(rows::to_invitation).collect::<Result<_>>()?,
        attendance: came.all(c).await?.iter().map(rows::to_attendance).collect(),
        called_at: instant(row.called_at),
        opened_at: instant(row.opened_at),
        closed_at: instant(row.closed_at),
        minutes: row.minutes,
        approved: both(row.approved_by, row.approved_at),
        reason: row.reason,
    };
    Ok(Some(StoredMeeting { council: row.council_id, series: row.series_id, revision: row.revision, life }))
}
