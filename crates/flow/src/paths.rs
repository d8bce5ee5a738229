//! Successive shortest paths with a greedy start, within a budget of arc scans.

use crate::error::FlowError;
use crate::phases::Phases;
use crate::radix::RadixHeap;
use crate::residual::{BACK, Link, NONE, ROOM, Residual};

/// Prices and distances beyond this magnitude are refused: with costs below 2^59, every sum in a search fits 64 bits.
pub(crate) const PRICE_LIMIT: i64 = 1 << 60;

/// The arc scans that searches may spend before cost scaling takes over: on small problems as many as pass unnoticed,
/// on large ones as many as one sweep over all arcs has.
pub(crate) fn budget(arcs: usize) -> u64 {
    (arcs as u64).max(BUDGET_FLOOR)
}

const BUDGET_FLOOR: u64 = 4_000_000;

/// How the searches ended.
pub(crate) enum Outcome {
    /// Everything is shipped.
    Done,
    /// The budget ran out. The flow is a pseudoflow that is optimal under the prices; the number says about how far
    /// prices may still have to move.
    Unfinished(i64),
}

/// What a search knows of a node; kept together so that one cache line has it all.
#[derive(Clone, Copy)]
pub(crate) struct Label {
    pub price: i64,
    pub distance: i64,
    pub excess: i64,
    /// The residual arc by which the search came here.
    by: u32,
    /// The number of the search in which `distance` and `by` were written.
    search: u32,
}

/// Solves by shortest paths, one at a time while the budget lasts.
pub(crate) fn run(graph: &mut Residual, prices: &mut [i64], budget: u64) -> Result<Outcome, FlowError> {
    fill_negative(graph)?;
    start_prices(graph, prices)?;
    start_flow(graph, prices)?;

    let mut search = Search::new(graph, prices, budget);
    let mut outcome = Outcome::Done;
    if !search.all(graph)? {
        let mut phases = Phases::default();
        let mut farthest = 0;
        for _ in 0..PHASES {
            farthest = phases.run(graph, &mut search.labels)?;
        }
        // Where the deficits are as near as that, searches stay small, and more of them are the quickest way.
        search.budget = budget.saturating_mul(EXTENSION);
        if farthest > 0 || !search.all(graph)? {
            let moved = farthest.max(search.farthest);
            outcome = Outcome::Unfinished((moved / 12).max(1));
        }
    }
    for ((label, price), excess) in search.labels.iter().zip(prices).zip(&mut graph.excess) {
        *price = label.price;
        *excess = label.excess;
    }
    Ok(outcome)
}

/// How many phases of many paths at once follow when the budget ran out.
const PHASES: usize = 2;
/// How many times the budget is given again when these phases find all deficits at distance 0.
const EXTENSION: u64 = 12;

/// Fills every arc of negative cost, so that all residual costs are at least 0.
fn fill_negative(graph: &mut Residual) -> Result<(), FlowError> {
    for node in 0..graph.nodes() {
        for arc in graph.range(node) {
            if graph.links[arc].cost < 0 && graph.links[arc].room > 0 {
                graph.push(node, arc, graph.links[arc].room)?;
            }
        }
    }
    Ok(())
}

/// Sets each price to minus the distance to the nearest deficit.
fn start_prices(graph: &Residual, prices: &mut [i64]) -> Result<(), FlowError> {
    let mut heap = RadixHeap::new();
    let mut distance = vec![i64::MAX; graph.nodes()];
    let mut done = vec![false; graph.nodes()];
    for (node, &excess) in (0u32..).zip(&graph.excess) {
        if excess < 0 {
            distance[node as usize] = 0;
            heap.push(0, node);
        }
    }
    let mut farthest = 0;
    while let Some((near, node)) = heap.pop() {
        let near = near as i64;
        if std::mem::replace(&mut done[node as usize], true) {
            continue;
        }
        if near > PRICE_LIMIT {
            return Err(FlowError::Overflow);
        }
        farthest = near;
        for arc in graph.range(node as usize) {
            let other = graph.links[arc].head as usize;
            // The arc from `other` to here is the opposite of this one; its cost is the negative.
            let far = near - graph.links[arc].cost;
            if graph.open[arc] & BACK != 0 && far < distance[other] {
                distance[other] = far;
                heap.push(far as u64, graph.links[arc].head);
            }
        }
    }
    for (node, price) in prices.iter_mut().enumerate() {
        *price = -distance[node].min(farthest);
    }
    Ok(())
}

/// Pushes from supply nodes along arcs of reduced cost 0, each node once, breadth first; a supply node whose cheapest
/// arcs cannot carry its excess is first lowered to its marginal price and fills those that became profitable.
fn start_flow(graph: &mut Residual, prices: &mut [i64]) -> Result<(), FlowError> {
    spread_deficits(graph, prices)?;
    let mut queue: Vec<u32> =
        (0u32..).zip(&graph.excess).filter(|(_, excess)| **excess > 0).map(|(node, _)| node).collect();
    let supplied = queue.len();
    let mut queued = vec![false; graph.nodes()];
    for &node in &queue {
        queued[node as usize] = true;
    }
    let mut open: Vec<(i64, usize)> = Vec::new();
    let mut next = 0;
    while let Some(&node) = queue.get(next) {
        let node = node as usize;
        open.clear();
        for arc in graph.range(node) {
            if graph.links[arc].room > 0 {
                let reduced = graph.links[arc].cost + prices[node] - prices[graph.links[arc].head as usize];
                if reduced == 0 || next < supplied {
                    open.push((reduced, arc));
                }
            }
        }
        if next < supplied {
            open.sort_unstable();
        }
        let mut marginal = 0;
        for &(reduced, arc) in &open {
            let amount = graph.excess[node].min(graph.links[arc].room);
            if amount <= 0 {
                break;
            }
            marginal = reduced;
            graph.push(node, arc, amount)?;
            let head = graph.links[arc].head as usize;
            if graph.excess[head] > 0 && !std::mem::replace(&mut queued[head], true) {
                queue.push(head as u32);
            }
        }
        prices[node] -= marginal;
        if prices[node] < -PRICE_LIMIT {
            return Err(FlowError::Overflow);
        }
        next += 1;
    }
    Ok(())
}

/// Moves a deficit back along its arcs of reduced cost 0 where all of them together cannot satisfy it. They will be
/// full in any case, and searches then see single places instead of one hub.
fn spread_deficits(graph: &mut Residual, prices: &[i64]) -> Result<(), FlowError> {
    let mut incoming: Vec<(usize, usize)> = Vec::new();
    for node in 0..graph.nodes() {
        if graph.excess[node] >= 0 {
            continue;
        }
        incoming.clear();
        let mut room: i128 = 0;
        for arc in graph.range(node) {
            let Link { head, reverse, .. } = graph.links[arc];
            let (tail, back) = (head as usize, reverse as usize);
            let link = graph.links[back];
            let tight = link.cost + prices[tail] == prices[node];
            if link.room > 0 && tight && graph.excess[tail] <= 0 {
                incoming.push((tail, back));
                room += i128::from(link.room);
            }
        }
        if room <= -i128::from(graph.excess[node]) {
            for &(tail, arc) in &incoming {
                graph.push(tail, arc, graph.links[arc].room)?;
            }
        }
    }
    Ok(())
}

/// The state that all searches share.
struct Search {
    labels: Vec<Label>,
    heap: RadixHeap,
    /// Nodes at the distance that is being scanned: no need to go through the heap.
    level: Vec<u32>,
    /// Nodes that were scanned, whose prices may have to change.
    scanned: Vec<u32>,
    /// For each node, the arc by which it last found a deficit: tried first.
    hint: Vec<u32>,
    number: u32,
    budget: u64,
    /// The longest of the paths so far.
    farthest: i64,
}

impl Search {
    fn new(graph: &Residual, prices: &[i64], budget: u64) -> Self {
        let labels = prices.iter().zip(&graph.excess);
        let labels = labels.map(|(&price, &excess)| Label { price, distance: 0, excess, by: NONE, search: 0 });
        Self {
            labels: labels.collect(),
            heap: RadixHeap::new(),
            level: Vec::new(),
            scanned: Vec::new(),
            hint: vec![NONE; graph.nodes()],
            number: 0,
            budget,
            farthest: 0,
        }
    }

    /// Sends everything that is in excess. Returns `false` when the budget ran out.
    fn all(&mut self, graph: &mut Residual) -> Result<bool, FlowError> {
        for source in 0..graph.nodes() {
            while self.labels[source].excess > 0 {
                if !self.augment(graph, source)? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Sends what it can along one shortest path from `source`. Returns `false` when the budget ran out.
    fn augment(&mut self, graph: &mut Residual, source: usize) -> Result<bool, FlowError> {
        let Some((target, reach)) = self.find(graph, source)? else {
            return Ok(false);
        };
        self.farthest = self.farthest.max(reach);
        for &node in &self.scanned {
            let label = &mut self.labels[node as usize];
            label.price += label.distance - reach;
            if label.price < -PRICE_LIMIT {
                return Err(FlowError::Overflow);
            }
        }

        let mut amount = self.labels[source].excess.min(-self.labels[target].excess);
        let mut node = target;
        while node != source {
            let by = self.labels[node].by as usize;
            amount = amount.min(graph.links[by].room);
            node = graph.tail(by as u32);
        }
        let last = self.labels[target].by;
        let before = graph.tail(last);
        self.hint[before] = last;
        node = target;
        while node != source {
            let by = self.labels[node].by as usize;
            graph.shift(by, amount);
            node = graph.tail(by as u32);
        }
        self.labels[source].excess -= amount;
        self.labels[target].excess += amount;
        Ok(true)
    }

    /// The nearest deficit and its distance; `None` when the budget ran out.
    /// Afterwards `scanned` holds the nodes that are strictly nearer.
    fn find(&mut self, graph: &Residual, source: usize) -> Result<Option<(usize, i64)>, FlowError> {
        self.number = self.number.wrapping_add(1);
        if self.number == 0 {
            self.labels.iter_mut().for_each(|label| label.search = 0);
            self.number = 1;
        }
        let number = self.number;
        self.heap.clear();
        self.level.clear();
        self.scanned.clear();
        self.labels[source].distance = 0;
        self.labels[source].search = number;
        self.level.push(source as u32);
        let mut here = 0;
        let mut reach = i64::MAX;
        let mut target = NONE;

        loop {
            let node = if let Some(node) = self.level.pop() {
                node
            } else {
                match self.heap.pop() {
                    None => break,
                    Some((distance, node)) => {
                        let distance = distance as i64;
                        if distance >= reach {
                            break;
                        }
                        // An entry that a shorter way has overtaken since it was written.
                        if self.labels[node as usize].distance < distance {
                            continue;
                        }
                        here = distance;
                        node
                    }
                }
            };
            if here > PRICE_LIMIT {
                return Err(FlowError::Overflow);
            }
            self.scanned.push(node);
            let start = self.labels[node as usize].price + here;

            let hint = self.hint[node as usize];
            if hint != NONE && graph.links[hint as usize].room > 0 {
                let head = graph.links[hint as usize].head;
                let label = &mut self.labels[head as usize];
                let distance = start + graph.links[hint as usize].cost - label.price;
                if label.excess < 0 && distance == here {
                    label.by = hint;
                    return Ok(Some((head as usize, here)));
                }
            }

            let range = graph.range(node as usize);
            self.budget = match self.budget.checked_sub(range.len() as u64) {
                Some(left) => left,
                None => return Ok(None),
            };
            for (offset, &open) in graph.open[range.clone()].iter().enumerate() {
                if open & ROOM == 0 {
                    continue;
                }
                let arc = range.start + offset;
                let head = graph.links[arc].head;
                let label = &mut self.labels[head as usize];
                let distance = start + graph.links[arc].cost - label.price;
                if distance >= reach || (label.search == number && label.distance <= distance) {
                    continue;
                }
                label.distance = distance;
                label.search = number;
                label.by = arc as u32;
                if label.excess < 0 {
                    reach = distance;
                    target = head;
                    if distance == here {
                        return Ok(Some((target as usize, reach)));
                    }
                } else if distance == here {
                    self.level.push(head);
                } else {
                    self.heap.push(distance as u64, head);
                }
            }
        }
        if target == NONE {
            return Err(FlowError::Infeasible);
        }
        Ok(Some((target as usize, reach)))
    }
}
