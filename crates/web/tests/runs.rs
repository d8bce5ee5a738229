//! Pages of matching runs, on the sample community.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

mod common;

use axum::http::StatusCode;
use common::{Site, site};

/// Starts a run for the first place that the login may choose, and gives its address.
async fn start(site: &Site, login: &str) -> String {
    let (status, body) = site.get(login, "/runs").await;
    assert_eq!(status, StatusCode::OK);
    let place = first_option(&body);
    let answer = site.post_answer(login, "/runs", &[("place", &place)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.location().to_owned()
}

fn first_option(body: &str) -> String {
    let rest = body.split_once("name=\"place\"").unwrap().1.split_once("<option value=\"").unwrap().1;
    rest.split_once('"').unwrap().0.to_owned()
}

fn positions(body: &str) -> Vec<String> {
    let parts = body.split("name=\"position\" value=\"").skip(1);
    parts.map(|rest| rest.split_once('"').unwrap().0.to_owned()).collect()
}

#[tokio::test]
async fn only_staff_see_runs() {
    let site = site().await;
    assert_eq!(site.get("", "/runs").await.0, StatusCode::SEE_OTHER);
    for login in ["resident", "unit"] {
        assert_eq!(site.get(login, "/runs").await.0, StatusCode::FORBIDDEN, "{login}");
    }
    for login in ["worker", "secretary", "staff"] {
        assert_eq!(site.get(login, "/runs").await.0, StatusCode::OK, "{login}");
    }
    let run = start(&site, "staff").await;
    let (_, body) = site.get("staff", "/runs").await;
    assert!(body.contains("/runs.xlsx") && body.contains("/runs.csv"));
    assert!(site.get_in("staff", "/runs.xlsx", "en").await.bytes.starts_with(b"PK"));
    let csv = site.get_in("staff", "/runs.csv", "zh-Hans").await.body;
    assert!(csv.contains("范围,时间,需求,资源,可满足份数,所需份数,状态") && csv.contains("待决定"), "{csv}");
    assert_eq!(site.get("resident", "/runs.csv").await.0, StatusCode::FORBIDDEN);
    assert_eq!(site.get("resident", &run).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_run_is_shown_and_some_of_it_is_accepted_once() {
    let site = site().await;
    let run = start(&site, "worker").await;
    let (status, body) = site.get("worker", &run).await;
    assert_eq!(status, StatusCode::OK);
    let positions = positions(&body);
    assert!(positions.len() > 1, "{body}");
    assert!(body.contains("采纳所选") && body.contains("<progress"));
    let english = site.get_in("worker", &run, "en").await.body;
    assert!(english.contains("Accept chosen") && english.contains("Weight served"));

    let decide = format!("{run}/decide");
    let (status, body) = site.post("worker", &decide, &[("decision", "some")]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(body.contains("请至少勾选一项"));
    let answer = site.post_answer("worker", &decide, &[("decision", "some"), ("position", &positions[0])]).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, run.as_str()));
    let (_, body) = site.get("worker", &run).await;
    assert!(body.contains("已采纳") && body.contains("未采纳") && body.contains("href=\"/matches/"));
    assert!(!body.contains("name=\"position\""));
    let (status, body) = site.post("worker", &decide, &[("decision", "all")]).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(body.contains(&format!("href=\"{run}\"")), "a way back");
}

#[tokio::test]
async fn none_is_asked_for_again_and_exports_open() {
    let site = site().await;
    let run = start(&site, "secretary").await;
    let (status, body) = site.get("secretary", &format!("{run}/none")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.contains("name=\"decision\" value=\"none\""));
    let csv = site.get_in("secretary", &format!("{run}/run.csv"), "zh-Hans").await;
    assert!(csv.status == StatusCode::OK && csv.body.contains("理由"));
    assert!(site.get_in("secretary", &format!("{run}/run.xlsx"), "en").await.bytes.starts_with(b"PK"));
    let answer = site.post_answer("secretary", &format!("{run}/decide"), &[("decision", "none")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let (_, body) = site.get("secretary", &run).await;
    assert!(body.contains("未采纳") && !body.contains("href=\"/matches/"));
}

#[tokio::test]
async fn a_run_of_no_place_is_refused_with_a_message() {
    let site = site().await;
    let (status, body) = site.post("worker", "/runs", &[("place", "nowhere")]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(body.contains("请从列出的选项中选择"));
}
