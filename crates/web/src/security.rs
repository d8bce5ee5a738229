//! Headers that protect the reader, and the second defence against forged requests.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{error::WebError, i18n::cookie};

/// Name of the cookie that carries the session.
pub const SESSION_COOKIE: &str = "tongxin_session";

/// Only our own files: no inline script or style, no frames, no foreign form targets.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; frame-ancestors 'none'; form-action 'self'; base-uri 'none'; object-src 'none'";

/// How the server is reached.
#[derive(Clone, Debug, Default)]
pub struct Security {
    /// Whether readers reach the server by https; then browsers are told to insist on it.
    pub https: bool,
    /// The public origin, such as `https://tongxin.example`, when a proxy changes the `Host` header.
    pub origin: Option<String>,
}

/// Middleware: refuses forged requests and sets the headers.
pub async fn protect(State(security): State<Arc<Security>>, req: Request, next: Next) -> Response {
    let signed_in = cookie(req.headers(), SESSION_COOKIE).is_some();
    let response = if is_foreign(&security, req.method(), req.headers()) {
        WebError::csrf().into_response()
    } else {
        next.run(req).await
    };
    with_headers(&security, signed_in, response)
}

fn with_headers(security: &Security, signed_in: bool, mut response: Response) -> Response {
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=(), payment=()"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    let sets_cookie = response.headers().contains_key(header::SET_COOKIE);
    let headers = response.headers_mut();
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if security.https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static(if signed_in || sets_cookie {
        "no-store"
    } else {
        "no-cache"
    }));
    response
}

/// Whether a request that changes something comes from another site's page. Programs send neither of the two headers
/// and are held off by their token instead.
fn is_foreign(security: &Security, method: &Method, headers: &HeaderMap) -> bool {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return false;
    }
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return site != "same-origin" && site != "none";
    }
    let Some(origin) = text(header::ORIGIN) else {
        return false;
    };
    if let Some(own) = &security.origin {
        return !origin.eq_ignore_ascii_case(own.trim_end_matches('/'));
    }
    let host = origin.split_once("://").map(|(_, host)| host);
    host.is_none() || host != text(header::HOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn foreign(security: &Security, pairs: &[(&str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        is_foreign(security, &Method::POST, &headers)
    }

    #[test]
    fn foreign_posts_are_recognised() {
        let plain = Security::default();
        assert!(!foreign(&plain, &[("host", "a:8080")]));
        assert!(!foreign(&plain, &[("host", "a:8080"), ("origin", "http://a:8080")]));
        assert!(foreign(&plain, &[("host", "a:8080"), ("origin", "http://b:8080")]));
        assert!(foreign(&plain, &[("host", "a"), ("origin", "null")]));
        assert!(foreign(&plain, &[("sec-fetch-site", "cross-site")]));
        assert!(foreign(&plain, &[("sec-fetch-site", "same-site")]));
        assert!(!foreign(&plain, &[("sec-fetch-site", "same-origin")]));
        let proxied = Security { https: true, origin: Some("https://a.example/".to_owned()) };
        assert!(!foreign(&proxied, &[("host", "in"), ("origin", "https://a.example")]));
        assert!(foreign(&proxied, &[("host", "in"), ("origin", "https://in")]));
    }

    #[test]
    fn reading_is_never_foreign() {
        let mut headers = HeaderMap::new();
        headers.insert("sec-fetch-site", "cross-site".parse().unwrap());
        assert!(!is_foreign(&Security::default(), &Method::GET, &headers));
    }

    #[test]
    fn headers_are_set() {
        let response = with_headers(&Security::default(), true, "x".into_response());
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        assert_eq!(response.headers()[header::CONTENT_SECURITY_POLICY], CONTENT_SECURITY_POLICY);
        assert!(!response.headers().contains_key(header::STRICT_TRANSPORT_SECURITY));
        let https = Security { https: true, origin: None };
        let response = with_headers(&https, false, "x".into_response());
        assert!(response.headers().contains_key(header::STRICT_TRANSPORT_SECURITY));
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-cache");
    }
}
