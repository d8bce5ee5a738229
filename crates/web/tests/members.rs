//! Pages of members, on the sample community.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

mod common;

use axum::http::StatusCode;
use common::{Site, site};
use tongxin_app::{Slice, people};
use tongxin_core::{community::post::Duty, people::MemberKind};

/// A person of the worker's area, or of another.
async fn person(site: &Site, of_the_worker: bool) -> people::Member {
    let staff = site.viewer("staff").await;
    let worker = site.viewer("worker").await;
    let areas: Vec<_> = worker.actor().unwrap().places_of(Duty::SocialWorker).collect();
    let filter = people::MemberFilter { kind: Some(MemberKind::Person), ..people::MemberFilter::default() };
    let found = people::list(&site.app, &staff, filter, Slice { offset: 0, limit: 1_000 }).await.unwrap().rows;
    let own: Vec<_> = ["worker", "secretary", "staff", "resident", "unit"].into_iter().collect();
    let mut accounts = Vec::new();
    for login in own {
        accounts.push(site.viewer(login).await.actor().unwrap().person);
    }
    let of_area = |m: &people::Member| m.location.area.is_some_and(|a| areas.contains(&a));
    found
        .into_iter()
        .find(|m| m.draft.phone.is_some() && of_area(m) == of_the_worker && !accounts.contains(&m.id))
        .expect("a person with a telephone")
}

#[tokio::test]
async fn the_list_is_for_members_and_files_for_staff() {
    let site = site().await;
    assert_eq!(site.get("", "/members").await.0, StatusCode::SEE_OTHER);
    let (status, body) = site.get("resident", "/members").await;
    assert_eq!(status, StatusCode::OK);
    assert!(!body.contains("members.xlsx") && !body.contains("name=\"care_group\"") && !body.contains("/members/new"));
    assert_eq!(site.get("resident", "/members.xlsx").await.0, StatusCode::FORBIDDEN);
    assert_eq!(site.get("resident", "/members?care_group=older").await.0, StatusCode::FORBIDDEN);
    let (_, body) = site.get("worker", "/members?care_group=older").await;
    assert!(body.contains("name=\"care_group\"") && body.contains("留下记录"));
    let (_, staff) = site.get("staff", "/members").await;
    assert!(staff.contains("members.xlsx") && !staff.contains("name=\"care_group\""));
    assert!(site.get_in("worker", "/members.xlsx?kind=organisation", "en").await.bytes.starts_with(b"PK"));
    assert!(site.get_in("worker", "/members", "en").await.body.contains("Residents, units and organisations"));
}

#[tokio::test]
async fn names_are_found_in_chinese_and_in_pinyin() {
    let site = site().await;
    for query in ["%E9%BE%99%E9%83%BD", "meiliyuan"] {
        let (status, body) = site.get("resident", &format!("/members?q={query}&kind=organisation")).await;
        assert_eq!(status, StatusCode::OK);
        assert!(body.contains("美丽园"), "{query}");
    }
    let (_, body) = site.get("resident", "/members?q=zzzz").await;
    assert!(body.contains("没有符合条件的成员") && body.contains("清除条件"));
}

#[tokio::test]
async fn files_hold_contacts_only_where_one_may_see_them() {
    let site = site().await;
    let (here, there) = (person(&site, true).await, person(&site, false).await);
    let csv = site.get_in("worker", "/members.csv?kind=person", "zh-Hans").await.body;
    assert!(csv.contains(here.draft.phone.as_deref().unwrap()));
    assert!(!csv.contains(there.draft.phone.as_deref().unwrap()));
}

#[tokio::test]
async fn contacts_and_care_groups_are_for_those_who_need_them() {
    let site = site().await;
    let member = person(&site, true).await;
    let path = format!("/members/{}", member.id);
    let phone = member.draft.phone.clone().unwrap();
    let (status, body) = site.get("resident", &path).await;
    assert_eq!(status, StatusCode::OK);
    assert!(!body.contains(&phone) && !body.contains("sensitive"));
    let (_, body) = site.get("staff", &path).await;
    assert!(body.contains(&phone) && !body.contains("sensitive"));
    let (_, body) = site.get("worker", &path).await;
    assert!(body.contains(&phone) && body.contains("name=\"sensitive\"") && body.contains("/needs/new?member="));
    let (_, body) = site.get("worker", &format!("{path}?sensitive=1")).await;
    assert!(!body.contains("name=\"sensitive\""));
    let (_, body) = site.get("resident", &format!("{path}?sensitive=1")).await;
    assert!(!body.contains("重点人群"));
    assert!(site.get_in("worker", &path, "en").await.body.contains("Given and received"));
}

#[tokio::test]
async fn a_member_is_added_and_changed_and_bad_input_is_kept() {
    let site = site().await;
    let worker = site.viewer("worker").await;
    let area = worker.actor().unwrap().places_of(Duty::SocialWorker).next().unwrap().to_string();
    assert_eq!(site.get("resident", "/members/new").await.0, StatusCode::FORBIDDEN);
    let (_, form) = site.get("worker", "/members/new?kind=person").await;
    assert!(form.contains("name=\"care_groups\"") && form.contains("value=\"person\""));
    assert!(!site.get("staff", "/members/new?kind=person").await.1.contains("name=\"care_groups\""));
    assert!(site.get("staff", "/members/new?kind=organisation").await.1.contains("name=\"organisation_kind\""));

    let bad = [("kind", "person"), ("name", "测试<b>"), ("place", &area), ("email", "x"), ("birth_date", "2999-01-01")];
    let (status, body) = site.post("worker", "/members/new", &bad).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(body.contains("测试&#60;b&#62;") && body.contains("f-email-error") && body.contains("f-birth_date-error"));

    let good = [("kind", "person"), ("name", "测试员"), ("place", &area), ("care_groups", "older"), ("sex", "f")];
    let (status, _) = site.post("resident", "/members/new", &good).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let added = site.post_answer("worker", "/members/new", &good).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    let path = added.location().to_owned();
    let edit = format!("{path}/edit");
    assert_eq!(site.get("resident", &edit).await.0, StatusCode::FORBIDDEN);
    let (_, form) = site.get("worker", &edit).await;
    assert!(form.contains("value=\"older\" checked") && form.contains("value=\"测试员\""));

    // Who may not change care groups leaves them as they are.
    let changed = [("name", "测试员甲"), ("place", area.as_str())];
    assert_eq!(site.post_answer("staff", &edit, &changed).await.location(), path);
    let (_, form) = site.get("worker", &edit).await;
    assert!(form.contains("value=\"older\" checked") && form.contains("value=\"测试员甲\""));
    assert_eq!(site.post("worker", &edit, &[("name", "")]).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(site.post_answer("worker", &edit, &changed).await.location(), path);
    assert!(!site.get("worker", &edit).await.1.contains("value=\"older\" checked"));
}

/// A double click, or a reload, makes neither a second member nor a second place, and leads where the first led.
#[tokio::test]
async fn a_form_sent_twice_makes_one() {
    let site = site().await;
    let area = site.viewer("worker").await.actor().unwrap().places_of(Duty::SocialWorker).next().unwrap().to_string();
    let member = [("once", "m1"), ("kind", "person"), ("name", "赵双击"), ("place", area.as_str())];
    let place = [("once", "p1"), ("kind", "building_group"), ("name", "双击楼"), ("code", "TWICE")];
    let under = format!("/places/{area}/new");
    for (login, path, fields) in [("worker", "/members/new", &member), ("staff", under.as_str(), &place)] {
        let page = site
            .get(login, &if path == "/members/new" { format!("{path}?kind=person") } else { path.to_owned() })
            .await;
        assert!(page.1.contains("name=\"once\""), "{path}");
        let send = || site.post_answer(login, path, fields);
        let (first, second) = tokio::join!(send(), send());
        assert_eq!(
            (first.status, second.status),
            (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER),
            "{path} {}",
            second.body
        );
        assert_eq!(first.location(), second.location(), "{path}");
    }
}
