//! What can go wrong, as values.

use std::fmt;

/// Why a problem could not be stated or solved.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlowError {
    /// An arc or a supply names a node (or a need, or an offer) that does not exist.
    UnknownNode {
        /// The index that was given.
        node: usize,
        /// How many there are.
        nodes: usize,
    },
    /// A quantity, capacity or lower bound is negative, or a lower bound is above its capacity.
    BadBounds {
        /// The lower bound that was given.
        lower: i64,
        /// The capacity or quantity that was given.
        capacity: i64,
    },
    /// The supplies do not add up to zero.
    Unbalanced {
        /// The sum of the supplies.
        sum: i128,
    },
    /// No flow satisfies the supplies within the capacities.
    Infeasible,
    /// A cost, a quantity or a sum of them is too large to be computed exactly.
    Overflow,
    /// There are more nodes or arcs than 32-bit indices can name.
    TooLarge,
}

impl fmt::Display for FlowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownNode { node, nodes } => {
                write!(f, "node {node} does not exist: there are {nodes}")
            }
            Self::BadBounds { lower, capacity } => {
                write!(f, "bounds {lower}..={capacity} are not 0 <= lower <= capacity")
            }
            Self::Unbalanced { sum } => write!(f, "supplies add up to {sum}, not to 0"),
            Self::Infeasible => write!(f, "no flow satisfies the supplies within the capacities"),
            Self::Overflow => write!(f, "costs or quantities are too large to be added exactly"),
            Self::TooLarge => write!(f, "more nodes or arcs than 32-bit indices can name"),
        }
    }
}

impl std::error::Error for FlowError {}

/// Why an answer is not proved to be optimal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateError {
    /// The answer has not as many numbers as the problem asks for.
    Shape,
    /// The flow of this arc is outside its bounds.
    Bounds {
        /// The index of the arc.
        arc: usize,
    },
    /// What enters and leaves this node does not fit its supply, quantity or capacity.
    Balance {
        /// The index of the node (for an assignment: the need, or the number of needs plus the offer).
        node: usize,
    },
    /// The reduced cost of this arc says that its flow could be changed at a gain.
    Slackness {
        /// The index of the arc.
        arc: usize,
    },
    /// The price of this need or offer does not fit what is left of it.
    Price {
        /// The index of the node (for an assignment: the need, or the number of needs plus the offer).
        node: usize,
    },
    /// The stated total is not the total of the flow.
    Total {
        /// What the answer states.
        stated: i128,
        /// What the flow adds up to.
        found: i128,
    },
}

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape => write!(f, "the answer has a different size than the problem"),
            Self::Bounds { arc } => write!(f, "the flow of arc {arc} is outside its bounds"),
            Self::Balance { node } => write!(f, "node {node} is not in balance"),
            Self::Slackness { arc } => {
                write!(f, "arc {arc} could be changed at a gain under these prices")
            }
            Self::Price { node } => write!(f, "the price of node {node} does not fit its slack"),
            Self::Total { stated, found } => {
                write!(f, "the total is stated as {stated} but is {found}")
            }
        }
    }
}

impl std::error::Error for CertificateError {}
