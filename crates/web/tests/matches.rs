//! Pages of matches and the day list: a match from the proposal to the rating, who may do what, and bad input.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

mod common;

use axum::http::StatusCode;
use chrono::Duration;
use common::{Site, site, site_with_clock};
use tongxin_app::service::{intents, matches};
use tongxin_core::service::{IntentForm, Side};
use uuid::Uuid;

/// A need of the resident and an offer of the unit, matched by the worker. Gives the match's path.
async fn proposed(site: &Site) -> String {
    let (from, until) = (site.app.now() + Duration::hours(1), site.app.now() + Duration::hours(3));
    let form = IntentForm {
        category: "culture".to_owned(),
        care_kind: "spiritual".to_owned(),
        title: "一起<唱>戏".to_owned(),
        from: Some(from),
        until: Some(until),
        quantity: "2".to_owned(),
        ..IntentForm::default()
    };
    let (resident, unit) = (site.viewer("resident").await, site.viewer("unit").await);
    let organisation = unit.actor().unwrap().organisations().next();
    let need = intents::create(&site.app, &resident, Side::Need, None, None, &form).await.unwrap();
    let offer = intents::create(&site.app, &unit, Side::Offer, organisation, None, &form).await.unwrap();
    let (need, offer) = (need.to_string(), offer.to_string());
    let fields = [("need", need.as_str()), ("offer", offer.as_str()), ("quantity", "2")];
    let answer = site.post_answer("worker", "/matches", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.location().to_owned()
}

fn local(site: &Site, hours: i64) -> String {
    let at = site.app.now() + Duration::hours(hours);
    at.with_timezone(&site.app.zone()).format("%Y-%m-%dT%H:%M").to_string()
}

async fn delivery(site: &Site, path: &str) -> Uuid {
    let id = path.trim_start_matches("/matches/").parse().unwrap();
    let view = matches::show(&site.app, &site.viewer("worker").await, id).await.unwrap();
    view.card.deliveries.last().unwrap().id
}

async fn goes_on(site: &Site, login: &str, path: &str, fields: &[(&str, &str)], to: &str) {
    let answer = site.post_answer(login, path, fields).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, to), "{}", answer.body);
}

#[tokio::test]
async fn a_match_from_the_proposal_to_the_rating() {
    let site = site().await;
    let path = &proposed(&site).await;
    let step = |step: &str| format!("{path}/{step}");

    let (_, waiting) = site.get("resident", path).await;
    assert!(!waiting.contains(&step("accept")) && waiting.contains("等"), "the receiver waits");
    let (_, me) = site.get("unit", "/me").await;
    assert!(me.contains(&step("accept")) && me.contains("一起&#60;唱&#62;戏"), "{me}");
    goes_on(&site, "unit", &step("accept"), &[("back", "/me")], "/me").await;

    let (status, form) = site.get("resident", &step("arrange")).await;
    assert!(status == StatusCode::OK && form.contains("type=\"datetime-local\""));
    goes_on(&site, "resident", &step("arrange"), &[("from", &local(&site, -1)), ("until", &local(&site, 1))], path)
        .await;

    let (_, page) = site.get("unit", path).await;
    assert!(page.contains(&step("delivered")) && page.contains("data-confirm"), "{page}");
    let (_, page) = site.get("resident", path).await;
    assert!(!page.contains(&step("delivered")) && page.contains("href=\"tel:"));

    let typed = [("happened_at", local(&site, -1)), ("minutes", "90".to_owned()), ("quantity", "2".to_owned())];
    let typed: Vec<(&str, &str)> = typed.iter().map(|(k, v)| (*k, v.as_str())).collect();
    goes_on(&site, "unit", &step("deliver"), &typed, path).await;
    let delivery = delivery(&site, path).await;
    let confirm = format!("/deliveries/{delivery}/confirm");
    let (_, me) = site.get("resident", "/me").await;
    assert!(me.contains(&confirm));
    let (status, _) = site.post("worker", &format!("/deliveries/{delivery}/settle"), &[]).await;
    assert_eq!(status, StatusCode::CONFLICT, "too early to settle");
    goes_on(&site, "resident", &confirm, &[("back", path)], path).await;

    let rate = format!("/deliveries/{delivery}/rate");
    let (status, form) = site.get("resident", &rate).await;
    assert!(status == StatusCode::OK && form.contains("type=\"radio\""));
    let (status, form) = site.post("resident", &rate, &[("rating", "6"), ("comment", "唱得好")]).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && form.contains("唱得好"), "{form}");
    goes_on(&site, "resident", &rate, &[("rating", "5"), ("comment", "唱得好")], path).await;
    let page = site.get_in("unit", path, "en").await.body;
    assert!(page.contains("very satisfied") && page.contains("唱得好") && page.contains("complete"), "{page}");
}

#[tokio::test]
async fn what_nobody_confirms_is_settled_by_staff_after_7_days() {
    let (site, clock) = site_with_clock().await;
    let path = &proposed(&site).await;
    goes_on(&site, "unit", &format!("{path}/accept"), &[("back", "/me")], "/me").await;
    clock.advance(Duration::hours(2));
    let typed = [("happened_at", local(&site, -1)), ("minutes", "90".to_owned()), ("quantity", "2".to_owned())];
    let typed: Vec<(&str, &str)> = typed.iter().map(|(k, v)| (*k, v.as_str())).collect();
    goes_on(&site, "unit", &format!("{path}/deliver"), &typed, path).await;
    let delivery = delivery(&site, path).await;
    let settle = format!("/deliveries/{delivery}/settle");
    clock.advance(Duration::days(7) - Duration::seconds(1));
    let (status, page) = site.get("worker", path).await;
    assert!(status == StatusCode::OK && !page.contains(&settle), "{page}");
    assert_eq!(site.post("worker", &settle, &[]).await.0, StatusCode::CONFLICT, "too early to settle");

    clock.advance(Duration::seconds(1));
    let (_, page) = site.get("worker", path).await;
    assert!(page.contains(&settle), "{page}");
    let (_, today) = site.get("worker", "/today").await;
    assert!(today.contains(path), "{today}");
    for login in ["resident", "unit"] {
        let (_, page) = site.get(login, path).await;
        assert!(!page.contains(&settle), "{login}: {page}");
        assert_eq!(site.post(login, &settle, &[]).await.0, StatusCode::FORBIDDEN, "{login}");
    }
    goes_on(&site, "worker", &settle, &[("back", path)], path).await;
    let page = site.get_in("resident", path, "en").await.body;
    assert!(
        page.contains("settled by a social worker") && !page.contains(&format!("/deliveries/{delivery}/confirm")),
        "{page}"
    );
    assert_eq!(site.post("worker", &settle, &[]).await.0, StatusCode::CONFLICT, "settled once");
}

#[tokio::test]
async fn bad_input_keeps_what_was_typed() {
    let site = site().await;
    let path = &proposed(&site).await;
    let (status, page) = site.post("unit", &format!("{path}/decline"), &[("reason", " ")]).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("is-invalid"), "{page}");
    goes_on(&site, "unit", &format!("{path}/accept"), &[], path).await;

    let (late, early) = (local(&site, 3), local(&site, 2));
    let arrange = format!("{path}/arrange");
    let (status, page) = site.post("unit", &arrange, &[("from", &late), ("until", &early)]).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("结束应在开始之后"), "{page}");
    assert!(page.contains(&late) && page.contains(&early));
    let (status, page) = site.post("unit", &arrange, &[("from", "yesterday")]).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("yesterday"));

    let typed = [("happened_at", late.as_str()), ("minutes", "-1"), ("quantity", "0"), ("note", "<b>")];
    let (status, page) = site.post("unit", &format!("{path}/deliver"), &typed).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("还没有到") && !page.contains("<b>"));
    let now = local(&site, 0);
    let typed = [("happened_at", now.as_str()), ("minutes", "10"), ("quantity", "9"), ("note", "")];
    let (status, page) = site.post("unit", &format!("{path}/deliver"), &typed).await;
    assert!(status == StatusCode::CONFLICT && page.contains("剩余的数量不够了"), "{page}");

    goes_on(&site, "resident", &format!("{path}/cancel"), &[("reason", "来不了")], path).await;
    let (status, page) = site.get("unit", path).await;
    assert!(status == StatusCode::OK && page.contains("来不了"));
    let (status, _) = site.get("unit", &format!("{path}/cancel")).await;
    assert_eq!(status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn strangers_and_forgeries_are_turned_away() {
    let site = site().await;
    let path = &proposed(&site).await;
    assert_eq!(site.get("resident-02", path).await.0, StatusCode::NOT_FOUND);
    assert_eq!(site.post("resident-02", &format!("{path}/accept"), &[]).await.0, StatusCode::FORBIDDEN);
    assert_eq!(site.post("resident", &format!("{path}/accept"), &[]).await.0, StatusCode::CONFLICT);
    let answer = site.get_in("", path, "en").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(answer.location().starts_with("/sign-in?back="));
    let (status, _) = site.post("", &format!("{path}/accept"), &[]).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "without the session's token");
    let (status, page) = site.post("worker", "/matches", &[("need", "x"), ("offer", ""), ("quantity", "0")]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{page}");
}

#[tokio::test]
async fn lists_and_files() {
    let site = site().await;
    let (status, page) = site.get("worker", "/matches?state=arranged").await;
    assert!(status == StatusCode::OK && page.contains("已约定") && page.contains("table-mobile"));
    let (status, mine) = site.get("resident", "/matches").await;
    assert!(status == StatusCode::OK && !mine.contains("value=\"area\""));
    assert_eq!(site.get("resident", "/matches?view=area").await.0, StatusCode::FORBIDDEN);
    let csv = site.get_in("worker", "/matches.csv?state=arranged", "en").await;
    assert!(csv.status == StatusCode::OK && csv.body.contains("Giver") && csv.body.contains("Arranged"));
    assert_eq!(site.get("staff", "/matches.xlsx").await.0, StatusCode::OK);
    let (status, page) = site.get("staff", "/matches?state=confirmed&page=2&size=5").await;
    assert!(status == StatusCode::OK && page.contains("rel=\"prev\""));
}

#[tokio::test]
async fn the_day_list() {
    let site = site().await;
    assert_eq!(site.get("resident", "/today").await.0, StatusCode::FORBIDDEN);
    assert_eq!(site.get("", "/today").await.0, StatusCode::SEE_OTHER);
    let (status, page) = site.get("staff", "/today").await;
    assert!(status == StatusCode::OK && page.contains("当天安排") && page.contains("href=\"tel:"), "{page}");
    let english = site.get_in("staff", "/today", "en").await.body;
    assert!(english.contains("Overdue, not recorded") && english.contains("Record otherwise"));
    let (status, _) = site.get("worker", "/today?day=nonsense").await;
    assert_eq!(status, StatusCode::OK);

    // One tap on an overdue visit records it and returns to the list.
    let viewer = site.viewer("staff").await;
    let overdue = matches::day_list(&site.app, &viewer, site.app.today()).await.unwrap().overdue;
    let id = overdue.first().unwrap().stored.life.id;
    goes_on(&site, "staff", &format!("/matches/{id}/delivered"), &[("back", "/today")], "/today").await;
    let after = matches::show(&site.app, &viewer, id).await.unwrap();
    assert_eq!(after.card.deliveries.len(), overdue[0].deliveries.len() + 1);
}
