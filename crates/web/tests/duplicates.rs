//! Pages and API of members who may be one, on the sample community: suspected on entry, compared, merged, put back.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

mod common;

use axum::http::StatusCode;
use common::{Site, site};
use tongxin_app::{
    Slice,
    people::{self, MemberFilter, duplicate, merge},
    search,
};
use uuid::Uuid;

async fn pair(site: &Site, name: &str) -> (Uuid, Uuid) {
    let staff = site.viewer("staff").await;
    let found = duplicate::list(&site.app, &staff, None, Slice { offset: 0, limit: 100 }).await.unwrap();
    let pair = found.page.rows.into_iter().find(|p| p.other.draft.name == name).expect(name);
    (pair.one.id, pair.other.id)
}

#[tokio::test]
async fn suspected_pairs_are_listed_for_who_looks_after_the_place() {
    let site = site().await;
    assert_eq!(site.get("", "/duplicates").await.0, StatusCode::SEE_OTHER);
    assert_eq!(site.get("resident", "/duplicates").await.0, StatusCode::FORBIDDEN);
    let (status, body) = site.get("worker", "/duplicates").await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.contains("孟文婕") && body.contains("孟文捷") && body.contains("读音相同"));
    assert!(!body.contains("龚海生"), "one of the two is in another area");
    let (_, body) = site.get("staff", "/duplicates").await;
    assert!(body.contains("龚海生") && body.contains("冯根娣"));
    let area = site.app.territory().await.unwrap().areas()[1].id;
    let (_, body) = site.get("staff", &format!("/duplicates?place={area}")).await;
    assert!(body.contains("没有发现疑似重复"));
    for path in ["/duplicates", "/merges"] {
        let answer = site.get_in("staff", path, "en").await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(!answer.body.contains("duplicate-") && !answer.body.contains("merge-"), "{path}: a word is missing");
    }
}

#[tokio::test]
async fn two_are_merged_side_by_side_and_put_back() {
    let site = site().await;
    let (one, other) = pair(&site, "孟文捷").await;
    let path = format!("/duplicates/{one}/{other}");
    let (status, body) = site.get("worker", &path).await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.contains("name=\"keep\"") && body.contains("name=\"phone\""));
    let unsure = [("keep", "one"), ("name", "one"), ("phone", "other")];
    let (status, body) = site.post("worker", &format!("{path}/merge"), &unsure).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(body.contains("请核对后勾选确认"));
    let sure = [("keep", "one"), ("name", "one"), ("phone", "other"), ("sure", "on")];
    let answer = site.post_answer("worker", &format!("{path}/merge"), &sure).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, format!("/members/{one}").as_str()));
    let (_, body) = site.get("worker", &format!("/members/{one}")).await;
    assert!(body.contains("孟文婕") && body.contains("155-0000-1379"));
    let answer = site.get_in("resident", &format!("/members/{other}"), "en").await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, format!("/members/{one}").as_str()));
    let (_, body) = site.get("worker", "/members?q=%E5%AD%9F%E6%96%87%E6%8D%B7").await;
    assert!(body.contains("没有符合条件的成员"), "it left search");
    assert_eq!(site.get("worker", &path).await.0, StatusCode::NOT_FOUND);

    let (_, body) = site.get("worker", "/merges").await;
    assert!(body.contains("孟文捷"));
    let worker = site.viewer("worker").await;
    let done = merge::list(&site.app, &worker, None, Slice { offset: 0, limit: 10 }).await.unwrap().rows;
    let undo = format!("/merges/{}/undo", done[0].merge.id);
    assert_eq!(site.get("worker", &undo).await.0, StatusCode::OK);
    assert_eq!(site.post("worker", &undo, &[]).await.0, StatusCode::SEE_OTHER);
    let (_, body) = site.get("worker", "/members?q=%E5%AD%9F%E6%96%87%E6%8D%B7").await;
    assert!(body.contains("孟文捷"));
    assert_eq!(site.post("worker", &undo, &[]).await.0, StatusCode::CONFLICT);
}

#[tokio::test]
async fn not_the_same_is_remembered() {
    let site = site().await;
    let (one, other) = pair(&site, "冯根娣").await;
    assert_eq!(site.post("worker", &format!("/duplicates/{one}/{other}/apart"), &[]).await.0, StatusCode::SEE_OTHER);
    let (_, body) = site.get("worker", "/duplicates").await;
    assert!(!body.contains("冯根娣"));
}

#[tokio::test]
async fn who_is_added_twice_is_shown_first() {
    let site = site().await;
    let staff = site.viewer("staff").await;
    let filter = MemberFilter { tokens: search::query_tokens("孟文婕"), ..MemberFilter::default() };
    let known = people::list(&site.app, &staff, filter, Slice { offset: 0, limit: 1 }).await.unwrap().rows.remove(0);
    let place = known.location.place.to_string();
    let fields = [("kind", "person"), ("name", "孟文婕"), ("place", place.as_str())];
    let (status, body) = site.post("worker", "/members/new", &fields).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(body.contains("可能已经登记过") && body.contains(&format!("/members/{}", known.id)));
    assert!(body.contains("name=\"confirmed_new\"") && body.contains("15500001379"));
    let confirmed = [fields.as_slice(), &[("confirmed_new", "on")]].concat();
    assert_eq!(site.post("worker", "/members/new", &confirmed).await.0, StatusCode::SEE_OTHER);
}

/// Who may not merge is told so whatever the body says; a guest before it is read.
#[tokio::test]
async fn the_right_comes_before_the_body() {
    use axum::{
        body::Body,
        http::{Request, header},
    };
    let site = site().await;
    let (one, other) = pair(&site, "孟文捷").await;
    let stranger = serde_json::json!({ "kept": Uuid::nil() }).to_string();
    let kind = serde_json::json!({ "kind": "nobody", "name": "x" }).to_string();
    let merge = format!("/api/v1/duplicates/{one}/{other}/merge");
    for (path, body) in [(merge.as_str(), stranger), ("/api/v1/members", kind)] {
        for (login, status) in [("", 401), ("resident", 403), ("worker", 422)] {
            let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
            if !login.is_empty() {
                let viewer = site.viewer(login).await;
                let token = tongxin_app::identity::create_token(&site.app, &viewer, "test").await.unwrap();
                request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
            }
            let answer = site.send(request.body(Body::from(body.clone())).unwrap()).await;
            assert_eq!(answer.status.as_u16(), status, "{path} {login:?}: {}", answer.body);
        }
        let request = Request::post(path).header(header::CONTENT_TYPE, "text/plain");
        let answer = site.send(request.body(Body::from("{")).unwrap()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}
