//! What every request passes through, and the routes of the frame itself.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderName, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http_body_util::Limited;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, CompressionLevel},
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    timeout::TimeoutLayer,
    trace::TraceLayer,
};

use crate::{
    assets, error, layout,
    security::{self, Security},
};

/// The largest body of a request, in bytes.
pub const MAX_BODY: usize = 1024 * 1024;
/// The largest body of a request that brings a file, in bytes: the file, and what stands around it.
pub const MAX_UPLOAD: usize = tongxin_app::roster::sheet::FILE_MAX + 64 * 1024;
/// The paths to which files are brought.
const UPLOADS: [&str; 2] = ["/rosters", "/api/v1/rosters"];
/// The level of gzip at which pages are compressed, of 9.
const GZIP: i32 = 2;
/// How long a request may take.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// Routes that belong to no domain word: assets and the choice of language.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{*path}", get(assets::serve)).route("/locale", post(layout::set_locale))
}

/// Puts the whole site into its layers, from the inside out: body limit, panics, timeout, protection, rendering of
/// refusals, compression, log, request id. The middleware that knows the viewer goes inside of these and leaves a copy
/// of its [`layout::Shell`] among the extensions of its response, so that error pages keep their navigation.
pub fn dress(router: Router, security: Security) -> Router {
    let request_id = HeaderName::from_static("x-request-id");
    router
        .layer(middleware::from_fn(limit_body))
        .layer(CatchPanicLayer::new())
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, TIMEOUT))
        .layer(middleware::from_fn_with_state(Arc::new(security), security::protect))
        .layer(middleware::from_fn(error::render))
        // The first steps of gzip bring most of what there is to save, in a third of the time of the default.
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(GZIP)))
        .layer(TraceLayer::new_for_http().make_span_with(|req: &Request| {
            // The path without its query: what readers search for is not for the log.
            tracing::info_span!(
                "request",
                method = %req.method(),
                path = req.uri().path(),
                id = req.headers().get("x-request-id").and_then(|id| id.to_str().ok()),
            )
        }))
        .layer(PropagateRequestIdLayer::new(request_id.clone()))
        .layer(SetRequestIdLayer::new(request_id, MakeRequestUuid))
}

/// The largest body that a path takes, in bytes.
#[must_use]
pub fn max_body(path: &str) -> usize {
    if UPLOADS.contains(&path) { MAX_UPLOAD } else { MAX_BODY }
}

/// Refuses a body that says that it is too large before any of it is read, and stops reading one that turns out to be.
async fn limit_body(request: Request, next: Next) -> Response {
    let max = max_body(request.uri().path());
    let said = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if said.is_some_and(|said| said > max as u64) {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    let (parts, body) = request.into_parts();
    next.run(Request::from_parts(parts, Body::new(Limited::new(body, max)))).await
}

#[cfg(test)]
mod tests {
    use axum::http::Method;
    use tower::ServiceExt;

    use super::*;
    use crate::form::OpenForm;

    async fn ask(method: Method, path: &str, headers: &[(&str, &str)], body: String) -> (StatusCode, String) {
        let router: Router = routes()
            .route(
                "/panic",
                get(|| async {
                    if true {
                        panic!("boom")
                    }
                }),
            )
            .route("/form", post(|OpenForm(form): OpenForm| async move { form.all("a").join(",") }));
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let site = dress(router, Security::default());
        let response = site.oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        assert!(response.headers().contains_key(header::CONTENT_SECURITY_POLICY), "{path}");
        assert!(response.headers().contains_key("x-request-id"), "{path}");
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 1 << 22).await.unwrap();
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

    #[tokio::test]
    async fn every_refusal_is_a_page() {
        for (path, status) in [("/nowhere", 404), ("/panic", 500), ("/assets/none.css", 404), ("/locale", 405)] {
            let (got, body) = ask(Method::GET, path, &[], String::new()).await;
            assert_eq!(got.as_u16(), status, "{path}");
            assert!(body.contains("<html lang=\"zh-Hans\""), "{path}: {body}");
        }
        let (status, body) = ask(Method::POST, "/form", &[FORM], "a=".to_owned() + &"x".repeat(MAX_BODY + 1)).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
        assert!(body.contains("</html>"));
    }

    #[tokio::test]
    async fn forms_are_read_and_foreign_ones_refused() {
        let (status, body) = ask(Method::POST, "/form", &[FORM], "a=1&b=2&a=%E4%B8%89".to_owned()).await;
        assert_eq!((status, body.as_str()), (StatusCode::OK, "1,三"));
        let foreign = [FORM, ("sec-fetch-site", "cross-site")];
        let (status, _) = ask(Method::POST, "/form", &foreign, "a=1".to_owned()).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        let (status, _) = ask(Method::POST, "/form", &[], "a=1".to_owned()).await;
        assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
}
