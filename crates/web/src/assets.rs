//! The front end's files, embedded into the program and served under `/assets/`.
//!
//! [`asset`] gives an address with the hash of the content, which browsers keep for a year; the bare address is checked
//! again on each use.

use std::{collections::HashMap, sync::LazyLock};

use axum::{
    body::Body,
    extract::{Path, RawQuery},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;

use crate::error::WebError;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Files;

static HASHES: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    Files::iter()
        .filter_map(|path| {
            let hash = Files::get(&path)?.metadata.sha256_hash();
            let short = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
            Some((path.into_owned(), short))
        })
        .collect()
});

/// The address of a file: `asset("app.css")` is `/assets/app.css?v=…`.
#[must_use]
pub fn asset(path: &str) -> String {
    match HASHES.get(path) {
        Some(hash) => format!("/assets/{path}?v={hash}"),
        None => format!("/assets/{path}"),
    }
}

/// Whether the program carries a file.
#[must_use]
pub fn exists(path: &str) -> bool {
    HASHES.contains_key(path)
}

/// Handler of `/assets/{*path}`.
pub async fn serve(Path(path): Path<String>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let (Some(hash), Some(file)) = (HASHES.get(&path), Files::get(&path)) else {
        return WebError::not_found().into_response();
    };
    let etag = format!("\"{hash}\"");
    let versioned = query.is_some_and(|query| query.strip_prefix("v=") == Some(hash));
    let fresh = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag));
    let mut response = if fresh {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Response::new(Body::from(file.data));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(&path)));
        response
    };
    let out = response.headers_mut();
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        out.insert(header::ETAG, etag);
    }
    out.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static(if versioned { "public, max-age=31536000, immutable" } else { "public, no-cache" }),
    );
    response
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json" | "webmanifest") => "application/json",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("webp") => "image/webp",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn get(path: &str, query: Option<String>, tag: Option<&HeaderValue>) -> Response {
        let mut headers = HeaderMap::new();
        if let Some(tag) = tag {
            headers.insert(header::IF_NONE_MATCH, tag.clone());
        }
        serve(Path(path.to_owned()), RawQuery(query), headers).await
    }

    #[tokio::test]
    async fn files_are_served_with_their_hash() {
        for path in Files::iter().take(3) {
            let query = asset(&path).split_once('?').map(|(_, q)| q.to_owned());
            let full = get(&path, query, None).await;
            assert_eq!(full.status(), StatusCode::OK);
            assert!(full.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
            let again = get(&path, None, full.headers().get(header::ETAG)).await;
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
            assert_eq!(again.headers()[header::CACHE_CONTROL], "public, no-cache");
        }
    }

    #[tokio::test]
    async fn nothing_outside_is_served() {
        for path in ["../Cargo.toml", "no/such.css", "", "/etc/passwd"] {
            assert_eq!(get(path, None, None).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}
