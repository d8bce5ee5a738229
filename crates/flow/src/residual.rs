//! The residual graph: every arc and its reverse, grouped by tail in contiguous arrays.

use crate::error::FlowError;
use crate::network::{Network, QUANTITY_LIMIT};

/// The bit of `open` that says that an arc has room.
pub(crate) const ROOM: u8 = 1;
/// The bit of `open` that says that the opposite of an arc has room.
pub(crate) const BACK: u8 = 2;

/// Stands for "no arc".
pub(crate) const NONE: u32 = u32::MAX;

/// One residual arc; kept together so that one cache line has most of it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Link {
    /// The cost of a unit; the opposite has the negative.
    pub cost: i64,
    /// How much more the arc can carry.
    pub room: i64,
    /// The node that it enters.
    pub head: u32,
    /// Its opposite.
    pub reverse: u32,
}

/// Residual arcs in forward-star order, with the balance of each node.
pub(crate) struct Residual {
    /// Residual arcs of node `v` are `first[v]..first[v + 1]`.
    pub first: Vec<u32>,
    pub links: Vec<Link>,
    /// Bit 0: the arc has room; bit 1: its opposite has. Scans read this first, for it is small.
    pub open: Vec<u8>,
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
        let mut links = vec![Link::default(); total];
        let mut open = vec![0u8; total];
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
            let room = arc.capacity - arc.lower;
            links[f] = Link { cost: arc.cost, room, head: arc.head, reverse: backward };
            links[b] = Link { cost: -arc.cost, room: 0, head: arc.tail, reverse: forward };
            if room > 0 {
                open[f] = ROOM;
                open[b] = BACK;
            }
        }
        Ok(Self { first, links, open, excess, place })
    }

    /// The number of nodes.
    pub fn nodes(&self) -> usize {
        self.excess.len()
    }

    /// The number of residual arcs.
    pub fn arcs(&self) -> usize {
        self.links.len()
    }

    /// The residual arcs of a node.
    pub fn range(&self, node: usize) -> std::ops::Range<usize> {
        self.first[node] as usize..self.first[node + 1] as usize
    }

    /// The node that a residual arc leaves.
    pub fn tail(&self, arc: u32) -> usize {
        self.links[self.links[arc as usize].reverse as usize].head as usize
    }

    /// Moves `amount` along a residual arc, without touching the balances.
    pub fn shift(&mut self, arc: usize, amount: i64) {
        let link = &mut self.links[arc];
        link.room -= amount;
        let ahead = u8::from(link.room > 0);
        let back = link.reverse as usize;
        let opposite = &mut self.links[back];
        opposite.room += amount;
        let behind = u8::from(opposite.room > 0);
        self.open[arc] = ahead | behind << 1;
        self.open[back] = behind | ahead << 1;
    }

    /// Moves `amount` along a residual arc that leaves `tail`, balances included.
    pub fn push(&mut self, tail: usize, arc: usize, amount: i64) -> Result<(), FlowError> {
        let head = self.links[arc].head as usize;
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
            place => arc.capacity - self.links[place as usize].room,
        })
        .collect()
    }
}

/// A sum of quantities, refused beyond the limit.
pub(crate) fn sum(a: i64, b: i64) -> Result<i64, FlowError> {
    a.checked_add(b).filter(|s| s.unsigned_abs() <= 2 * QUANTITY_LIMIT.unsigned_abs()).ok_or(FlowError::Overflow)
}
