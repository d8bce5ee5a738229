//! Requests that may come twice are done once and answered alike; see [`tongxin_app::once`].

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use tongxin_app::{
    Viewer,
    once::{Once, once},
    secrets::token_hash,
};

use crate::{Web, error::WebError, session::Who, stack::max_body};

/// Name of the hidden field that tells a form from the same form opened again.
const FIELD: &str = "once";
/// The longest value of it, in bytes.
const FIELD_MAX: usize = 40;
/// The header of an answer that is given again.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

#[derive(Serialize, Deserialize)]
struct Remembered {
    status: u16,
    location: Option<String>,
    cookie: Option<String>,
    kind: Option<String>,
    body: String,
}

/// Around every page: a form with the field `once` is taken once as it was filled in. Sent again unchanged, by a double
/// click or by reloading, it leads where it led. Forms with a password don't carry the field.
pub(crate) async fn form(State(web): State<Web>, Who(who): Who, request: Request, next: Next) -> Response {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let is_form = request.method() == Method::POST && kind.starts_with("application/x-www-form-urlencoded");
    if !is_form || matches!(who, Viewer::Guest) {
        return next.run(request).await;
    }
    let (parts, body) = match read(request).await {
        Ok(read) => read,
        Err(error) => return error.into_response(),
    };
    let id = form_urlencoded::parse(&body).find(|(name, _)| name == FIELD).map(|(_, value)| value.into_owned());
    match id.filter(|id| !id.is_empty() && id.len() <= FIELD_MAX) {
        Some(id) => {
            let key = format!("form-{id}-{}", hash(&parts, &body));
            answer(&web, &who, key, parts, body, next).await
        }
        None => next.run(Request::from_parts(parts, Body::from(body))).await,
    }
}

/// Reads the whole body of a request.
pub(crate) async fn read(request: Request) -> Result<(Parts, Bytes), WebError> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, max_body(parts.uri.path()))
        .await
        .map_err(|_| WebError::from_status(StatusCode::PAYLOAD_TOO_LARGE))?;
    Ok((parts, body))
}

fn hash(parts: &Parts, body: &Bytes) -> String {
    token_hash(&format!("{} {}\n{}", parts.method, parts.uri, String::from_utf8_lossy(body)))
}

/// Does the request unless it was done with this key before, and answers.
pub(crate) async fn answer(web: &Web, who: &Viewer, key: String, parts: Parts, body: Bytes, next: Next) -> Response {
    let hash = hash(&parts, &body);
    let request = async move {
        match keep(next.run(Request::from_parts(parts, Body::from(body))).await).await {
            Ok(kept) => kept,
            Err(error) => (error.into_response(), String::new()),
        }
    };
    match once(&web.app, who, key, hash, request).await {
        Ok(Once::Now(response)) => response,
        Ok(Once::Before(text)) => replay(&text).unwrap_or_else(IntoResponse::into_response),
        Err(error) => WebError::from(error).back_to("/me").into_response(),
    }
}

/// The response as it is, and as it is remembered.
async fn keep(response: Response) -> Result<(Response, String), WebError> {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(WebError::internal)?;
    let text = |name| parts.headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let remembered = Remembered {
        status: parts.status.as_u16(),
        location: text(header::LOCATION),
        cookie: text(header::SET_COOKIE),
        kind: text(header::CONTENT_TYPE),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let text = serde_json::to_string(&remembered).map_err(WebError::internal)?;
    Ok((Response::from_parts(parts, Body::from(body)), text))
}

fn replay(text: &str) -> Result<Response, WebError> {
    let remembered: Remembered = serde_json::from_str(text).map_err(WebError::internal)?;
    let status = StatusCode::from_u16(remembered.status).map_err(WebError::internal)?;
    let mut response = Response::new(Body::from(remembered.body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    let texts = [
        (header::LOCATION, remembered.location),
        (header::SET_COOKIE, remembered.cookie),
        (header::CONTENT_TYPE, remembered.kind),
    ];
    for (name, value) in texts {
        if let Some(Ok(value)) = value.map(|value| HeaderValue::from_str(&value)) {
            headers.insert(name, value);
        }
    }
    Ok(response)
}
