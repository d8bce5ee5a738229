//! The matching problem: needs with quantities, offers with capacities, and what each pairing costs.

use crate::error::{CertificateError, FlowError};
use crate::network::{Method, Network};

/// A possible pairing of a need with an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssignmentArc {
    /// The index of the need.
    pub need: usize,
    /// The index of the offer.
    pub offer: usize,
    /// How many units may pass.
    pub capacity: i64,
    /// The cost of each unit; may be negative.
    pub cost: i64,
}

/// A matching problem. Each unit of a need is served by an offer or stays unmet, at a cost either way; the least total
/// is sought. An unmet cost above all arc costs makes "serve as much as possible" come first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Assignment {
    /// Quantity and the cost of each unmet unit.
    needs: Vec<(i64, i64)>,
    offers: Vec<i64>,
    arcs: Vec<AssignmentArc>,
}

/// An optimal matching with the prices that prove it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matching {
    /// The units that pass on each arc, in the order in which the arcs were added.
    pub flow: Vec<i64>,
    /// The units of each need that stay unmet.
    pub unmet: Vec<i64>,
    /// The total cost, unmet units included.
    pub cost: i128,
    /// What one further unit of each need would cost at these prices.
    pub need_price: Vec<i64>,
    /// What one further unit of each offer would be worth: at least 0, and 0 where the offer is not used up.
    pub offer_price: Vec<i64>,
}

impl Assignment {
    /// A problem without needs and offers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a need of `quantity` units, each at `unmet_cost` if it stays unmet, and returns its index.
    pub fn add_need(&mut self, quantity: i64, unmet_cost: i64) -> usize {
        self.needs.push((quantity, unmet_cost));
        self.needs.len() - 1
    }

    /// Adds an offer of up to `capacity` units and returns its index.
    pub fn add_offer(&mut self, capacity: i64) -> usize {
        self.offers.push(capacity);
        self.offers.len() - 1
    }

    /// Adds a possible pairing and returns its index.
    pub fn add_arc(&mut self, need: usize, offer: usize, capacity: i64, cost: i64) -> usize {
        self.arcs.push(AssignmentArc { need, offer, capacity, cost });
        self.arcs.len() - 1
    }

    /// The pairings, in the order in which they were added.
    #[must_use]
    pub fn arcs(&self) -> &[AssignmentArc] {
        &self.arcs
    }

    /// The quantity and the cost of each unmet unit, for every need.
    #[must_use]
    pub fn needs(&self) -> &[(i64, i64)] {
        &self.needs
    }

    /// The capacity of every offer.
    #[must_use]
    pub fn offers(&self) -> &[i64] {
        &self.offers
    }

    /// Finds a matching of the least total cost.
    ///
    /// # Errors
    /// [`FlowError::UnknownNode`] for an arc of a need or offer that was not added; [`FlowError::BadBounds`] for a
    /// negative quantity or capacity; [`FlowError::Overflow`] for costs above 2^59 in magnitude or sums that do not fit.
    pub fn solve(&self) -> Result<Matching, FlowError> {
        self.solve_with(Method::Auto)
    }

    /// Finds a matching of the least total cost by a chosen method.
    ///
    /// # Errors
    /// As [`Assignment::solve`].
    pub fn solve_with(&self, method: Method) -> Result<Matching, FlowError> {
        let (needs, offers) = (self.needs.len(), self.offers.len());
        let end = needs + offers;
        let mut network = Network::new(end + 1);
        network.reserve(self.arcs.len() + end);
        let mut total: i64 = 0;
        for arc in &self.arcs {
            for (node, nodes) in [(arc.need, needs), (arc.offer, offers)] {
                if node >= nodes {
                    return Err(FlowError::UnknownNode { node, nodes });
                }
            }
            network.add_arc(arc.need, needs + arc.offer, 0, arc.capacity, arc.cost)?;
        }
        for (need, &(quantity, unmet_cost)) in self.needs.iter().enumerate() {
            network.add_arc(need, end, 0, quantity, unmet_cost)?;
            network.set_supply(need, quantity)?;
            total = total.checked_add(quantity).ok_or(FlowError::Overflow)?;
        }
        for (offer, &capacity) in self.offers.iter().enumerate() {
            network.add_arc(needs + offer, end, 0, capacity, 0)?;
        }
        network.set_supply(end, -total)?;

        let mut solution = network.solve_with(method)?;
        let unmet = solution.flow[self.arcs.len()..][..needs].to_vec();
        solution.flow.truncate(self.arcs.len());
        let price = &solution.potential;
        let below = |node: usize| price[end].checked_sub(price[node]);
        let need_price: Option<Vec<i64>> = (0..needs).map(below).collect();
        // The price of an offer that nobody takes may come out below 0; 0 proves as much.
        let offer_price: Option<Vec<i64>> = (needs..end).map(|node| below(node).map(|price| price.max(0))).collect();
        Ok(Matching {
            flow: solution.flow,
            unmet,
            cost: solution.cost,
            need_price: need_price.ok_or(FlowError::Overflow)?,
            offer_price: offer_price.ok_or(FlowError::Overflow)?,
        })
    }

    /// Proves that a matching is optimal, or says what is wrong with it. Reads nothing but the problem and the answer.
    ///
    /// # Errors
    /// The first fault that is found.
    pub fn verify_certificate(&self, matching: &Matching) -> Result<(), CertificateError> {
        let (needs, offers) = (self.needs.len(), self.offers.len());
        if matching.flow.len() != self.arcs.len()
            || matching.unmet.len() != needs
            || matching.need_price.len() != needs
            || matching.offer_price.len() != offers
        {
            return Err(CertificateError::Shape);
        }
        let mut found: i128 = 0;
        let mut served = vec![0i128; needs];
        let mut used = vec![0i128; offers];
        for (index, (arc, &flow)) in self.arcs.iter().zip(&matching.flow).enumerate() {
            if flow < 0 || flow > arc.capacity {
                return Err(CertificateError::Bounds { arc: index });
            }
            let (Some(served), Some(used)) = (served.get_mut(arc.need), used.get_mut(arc.offer)) else {
                return Err(CertificateError::Shape);
            };
            *served += i128::from(flow);
            *used += i128::from(flow);
            found = found.wrapping_add(i128::from(arc.cost) * i128::from(flow));
            let reduced = i128::from(arc.cost) + i128::from(matching.offer_price[arc.offer])
                - i128::from(matching.need_price[arc.need]);
            if (reduced > 0 && flow > 0) || (reduced < 0 && flow < arc.capacity) {
                return Err(CertificateError::Slackness { arc: index });
            }
        }
        for (node, &(quantity, unmet_cost)) in self.needs.iter().enumerate() {
            let unmet = matching.unmet[node];
            if unmet < 0 || served[node] + i128::from(unmet) != i128::from(quantity) {
                return Err(CertificateError::Balance { node });
            }
            let price = matching.need_price[node];
            if (price < unmet_cost && unmet > 0) || (price > unmet_cost && unmet < quantity) {
                return Err(CertificateError::Price { node });
            }
            found = found.wrapping_add(i128::from(unmet_cost) * i128::from(unmet));
        }
        for (offer, &capacity) in self.offers.iter().enumerate() {
            let node = needs + offer;
            if used[offer] > i128::from(capacity) {
                return Err(CertificateError::Balance { node });
            }
            let price = matching.offer_price[offer];
            if price < 0 || (price > 0 && used[offer] < i128::from(capacity)) {
                return Err(CertificateError::Price { node });
            }
        }
        if found == matching.cost { Ok(()) } else { Err(CertificateError::Total { stated: matching.cost, found }) }
    }
}
