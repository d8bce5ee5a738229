//! Pages of Party members, on the sample community.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

mod common;

use axum::http::StatusCode;
use common::{Site, site};
use tongxin_app::people::party::branches;
use tongxin_core::people::{development::Stage, membership::SizeAdvice};
use uuid::Uuid;

/// The branch of this name, as the login sees it.
async fn branch(site: &Site, login: &str, name: &str) -> Uuid {
    let who = site.viewer(login).await;
    let found = branches::branches(&site.app, &who, None).await.unwrap();
    found.rows.iter().find(|r| r.standing.name == name).expect("a branch").standing.organisation
}

const FIRST: &str = "美丽园居民区第一党支部";

#[tokio::test]
async fn branches_show_sizes_and_suggestions_to_their_officers_only() {
    let site = site().await;
    for login in ["resident", "unit", "worker", "staff"] {
        assert_eq!(site.get(login, "/party/branches").await.0, StatusCode::FORBIDDEN, "{login}");
    }
    assert_eq!(site.get("", "/party/branches").await.0, StatusCode::SEE_OTHER);
    let who = site.viewer("committee").await;
    let found = branches::branches(&site.app, &who, None).await.unwrap();
    let advice = |name: &str| found.rows.iter().find(|r| r.standing.name == name).unwrap().advice;
    assert_eq!(advice(FIRST), Some(SizeAdvice::BecomeGeneralBranch));
    assert_eq!(advice("景华居民区党总支"), Some(SizeAdvice::FoundBranch));
    assert_eq!(advice("美丽园居民区党总支"), None);
    let (status, body) = site.get("committee", "/party/branches").await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.contains("建议改设党总支"));
    assert!(site.get_in("committee", "/party/branches", "en").await.body.contains("Become a general branch"));
    assert!(site.get_in("committee", "/party/branches.xlsx", "zh-Hans").await.bytes.starts_with(b"PK"));
    // Before the members came, the branch was small.
    let (_, body) = site.get("branch", "/party/branches?on=2000-01-01").await;
    assert!(body.contains("建议组建联合支部"));
}

#[tokio::test]
async fn a_roll_shows_stages_next_steps_and_what_is_overdue() {
    let site = site().await;
    let id = branch(&site, "branch", FIRST).await;
    let path = format!("/party/branches/{id}");
    let (status, body) = site.get("branch", &path).await;
    assert_eq!(status, StatusCode::OK);
    for text in ["入党申请人", "发展对象", "预备党员", "已超期", "派人谈话", "支部大会讨论转正", "名册"]
    {
        assert!(body.contains(text), "{text}");
    }
    let english = site.get_in("branch", &path, "en").await.body;
    assert!(english.contains("overdue since") && english.contains("Members whose home branch this is"));
    assert_eq!(site.get("resident", &path).await.0, StatusCode::FORBIDDEN);
    assert_eq!(site.get("staff", &path).await.0, StatusCode::FORBIDDEN);
    let csv = site.get_in("branch", &format!("{path}/roll.csv"), "zh-Hans").await.body;
    assert!(csv.lines().count() > 55 && csv.contains("正式党员"));
    assert!(site.get_in("branch", &format!("{path}/roll.xlsx"), "en").await.bytes.starts_with(b"PK"));
}

#[tokio::test]
async fn a_step_is_recorded_or_refused_with_its_reason() {
    let site = site().await;
    let id = branch(&site, "branch", FIRST).await;
    let who = site.viewer("branch").await;
    let roll = branches::roll(&site.app, &who, id, None).await.unwrap();
    let at = |stage: Stage| roll.developing.iter().find(|l| l.development.stage == Some(stage)).unwrap().person.id;
    let (applicant, activist) = (at(Stage::Applicant), at(Stage::Activist));
    let page = format!("/party/members/{activist}");
    let (status, body) = site.get("branch", &page).await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.contains("还不能办的步骤") && body.contains("时间未到") && body.contains("第十三条"));
    assert_eq!(site.get("worker", &page).await.0, StatusCode::NOT_FOUND);
    let step = format!("{page}/step/candidate");
    let today = site.app.today().to_string();
    let fields = [("on", today.as_str()), ("notice_from", "2026-01-05"), ("note", "测试<b>")];
    let (status, body) = site.post("branch", &step, &fields).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(body.contains("f-on-error") && body.contains("测试&#60;b&#62;"));

    let talk = format!("/party/members/{applicant}/step/talk");
    assert_eq!(site.post("worker", &talk, &[("on", &today)]).await.0, StatusCode::FORBIDDEN);
    let done = site.post_answer("branch", &talk, &[("on", &today), ("note", "谈话")]).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, format!("/party/members/{applicant}").as_str()));
    assert!(site.get("branch", &format!("/party/members/{applicant}")).await.1.contains("下一步：确定为入党积极分子"));
    // An officer of the branch has no approval to give.
    let approval = format!("/party/members/{applicant}/step/approval");
    assert_eq!(site.get("branch", &approval).await.0, StatusCode::FORBIDDEN);
    assert_eq!(site.get("branch", &format!("/party/members/{applicant}/step/dance")).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_step_by_mistake_is_struck_through() {
    let site = site().await;
    let id = branch(&site, "branch", FIRST).await;
    let who = site.viewer("branch").await;
    let roll = branches::roll(&site.app, &who, id, None).await.unwrap();
    let applicant = roll.developing.iter().find(|l| l.development.stage == Some(Stage::Applicant)).unwrap().person.id;
    let page = format!("/party/members/{applicant}");
    let today = site.app.today().to_string();
    site.post_answer("branch", &format!("{page}/step/talk"), &[("on", &today)]).await;
    let (_, body) = site.get("branch", &page).await;
    let back = body.split("href=\"").filter_map(|p| p.split('"').next()).find(|p| p.ends_with("/take-back")).unwrap();
    for login in ["worker", "resident"] {
        assert_eq!(site.get(login, back).await.0, StatusCode::NOT_FOUND);
        assert_eq!(site.post(login, back, &[("reason", "x")]).await.0, StatusCode::FORBIDDEN);
    }
    assert!(site.get("branch", back).await.1.contains("确定撤销这一步吗"));
    let (status, body) = site.post("branch", back, &[("reason", " ")]).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && body.contains("f-reason-error"));
    let done = site.post_answer("branch", back, &[("reason", "登错<人>")]).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, page.as_str()));
    let (_, body) = site.get("branch", &page).await;
    assert!(body.contains("<s>派人谈话</s>") && body.contains("登错&#60;人&#62;"), "{body}");
    assert!(body.contains("下一步：派人谈话"));
    let (status, body) = site.post("branch", back, &[("reason", "再来")]).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && body.contains("这一步已经撤销"));
    let (_, body) = site.get("branch", &format!("/api/v1{page}")).await;
    let told: serde_json::Value = serde_json::from_str(&body).unwrap();
    let steps = told["steps"].as_array().unwrap();
    assert_eq!(steps.last().unwrap()["taken_back"]["reason"], "登错<人>");
    assert_eq!(told["may_take_back"], steps[steps.len() - 2]["id"]);
}

#[tokio::test]
async fn somebody_is_found_and_added() {
    let site = site().await;
    let id = branch(&site, "branch", FIRST).await;
    let path = format!("/party/branches/{id}/add");
    assert_eq!(site.get("resident", &path).await.0, StatusCode::FORBIDDEN);
    let (_, body) = site.get("branch", &format!("{path}?q=zzz")).await;
    assert!(body.contains("没有找到这个人"));
    let worker = site.viewer("worker").await.actor().unwrap().person.to_string();
    let (status, body) = site.post("branch", &path, &[("person", &worker), ("way", "friend")]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(body.contains("alert-danger"));
    let added = site.post_answer("branch", &path, &[("person", &worker), ("way", "registered")]).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    let (_, own) = site.get("worker", "/party/me").await;
    assert!(own.contains(FIRST) && own.contains("报到登记"));
    assert!(site.get("unit", "/party/me").await.1.contains("没有您的党员信息"));
}

#[tokio::test]
async fn a_transfer_goes_from_hand_to_hand() {
    let site = site().await;
    assert_eq!(site.get("resident", "/party/transfers").await.0, StatusCode::FORBIDDEN);
    let (_, body) = site.get("committee", "/party/transfers").await;
    for state in ["已提出", "已转出，待接收", "已接收", "不同意", "已撤回", "待您办理"] {
        assert!(body.contains(state), "{state}");
    }
    let resident = site.viewer("resident").await.actor().unwrap().person;
    let to = branch(&site, "committee", "裕华居民区第一党支部").await.to_string();
    let ask = format!("/party/members/{resident}/transfer");
    assert!(site.get("resident", &ask).await.1.contains(&to));
    assert_eq!(site.post("resident", &ask, &[("to", &to)]).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let asked = site.post_answer("resident", &ask, &[("to", &to), ("reason", "迁居裕华新村")]).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.body);
    let path = asked.location().to_owned();
    assert_eq!(site.get("worker", &path).await.0, StatusCode::NOT_FOUND);
    assert!(site.get("resident", &path).await.1.contains("撤回"));
    assert_eq!(site.get("resident", &format!("{path}/accept")).await.0, StatusCode::CONFLICT);
    assert_eq!(site.post_answer("branch", &format!("{path}/hand_over"), &[]).await.location(), path);
    assert_eq!(site.post("committee", &format!("{path}/decline"), &[]).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(site.post_answer("committee", &format!("{path}/accept"), &[]).await.location(), path);
    let (_, own) = site.get("resident", "/party/me").await;
    assert!(own.contains("裕华居民区第一党支部") && own.contains("谁看过我所在支部的名册"));
}

#[tokio::test]
async fn the_api_tells_the_same() {
    let site = site().await;
    let (status, body) = site.get("branch", "/api/v1/party/branches").await;
    assert_eq!(status, StatusCode::OK);
    let list: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (list["items"][0]["name"].as_str(), list["items"][0]["advice"].as_str()),
        (Some(FIRST), Some("become_general_branch"))
    );
    let id = list["items"][0]["id"].as_str().unwrap();
    let (_, body) = site.get("branch", &format!("/api/v1/party/branches/{id}")).await;
    let roll: serde_json::Value = serde_json::from_str(&body).unwrap();
    let person = roll["developing"][0]["person"]["id"].as_str().unwrap();
    let (_, body) = site.get("branch", &format!("/api/v1/party/members/{person}")).await;
    let member: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert!(member["steps"].as_array().unwrap().len() > 1 && member["openings"].as_array().unwrap().len() > 5);
    for path in ["/api/v1/party/branches", "/api/v1/party/transfers"] {
        assert_eq!(site.get("resident", path).await.0, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(site.get("resident", &format!("/api/v1/party/members/{person}")).await.0, StatusCode::NOT_FOUND);
    let (status, body) = site.get("resident", "/api/v1/party/me").await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.contains("\"stage\":\"full\""));
}
