//! Participatory budgeting: which projects a budget pays for, by approval ballots.
//!
//! - [`equal_shares`], the method of equal shares (Peters, Pierczyński, Skowron, "Proportional participatory budgeting with
//!   additive utilities", NeurIPS 2021; Peters, Skowron, "Method of equal shares", <https://equalshares.net>): each voter has
//!   the same part of the budget; round by round the project is bought that costs its supporters least for each unit of
//!   satisfaction, each paying the same or, when a voter has less, all that is left.
//! - [`greedy`], greedy utilitarian welfare: the project with the most satisfaction for its cost comes first; what does not fit
//!   is left out.
//!
//! A satisfied voter counts the project as 1 ([`Satisfaction::Cardinality`]) or as its cost ([`Satisfaction::Cost`]).
//! Equal shares alone may leave money over; a [`Completion`] says what becomes of it:
//! - **increments** (Add1): the method runs again and again with a step more in each voter's part, until no project that
//!   anybody supports fits any more, or the projects would cost more than the budget: then the outcome before counts.
//! - **greedy**: the greedy rule goes on with what is left.
//!
//! Ties (the same cost for each unit) are broken by the published order and stated. Money is in whole units, the smallest
//! that there are. A project that nobody supports is never selected.
//!
//! Everything is exact, and the same on every machine: comparisons run on whole numbers with a bound on their error, and
//! what that bound leaves open is decided on exact fractions (`mes`).

mod greedy;
mod mes;

use serde::{Deserialize, Serialize};

use crate::{
    error::TallyError,
    number::Exact,
    ties::{TieBreak, TieOrder},
};

pub use greedy::greedy;

/// The most steps that increments may need.
pub const MOST_STEPS: u64 = 1_000_000;
/// The largest budget and cost.
pub const MOST_MONEY: u64 = 1 << 60;

/// What a project is worth to a voter who supports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Satisfaction {
    /// Its cost.
    Cost,
    /// 1.
    Cardinality,
}

impl Satisfaction {
    /// What a supporter gets from a project of this cost.
    pub(crate) fn of(self, cost: u64) -> u64 {
        match self {
            Self::Cost => cost,
            Self::Cardinality => 1,
        }
    }
}

/// What becomes of the money that equal shares leaves over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Completion {
    /// It is left.
    None,
    /// Each voter's part grows by this many units a step.
    Increments(u64),
    /// The greedy rule goes on.
    Greedy,
    /// Increments, and then the greedy rule.
    IncrementsThenGreedy(u64),
}

impl Completion {
    fn step(self) -> Option<u64> {
        match self {
            Self::None | Self::Greedy => None,
            Self::Increments(step) | Self::IncrementsThenGreedy(step) => Some(step),
        }
    }

    fn is_greedy(self) -> bool {
        matches!(self, Self::Greedy | Self::IncrementsThenGreedy(_))
    }
}

/// A budget, the costs of the projects, and who supports which.
#[derive(Debug, Clone)]
pub struct Budgeting {
    budget: u64,
    costs: Vec<u64>,
    supporters: Vec<Vec<u32>>,
    /// Where the projects of each voter begin in `supported`, and one more for the end.
    starts: Vec<usize>,
    supported: Vec<u16>,
}

impl Budgeting {
    /// No ballot yet.
    ///
    /// # Errors
    /// [`TallyError::TooLarge`] for money above [`MOST_MONEY`] or more than 2¹⁶ − 1 projects.
    pub fn new(budget: u64, costs: Vec<u64>) -> Result<Self, TallyError> {
        if costs.len() > usize::from(u16::MAX) || costs.iter().chain([&budget]).any(|&money| money > MOST_MONEY) {
            return Err(TallyError::TooLarge);
        }
        let supporters = vec![Vec::new(); costs.len()];
        Ok(Self { budget, costs, supporters, starts: vec![0], supported: Vec::new() })
    }

    /// Adds a voter who supports these projects; none is allowed, and the voter has a part of the budget all the same.
    ///
    /// # Errors
    /// A project does not exist or stands twice, or there are too many voters.
    pub fn add(&mut self, projects: &[u16]) -> Result<(), TallyError> {
        let ballot = self.voters();
        let voter = u32::try_from(ballot).map_err(|_| TallyError::TooLarge)?;
        let options = self.costs.len();
        for &project in projects {
            let option = usize::from(project);
            let Some(supporters) = self.supporters.get_mut(option) else {
                return Err(TallyError::UnknownOption { ballot, option, options });
            };
            if supporters.last() == Some(&voter) {
                return Err(TallyError::RepeatedOption { ballot, option });
            }
            supporters.push(voter);
        }
        self.supported.extend_from_slice(projects);
        self.starts.push(self.supported.len());
        Ok(())
    }

    /// The budget.
    pub fn budget(&self) -> u64 {
        self.budget
    }

    /// The cost of each project.
    pub fn costs(&self) -> &[u64] {
        &self.costs
    }

    /// How many voters there are.
    pub fn voters(&self) -> usize {
        self.starts.len() - 1
    }

    /// How many support a project.
    pub fn support(&self, project: usize) -> usize {
        self.supporters.get(project).map_or(0, Vec::len)
    }

    /// The projects that a voter supports; none for a voter who does not exist.
    pub fn supported_by(&self, voter: usize) -> &[u16] {
        let bounds = self.starts.get(voter).zip(self.starts.get(voter + 1));
        bounds.map_or(&[], |(&begin, &end)| &self.supported[begin..end])
    }

    /// Whether no supported project that is not selected fits beside those selected.
    fn is_exhausted(&self, selected: &[usize], spent: u64) -> bool {
        let fits = |project: usize| self.costs[project] <= self.budget - spent;
        (0..self.costs.len()).all(|p| self.supporters[p].is_empty() || selected.contains(&p) || !fits(p))
    }
}

/// A project that was bought by equal shares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purchase {
    /// The project.
    pub project: usize,
    /// What each supporter pays who has as much.
    pub price: Exact,
    /// How many pay that.
    pub payers: usize,
    /// How many pay less: all that they have left, which may be nothing.
    pub emptied: usize,
}

/// What is selected, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BudgetOutcome {
    /// The selected projects, in the order of being selected.
    pub selected: Vec<usize>,
    /// What they cost.
    pub spent: u64,
    /// Each voter's part, with the increments; 0 for the greedy rule alone.
    pub part: Exact,
    /// How many increments were made.
    pub steps: u64,
    /// The purchases by equal shares, one for each round.
    pub purchases: Vec<Purchase>,
    /// What the greedy rule selected, in its order.
    pub by_greedy: Vec<usize>,
    /// The ties that were broken.
    pub ties: Vec<TieBreak>,
}

/// The method of equal shares.
///
/// # Errors
/// [`TallyError::Order`]; [`TallyError::Step`] for increments of 0 or so small that there could be more than [`MOST_STEPS`];
/// [`TallyError::TooLarge`] when the voters' parts together with the increments would pass 2⁶².
pub fn equal_shares(
    problem: &Budgeting,
    satisfaction: Satisfaction,
    completion: Completion,
    order: &TieOrder,
) -> Result<BudgetOutcome, TallyError> {
    order.check(problem.costs.len())?;
    let mut outcome = mes::run(problem, satisfaction, 0, order)?;
    if let Some(step) = completion.step() {
        let dearest = problem.costs.iter().copied().max().unwrap_or(0);
        if dearest.checked_div(step).is_none_or(|steps| steps > MOST_STEPS) {
            return Err(TallyError::Step { step });
        }
        while problem.voters() > 0 && !problem.is_exhausted(&outcome.selected, outcome.spent) {
            let steps = outcome.steps + 1;
            let extra = step.checked_mul(steps).ok_or(TallyError::TooLarge)?;
            let mut next = mes::run(problem, satisfaction, extra, order)?;
            if next.spent > problem.budget {
                break;
            }
            next.steps = steps;
            outcome = next;
        }
    }
    if completion.is_greedy() {
        greedy::complete(problem, satisfaction, order, &mut outcome);
    }
    Ok(outcome)
}
