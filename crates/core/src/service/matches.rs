//! The life of a match: proposed, accepted, arranged, delivered, confirmed by both sides; and its deliveries.

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::{MatchState, Side, intent::Refused, intent::quantity};
use crate::{
    invalid::{Problem, Problems},
    text,
    time::Window,
};

/// After this many days without a confirmation the missing side is reminded and staff may settle.
pub const CONFIRM_WITHIN_DAYS: i64 = 7;
/// The longest reason, note or comment, in characters.
pub const NOTE_MAX: usize = 500;
/// The longest delivery, in minutes.
pub const MINUTES_MAX: i64 = 24 * 60;

/// Who takes a step of a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The member whose need it is, or who acts for it.
    Receiver,
    /// The member whose offer it is, or who acts for it.
    Giver,
    /// Staff of the place, who may act for a member that asked them to.
    Staff,
}

impl Party {
    /// Whether this party speaks for `side`: its own side, and staff for either.
    #[must_use]
    pub const fn speaks_for(self, side: Side) -> bool {
        matches!((self, side), (Self::Staff, _) | (Self::Giver, Side::Offer) | (Self::Receiver, Side::Need))
    }
}

/// A need matched with an offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Match {
    /// Its identifier.
    pub id: Uuid,
    /// The need.
    pub need: Uuid,
    /// The offer.
    pub offer: Uuid,
    /// The member served.
    pub receiver: Uuid,
    /// The member who serves.
    pub giver: Uuid,
    /// How much of both it holds.
    pub quantity: i64,
    /// How much of that was delivered so far.
    pub delivered: i64,
    /// Which side is asked to accept.
    pub asked: Side,
    /// Where its life stands.
    pub state: MatchState,
    /// The time arranged.
    pub arranged: Option<Window>,
    /// Why it was declined or cancelled.
    pub reason: Option<String>,
    /// When it was proposed.
    pub proposed_at: DateTime<Utc>,
    /// When it was accepted.
    pub accepted_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub closed_at: Option<DateTime<Utc>>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// One delivery under a match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// Its identifier.
    pub id: Uuid,
    /// The match that it belongs to.
    pub match_id: Uuid,
    /// What was delivered.
    pub draft: DeliveryDraft,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// When the giver confirmed.
    pub giver_confirmed_at: Option<DateTime<Utc>>,
    /// When the receiver confirmed.
    pub receiver_confirmed_at: Option<DateTime<Utc>>,
    /// When staff settled it instead.
    pub settled_at: Option<DateTime<Utc>>,
    /// When the missing side was reminded.
    pub reminded_at: Option<DateTime<Utc>>,
    /// The receiver's rating, 1 to 5.
    pub rating: Option<i64>,
    /// The receiver's comment.
    pub comment: Option<String>,
}

/// What is said of a delivery, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeliveryDraft {
    /// When it happened.
    pub happened_at: DateTime<Utc>,
    /// How long it took, in minutes; 0 for a thing that was handed over.
    pub minutes: i64,
    /// How much of the match it delivered.
    pub quantity: i64,
    /// A note; may be empty.
    pub note: String,
}

/// Checks a delivery as typed: `minutes` from 0 to [`MINUTES_MAX`], `quantity` from 1, a time that is not in the future.
///
/// # Errors
/// Every problem at once.
pub fn check_delivery(
    happened_at: Option<DateTime<Utc>>,
    minutes: &str,
    raw_quantity: &str,
    note: &str,
    now: DateTime<Utc>,
) -> Result<DeliveryDraft, Problems> {
    let mut problems = Problems::default();
    let happened_at = problems.take(match happened_at {
        None => Err(Problem::new("happened_at", "bad_time")),
        Some(at) if at > now + Duration::minutes(5) => Err(Problem::new("happened_at", "in_the_future")),
        Some(at) => Ok(at),
    });
    let minutes = problems.take(
        minutes
            .trim()
            .parse::<i64>()
            .ok()
            .filter(|m| (0..=MINUTES_MAX).contains(m))
            .ok_or_else(|| Problem::new("minutes", "bad_quantity").with("min", 0).with("max", MINUTES_MAX)),
    );
    let quantity = problems.take(quantity("quantity", raw_quantity));
    let note = problems.take(text::lines("note", note, NOTE_MAX));
    let draft =
        (|| Some(DeliveryDraft { happened_at: happened_at?, minutes: minutes?, quantity: quantity?, note: note? }))();
    problems.finish(draft)
}

/// Checks a rating from 1 to 5 and its comment.
///
/// # Errors
/// Every problem at once.
pub fn check_feedback(rating: &str, comment: &str) -> Result<(i64, Option<String>), Problems> {
    let mut problems = Problems::default();
    let rating = problems.take(
        rating
            .trim()
            .parse::<i64>()
            .ok()
            .filter(|r| (1..=5).contains(r))
            .ok_or_else(|| Problem::new("rating", "bad_quantity").with("min", 1).with("max", 5)),
    );
    let comment = problems.take(text::lines("comment", comment, NOTE_MAX)).map(|c| (!c.is_empty()).then_some(c));
    problems.finish(rating.zip(comment))
}

impl Match {
    /// The side that was asked accepts.
    ///
    /// # Errors
    /// [`Refused::WrongState`] or [`Refused::NotYourStep`].
    pub fn accept(&mut self, by: Party, now: DateTime<Utc>) -> Result<(), Refused> {
        self.answer(by)?;
        self.accepted_at = Some(now);
        self.move_to(MatchState::Accepted, now);
        Ok(())
    }

    /// The side that was asked declines, with a reason. The caller releases the quantity on both sides.
    ///
    /// # Errors
    /// [`Refused::WrongState`] or [`Refused::NotYourStep`].
    pub fn decline(&mut self, by: Party, reason: String, now: DateTime<Utc>) -> Result<(), Refused> {
        self.answer(by)?;
        self.reason = Some(reason);
        self.move_to(MatchState::Declined, now);
        Ok(())
    }

    fn answer(&self, by: Party) -> Result<(), Refused> {
        if self.state != MatchState::Proposed {
            return Err(Refused::WrongState);
        }
        if by.speaks_for(self.asked) { Ok(()) } else { Err(Refused::NotYourStep) }
    }

    /// Either side, or staff, arranges a time or another one.
    ///
    /// # Errors
    /// [`Refused::WrongState`].
    pub fn arrange(&mut self, window: Window, now: DateTime<Utc>) -> Result<(), Refused> {
        if !matches!(self.state, MatchState::Accepted | MatchState::Arranged) {
            return Err(Refused::WrongState);
        }
        self.arranged = Some(window);
        self.move_to(MatchState::Arranged, now);
        Ok(())
    }

    /// Either side, or staff, calls it off, with a reason. What was delivered stays; gives the quantity to release.
    ///
    /// # Errors
    /// [`Refused::WrongState`] once all of it was delivered or it ended.
    pub fn cancel(&mut self, reason: String, now: DateTime<Utc>) -> Result<i64, Refused> {
        if !matches!(self.state, MatchState::Proposed | MatchState::Accepted | MatchState::Arranged) {
            return Err(Refused::WrongState);
        }
        self.reason = Some(reason);
        self.move_to(MatchState::Cancelled, now);
        Ok(self.quantity - self.delivered)
    }

    /// Records a delivery; `next` is the next occurrence when the need recurs and some is left to deliver. The party
    /// that records it has confirmed it for its own side; staff for none.
    ///
    /// # Errors
    /// [`Refused::WrongState`] before acceptance or after the end, [`Refused::NotEnoughLeft`] below 1 or over the match's
    /// quantity,    /// [`Refused::NotYourStep`] when the receiver tries.
    pub fn deliver(
        &mut self,
        by: Party,
        id: Uuid,
        draft: DeliveryDraft,
        next: Option<Window>,
        now: DateTime<Utc>,
    ) -> Result<Delivery, Refused> {
        if !matches!(self.state, MatchState::Accepted | MatchState::Arranged) {
            return Err(Refused::WrongState);
        }
        if by == Party::Receiver {
            return Err(Refused::NotYourStep);
        }
        if draft.quantity < 1 || draft.quantity > self.quantity - self.delivered {
            return Err(Refused::NotEnoughLeft);
        }
        self.delivered += draft.quantity;
        if self.delivered == self.quantity {
            self.move_to(MatchState::Delivered, now);
        } else {
            self.arranged = next;
            self.move_to(if next.is_some() { MatchState::Arranged } else { MatchState::Accepted }, now);
        }
        Ok(Delivery {
            id,
            match_id: self.id,
            draft,
            recorded_at: now,
            giver_confirmed_at: (by == Party::Giver).then_some(now),
            receiver_confirmed_at: None,
            settled_at: None,
            reminded_at: None,
            rating: None,
            comment: None,
        })
    }

    /// Ends the match when all of it was delivered and every delivery is settled. Tells whether it ended.
    pub fn close_if_settled(&mut self, deliveries: &[Delivery], now: DateTime<Utc>) -> bool {
        if self.state != MatchState::Delivered || !deliveries.iter().all(Delivery::is_settled) {
            return false;
        }
        let by_staff = deliveries.iter().any(|d| d.settled_at.is_some());
        self.move_to(if by_staff { MatchState::Settled } else { MatchState::Confirmed }, now);
        true
    }

    fn move_to(&mut self, state: MatchState, now: DateTime<Utc>) {
        self.state = state;
        self.updated_at = now;
        if !state.is_live() {
            self.closed_at = Some(now);
        }
    }
}

impl Delivery {
    /// Whether both sides confirmed, or staff settled.
    #[must_use]
    pub const fn is_settled(&self) -> bool {
        self.settled_at.is_some() || (self.giver_confirmed_at.is_some() && self.receiver_confirmed_at.is_some())
    }

    /// A side confirms. Tells whether the delivery is settled by it.
    ///
    /// # Errors
    /// [`Refused::WrongState`] when that side has confirmed or it is settled; [`Refused::NotYourStep`] for staff, who
    /// settle instead.
    pub fn confirm(&mut self, by: Party, now: DateTime<Utc>) -> Result<bool, Refused> {
        if self.is_settled() {
            return Err(Refused::WrongState);
        }
        let slot = match by {
            Party::Giver => &mut self.giver_confirmed_at,
            Party::Receiver => &mut self.receiver_confirmed_at,
            Party::Staff => return Err(Refused::NotYourStep),
        };
        if slot.is_some() {
            return Err(Refused::WrongState);
        }
        *slot = Some(now);
        Ok(self.is_settled())
    }

    /// Whether a confirmation is missing for more than [`CONFIRM_WITHIN_DAYS`] days.
    #[must_use]
    pub fn is_overdue(&self, now: DateTime<Utc>) -> bool {
        !self.is_settled() && now - self.recorded_at >= Duration::days(CONFIRM_WITHIN_DAYS)
    }

    /// Staff settle it once it is overdue.
    ///
    /// # Errors
    /// [`Refused::WrongState`] when it is settled, [`Refused::TooEarly`] before.
    pub fn settle(&mut self, now: DateTime<Utc>) -> Result<(), Refused> {
        if self.is_settled() {
            return Err(Refused::WrongState);
        }
        if !self.is_overdue(now) {
            return Err(Refused::TooEarly);
        }
        self.settled_at = Some(now);
        Ok(())
    }

    /// The receiver rates it, or changes the rating.
    pub fn rate(&mut self, rating: i64, comment: Option<String>) {
        self.rating = Some(rating);
        self.comment = comment;
    }
}
