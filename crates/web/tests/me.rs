//! Signing in and out, one's own page, one's own account.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

mod common;

use axum::http::{StatusCode, header};
use common::site;

#[tokio::test]
async fn signing_in_leads_back() {
    let site = site().await;
    let (status, page) = site.get("", "/sign-in?back=/needs").await;
    assert!(status == StatusCode::OK && page.contains("value=\"/needs\"") && page.contains("current-password"));
    let (status, page) = site.post("", "/sign-in", &[("login", ""), ("password", "")]).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("此项必填"));
    let wrong = [("login", "resident-03"), ("password", "wrong-secret"), ("back", "/needs")];
    let (status, page) = site.post("", "/sign-in", &wrong).await;
    assert!(status == StatusCode::UNAUTHORIZED && page.contains("登录名或密码不正确"), "{page}");
    assert!(page.contains("resident-03") && page.contains("value=\"/needs\"") && !page.contains("wrong-secret"));
    for _ in 0..5 {
        site.post("", "/sign-in", &wrong).await;
    }
    assert_eq!(site.post("", "/sign-in", &wrong).await.0, StatusCode::TOO_MANY_REQUESTS);

    let right = [("login", "Resident"), ("password", "tongxin-demo"), ("back", "/needs?q=1")];
    let answer = site.post_answer("", "/sign-in", &right).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/needs?q=1"));
    let cookies: Vec<_> = answer.headers.get_all(header::SET_COOKIE).iter().map(|v| v.to_str().unwrap()).collect();
    assert!(cookies.iter().any(|c| c.starts_with("tongxin_session=") && c.contains("HttpOnly")), "{cookies:?}");
    let right = [("login", "resident"), ("password", "tongxin-demo"), ("back", "//evil.example")];
    assert_eq!(site.post_answer("", "/sign-in", &right).await.location(), "/");

    assert_eq!(site.get_in("resident", "/sign-in", "en").await.location(), "/me");
    assert_eq!(site.get_in("worker", "/sign-in", "en").await.location(), "/today");
    assert_eq!(site.post("resident", "/sign-out", &[]).await.0, StatusCode::SEE_OTHER);
    assert_eq!(site.get("resident", "/me").await.0, StatusCode::SEE_OTHER, "the session has ended");
}

#[tokio::test]
async fn my_page() {
    let site = site().await;
    let answer = site.get_in("", "/me", "en").await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/sign-in?back=%2Fme"));
    let (status, page) = site.get("resident", "/me").await;
    assert!(status == StatusCode::OK && page.contains("服务账") && page.contains("/needs/new?member="), "{page}");
    let page = site.get_in("unit", "/me", "en").await.body;
    assert!(page.contains("nav-tabs") && page.contains("Given"));
    let unit = site.viewer("unit").await;
    let organisation = unit.actor().unwrap().organisations().next().unwrap();
    let (status, page) = site.get("unit", &format!("/me?as={organisation}")).await;
    assert!(status == StatusCode::OK && page.contains(&format!("/offers/new?member={organisation}")));
    let stranger = site.viewer("resident-02").await.actor().unwrap().person;
    let (_, page) = site.get("unit", &format!("/me?as={stranger}")).await;
    assert!(!page.contains(&format!("new?member={stranger}")), "only for those whom one acts for");
}

#[tokio::test]
async fn who_looked_at_my_sensitive_data() {
    let site = site().await;
    assert_eq!(site.get("", "/me/looks").await.0, StatusCode::SEE_OTHER);
    let (_, page) = site.get("resident", "/me").await;
    assert!(page.contains("href=\"/me/looks\""));
    assert!(site.get("resident", "/me/looks").await.1.contains("还没有人看过您的敏感信息"));
    let person = site.viewer("resident").await.actor().unwrap().person;
    site.get("worker", &format!("/members/{person}?sensitive=1")).await;
    let worker = site.viewer("worker").await.actor().unwrap().name.clone();
    let (status, page) = site.get("resident", "/me/looks").await;
    assert!(
        status == StatusCode::OK && page.contains(&worker) && page.contains("社工") && page.contains("共 1 条"),
        "{page}"
    );
    let page = site.get_in("resident", "/me/looks", "en").await.body;
    assert!(page.contains("Who looked at my sensitive data") && page.contains("Not given"), "{page}");
    assert!(site.get("worker", "/me/looks").await.1.contains("还没有人看过您的敏感信息"));
    let json = site.get_in("resident", "/api/v1/me/looks", "en").await.body;
    assert!(json.contains(&worker) && json.contains("social_worker"), "{json}");
}

#[tokio::test]
async fn every_page_tells_how_much_waits() {
    let site = site().await;
    for path in ["/", "/me", "/needs", "/overview"] {
        let (_, page) = site.get("resident", path).await;
        assert!(page.contains("待办事项 </span>2</span>"), "{path}: {page}");
    }
    assert!(!site.get("staff", "/needs").await.1.contains("待办事项 </span>"));
}

#[tokio::test]
async fn my_account() {
    let site = site().await;
    let (status, page) = site.get("worker", "/me/account").await;
    assert!(status == StatusCode::OK && page.contains("社工") && page.contains("worker"));
    let short = [("old_password", "tongxin-demo"), ("password", "short"), ("password_again", "short")];
    let (status, page) = site.post("worker", "/me/account/password", &short).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("密码至少 10 个字符"), "{page}");
    let differ = [("old_password", "tongxin-demo"), ("password", "long-enough-1"), ("password_again", "long-enough-2")];
    let (status, page) = site.post("worker", "/me/account/password", &differ).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("不一样"));
    let wrong = [("old_password", "wrong-secret"), ("password", "long-enough-1"), ("password_again", "long-enough-1")];
    let (status, page) = site.post("worker", "/me/account/password", &wrong).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("原密码不正确"));

    let (status, page) = site.post("worker", "/me/account/tokens", &[("name", "")]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{page}");
    let (status, page) = site.post("worker", "/me/account/tokens", &[("name", "月报<表>")]).await;
    assert!(status == StatusCode::OK && page.contains("value=\"tx_") && page.contains("月报&#60;表&#62;"));
    let (_, page) = site.get("worker", "/me/account").await;
    assert!(!page.contains("value=\"tx_"), "shown once");
    let at = page.find("/me/account/tokens/").unwrap();
    let path = page[at..].split('"').next().unwrap().to_owned();
    assert_eq!(site.get("resident", &path).await.0, StatusCode::NOT_FOUND);
    assert_eq!(site.post("resident", &path, &[]).await.0, StatusCode::NOT_FOUND);
    assert_eq!(site.get("worker", &path).await.0, StatusCode::OK);
    assert_eq!(site.post("worker", &path, &[]).await.0, StatusCode::SEE_OTHER);

    let right = [("old_password", "tongxin-demo"), ("password", "long-enough-1"), ("password_again", "long-enough-1")];
    assert_eq!(site.post("worker", "/me/account/password", &right).await.0, StatusCode::SEE_OTHER);
    assert_eq!(site.get("worker", "/me").await.0, StatusCode::SEE_OTHER, "other sessions have ended");
}
