//! The pages, one module a word.

pub mod accounts;
pub mod coverage;
pub mod duplicates;
pub mod home;
pub mod intents;
pub mod letters;
pub mod matches;
pub mod me;
pub mod members;
pub mod organisations;
pub mod overview;
pub mod party;
pub mod places;
pub mod posts;
mod records;
pub mod reorganisations;
pub mod rosters;
pub mod runs;
pub mod today;

use axum::Router;

use crate::Web;

/// All pages.
pub fn routes() -> Router<Web> {
    Router::new()
        .merge(home::routes())
        .merge(intents::routes())
        .merge(matches::routes())
        .merge(me::routes())
        .merge(today::routes())
        .merge(runs::routes())
        .merge(rosters::routes())
        .merge(overview::routes())
        .merge(members::routes())
        .merge(duplicates::routes())
        .merge(letters::routes())
        .merge(coverage::routes())
        .merge(organisations::routes())
        .merge(party::routes())
        .merge(places::routes())
        .merge(accounts::routes())
        .merge(posts::routes())
        .merge(records::routes())
        .merge(reorganisations::routes())
}
