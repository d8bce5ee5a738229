//! The JSON API: the whole flow, who may and may not, errors, pages of lists, sending again, and its description.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use chrono::{DateTime, Duration, Utc};
use common::{Answer, Site, site};
use serde_json::{Value, json};
use tongxin_app::identity;

/// A program that asks with the token of a login.
struct Program<'a> {
    site: &'a Site,
    token: String,
}

impl<'a> Program<'a> {
    async fn of(site: &'a Site, login: &str) -> Program<'a> {
        let viewer = site.viewer(login).await;
        let token = identity::create_token(&site.app, &viewer, "test").await.unwrap();
        Program { site, token }
    }

    fn guest(site: &'a Site) -> Program<'a> {
        Program { site, token: String::new() }
    }

    async fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(header::ACCEPT_LANGUAGE, "en");
        if !self.token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.site.send(request.body(Body::from(body)).unwrap()).await
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        read(&self.raw("GET", path, &[], String::new()).await)
    }

    async fn send(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        read(&self.raw(method, path, &[("content-type", "application/json")], body).await)
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.send("POST", path, body).await
    }
}

fn read(answer: &Answer) -> (u16, Value) {
    if answer.status.is_client_error() || answer.status.is_server_error() {
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json", "{}", answer.body);
    }
    (answer.status.as_u16(), serde_json::from_str(&answer.body).unwrap_or(Value::Null))
}

fn in_hours(now: DateTime<Utc>, hours: i64) -> String {
    (now + Duration::hours(hours)).to_rfc3339()
}

fn an_intent(now: DateTime<Utc>, title: &str) -> Value {
    json!({
        "category": "medical_care", "care_kind": "material", "title": title, "quantity": 1,
        "from": in_hours(now, -1), "until": in_hours(now, 24 * 20), "visibility": "public",
    })
}

fn id(value: &Value) -> String {
    value["id"].as_str().unwrap_or_else(|| panic!("no id in {value}")).to_owned()
}

#[tokio::test]
async fn the_whole_flow() {
    let site = site().await;
    let now = site.app.now();
    let resident = Program::of(&site, "resident").await;
    let unit = Program::of(&site, "unit").await;
    let worker = Program::of(&site, "worker").await;

    let (status, offer) = unit.post("/api/v1/offers", an_intent(now, "上门量血压")).await;
    assert_eq!(status, 201, "{offer}");
    let (status, need) = resident.post("/api/v1/needs", an_intent(now, "请人上门量血压")).await;
    assert_eq!((status, &need["state"], &need["remaining"]), (201, &json!("open"), &json!(1)), "{need}");
    assert_eq!(resident.get(&format!("/api/v1/offers/{}", id(&need))).await.0, 404);

    let (status, found) = resident.get(&format!("/api/v1/needs/{}/candidates?limit=50", id(&need))).await;
    assert_eq!(status, 200);
    let found = found.as_array().unwrap();
    assert!(found.iter().any(|c| c["intent"]["id"] == offer["id"]), "{found:?}");
    assert!(found.iter().all(|c| !c["reasons"][0]["text"].as_str().unwrap().is_empty()));

    let proposal = json!({ "need": need["id"], "offer": offer["id"], "quantity": 1 });
    let (status, matched) = worker.post("/api/v1/matches", proposal.clone()).await;
    assert_eq!((status, &matched["state"], &matched["asked"]), (201, &json!("proposed"), &json!("offer")), "{matched}");
    let at = format!("/api/v1/matches/{}", id(&matched));
    let (status, problem) = worker.post("/api/v1/matches", proposal).await;
    assert_eq!((status, &problem["code"]), (409, &json!("not_enough_left")));

    let (status, problem) = resident.post(&format!("{at}/accept"), Value::Null).await;
    assert_eq!((status, &problem["code"]), (409, &json!("not_your_step")));
    let (status, accepted) = unit.post(&format!("{at}/accept"), Value::Null).await;
    assert_eq!((status, &accepted["state"]), (200, &json!("accepted")), "{accepted}");
    let when = json!({ "from": in_hours(now, 1), "until": in_hours(now, 2) });
    let (status, arranged) = resident.post(&format!("{at}/arrange"), when).await;
    assert_eq!((status, &arranged["state"]), (200, &json!("arranged")), "{arranged}");
    let done = json!({ "happened_at": in_hours(now, 0), "minutes": 30, "quantity": 1, "note": "血压正常" });
    let (status, delivered) = unit.post(&format!("{at}/deliver"), done).await;
    assert_eq!((status, &delivered["state"]), (200, &json!("delivered")), "{delivered}");

    let delivery = format!("/api/v1/deliveries/{}", id(&delivered["deliveries"][0]));
    if delivered["deliveries"][0]["giver_confirmed_at"].is_null() {
        assert_eq!(unit.post(&format!("{delivery}/confirm"), Value::Null).await.0, 204);
    }
    assert_eq!(unit.post(&format!("{delivery}/rate"), json!({ "rating": 5 })).await.0, 403);
    assert_eq!(resident.post(&format!("{delivery}/confirm"), Value::Null).await.0, 204);
    let (status, problem) = resident.post(&format!("{delivery}/rate"), json!({ "rating": 6 })).await;
    assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!("rating")));
    assert_eq!(resident.post(&format!("{delivery}/rate"), json!({ "rating": 5, "comment": "谢谢" })).await.0, 204);

    let (_, ended) = resident.get(&at).await;
    assert_eq!((&ended["state"], &ended["deliveries"][0]["rating"]), (&json!("confirmed"), &json!(5)), "{ended}");
    let (_, need) = resident.get(&format!("/api/v1/needs/{}", id(&need))).await;
    assert_eq!(need["state"], "met");
}

#[tokio::test]
async fn an_answer_to_a_need_is_declined_and_withdrawn() {
    let site = site().await;
    let now = site.app.now();
    let (resident, unit) = (Program::of(&site, "resident").await, Program::of(&site, "unit").await);
    let (_, need) = resident.post("/api/v1/needs", an_intent(now, "请人陪诊")).await;
    let need = format!("/api/v1/needs/{}", id(&need));
    let (status, matched) = unit.post(&format!("{need}/respond"), json!({ "quantity": 1, "note": "我们来" })).await;
    assert_eq!((status, &matched["asked"]), (201, &json!("need")), "{matched}");
    let (status, problem) = resident.post(&format!("{need}/withdraw"), Value::Null).await;
    assert_eq!((status, &problem["code"]), (409, &json!("live_matches")));
    let at = format!("/api/v1/matches/{}", id(&matched));
    assert_eq!(resident.post(&format!("{at}/decline"), json!({})).await.0, 422);
    let (status, declined) = resident.post(&format!("{at}/decline"), json!({ "reason": "已有人来" })).await;
    assert_eq!((status, &declined["state"]), (200, &json!("declined")));
    let (status, withdrawn) = resident.post(&format!("{need}/withdraw"), Value::Null).await;
    assert_eq!((status, &withdrawn["state"]), (200, &json!("withdrawn")));
    let (status, open) = resident.post(&format!("{need}/reopen"), Value::Null).await;
    assert_eq!((status, &open["state"]), (200, &json!("open")));
    let mut other = an_intent(now, "请人陪诊两次");
    other["quantity"] = json!(2);
    let (status, edited) = resident.send("PUT", &need, other).await;
    assert_eq!((status, &edited["quantity"]), (200, &json!(2)), "{edited}");
}

#[tokio::test]
async fn a_run_is_started_shown_and_decided_once() {
    let site = site().await;
    let staff = Program::of(&site, "staff").await;
    let (_, tree) = staff.get("/api/v1/places").await;
    let (status, run) = staff.post("/api/v1/runs", json!({ "place": tree["id"] })).await;
    assert_eq!((status, &run["state"]), (201, &json!("proposed")), "{run}");
    let at = format!("/api/v1/runs/{}", id(&run));
    assert!(!run["proposals"].as_array().unwrap().is_empty());
    let (status, decided) = staff.post(&format!("{at}/decide"), json!({ "decision": "some", "positions": [0] })).await;
    assert_eq!((status, &decided["accepted"]), (200, &json!(1)), "{decided}");
    let (status, problem) = staff.post(&format!("{at}/decide"), json!({ "decision": "all" })).await;
    assert_eq!((status, &problem["code"]), (409, &json!("already_decided")));
    let (status, runs) = staff.get("/api/v1/runs").await;
    assert_eq!((status, &runs["items"][0]["state"]), (200, &json!("decided")));
    let resident = Program::of(&site, "resident").await;
    assert_eq!(resident.post("/api/v1/runs", json!({ "place": tree["id"] })).await.0, 403);
    assert_eq!(resident.get(&at).await.0, 403);
}

#[tokio::test]
async fn who_may_and_who_may_not() {
    let site = site().await;
    let guest = Program::guest(&site);
    for (path, status) in [
        ("/api/v1/needs", 200),
        ("/api/v1/places", 200),
        ("/api/v1/overview", 200),
        ("/api/v1/me", 401),
        ("/api/v1/members", 401),
        ("/api/v1/matches", 401),
        ("/api/v1/records", 401),
        ("/api/v1/accounts", 401),
    ] {
        assert_eq!(guest.get(path).await.0, status, "{path}");
    }
    let stranger = Program { site: &site, token: "tx_nobody".to_owned() };
    assert_eq!(stranger.get("/api/v1/needs").await.0, 401);
    // What changes something needs a token: a session alone will not do.
    let (cookie, _) = site.session("resident").await;
    let body = an_intent(site.app.now(), "请人读报").to_string();
    let headers = [("cookie", cookie.as_str()), ("content-type", "application/json")];
    assert_eq!(guest.raw("POST", "/api/v1/needs", &headers, body).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(guest.raw("GET", "/api/v1/me", &headers, String::new()).await.status, StatusCode::OK);

    for (login, paths) in [
        ("resident", [("today", 403), ("records", 403), ("accounts", 403), ("matches?as=staff", 403), ("runs", 403)]),
        ("unit", [("today", 403), ("records", 403), ("accounts", 403), ("matches?as=staff", 403), ("runs", 403)]),
        ("worker", [("today", 200), ("records", 403), ("accounts", 403), ("matches?as=staff", 200), ("runs", 200)]),
        ("staff", [("today", 200), ("records", 200), ("accounts", 200), ("matches?as=staff", 200), ("runs", 200)]),
    ] {
        let program = Program::of(&site, login).await;
        for (path, status) in paths {
            assert_eq!(program.get(&format!("/api/v1/{path}")).await.0, status, "{login} {path}");
        }
        let (_, me) = program.get("/api/v1/me").await;
        assert_eq!(me["login"], login);
    }
    // A guest learns of no person.
    let (_, list) = guest.get("/api/v1/needs?size=100").await;
    assert!(list["items"].as_array().unwrap().iter().all(|i| i["member"]["kind"] != "person"));
    assert!(list["items"].as_array().unwrap().iter().all(|i| i["visibility"] == "public"));
}

#[tokio::test]
async fn staff_keep_members_places_accounts_and_tokens() {
    let site = site().await;
    let staff = Program::of(&site, "staff").await;
    let (_, tree) = staff.get("/api/v1/places").await;
    let area = id(&tree["children"][0]);
    let place = json!({ "parent": area, "kind": "building_group", "code": "MLY-99", "name": "新楼组" });
    let (status, place) = staff.post("/api/v1/places", place).await;
    assert_eq!(status, 201, "{place}");
    let at = format!("/api/v1/places/{}", id(&place));
    let (status, renamed) = staff.send("PUT", &at, json!({ "code": "MLY-99", "name": "梅园楼组" })).await;
    assert_eq!((status, &renamed["name"]), (200, &json!("梅园楼组")));

    let new = json!({ "kind": "person", "place": place["id"], "name": "顾阿婆", "phone": "62480001" });
    let (status, member) = staff.post("/api/v1/members", new).await;
    assert_eq!((status, &member["phone"]), (201, &json!("62480001")), "{member}");
    let (_, found) = staff.get("/api/v1/members?q=guapo").await;
    assert_eq!(found["total"], 1, "{found}");
    let resident = Program::of(&site, "resident").await;
    let (_, seen) = resident.get(&format!("/api/v1/members/{}", id(&member))).await;
    assert!(seen["phone"].is_null() && seen["person"].is_null(), "{seen}");
    let changed = json!({ "name": "顾阿婆", "phone": "62480002" });
    assert_eq!(resident.send("PUT", &format!("/api/v1/members/{}", id(&member)), changed.clone()).await.0, 403);
    let (status, changed) = staff.send("PUT", &format!("/api/v1/members/{}", id(&member)), changed).await;
    assert_eq!((status, &changed["phone"]), (200, &json!("62480002")));

    let account = json!({ "person": member["id"], "login": "gu.apo", "password": "long enough 1" });
    let (status, account) = staff.post("/api/v1/accounts", account).await;
    assert_eq!(status, 201, "{account}");
    let at = format!("/api/v1/accounts/{}", id(&account));
    let (_, units) = staff.get("/api/v1/members?kind=organisation&size=1").await;
    let post = json!({ "organisation": units["items"][0]["id"], "kind": "staff", "title": "值班员" });
    let (status, post) = staff.post("/api/v1/posts", post).await;
    assert_eq!((status, &post["kind"]), (201, &json!("staff")), "{post}");
    let appointed = json!({ "person": member["id"] });
    let (status, _) = staff.post(&format!("/api/v1/posts/{}/appointments", id(&post)), appointed).await;
    assert_eq!(status, 201);
    let (_, held) = staff.get(&format!("/api/v1/members/{}/posts", id(&member))).await;
    assert!(held.to_string().contains("值班员"), "{held}");
    let (_, off) = staff.post(&format!("{at}/disable"), Value::Null).await;
    assert_eq!(off["disabled"], true);
    let (_, on) = staff.post(&format!("{at}/enable"), Value::Null).await;
    assert_eq!(on["disabled"], false);
    let (_, accounts) = staff.get("/api/v1/accounts?q=gu.apo").await;
    assert!(!accounts.to_string().contains("argon2") && !accounts.to_string().contains("password"));

    let (status, made) = resident.post("/api/v1/tokens", json!({ "name": "脚本" })).await;
    assert_eq!(status, 201);
    let second = Program { site: &site, token: made["token"].as_str().unwrap().to_owned() };
    assert_eq!(second.get("/api/v1/me").await.0, 200);
    let (_, tokens) = resident.get("/api/v1/tokens").await;
    let token = tokens.as_array().unwrap().iter().find(|t| t["name"] == "脚本").unwrap();
    assert_eq!(resident.send("DELETE", &format!("/api/v1/tokens/{}", id(token)), Value::Null).await.0, 204);
    assert_eq!(second.get("/api/v1/me").await.0, 401);

    let (status, verified) = staff.get("/api/v1/records/verify").await;
    assert_eq!((status, verified["broken_at"].is_null()), (200, true), "{verified}");
    let (_, records) = staff.get("/api/v1/records?action=token.").await;
    assert!(records["items"].as_array().unwrap().iter().all(|r| r["action"].as_str().unwrap().starts_with("token.")));
}

#[tokio::test]
async fn what_does_not_fit_is_refused_with_a_problem() {
    let site = site().await;
    let resident = Program::of(&site, "resident").await;
    let json_kind = [("content-type", "application/json")];
    let raw = |body: &str| resident.raw("POST", "/api/v1/needs", &json_kind, body.to_owned());
    for (answer, status, code) in [
        (raw("{").await, 400, "json-syntax"),
        (raw("").await, 400, "json-syntax"),
        (raw("[1]").await, 422, "json-data"),
        (raw(r#"{"quantity": "two"}"#).await, 422, "json-data"),
        (raw(r#"{"state": "met"}"#).await, 422, "json-data"),
        (
            resident.raw("POST", "/api/v1/needs", &[("content-type", "text/plain")], "{}".into()).await,
            415,
            "media-type",
        ),
        (resident.raw("POST", "/api/v1/needs", &[], "{}".into()).await, 415, "media-type"),
        (resident.raw("GET", "/api/v1/nowhere", &[], String::new()).await, 404, "not-found"),
        (resident.raw("GET", "/api/v1/needs/7", &[], String::new()).await, 404, "not-found"),
        (resident.raw("PATCH", "/api/v1/needs", &[], String::new()).await, 405, "method-not-allowed"),
        (resident.raw("GET", "/api/v1/needs?colour=red", &[], String::new()).await, 400, "bad-query"),
        (resident.raw("GET", "/api/v1/needs?page=two", &[], String::new()).await, 400, "bad-query"),
        (resident.raw("GET", "/api/v1/needs?state=gone", &[], String::new()).await, 422, "invalid"),
        (raw(&format!("\"{}\"", "x".repeat(1 << 20))).await, 413, "too-large"),
    ] {
        let (got, problem) = read(&answer);
        assert_eq!((got, &problem["code"]), (status, &json!(code)), "{problem}");
        assert_eq!(problem["status"], status);
        assert_eq!(problem["type"], format!("/api/docs#problem-{code}"));
    }
    let (_, problem) = resident.post("/api/v1/needs", json!({ "state": "met" })).await;
    assert_eq!(problem["errors"][0]["field"], "state");
    let (status, problem) = resident.post("/api/v1/needs", json!({ "category": "gardening", "quantity": 0 })).await;
    assert_eq!(status, 422);
    let fields: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
    for field in ["category", "care_kind", "title", "from", "quantity"] {
        assert!(fields.contains(&field), "{field} in {fields:?}");
    }
}

#[tokio::test]
async fn pages_lead_on_and_back() {
    let site = site().await;
    let resident = Program::of(&site, "resident").await;
    let link =
        |headers: &HeaderMap| headers.get(header::LINK).map_or(String::new(), |v| v.to_str().unwrap().to_owned());
    let first = resident.raw("GET", "/api/v1/needs?state=open&size=5", &[], String::new()).await;
    assert_eq!(link(&first.headers), r#"</api/v1/needs?state=open&size=5&page=2>; rel="next""#);
    let (_, page) = read(&first);
    assert_eq!((page["items"].as_array().unwrap().len(), &page["page"], &page["size"]), (5, &json!(1), &json!(5)));
    let mut seen = BTreeSet::new();
    let mut path = "/api/v1/needs?state=open&size=100".to_owned();
    let total = loop {
        let answer = resident.raw("GET", &path, &[], String::new()).await;
        let (_, page) = read(&answer);
        for item in page["items"].as_array().unwrap() {
            assert!(seen.insert(id(item)), "twice: {item}");
            assert_eq!(item["state"], "open");
        }
        match link(&answer.headers).split(", ").find(|l| l.contains("rel=\"next\"")) {
            Some(next) => path = next[1..next.find('>').unwrap()].to_owned(),
            None => break page["total"].as_u64().unwrap(),
        }
    };
    assert_eq!(u64::try_from(seen.len()).unwrap(), total);
    let (_, huge) = resident.get("/api/v1/needs?size=100000").await;
    assert_eq!(huge["size"], 100);
}

#[tokio::test]
async fn a_request_sent_again_is_done_once() {
    let site = site().await;
    let resident = Program::of(&site, "resident").await;
    let body = an_intent(site.app.now(), "请人修灯").to_string();
    let headers = [("content-type", "application/json"), ("idempotency-key", "lamp-1")];
    let ask = |body: String| resident.raw("POST", "/api/v1/needs", &headers, body);
    let mine = || async {
        let (_, me) = resident.get("/api/v1/me").await;
        resident.get(&format!("/api/v1/needs?member={}", id(&me["person"]))).await.1["total"].as_u64().unwrap()
    };
    let before = mine().await;
    // At once, and one after another.
    let (first, second) = tokio::join!(ask(body.clone()), ask(body.clone()));
    let third = ask(body.clone()).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
    for again in [&second, &third] {
        assert_eq!((again.status, &again.body), (first.status, &first.body));
        assert_eq!(again.location(), first.location());
    }
    assert_eq!(third.headers["idempotent-replayed"], "true");
    assert_eq!(mine().await, before + 1);
    let other = an_intent(site.app.now(), "请人修门").to_string();
    let (status, problem) = read(&ask(other.clone()).await);
    assert_eq!((status, &problem["code"]), (409, &json!("idempotency_key_reused")));
    // Another account's key is another key.
    let unit = Program::of(&site, "unit").await;
    assert_eq!(unit.raw("POST", "/api/v1/needs", &headers, other).await.status, StatusCode::CREATED);
    let long = "k".repeat(101);
    let headers = [("content-type", "application/json"), ("idempotency-key", long.as_str())];
    let (status, problem) = read(&resident.raw("POST", "/api/v1/needs", &headers, body).await);
    assert_eq!((status, &problem["code"]), (400, &json!("bad-idempotency-key")));
    // What was refused may be tried again under its key.
    let headers = [("content-type", "application/json"), ("idempotency-key", "lamp-2")];
    assert_eq!(read(&resident.raw("POST", "/api/v1/needs", &headers, "{}".into()).await).0, 422);
    let body = an_intent(site.app.now(), "请人修窗").to_string();
    assert_eq!(resident.raw("POST", "/api/v1/needs", &headers, body).await.status, StatusCode::CREATED);
    // A token leaves no trace.
    let headers = [("content-type", "application/json"), ("idempotency-key", "token-1")];
    let token = || resident.raw("POST", "/api/v1/tokens", &headers, json!({ "name": "x" }).to_string());
    assert_ne!(token().await.body, token().await.body);
}

/// What may find nothing although it has no id in its path: one's own membership, and the reasons of an action on something.
const OF_SOMETHING: [&str; 2] = ["/api/v1/party/me", "/api/v1/why"];
/// An id that nothing has.
const NOBODY: &str = "01930000-0000-7000-8000-000000000000";

#[tokio::test]
async fn the_description_is_true() {
    let site = site().await;
    let staff = Program::of(&site, "staff").await;
    let (status, document) = staff.get("/api/openapi.json").await;
    assert_eq!(status, 200);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut ids = BTreeSet::new();
    let mut paths: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(name.to_owned()), "{name} twice");
            assert!(!operation["summary"].as_str().unwrap().is_empty());
            paths.entry(path.clone()).or_default().push(format!("{} {name}", method.to_uppercase()));
            let parts = path.split('/').map(|part| if part.starts_with('{') { NOBODY } else { part });
            let concrete = parts.collect::<Vec<_>>().join("/");
            let answer = staff.raw(&method.to_uppercase(), &concrete, &[], String::new()).await;
            let known = answer.status != StatusCode::METHOD_NOT_ALLOWED
                && (answer.status != StatusCode::NOT_FOUND
                    || path.contains('{')
                    || OF_SOMETHING.contains(&path.as_str()));
            assert!(known && !answer.status.is_server_error(), "{method} {path}: {} {}", answer.status, answer.body);
        }
    }
    // Every reference leads to a schema.
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for part in document.to_string().split("\"#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "no schema {name}");
    }
    for internal in ["password_hash", "csrf", "token_hash"] {
        assert!(!document.to_string().contains(internal), "{internal}");
    }
    insta::assert_json_snapshot!("paths", paths);
}

#[tokio::test]
async fn the_page_describes_every_operation_in_both_languages() {
    let site = site().await;
    for (lang, word) in [("en", "Getting started"), ("zh-Hans", "开始使用")] {
        let page = site.get_in("", "/api/docs", lang).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains(word) && !page.body.contains("api-tag-"), "{lang}");
        for anchor in ["listNeeds", "rateDelivery", "schema-IntentInput", "problem-invalid", "problem-wrong_state"] {
            assert!(page.body.contains(&format!("id=\"{anchor}\"")), "{lang} {anchor}");
        }
        // Every link within the page leads somewhere.
        for link in page.body.split("href=\"#").skip(1) {
            let target = link.split('"').next().unwrap();
            assert!(page.body.contains(&format!("id=\"{target}\"")), "{lang} #{target}");
        }
    }
}
