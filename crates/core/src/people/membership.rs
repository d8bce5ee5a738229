//! Where a Party member belongs: the home branch holds the organisational relationship (组织关系), one at a time; a branch
//! where the member lives or works keeps a registration (报到), any number (S17). A member changes its home by a transfer
//! that one branch hands over and the other accepts.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::development::rules::Citation;
use crate::{community::OrganisationKind, invalid::Problem, period::Period};

coded! {
    /// How a person belongs to a branch.
    Relation {
        /// 组织关系: probationary and full members.
        Home => "home",
        /// 报到登记: where the member lives or works.
        Registered => "registered",
        /// 培养: who applied there and is not yet a member.
        Development => "development",
    }
}

/// That a person belongs to a branch for some days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// Its identifier.
    pub id: Uuid,
    /// The person.
    pub person: Uuid,
    /// The branch.
    pub branch: Uuid,
    /// How.
    pub relation: Relation,
    /// The days.
    pub period: Period,
}

impl Membership {
    /// Whether a person belongs wholly to one branch by it: at home or in development, never both and never in two.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        matches!(self.relation, Relation::Home | Relation::Development)
    }
}

/// Whether members may belong to an organisation of this kind.
#[must_use]
pub const fn holds_members(kind: OrganisationKind) -> bool {
    use OrganisationKind as O;
    matches!(kind, O::Branch | O::JointBranch | O::GeneralBranch | O::PartyCommittee)
}

/// Whether an organisation of this kind approves admissions and conversions; a general branch looks at them only.
#[must_use]
pub const fn approves(kind: OrganisationKind) -> bool {
    matches!(kind, OrganisationKind::PartyCommittee | OrganisationKind::WorkingCommittee)
}

/// Checks that a new membership fits those that the person has.
///
/// # Errors
/// `party_one_home` when it would give two homes on some day; `party_registered_already` when it is there already;
/// `party_registered_at_home` for a registration at the home branch.
pub fn check_new(existing: &[Membership], new: &Membership) -> Result<(), Problem> {
    let clash = |test: fn(&Membership, &Membership) -> bool| {
        existing.iter().find(|m| test(m, new) && m.period.overlaps(&new.period))
    };
    let problem = |code: &'static str, with: &Membership| Problem::new("branch", code).with("from", with.period.from);
    if let Some(other) = clash(|m, new| m.is_whole() && new.is_whole()) {
        return Err(problem("party_one_home", other));
    }
    if let Some(other) = clash(|m, new| m.relation == new.relation && m.branch == new.branch) {
        return Err(problem("party_registered_already", other));
    }
    let at_home = |m: &Membership, new: &Membership| m.branch == new.branch && m.is_whole() != new.is_whole();
    match clash(at_home) {
        Some(other) => Err(problem("party_registered_at_home", other)),
        None => Ok(()),
    }
}

coded! {
    /// Where a transfer stands.
    TransferState {
        /// Asked for; the old branch is to hand over.
        Asked => "asked",
        /// Handed over; the new branch is to accept.
        HandedOver => "handed_over",
        /// Accepted: the home has moved.
        Accepted => "accepted",
        /// Declined by the branch whose turn it was.
        Declined => "declined",
        /// Taken back by the member or the old branch.
        Withdrawn => "withdrawn",
    }
}

impl TransferState {
    /// Whether somebody has still to act.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Asked | Self::HandedOver)
    }
}

coded! {
    /// A step of a transfer after it was asked for.
    TransferStep {
        /// The old branch hands over.
        HandOver => "hand_over",
        /// The new branch accepts.
        Accept => "accept",
        /// The branch whose turn it is declines.
        Decline => "decline",
        /// The member or the old branch takes it back.
        Withdraw => "withdraw",
    }
}

/// Who takes a step of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The member.
    Member,
    /// An officer of the old branch, or of one above it.
    From,
    /// An officer of the new branch, or of one above it.
    To,
}

/// A member's way from one home branch to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// Its identifier.
    pub id: Uuid,
    /// The person.
    pub person: Uuid,
    /// The old home.
    pub from: Uuid,
    /// The new home.
    pub to: Uuid,
    /// Where it stands.
    pub state: TransferState,
    /// Why it was asked for.
    pub reason: String,
    /// The day on which it was asked for.
    pub asked_on: NaiveDate,
    /// The day of the handing over.
    pub handed_over_on: Option<NaiveDate>,
    /// The day on which it ended.
    pub decided_on: Option<NaiveDate>,
    /// What was said at the end: why it was declined.
    pub note: String,
}

impl Transfer {
    /// Whether `side` may take `step` now.
    #[must_use]
    pub const fn allows(&self, step: TransferStep, side: Side) -> bool {
        use TransferState::{Asked, HandedOver};
        matches!(
            (step, self.state, side),
            (TransferStep::HandOver | TransferStep::Decline, Asked, Side::From)
                | (TransferStep::Accept | TransferStep::Decline, HandedOver, Side::To)
                | (TransferStep::Withdraw, Asked | HandedOver, Side::Member | Side::From)
        )
    }

    /// Takes a step on a day.
    ///
    /// # Errors
    /// `party_transfer_not_now` when the state or the side does not allow it; `party_before_last` for a day before the step
    /// before it.
    pub fn take(&mut self, step: TransferStep, sides: &[Side], on: NaiveDate, note: String) -> Result<(), Problem> {
        if !sides.iter().any(|side| self.allows(step, *side)) {
            return Err(Problem::new("step", "party_transfer_not_now"));
        }
        let last = self.handed_over_on.unwrap_or(self.asked_on);
        if on < last {
            return Err(Problem::new("on", "party_before_last").with("last", last));
        }
        self.note = note;
        if step == TransferStep::HandOver {
            (self.state, self.handed_over_on) = (TransferState::HandedOver, Some(on));
            return Ok(());
        }
        self.decided_on = Some(on);
        self.state = match step {
            TransferStep::Accept => TransferState::Accepted,
            TransferStep::Decline => TransferState::Declined,
            TransferStep::HandOver | TransferStep::Withdraw => TransferState::Withdrawn,
        };
        Ok(())
    }
}

/// What moves when a transfer is accepted on a day: the old membership, ended, and the new one.
///
/// # Errors
/// `party_home_changed` when the person is not at home (or in development) in the old branch on that day, or came only on
/// it.
pub fn moved(
    transfer: &Transfer,
    memberships: &[Membership],
    new: Uuid,
    on: NaiveDate,
) -> Result<(Membership, Membership), Problem> {
    let changed = || Problem::new("branch", "party_home_changed");
    let current = memberships.iter().find(|m| m.is_whole() && m.branch == transfer.from && m.period.contains(on));
    let current = current.ok_or_else(changed)?;
    let ended = Membership { period: current.period.ended(on).ok_or_else(changed)?, ..current.clone() };
    let period = Period { from: on, until: current.period.until };
    let begun = Membership { id: new, branch: transfer.to, period, ..current.clone() };
    Ok((ended, begun))
}

coded! {
    /// What the size of a Party organisation asks for.
    SizeAdvice {
        /// Members without a branch of their own are enough for one.
        FoundBranch => "found_branch",
        /// Too few: form a joint branch with others.
        MergeIntoJoint => "merge_into_joint",
        /// Too many for a branch.
        BecomeGeneralBranch => "become_general_branch",
        /// Enough for a committee.
        BecomeCommittee => "become_committee",
    }
}

/// The thresholds of Party organisations, in full members, each with its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SizeRules {
    /// From so many on there ought to be a branch; fewer join with others.
    pub branch_least: (u64, Citation),
    /// A branch has at most so many.
    pub branch_most: (u64, Citation),
    /// A general branch has at most so many.
    pub general_branch_most: (u64, Citation),
}

/// The thresholds as they are in force.
pub const SIZE_RULES: SizeRules = SizeRules {
    branch_least: (
        3,
        Citation {
            document: "《中国共产党支部工作条例（试行）》",
            article: "第四条、第五条",
            text: "凡是有正式党员3人以上的，都应当成立党支部。正式党员不足3人的单位，应当按照地域相邻、行业相近、规模适当、便于管理的原则，成立联合党支部。",
        },
    ),
    branch_most: (
        50,
        Citation {
            document: "《中国共产党支部工作条例（试行）》",
            article: "第四条",
            text: "党支部党员人数一般不超过50人。",
        },
    ),
    general_branch_most: (
        100,
        Citation {
            document: "《中国共产党章程》",
            article: "第三十条",
            text: "党的基层组织，根据工作需要和党员人数，经上级党组织批准，分别设立党的基层委员会、总支部委员会、支部委员会。",
        },
    ),
};

/// What the size of an organisation of `kind` asks for: `own` full members belong to it itself, `all` to it and to those
/// below it in the line.
#[must_use]
pub fn size_advice(rules: &SizeRules, kind: OrganisationKind, own: u64, all: u64) -> Option<SizeAdvice> {
    use OrganisationKind as O;
    let joins = || {
        (own > 0).then_some(if own < rules.branch_least.0 {
            SizeAdvice::MergeIntoJoint
        } else {
            SizeAdvice::FoundBranch
        })
    };
    match kind {
        O::Branch | O::JointBranch if all > rules.general_branch_most.0 => Some(SizeAdvice::BecomeCommittee),
        O::Branch | O::JointBranch if all > rules.branch_most.0 => Some(SizeAdvice::BecomeGeneralBranch),
        O::Branch | O::JointBranch => (all < rules.branch_least.0).then_some(SizeAdvice::MergeIntoJoint),
        O::GeneralBranch if all > rules.general_branch_most.0 => Some(SizeAdvice::BecomeCommittee),
        O::GeneralBranch | O::PartyCommittee => joins(),
        _ => None,
    }
}
