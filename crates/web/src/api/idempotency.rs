//! `Idempotency-Key`: a request that is sent twice is done once and answered alike; see [`crate::once`].
//!
//! Only what changed something is remembered: a refused request may be tried again under its key. Requests that carry or
//! give a secret (tokens, passwords) are not taken in, so that no trace of a secret is kept.

use axum::{
    extract::{Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tongxin_app::Viewer;

use crate::{Web, error::WebError, once, session::Who};

/// The header that carries the key.
const KEY: &str = "idempotency-key";
/// The longest key, in characters.
const KEY_MAX: usize = 100;
/// Paths whose requests or answers hold secrets.
const SECRET: [&str; 2] = ["/api/v1/tokens", "/api/v1/accounts"];

/// Around every route of the API.
pub(super) async fn once(State(web): State<Web>, Who(who): Who, request: Request, next: Next) -> Response {
    let Some(key) = request.headers().get(KEY) else { return next.run(request).await };
    let is_taken_in = request.method() == Method::POST && !SECRET.contains(&request.uri().path());
    if !is_taken_in || matches!(who, Viewer::Guest) {
        return next.run(request).await;
    }
    let key = key.to_str().unwrap_or_default().trim().to_owned();
    if key.is_empty() || key.chars().count() > KEY_MAX {
        return WebError::new(StatusCode::BAD_REQUEST, "bad-idempotency-key", "api-error-idempotency-key")
            .into_response();
    }
    match once::read(request).await {
        Ok((parts, body)) => once::answer(&web, &who, key, parts, body, next).await,
        Err(error) => error.into_response(),
    }
}
