//! Pages and API of reorganisations, on the sample community.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

mod common;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use common::{Answer, Site, site};
use serde_json::{Value, json};

/// The addresses of the list, in its order.
fn listed(body: &str) -> Vec<String> {
    let links = body.split("<th scope=\"row\"><a href=\"").skip(1);
    links.map(|rest| rest.split_once('"').unwrap().0.to_owned()).collect()
}

/// The value of the choice with this label.
fn choice(body: &str, label: &str) -> String {
    let before = body.split_once(&format!("\">{label}</option>")).unwrap().0;
    before.rsplit_once("<option value=\"").unwrap().1.to_owned()
}

async fn call(site: &Site, login: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
    let mut request = Request::builder().method(method).uri(format!("/api/v1/reorganisations{path}"));
    if !login.is_empty() {
        let who = site.viewer(login).await;
        let token = tongxin_app::identity::create_token(&site.app, &who, "t").await.unwrap();
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = request.header(header::CONTENT_TYPE, "application/json");
    site.send(request.body(body.map_or_else(Body::empty, |body| Body::from(body.to_string()))).unwrap()).await
}

fn parsed(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap()
}

#[tokio::test]
async fn everybody_reads_what_is_in_force_and_nobody_else_a_draft() {
    let site = site().await;
    let (status, body) = site.get("", "/reorganisations").await;
    assert_eq!((status, listed(&body).len()), (StatusCode::OK, 1));
    let in_force = listed(&body)[0].clone();
    let (_, body) = site.get("", &in_force).await;
    for word in ["层级由 3 级变为 2 级", "“街道组织人事科”、“街道宣传统战科”并入“街道党群工作部”", "已生效"]
    {
        assert!(body.contains(word), "{word}");
    }
    assert!(!body.contains("name=\"step\"") && !body.contains("/withdraw"));
    let notice = site.get_in("", &format!("{in_force}/notice"), "en").await;
    assert!(notice.body.contains("Notice: 八科一室改为五部一室") && notice.body.contains("1 July 2008"));

    let drafts = listed(&site.get("staff", "/reorganisations?state=draft").await.1);
    assert_eq!(drafts.len(), 1);
    for login in ["", "resident", "secretary"] {
        assert_eq!(site.get(login, &drafts[0]).await.0, StatusCode::NOT_FOUND, "{login}");
        let refused = if login.is_empty() { StatusCode::SEE_OTHER } else { StatusCode::FORBIDDEN };
        assert_eq!(site.get(login, "/reorganisations/new").await.0, refused, "{login}");
    }
    let (_, body) = site.get("staff", &format!("{in_force}/edit")).await;
    assert!(body.contains("已经生效或撤回"));
}

#[tokio::test]
async fn a_draft_is_written_step_by_step_and_put_into_force() {
    let site = site().await;
    let typed = [("title", "合并街道部门"), ("effective_on", "2027-13-01")];
    let (status, body) = site.post("staff", "/reorganisations/new", &typed).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(body.contains("日期不正确") && body.contains("合并街道部门"));
    let typed = [("title", "合并街道部门"), ("effective_on", "2027-01-01"), ("text", "精简")];
    let draft = site.post_answer("staff", "/reorganisations/new", &typed).await.location().to_owned();
    let (_, body) = site.get("staff", &draft).await;
    assert!(body.contains("还没有调整内容") && !body.contains("/put-in-force"));

    let (_, body) = site
        .get("staff", &format!("{draft}?step=merge&q=%E6%9C%8D%E5%8A%A1%E9%83%A8+%E5%8F%91%E5%B1%95%E9%83%A8"))
        .await;
    let (service, development) = (choice(&body, "街道社区服务部"), choice(&body, "街道社区发展部"));
    assert!(!body.contains("街道社区平安部</option>"));
    let steps = format!("{draft}/steps");
    let (status, body) = site.post("staff", &steps, &[("step", "merge"), ("q", "服务部"), ("into", &service)]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(body.contains("此项必填") && body.contains(&format!("value=\"{service}\" selected")));
    let close = [("step", "close"), ("organisation", service.as_str())];
    assert_eq!(site.post("staff", &steps, &close).await.0, StatusCode::SEE_OTHER);
    let (_, body) = site.get("staff", &draft).await;
    assert!(body.contains("现在还不能生效") && body.contains("所在的组织将不存在"), "{body}");
    let (status, body) = site.post("staff", &format!("{draft}/put-in-force"), &[]).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(body.contains("没有做任何改动"));

    let merge = [("step", "merge"), ("from", development.as_str()), ("into", service.as_str())];
    assert_eq!(site.post("staff", &steps, &merge).await.0, StatusCode::SEE_OTHER);
    let rename = [("step", "rename"), ("organisation", service.as_str()), ("name", "街道社区服务发展部")];
    assert_eq!(site.post("staff", &steps, &rename).await.0, StatusCode::SEE_OTHER);
    assert_eq!(site.post("staff", &format!("{steps}/3/earlier"), &[]).await.0, StatusCode::SEE_OTHER);
    assert_eq!(site.post("staff", &format!("{steps}/1/remove"), &[]).await.0, StatusCode::SEE_OTHER);
    assert_eq!(site.post("staff", &format!("{steps}/0/remove"), &[]).await.0, StatusCode::NOT_FOUND);
    let (_, body) = site.get("staff", &draft).await;
    let text = "“街道社区服务部”更名为“街道社区服务发展部”。";
    let at = |word: &str| body.find(word).unwrap();
    assert!(at(text) < at("“街道社区发展部”并入“街道社区服务部”。"), "{body}");
    let (_, body) = site.get("staff", &format!("{draft}/put-in-force")).await;
    assert!(body.contains("确定让这次机构调整生效吗"));
    assert_eq!(site.post("staff", &format!("{draft}/put-in-force"), &[]).await.0, StatusCode::SEE_OTHER);
    assert_eq!(site.post("staff", &format!("{draft}/withdraw"), &[]).await.0, StatusCode::CONFLICT);
    let then = site.get("", &format!("/organisations/{service}?on=2027-01-01")).await.1;
    assert!(then.contains("街道社区服务发展部") && then.contains(&draft));
    let (_, body) = site.get("", &format!("/organisations/{service}?on=2026-12-31")).await;
    assert!(body.contains("<h1 class=\"page-title\">街道社区服务部</h1>"));
    let (_, body) = site.get("staff", "/records").await;
    assert!(body.contains("机构调整生效"));
}

#[tokio::test]
async fn programs_do_the_same() {
    let site = site().await;
    let all = parsed(&call(&site, "", Method::GET, "", None).await);
    assert_eq!(all["total"], 1);
    let id = all["items"][0]["id"].as_str().unwrap().to_owned();
    let seen = parsed(&call(&site, "", Method::GET, &format!("/{id}"), None).await);
    assert_eq!(
        (&seen["before"]["levels"], &seen["after"]["levels"], &seen["may_edit"]),
        (&json!(3), &json!(2), &json!(false))
    );
    assert_eq!(seen["steps"][5]["step"], "merge");

    let input = json!({ "title": "新设", "effective_on": "2027-01-01" });
    assert_eq!(call(&site, "resident", Method::POST, "", Some(input.clone())).await.status, StatusCode::FORBIDDEN);
    let drafted = call(&site, "staff", Method::POST, "", Some(input)).await;
    assert_eq!(drafted.status, StatusCode::CREATED);
    let draft = parsed(&drafted)["id"].as_str().unwrap().to_owned();
    let refused =
        call(&site, "staff", Method::POST, &format!("/{draft}/steps"), Some(json!({ "step": "merge" }))).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let place = seen["steps"][0]["place"].clone();
    let step = json!({ "step": "create", "name": "街道数据部", "kind": "department", "place": place });
    let added = parsed(&call(&site, "staff", Method::POST, &format!("/{draft}/steps"), Some(step)).await);
    let made = added["steps"][0]["organisation"].clone();
    let close = json!({ "step": "close", "organisation": made, "heir": made });
    let faulty = parsed(&call(&site, "staff", Method::POST, &format!("/{draft}/steps"), Some(close)).await);
    assert_eq!((&faulty["faults"][0]["code"], &faulty["faults"][0]["step"]), (&json!("pointless"), &json!(2)));
    let force = format!("/{draft}/put-in-force");
    let refused = call(&site, "staff", Method::POST, &force, None).await;
    assert_eq!(parsed(&refused)["code"], "reorganisation_faulty");
    let good = call(&site, "staff", Method::DELETE, &format!("/{draft}/steps/2"), None).await;
    assert_eq!(parsed(&good)["faults"], json!([]));
    let edited = json!({ "title": "新设数据部", "effective_on": "2027-02-01" });
    let edited = call(&site, "staff", Method::PUT, &format!("/{draft}"), Some(edited)).await;
    assert_eq!(parsed(&edited)["title"], "新设数据部");
    let done = parsed(&call(&site, "staff", Method::POST, &force, None).await);
    assert_eq!((&done["state"], &done["differences"][0]["difference"]), (&json!("in_force"), &json!("founded")));
    let late = call(&site, "staff", Method::POST, &format!("/{draft}/withdraw"), None).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
}
