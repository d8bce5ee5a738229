//! The DIMACS minimum-cost-flow format, read from text.
//!
//! ```text
//! c a comment
//! p min NODES ARCS
//! n NODE SUPPLY
//! a TAIL HEAD LOWER CAPACITY COST
//! ```
//! Nodes are numbered from 1; nodes without an `n` line have supply 0.

use std::fmt;

use crate::error::FlowError;
use crate::network::Network;

/// What is wrong with a file, and in which line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// The number of the line, from 1; the number of lines if something is missing at the end.
    pub line: usize,
    /// What was found and what would be right.
    pub reason: Reason,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The line begins with none of `c`, `p`, `n`, `a`.
    UnknownLine(String),
    /// The line has not the fields that its kind has; what they are.
    Fields(&'static str),
    /// A field is not a whole number.
    Number(String),
    /// There is a second `p` line.
    SecondProblem,
    /// There is no `p` line, or an `n` or `a` line stands before it.
    NoProblem,
    /// A node has two `n` lines.
    SecondSupply,
    /// There are more or fewer `a` lines than the `p` line says.
    ArcCount {
        /// What the `p` line says.
        stated: usize,
        /// How many there are.
        found: usize,
    },
    /// The numbers make no sense in a network.
    Network(FlowError),
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        match &self.reason {
            Reason::UnknownLine(kind) => {
                write!(f, "'{kind}' is no kind of line; c, p, n and a are")
            }
            Reason::Fields(form) => write!(f, "expected '{form}'"),
            Reason::Number(text) => write!(f, "'{text}' is not a whole number in range"),
            Reason::SecondProblem => write!(f, "a second p line"),
            Reason::NoProblem => write!(f, "expected 'p min NODES ARCS' first"),
            Reason::SecondSupply => write!(f, "a second n line for the same node"),
            Reason::ArcCount { stated, found } => {
                write!(f, "the p line says {stated} arcs, but there are {found}")
            }
            Reason::Network(FlowError::UnknownNode { node, nodes }) => {
                // Back to the numbering of the file.
                write!(f, "node {} is not in 1..={nodes}", node.wrapping_add(1))
            }
            Reason::Network(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for ParseError {}

const PROBLEM: &str = "p min NODES ARCS";
const NODE: &str = "n NODE SUPPLY";
const ARC: &str = "a TAIL HEAD LOWER CAPACITY COST";

/// Reads a network.
///
/// # Errors
/// The first line that is wrong.
pub fn parse(text: &str) -> Result<Network, ParseError> {
    let mut problem: Option<(Network, usize)> = None;
    let mut stated_supply: Vec<bool> = Vec::new();
    let mut last = 0;
    for (index, line) in text.lines().enumerate() {
        last = index + 1;
        let fault = |reason| ParseError { line: last, reason };
        let mut fields = line.split_ascii_whitespace();
        let Some(kind) = fields.next() else { continue };
        match kind {
            "c" => {}
            "p" => {
                if problem.is_some() {
                    return Err(fault(Reason::SecondProblem));
                }
                if fields.next() != Some("min") {
                    return Err(fault(Reason::Fields(PROBLEM)));
                }
                let [nodes, arcs] = numbers::<usize, 2>(fields, PROBLEM).map_err(fault)?;
                if nodes >= u32::MAX as usize || arcs >= (u32::MAX / 2) as usize {
                    return Err(fault(Reason::Network(FlowError::TooLarge)));
                }
                // The counts are only claims until the lines are there: no room is made for more than the text holds.
                if nodes > text.len().saturating_mul(16) {
                    return Err(fault(Reason::Network(FlowError::TooLarge)));
                }
                let mut network = Network::new(nodes);
                network.reserve(arcs.min(text.len() / 12));
                stated_supply = vec![false; nodes];
                problem = Some((network, arcs));
            }
            "n" => {
                let Some((network, _)) = &mut problem else {
                    return Err(fault(Reason::NoProblem));
                };
                let [node, supply] = numbers::<i64, 2>(fields, NODE).map_err(fault)?;
                let node = index_of(node);
                network.set_supply(node, supply).map_err(|error| fault(Reason::Network(error)))?;
                if std::mem::replace(&mut stated_supply[node], true) {
                    return Err(fault(Reason::SecondSupply));
                }
            }
            "a" => {
                let Some((network, _)) = &mut problem else {
                    return Err(fault(Reason::NoProblem));
                };
                let [tail, head, lower, capacity, cost] = numbers::<i64, 5>(fields, ARC).map_err(fault)?;
                network
                    .add_arc(index_of(tail), index_of(head), lower, capacity, cost)
                    .map_err(|error| fault(Reason::Network(error)))?;
            }
            other => return Err(fault(Reason::UnknownLine(other.chars().take(20).collect()))),
        }
    }
    let fault = |reason| ParseError { line: last, reason };
    let (network, stated) = problem.ok_or_else(|| fault(Reason::NoProblem))?;
    let found = network.arcs().len();
    if stated != found {
        return Err(fault(Reason::ArcCount { stated, found }));
    }
    Ok(network)
}

/// The index of a node of the file; what cannot be one becomes an index that no network has.
fn index_of(node: i64) -> usize {
    usize::try_from(node).map_or(usize::MAX, |node| node.wrapping_sub(1))
}

/// Exactly `N` numbers.
fn numbers<'a, T: std::str::FromStr + Default + Copy, const N: usize>(
    mut fields: impl Iterator<Item = &'a str>,
    form: &'static str,
) -> Result<[T; N], Reason> {
    let mut found = [T::default(); N];
    for slot in &mut found {
        let field = fields.next().ok_or(Reason::Fields(form))?;
        *slot = field.parse().map_err(|_| Reason::Number(field.chars().take(40).collect()))?;
    }
    match fields.next() {
        Some(_) => Err(Reason::Fields(form)),
        None => Ok(found),
    }
}
