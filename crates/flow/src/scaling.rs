//! Cost scaling push-relabel with global price updates.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::error::FlowError;
use crate::residual::Residual;

/// By what the error bound shrinks from one phase to the next.
const SHRINK: i64 = 8;
/// Beyond this, 64-bit prices might overflow and 128-bit ones are used.
const NARROW_LIMIT: i128 = 1 << 62;

/// A number that prices are computed with: 64 bits where they suffice, otherwise 128.
trait Price:
    Copy
    + Ord
    + From<i64>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// This divided by a positive number, rounded down; `None` when 64 bits do not hold it.
    fn floor(self, by: Self) -> Option<i64>;
}

impl Price for i64 {
    fn floor(self, by: Self) -> Option<i64> {
        Some(self.div_euclid(by))
    }
}

impl Price for i128 {
    fn floor(self, by: Self) -> Option<i64> {
        i64::try_from(self.div_euclid(by)).ok()
    }
}

/// Solves from any pseudoflow; the prices are written anew.
pub(crate) fn run(graph: &mut Residual, prices: &mut [i64]) -> Result<(), FlowError> {
    let nodes = graph.nodes() as i128;
    let largest = graph.cost.iter().map(|c| c.unsigned_abs()).max();
    let largest = i128::from(largest.unwrap_or(0));
    // Each phase moves a price by less than 2 (SHRINK + 2) n times its error bound, and the bounds form a falling
    // geometric series from (n + 1) times the largest cost.
    let bound = (nodes + 1)
        .checked_mul(nodes + 1)
        .and_then(|square| square.checked_mul(largest + 1))
        .and_then(|product| product.checked_mul(64));
    match bound {
        Some(bound) if bound < NARROW_LIMIT => Scaling::<i64>::new(graph).run(prices)?,
        Some(_) => Scaling::<i128>::new(graph).run(prices)?,
        None => return Err(FlowError::Overflow),
    }
    settle(graph, prices)
}

struct Scaling<'a, T> {
    graph: &'a mut Residual,
    /// Each residual arc's cost, multiplied by the number of nodes + 1.
    cost: Vec<T>,
    price: Vec<T>,
    /// Each node's price when the phase began.
    before: Vec<T>,
    /// The arc that each node tries next.
    current: Vec<u32>,
    queue: VecDeque<u32>,
    scale: T,
}

impl<'a, T: Price> Scaling<'a, T> {
    fn new(graph: &'a mut Residual) -> Self {
        let scale = T::from(graph.nodes() as i64 + 1);
        Self {
            cost: graph.cost.iter().map(|&c| T::from(c) * scale).collect(),
            price: vec![T::from(0); graph.nodes()],
            before: Vec::new(),
            current: Vec::new(),
            queue: VecDeque::new(),
            scale,
            graph,
        }
    }

    fn run(mut self, prices: &mut [i64]) -> Result<(), FlowError> {
        let one = T::from(1);
        let mut error = self.cost.iter().copied().max().unwrap_or(one).max(one);
        loop {
            error = (error / T::from(SHRINK)).max(one);
            self.phase(error)?;
            if error == one {
                break;
            }
        }
        for (price, scaled) in prices.iter_mut().zip(&self.price) {
            *price = scaled.floor(self.scale).ok_or(FlowError::Overflow)?;
        }
        Ok(())
    }

    fn reduced(&self, tail: usize, arc: usize) -> T {
        self.cost[arc] + self.price[tail] - self.price[self.graph.head[arc] as usize]
    }

    /// Turns the pseudoflow into a flow whose residual arcs have reduced costs of at least `-error`.
    fn phase(&mut self, error: T) -> Result<(), FlowError> {
        let zero = T::from(0);
        for node in 0..self.graph.nodes() {
            for arc in self.graph.range(node) {
                if self.graph.room[arc] > 0 && self.reduced(node, arc) < zero {
                    self.graph.push(node, arc, self.graph.room[arc])?;
                }
            }
        }
        self.before.clone_from(&self.price);
        self.current.clear();
        let starts = &self.graph.first[..self.graph.nodes()];
        self.current.extend_from_slice(starts);
        self.queue.clear();
        let active = (0u32..).zip(&self.graph.excess).filter(|(_, e)| **e > 0);
        self.queue.extend(active.map(|(node, _)| node));
        if self.queue.is_empty() {
            return Ok(());
        }

        self.update_prices(error)?;
        let patience = self.graph.nodes() / 2 + 16;
        let mut relabels = 0;
        while let Some(node) = self.queue.pop_front() {
            relabels += self.discharge(node as usize, error)?;
            if relabels >= patience {
                relabels = 0;
                self.update_prices(error)?;
            }
        }
        Ok(())
    }

    /// Pushes all excess of a node away, lowering its price as far as needed. Returns how often it was lowered.
    fn discharge(&mut self, node: usize, error: T) -> Result<usize, FlowError> {
        let zero = T::from(0);
        let mut relabels = 0;
        loop {
            let end = self.graph.first[node + 1] as usize;
            for arc in self.current[node] as usize..end {
                if self.graph.room[arc] == 0 || self.reduced(node, arc) >= zero {
                    continue;
                }
                let head = self.graph.head[arc] as usize;
                let amount = self.graph.excess[node].min(self.graph.room[arc]);
                let was = self.graph.excess[head];
                self.graph.push(node, arc, amount)?;
                if was <= 0 && self.graph.excess[head] > 0 {
                    self.queue.push_back(head as u32);
                }
                if self.graph.excess[node] == 0 {
                    self.current[node] = arc as u32;
                    return Ok(relabels);
                }
            }
            self.relabel(node, error)?;
            relabels += 1;
        }
    }

    /// Lowers the price of a node without admissible arcs as far as its best residual arc allows.
    fn relabel(&mut self, node: usize, error: T) -> Result<(), FlowError> {
        let range = self.graph.range(node);
        self.current[node] = range.start as u32;
        let open = range.filter(|&arc| self.graph.room[arc] > 0);
        let best = open
            .map(|arc| self.price[self.graph.head[arc] as usize] - self.cost[arc])
            .max();
        let price = best.ok_or(FlowError::Infeasible)? - error;
        // A node in excess that can still reach a deficit never falls farther than this in one phase.
        let nodes = T::from(self.graph.nodes() as i64);
        let deepest = T::from(2 * (SHRINK + 2)) * nodes * error;
        if self.before[node] - price > deepest {
            return Err(FlowError::Infeasible);
        }
        self.price[node] = price;
        Ok(())
    }

    /// Lowers all prices so that each node in excess has a path of admissible arcs to a deficit.
    fn update_prices(&mut self, error: T) -> Result<(), FlowError> {
        let zero = T::from(0);
        let nodes = self.graph.nodes();
        let mut level: Vec<Option<T>> = vec![None; nodes];
        let mut done = vec![false; nodes];
        let mut heap = BinaryHeap::new();
        let mut near = Vec::new();
        let mut waiting = 0;
        for (node, &excess) in self.graph.excess.iter().enumerate() {
            if excess < 0 {
                level[node] = Some(zero);
                near.push(node as u32);
            } else if excess > 0 {
                waiting += 1;
            }
        }
        let mut here = zero;
        while waiting > 0 {
            let node = if let Some(node) = near.pop() {
                node
            } else {
                let Reverse((at, node)) = heap.pop().ok_or(FlowError::Infeasible)?;
                here = at;
                node
            } as usize;
            if std::mem::replace(&mut done[node], true) {
                continue;
            }
            if self.graph.excess[node] > 0 {
                waiting -= 1;
            }
            for arc in self.graph.range(node) {
                let other = self.graph.head[arc] as usize;
                if done[other] || self.graph.room[self.graph.reverse[arc] as usize] == 0 {
                    continue;
                }
                // The reduced cost of the arc from `other` to here.
                let reduced = -self.reduced(node, arc);
                if reduced < zero {
                    if level[other] != Some(here) {
                        level[other] = Some(here);
                        near.push(other as u32);
                    }
                    continue;
                }
                if level[other].is_some_and(|l| reduced >= (l - here) * error) {
                    continue;
                }
                let at = here + reduced / error + T::from(1);
                if level[other].is_none_or(|l| at < l) {
                    level[other] = Some(at);
                    heap.push(Reverse((at, other as u32)));
                }
            }
        }
        for (node, price) in self.price.iter_mut().enumerate() {
            let steps = if done[node] { level[node] } else { None };
            *price = *price - steps.unwrap_or(here) * error;
            self.current[node] = self.graph.first[node];
        }
        Ok(())
    }
}

/// Lowers the rounded prices until every residual arc of the optimal flow has a reduced cost of at least 0.
/// Rounding leaves few arcs below, by 1 each, so this label-correcting pass is short.
fn settle(graph: &Residual, prices: &mut [i64]) -> Result<(), FlowError> {
    let mut queue: VecDeque<u32> = (0..graph.nodes() as u32).collect();
    let mut queued = vec![true; graph.nodes()];
    while let Some(node) = queue.pop_front() {
        queued[node as usize] = false;
        let price = prices[node as usize];
        for arc in graph.range(node as usize) {
            let head = graph.head[arc];
            let reach = price
                .checked_add(graph.cost[arc])
                .ok_or(FlowError::Overflow)?;
            if graph.room[arc] > 0 && reach < prices[head as usize] {
                prices[head as usize] = reach;
                if !std::mem::replace(&mut queued[head as usize], true) {
                    queue.push_back(head);
                }
            }
        }
    }
    Ok(())
}
