//! The flow of service: needs and offers, matching, deliveries, figures.

mod day_list;
mod deliveries;
pub mod intents;
pub mod matches;
pub mod overview;
pub mod ranking;
pub mod runs;
