//! The single transferable vote: several seats, ranked ballots.
//!
//! **The variant** is the weighted inclusive Gregory method as the Scottish Local Government Elections Order 2007 (SSI
//! 2007/42, schedule 1, rules 45–52) lays it down, in two precisions: with exact fractions, or cut off to a fixed number of
//! decimal places (5 in the Order).
//! 1. **Quota** (Droop): ⌊weight of the ballots with a preference / (seats + 1)⌋ + 1. It stays the same.
//! 2. Who has the quota at the end of a stage is elected at once.
//! 3. **Surplus**: of those elected, the greatest surplus is transferred first, one in each stage. *All* ballots of the
//!    pile move to their next preference among those neither elected nor excluded, each at its value × surplus / votes
//!    (cut off to the decimal places, when there are such); the elected keeps exactly the quota.
//! 4. **Exclusion**: when no surplus is left, who has the fewest votes is excluded, one in each stage; its ballots move at the
//!    value that they have.
//! 5. Ballots without a further preference, and what is cut off, are exhausted.
//! 6. As soon as all seats are filled, or as many are left as there are seats, the count ends, the latter being elected
//!    without the quota; no surplus is transferred any more.
//! 7. **Ties** (whose surplus first, who is excluded) go by the most recent preceding stage in which their votes were
//!    unequal; where the Order then draws lots, by the published order, which is drawn beforehand.
//!
//! Without a single ballot nobody is elected; else as many are as there are seats or, when there are fewer, options.
//!
//! The digits of exact fractions can double with each surplus. For more than [`EXACT_SEATS`] seats a number of decimal
//! places is therefore asked for.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One as _, Zero as _};
use serde::{Deserialize, Serialize};

use crate::{
    error::TallyError,
    number::Exact,
    ranked::{Rankings, Share, Sorter},
    ties::{self, TieAbout, TieBreak, TieOrder, Want},
};

/// The most seats that are counted with exact fractions.
pub const EXACT_SEATS: usize = 12;
/// The most decimal places.
pub const MOST_PLACES: u32 = 18;

/// What happened in a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum StvAction {
    /// First preferences were counted.
    First,
    /// A surplus was transferred.
    Surplus {
        /// Whose.
        of: usize,
        /// How much.
        amount: Exact,
    },
    /// One was excluded.
    Exclusion {
        /// Who.
        of: usize,
    },
}

/// A stage of the count. The votes and what is exhausted add up to the weight of the ballots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StvStage {
    /// What happened.
    pub action: StvAction,
    /// The tie that was broken for it.
    pub tie: Option<TieBreak>,
    /// The votes of each option after it.
    pub votes: Vec<Exact>,
    /// What has no further preference, and what was cut off.
    pub exhausted: Exact,
    /// Who is elected after it, the most votes first, equal ones in the published order.
    pub elected: Vec<usize>,
}

/// The stages and who is elected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StvOutcome {
    /// The quota.
    pub quota: u64,
    /// The stages.
    pub stages: Vec<StvStage>,
    /// The ballots without any preference.
    pub blank: u64,
    /// Who is elected, in the order of being elected.
    pub elected: Vec<usize>,
}

/// Ballots of an option by the value that each has.
type Pile = BTreeMap<BigRational, Vec<u32>>;

struct Count<'a> {
    sorter: Sorter<'a>,
    order: &'a TieOrder,
    seats: usize,
    scale: Option<BigInt>,
    quota: BigRational,
    piles: Vec<Pile>,
    votes: Vec<BigRational>,
    exhausted: BigRational,
    /// Elected with a surplus that is still to be transferred.
    pending: Vec<usize>,
    outcome: StvOutcome,
}

/// Counts for a number of seats; `places` is the number of decimal places of a transferred ballot's value, `None` for
/// exact fractions.
///
/// # Errors
/// [`TallyError::Order`], [`TallyError::Places`].
pub fn stv(rankings: &Rankings, seats: usize, places: Option<u32>, order: &TieOrder) -> Result<StvOutcome, TallyError> {
    order.check(rankings.options())?;
    if places.map_or(seats > EXACT_SEATS, |places| places > MOST_PLACES) {
        return Err(TallyError::Places { seats, most: MOST_PLACES });
    }
    let parts = u64::try_from(seats).ok().and_then(|seats| seats.checked_add(1)).ok_or(TallyError::TooLarge)?;
    let quota = rankings.total() / parts + 1;
    let outcome = StvOutcome { quota, stages: Vec::new(), blank: rankings.blank(), elected: Vec::new() };
    if rankings.total() == 0 || seats == 0 {
        return Ok(outcome);
    }
    let mut count = Count {
        sorter: Sorter::new(rankings),
        order,
        seats,
        scale: places.map(|places| BigInt::from(10).pow(places)),
        quota: BigInt::from(quota).into(),
        piles: vec![Pile::new(); rankings.options()],
        votes: vec![BigRational::zero(); rankings.options()],
        exhausted: BigRational::zero(),
        pending: Vec::new(),
        outcome,
    };
    let shares = count.sorter.sort(&rankings.all());
    count.receive(&BigRational::one(), shares);
    count.stage(StvAction::First, None);
    while !count.elect() {
        count.next();
    }
    Ok(count.outcome)
}

impl Count<'_> {
    /// Gives each its share at a value.
    fn receive(&mut self, value: &BigRational, mut shares: Vec<Share>) {
        let none = shares.pop().unwrap_or_default();
        self.exhausted += value * BigInt::from(none.weight);
        for (option, mut share) in shares.into_iter().enumerate().filter(|(_, share)| !share.ballots.is_empty()) {
            self.votes[option] += value * BigInt::from(share.weight);
            self.piles[option].entry(value.clone()).or_default().append(&mut share.ballots);
        }
    }

    fn stage(&mut self, action: StvAction, tie: Option<TieBreak>) {
        let votes = self.votes.iter().cloned().map(Exact::from).collect();
        let exhausted = self.exhausted.clone().into();
        self.outcome.stages.push(StvStage { action, tie, votes, exhausted, elected: Vec::new() });
    }

    /// Elects who can be after this stage; says whether the count is over.
    fn elect(&mut self) -> bool {
        let mut open = self.sorter.open();
        open.sort_by(|&a, &b| {
            self.votes[b].cmp(&self.votes[a]).then_with(|| self.order.place(a).cmp(&self.order.place(b)))
        });
        let vacant = self.seats - self.outcome.elected.len();
        let reached = open.iter().take_while(|&&option| self.votes[option] >= self.quota).count();
        let all = open.len() - reached <= vacant.saturating_sub(reached);
        let elected = open[..if all { open.len() } else { reached.min(vacant) }].to_vec();
        for &option in &elected {
            self.sorter.open[option] = false;
            if self.votes[option] > self.quota {
                self.pending.push(option);
            }
        }
        self.outcome.elected.extend(&elected);
        if let Some(stage) = self.outcome.stages.last_mut() {
            stage.elected = elected;
        }
        all || self.outcome.elected.len() == self.seats
    }

    /// Transfers the greatest surplus, or excludes who has the fewest.
    fn next(&mut self) {
        let rounds: Vec<&[Exact]> = self.outcome.stages.iter().map(|stage| stage.votes.as_slice()).collect();
        if let Some((of, tie)) = ties::pick(&self.pending, &rounds, self.order, Want::Most, TieAbout::Surplus) {
            self.pending.retain(|&option| option != of);
            let amount = self.surplus(of);
            self.stage(StvAction::Surplus { of, amount: amount.into() }, tie);
        } else if let Some((of, tie)) =
            ties::pick(&self.sorter.open(), &rounds, self.order, Want::Least, TieAbout::Excluded)
        {
            self.sorter.open[of] = false;
            self.votes[of] = BigRational::zero();
            for (value, ballots) in std::mem::take(&mut self.piles[of]) {
                let shares = self.sorter.sort(&ballots);
                self.receive(&value, shares);
            }
            self.stage(StvAction::Exclusion { of }, tie);
        }
    }

    /// Transfers the surplus of one and gives its amount.
    fn surplus(&mut self, of: usize) -> BigRational {
        let votes = std::mem::replace(&mut self.votes[of], self.quota.clone());
        let surplus = &votes - &self.quota;
        let mut moved = -self.exhausted.clone();
        for votes in &self.votes {
            moved -= votes;
        }
        for (value, ballots) in std::mem::take(&mut self.piles[of]) {
            let mut value = &surplus * value / &votes;
            if let Some(scale) = &self.scale {
                value = BigRational::new((value * scale).to_integer(), scale.clone());
            }
            let shares = self.sorter.sort(&ballots);
            self.receive(&value, shares);
        }
        for votes in self.votes.iter().chain([&self.exhausted]) {
            moved += votes;
        }
        // What was cut off.
        self.exhausted += &surplus - moved;
        surplus
    }
}
