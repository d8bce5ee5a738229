//! What comes in: bodies and queries read strictly, pages of lists, codes.

use std::str::FromStr;

use axum::{
    Json, RequestExt,
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Query, Request},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Serialize, de::DeserializeOwned};
use tongxin_app::Slice;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    error::WebError,
    i18n::Message,
    paging::{DEFAULT_SIZE, ListQuery, MAX_SIZE},
    path::Path,
    session::Who,
};

/// A JSON body; fields that nobody knows are refused. Whoever sends one has signed in: a guest is told so before the body is
/// looked at.
pub(super) struct Input<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Input<T> {
    type Rejection = WebError;

    async fn from_request(mut request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let Who(who) = request.extract_parts().await?;
        who.actor()?;
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(WebError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", "api-error-media-type"));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|e| WebError::from_status(e.status()))?;
        serde_json::from_slice(&bytes).map(Self).map_err(|e| json_error(&e))
    }
}

fn json_error(error: &serde_json::Error) -> WebError {
    let detail = error.to_string();
    if !error.is_data() {
        let message = Message::new("api-error-json-syntax").with("detail", detail);
        return WebError::new(StatusCode::BAD_REQUEST, "json-syntax", message);
    }
    // `unknown field `x`, expected …`: the field's name stands between the first two ticks.
    let unknown = detail.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next()).map(str::to_owned);
    let message = Message::new("api-error-json-data").with("detail", detail);
    let error = WebError::new(StatusCode::UNPROCESSABLE_ENTITY, "json-data", message);
    match unknown {
        Some(field) => error.with_field(field, "api-error-unknown-field"),
        None => error,
    }
}

/// What a body says, once it is more than its shape allows: when it can't be read, the right is asked first, so that who may not
/// do the thing learns nothing else.
pub(super) async fn right_first<T, E: Into<WebError>>(
    read: Result<T, WebError>,
    right: impl Future<Output = Result<(), E>>,
) -> Result<T, WebError> {
    if read.is_err() {
        right.await.map_err(Into::into)?;
    }
    read
}

/// The query; parameters that nobody knows are refused.
pub(super) struct Params<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(value)) => Ok(Self(value)),
            Err(rejection) => {
                let message = Message::new("api-error-query").with("detail", rejection.body_text());
                Err(WebError::new(StatusCode::BAD_REQUEST, "bad-query", message))
            }
        }
    }
}

/// The identifier in the path.
pub(super) struct Id(pub Uuid);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        Path::from_request_parts(parts, state).await.map(|Path(id)| Self(id))
    }
}

/// Reads the values of a query and notes every problem.
#[derive(Default)]
pub(super) struct Reader(Vec<(&'static str, &'static str)>);

impl Reader {
    /// A value, when there is one.
    pub(super) fn value<T: FromStr>(&mut self, field: &'static str, raw: Option<&String>) -> Option<T> {
        let raw = raw.map(|r| r.trim()).filter(|r| !r.is_empty())?;
        raw.parse().map_err(|_| self.0.push((field, "invalid-unknown_choice"))).ok()
    }

    /// Values with commas between.
    pub(super) fn values<T: FromStr>(&mut self, field: &'static str, raw: Option<&String>) -> Vec<T> {
        let Some(raw) = raw else { return Vec::new() };
        let parts = raw.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty());
        parts.filter_map(|part| self.value(field, Some(&part))).collect()
    }

    /// A day.
    pub(super) fn day(&mut self, field: &'static str, raw: Option<&String>) -> Option<NaiveDate> {
        let raw = raw.map(|r| r.trim()).filter(|r| !r.is_empty())?;
        raw.parse().map_err(|_| self.0.push((field, "invalid-bad_date"))).ok()
    }

    /// Every problem at once, or nothing.
    pub(super) fn finish(self) -> Result<(), WebError> {
        if self.0.is_empty() {
            return Ok(());
        }
        let error = WebError::from_status(StatusCode::UNPROCESSABLE_ENTITY);
        Err(self.0.into_iter().fold(error, |error, (field, key)| error.with_field(field, key)))
    }
}

/// An instant in RFC 3339; none when it can't be read.
pub(super) fn instant(raw: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(raw.trim()).ok().map(|at| at.with_timezone(&Utc))
}

/// Which page of a list is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct PageAsk {
    number: u64,
    size: u64,
}

impl PageAsk {
    /// Page and size, brought within their limits.
    pub(super) fn new(page: Option<u64>, size: Option<u64>) -> Self {
        Self { number: page.unwrap_or(1).clamp(1, 1_000_000), size: size.unwrap_or(DEFAULT_SIZE).clamp(1, MAX_SIZE) }
    }

    /// The rows of the page.
    pub(super) fn slice(self) -> Slice {
        Slice { offset: (self.number - 1) * self.size, limit: self.size }
    }

    /// The page, with its neighbours in the `Link` header.
    pub(super) fn answer<T: Serialize>(self, list: &ListQuery, items: Vec<T>, total: u64) -> Response {
        let Self { number, size } = self;
        let mut links = Vec::new();
        if number > 1 {
            links.push(format!("<{}>; rel=\"prev\"", list.page_link(&(number - 1))));
        }
        if number * size < total {
            links.push(format!("<{}>; rel=\"next\"", list.page_link(&(number + 1))));
        }
        let mut response = Json(PageOf { items, total, page: number, size }).into_response();
        if let (false, Ok(value)) = (links.is_empty(), HeaderValue::from_str(&links.join(", "))) {
            response.headers_mut().insert(header::LINK, value);
        }
        response
    }
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PageOf<T> {
    /// The entries of this page.
    items: Vec<T>,
    /// Entries that the filters leave in all; long lists are counted to 1,000 beyond this page only.
    total: u64,
    /// Number of this page, from 1.
    page: u64,
    /// Entries on a page.
    size: u64,
}

/// 201 with the address of what was made.
pub(super) fn created<T: Serialize>(location: &str, body: T) -> Response {
    let mut response = (StatusCode::CREATED, Json(body)).into_response();
    if let Ok(value) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
}
