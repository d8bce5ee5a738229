//! Lists as files with the filters of the page: accounts and places.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

mod common;

use axum::http::StatusCode;
use common::site;

#[tokio::test]
async fn accounts_are_a_file_for_who_manages_them() {
    let site = site().await;
    for login in ["resident", "worker"] {
        assert_eq!(site.get(login, "/accounts.csv").await.0, StatusCode::FORBIDDEN, "{login}");
    }
    let (_, page) = site.get("staff", "/accounts?q=secretary").await;
    assert!(page.contains("/accounts.xlsx?q=secretary") && page.contains("/accounts.csv?q=secretary"), "{page}");
    let all = site.get_in("staff", "/accounts.csv", "zh-Hans").await.body;
    assert!(all.contains("登录名,人员,职务,状态") && all.contains("worker") && all.contains("正常"), "{all}");
    assert!(!all.contains("argon2"));
    let found = site.get_in("staff", "/accounts.csv?q=secretary", "en").await.body;
    assert!(found.contains("secretary") && !found.contains("\nworker,") && found.lines().count() < all.lines().count());
    assert!(site.get_in("staff", "/accounts.xlsx", "en").await.bytes.starts_with(b"PK"));
}

#[tokio::test]
async fn places_are_a_file_for_everybody() {
    let site = site().await;
    let (_, page) = site.get("", "/places").await;
    assert!(page.contains("/places.xlsx") && page.contains("/places.csv"));
    let csv = site.get_in("", "/places.csv", "zh-Hans").await.body;
    assert!(csv.contains("编号,名称,类型,待对接需求,可用资源") && csv.contains("MLY,"), "{csv}");
    let english = site.get_in("", "/places.csv", "en").await.body;
    assert!(!english.contains("place-"), "a word is missing: {english}");
    assert!(site.get_in("", "/places.xlsx", "en").await.bytes.starts_with(b"PK"));
}
