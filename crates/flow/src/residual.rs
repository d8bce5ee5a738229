//! The residual graph: every arc and its reverse, grouped by tail in contiguous arrays.

use crate::error::FlowError;
use crate::network::{Network, QUANTITY_LIMIT};

/// Stands for "no arc".
pub(crate) const NONE: u32 = u32::MAX;

/// Residual arcs in forward-star order, with the balance of each node.
pub(crate) struct Residual {
    /// Residual arcs of node `v` are `first[v]..first[v + 1]`.
    pub first: Vec<u32>,
    /// The node that each residual arc enters.
    pub head: Vec<u32>,
    /// The opposite of each residual arc.
    pub reverse: Vec<u32>,
    /// The cost of a unit on each residual arc; the opposite has the negative.
    pub cost: Vec<i64>,
    /// How much more each residual arc can carry.
    pub room: Vec<i64>,
    /// What each node has too much (positive) or too little (negative).
    pub excess: Vec<i64>,
    /// Where each arc of the network stands; `NONE` for a loop.
    place: Vec<u32>,
}

impl Residual {
    /// Builds the residual graph of a network whose every arc is at its lower bound.
    pub fn build(network: &Network) -> Result<Self, FlowError> {
        let nodes = network.supplies().len();
        let arcs = network.arcs();
        if nodes >= NONE as usize || arcs.len() >= (NONE / 2) as usize {
            return Err(FlowError::TooLarge);
        }
        let mut excess = network.supplies().to_vec();
        let mut first = vec![0u32; nodes + 1];
        for arc in arcs.iter().filter(|arc| arc.tail != arc.head) {
            first[arc.tail as usize] += 1;
            first[arc.head as usize] += 1;
            if arc.lower > 0 {
                excess[arc.tail as usize] = sum(excess[arc.tail as usize], -arc.lower)?;
                excess[arc.head as usize] = sum(excess[arc.head as usize], arc.lower)?;
            }
        }
        let mut total = 0;
        for slot in &mut first {
            total += *slot;
            *slot = total;
        }
        // `first` holds the ends now; filling from the back turns them into the starts, in order.
        let total = total as usize;
        let mut head = vec![0; total];
        let mut reverse = vec![0; total];
        let mut cost = vec![0; total];
        let mut room = vec![0; total];
        let mut place = vec![NONE; arcs.len()];
        for (index, arc) in arcs.iter().enumerate().rev() {
            let (tail, end) = (arc.tail as usize, arc.head as usize);
            if tail == end {
                continue;
            }
            first[tail] -= 1;
            first[end] -= 1;
            let (forward, backward) = (first[tail], first[end]);
            place[index] = forward;
            let (f, b) = (forward as usize, backward as usize);
            head[f] = arc.head;
            head[b] = arc.tail;
            reverse[f] = backward;
            reverse[b] = forward;
            cost[f] = arc.cost;
            cost[b] = -arc.cost;
            room[f] = arc.capacity - arc.lower;
        }
        Ok(Self {
            first,
            head,
            reverse,
            cost,
            room,
            excess,
            place,
        })
    }

    /// The number of nodes.
    pub fn nodes(&self) -> usize {
        self.excess.len()
    }

    /// The number of residual arcs.
    pub fn arcs(&self) -> usize {
        self.head.len()
    }

    /// The residual arcs of a node.
    pub fn range(&self, node: usize) -> std::ops::Range<usize> {
        self.first[node] as usize..self.first[node + 1] as usize
    }

    /// Moves `amount` along a residual arc, without touching the balances.
    pub fn shift(&mut self, arc: usize, amount: i64) {
        self.room[arc] -= amount;
        self.room[self.reverse[arc] as usize] += amount;
    }

    /// Moves `amount` along a residual arc that leaves `tail`, balances included.
    pub fn push(&mut self, tail: usize, arc: usize, amount: i64) -> Result<(), FlowError> {
        let head = self.head[arc] as usize;
        self.excess[tail] = sum(self.excess[tail], -amount)?;
        self.excess[head] = sum(self.excess[head], amount)?;
        self.shift(arc, amount);
        Ok(())
    }

    /// The flow of each arc of the network.
    pub fn flows(&self, network: &Network) -> Vec<i64> {
        let arcs = network.arcs().iter().zip(&self.place);
        arcs.map(|(arc, &place)| match place {
            NONE if arc.cost < 0 => arc.capacity,
            NONE => arc.lower,
            place => arc.capacity - self.room[place as usize],
        })
        .collect()
    }
}

/// A sum of quantities, refused beyond the limit.
fn sum(a: i64, b: i64) -> Result<i64, FlowError> {
    a.checked_add(b)
        .filter(|s| s.unsigned_abs() <= 2 * QUANTITY_LIMIT.unsigned_abs())
        .ok_or(FlowError::Overflow)
}
