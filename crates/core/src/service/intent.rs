//! Needs and offers: what is checked when one is handed in, and the moves its life allows.

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use uuid::Uuid;

use super::{CareKind, Category, IntentState, Reach, Side, Urgency, Visibility, schedule::Schedule};
use crate::{
    community::Location,
    invalid::{Problem, Problems},
    text,
};

/// The longest title, in characters.
pub const TITLE_MAX: usize = 60;
/// The longest text, in characters.
pub const TEXT_MAX: usize = 2_000;
/// The largest quantity of a need or capacity of an offer.
pub const QUANTITY_MAX: i64 = 1_000;

/// A need or an offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Intent {
    /// Its identifier.
    pub id: Uuid,
    /// Need or offer.
    pub side: Side,
    /// Who asks or gives.
    pub member: Uuid,
    /// The account that handed it in.
    pub entered_by: Option<Uuid>,
    /// Where.
    pub location: Location,
    /// What it says.
    pub draft: IntentDraft,
    /// How much of its quantity is held by matches, live or done.
    pub committed: i64,
    /// How much of its quantity was delivered and confirmed.
    pub fulfilled: i64,
    /// Where its life stands.
    pub state: IntentState,
    /// When it was handed in.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// What a need or an offer says, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IntentDraft {
    /// One of the ten.
    pub category: Category,
    /// Material or spiritual.
    pub care_kind: CareKind,
    /// In a few words.
    pub title: String,
    /// In full; may be empty.
    pub text: String,
    /// When.
    pub schedule: Schedule,
    /// Persons, visits or things: how many are needed, or how many can be served.
    pub quantity: i64,
    /// How soon; offers are always normal.
    pub urgency: Urgency,
    /// How far it serves; needs always the whole community.
    pub reach: Reach,
    /// Who may see it.
    pub visibility: Visibility,
}

/// What a form, an API call or a row of an import holds, as typed. Times are already read in the community's zone;
/// none when they could not be read.
#[derive(Debug, Clone, Default)]
pub struct IntentForm {
    /// Code of [`Category`].
    pub category: String,
    /// Code of [`CareKind`].
    pub care_kind: String,
    /// In a few words.
    pub title: String,
    /// In full.
    pub text: String,
    /// The window's beginning.
    pub from: Option<DateTime<Utc>>,
    /// The window's end.
    pub until: Option<DateTime<Utc>>,
    /// RFC 5545 recurrence rule, empty for once.
    pub rrule: String,
    /// A whole number.
    pub quantity: String,
    /// Code of [`Urgency`]; empty means normal.
    pub urgency: String,
    /// Code of [`Reach`]; empty means the community.
    pub reach: String,
    /// Code of [`Visibility`]; empty means members.
    pub visibility: String,
}

/// Checks a form. With `now`, a window that has already passed is refused; an import of history passes none.
///
/// # Errors
/// Every problem of the form at once.
pub fn check(side: Side, form: &IntentForm, zone: Tz, now: Option<DateTime<Utc>>) -> Result<IntentDraft, Problems> {
    let mut problems = Problems::default();
    let category = problems.take(choice("category", &form.category, None));
    let care_kind = problems.take(choice("care_kind", &form.care_kind, None));
    let title = problems.take(text::line("title", &form.title, TITLE_MAX));
    let body = problems.take(text::lines("text", &form.text, TEXT_MAX));
    let schedule = problems.take(schedule(form, zone, now));
    let quantity = problems.take(quantity("quantity", &form.quantity));
    let urgency = problems.take(match side {
        Side::Need => choice("urgency", &form.urgency, Some(Urgency::Normal)),
        Side::Offer => Ok(Urgency::Normal),
    });
    let reach = problems.take(match side {
        Side::Need => Ok(Reach::Community),
        Side::Offer => choice("reach", &form.reach, Some(Reach::Community)),
    });
    let visibility = problems.take(choice("visibility", &form.visibility, Some(Visibility::Members)));
    let draft = (|| {
        Some(IntentDraft {
            category: category?,
            care_kind: care_kind?,
            title: title?,
            text: body?,
            schedule: schedule?,
            quantity: quantity?,
            urgency: urgency?,
            reach: reach?,
            visibility: visibility?,
        })
    })();
    problems.finish(draft)
}

fn choice<T: std::str::FromStr>(field: &'static str, raw: &str, default: Option<T>) -> Result<T, Problem> {
    match (raw.trim(), default) {
        ("", Some(default)) => Ok(default),
        ("", None) => Err(Problem::new(field, "required")),
        (code, _) => code.parse().map_err(|_| Problem::new(field, "unknown_choice")),
    }
}

fn schedule(form: &IntentForm, zone: Tz, now: Option<DateTime<Utc>>) -> Result<Schedule, Problem> {
    let from = form.from.ok_or_else(|| Problem::new("from", "bad_time"))?;
    let until = form.until.ok_or_else(|| Problem::new("until", "bad_time"))?;
    let schedule = Schedule::check(from, until, &form.rrule, zone)?;
    match now {
        Some(now) if until <= now => Err(Problem::new("until", "already_past")),
        _ => Ok(schedule),
    }
}

/// Reads a whole number from 1 to [`QUANTITY_MAX`].
///
/// # Errors
/// `bad_quantity`, with the limits.
pub fn quantity(field: &'static str, raw: &str) -> Result<i64, Problem> {
    raw.trim()
        .parse::<i64>()
        .ok()
        .filter(|n| (1..=QUANTITY_MAX).contains(n))
        .ok_or_else(|| Problem::new(field, "bad_quantity").with("min", 1).with("max", QUANTITY_MAX))
}

/// A move that the life of a need, offer or match does not allow, or that came too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The state does not allow the move.
    #[error("the state does not allow this")]
    WrongState,
    /// Not so much is left.
    #[error("not so much is left")]
    NotEnoughLeft,
    /// A smaller quantity than what is already matched.
    #[error("less than what is already matched")]
    BelowCommitted,
    /// Live matches have to be called off first.
    #[error("live matches are open")]
    LiveMatches,
    /// Need and offer are of the same member.
    #[error("need and offer are of the same member")]
    SameMember,
    /// Need and offer are of different categories.
    #[error("need and offer are of different categories")]
    OtherCategory,
    /// Not yet: the 7 days have not passed.
    #[error("too early")]
    TooEarly,
    /// This party has no say in this step.
    #[error("not this party's step")]
    NotYourStep,
}

impl Refused {
    /// The stable code; the Fluent message is `refused-{code}`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::WrongState => "wrong_state",
            Self::NotEnoughLeft => "not_enough_left",
            Self::BelowCommitted => "below_committed",
            Self::LiveMatches => "live_matches",
            Self::SameMember => "same_member",
            Self::OtherCategory => "other_category",
            Self::TooEarly => "too_early",
            Self::NotYourStep => "not_your_step",
        }
    }
}

impl Intent {
    /// What is not yet held by a match.
    #[must_use]
    pub const fn remaining(&self) -> i64 {
        self.draft.quantity - self.committed
    }

    /// Whether it can still be edited, matched or withdrawn.
    #[must_use]
    pub const fn is_alive(&self) -> bool {
        matches!(self.state, IntentState::Open | IntentState::Matched)
    }

    /// Says something else from now on.
    ///
    /// # Errors
    /// [`Refused::WrongState`] when its life is over; [`Refused::BelowCommitted`] when matches hold more;
    /// [`Refused::OtherCategory`] when the category changes while matches hold some.
    pub fn edit(&mut self, draft: IntentDraft, now: DateTime<Utc>) -> Result<(), Refused> {
        if !self.is_alive() {
            return Err(Refused::WrongState);
        }
        if draft.quantity < self.committed {
            return Err(Refused::BelowCommitted);
        }
        if self.committed > 0 && draft.category != self.draft.category {
            return Err(Refused::OtherCategory);
        }
        self.draft = draft;
        self.settle_state(now);
        Ok(())
    }

    /// Takes it back. What was delivered stays delivered.
    ///
    /// # Errors
    /// [`Refused::WrongState`] when its life is over; [`Refused::LiveMatches`] while matches hold some of it.
    pub fn withdraw(&mut self, now: DateTime<Utc>) -> Result<(), Refused> {
        if !self.is_alive() {
            return Err(Refused::WrongState);
        }
        if self.committed > self.fulfilled {
            return Err(Refused::LiveMatches);
        }
        self.state = IntentState::Withdrawn;
        self.updated_at = now;
        Ok(())
    }

    /// Opens a withdrawn or expired one again, while its window lasts.
    ///
    /// # Errors
    /// [`Refused::WrongState`] otherwise.
    pub fn reopen(&mut self, now: DateTime<Utc>) -> Result<(), Refused> {
        let over = matches!(self.state, IntentState::Withdrawn | IntentState::Expired);
        if !over || self.draft.schedule.window.until <= now {
            return Err(Refused::WrongState);
        }
        self.state = IntentState::Open;
        self.settle_state(now);
        Ok(())
    }

    /// Lets it expire when its window passed and some of it was never matched. Tells whether it did.
    pub fn expire(&mut self, now: DateTime<Utc>) -> bool {
        let due = self.state == IntentState::Open && self.draft.schedule.window.until <= now;
        if due {
            self.state = IntentState::Expired;
            self.updated_at = now;
        }
        due
    }

    /// Holds `quantity` of it for a match.
    ///
    /// # Errors
    /// [`Refused::WrongState`] when it is not open or its window has passed, [`Refused::NotEnoughLeft`] when less is left.
    pub fn commit(&mut self, quantity: i64, now: DateTime<Utc>) -> Result<(), Refused> {
        if self.draft.schedule.window.until <= now {
            return Err(Refused::WrongState);
        }
        if self.state != IntentState::Open {
            return Err(if self.state == IntentState::Matched { Refused::NotEnoughLeft } else { Refused::WrongState });
        }
        if quantity < 1 || quantity > self.remaining() {
            return Err(Refused::NotEnoughLeft);
        }
        self.committed += quantity;
        self.settle_state(now);
        Ok(())
    }

    /// Gives back `quantity` that a match held. One whose window has passed expires at the next tick.
    pub fn release(&mut self, quantity: i64, now: DateTime<Utc>) {
        self.committed = (self.committed - quantity).max(self.fulfilled);
        self.settle_state(now);
    }

    /// Counts `quantity` as delivered and confirmed.
    pub fn fulfil(&mut self, quantity: i64, now: DateTime<Utc>) {
        self.fulfilled = (self.fulfilled + quantity).min(self.committed);
        self.settle_state(now);
    }

    /// Open, matched or met follow from the quantities; the other states stay.
    fn settle_state(&mut self, now: DateTime<Utc>) {
        if matches!(self.state, IntentState::Open | IntentState::Matched | IntentState::Met) {
            self.state = if self.fulfilled >= self.draft.quantity {
                IntentState::Met
            } else if self.committed >= self.draft.quantity {
                IntentState::Matched
            } else {
                IntentState::Open
            };
        }
        self.updated_at = now;
    }

    /// How long it has waited since it was handed in.
    #[must_use]
    pub fn age(&self, now: DateTime<Utc>) -> Duration {
        now - self.created_at
    }
}
