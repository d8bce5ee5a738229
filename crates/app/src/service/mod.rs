//! The flow of service: needs and offers, matching, deliveries, figures.

pub mod intents;
pub mod matches;
pub mod overview;
pub mod ranking;
pub mod runs;
