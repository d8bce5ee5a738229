//! Deliberation between parties (议事、协调, S14): a matter is raised, parties are invited, a meeting is held, an outcome is
//! agreed, and its carrying out is followed; what was not done is taken up again.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    council::{Holder, Level, REASON_MAX, TEXT_MAX, TITLE_MAX},
    invalid::{Problem, Problems},
    text,
};

/// The most parties of a matter.
pub const PARTIES_MAX: usize = 30;
/// The most follow-ups of an outcome.
pub const FOLLOW_UPS_MAX: usize = 30;

coded! {
    /// How far a matter is.
    MatterState {
        /// 已提出.
        Raised => "raised",
        /// 已邀请各方.
        Invited => "invited",
        /// 已协商.
        Met => "met",
        /// 达成结果，落实中.
        Agreed => "agreed",
        /// 已办结.
        Closed => "closed",
        /// 重新提起.
        Reopened => "reopened",
        /// 已撤回.
        Withdrawn => "withdrawn",
    }
}

impl MatterState {
    /// The states that may follow.
    #[must_use]
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::Raised => &[Self::Invited, Self::Withdrawn],
            Self::Invited | Self::Reopened => &[Self::Met, Self::Withdrawn],
            // Several meetings may be needed.
            Self::Met => &[Self::Met, Self::Agreed, Self::Withdrawn],
            Self::Agreed => &[Self::Closed, Self::Reopened],
            Self::Closed => &[Self::Reopened],
            Self::Withdrawn => &[],
        }
    }
}

coded! {
    /// The kind of a meeting of the parties.
    DeliberationKind {
        /// 听证会.
        Hearing => "hearing",
        /// 协调会.
        Coordination => "coordination",
        /// 评议会.
        Review => "review",
    }
}

coded! {
    /// What a party says to its invitation.
    PartyAnswer {
        /// 参加.
        Comes => "comes",
        /// 不参加.
        Declines => "declines",
    }
}

/// A party to a matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatterParty {
    /// Who.
    pub party: Holder,
    /// When it was invited.
    pub invited_on: NaiveDate,
    /// What it answered.
    pub answer: Option<PartyAnswer>,
}

/// A meeting of the parties.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deliberation {
    /// Its kind.
    pub kind: DeliberationKind,
    /// The day.
    pub on: NaiveDate,
    /// The parties that came.
    pub came: Vec<Holder>,
    /// What was said.
    pub notes: String,
}

/// Something that a party does after the outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatterFollowUp {
    /// What.
    pub text: String,
    /// By whom.
    pub owner: Holder,
    /// By when.
    pub due: NaiveDate,
    /// When it was done.
    pub done_on: Option<NaiveDate>,
}

/// What the parties agreed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreed {
    /// On which day.
    pub on: NaiveDate,
    /// What.
    pub text: String,
    /// Who does what by when.
    pub follow_ups: Vec<MatterFollowUp>,
}

/// When and why a matter was taken up again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reopening {
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub reason: String,
    /// The outcome that was not carried out.
    pub outcome: Option<Agreed>,
}

/// A matter between parties.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliberationMatter {
    /// Its identifier.
    pub id: Uuid,
    /// Its title.
    pub title: String,
    /// What it is about.
    pub text: String,
    /// The level on which it is settled (S21).
    pub level: Level,
    /// Who raised it.
    pub raised_by: Holder,
    /// On which day.
    pub raised_on: NaiveDate,
    /// How far it is.
    pub state: MatterState,
    /// The parties, who raised it included.
    pub parties: Vec<MatterParty>,
    /// The meetings, the first first.
    pub meetings: Vec<Deliberation>,
    /// What was agreed.
    pub outcome: Option<Agreed>,
    /// When it was closed.
    pub closed_on: Option<NaiveDate>,
    /// How often and why it was taken up again.
    pub reopened: Vec<Reopening>,
    /// Why it was withdrawn.
    pub reason: Option<String>,
}

fn said(problems: &mut Problems, field: &'static str, raw: &str) -> Option<String> {
    let text = problems.take(text::lines(field, raw, TEXT_MAX));
    problems.require(text.as_ref().is_none_or(|text| !text.is_empty()), || Problem::new(field, "required"));
    text
}

impl DeliberationMatter {
    /// Raises a matter.
    ///
    /// # Errors
    /// Every problem of the texts.
    pub fn raise(
        id: Uuid,
        (title, text): (&str, &str),
        level: Level,
        raised_by: Holder,
        today: NaiveDate,
    ) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let title = problems.take(text::line("title", title, TITLE_MAX));
        let text = said(&mut problems, "text", text);
        let matter = title.zip(text).map(|(title, text)| Self {
            id,
            title,
            text,
            level,
            raised_by,
            raised_on: today,
            state: MatterState::Raised,
            parties: Vec::new(),
            meetings: Vec::new(),
            outcome: None,
            closed_on: None,
            reopened: Vec::new(),
            reason: None,
        });
        problems.finish(matter)
    }

    fn not_now(&self) -> Problem {
        Problem::new("state", "matter_not_now").with("state", self.state)
    }

    fn may(&self, to: MatterState) -> Result<(), Problem> {
        if self.state.next().contains(&to) { Ok(()) } else { Err(self.not_now()) }
    }

    /// Invites parties, more of them later too; who raised it is one of them.
    ///
    /// # Errors
    /// `matter_not_now`; `matter_one_party` when there would be fewer than two; `too_many`; `matter_party_twice`.
    pub fn invite(&mut self, parties: &[Holder], today: NaiveDate) -> Result<(), Problems> {
        let mut problems = Problems::default();
        let inviting =
            matches!(self.state, MatterState::Raised | MatterState::Invited | MatterState::Met | MatterState::Reopened);
        problems.require(inviting, || self.not_now());
        let mut all = self.parties.clone();
        let own = [self.raised_by];
        let raiser = own.iter().filter(|raiser| self.parties.is_empty() && !parties.contains(raiser));
        for party in raiser.chain(parties) {
            problems.require(all.iter().all(|other| other.party != *party), || {
                Problem::new("parties", "matter_party_twice")
            });
            all.push(MatterParty { party: *party, invited_on: today, answer: None });
        }
        problems.require(all.len() >= 2, || Problem::new("parties", "matter_one_party"));
        problems.require(all.len() <= PARTIES_MAX, || Problem::new("parties", "too_many").with("max", PARTIES_MAX));
        problems.finish(Some(()))?;
        self.parties = all;
        if self.state == MatterState::Raised {
            self.state = MatterState::Invited;
        }
        Ok(())
    }

    /// A party answers its invitation, or answers anew.
    ///
    /// # Errors
    /// `matter_not_now`, `matter_no_party`.
    pub fn answer(&mut self, party: Holder, answer: PartyAnswer) -> Result<(), Problem> {
        if !matches!(self.state, MatterState::Invited | MatterState::Met | MatterState::Reopened) {
            return Err(self.not_now());
        }
        let found = self.parties.iter_mut().find(|own| own.party == party);
        found.ok_or_else(|| Problem::new("party", "matter_no_party"))?.answer = Some(answer);
        Ok(())
    }

    /// Writes down a meeting of the parties that was held.
    ///
    /// # Errors
    /// `matter_not_now`; `date_out_of_range` for a day that is not between the last step and `today`; `matter_one_party` when
    /// fewer than two came, `matter_no_party` for one that is none; what is wrong with the notes.
    pub fn meet(
        &mut self,
        kind: DeliberationKind,
        on: NaiveDate,
        came: &[Holder],
        notes: &str,
        today: NaiveDate,
    ) -> Result<(), Problems> {
        let mut problems = Problems::default();
        problems.take(self.may(MatterState::Met));
        self.check_day(&mut problems, on, today);
        let mut came = came.to_vec();
        came.sort_unstable();
        came.dedup();
        problems.require(came.len() >= 2, || Problem::new("came", "matter_one_party"));
        let known = came.iter().all(|party| self.parties.iter().any(|own| own.party == *party));
        problems.require(known, || Problem::new("came", "matter_no_party"));
        let notes = said(&mut problems, "notes", notes);
        let notes = problems.finish(notes)?;
        self.meetings.push(Deliberation { kind, on, came, notes });
        self.state = MatterState::Met;
        Ok(())
    }

    fn last_day(&self) -> NaiveDate {
        self.meetings.last().map_or(self.raised_on, |meeting| meeting.on)
    }

    fn check_day(&self, problems: &mut Problems, on: NaiveDate, today: NaiveDate) {
        let from = self.last_day();
        problems.require(from <= on && on <= today, || {
            Problem::new("on", "date_out_of_range").with("from", from).with("until", today)
        });
    }

    /// Writes down what the parties agreed, with who does what by when.
    ///
    /// # Errors
    /// `matter_not_now`; `date_out_of_range` of the day; `too_many`; `matter_no_party` for an owner that is none;
    /// `end_before_start` for a due day before it was agreed; what is wrong with the texts.
    pub fn agree(
        &mut self,
        on: NaiveDate,
        text: &str,
        follow_ups: &[(String, Holder, NaiveDate)],
        today: NaiveDate,
    ) -> Result<(), Problems> {
        let mut problems = Problems::default();
        problems.take(self.may(MatterState::Agreed));
        self.check_day(&mut problems, on, today);
        let text = said(&mut problems, "text", text);
        problems.require(follow_ups.len() <= FOLLOW_UPS_MAX, || {
            Problem::new("follow_ups", "too_many").with("max", FOLLOW_UPS_MAX)
        });
        let mut all = Vec::new();
        for (what, owner, due) in follow_ups {
            let what = said(&mut problems, "follow_ups", what);
            let known = self.parties.iter().any(|own| own.party == *owner);
            problems.require(known, || Problem::new("follow_ups", "matter_no_party"));
            problems.require(*due >= on, || Problem::new("follow_ups", "end_before_start"));
            all.extend(what.map(|text| MatterFollowUp { text, owner: *owner, due: *due, done_on: None }));
        }
        let text = problems.finish(text)?;
        self.outcome = Some(Agreed { on, text, follow_ups: all });
        self.state = MatterState::Agreed;
        Ok(())
    }

    /// A follow-up, by its number from 0, was done.
    ///
    /// # Errors
    /// `matter_not_now`; `matter_no_follow_up`; `matter_done_already`; `date_out_of_range`.
    pub fn done(&mut self, follow_up: usize, on: NaiveDate, today: NaiveDate) -> Result<(), Problem> {
        let state = self.state;
        let not_now = self.not_now();
        let Some(outcome) = self.outcome.as_mut().filter(|_| state == MatterState::Agreed) else { return Err(not_now) };
        let from = outcome.on;
        let found = outcome.follow_ups.get_mut(follow_up);
        let found = found.ok_or_else(|| Problem::new("follow_up", "matter_no_follow_up"))?;
        if found.done_on.is_some() {
            return Err(Problem::new("follow_up", "matter_done_already"));
        }
        if on < from || on > today {
            return Err(Problem::new("on", "date_out_of_range").with("from", from).with("until", today));
        }
        found.done_on = Some(on);
        Ok(())
    }

    /// The follow-ups that are not done, and among them those whose day has passed.
    pub fn pending(&self) -> impl Iterator<Item = &MatterFollowUp> {
        let of = self.outcome.iter().flat_map(|outcome| &outcome.follow_ups);
        of.filter(|follow_up| follow_up.done_on.is_none())
    }

    /// Whether a follow-up is overdue.
    #[must_use]
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        self.state == MatterState::Agreed && self.pending().any(|follow_up| follow_up.due < today)
    }

    /// Closes it: everything that was agreed is done.
    ///
    /// # Errors
    /// `matter_not_now`; `matter_pending` with the `count` of what is not done.
    pub fn close(&mut self, today: NaiveDate) -> Result<(), Problem> {
        self.may(MatterState::Closed)?;
        let count = self.pending().count();
        if count > 0 {
            return Err(Problem::new("follow_ups", "matter_pending").with("count", count));
        }
        self.closed_on = Some(today);
        self.state = MatterState::Closed;
        Ok(())
    }

    /// Takes it up again because what was agreed was not done, or did not last. What was agreed stays in its history.
    ///
    /// # Errors
    /// `matter_not_now`; `matter_not_due` while everything that is not done is still in time; `required` or `too_long` for
    /// the reason.
    pub fn reopen(&mut self, reason: &str, now: DateTime<Utc>, today: NaiveDate) -> Result<(), Problems> {
        let mut problems = Problems::default();
        problems.take(self.may(MatterState::Reopened));
        problems.require(self.state != MatterState::Agreed || self.is_overdue(today), || {
            Problem::new("state", "matter_not_due")
        });
        let reason = problems.take(text::line("reason", reason, REASON_MAX));
        let reason = problems.finish(reason)?;
        let outcome = self.outcome.take();
        self.reopened.push(Reopening { at: now, reason, outcome });
        self.closed_on = None;
        self.state = MatterState::Reopened;
        Ok(())
    }

    /// Withdraws it before anything is agreed, with a reason.
    ///
    /// # Errors
    /// `matter_not_now`; `required` or `too_long` for the reason.
    pub fn withdraw(&mut self, reason: &str) -> Result<(), Problems> {
        let mut problems = Problems::default();
        problems.take(self.may(MatterState::Withdrawn));
        let reason = problems.take(text::line("reason", reason, REASON_MAX));
        self.reason = Some(problems.finish(reason)?);
        self.state = MatterState::Withdrawn;
        Ok(())
    }
}
