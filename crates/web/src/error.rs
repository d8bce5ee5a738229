//! Errors at the edge: one value becomes a page with a way back, or `application/problem+json` (RFC 9457).
//!
//! A handler returns [`WebError`]. Its response carries the error itself; [`render`] (a middleware around the one
//! that knows the viewer) puts it into the reader's language and form. The same middleware dresses the plain refusals of
//! axum and tower (not found, too large, timed out).

use std::{borrow::Cow, collections::BTreeMap};

use askama::Template;
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use serde_json::json;
use tongxin_app::policy::why::{Denied, noting_refusals};

use crate::{
    i18n::{Locale, Message},
    layout::Shell,
};

/// Prefix of the `type` of a problem.
const PROBLEM_TYPE: &str = "/api/docs#problem-";

/// What went wrong, for the reader.
#[derive(Clone, Debug)]
pub struct WebError {
    inner: Box<Inner>,
}

#[derive(Clone, Debug)]
struct Inner {
    status: StatusCode,
    code: Cow<'static, str>,
    message: Message,
    fields: BTreeMap<String, Message>,
    back: Option<String>,
    /// A further member of the problem document.
    more: Option<(&'static str, serde_json::Value)>,
}

impl WebError {
    /// An error with a stable code (kebab-case) and a message.
    #[must_use]
    pub fn new(status: StatusCode, code: impl Into<Cow<'static, str>>, message: impl Into<Message>) -> Self {
        Self {
            inner: Box::new(Inner {
                status,
                code: code.into(),
                message: message.into(),
                fields: BTreeMap::new(),
                back: None,
                more: None,
            }),
        }
    }

    /// 404: there is no such thing, or the viewer may not know of it.
    #[must_use]
    pub fn not_found() -> Self {
        Self::from_status(StatusCode::NOT_FOUND)
    }

    /// 403: the viewer's posts do not allow it.
    #[must_use]
    pub fn forbidden() -> Self {
        Self::from_status(StatusCode::FORBIDDEN)
    }

    /// 401: the viewer must sign in first.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::from_status(StatusCode::UNAUTHORIZED)
    }

    /// 403: the form is not one of ours, or it is too old.
    #[must_use]
    pub fn csrf() -> Self {
        Self::new(StatusCode::FORBIDDEN, "csrf", "error-csrf")
    }

    /// 409: somebody was faster, or the state has moved on.
    #[must_use]
    pub fn conflict(message: impl Into<Message>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", message)
    }

    /// 422: fields are not as they should be.
    #[must_use]
    pub fn invalid(fields: BTreeMap<String, Message>) -> Self {
        let mut error = Self::from_status(StatusCode::UNPROCESSABLE_ENTITY);
        error.inner.fields = fields;
        error
    }

    /// 500: the cause is logged here and not told to the reader.
    #[must_use]
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "request failed");
        Self::from_status(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The error for a bare HTTP status.
    #[must_use]
    pub fn from_status(status: StatusCode) -> Self {
        let (code, key) = match status {
            StatusCode::BAD_REQUEST => ("bad-request", "error-bad-request"),
            StatusCode::UNAUTHORIZED => ("unauthorized", "error-unauthorized"),
            StatusCode::FORBIDDEN => ("forbidden", "error-forbidden"),
            StatusCode::NOT_FOUND => ("not-found", "error-not-found"),
            StatusCode::METHOD_NOT_ALLOWED => ("method-not-allowed", "error-method"),
            StatusCode::REQUEST_TIMEOUT => ("timeout", "error-timeout"),
            StatusCode::CONFLICT => ("conflict", "error-conflict"),
            StatusCode::PAYLOAD_TOO_LARGE => ("too-large", "error-too-large"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => ("media-type", "error-media-type"),
            StatusCode::UNPROCESSABLE_ENTITY => ("invalid", "error-invalid"),
            StatusCode::TOO_MANY_REQUESTS => ("too-many-requests", "error-too-many"),
            StatusCode::SERVICE_UNAVAILABLE => ("unavailable", "error-unavailable"),
            other if other.is_client_error() => ("bad-request", "error-bad-request"),
            _ => ("internal", "error-internal"),
        };
        Self::new(status, code, key)
    }

    /// Adds an error of a field.
    #[must_use]
    pub fn with_field(mut self, name: impl Into<String>, message: impl Into<Message>) -> Self {
        self.inner.fields.insert(name.into(), message.into());
        self
    }

    /// Adds a member to the problem document, which programs read.
    #[must_use]
    pub fn with_more(mut self, name: &'static str, value: serde_json::Value) -> Self {
        self.inner.more = Some((name, value));
        self
    }

    /// Where the way back leads; the front page otherwise.
    #[must_use]
    pub fn back_to(mut self, path: impl Into<String>) -> Self {
        self.inner.back = Some(path.into());
        self
    }

    /// HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.inner.status
    }

    /// Stable code, in kebab-case.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.inner.code
    }

    /// The message for the reader.
    #[must_use]
    pub fn message(&self) -> &Message {
        &self.inner.message
    }

    /// Errors by field.
    #[must_use]
    pub fn fields(&self) -> &BTreeMap<String, Message> {
        &self.inner.fields
    }

    /// The problem document of RFC 9457.
    #[must_use]
    pub fn problem(&self, locale: Locale, instance: &str) -> serde_json::Value {
        let errors: Vec<_> = self
            .inner
            .fields
            .iter()
            .map(|(name, message)| json!({ "field": name, "code": message.key, "detail": message.text(locale) }))
            .collect();
        let mut problem = json!({
            "type": format!("{PROBLEM_TYPE}{}", self.inner.code),
            "title": locale.t(title_key(self.inner.status)),
            "status": self.inner.status.as_u16(),
            "detail": self.inner.message.text(locale),
            "instance": instance,
            "code": self.inner.code,
            "errors": errors,
        });
        if let (Some((name, value)), Some(members)) = (&self.inner.more, problem.as_object_mut()) {
            members.insert((*name).to_owned(), value.clone());
        }
        problem
    }

    fn into_problem(self, locale: Locale, instance: &str) -> Response {
        let body = self.problem(locale, instance).to_string();
        let mut response = (self.inner.status, body).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }

    fn into_page(self, shell: Shell, denied: Option<Denied>) -> Response {
        let status = self.inner.status;
        let why = denied.filter(|_| status == StatusCode::FORBIDDEN).map(|denied| {
            let (kind, id) = denied.thing.parts();
            format!("/why?action={}&kind={kind}&id={id}", denied.action)
        });
        let page = ErrorPage { shell: shell.page_key(title_key(status), ""), error: &self, why };
        match page.render() {
            Ok(html) => (status, Html(html)).into_response(),
            Err(_) => status.into_response(),
        }
    }
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        let mut response = self.inner.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

// The place for `impl From<tongxin_app::Error> for WebError`: the app's stable code, its Fluent key and arguments, and
// the status by its kind.

impl From<askama::Error> for WebError {
    fn from(error: askama::Error) -> Self {
        Self::internal(error)
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    shell: Shell,
    error: &'a WebError,
    /// The page that explains what was refused.
    why: Option<String>,
}

impl ErrorPage<'_> {
    fn text(&self) -> String {
        self.error.message().text(self.shell.locale())
    }

    fn fields(&self) -> Vec<String> {
        let locale = self.shell.locale();
        self.error.fields().values().map(|m| m.text(locale)).collect()
    }

    fn back(&self) -> &str {
        self.error.inner.back.as_deref().unwrap_or("/")
    }

    fn sign_in(&self) -> bool {
        self.error.status() == StatusCode::UNAUTHORIZED
    }
}

fn title_key(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "error-title-not-found",
        StatusCode::UNAUTHORIZED => "error-title-unauthorized",
        StatusCode::FORBIDDEN => "error-title-forbidden",
        StatusCode::CONFLICT => "error-title-conflict",
        status if status.is_server_error() => "error-title-server",
        _ => "error-title-request",
    }
}

/// Whether the reader is a program: under `/api`, or one that prefers JSON to HTML.
fn wants_json(path: &str, headers: &HeaderMap) -> bool {
    let api = path == "/api" || path.starts_with("/api/");
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    (api && !accept.contains("text/html")) || (accept.contains("json") && !accept.contains("text/html"))
}

/// Middleware: puts every refusal into the reader's language and form. A [`Shell`] among the extensions of the
/// response (left there by the middleware that knows the viewer) keeps the page's navigation; without one the page is
/// that of a guest.
pub async fn render(req: Request, next: Next) -> Response {
    let path = req.uri().path().to_owned();
    let json = wants_json(&path, req.headers());
    let locale = Locale::from_headers(req.headers());
    let (mut response, denied) = noting_refusals(next.run(req)).await;
    let status = response.status();
    let shell = response.extensions_mut().remove::<Shell>();
    let error = match response.extensions_mut().remove::<WebError>() {
        Some(error) => error,
        None if (status.is_client_error() || status.is_server_error()) && is_plain(response.headers()) => {
            WebError::from_status(status)
        }
        None => return response,
    };
    let headers = std::mem::take(response.headers_mut());
    let mut rendered = if json {
        error.into_problem(locale, &path)
    } else {
        error.into_page(shell.unwrap_or_else(|| Shell::guest(locale)), denied)
    };
    for (name, value) in &headers {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            rendered.headers_mut().append(name, value.clone());
        }
    }
    rendered
}

fn is_plain(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_none_or(|value| value.as_bytes().starts_with(b"text/plain"))
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, middleware, routing::get};
    use tower::ServiceExt;

    use super::*;

    async fn ask(path: &str, headers: &[(&str, &str)]) -> (StatusCode, String, String) {
        let router = Router::new()
            .route(
                "/api/v1/bad",
                get(|| async {
                    WebError::from_status(StatusCode::UNPROCESSABLE_ENTITY)
                        .with_field("title", "form-error-required")
                        .into_response()
                }),
            )
            .route("/bad", get(|| async { WebError::conflict("error-conflict") }))
            .layer(middleware::from_fn(render));
        let mut request = Request::builder().uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let status = response.status();
        let kind = response.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
        let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, kind, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_program_gets_a_problem_document() {
        let (status, kind, body) = ask("/api/v1/bad", &[("accept-language", "en")]).await;
        assert_eq!((status.as_u16(), kind.as_str()), (422, "application/problem+json"));
        let problem: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(problem["code"], "invalid");
        assert_eq!(problem["instance"], "/api/v1/bad");
        assert_eq!(problem["errors"][0]["field"], "title");
        assert_eq!(problem["errors"][0]["detail"], Locale::En.t("form-error-required"));
        let (_, kind, _) = ask("/bad", &[("accept", "application/json")]).await;
        assert_eq!(kind, "application/problem+json");
    }

    #[tokio::test]
    async fn a_reader_gets_a_page_in_the_language_with_a_way_back() {
        let (status, kind, body) = ask("/bad", &[("accept", "text/html"), ("cookie", "lang=en")]).await;
        assert_eq!((status.as_u16(), kind.as_str()), (409, "text/html; charset=utf-8"));
        assert!(body.contains("<html lang=\"en\"") && body.contains(&Locale::En.t("error-conflict")));
        assert!(body.contains("href=\"/\""));
        let (status, _, body) = ask("/nowhere", &[]).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert!(body.contains("<html lang=\"zh-Hans\"") && body.contains(&Locale::ZhHans.t("error-not-found")));
    }
}
