//! Successive shortest paths with a greedy start, within a budget of arc scans.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::error::FlowError;
use crate::residual::{NONE, Residual};

/// Prices and distances beyond this magnitude are refused: with costs below 2^59, every sum in a search fits 64 bits.
const PRICE_LIMIT: i64 = 1 << 60;

/// The arc scans that searches may spend before cost scaling takes over.
pub(crate) fn budget(arcs: usize) -> u64 {
    (arcs as u64).saturating_mul(80).max(20_000_000)
}

/// What a search knows of a node; kept together so that one cache line has it all.
#[derive(Clone, Copy)]
struct Label {
    price: i64,
    distance: i64,
    excess: i64,
    /// The residual arc by which the search came here.
    by: u32,
    /// The number of the search in which `distance` and `by` were written.
    search: u32,
}

/// Solves by shortest paths. Returns `false` when the budget ran out; the flow then is a valid pseudoflow.
pub(crate) fn run(
    graph: &mut Residual,
    prices: &mut [i64],
    budget: u64,
) -> Result<bool, FlowError> {
    fill_negative(graph)?;
    let order = start_prices(graph, prices)?;
    start_flow(graph, prices, &order)?;
    if graph.nodes() == 0 {
        return Ok(true);
    }

    let mut search = Search::new(graph, prices, budget);
    let mut done = true;
    for source in 0..graph.nodes() {
        while done && search.labels[source].excess > 0 {
            done = search.augment(graph, source)?;
        }
    }
    for ((label, price), excess) in search.labels.iter().zip(prices).zip(&mut graph.excess) {
        *price = label.price;
        *excess = label.excess;
    }
    Ok(done)
}

/// Fills every arc of negative cost, so that all residual costs are at least 0.
fn fill_negative(graph: &mut Residual) -> Result<(), FlowError> {
    for node in 0..graph.nodes() {
        for arc in graph.range(node) {
            if graph.cost[arc] < 0 && graph.room[arc] > 0 {
                graph.push(node, arc, graph.room[arc])?;
            }
        }
    }
    Ok(())
}

/// Sets each price to minus the distance to the nearest deficit. Returns the nodes with the farthest first.
fn start_prices(graph: &Residual, prices: &mut [i64]) -> Result<Vec<u32>, FlowError> {
    let mut heap = BinaryHeap::new();
    let mut distance = vec![i64::MAX; graph.nodes()];
    let mut order = Vec::with_capacity(graph.nodes());
    let mut done = vec![false; graph.nodes()];
    for (node, &excess) in (0u32..).zip(&graph.excess) {
        if excess < 0 {
            distance[node as usize] = 0;
            heap.push(Reverse((0, node)));
        }
    }
    let mut farthest = 0;
    while let Some(Reverse((near, node))) = heap.pop() {
        if std::mem::replace(&mut done[node as usize], true) {
            continue;
        }
        if near > PRICE_LIMIT {
            return Err(FlowError::Overflow);
        }
        farthest = near;
        order.push(node);
        for arc in graph.range(node as usize) {
            let other = graph.head[arc] as usize;
            // The arc from `other` to here is the opposite of this one; its cost is the negative.
            let far = near - graph.cost[arc];
            if far < distance[other] && graph.room[graph.reverse[arc] as usize] > 0 {
                distance[other] = far;
                heap.push(Reverse((far, graph.head[arc])));
            }
        }
    }
    for (node, price) in prices.iter_mut().enumerate() {
        *price = -distance[node].min(farthest);
    }
    order.extend((0u32..).zip(&done).filter(|(_, d)| !**d).map(|(n, _)| n));
    order.reverse();
    Ok(order)
}

/// Pushes along arcs of reduced cost 0, farthest node first; a node whose cheapest arcs cannot carry its excess is
/// first lowered to its marginal price and fills those that became profitable.
fn start_flow(graph: &mut Residual, prices: &mut [i64], order: &[u32]) -> Result<(), FlowError> {
    let supplied: Vec<bool> = graph.excess.iter().map(|&excess| excess > 0).collect();
    let mut open: Vec<(i64, usize)> = Vec::new();
    for &node in order {
        let node = node as usize;
        if graph.excess[node] <= 0 {
            continue;
        }
        open.clear();
        for arc in graph.range(node) {
            if graph.room[arc] > 0 {
                let reduced = graph.cost[arc] + prices[node] - prices[graph.head[arc] as usize];
                if reduced == 0 || supplied[node] {
                    open.push((reduced, arc));
                }
            }
        }
        if !supplied[node] {
            for &(_, arc) in &open {
                let amount = graph.excess[node].min(graph.room[arc]);
                if amount == 0 {
                    break;
                }
                graph.push(node, arc, amount)?;
            }
            continue;
        }
        open.sort_unstable();
        let mut marginal = 0;
        for &(reduced, arc) in &open {
            let amount = graph.excess[node].min(graph.room[arc]);
            if amount == 0 {
                break;
            }
            marginal = reduced;
            graph.push(node, arc, amount)?;
        }
        prices[node] -= marginal;
        if prices[node] < -PRICE_LIMIT {
            return Err(FlowError::Overflow);
        }
    }
    Ok(())
}

/// The state that all searches share.
struct Search {
    labels: Vec<Label>,
    heap: BinaryHeap<Reverse<(i64, u32)>>,
    /// Nodes at the distance that is being scanned: no need to go through the heap.
    level: Vec<u32>,
    /// Nodes that were scanned, whose prices may have to change.
    scanned: Vec<u32>,
    /// For each node, the arc by which it last found a deficit: tried first.
    hint: Vec<u32>,
    number: u32,
    budget: u64,
}

impl Search {
    fn new(graph: &Residual, prices: &[i64], budget: u64) -> Self {
        let labels = prices.iter().zip(&graph.excess);
        let labels = labels.map(|(&price, &excess)| Label {
            price,
            distance: 0,
            excess,
            by: NONE,
            search: 0,
        });
        Self {
            labels: labels.collect(),
            heap: BinaryHeap::new(),
            level: Vec::new(),
            scanned: Vec::new(),
            hint: vec![NONE; graph.nodes()],
            number: 0,
            budget,
        }
    }

    /// Sends what it can along one shortest path from `source`. Returns `false` when the budget ran out.
    fn augment(&mut self, graph: &mut Residual, source: usize) -> Result<bool, FlowError> {
        let Some((target, reach)) = self.find(graph, source)? else {
            return Ok(false);
        };
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
            amount = amount.min(graph.room[by]);
            node = graph.head[graph.reverse[by] as usize] as usize;
        }
        let last = self.labels[target].by;
        let before = graph.head[graph.reverse[last as usize] as usize];
        self.hint[before as usize] = last;
        node = target;
        while node != source {
            let by = self.labels[node].by as usize;
            graph.shift(by, amount);
            node = graph.head[graph.reverse[by] as usize] as usize;
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
                    Some(Reverse((distance, _))) if distance >= reach => break,
                    None => break,
                    Some(Reverse((distance, node))) => {
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
            if hint != NONE && graph.room[hint as usize] > 0 {
                let head = graph.head[hint as usize];
                let label = &mut self.labels[head as usize];
                let distance = start + graph.cost[hint as usize] - label.price;
                if label.excess < 0 && distance == here {
                    label.by = hint;
                    return Ok(Some(self.close(head, here)));
                }
            }

            let range = graph.range(node as usize);
            self.budget = match self.budget.checked_sub(range.len() as u64) {
                Some(left) => left,
                None => return Ok(None),
            };
            for (offset, &room) in graph.room[range.clone()].iter().enumerate() {
                if room == 0 {
                    continue;
                }
                let arc = range.start + offset;
                let head = graph.head[arc];
                let label = &mut self.labels[head as usize];
                let distance = start + graph.cost[arc] - label.price;
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
                        return Ok(Some(self.close(target, reach)));
                    }
                } else if distance == here {
                    self.level.push(head);
                } else {
                    self.heap.push(Reverse((distance, head)));
                }
            }
        }
        if target == NONE {
            return Err(FlowError::Infeasible);
        }
        Ok(Some(self.close(target, reach)))
    }

    /// Ends a search: nodes at the distance of the target keep their prices.
    fn close(&self, target: u32, reach: i64) -> (usize, i64) {
        (target as usize, reach)
    }
}
