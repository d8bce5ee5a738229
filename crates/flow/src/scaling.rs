//! Cost scaling push-relabel with global price updates.

use std::collections::VecDeque;
use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::error::FlowError;
use crate::radix::RadixHeap;
use crate::residual::{BACK, ROOM, Residual, sum};

/// By what the error bound shrinks from one phase to the next.
const SHRINK: i64 = 12;
/// Where a product must stay below this, 64-bit prices suffice; beyond, 128-bit ones are used.
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
    /// No price may fall below this: a step further would still fit.
    const LOWEST: Self;

    /// This divided by a positive number, rounded down; `None` when 64 bits do not hold it.
    fn floor(self, by: Self) -> Option<i64>;

    /// This as 64 bits, which hold it.
    fn narrow(self) -> i64;
}

impl Price for i64 {
    const LOWEST: Self = -(1 << 62);

    fn floor(self, by: Self) -> Option<i64> {
        Some(self.div_euclid(by))
    }

    fn narrow(self) -> i64 {
        self
    }
}

impl Price for i128 {
    const LOWEST: Self = -(1 << 126);

    fn floor(self, by: Self) -> Option<i64> {
        i64::try_from(self.div_euclid(by)).ok()
    }

    fn narrow(self) -> i64 {
        self as i64
    }
}

/// An error bound from which any pseudoflow can be solved.
pub(crate) fn coarsest(graph: &Residual) -> i64 {
    let largest = graph.links.iter().map(|link| link.cost).max();
    (largest.unwrap_or(0) / SHRINK).max(1)
}

/// Solves from a pseudoflow, in phases whose error bound starts at `error` and shrinks. Any start is right; a good one
/// is about as large as the prices are wrong.
pub(crate) fn run(graph: &mut Residual, prices: &mut [i64], error: i64) -> Result<(), FlowError> {
    let nodes = graph.nodes() as i128 + 1;
    // How negative a reduced cost can be, whatever the flow.
    let mut reach = i128::from(error);
    for (tail, &price) in prices.iter().enumerate() {
        for link in &graph.links[graph.range(tail)] {
            let reduced = i128::from(link.cost) + i128::from(price) - i128::from(prices[link.head as usize]);
            reach = reach.max(-reduced);
        }
    }
    let largest = prices.iter().map(|price| price.abs()).max().unwrap_or(0);
    // Each phase moves a price by at most `deepest`, and these bounds form a falling geometric series.
    let bound = (64 * nodes * nodes).checked_mul(reach.max(largest.into()) + 1);
    let reach = i64::try_from(reach).map_err(|_| FlowError::Overflow)?;
    match bound {
        Some(bound) if bound < NARROW_LIMIT => Scaling::<i64>::new(graph, prices).run(prices, error, reach),
        Some(_) => Scaling::<i128>::new(graph, prices).run(prices, error, reach),
        None => Err(FlowError::Overflow),
    }
}

/// What the algorithm knows of a node; kept together so that one cache line has it all.
#[derive(Clone, Copy)]
struct Node<T> {
    price: T,
    /// The distance to a deficit in units of the error bound, during a price update; negative where unknown.
    level: i64,
    excess: i64,
    /// The arc that is tried next.
    current: u32,
    /// Whether the price update has fixed `level`.
    fixed: bool,
}

struct Scaling<'a, T> {
    graph: &'a mut Residual,
    nodes: Vec<Node<T>>,
    /// Each node's price when the phase began.
    before: Vec<T>,
    queue: VecDeque<u32>,
    heap: RadixHeap,
    /// The number of nodes + 1: the least multiple at which an error bound of 1 means an error of 0.
    scale: T,
}

impl<'a, T: Price> Scaling<'a, T> {
    fn new(graph: &'a mut Residual, prices: &[i64]) -> Self {
        let scale = T::from(graph.nodes() as i64 + 1);
        let nodes = prices.iter().zip(&graph.excess).zip(&graph.first);
        let nodes = nodes.map(|((&price, &excess), &first)| Node {
            price: T::from(price) * scale,
            level: -1,
            excess,
            current: first,
            fixed: false,
        });
        Self {
            nodes: nodes.collect(),
            before: Vec::new(),
            queue: VecDeque::new(),
            heap: RadixHeap::new(),
            scale,
            graph,
        }
    }

    fn run(mut self, prices: &mut [i64], error: i64, reach: i64) -> Result<(), FlowError> {
        let one = T::from(1);
        let mut error = T::from(error) * self.scale;
        let mut wrong = T::from(reach) * self.scale;
        loop {
            error = self.phase(error, wrong)?;
            if error <= self.scale {
                for (price, node) in prices.iter_mut().zip(&self.nodes) {
                    *price = node.price.floor(self.scale).ok_or(FlowError::Overflow)?;
                }
                // Often the flow is optimal long before the error bound proves it: then prices are soon found.
                let arcs = self.graph.arcs() as u64;
                let budget = if error <= one { u64::MAX } else { arcs + arcs / 4 };
                if settle(self.graph, prices, budget)? {
                    return Ok(());
                }
            }
            wrong = error;
            error = (error / T::from(SHRINK)).max(one);
        }
    }

    /// By how many error bounds a price update may lower a price: as many as a node in excess can fall in a phase whose
    /// error bound is at least a `SHRINK`th of `wrong`, for which see `phase`.
    fn levels(&self) -> i64 {
        2 * (SHRINK + 2) * self.nodes.len() as i64
    }

    /// Turns the pseudoflow into a flow whose residual arcs have reduced costs of at least `-error`; `error` grows if it
    /// is too fine to get there, and is returned. Under the prices before, no residual arc of a flow that ships
    /// everything may have a reduced cost below `-wrong`.
    ///
    /// If the problem is feasible, there always is a way from a node in excess to a deficit such that the way back is
    /// residual for a flow that ships everything. The deficit's price has not moved, so that the node's price can have
    /// fallen by no more than the error of both ways, n arcs each: n `error` + n `wrong`.
    fn phase(&mut self, mut error: T, wrong: T) -> Result<T, FlowError> {
        self.fill_negative()?;
        self.before.clear();
        self.before.extend(self.nodes.iter().map(|node| node.price));
        self.queue.clear();
        let mut total = 0;
        for (index, node) in (0u32..).zip(&mut self.nodes) {
            node.current = self.graph.first[index as usize];
            if node.excess > 0 {
                self.queue.push_back(index);
                total = sum(total, node.excess)?;
            }
        }
        if self.queue.is_empty() {
            return Ok(error);
        }
        error = self.update_or_coarsen(error, wrong)?;
        // Updates are dear: one for 1.5 n relabels was measured to be about right.
        let patience = self.nodes.len() * 3 / 2 + 16;
        let mut relabels = 0;
        while let Some(node) = self.queue.pop_front() {
            let deepest = (error + wrong) * self.scale;
            relabels += self.discharge(node as usize, error, deepest)?;
            if relabels >= patience {
                relabels = 0;
                error = self.update_or_coarsen(error, wrong)?;
            }
        }
        Ok(error)
    }

    /// Updates the prices with the error bound, or with the next that is coarse enough to reach all excess.
    fn update_or_coarsen(&mut self, mut error: T, wrong: T) -> Result<T, FlowError> {
        let enough = wrong / T::from(SHRINK) + T::from(1);
        while !self.update_prices(error)? {
            if error >= enough {
                return Err(FlowError::Infeasible);
            }
            error = (error * T::from(SHRINK)).min(enough);
        }
        Ok(error)
    }

    /// Fills every arc of negative reduced cost.
    fn fill_negative(&mut self) -> Result<(), FlowError> {
        for tail in 0..self.nodes.len() {
            let price = self.nodes[tail].price;
            for arc in self.graph.range(tail) {
                if self.graph.open[arc] & ROOM == 0 {
                    continue;
                }
                let head = self.graph.links[arc].head as usize;
                if T::from(self.graph.links[arc].cost) * self.scale + price < self.nodes[head].price {
                    let room = self.graph.links[arc].room;
                    self.nodes[tail].excess = sum(self.nodes[tail].excess, -room)?;
                    self.nodes[head].excess = sum(self.nodes[head].excess, room)?;
                    self.graph.shift(arc, room);
                }
            }
        }
        Ok(())
    }

    /// Pushes all excess of a node away, lowering its price as far as needed. Returns how often it was lowered.
    fn discharge(&mut self, tail: usize, error: T, deepest: T) -> Result<usize, FlowError> {
        let mut relabels = 0;
        let end = self.graph.first[tail + 1] as usize;
        let mut excess = self.nodes[tail].excess;
        loop {
            let Node { price, current, .. } = self.nodes[tail];
            for arc in current as usize..end {
                if self.graph.open[arc] & ROOM == 0 {
                    continue;
                }
                let index = self.graph.links[arc].head;
                let head = &mut self.nodes[index as usize];
                if T::from(self.graph.links[arc].cost) * self.scale + price >= head.price {
                    continue;
                }
                let amount = excess.min(self.graph.links[arc].room);
                if head.excess <= 0 && head.excess + amount > 0 {
                    self.queue.push_back(index);
                }
                head.excess += amount;
                excess -= amount;
                self.graph.shift(arc, amount);
                if excess == 0 {
                    self.nodes[tail].excess = 0;
                    self.nodes[tail].current = arc as u32;
                    return Ok(relabels);
                }
            }
            self.relabel(tail, error, deepest)?;
            relabels += 1;
        }
    }

    /// Lowers the price of a node without admissible arcs as far as its best residual arc allows.
    fn relabel(&mut self, tail: usize, error: T, deepest: T) -> Result<(), FlowError> {
        let range = self.graph.range(tail);
        self.nodes[tail].current = range.start as u32;
        let mut best: Option<T> = None;
        for arc in range {
            if self.graph.open[arc] & ROOM != 0 {
                let reach = self.nodes[self.graph.links[arc].head as usize].price
                    - T::from(self.graph.links[arc].cost) * self.scale;
                if best.is_none_or(|best| reach > best) {
                    best = Some(reach);
                    self.nodes[tail].current = arc as u32;
                }
            }
        }
        let price = best.ok_or(FlowError::Infeasible)? - error;
        if self.before[tail] - price > deepest {
            return Err(FlowError::Infeasible);
        }
        self.nodes[tail].price = price;
        Ok(())
    }

    /// Lowers all prices so that each node in excess has a path of admissible arcs to a deficit. Changes nothing and
    /// returns `false` if one has none within `levels`.
    fn update_prices(&mut self, error: T) -> Result<bool, FlowError> {
        let zero = T::from(0);
        let levels = self.levels();
        let limit = T::from(levels) * error;
        let mut near: Vec<u32> = Vec::new();
        let mut waiting = 0;
        self.heap.clear();
        for (index, node) in (0u32..).zip(&mut self.nodes) {
            node.level = -1;
            node.fixed = false;
            if node.excess < 0 {
                node.level = 0;
                near.push(index);
            } else if node.excess > 0 {
                waiting += 1;
            }
        }
        let mut here = 0;
        while waiting > 0 {
            let head = if let Some(node) = near.pop() {
                node
            } else {
                let Some((level, node)) = self.heap.pop() else {
                    return Ok(false);
                };
                here = level as i64;
                if here > levels {
                    return Ok(false);
                }
                node
            } as usize;
            let node = &mut self.nodes[head];
            if std::mem::replace(&mut node.fixed, true) {
                continue;
            }
            if node.excess > 0 {
                waiting -= 1;
            }
            let price = node.price;
            for arc in self.graph.range(head) {
                if self.graph.open[arc] & BACK == 0 {
                    continue;
                }
                let index = self.graph.links[arc].head;
                let tail = &mut self.nodes[index as usize];
                if tail.fixed {
                    continue;
                }
                let reduced = tail.price - price - T::from(self.graph.links[arc].cost) * self.scale;
                if reduced < zero {
                    if tail.level != here {
                        tail.level = here;
                        near.push(index);
                    }
                } else if reduced < limit && (tail.level < 0 || reduced < T::from(tail.level - here - 1) * error) {
                    tail.level = here + (reduced / error).narrow() + 1;
                    self.heap.push(tail.level as u64, index);
                }
            }
        }
        for (node, &first) in self.nodes.iter_mut().zip(&self.graph.first) {
            let steps = if node.fixed { node.level } else { here };
            node.price = node.price - T::from(steps) * error;
            if node.price < T::LOWEST {
                return Err(FlowError::Overflow);
            }
            node.current = first;
        }
        Ok(true)
    }
}

/// Lowers rounded prices until every residual arc has a reduced cost of at least 0. If the flow is optimal, rounding
/// leaves few arcs below, by 1 each, and this label-correcting pass is short; if it is not, the pass cannot end, and
/// `false` is returned once so many arcs were scanned as the budget says.
fn settle(graph: &Residual, prices: &mut [i64], mut budget: u64) -> Result<bool, FlowError> {
    let mut queue: VecDeque<u32> = (0..graph.nodes() as u32).collect();
    let mut queued = vec![true; graph.nodes()];
    while let Some(node) = queue.pop_front() {
        queued[node as usize] = false;
        let price = prices[node as usize];
        budget = match budget.checked_sub(graph.range(node as usize).len() as u64) {
            Some(left) => left,
            None => return Ok(false),
        };
        for arc in graph.range(node as usize) {
            let head = graph.links[arc].head;
            let reach = price.checked_add(graph.links[arc].cost).ok_or(FlowError::Overflow)?;
            if graph.open[arc] & ROOM != 0 && reach < prices[head as usize] {
                prices[head as usize] = reach;
                if !std::mem::replace(&mut queued[head as usize], true) {
                    queue.push_back(head);
                }
            }
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::paths::{self, Outcome};
    use crate::{Method, Network, verify_certificate};
    use proptest::prelude::*;

    /// A small generator, so that the problems are the same everywhere (SplitMix64).
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, end: u64) -> i64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            i64::try_from((z ^ (z >> 31)) % end).unwrap()
        }
    }

    /// Needs with few offers each, costs with many ties, about as much offered as needed, and an unmet cost far above.
    fn scarce(seed: u64, needs: usize, unmet: i64) -> Network {
        let mut numbers = Numbers(seed);
        let offers = needs.div_ceil(2);
        let end = needs + offers;
        let mut network = Network::new(end + 1);
        let mut total = 0;
        for need in 0..needs {
            for _ in 0..4 {
                let offer = usize::try_from(numbers.below(offers as u64)).unwrap();
                network.add_arc(need, needs + offer, 0, 3, 200 + numbers.below(30) * 25).unwrap();
            }
            let quantity = 1 + numbers.below(3);
            network.add_arc(need, end, 0, quantity, unmet).unwrap();
            network.set_supply(need, quantity).unwrap();
            total += quantity;
        }
        for offer in needs..end {
            network.add_arc(offer, end, 0, 3 + numbers.below(3), 0).unwrap();
        }
        network.set_supply(end, -total).unwrap();
        network
    }

    /// The cost when cost scaling starts from where searches without a budget leave off, at their error bound or at
    /// another.
    fn warm(network: &Network, error: Option<i64>) -> Result<i128, FlowError> {
        let mut residual = Residual::build(network)?;
        let mut prices = vec![0; network.supplies().len()];
        if let Outcome::Unfinished(guess) = paths::run(&mut residual, &mut prices, 0)? {
            run(&mut residual, &mut prices, error.unwrap_or(guess))?;
        }
        let solution = network.solution(&residual, prices)?;
        verify_certificate(network, &solution).unwrap();
        Ok(solution.cost)
    }

    #[test]
    fn an_error_bound_far_too_fine_does_not_make_a_problem_infeasible() {
        let mut network = Network::new(2);
        network.add_arc(0, 1, 0, 1, 1_000_000).unwrap();
        network.set_supply(0, 1).unwrap();
        network.set_supply(1, -1).unwrap();
        let mut residual = Residual::build(&network).unwrap();
        run(&mut residual, &mut [0, 0], 1).unwrap();
        assert_eq!(residual.flows(&network), [1]);
    }

    #[test]
    fn a_guess_from_a_short_search_does_not_make_a_problem_infeasible() {
        let mut wrong = Vec::new();
        for needs in 2..60 {
            for seed in 0..20 {
                let network = scarce(seed, needs, 1_000_000_000);
                let expected = network.solve_with(Method::Paths).unwrap().cost;
                if warm(&network, None) != Ok(expected) {
                    wrong.push((needs, seed));
                }
            }
        }
        assert_eq!(wrong, []);
    }

    #[test]
    fn what_cannot_be_shipped_is_infeasible_at_any_error_bound() {
        // The one arc leads away from the deficit; or it is too narrow.
        for (tail, head, supply) in [(1, 0, 1), (0, 1, 2)] {
            for cost in [0, 1, 1_000_000, 1 << 59] {
                let mut network = Network::new(2);
                network.add_arc(tail, head, 0, 1, cost).unwrap();
                network.set_supply(0, supply).unwrap();
                network.set_supply(1, -supply).unwrap();
                for error in [1, 1000, 1 << 40] {
                    let mut residual = Residual::build(&network).unwrap();
                    assert_eq!(run(&mut residual, &mut [0, 0], error), Err(FlowError::Infeasible));
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(150))]

        #[test]
        fn all_methods_and_all_starts_agree(
            seed in any::<u64>(),
            needs in 2usize..400,
            unmet in prop_oneof![Just(1000i64), Just(100_000), Just(1_000_000_000), Just(1_000_000_000_000_000)],
            error in prop_oneof![1i64..20, 1i64..1_000_000],
        ) {
            let network = scarce(seed, needs, unmet);
            let costs = [Method::Auto, Method::Paths, Method::Scaling].map(|method| {
                let solution = network.solve_with(method).unwrap();
                verify_certificate(&network, &solution).unwrap();
                solution.cost
            });
            prop_assert_eq!(costs[0], costs[1]);
            prop_assert_eq!(costs[0], costs[2]);
            prop_assert_eq!(warm(&network, None), Ok(costs[0]));
            prop_assert_eq!(warm(&network, Some(error)), Ok(costs[0]));
        }
    }
}
