//! Exact, deterministic minimum-cost flow, and the matching problem built on it.
//!
//! **What lives here:** a network with supplies, lower bounds, capacities and costs ([`Network`]); the matching of
//! needs to offers with quantities and capacities ([`Assignment`]); the check of an answer by its dual prices
//! ([`verify_certificate`]); and the reader of the DIMACS minimum-cost-flow format ([`dimacs`]).
//! **What may not:** any word of the domain, I/O, clocks, randomness, threads, floating point. Numbers in, numbers out;
//! the same input gives the same answer on every machine.
//!
//! # How it works
//! 1. Lower bounds are shifted away and arcs of negative cost are filled, which leaves a *pseudoflow* whose residual
//!    arcs all have reduced cost ≥ 0 but whose nodes have excesses and deficits (`residual`).
//! 2. Starting prices are the distances to the nearest deficit. Each supply node is then lowered to its *marginal*
//!    price, at which its cheaper arcs are full, and what is in excess is pushed greedily along arcs of reduced cost 0.
//!    On matching problems this settles most of the flow in one pass (`paths`).
//! 3. **Successive shortest paths**: from each node still in excess, Dijkstra's search on reduced costs runs only as far
//!    as the nearest deficit, prices of the visited nodes change, and the path is augmented. The searches stay
//!    small as long as there are many free places (`paths`).
//! 4. The searches have a budget of arc scans (a count, never a time, so that the answer stays deterministic). Where it
//!    is used up, two searches from all excesses at once send what they can (`phases`), which also shows how far prices
//!    still have to move, and **cost scaling push-relabel** with global price updates does the rest from there, in a
//!    time that is bounded by a polynomial whatever the costs. It stops as soon as integer prices fit the flow
//!    (`scaling`).
//!
//! Either way ends with integer prices that prove optimality, and [`verify_certificate`] checks them without trusting the solver.
//!
//! # Sources
//! - R. K. Ahuja, T. L. Magnanti, J. B. Orlin, *Network Flows* (1993), chapters 9 and 10: optimality conditions,
//!   successive shortest paths, cost scaling.
//! - R. Jonker, A. Volgenant, "A shortest augmenting path algorithm for dense and sparse linear assignment problems",
//!   *Computing* 38 (1987): greedy start, searches that stop at the first free place.
//! - A. V. Goldberg, "An efficient implementation of a scaling minimum-cost flow algorithm", *Journal of Algorithms* 22
//!   (1997): cost scaling, global price updates.
//! - DIMACS, *The first DIMACS international algorithm implementation challenge: problem definitions and specifications* (1991).

mod assign;
pub mod dimacs;
mod error;
mod network;
mod paths;
mod phases;
mod radix;
mod residual;
mod scaling;
mod verify;

pub use assign::{Assignment, AssignmentArc, Matching};
pub use error::{CertificateError, FlowError};
pub use network::{Arc, Method, Network, Solution};
pub use verify::verify_certificate;
