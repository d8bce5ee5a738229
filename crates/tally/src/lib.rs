//! Counting rules with exact arithmetic.
//!
//! **What lives here:** majorities with several weights ([`majority`]); single and multiple choice and scores ([`choice`]);
//! instant run-off ([`runoff`]); the single transferable vote ([`stv`]); participatory budgets by equal shares and greedy
//! ([`budget`]); a count as a file that anybody can recount ([`count`]); and the reader of the Pabulib format ([`pabulib`]).
//! **What may not:** any word of the domain, I/O, clocks, randomness, threads, floating point. Numbers in, numbers out; the
//! same input gives the same outcome on every machine, in whatever order the ballots come.
//!
//! # What every method keeps
//! - **Exact.** Weights and sums are whole numbers whose overflow is an error, values of transferred votes and prices are
//!   fractions of any size ([`Exact`]).
//! - **Explained.** An outcome holds every number that led to it: each condition with what was got, its base and what is
//!   needed; each round with its votes.
//! - **Ties are stated.** One published order breaks them ([`TieOrder`]), drawn by lot before the ballots are opened or the
//!   order on the ballot paper; instant run-off and the single transferable vote first look at earlier rounds, backwards. Each
//!   tie leaves a [`TieBreak`]: between whom, who was chosen, and what decided.
//! - **Strict.** A ballot that the rule does not allow is an error that names it, never silently left out: whether a paper is
//!   valid is decided by who enters it. A blank ballot is allowed and counted apart.
//!
//! To add a method: a module with its rule in words and its source, an outcome with its rounds, a variant in [`count::Rule`]
//! and [`count::Outcome`], and tests by properties and by brute force on small cases.
//!
//! # Sources
//! Each module names its own: the majority presets that need several weights come from charters outside this crate;
//! [`runoff`] follows the Australian House of Representatives, [`stv`] the Scottish rules, [`budget`] the papers on equal
//! shares.

pub mod budget;
pub mod choice;
pub mod count;
mod error;
pub mod majority;
mod number;
pub mod pabulib;
mod ranked;
pub mod runoff;
pub mod stv;
mod ties;

pub use error::TallyError;
pub use number::{Exact, Fraction};
pub use ranked::Rankings;
pub use ties::{TieAbout, TieBreak, TieOrder, TieRule};
