//! A network with supplies, lower bounds, capacities and costs, and its solution.

use crate::error::FlowError;
use crate::paths::{self, Outcome};
use crate::residual::Residual;
use crate::scaling;

/// Costs beyond this magnitude are refused, so that a reduced cost always fits 64 bits.
pub(crate) const COST_LIMIT: i64 = 1 << 59;
/// Quantities beyond this magnitude are refused, so that a node's balance always fits 64 bits.
pub(crate) const QUANTITY_LIMIT: i64 = 1 << 61;

/// One directed arc.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arc {
    /// The node it leaves.
    pub tail: u32,
    /// The node it enters.
    pub head: u32,
    /// The least flow it must carry.
    pub lower: i64,
    /// The most flow it may carry.
    pub capacity: i64,
    /// The cost of each unit; may be negative.
    pub cost: i64,
}

/// Which algorithm solves a network. All give the same total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// Shortest augmenting paths within a budget, then cost scaling.
    #[default]
    Auto,
    /// Shortest augmenting paths only, without a budget.
    Paths,
    /// Cost scaling only.
    Scaling,
}

/// A minimum-cost flow problem: ship every supply to the demands at the least total cost.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Network {
    supplies: Vec<i64>,
    arcs: Vec<Arc>,
}

/// An optimal flow with the prices that prove it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solution {
    /// The flow of each arc, in the order in which the arcs were added.
    pub flow: Vec<i64>,
    /// The price of each node: `cost + potential[tail] - potential[head]` is an arc's reduced cost, which is positive
    /// only on an arc at its lower bound and negative only on an arc at its capacity.
    pub potential: Vec<i64>,
    /// The total cost.
    pub cost: i128,
    /// The units shipped from supply nodes.
    pub shipped: i64,
}

impl Network {
    /// A network of `nodes` nodes, numbered from 0, without supplies or arcs.
    #[must_use]
    pub fn new(nodes: usize) -> Self {
        Self { supplies: vec![0; nodes], arcs: Vec::new() }
    }

    /// Makes room for `arcs` further arcs.
    pub fn reserve(&mut self, arcs: usize) {
        self.arcs.reserve(arcs);
    }

    /// The supply of each node; negative where there is a demand.
    #[must_use]
    pub fn supplies(&self) -> &[i64] {
        &self.supplies
    }

    /// The arcs, in the order in which they were added.
    #[must_use]
    pub fn arcs(&self) -> &[Arc] {
        &self.arcs
    }

    /// States how much a node supplies (positive) or demands (negative).
    ///
    /// # Errors
    /// [`FlowError::UnknownNode`], or [`FlowError::Overflow`] above 2^61 in magnitude.
    pub fn set_supply(&mut self, node: usize, supply: i64) -> Result<(), FlowError> {
        let nodes = self.supplies.len();
        let slot = self.supplies.get_mut(node).ok_or(FlowError::UnknownNode { node, nodes })?;
        if supply.unsigned_abs() > QUANTITY_LIMIT.unsigned_abs() {
            return Err(FlowError::Overflow);
        }
        *slot = supply;
        Ok(())
    }

    /// Adds an arc and returns its index.
    ///
    /// # Errors
    /// [`FlowError::UnknownNode`]; [`FlowError::BadBounds`] unless `0 <= lower <= capacity`; [`FlowError::Overflow`]
    /// for a cost above 2^59 in magnitude or a capacity above 2^61; [`FlowError::TooLarge`].
    pub fn add_arc(
        &mut self,
        tail: usize,
        head: usize,
        lower: i64,
        capacity: i64,
        cost: i64,
    ) -> Result<usize, FlowError> {
        let nodes = self.supplies.len();
        if let Some(node) = [tail, head].into_iter().find(|&node| node >= nodes) {
            return Err(FlowError::UnknownNode { node, nodes });
        }
        if lower < 0 || lower > capacity {
            return Err(FlowError::BadBounds { lower, capacity });
        }
        if cost.unsigned_abs() > COST_LIMIT.unsigned_abs() || capacity > QUANTITY_LIMIT {
            return Err(FlowError::Overflow);
        }
        let index = self.arcs.len();
        self.arcs.push(Arc {
            tail: u32::try_from(tail).map_err(|_| FlowError::TooLarge)?,
            head: u32::try_from(head).map_err(|_| FlowError::TooLarge)?,
            lower,
            capacity,
            cost,
        });
        Ok(index)
    }

    /// Finds a flow of the least total cost.
    ///
    /// # Errors
    /// [`FlowError::Unbalanced`], [`FlowError::Infeasible`], [`FlowError::Overflow`] or [`FlowError::TooLarge`].
    pub fn solve(&self) -> Result<Solution, FlowError> {
        self.solve_with(Method::Auto)
    }

    /// Finds a flow of the least total cost by a chosen method.
    ///
    /// # Errors
    /// As [`Network::solve`].
    pub fn solve_with(&self, method: Method) -> Result<Solution, FlowError> {
        let sum: i128 = self.supplies.iter().map(|&s| i128::from(s)).sum();
        if sum != 0 {
            return Err(FlowError::Unbalanced { sum });
        }
        let mut residual = Residual::build(self)?;
        let mut potential = vec![0; self.supplies.len()];
        let outcome = match method {
            Method::Scaling => Outcome::Unfinished(scaling::coarsest(&residual)),
            Method::Paths => paths::run(&mut residual, &mut potential, u64::MAX)?,
            Method::Auto => {
                let budget = paths::budget(residual.arcs());
                paths::run(&mut residual, &mut potential, budget)?
            }
        };
        if let Outcome::Unfinished(error) = outcome {
            scaling::run(&mut residual, &mut potential, error)?;
        }
        self.solution(&residual, potential)
    }

    /// The flow of a residual graph that is solved.
    pub(crate) fn solution(&self, residual: &Residual, potential: Vec<i64>) -> Result<Solution, FlowError> {
        let shipped: i128 = self.supplies.iter().filter(|&&s| s > 0).map(|&s| i128::from(s)).sum();
        let shipped = i64::try_from(shipped).map_err(|_| FlowError::Overflow)?;
        let flow = residual.flows(self);
        let mut cost: i128 = 0;
        for (arc, &flow) in self.arcs.iter().zip(&flow) {
            cost = i128::from(arc.cost)
                .checked_mul(i128::from(flow))
                .and_then(|part| cost.checked_add(part))
                .ok_or(FlowError::Overflow)?;
        }
        Ok(Solution { flow, potential, cost, shipped })
    }
}
