//! One run of the method of equal shares.
//!
//! What a voter has left is *exactly* its part minus the prices of the bought projects that it supports, or nothing once it
//! has paid all. So the exact numbers are one part and one price for each purchase, over one common denominator; sums over
//! voters are found by counting. Beside them each voter has an approximation in whole units of 2⁻ˢ whose error is known:
//! less than one unit for the part and one for each purchase. Rounds run on the approximations. Only where the error leaves a
//! comparison open, and once for each purchase, are the exact numbers asked.

use num_bigint::BigUint;
use num_integer::Integer as _;
use num_traits::{ToPrimitive as _, Zero as _};

use super::{BudgetOutcome, Budgeting, Purchase, Satisfaction};
use crate::{
    error::TallyError,
    number::Exact,
    ties::{TieAbout, TieBreak, TieOrder, TieRule},
};

/// Bits of the sum of all approximations.
const BITS: u32 = 62;

/// A price between two bounds, in units of 2⁻ˢ.
#[derive(Clone, Copy)]
struct Bounds {
    low: u64,
    high: u64,
}

/// An exact price: `numerator` / (the common denominator × `payers`).
struct Price {
    numerator: BigUint,
    payers: usize,
    emptied: Vec<u32>,
}

struct Run<'a> {
    problem: &'a Budgeting,
    satisfaction: Satisfaction,
    /// s, of the unit 2⁻ˢ.
    shift: u32,
    /// What each voter has left, approximately.
    left: Vec<u64>,
    /// Whether a voter has paid all.
    empty: Vec<bool>,
    /// By how much `left` may be wrong, either way.
    error: u64,
    /// The common denominator, and over it the part of a voter and the price of each purchase.
    denominator: BigUint,
    part: BigUint,
    prices: Vec<BigUint>,
    /// The purchase of each project.
    bought: Vec<Option<usize>>,
    /// Room for `bounds`.
    rich: Vec<u64>,
}

/// Runs with `extra` units more in each voter's part.
pub(super) fn run(
    problem: &Budgeting,
    satisfaction: Satisfaction,
    extra: u64,
    order: &TieOrder,
) -> Result<BudgetOutcome, TallyError> {
    let voters = problem.voters() as u64;
    let total = voters.checked_mul(extra).and_then(|extra| extra.checked_add(problem.budget));
    let total = total.filter(|total| total >> BITS == 0).ok_or(TallyError::TooLarge)?;
    let shift = BITS - (u64::BITS - total.leading_zeros());
    let denominator = BigUint::from(voters.max(1));
    let mut run = Run {
        problem,
        satisfaction,
        shift,
        left: vec![(total << shift) / voters.max(1); problem.voters()],
        empty: vec![false; problem.voters()],
        error: 1,
        part: BigUint::from(total),
        denominator,
        prices: Vec::new(),
        bought: vec![None; problem.costs.len()],
        rich: Vec::new(),
    };
    let mut outcome = BudgetOutcome {
        selected: Vec::new(),
        spent: 0,
        part: Exact::ratio(total.into(), voters.into()),
        steps: 0,
        purchases: Vec::new(),
        by_greedy: Vec::new(),
        ties: Vec::new(),
    };
    run.all(total, order, &mut outcome);
    Ok(outcome)
}

impl Run<'_> {
    fn all(&mut self, total: u64, order: &TieOrder, outcome: &mut BudgetOutcome) {
        let mut open: Vec<(usize, u64)> = Vec::new();
        let mut free = Vec::new();
        for (project, &cost) in self.problem.costs.iter().enumerate() {
            match self.problem.support(project) {
                0 => {}
                _ if cost == 0 => free.push(project),
                // Nobody pays less than the cost divided among all supporters.
                support if cost <= total => open.push((project, (cost << self.shift) / support as u64)),
                _ => {}
            }
        }
        free.sort_by_key(|&project| order.place(project));
        for project in free {
            let payers = self.problem.support(project);
            outcome.selected.push(project);
            outcome.purchases.push(Purchase { project, price: Exact::default(), payers, emptied: 0 });
        }
        while let Some((project, price, tie)) = self.cheapest(&mut open, order) {
            open.retain(|&(other, _)| other != project);
            outcome.selected.push(project);
            // Supporters paid it from their parts, so the costs add up to `total` at most.
            outcome.spent += self.problem.costs[project];
            outcome.ties.extend(tie);
            outcome.purchases.push(self.buy(project, price));
        }
    }

    /// The project that costs least for each unit of satisfaction; those that can't be paid any more leave `open`, and the
    /// others get a better lower bound.
    fn cheapest(&mut self, open: &mut Vec<(usize, u64)>, order: &TieOrder) -> Option<(usize, Price, Option<TieBreak>)> {
        let unit = |project: usize| u128::from(self.satisfaction.of(self.problem.costs[project]));
        open.sort_by(|&(a, low_a), &(b, low_b)| {
            (u128::from(low_a) * unit(b)).cmp(&(u128::from(low_b) * unit(a))).then(a.cmp(&b))
        });
        // The least upper bound so far, as a price and its satisfaction.
        let mut best: Option<(u128, u128)> = None;
        let mut found: Vec<(usize, Bounds)> = Vec::new();
        let mut gone = Vec::new();
        for (project, low) in open.iter_mut() {
            let unit = u128::from(self.satisfaction.of(self.problem.costs[*project]));
            let beyond = |low: u64, best: (u128, u128)| u128::from(low) * best.1 > best.0 * unit;
            if best.is_some_and(|best| beyond(*low, best)) {
                break;
            }
            let Some(bounds) = self.bounds(*project) else {
                gone.push(*project);
                continue;
            };
            *low = bounds.low.max(*low);
            found.push((*project, bounds));
            if best.is_none_or(|(high, of)| u128::from(bounds.high) * of < high * unit) {
                best = Some((bounds.high.into(), unit));
            }
        }
        open.retain(|(project, _)| !gone.contains(project));
        let (high, of) = best?;
        let unit = |project: usize| u128::from(self.satisfaction.of(self.problem.costs[project]));
        found.retain(|&(project, bounds)| u128::from(bounds.low) * of <= high * unit(project));
        let mut least: Option<(Price, BigUint)> = None;
        let mut equal: Vec<usize> = Vec::new();
        for (project, bounds) in found {
            let price = self.exact(project, bounds);
            let unit = BigUint::from(unit(project)) * price.payers;
            let than = least.as_ref().map(|(least, of)| (&price.numerator * of).cmp(&(&least.numerator * &unit)));
            match than {
                Some(std::cmp::Ordering::Greater) => continue,
                Some(std::cmp::Ordering::Equal) => {
                    equal.push(project);
                    if order.place(project) > equal.iter().map(|&other| order.place(other)).min().unwrap_or(0) {
                        continue;
                    }
                }
                _ => equal = vec![project],
            }
            least = Some((price, unit));
        }
        let chosen = equal.iter().copied().min_by_key(|&project| order.place(project))?;
        let (price, _) = least?;
        equal.sort_unstable();
        let tie = (equal.len() > 1).then(|| TieBreak {
            about: TieAbout::Elected,
            between: equal,
            chosen: vec![chosen],
            by: TieRule::Order,
        });
        Some((chosen, price, tie))
    }

    /// Bounds of the price of a project, `None` when its supporters can't pay it any more.
    fn bounds(&mut self, project: usize) -> Option<Bounds> {
        let supporters = &self.problem.supporters[project];
        let cost = self.problem.costs[project] << self.shift;
        self.rich.clear();
        self.rich.extend(supporters.iter().map(|&voter| self.left[voter as usize]));
        let have: u64 = self.rich.iter().sum();
        let count = supporters.len() as u64;
        let doubt = count.saturating_mul(self.error);
        let surely = have >= cost.saturating_add(doubt);
        if have.saturating_add(doubt) < cost || (!surely && !self.can_pay(project)) {
            return None;
        }
        let (mut rest, mut most) = (cost, 0);
        let price = loop {
            let price = rest / (self.rich.len() as u64).max(1);
            let before = self.rich.len();
            self.rich.retain(|&left| {
                if left < price {
                    rest = rest.saturating_sub(left);
                    most = most.max(left);
                }
                left >= price
            });
            if self.rich.is_empty() {
                // So close to what all have that the approximation misses it.
                break most;
            }
            if self.rich.len() == before {
                break price;
            }
        };
        // What all would pay together at a price is known but for `doubt`, and grows by 1 at least with each unit of the
        // price as long as anybody has more than it.
        let doubt = doubt.saturating_add(self.error).saturating_add(2);
        Some(Bounds { low: price.saturating_sub(doubt), high: price.saturating_add(doubt) })
    }

    /// What these voters have left together, exactly, over the common denominator.
    fn sum(&self, voters: impl Iterator<Item = u32>) -> BigUint {
        let mut parts = 0_u64;
        let mut paid = vec![0_u64; self.prices.len()];
        for voter in voters.filter(|&voter| !self.empty[voter as usize]) {
            parts += 1;
            for &project in self.problem.supported_by(voter as usize) {
                if let Some(purchase) = self.bought[usize::from(project)] {
                    paid[purchase] += 1;
                }
            }
        }
        let mut sum = &self.part * parts;
        let mut less = BigUint::zero();
        for (price, times) in self.prices.iter().zip(paid).filter(|(_, times)| *times > 0) {
            less += price * times;
        }
        sum -= less;
        sum
    }

    fn can_pay(&self, project: usize) -> bool {
        let have = self.sum(self.problem.supporters[project].iter().copied());
        have >= &self.denominator * self.problem.costs[project]
    }

    /// The exact price of a project that can be paid.
    fn exact(&self, project: usize, bounds: Bounds) -> Price {
        let supporters = &self.problem.supporters[project];
        let mut emptied = Vec::new();
        let mut open = Vec::new();
        for &voter in supporters {
            let left = self.left[voter as usize];
            if left.saturating_add(self.error) < bounds.low {
                emptied.push(voter);
            } else if left.saturating_sub(self.error) <= bounds.high {
                open.push((voter, self.sum(std::iter::once(voter))));
            }
        }
        let mut numerator = &self.denominator * self.problem.costs[project] - self.sum(emptied.iter().copied());
        loop {
            let payers = supporters.len() - emptied.len();
            let before = emptied.len();
            let mut less = BigUint::zero();
            open.retain(|(voter, left)| {
                let poor = left * payers < numerator;
                if poor {
                    emptied.push(*voter);
                    less += left;
                }
                !poor
            });
            numerator -= less;
            if emptied.len() == before {
                return Price { numerator, payers, emptied };
            }
        }
    }

    /// Takes the price from the supporters.
    fn buy(&mut self, project: usize, price: Price) -> Purchase {
        let Price { numerator, payers, emptied } = price;
        let whole = &self.denominator * payers;
        let units = ((&numerator << self.shift) / &whole).to_u64().unwrap_or(u64::MAX);
        for &voter in &self.problem.supporters[project] {
            let left = &mut self.left[voter as usize];
            *left = left.saturating_sub(units);
        }
        for &voter in &emptied {
            self.left[voter as usize] = 0;
            self.empty[voter as usize] = true;
        }
        let exact = Exact::ratio(numerator.clone(), whole);
        let common = BigUint::from(payers).gcd(&numerator);
        let factor = BigUint::from(payers) / &common;
        self.denominator *= &factor;
        self.part *= &factor;
        for price in &mut self.prices {
            *price *= &factor;
        }
        self.bought[project] = Some(self.prices.len());
        self.prices.push(numerator / common);
        self.error += 1;
        Purchase { project, price: exact, payers, emptied: emptied.len() }
    }
}
