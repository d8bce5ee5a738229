//! Meetings: called with notice, opened, closed, and done when the minutes are approved. Each item of the agenda leads to a
//! result or a follow-up (S11).

mod attendance;

use std::collections::BTreeMap;

pub use attendance::{Answer, Attendance, Invitation};
use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Holder, REASON_MAX, TEXT_MAX, TITLE_MAX,
    charter::{Agenda, Charter},
};
use crate::{
    invalid::{Problem, Problems},
    text,
    time::Window,
};

/// The most items of an agenda.
pub const ITEMS_MAX: usize = 50;
/// How many hours before its time a meeting may be opened.
pub const EARLY_HOURS: i64 = 2;

coded! {
    /// How far a meeting is.
    MeetingState {
        /// 草拟.
        Draft => "draft",
        /// 已通知.
        Called => "called",
        /// 进行中.
        Open => "open",
        /// 已结束.
        Closed => "closed",
        /// 纪要待审.
        MinutesDrafted => "minutes_drafted",
        /// 纪要已通过.
        Approved => "approved",
        /// 已取消.
        Cancelled => "cancelled",
    }
}

impl MeetingState {
    /// The states that may follow.
    #[must_use]
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::Draft => &[Self::Called, Self::Cancelled],
            Self::Called => &[Self::Open, Self::Cancelled],
            Self::Open => &[Self::Closed],
            Self::Closed => &[Self::MinutesDrafted],
            // Minutes that are not approved are written anew.
            Self::MinutesDrafted => &[Self::Closed, Self::Approved],
            Self::Approved | Self::Cancelled => &[],
        }
    }
}

coded! {
    /// The four kinds of agenda items (S11).
    Together {
        /// 党建共商.
        Consult => "consult",
        /// 事务共管.
        Manage => "manage",
        /// 难题共解.
        Solve => "solve",
        /// 资源共享.
        Share => "share",
    }
}

/// The kind of an agenda item: one of the four, or one of the charter's own. In JSON it is its code or its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ItemKind {
    /// One of the four.
    Together(Together),
    /// The charter's own.
    Own(String),
}

/// What an item led to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum ItemOutcome {
    /// It is settled.
    Result {
        /// How.
        text: String,
        /// The resolution that was taken.
        resolution: Option<Uuid>,
    },
    /// Somebody goes on with it.
    FollowUp {
        /// What is to be done.
        text: String,
        /// By whom.
        owner: Holder,
        /// By when.
        due: NaiveDate,
    },
}

/// An item of the agenda.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgendaItem {
    /// Its identifier.
    pub id: Uuid,
    /// Its kind.
    pub kind: ItemKind,
    /// What it is about.
    pub title: String,
    /// Who put it; none for the chair or the seat on duty.
    pub by: Option<Uuid>,
    /// The proposal that it debates.
    pub proposal: Option<Uuid>,
    /// What was said, for the minutes.
    pub notes: String,
    /// What it led to.
    pub outcome: Option<ItemOutcome>,
}

/// A meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meeting {
    /// Its identifier.
    pub id: Uuid,
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
    /// The agenda, in its order.
    pub items: Vec<AgendaItem>,
    /// Who was invited, by seat or by who is on the roll.
    pub invited: BTreeMap<Uuid, Invitation>,
    /// Who came.
    pub attendance: Vec<Attendance>,
    /// When it was called.
    pub called_at: Option<DateTime<Utc>>,
    /// When it was opened.
    pub opened_at: Option<DateTime<Utc>>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// The minutes as a whole, beside what stands at each item.
    pub minutes: String,
    /// Who approved the minutes, and when.
    pub approved: Option<(Uuid, DateTime<Utc>)>,
    /// Why it was cancelled.
    pub reason: Option<String>,
}

impl Meeting {
    /// A draft without an agenda.
    ///
    /// # Errors
    /// Every problem of title and place; `end_before_start`.
    pub fn draft(
        id: Uuid,
        (title, place): (&str, &str),
        (from, until): (DateTime<Utc>, DateTime<Utc>),
        convener: Option<Uuid>,
    ) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let said = problems.gather(said((title, place), (from, until)));
        let meeting = said.map(|(title, place, window)| Self {
            id,
            title,
            window,
            place,
            convener,
            state: MeetingState::Draft,
            items: Vec::new(),
            invited: BTreeMap::new(),
            attendance: Vec::new(),
            called_at: None,
            opened_at: None,
            closed_at: None,
            minutes: String::new(),
            approved: None,
            reason: None,
        });
        problems.finish(meeting)
    }

    /// Another title, place or time, while it is a draft.
    ///
    /// # Errors
    /// `meeting_not_now`; as [`Meeting::draft`].
    pub fn revise(
        &mut self,
        names: (&str, &str),
        times: (DateTime<Utc>, DateTime<Utc>),
        convener: Option<Uuid>,
    ) -> Result<(), Problems> {
        let mut problems = Problems::default();
        problems.require(self.state == MeetingState::Draft, || self.not_now());
        let said = problems.gather(said(names, times));
        (self.title, self.place, self.window) = problems.finish(said)?;
        self.convener = convener;
        Ok(())
    }

    fn step(&self, to: MeetingState) -> Result<(), Problem> {
        if self.state.next().contains(&to) { Ok(()) } else { Err(self.not_now()) }
    }

    fn not_now(&self) -> Problem {
        Problem::new("state", "meeting_not_now").with("state", self.state)
    }

    /// Puts an item on the agenda, at the end.
    ///
    /// # Errors
    /// `meeting_not_now` once it has begun; `too_many`; `meeting_item_kind` for a kind that the charter does not have;
    /// what is wrong with the title.
    pub fn add_item(
        &mut self,
        charter: &Charter,
        id: Uuid,
        (kind, title): (ItemKind, &str),
        (by, proposal): (Option<Uuid>, Option<Uuid>),
    ) -> Result<(), Problems> {
        let mut problems = Problems::default();
        problems.take(self.not_begun());
        problems.require(self.items.len() < ITEMS_MAX, || Problem::new("items", "too_many").with("max", ITEMS_MAX));
        let known = match (&charter.agenda, &kind) {
            (Agenda::Together, ItemKind::Together(_)) => true,
            (Agenda::Own(kinds), ItemKind::Own(kind)) => kinds.contains(kind),
            _ => false,
        };
        problems.require(known, || Problem::new("kind", "meeting_item_kind"));
        let title = problems.take(text::line("title", title, TITLE_MAX));
        let item = title.map(|title| AgendaItem { id, kind, title, by, proposal, notes: String::new(), outcome: None });
        self.items.push(problems.finish(item)?);
        Ok(())
    }

    /// Takes an item off the agenda.
    ///
    /// # Errors
    /// `meeting_not_now` once it has begun; `meeting_no_such_item`; `meeting_no_items` for the last one of a meeting that was
    /// called.
    pub fn remove_item(&mut self, item: Uuid) -> Result<(), Problem> {
        self.not_begun()?;
        let at = self.items.iter().position(|own| own.id == item);
        let at = at.ok_or_else(|| Problem::new("item", "meeting_no_such_item"))?;
        if self.state == MeetingState::Called && self.items.len() == 1 {
            return Err(Problem::new("items", "meeting_no_items"));
        }
        self.items.remove(at);
        Ok(())
    }

    /// Puts the items into an order, which names each of them once.
    ///
    /// # Errors
    /// `meeting_not_now` once it has begun; `meeting_no_such_item`.
    pub fn order_items(&mut self, order: &[Uuid]) -> Result<(), Problem> {
        self.not_begun()?;
        let place = |item: &AgendaItem| order.iter().position(|own| *own == item.id);
        if order.len() != self.items.len() || self.items.iter().any(|item| place(item).is_none()) {
            return Err(Problem::new("items", "meeting_no_such_item"));
        }
        self.items.sort_by_key(place);
        Ok(())
    }

    fn not_begun(&self) -> Result<(), Problem> {
        if matches!(self.state, MeetingState::Draft | MeetingState::Called) { Ok(()) } else { Err(self.not_now()) }
    }

    /// The last day on which it can be called with the charter's notice.
    #[must_use]
    pub fn call_by(&self, charter: &Charter, zone: Tz) -> NaiveDate {
        let day = self.window.from.with_timezone(&zone).date_naive();
        day.checked_sub_days(Days::new(charter.notice_days.into())).unwrap_or(NaiveDate::MIN)
    }

    /// Calls it: everybody in `invited` is invited.
    ///
    /// # Errors
    /// `meeting_not_now`; `meeting_no_items`; `already_past`; `meeting_notice_short` with `days` and the `earliest` day on
    /// which it can be; `meeting_nobody`.
    pub fn call(&mut self, charter: &Charter, invited: &[Uuid], now: DateTime<Utc>, zone: Tz) -> Result<(), Problems> {
        let mut problems = Problems::default();
        problems.take(self.step(MeetingState::Called));
        problems.require(!self.items.is_empty(), || Problem::new("items", "meeting_no_items"));
        problems.require(!invited.is_empty(), || Problem::new("invited", "meeting_nobody"));
        let today = now.with_timezone(&zone).date_naive();
        problems.require(now < self.window.from, || Problem::new("from", "already_past"));
        problems.require(today <= self.call_by(charter, zone), || {
            let earliest = today.checked_add_days(Days::new(charter.notice_days.into())).unwrap_or(NaiveDate::MAX);
            Problem::new("from", "meeting_notice_short").with("days", charter.notice_days).with("earliest", earliest)
        });
        problems.finish(Some(()))?;
        self.invited = invited.iter().map(|who| (*who, Invitation::sent(now))).collect();
        self.called_at = Some(now);
        self.state = MeetingState::Called;
        Ok(())
    }

    /// Opens it, at most [`EARLY_HOURS`] before its time.
    ///
    /// # Errors
    /// `meeting_not_now`, `meeting_too_early`.
    pub fn open(&mut self, now: DateTime<Utc>) -> Result<(), Problem> {
        self.step(MeetingState::Open)?;
        if now < self.window.from - Duration::hours(EARLY_HOURS) {
            return Err(Problem::new("state", "meeting_too_early").with("hours", EARLY_HOURS));
        }
        self.opened_at = Some(now);
        self.state = MeetingState::Open;
        Ok(())
    }

    /// Writes down what was said on an item and what it led to, while it is open and until the minutes are approved.
    ///
    /// # Errors
    /// `meeting_not_now`; `meeting_no_such_item`; `required` and `too_long` of the texts; `already_past` of a due day before
    /// `today`.
    pub fn write(
        &mut self,
        item: Uuid,
        notes: &str,
        outcome: Option<ItemOutcome>,
        today: NaiveDate,
    ) -> Result<(), Problems> {
        let mut problems = Problems::default();
        problems.require(matches!(self.state, MeetingState::Open | MeetingState::Closed), || self.not_now());
        let notes = problems.take(text::lines("notes", notes, TEXT_MAX));
        let outcome = outcome.and_then(|outcome| problems.gather(checked(outcome, today)));
        let found = self.items.iter_mut().find(|own| own.id == item);
        problems.require(found.is_some(), || Problem::new("item", "meeting_no_such_item"));
        let (item, notes) = problems.finish(found.zip(notes))?;
        (item.notes, item.outcome) = (notes, outcome);
        Ok(())
    }

    /// Closes it; nobody is there any more.
    ///
    /// # Errors
    /// `meeting_not_now`.
    pub fn close(&mut self, now: DateTime<Utc>) -> Result<(), Problem> {
        self.step(MeetingState::Closed)?;
        for attendance in self.attendance.iter_mut().filter(|attendance| attendance.left_at.is_none()) {
            attendance.left_at = Some(now.max(attendance.arrived_at));
        }
        self.closed_at = Some(now);
        self.state = MeetingState::Closed;
        Ok(())
    }

    /// The items that have led to nothing yet.
    pub fn unsettled(&self) -> impl Iterator<Item = &AgendaItem> {
        self.items.iter().filter(|item| item.outcome.is_none())
    }

    /// Submits the minutes.
    ///
    /// # Errors
    /// `meeting_not_now`; `too_long`.
    pub fn submit_minutes(&mut self, minutes: &str) -> Result<(), Problems> {
        let mut problems = Problems::default();
        problems.take(self.step(MeetingState::MinutesDrafted));
        let minutes = problems.take(text::lines("minutes", minutes, TEXT_MAX));
        self.minutes = problems.finish(minutes)?;
        self.state = MeetingState::MinutesDrafted;
        Ok(())
    }

    /// Sends the minutes back to be written anew.
    ///
    /// # Errors
    /// `meeting_not_now`.
    pub fn return_minutes(&mut self) -> Result<(), Problem> {
        if self.state != MeetingState::MinutesDrafted {
            return Err(self.not_now());
        }
        self.state = MeetingState::Closed;
        Ok(())
    }

    /// Approves the minutes: every item has led to a result or a follow-up.
    ///
    /// # Errors
    /// `meeting_not_now`; `meeting_unsettled` with the `count` of items and the first one's `title`.
    pub fn approve_minutes(&mut self, by: Uuid, now: DateTime<Utc>) -> Result<(), Problem> {
        self.step(MeetingState::Approved)?;
        if let Some(first) = self.unsettled().next() {
            let problem = Problem::new("minutes", "meeting_unsettled").with("count", self.unsettled().count());
            return Err(problem.with("title", &first.title));
        }
        self.approved = Some((by, now));
        self.state = MeetingState::Approved;
        Ok(())
    }

    /// Cancels it, with a reason.
    ///
    /// # Errors
    /// `meeting_not_now`; `required` or `too_long` for the reason.
    pub fn cancel(&mut self, reason: &str) -> Result<(), Problems> {
        let mut problems = Problems::default();
        problems.take(self.step(MeetingState::Cancelled));
        let reason = problems.take(text::line("reason", reason, REASON_MAX));
        self.reason = Some(problems.finish(reason)?);
        self.state = MeetingState::Cancelled;
        Ok(())
    }
}

/// The title, the place and the time.
fn said(
    (title, place): (&str, &str),
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(String, String, Window), Problems> {
    let mut problems = Problems::default();
    let title = problems.take(text::line("title", title, TITLE_MAX));
    let place = problems.take(text::line("place", place, TITLE_MAX));
    let window = problems.take(Window::new(from, until).ok_or_else(|| Problem::new("until", "end_before_start")));
    problems.finish(title.zip(place).zip(window).map(|((title, place), window)| (title, place, window)))
}

fn checked(outcome: ItemOutcome, today: NaiveDate) -> Result<ItemOutcome, Problems> {
    let mut problems = Problems::default();
    let said = |problems: &mut Problems, raw: &str| {
        let text = problems.take(text::lines("outcome", raw, TEXT_MAX));
        problems.require(text.as_ref().is_none_or(|text| !text.is_empty()), || Problem::new("outcome", "required"));
        text
    };
    let outcome = match outcome {
        ItemOutcome::Result { text, resolution } => {
            said(&mut problems, &text).map(|text| ItemOutcome::Result { text, resolution })
        }
        ItemOutcome::FollowUp { text, owner, due } => {
            problems.require(due >= today, || Problem::new("due", "already_past"));
            said(&mut problems, &text).map(|text| ItemOutcome::FollowUp { text, owner, due })
        }
    };
    problems.finish(outcome)
}
