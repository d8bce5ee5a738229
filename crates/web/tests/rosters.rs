//! Rosters in, through pages and API.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may")]

mod common;

use std::time::Duration;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use common::{Answer, Site, site};
use tongxin_web::stack::MAX_UPLOAD;

const BOUNDARY: &str = "----roster";

/// The body of a form with a file.
fn form(fields: &[(&str, &str)], file: (&str, &[u8])) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
        );
    }
    let head =
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\r\n", file.0);
    body.extend(head.bytes());
    body.extend(file.1);
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
    body
}

async fn send(site: &Site, login: &str, lang: &str, csrf: Option<&str>, kind: &str, file: (&str, &[u8])) -> Answer {
    let (cookie, own) = site.session(login).await;
    let body = form(&[("csrf", csrf.unwrap_or(&own)), ("kind", kind)], file);
    let request = Request::post("/rosters")
        .header(header::COOKIE, format!("lang={lang}; {cookie}"))
        .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"));
    site.send(request.body(Body::from(body)).unwrap()).await
}

/// Uploads a file and gives the address of its roster.
async fn upload(site: &Site, login: &str, kind: &str, file: (&str, &[u8])) -> String {
    let answer = send(site, login, "zh-Hans", None, kind, file).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.location().to_owned()
}

/// The values of the selected options, by the name of their field.
fn selected(page: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for part in page.split("<select ").skip(1) {
        let name = part.split("name=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        let options = part.split("</select>").next().unwrap_or_default();
        for option in options.split("<option ").skip(1).filter(|option| option.contains(" selected")) {
            let value = option.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
            found.push((name.to_owned(), value.to_owned()));
        }
    }
    found
}

/// Confirms the columns as they are guessed.
async fn confirm(site: &Site, login: &str, path: &str) {
    let (status, page) = site.get(login, path).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    let mut fields = selected(&page);
    fields.push(("sheet".to_owned(), "0".to_owned()));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = site.post_answer(login, &format!("{path}/map"), &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}

const GOOD: &str =
    "编号,姓名,楼组,出生日期,性别,联系电话,重点人群\nT900,测试甲,美丽园居民区,1950年2月3日,女,021 6248 0000,老人\n";

#[tokio::test]
async fn from_the_file_to_the_member() {
    let site = site().await;
    let (status, page) = site.get("secretary", "/rosters").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("还没有导入过花名册"));
    let path = upload(&site, "secretary", "persons", ("名单.csv", GOOD.as_bytes())).await;
    confirm(&site, "secretary", &path).await;
    let (_, page) = site.get("secretary", &path).await;
    assert!(page.contains("将新增 1 行") && page.contains("测试甲"), "{page}");
    let (_, members) = site.get("secretary", "/members?q=测试甲").await;
    assert!(!members.contains(">测试甲</a>"), "nothing is written yet");
    let answer = site.post_answer("secretary", &format!("{path}/run"), &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let mut page = String::new();
    for _ in 0..100 {
        page = site.get("secretary", &path).await.1;
        if page.contains("已写入") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(page.contains("已写入：新增 1 行"), "{page}");
    let english = site.get_in("secretary", &path, "en").await.body;
    assert!(english.contains("Written: 1 new"), "{english}");
    let (_, members) = site.get("secretary", "/members?q=测试甲").await;
    assert!(members.contains(">测试甲</a>"));
    // Other accounts don't see it.
    assert_eq!(site.get("worker", &path).await.0, StatusCode::NOT_FOUND);
    let (_, page) = site.get("secretary", &format!("{path}/undo")).await;
    assert!(page.contains("确定撤回"));
    let answer = site.post_answer("secretary", &format!("{path}/undo"), &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(!site.get("secretary", "/members?q=测试甲").await.1.contains(">测试甲</a>"));
}

#[tokio::test]
async fn who_may_be_there_is_shown_with_links_and_chosen() {
    let site = site().await;
    let path = upload(&site, "secretary", "persons", ("名单.csv", GOOD.as_bytes())).await;
    let (_, page) = site.get("secretary", "/rosters/new").await;
    assert!(page.contains("没有写入的花名册 30 天后自动删除"), "{page}");
    confirm(&site, "secretary", &path).await;
    let (_, page) = site.get("secretary", &path).await;
    assert!(page.contains("没有写入的话") && page.contains("后自动删除"), "{page}");
    site.post_answer("secretary", &format!("{path}/run"), &[]).await;
    let mut page = String::new();
    for _ in 0..100 {
        page = site.get("secretary", &path).await.1;
        if page.contains("已写入") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(page.contains("逐行明细保留到"), "{page}");

    // The same person under another code, its name mistyped.
    let twin = GOOD.replace("T900", "T901").replace("测试甲", "测试家");
    let path = upload(&site, "secretary", "persons", ("名单二.csv", twin.as_bytes())).await;
    confirm(&site, "secretary", &path).await;
    let (_, page) = site.get("secretary", &path).await;
    for text in ["待确认", "同名或相似", "电话相同", "出生日期相同", "就是：测试甲", "是新成员", "href=\"/members/"]
    {
        assert!(page.contains(text), "{text} in {page}");
    }
    let fields = [("line", "2"), ("choice-2", "new")];
    site.post_answer("secretary", &format!("{path}/choose"), &fields).await;
    let (_, page) = site.get("secretary", &path).await;
    assert!(page.contains("将新增 1 行") && page.contains("value=\"new\" selected"), "{page}");
    let english = site.get_in("secretary", &path, "en").await.body;
    assert!(!english.contains("roster-") || !english.contains(">roster-"), "a word is missing");
}

#[tokio::test]
async fn a_roster_of_organisations_says_under_whom_and_how_large() {
    let site = site().await;
    let csv =
        "名称,类别,地点,上级组织,职工人数\n某某集团,企业,美丽园居民区,,200\n某某商贸,企业,美丽园居民区,某某集团,30\n";
    let path = upload(&site, "staff", "organisations", ("单位.csv", csv.as_bytes())).await;
    confirm(&site, "staff", &path).await;
    let (_, page) = site.get("staff", &path).await;
    assert!(
        page.contains("将新增 2 行") && page.contains("上级组织：某某集团") && page.contains("职工人数：200"),
        "{page}"
    );
    let bad = csv.replace("某某集团,30", "没有的,很多");
    let path = upload(&site, "staff", "organisations", ("单位.csv", bad.as_bytes())).await;
    confirm(&site, "staff", &path).await;
    let (_, page) = site.get("staff", &path).await;
    assert!(page.contains("没有登记这个组织") && page.contains("请填 0 到"), "{page}");
}

#[tokio::test]
async fn what_is_wrong_is_told_by_row_and_can_be_taken_home() {
    let site = site().await;
    let bad = "姓名,地点,性别,电话\n测试乙,某处,高,call\n测试丙,美丽园居民区,女,\n";
    let path = upload(&site, "secretary", "persons", ("坏.csv", bad.as_bytes())).await;
    confirm(&site, "secretary", &path).await;
    let (_, page) = site.get("secretary", &path).await;
    for text in ["没有这个地点", "只能填：女", "电话号码不正确", "有误 1 行"] {
        assert!(page.contains(text), "{text} in {page}");
    }
    let file = site.get_in("secretary", &format!("{path}/problems.xlsx"), "zh-Hans").await;
    assert_eq!((file.status, &file.bytes[..2]), (StatusCode::OK, &b"PK"[..]));
    let answer = site.post_answer("secretary", &format!("{path}/run"), &[]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    site.post_answer("secretary", &format!("{path}/choose"), &[("all", "skip_refused")]).await;
    let (_, page) = site.get("secretary", &path).await;
    assert!(page.contains("将新增 1 行"), "{page}");
    let fields = [("line", "3"), ("choice-3", "skip")];
    site.post_answer("secretary", &format!("{path}/choose"), &fields).await;
    let (_, page) = site.get("secretary", &path).await;
    assert!(page.contains("没有要写入的内容"), "{page}");
    let answer = site.post_answer("secretary", &format!("{path}/cancel"), &[]).await;
    assert_eq!(answer.location(), "/rosters");
    assert!(site.get("secretary", &path).await.1.contains("已放弃"));
}

#[tokio::test]
async fn bad_files_are_refused_in_the_readers_language() {
    let site = site().await;
    for (file, zh, en) in [
        (&b""[..], "文件是空的", "The file is empty"),
        (b"PK\x03\x04 broken", "文件已损坏", "The file is broken"),
        (b"\x89PNG\r\n\x1a\n\0\0", "这不是电子表格", "This is no spreadsheet"),
    ] {
        let answer = send(&site, "worker", "zh-Hans", None, "persons", ("a.xlsx", file)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(zh), "{zh}: {}", answer.body);
        let answer = send(&site, "worker", "en", None, "persons", ("a.xlsx", file)).await;
        assert!(answer.body.contains(en), "{en}: {}", answer.body);
    }
    let answer = send(&site, "worker", "zh-Hans", None, "persons", ("", b"")).await;
    assert!(answer.body.contains("请选择文件"));
    let answer = send(&site, "worker", "zh-Hans", None, "recipes", ("a.csv", b"a,b")).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let answer = send(&site, "worker", "zh-Hans", Some("forged"), "persons", ("a.csv", GOOD.as_bytes())).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let answer = send(&site, "resident", "zh-Hans", None, "persons", ("a.csv", GOOD.as_bytes())).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let answer = send(&site, "worker", "zh-Hans", None, "persons", ("a.csv", &vec![b'a'; MAX_UPLOAD])).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let answer =
        send(&site, "worker", "zh-Hans", None, "persons", ("a.csv", "甲,乙\n".repeat(200_000).as_bytes())).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "over a megabyte is read, and too many rows are told");
    assert!(answer.body.contains("超过 50000 行"), "{}", answer.body);
}

#[tokio::test]
async fn templates_are_understood_when_they_come_back() {
    let site = site().await;
    for lang in ["zh-Hans", "en"] {
        for kind in ["persons", "organisations", "posts", "memberships"] {
            let file = site.get_in("staff", &format!("/rosters/template/{kind}.xlsx"), lang).await;
            assert_eq!((file.status, &file.bytes[..2]), (StatusCode::OK, &b"PK"[..]), "{kind}");
            for ending in ["xlsx", "csv"] {
                let file = site.get_in("staff", &format!("/rosters/template/{kind}.{ending}"), lang).await;
                let path = upload(&site, "staff", kind, (&format!("t.{ending}"), &file.bytes)).await;
                let (_, page) = site.get("staff", &path).await;
                let columns = page.matches("name=\"column-").count();
                let understood = selected(&page)
                    .iter()
                    .filter(|(name, value)| name.starts_with("column-") && !value.is_empty())
                    .count();
                assert_eq!(columns, understood, "{lang} {kind} {ending}");
                site.post_answer("staff", &format!("{path}/cancel"), &[]).await;
            }
        }
    }
    assert_eq!(site.get("staff", "/rosters/template/recipes.xlsx").await.0, StatusCode::NOT_FOUND);
    assert_eq!(site.get("staff", "/rosters/template/persons.pdf").await.0, StatusCode::NOT_FOUND);
}

async fn api(
    site: &Site,
    token: &str,
    method: &str,
    path: &str,
    body: serde_json::Value,
) -> (StatusCode, serde_json::Value) {
    let request = Request::builder()
        .method(method)
        .uri(format!("/api/v1/rosters{path}"))
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::ACCEPT_LANGUAGE, "en")
        .header(header::CONTENT_TYPE, "application/json");
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let answer = site.send(request.body(body).unwrap()).await;
    (answer.status, serde_json::from_slice(&answer.bytes).unwrap_or_default())
}

#[tokio::test]
async fn a_program_brings_rows_and_files() {
    use serde_json::json;
    let site = site().await;
    let viewer = site.viewer("secretary").await;
    let token = tongxin_app::identity::create_token(&site.app, &viewer, "test").await.unwrap();
    let rows = json!([["Name", "Place", "Sex"], ["Test One", "美丽园居民区", "female"], ["Test Two", "nowhere", ""]]);
    let input = json!({ "kind": "persons", "file_name": "from a program", "rows": rows });
    let (status, made) = api(&site, &token, "POST", "", input).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    assert_eq!(made["columns"][0]["field"], "name");
    let path = format!("/{}", made["id"].as_str().unwrap());
    let mapping = json!({ "header_line": 1, "columns": ["name", "place", "sex"] });
    let (status, checked) = api(&site, &token, "PUT", &format!("{path}/mapping"), mapping).await;
    assert_eq!((status, &checked["state"]), (StatusCode::OK, &json!("checked")), "{checked}");
    assert_eq!(checked["counts"], json!({ "new": 1, "refused": 1 }));
    let (_, wrong) = api(&site, &token, "GET", &format!("{path}/rows?outcome=refused"), json!(null)).await;
    assert_eq!(wrong["items"][0]["problems"][0]["code"], "place_unknown");
    assert!(wrong["items"][0]["problems"][0]["detail"].as_str().unwrap().contains("no such place"));
    let (status, _) = api(&site, &token, "POST", &format!("{path}/run"), json!(null)).await;
    assert_eq!(status, StatusCode::CONFLICT);
    let choices = json!({ "choices": [{ "outcome": "refused", "choice": "skip" }] });
    let (_, ready) = api(&site, &token, "PUT", &format!("{path}/choices"), choices).await;
    assert_eq!(ready["may_run"], true, "{ready}");
    let (status, _) = api(&site, &token, "POST", &format!("{path}/run"), json!(null)).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let mut state = json!(null);
    for _ in 0..100 {
        state = api(&site, &token, "GET", &path, json!(null)).await.1["state"].clone();
        if state == "done" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(state, "done");
    let (status, undone) = api(&site, &token, "POST", &format!("{path}/undo"), json!(null)).await;
    assert_eq!((status, undone), (StatusCode::OK, json!({ "rows": 1 })));
    let (_, all) = api(&site, &token, "GET", "", json!(null)).await;
    assert_eq!((&all["total"], &all["items"][0]["state"]), (&json!(1), &json!("undone")));

    let request = Request::post("/api/v1/rosters")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"));
    let body = form(&[("kind", "persons")], ("名单.csv", GOOD.as_bytes()));
    let answer = site.send(request.body(Body::from(body)).unwrap()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
}
