//! The charter (章程) as data: who sits, how a meeting is called, how is decided, and what is public.
//!
//! A charter has versions by their day of effect; a decision is judged by the version in force on its day. Changing a
//! charter is itself a resolution under it ([`adopt`]).

mod check;
mod version;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
pub use tongxin_tally::{
    Fraction,
    majority::{Abstention, Base, Reach, Tie},
};
pub use version::{Carried, CharterVersion, adopt, found, in_force};

use super::{Level, MatterKind, Measure, Office, Secrecy};
use crate::invalid::Problems;

/// The longest purpose, in characters.
pub const PURPOSE_MAX: usize = 2_000;
/// The longest term or duty turn, in months.
pub const MONTHS_MAX: u32 = 120;
/// The longest notice or duty turn, in days.
pub const DAYS_MAX: u32 = 366;
/// The longest voting window, in hours.
pub const HOURS_MAX: u32 = 24 * 90;
/// The most seats of a council.
pub const SEATS_MAX: u32 = 500;

/// A charter. [`Charter::check`] finds what contradicts itself in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Charter {
    /// What the council is for.
    pub purpose: String,
    /// Its level (S21).
    pub level: Level,
    /// Who sits.
    pub body: Body,
    /// The offices that its members hold.
    pub offices: Vec<Office>,
    /// How long a term lasts, in months; none without terms.
    pub term_months: Option<u32>,
    /// How the duty rotates (S22); none where it does not.
    pub duty: Option<DutyRule>,
    /// The kinds of its agenda items.
    pub agenda: Agenda,
    /// Who puts an item.
    pub items: ItemRule,
    /// On whose proposal a meeting has to be called.
    pub calls: Vec<CallRule>,
    /// How many days before a meeting it has to be called.
    pub notice_days: u32,
    /// How is decided.
    pub decisions: Decisions,
    /// How votes are cast.
    pub voting: VotingRule,
    /// What everybody may see.
    pub public: Vec<Public>,
}

/// Who sits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "body", rename_all = "snake_case", deny_unknown_fields)]
pub enum Body {
    /// Members that hold seats.
    Seats(SeatRule),
    /// A whole body, each of whom votes.
    Roll {
        /// Which.
        roll: RollKind,
    },
}

/// How seats are held. Each seat has one vote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeatRule {
    /// The seats of each organisation that is a member; 0 when organisations hold none.
    pub per_organisation: u32,
    /// The seats of each person who is a member; 0 when persons hold none.
    pub per_person: u32,
    /// The fewest seats in all.
    pub least: u32,
    /// The most seats in all; none without a limit.
    pub most: Option<u32>,
    /// How many substitutes a seat may have.
    pub substitutes: u32,
}

coded! {
    /// A whole body.
    RollKind {
        /// 业主: the owners of a place, each with the exclusive area that it owns.
        Owners => "owners",
        /// 十八周岁以上的居民.
        Residents => "residents",
        /// 有表决权的正式党员.
        FullMembers => "full_members",
    }
}

impl Body {
    /// What its votes and quorums may be measured by; the first is what a choice among options is counted by.
    #[must_use]
    pub const fn measures(&self) -> &'static [Measure] {
        match self {
            Self::Seats(_) => &[Measure::Seats],
            Self::Roll { roll: RollKind::Owners } => &[Measure::Heads, Measure::Area],
            Self::Roll { .. } => &[Measure::Heads],
        }
    }
}

coded! {
    /// The unit of a duty turn.
    DutyUnit {
        /// Days.
        Days => "days",
        /// Months.
        Months => "months",
    }
}

coded! {
    /// The order of the duty.
    DutyOrder {
        /// As the seats are listed.
        Listed => "listed",
        /// Drawn by lot, once for all rounds.
        Drawn => "drawn",
    }
}

/// How the duty rotates (轮值).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DutyRule {
    /// How long a turn is, in `unit`.
    pub length: u32,
    /// The unit.
    pub unit: DutyUnit,
    /// The order.
    pub order: DutyOrder,
    /// Whether two seats may swap turns.
    pub swaps: bool,
    /// How many days before its turn a seat is reminded.
    pub remind_days: u32,
}

/// The kinds of agenda items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Agenda {
    /// The four of S11: 共商、共管、共解、共享.
    Together,
    /// The charter's own, by name.
    Own(Vec<String>),
}

coded! {
    /// Who may put an item.
    Proposer {
        /// Who has a seat or stands on the roll.
        Member => "member",
        /// The chair.
        Chair => "chair",
        /// The seat on duty.
        OnDuty => "on_duty",
        /// Anybody who lives or works at the place.
        Anyone => "anyone",
    }
}

/// Who may put an item, and how many have to back it before it is debated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemRule {
    /// Who.
    pub by: Vec<Proposer>,
    /// How many of the seats or of the roll back it, who puts it included.
    pub backers: Backers,
}

impl ItemRule {
    /// Whether who is all of these may put an item.
    #[must_use]
    pub fn admits(&self, who: &[Proposer]) -> bool {
        self.by.contains(&Proposer::Anyone) || who.iter().any(|one| self.by.contains(one))
    }
}

/// How many backers an item needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Backers {
    /// So many.
    Count(u64),
    /// At least this share of the seats or of the roll.
    Share(Fraction),
}

impl Backers {
    /// How many that is of `all`.
    #[must_use]
    pub fn needed(self, all: u64) -> u64 {
        match self {
            Self::Count(count) => count,
            Self::Share(share) => share.at_least(all).max(1),
        }
    }
}

coded! {
    /// Whose proposal has a meeting called.
    Callers {
        /// Seats.
        Seats => "seats",
        /// Heads of the roll.
        Heads => "heads",
        /// 户.
        Households => "households",
        /// 居民小组.
        Groups => "groups",
    }
}

/// On the proposal of at least this share, a meeting has to be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallRule {
    /// Of what.
    pub of: Callers,
    /// At least this share.
    pub share: Fraction,
}

impl CallRule {
    /// Whether `asking` of `all` are enough.
    #[must_use]
    pub fn is_met(&self, asking: u64, all: u64) -> bool {
        all > 0 && asking >= self.share.at_least(all).max(1)
    }
}

/// How is decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decisions {
    /// How many have to take part.
    pub quorum: Quorum,
    /// Whether votes are secret.
    pub secrecy: Secrecy,
    /// Whether who abstains takes part.
    pub abstention: Abstention,
    /// What becomes of a tie.
    pub tie: Tie,
    /// Ordinary matters, and every kind that is not among the others.
    pub ordinary: DecisionRule,
    /// Other kinds.
    pub others: BTreeMap<MatterKind, DecisionRule>,
}

coded! {
    /// Whom a quorum counts.
    QuorumBy {
        /// 到会: who is there in person; it has to be met before the vote begins.
        Present => "present",
        /// 到会或委托: who is there or has given a proxy to somebody who is; it has to be met before the vote begins.
        Represented => "represented",
        /// 参与表决: who votes, in whatever way; it is met or not when the vote is over.
        TakingPart => "taking_part",
    }
}

/// How much has to take part: every threshold, of all that is entitled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quorum {
    /// Whom it counts.
    pub by: QuorumBy,
    /// The thresholds; none: no quorum.
    pub thresholds: Vec<Threshold>,
}

/// A share that has to be reached in a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// What is measured.
    pub measure: Measure,
    /// More than, or at least.
    pub reach: Reach,
    /// This share.
    pub share: Fraction,
}

/// How much has to say yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// What is measured.
    pub measure: Measure,
    /// More than, or at least.
    pub reach: Reach,
    /// This share.
    pub share: Fraction,
    /// Of all that is entitled, of all that takes part, or of yes and no alone.
    pub of: Base,
}

/// How matters of a kind are decided. What it leaves open is as the charter says for all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionRule {
    /// Its own quorum.
    pub quorum: Option<Quorum>,
    /// Its own secrecy.
    pub secrecy: Option<Secrecy>,
    /// How much has to say yes; every condition has to hold. An election may have none: the method says who is elected.
    pub approval: Vec<Approval>,
    /// Whether each candidate is voted on alone (逐个表决).
    pub one_by_one: bool,
}

coded! {
    /// A way of voting.
    Way {
        /// 线上.
        Online => "online",
        /// 书面: a paper that is handed in.
        Paper => "paper",
        /// 举手.
        Hands => "hands",
    }
}

/// How votes are cast.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VotingRule {
    /// The ways.
    pub ways: Vec<Way>,
    /// The shortest window, in hours.
    pub least_hours: u32,
    /// The longest window, in hours.
    pub most_hours: u32,
    /// Whether a vote may be changed until the end.
    pub change: bool,
    /// How many others one may vote for by proxy; 0: no proxies.
    pub proxies: u32,
    /// Whether the paper of who is absent counts only when it was handed in before the vote begins.
    pub written_before: bool,
}

coded! {
    /// What everybody may see.
    Public {
        /// Who sits.
        Seats => "seats",
        /// The duty rota.
        Rota => "rota",
        /// Agendas.
        Agenda => "agenda",
        /// Approved minutes.
        Minutes => "minutes",
        /// Resolutions and what becomes of them.
        Resolutions => "resolutions",
        /// The figures of votes.
        Results => "results",
        /// The ballots without names, to be recounted.
        Ballots => "ballots",
        /// Who voted what, of open votes.
        Names => "names",
    }
}

/// How a matter is decided, with nothing left open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MatterRule<'a> {
    /// The quorum.
    pub quorum: &'a Quorum,
    /// The secrecy.
    pub secrecy: Secrecy,
    /// How much has to say yes.
    pub approval: &'a [Approval],
    /// Whether each candidate is voted on alone.
    pub one_by_one: bool,
}

impl Charter {
    /// How a matter of a kind is decided. A change of the charter and a removal without a rule of their own are special
    /// matters, where there are such; every other kind without one is ordinary.
    #[must_use]
    pub fn rule(&self, matter: MatterKind) -> MatterRule<'_> {
        let of = |kind| self.decisions.others.get(&kind);
        let special = match matter {
            MatterKind::CharterChange | MatterKind::Removal => of(MatterKind::Special),
            _ => None,
        };
        self.resolved(of(matter).or(special).unwrap_or(&self.decisions.ordinary))
    }

    fn resolved<'a>(&'a self, rule: &'a DecisionRule) -> MatterRule<'a> {
        MatterRule {
            quorum: rule.quorum.as_ref().unwrap_or(&self.decisions.quorum),
            secrecy: rule.secrecy.unwrap_or(self.decisions.secrecy),
            approval: &rule.approval,
            one_by_one: rule.one_by_one,
        }
    }

    /// Every rule of its own with its kind, the ordinary one first.
    fn rules(&self) -> impl Iterator<Item = (MatterKind, MatterRule<'_>)> {
        let others = self.decisions.others.iter().map(|(kind, rule)| (*kind, rule));
        std::iter::once((MatterKind::Ordinary, &self.decisions.ordinary))
            .chain(others)
            .map(|(kind, rule)| (kind, self.resolved(rule)))
    }

    /// The seats' rule, of a council with seats.
    #[must_use]
    pub const fn seats(&self) -> Option<&SeatRule> {
        match &self.body {
            Body::Seats(rule) => Some(rule),
            Body::Roll { .. } => None,
        }
    }

    /// Whether everybody may see `what`.
    #[must_use]
    pub fn shows(&self, what: Public) -> bool {
        self.public.contains(&what)
    }

    /// Finds everything that is out of bounds or contradicts itself.
    ///
    /// # Errors
    /// `required`, `too_long`, `bad_quantity`, and every `charter_…` of the module that checks.
    pub fn check(&self) -> Result<(), Problems> {
        check::check(self)
    }
}
