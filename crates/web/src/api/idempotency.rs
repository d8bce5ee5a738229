//! `Idempotency-Key`: a request that is sent twice is done once and answered alike.
//!
//! Only answers of success are remembered: a refused request changed nothing and may be tried again under its key.
//! Requests that carry or give a secret (tokens, passwords) are not taken in, so that no trace of a secret is kept.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::LazyLock,
};

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tongxin_app::{Viewer, identity, identity::Idempotency, secrets::token_hash};

use crate::{Web, error::WebError, session::Who, stack::MAX_BODY};

/// The header that carries the key.
const KEY: &str = "idempotency-key";
/// The longest key, in characters.
const KEY_MAX: usize = 100;
/// The header of an answer that is given again.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// Paths whose requests or answers hold secrets.
const SECRET: [&str; 2] = ["/api/v1/tokens", "/api/v1/accounts"];

/// Two requests with one key at once: the second waits for the first. A fixed number of locks, so that keys cost nothing.
static LOCKS: LazyLock<Vec<Mutex<()>>> = LazyLock::new(|| (0..256).map(|_| Mutex::new(())).collect());

#[derive(Serialize, Deserialize)]
struct Remembered {
    status: u16,
    location: Option<String>,
    body: String,
}

/// Around every route of the API.
pub(super) async fn once(State(web): State<Web>, Who(who): Who, request: Request, next: Next) -> Response {
    let Some(key) = request.headers().get(KEY) else { return next.run(request).await };
    let Viewer::Actor(actor) = &who else { return next.run(request).await };
    if request.method() != Method::POST || SECRET.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    let key = key.to_str().unwrap_or_default().trim().to_owned();
    if key.is_empty() || key.chars().count() > KEY_MAX {
        return WebError::new(StatusCode::BAD_REQUEST, "bad-idempotency-key", "api-error-idempotency-key")
            .into_response();
    }
    let mut hasher = DefaultHasher::new();
    (actor.account, &key).hash(&mut hasher);
    let slot = usize::try_from(hasher.finish() % 256).unwrap_or(0);
    // A task of its own: when the caller hangs up, the request is still done to its end and its answer remembered.
    let task = tokio::spawn(async move {
        let _alone = match LOCKS.get(slot) {
            Some(lock) => Some(lock.lock().await),
            None => None,
        };
        answer(&web, &who, key, request, next).await.unwrap_or_else(IntoResponse::into_response)
    });
    task.await.unwrap_or_else(|e| WebError::internal(e).into_response())
}

async fn answer(web: &Web, who: &Viewer, key: String, request: Request, next: Next) -> Result<Response, WebError> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY).await.map_err(|_| WebError::from_status(StatusCode::PAYLOAD_TOO_LARGE))?;
    let hash = token_hash(&format!("{} {}\n{}", parts.method, parts.uri, String::from_utf8_lossy(&body)));
    if let Idempotency::Done(text) = identity::idempotency(&web.app, who, &key, &hash).await? {
        return replay(&text);
    }
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    if !response.status().is_success() {
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(WebError::internal)?;
    let remembered = Remembered {
        status: parts.status.as_u16(),
        location: parts.headers.get(header::LOCATION).and_then(|v| v.to_str().ok()).map(str::to_owned),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let text = serde_json::to_string(&remembered).map_err(WebError::internal)?;
    if let Err(error) = identity::remember(&web.app, who, key, hash, text).await {
        // The request itself is done, and its answer stays true.
        tracing::warn!(%error, "an idempotency key was not remembered");
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn replay(text: &str) -> Result<Response, WebError> {
    let remembered: Remembered = serde_json::from_str(text).map_err(WebError::internal)?;
    let status = StatusCode::from_u16(remembered.status).map_err(WebError::internal)?;
    let has_body = !remembered.body.is_empty();
    let mut response = (status, Body::from(remembered.body)).into_response();
    let headers = response.headers_mut();
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    if has_body {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    if let Some(Ok(location)) = remembered.location.map(|l| HeaderValue::from_str(&l)) {
        headers.insert(header::LOCATION, location);
    }
    Ok(response)
}
