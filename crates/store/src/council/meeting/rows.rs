//! Between the rows of a meeting and its parts.

use tongxin_core::{
    council::meeting::{AgendaItem, Attendance, Invitation, ItemKind, ItemOutcome, Meeting},
    time::from_millis,
};
use uuid::Uuid;

use super::{StoredMeeting, both};
use crate::{
    Error, Result,
    convert::{code, date, instant, millis},
    council::{holder_columns, optional_holder},
    entity::{agenda_item, attendance, invitation, meeting},
};

pub(super) fn of_meeting(community: Uuid, s: &StoredMeeting, revision: i64) -> meeting::Model {
    let m = &s.life;
    meeting::Model {
        community_id: community,
        id: m.id,
        council_id: s.council,
        series_id: s.series,
        title: m.title.clone(),
        from_at: millis(m.window.from),
        until_at: millis(m.window.until),
        place: m.place.clone(),
        convener_id: m.convener,
        state: m.state.code().to_owned(),
        called_at: m.called_at.map(millis),
        opened_at: m.opened_at.map(millis),
        closed_at: m.closed_at.map(millis),
        minutes: m.minutes.clone(),
        approved_by: m.approved.map(|(by, _)| by),
        approved_at: m.approved.map(|(_, at)| millis(at)),
        reason: m.reason.clone(),
        revision,
    }
}

/// The kind of an item is stored as its JSON, which is a word: the code of one of the four, or the charter's own.
fn to_kind(stored: String) -> Result<ItemKind> {
    serde_json::from_value(stored.into()).map_err(|error| Error::Value(error.to_string()))
}

fn kind(kind: &ItemKind) -> String {
    match kind {
        ItemKind::Together(kind) => kind.code().to_owned(),
        ItemKind::Own(name) => name.clone(),
    }
}

/// How an item that somebody goes on with is stored.
pub(super) const FOLLOW_UP: &str = "follow_up";
const RESULT: &str = "result";

pub(super) fn of_items(community: Uuid, m: &Meeting) -> Vec<agenda_item::Model> {
    let row = |(item, position): (&AgendaItem, i64)| {
        let (outcome, text, resolution, owner, due) = match &item.outcome {
            None => (None, None, None, None, None),
            Some(ItemOutcome::Result { text, resolution }) => (Some(RESULT), Some(text), *resolution, None, None),
            Some(ItemOutcome::FollowUp { text, owner, due }) => {
                (Some(FOLLOW_UP), Some(text), None, Some(*owner), Some(due.to_string()))
            }
        };
        let (owner_kind, owner_id) = holder_columns(owner);
        agenda_item::Model {
            community_id: community,
            id: item.id,
            meeting_id: m.id,
            position,
            kind: kind(&item.kind),
            title: item.title.clone(),
            by_id: item.by,
            proposal_id: item.proposal,
            notes: item.notes.clone(),
            outcome: outcome.map(str::to_owned),
            outcome_text: text.cloned(),
            resolution_id: resolution,
            owner_kind,
            owner_id,
            due_on: due,
        }
    };
    m.items.iter().zip(1..).map(row).collect()
}

pub(super) fn to_item(m: agenda_item::Model) -> Result<AgendaItem> {
    let broken = || Error::Value(format!("outcome of item {}", m.id));
    let text = m.outcome_text.clone();
    let outcome = match (m.outcome.as_deref(), text) {
        (None, _) => None,
        (Some(RESULT), Some(text)) => Some(ItemOutcome::Result { text, resolution: m.resolution_id }),
        (Some(FOLLOW_UP), Some(text)) => {
            let owner = optional_holder(m.owner_kind.as_deref(), m.owner_id)?.ok_or_else(broken)?;
            let due = m.due_on.as_deref().map(date).transpose()?.ok_or_else(broken)?;
            Some(ItemOutcome::FollowUp { text, owner, due })
        }
        _ => return Err(broken()),
    };
    Ok(AgendaItem {
        id: m.id,
        kind: to_kind(m.kind)?,
        title: m.title,
        by: m.by_id,
        proposal: m.proposal_id,
        notes: m.notes,
        outcome,
    })
}

pub(super) fn of_invitations(community: Uuid, m: &Meeting) -> Vec<invitation::Model> {
    let row = |(voter, invitation): (&Uuid, &Invitation)| invitation::Model {
        community_id: community,
        meeting_id: m.id,
        voter_id: *voter,
        sent_at: millis(invitation.sent_at),
        answer: invitation.answer.map(|(answer, _)| answer.code().to_owned()),
        answered_at: invitation.answer.map(|(_, at)| millis(at)),
    };
    m.invited.iter().map(row).collect()
}

pub(super) fn to_invitation(m: &invitation::Model) -> Result<(Uuid, Invitation)> {
    let answer = both(m.answer.as_deref().map(code).transpose()?, m.answered_at);
    Ok((m.voter_id, Invitation { sent_at: from_millis(m.sent_at), answer }))
}

pub(super) fn of_attendance(community: Uuid, m: &Meeting) -> Vec<attendance::Model> {
    let row = |(came, position): (&Attendance, i64)| attendance::Model {
        community_id: community,
        meeting_id: m.id,
        position,
        voter_id: came.voter,
        person_id: came.person,
        arrived_at: millis(came.arrived_at),
        left_at: came.left_at.map(millis),
    };
    m.attendance.iter().zip(1..).map(row).collect()
}

pub(super) fn to_attendance(m: &attendance::Model) -> Attendance {
    Attendance {
        voter: m.voter_id,
        person: m.person_id,
        arrived_at: from_millis(m.arrived_at),
        left_at: instant(m.left_at),
    }
}
