//! Lists of meetings, and of what somebody goes on with after them.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use tongxin_core::{
    council::meeting::{AgendaItem, MeetingState},
    time::Window,
};
use uuid::Uuid;

use super::{rows, window};
use crate::{
    Paged, Result, Slice,
    convert::{code, millis},
    council::in_areas,
    entity::{agenda_item, invitation, meeting},
    parts::by_ids,
    service::page,
};

/// Which meetings; what is none is no limit.
#[derive(Debug, Clone, Default)]
pub struct MeetingFilter {
    /// Of these councils.
    pub councils: Option<Vec<Uuid>>,
    /// Of councils in one of these residential areas.
    pub areas: Option<Vec<Uuid>>,
    /// To which one of these seats, or of those on a roll, is invited.
    pub invited: Option<Vec<Uuid>>,
    /// In these states; empty means any.
    pub states: Vec<MeetingState>,
    /// That end after this instant.
    pub from: Option<DateTime<Utc>>,
    /// That begin before this instant.
    pub until: Option<DateTime<Utc>>,
    /// The next first; otherwise the last first.
    pub earliest_first: bool,
}

/// A meeting in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeetingHead {
    /// Its identifier.
    pub id: Uuid,
    /// The council.
    pub council: Uuid,
    /// What the meetings that come again have in common.
    pub series: Option<Uuid>,
    /// Its title.
    pub title: String,
    /// When it is.
    pub window: Window,
    /// Where.
    pub place: String,
    /// The seat on duty that convenes it.
    pub convener: Option<Uuid>,
    /// How far it is.
    pub state: MeetingState,
    /// How often it was changed.
    pub revision: i64,
}

fn to_head(m: meeting::Model) -> Result<MeetingHead> {
    Ok(MeetingHead {
        id: m.id,
        council: m.council_id,
        series: m.series_id,
        title: m.title,
        window: window(m.from_at, m.until_at)?,
        place: m.place,
        convener: m.convener_id,
        state: code(&m.state)?,
        revision: m.revision,
    })
}

/// Meetings by their time.
///
/// # Errors
/// The database's.
pub async fn list(
    c: &impl ConnectionTrait,
    community: Uuid,
    filter: &MeetingFilter,
    slice: Slice,
) -> Result<Paged<MeetingHead>> {
    use meeting::Column;
    let mut query = meeting::Entity::find().filter(Column::CommunityId.eq(community));
    if let Some(councils) = &filter.councils {
        query = query.filter(Column::CouncilId.is_in(councils.iter().copied()));
    }
    if let Some(areas) = &filter.areas {
        query = query.filter(Column::CouncilId.in_subquery(in_areas(community, areas)));
    }
    if let Some(voters) = &filter.invited {
        let invited = invitation::Entity::find()
            .select_only()
            .column(invitation::Column::MeetingId)
            .filter(invitation::Column::CommunityId.eq(community))
            .filter(invitation::Column::VoterId.is_in(voters.iter().copied()));
        query = query.filter(Column::Id.in_subquery(invited.into_query()));
    }
    if !filter.states.is_empty() {
        query = query.filter(Column::State.is_in(filter.states.iter().map(|state| state.code())));
    }
    if let Some(from) = filter.from {
        query = query.filter(Column::UntilAt.gt(millis(from)));
    }
    if let Some(until) = filter.until {
        query = query.filter(Column::FromAt.lt(millis(until)));
    }
    let query = if filter.earliest_first {
        query.order_by_asc(Column::FromAt).order_by_asc(Column::Id)
    } else {
        query.order_by_desc(Column::FromAt).order_by_desc(Column::Id)
    };
    page(c, query, Column::Id, slice, to_head).await
}

/// These meetings, in no order.
///
/// # Errors
/// The database's.
pub async fn heads(
    c: &impl ConnectionTrait,
    community: Uuid,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<Vec<MeetingHead>> {
    let query = meeting::Entity::find().filter(meeting::Column::CommunityId.eq(community));
    by_ids(c, query, meeting::Column::Id, ids, to_head).await
}

/// The agendas of these meetings, each in its order.
///
/// # Errors
/// The database's.
pub async fn items_of(
    c: &impl ConnectionTrait,
    community: Uuid,
    meetings: &[Uuid],
) -> Result<HashMap<Uuid, Vec<AgendaItem>>> {
    let query = agenda_item::Entity::find()
        .filter(agenda_item::Column::CommunityId.eq(community))
        .order_by_asc(agenda_item::Column::Position);
    let meetings = meetings.iter().copied();
    let with_meeting = |row: agenda_item::Model| Ok((row.meeting_id, rows::to_item(row)?));
    let mut found: HashMap<Uuid, Vec<AgendaItem>> = HashMap::new();
    for (meeting, item) in by_ids(c, query, agenda_item::Column::MeetingId, meetings, with_meeting).await? {
        found.entry(meeting).or_default().push(item);
    }
    Ok(found)
}

/// Which follow-ups; what is none is no limit.
#[derive(Debug, Clone, Default)]
pub struct FollowUpFilter {
    /// Of meetings of these councils.
    pub councils: Option<Vec<Uuid>>,
    /// By one of these members.
    pub owners: Option<Vec<Uuid>>,
    /// Due from this day on.
    pub from: Option<NaiveDate>,
    /// Due before this day.
    pub until: Option<NaiveDate>,
}

/// An item of a meeting that somebody goes on with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUp {
    /// The meeting.
    pub meeting: Uuid,
    /// The item; its outcome is a follow-up.
    pub item: AgendaItem,
}

/// Items that somebody goes on with, by their due days.
///
/// # Errors
/// The database's.
pub async fn follow_ups(
    c: &impl ConnectionTrait,
    community: Uuid,
    filter: &FollowUpFilter,
    slice: Slice,
) -> Result<Paged<FollowUp>> {
    use agenda_item::Column;
    let mut query = agenda_item::Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::DueOn.is_not_null())
        .filter(Column::Outcome.eq(rows::FOLLOW_UP));
    if let Some(councils) = &filter.councils {
        let meetings = meeting::Entity::find()
            .select_only()
            .column(meeting::Column::Id)
            .filter(meeting::Column::CommunityId.eq(community))
            .filter(meeting::Column::CouncilId.is_in(councils.iter().copied()));
        query = query.filter(Column::MeetingId.in_subquery(meetings.into_query()));
    }
    if let Some(owners) = &filter.owners {
        query = query.filter(Column::OwnerId.is_in(owners.iter().copied()));
    }
    if let Some(from) = filter.from {
        query = query.filter(Column::DueOn.gte(from.to_string()));
    }
    if let Some(until) = filter.until {
        query = query.filter(Column::DueOn.lt(until.to_string()));
    }
    let query = query.order_by_asc(Column::DueOn).order_by_asc(Column::Id);
    page(c, query, Column::Id, slice, |row| Ok(FollowUp { meeting: row.meeting_id, item: rows::to_item(row)? })).await
}
