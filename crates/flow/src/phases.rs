//! Phases of augmentation from all excesses at once: one search, then as many paths as the zero arcs carry.

use crate::error::FlowError;
use crate::paths::{Label, PRICE_LIMIT};
use crate::radix::RadixHeap;
use crate::residual::{NONE, ROOM, Residual};

const FRESH: u8 = 0;
const ON_PATH: u8 = 1;
const DEAD: u8 = 2;

/// The state that all phases share.
#[derive(Default)]
pub(crate) struct Phases {
    heap: RadixHeap,
    level: Vec<u32>,
    scanned: Vec<u32>,
    sources: Vec<u32>,
    current: Vec<u32>,
    state: Vec<u8>,
    path: Vec<u32>,
}

impl Phases {
    /// One phase. Returns how far the search went.
    pub fn run(&mut self, graph: &mut Residual, labels: &mut [Label]) -> Result<i64, FlowError> {
        self.sources.clear();
        let excess = (0u32..).zip(labels.iter()).filter(|(_, l)| l.excess > 0);
        self.sources.extend(excess.map(|(node, _)| node));
        if self.sources.is_empty() {
            return Ok(0);
        }
        let farthest = self.search(graph, labels)?;
        self.send(graph, labels);
        Ok(farthest)
    }

    /// Finds the distance of every node from the excesses and adds it to the prices, after which there is a path of
    /// reduced cost 0 to every deficit that can be reached.
    fn search(&mut self, graph: &Residual, labels: &mut [Label]) -> Result<i64, FlowError> {
        self.heap.clear();
        self.level.clear();
        self.scanned.clear();
        for label in labels.iter_mut() {
            label.distance = i64::MAX;
        }
        for &source in &self.sources {
            labels[source as usize].distance = 0;
            self.level.push(source);
        }
        let mut here = 0;
        let deficits = labels.iter().filter(|label| label.excess < 0).count();
        let mut found = 0;
        loop {
            let node = if let Some(node) = self.level.pop() {
                node
            } else {
                if found == deficits {
                    break;
                }
                match self.heap.pop() {
                    None => break,
                    Some((distance, node)) => {
                        let distance = distance as i64;
                        if labels[node as usize].distance < distance {
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
            let label = labels[node as usize];
            found += usize::from(label.excess < 0);
            let start = label.price + here;
            let range = graph.range(node as usize);
            for (offset, &open) in graph.open[range.clone()].iter().enumerate() {
                if open & ROOM == 0 {
                    continue;
                }
                let arc = range.start + offset;
                let head = graph.links[arc].head;
                let label = &mut labels[head as usize];
                let distance = start + graph.links[arc].cost - label.price;
                if label.distance <= distance {
                    continue;
                }
                label.distance = distance;
                if distance == here {
                    self.level.push(head);
                } else {
                    self.heap.push(distance as u64, head);
                }
            }
        }
        if found == 0 {
            return Err(FlowError::Infeasible);
        }
        for &node in &self.scanned {
            let label = &mut labels[node as usize];
            label.price += label.distance - here;
            if label.price < -PRICE_LIMIT {
                return Err(FlowError::Overflow);
            }
        }
        Ok(here)
    }

    /// Sends what the arcs of reduced cost 0 carry, each node being given up once it leads nowhere.
    fn send(&mut self, graph: &mut Residual, labels: &mut [Label]) {
        self.current.clear();
        self.current.extend_from_slice(&graph.first[..graph.nodes()]);
        self.state.clear();
        self.state.resize(graph.nodes(), FRESH);
        for index in 0..self.sources.len() {
            let source = self.sources[index] as usize;
            while labels[source].excess > 0 {
                if !self.path_from(graph, labels, source) {
                    break;
                }
            }
        }
    }

    /// Augments along one path from `source`; `false` if there is none left.
    fn path_from(&mut self, graph: &mut Residual, labels: &mut [Label], source: usize) -> bool {
        self.path.clear();
        let mut node = source;
        if self.state[node] == DEAD {
            return false;
        }
        self.state[node] = ON_PATH;
        loop {
            if labels[node].excess < 0 {
                break;
            }
            let end = graph.first[node + 1];
            let start = labels[node].price;
            let mut arc = self.current[node];
            let mut next = NONE;
            while arc < end {
                let a = arc as usize;
                if graph.open[a] & ROOM != 0 {
                    let head = graph.links[a].head as usize;
                    if self.state[head] == FRESH && start + graph.links[a].cost == labels[head].price {
                        next = graph.links[a].head;
                        break;
                    }
                }
                arc += 1;
            }
            self.current[node] = arc;
            if next != NONE {
                self.path.push(arc);
                node = next as usize;
                self.state[node] = ON_PATH;
            } else {
                self.state[node] = DEAD;
                let Some(by) = self.path.pop() else {
                    return false;
                };
                node = graph.tail(by);
                self.current[node] += 1;
            }
        }
        let mut amount = labels[source].excess.min(-labels[node].excess);
        for &arc in &self.path {
            amount = amount.min(graph.links[arc as usize].room);
        }
        self.state[source] = FRESH;
        for &arc in &self.path {
            graph.shift(arc as usize, amount);
            self.state[graph.links[arc as usize].head as usize] = FRESH;
        }
        labels[source].excess -= amount;
        labels[node].excess += amount;
        true
    }
}
