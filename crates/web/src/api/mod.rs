//! The JSON API, one module a word: the same use cases as the pages, as `/api/v1`.
//!
//! A handler reads the request with [`extract`], calls one use case, and answers with a type of its own, never with one
//! of the core, so that nothing internal gets out by accident. Errors are [`crate::error::WebError`], which becomes
//! `application/problem+json`. Each handler carries its own description; [`openapi`] gathers them.

#![allow(unused_qualifications, reason = "utoipa's `params` names its types in full")]

mod accounts;
mod codes;
mod docs;
mod duplicates;
mod extract;
mod idempotency;
mod intents;
mod letters;
mod matches;
mod me;
mod members;
mod openapi;
mod organisations;
mod overview;
mod party;
mod places;
mod posts;
mod records;
mod reorganisations;
mod rosters;
mod runs;
mod words;

use axum::{
    Router, middleware,
    routing::{get, post, put},
};

use crate::Web;

pub use openapi::document;

/// All of the API.
pub fn routes(web: &Web) -> Router<Web> {
    let v1 = Router::new()
        .merge(intents::routes())
        .route("/api/v1/matches", get(matches::list).post(matches::propose))
        .route("/api/v1/matches/{id}", get(matches::show))
        .route("/api/v1/matches/{id}/accept", post(matches::accept))
        .route("/api/v1/matches/{id}/decline", post(matches::decline))
        .route("/api/v1/matches/{id}/arrange", post(matches::arrange))
        .route("/api/v1/matches/{id}/deliver", post(matches::deliver))
        .route("/api/v1/matches/{id}/cancel", post(matches::cancel))
        .route("/api/v1/deliveries/{id}/confirm", post(matches::confirm))
        .route("/api/v1/deliveries/{id}/settle", post(matches::settle))
        .route("/api/v1/deliveries/{id}/rate", post(matches::rate))
        .route("/api/v1/today", get(matches::today))
        .route(
            "/api/v1/rosters",
            get(rosters::list).post(rosters::upload).layer(axum::extract::DefaultBodyLimit::disable()),
        )
        .route("/api/v1/rosters/{id}", get(rosters::show))
        .route("/api/v1/rosters/{id}/mapping", put(rosters::map))
        .route("/api/v1/rosters/{id}/rows", get(rosters::rows))
        .route("/api/v1/rosters/{id}/choices", put(rosters::choose))
        .route("/api/v1/rosters/{id}/run", post(rosters::run))
        .route("/api/v1/rosters/{id}/cancel", post(rosters::cancel))
        .route("/api/v1/rosters/{id}/undo", post(rosters::undo))
        .route("/api/v1/runs", get(runs::list).post(runs::start))
        .route("/api/v1/runs/{id}", get(runs::show))
        .route("/api/v1/runs/{id}/decide", post(runs::decide))
        .route("/api/v1/members", get(members::list).post(members::create))
        .route("/api/v1/members/{id}", get(members::show).put(members::edit))
        .route("/api/v1/duplicates", get(duplicates::list))
        .route("/api/v1/duplicates/{a}/{b}", get(duplicates::compare))
        .route("/api/v1/duplicates/{a}/{b}/apart", post(duplicates::apart))
        .route("/api/v1/duplicates/{a}/{b}/merge", post(duplicates::merge))
        .route("/api/v1/merges", get(duplicates::merges))
        .route("/api/v1/merges/{id}/undo", post(duplicates::undo))
        .route("/api/v1/organisations", get(organisations::list).post(organisations::create))
        .route("/api/v1/organisations/line", get(organisations::structure::line))
        .route("/api/v1/organisations/territory", get(organisations::structure::territory))
        .route("/api/v1/organisations/matrix", get(organisations::structure::matrix))
        .route("/api/v1/organisations/changes", get(organisations::structure::changes))
        .route("/api/v1/organisations/{id}", get(organisations::show))
        .route("/api/v1/organisations/{id}/change", post(organisations::change))
        .route("/api/v1/organisations/{id}/close", post(organisations::close))
        .route("/api/v1/organisations/{id}/standings/{from}", axum::routing::put(organisations::correct))
        .route("/api/v1/reorganisations", get(reorganisations::list).post(reorganisations::draft))
        .route("/api/v1/reorganisations/{id}", get(reorganisations::show).put(reorganisations::edit))
        .route("/api/v1/reorganisations/{id}/steps", post(reorganisations::add_step))
        .route("/api/v1/reorganisations/{id}/steps/{number}", axum::routing::delete(reorganisations::remove_step))
        .route("/api/v1/reorganisations/{id}/steps/{number}/earlier", post(reorganisations::advance_step))
        .route("/api/v1/reorganisations/{id}/put-in-force", post(reorganisations::put_in_force))
        .route("/api/v1/reorganisations/{id}/withdraw", post(reorganisations::withdraw))
        .route("/api/v1/areas/{id}/system", get(organisations::structure::area))
        .route("/api/v1/party/branches", get(party::branches))
        .route("/api/v1/party/branches/{id}", get(party::roll))
        .route("/api/v1/party/branches/{id}/members", post(party::add))
        .route("/api/v1/party/members/{id}", get(party::member))
        .route("/api/v1/party/members/{id}/steps", post(party::step))
        .route("/api/v1/party/members/{person}/steps/{step}/take-back", post(party::take_back))
        .route("/api/v1/party/members/{person}/end/{membership}", post(party::end))
        .route("/api/v1/party/me", get(party::own))
        .route("/api/v1/party/transfers", get(party::transfer_list).post(party::ask))
        .route("/api/v1/party/transfers/{id}", get(party::transfer))
        .route("/api/v1/party/transfers/{id}/{step}", post(party::transfer_step))
        .route("/api/v1/letters", get(letters::list).post(letters::issue))
        .route("/api/v1/letters/{id}", get(letters::show))
        .route("/api/v1/letters/{id}/revoke", post(letters::revoke))
        .route("/api/v1/coverage", get(letters::coverage))
        .route("/api/v1/places", get(places::tree).post(places::create))
        .route("/api/v1/places/{id}", get(places::show).put(places::edit).delete(places::remove))
        .route("/api/v1/overview", get(overview::show))
        .route("/api/v1/records", get(records::list))
        .route("/api/v1/records/verify", get(records::verify))
        .route("/api/v1/me", get(me::show))
        .route("/api/v1/me/looks", get(me::looks))
        .route("/api/v1/tokens", get(me::tokens).post(me::create_token))
        .route("/api/v1/tokens/{id}", axum::routing::delete(me::delete_token))
        .route("/api/v1/accounts", get(accounts::list).post(accounts::create))
        .route("/api/v1/accounts/{id}", get(accounts::show))
        .route("/api/v1/accounts/{id}/disable", post(accounts::disable))
        .route("/api/v1/accounts/{id}/enable", post(accounts::enable))
        .route("/api/v1/posts", get(posts::list).post(posts::create))
        .route("/api/v1/posts/expiring", get(posts::expiring))
        .route("/api/v1/posts/cross", get(posts::missing))
        .route("/api/v1/posts/{id}", get(posts::show).put(posts::edit))
        .route("/api/v1/posts/{id}/end", post(posts::end))
        .route("/api/v1/posts/{id}/appointments", post(posts::appoint))
        .route("/api/v1/posts/{id}/cross", post(posts::require_cross))
        .route("/api/v1/posts/{id}/cross/{required}", axum::routing::delete(posts::end_cross))
        .route("/api/v1/appointments/{id}", axum::routing::put(posts::correct))
        .route("/api/v1/appointments/{id}/end", post(posts::end_appointment))
        .route("/api/v1/appointments/{id}/delegations", post(posts::delegate))
        .route("/api/v1/delegations", get(posts::delegations))
        .route("/api/v1/delegations/{id}/end", post(posts::end_delegation))
        .route("/api/v1/members/{id}/posts", get(posts::of_member))
        .route("/api/v1/why", get(posts::explain))
        .route_layer(middleware::from_fn_with_state(web.clone(), idempotency::once));
    v1.route("/api/openapi.json", get(openapi::serve)).route("/api/docs", get(docs::show))
}
