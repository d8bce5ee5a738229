//! Who is invited to a meeting, who comes, and the live figures of its quorum.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Meeting, MeetingState};
use crate::{
    council::{
        charter::{Quorum, QuorumBy},
        roll::{QuorumFigure, RollEntry, quorum_figures},
    },
    invalid::Problem,
};

coded! {
    /// An answer to an invitation.
    Answer {
        /// 出席.
        Comes => "comes",
        /// 由替补出席.
        SendsSubstitute => "sends_substitute",
        /// 请假.
        Excused => "excused",
    }
}

/// An invitation and its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// When it was sent.
    pub sent_at: DateTime<Utc>,
    /// The answer, and when it came.
    pub answer: Option<(Answer, DateTime<Utc>)>,
}

impl Invitation {
    /// One without an answer.
    #[must_use]
    pub const fn sent(at: DateTime<Utc>) -> Self {
        Self { sent_at: at, answer: None }
    }
}

/// A person who came for a seat, or for itself, from a time until another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendance {
    /// The seat, or who stands on the roll.
    pub voter: Uuid,
    /// The person.
    pub person: Uuid,
    /// When it came.
    pub arrived_at: DateTime<Utc>,
    /// When it left; none while it is there.
    pub left_at: Option<DateTime<Utc>>,
}

impl Meeting {
    /// Answers an invitation, or answers anew, until the meeting is opened.
    ///
    /// # Errors
    /// `meeting_not_now`, `meeting_not_invited`.
    pub fn answer(&mut self, voter: Uuid, answer: Answer, now: DateTime<Utc>) -> Result<(), Problem> {
        if self.state != MeetingState::Called {
            return Err(self.not_now());
        }
        let invitation = self.invited.get_mut(&voter).ok_or_else(|| Problem::new("voter", "meeting_not_invited"))?;
        invitation.answer = Some((answer, now));
        Ok(())
    }

    /// A person comes for a seat, or for itself; the caller has checked that it speaks for it. A seat is there once,
    /// whoever of it comes.
    ///
    /// # Errors
    /// `meeting_not_now`, `meeting_not_invited`; `meeting_here_already` when this person is.
    pub fn arrive(&mut self, voter: Uuid, person: Uuid, now: DateTime<Utc>) -> Result<(), Problem> {
        if self.state != MeetingState::Open {
            return Err(self.not_now());
        }
        if !self.invited.contains_key(&voter) {
            return Err(Problem::new("voter", "meeting_not_invited"));
        }
        let here = |own: &Attendance| own.left_at.is_none() && own.person == person && own.voter == voter;
        if self.attendance.iter().any(here) {
            return Err(Problem::new("person", "meeting_here_already"));
        }
        self.attendance.push(Attendance { voter, person, arrived_at: now, left_at: None });
        Ok(())
    }

    /// A person leaves before the end.
    ///
    /// # Errors
    /// `meeting_not_now`; `meeting_not_here`.
    pub fn leave(&mut self, voter: Uuid, person: Uuid, now: DateTime<Utc>) -> Result<(), Problem> {
        if self.state != MeetingState::Open {
            return Err(self.not_now());
        }
        let here = |own: &&mut Attendance| own.left_at.is_none() && own.person == person && own.voter == voter;
        let attendance =
            self.attendance.iter_mut().find(here).ok_or_else(|| Problem::new("person", "meeting_not_here"))?;
        attendance.left_at = Some(now.max(attendance.arrived_at));
        Ok(())
    }

    /// The seats, or who of the roll, that are there; of a meeting that is over, those that were there at some time.
    #[must_use]
    pub fn present(&self) -> BTreeSet<Uuid> {
        let open = self.state == MeetingState::Open;
        let there = self.attendance.iter().filter(|attendance| !open || attendance.left_at.is_none());
        there.map(|attendance| attendance.voter).collect()
    }

    /// The figures of a quorum as they stand. `proxies` are those who gave a proxy, with the one who holds it; it counts while
    /// the holder is there, and only where the quorum counts who is represented.
    ///
    /// # Errors
    /// As [`quorum_figures`].
    pub fn quorum(
        &self,
        quorum: &Quorum,
        roll: &[RollEntry],
        proxies: &[(Uuid, Uuid)],
    ) -> Result<Vec<QuorumFigure>, Problem> {
        let mut here = self.present();
        if quorum.by != QuorumBy::Present {
            let given = proxies.iter().filter(|(_, holder)| here.contains(holder)).map(|(giver, _)| *giver);
            let given: Vec<Uuid> = given.collect();
            here.extend(given);
        }
        quorum_figures(quorum, roll, &here)
    }
}
