//! The front end's files, embedded into the program and served under `/assets/`.
//!
//! [`asset`] gives an address with the hash of the content, which browsers keep for a year; the bare address is checked
//! again on each use. A file is compressed once, as well as can be; pages are compressed at each answer, so quickly
//! ([`crate::stack::dress`]).

use std::{
    collections::HashMap,
    io::{self, Write},
    sync::{LazyLock, OnceLock},
};

use axum::{
    body::{Body, Bytes},
    extract::{Path, RawQuery},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use flate2::{Compression, write::GzEncoder};
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

/// The files that compress, each as gzip when it is first asked for.
static GZIPPED: LazyLock<HashMap<String, OnceLock<Option<Bytes>>>> = LazyLock::new(|| {
    Files::iter()
        .filter(|path| {
            let kind = content_type(path);
            kind.contains("charset") || matches!(kind, "image/svg+xml" | "application/json")
        })
        .map(|path| (path.into_owned(), OnceLock::new()))
        .collect()
});

/// A file as gzip, if it is one that compresses.
fn gzipped(path: &str, plain: &[u8]) -> Option<Bytes> {
    let compress = || -> io::Result<Bytes> {
        let mut out = GzEncoder::new(Vec::new(), Compression::best());
        out.write_all(plain)?;
        Ok(out.finish()?.into())
    };
    GZIPPED.get(path)?.get_or_init(|| compress().ok()).clone()
}

/// Whether the reader takes gzip: named, and not at `q=0`.
fn takes_gzip(headers: &HeaderMap) -> bool {
    headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).any(|value| {
        value.split(',').any(|coding| {
            let (name, quality) = coding.split_once(';').unwrap_or((coding, "q=1"));
            let none = quality.trim().strip_prefix("q=").and_then(|q| q.parse().ok()) == Some(0.0);
            name.trim().eq_ignore_ascii_case("gzip") && !none
        })
    })
}

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
    let compressed = takes_gzip(&headers).then(|| gzipped(&path, &file.data)).flatten();
    let versioned = query.is_some_and(|query| query.strip_prefix("v=") == Some(hash));
    let fresh = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag));
    let mut response = if fresh {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let is_compressed = compressed.is_some();
        let mut response = Response::new(compressed.map_or_else(|| Body::from(file.data), Body::from));
        let out = response.headers_mut();
        out.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(&path)));
        if is_compressed {
            out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response
    };
    let out = response.headers_mut();
    if GZIPPED.contains_key(&path) {
        out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    // Weak: the same file, whether compressed or not.
    if let Ok(etag) = HeaderValue::from_str(&format!("W/{etag}")) {
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
    async fn a_file_is_compressed_for_who_takes_it() {
        let path = "app.css";
        let plain = Files::get(path).unwrap().data;
        for (takes, compressed) in
            [("gzip, deflate, br", true), ("br;q=1.0, GZIP;q=0.5", true), ("gzip;q=0", false), ("br", false)]
        {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(takes))]);
            let response = serve(Path(path.to_owned()), RawQuery(None), headers).await;
            assert_eq!(response.headers().contains_key(header::CONTENT_ENCODING), compressed, "{takes}");
            assert_eq!(response.headers()[header::VARY], "accept-encoding");
            let body = axum::body::to_bytes(response.into_body(), 1 << 22).await.unwrap();
            if compressed {
                let mut read = Vec::new();
                io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&body[..]), &mut read).unwrap();
                assert!(body.len() < plain.len() && read == *plain, "{takes}");
            } else {
                assert!(body == *plain, "{takes}");
            }
        }
    }

    #[tokio::test]
    async fn nothing_outside_is_served() {
        for path in ["../Cargo.toml", "no/such.css", "", "/etc/passwd"] {
            assert_eq!(get(path, None, None).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}
