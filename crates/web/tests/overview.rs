//! The overview and the pages of places, on the sample community.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

mod common;

use axum::http::StatusCode;
use common::{Site, site};
use tongxin_core::community::PlaceKind;

#[tokio::test]
async fn the_overview_is_public_in_both_languages() {
    let site = site().await;
    let (status, body) = site.get("", "/overview").await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.contains("双向性") && body.contains("满意度") && body.contains("data-chart=\"{&#34;"));
    assert!(body.contains("echarts.min.js") && body.contains("role=\"img\" aria-label="));
    assert!(!site.get("", "/places").await.1.contains("echarts"));
    let english = site.get_in("", "/overview", "en").await.body;
    assert!(english.contains("Reciprocity") && english.contains("Needs by category"));
    assert!(english.contains("small") || english.contains("fewer than 3"));
}

#[tokio::test]
async fn period_and_place_are_kept_and_nonsense_does_no_harm() {
    let site = site().await;
    let area = place(&site, PlaceKind::ResidentialArea).await;
    let (status, body) = site.get("", &format!("/overview?place={area}&from=2026-01-01&to=2026-12-31")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.contains("value=\"2026-01-01\"") && body.contains(&format!("value=\"{area}\" selected")));
    assert!(body.contains(&format!("/overview.xlsx?place={area}")));
    for query in ["from=x&to=y", "from=2026-12-31&to=2026-01-01", "from=0001-01-01", "to=9999-12-31"] {
        assert_eq!(site.get("", &format!("/overview?{query}")).await.0, StatusCode::OK, "{query}");
    }
    assert_eq!(site.get("", "/overview?place=x").await.0, StatusCode::NOT_FOUND);
    let file = site.get_in("", "/overview.xlsx?from=2026-01-01", "en").await;
    assert!(file.status == StatusCode::OK && file.bytes.starts_with(b"PK"));
    assert!(site.get_in("", "/overview.csv", "en").await.body.contains("Reciprocity"));
}

async fn place(site: &Site, kind: PlaceKind) -> String {
    let territory = site.app.territory().await.unwrap();
    territory.in_order().into_iter().find(|p| p.kind == kind).unwrap().id.to_string()
}

#[tokio::test]
async fn places_are_public_and_guests_see_no_members() {
    let site = site().await;
    let (status, body) = site.get("", "/places").await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.contains("居民区") && !body.contains("/new"));
    for kind in [PlaceKind::Community, PlaceKind::ResidentialArea, PlaceKind::BuildingGroup] {
        let id = place(&site, kind).await;
        let (status, body) = site.get("", &format!("/places/{id}")).await;
        assert_eq!(status, StatusCode::OK);
        assert!(body.contains(&format!("/needs?place={id}")) && !body.contains("href=\"/members/"));
    }
    let area = place(&site, PlaceKind::ResidentialArea).await;
    let english = site.get_in("resident", &format!("/places/{area}"), "en").await.body;
    assert!(english.contains("Organisations here") && english.contains("href=\"/members/"));
    assert_eq!(site.get("", "/places/00000000-0000-7000-8000-000000000000").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn subdistrict_staff_add_change_and_remove_places() {
    let site = site().await;
    let area = place(&site, PlaceKind::ResidentialArea).await;
    let new = format!("/places/{area}/new");
    for login in ["resident", "worker", "secretary"] {
        assert_eq!(site.get(login, &new).await.0, StatusCode::FORBIDDEN, "{login}");
        let fields = [("kind", "building_group"), ("name", "x"), ("code", "x")];
        assert_eq!(site.post(login, &new, &fields).await.0, StatusCode::FORBIDDEN, "{login}");
    }
    assert_eq!(site.get("staff", &new).await.0, StatusCode::OK);
    let (status, body) =
        site.post("staff", &new, &[("kind", "building_group"), ("name", "新楼组"), ("code", "")]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        body.contains("value=\"新楼组\"")
            && body.contains("编号：")
            && body.contains("value=\"building_group\" checked")
    );
    let fields = [("kind", "building_group"), ("name", "新楼组"), ("code", "NEW-1")];
    let added = site.post_answer("staff", &new, &fields).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    let (status, body) = site.post("staff", &new, &fields).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");

    let here = added.location().to_owned();
    let saved = site.post_answer("staff", &format!("{here}/edit"), &[("name", "改名楼组"), ("code", "NEW-1")]).await;
    assert_eq!(saved.location(), here);
    assert!(site.get("", &here).await.1.contains("改名楼组"));
    assert_eq!(site.get("staff", &format!("{here}/remove")).await.0, StatusCode::OK);
    let (status, body) = site.post("staff", &format!("/places/{area}/remove"), &[]).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(body.contains("role=\"alert\""));
    assert_eq!(site.post_answer("staff", &format!("{here}/remove"), &[]).await.location(), "/places");
    assert_eq!(site.get("", &here).await.0, StatusCode::NOT_FOUND);
}
