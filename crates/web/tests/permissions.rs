//! Who may do what, as one table: every action on representative things, and every route of pages and API, for every kind
//! of sample post. The table is `policies/PERMISSIONS.md`, which is read whenever it changes. To write it anew:
//! `TONGXIN_WRITE_PERMISSIONS=1 cargo test -p tongxin-web --test permissions`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails says so")]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use common::{Answer, Site, import_sample, site_of, whole};
use serde_json::{Value, json};
use tempfile::TempDir;
use tongxin_app::{App, Outside, identity, policy::Resource};
use tongxin_core::{community::structure::Structure, id::CountingIds, service::Side, time::ManualClock};
use tongxin_store::{
    Store,
    community::{post as posts, structure},
    people,
    service::matches,
};
use uuid::Uuid;

/// Who asks: the sign-in name in the sample, and the heading of the column.
const KINDS: [(&str, &str); 9] = [
    ("", "guest"),
    ("resident", "resident"),
    ("unit", "unit"),
    ("worker", "social worker"),
    ("secretary", "area secretary"),
    ("branch", "branch secretary"),
    ("committee", "committee secretary"),
    ("staff", "subdistrict staff"),
    ("delegate", "delegate"),
];
const TABLE: &str = "../../policies/PERMISSIONS.md";

/// A day on which the sample's delegation lasts. Everything repeats exactly: ids are counted.
fn outside() -> Outside {
    let clock = Arc::new(ManualClock::at("2026-11-25T02:00:00Z".parse().unwrap()));
    Outside { clock, ids: Arc::new(CountingIds::default()), ..Outside::default() }
}

/// The imported sample in which everyone has signed in and made a token.
struct Sample {
    folder: TempDir,
    sessions: BTreeMap<&'static str, String>,
    tokens: BTreeMap<&'static str, String>,
}

impl Sample {
    async fn new() -> Self {
        let folder = import_sample(outside()).await;
        let store = Store::open(&format!("sqlite:{}", folder.path().join("tongxin.db").display())).await.unwrap();
        let app = App::open(store, Outside { ids: Outside::default().ids, ..outside() }).await.unwrap();
        let (mut sessions, mut tokens) = (BTreeMap::new(), BTreeMap::new());
        for (login, _) in KINDS.into_iter().skip(1) {
            let session = identity::sign_in(&app, login, "tongxin-demo").await.unwrap();
            let who = app.viewer(Some(&session)).await.unwrap();
            tokens.insert(login, identity::create_token(&app, &who, "table").await.unwrap());
            sessions.insert(login, session);
        }
        drop(app);
        whole(&folder).await;
        Self { folder, sessions, tokens }
    }

    /// A site on a copy of it, as nobody has touched it.
    async fn fresh(&self) -> Site {
        // Counted ids would begin anew, and meet those that are there.
        let site = site_of(&self.folder, Outside { ids: Outside::default().ids, ..outside() }).await;
        for (login, session) in &self.sessions {
            site.enter(login, session).await;
        }
        site
    }
}

/// The things that stand for all of their kind.
struct Things {
    ids: BTreeMap<&'static str, Uuid>,
    resources: Vec<(&'static str, OwnResource)>,
}

enum OwnResource {
    Place(Uuid),
    Member(Uuid, tongxin_core::community::Location),
    Organisation(Uuid, Vec<Uuid>, Uuid),
    Intent(tongxin_core::service::Intent),
    Match { id: Uuid, giver: Uuid, receiver: Uuid, place: Uuid },
}

impl OwnResource {
    fn get(&self) -> Resource<'_> {
        match self {
            Self::Place(id) => Resource::Place(*id),
            Self::Member(id, location) => Resource::Member(*id, *location),
            Self::Organisation(id, line, place) => Resource::Organisation { id: *id, line, place: *place },
            Self::Intent(intent) => Resource::Intent(intent),
            Self::Match { id, giver, receiver, place } => {
                Resource::Match { id: *id, giver: *giver, receiver: *receiver, place: *place }
            }
        }
    }
}

async fn things(sample: &Sample, site: &Site) -> Things {
    let store = Store::open(&format!("sqlite:{}", sample.folder.path().join("tongxin.db").display())).await.unwrap();
    let (c, community) = (store.read(), site.app.community_id());
    let today = site.app.today();
    let territory = site.app.territory().await.unwrap();
    let codes = people::ids_by_code(c, community).await.unwrap();
    let place = |code: &str| territory.in_order().iter().find(|p| p.code == code).unwrap().id;
    let line = Structure::new(today, structure::standings_on(c, community, today).await.unwrap());
    let organisation = |code: &str| {
        let id = codes[code];
        let standing = line.get(id).unwrap();
        OwnResource::Organisation(
            id,
            line.above(id).iter().map(|above| above.organisation).collect(),
            standing.location.place,
        )
    };
    let mut ids = BTreeMap::from([
        ("root", territory.root()),
        ("area", place("MLY")),
        ("other area", place("HS")),
        ("resident", codes["P001"]),
        ("other resident", codes["P161"]),
        ("unit", codes["O025"]),
        ("branch", codes["O030"]),
        ("general branch", codes["O029"]),
        ("department", codes["O006"]),
    ]);
    let member = async |code: &str| {
        let member = people::member(c, community, codes[code]).await.unwrap().unwrap();
        OwnResource::Member(member.id, member.location)
    };
    let mut resources = vec![
        ("the community", OwnResource::Place(territory.root())),
        ("area 美丽园", OwnResource::Place(place("MLY"))),
        ("area 华山", OwnResource::Place(place("HS"))),
        ("resident 沈慧芳 (美丽园)", member("P001").await),
        ("resident (华山)", member("P161").await),
        ("hotel as a member", member("O025").await),
        ("hotel (美丽园)", organisation("O025")),
        ("department 党群工作部", organisation("O006")),
        ("general branch 美丽园", organisation("O029")),
        ("branch 美丽园第一支部", organisation("O030")),
        ("general branch 华山", organisation("O037")),
    ];
    let mine = matches::MatchFilter { members: Some(vec![codes["P001"]]), ..matches::MatchFilter::default() };
    let all = tongxin_store::Slice { offset: 0, limit: 1 };
    let stored = matches::list(c, community, &mine, all).await.unwrap().rows.remove(0);
    let life = &stored.life;
    ids.insert("match", life.id);
    ids.insert("need", life.need);
    ids.insert("offer", life.offer);
    let need = tongxin_store::service::intents::intent(c, community, life.need).await.unwrap().unwrap();
    for (name, id, side) in
        [("need of the match", life.need, Side::Need), ("offer of the match", life.offer, Side::Offer)]
    {
        let intent = tongxin_store::service::intents::intent(c, community, id).await.unwrap().unwrap();
        assert_eq!(intent.side, side);
        resources.push((name, OwnResource::Intent(intent)));
    }
    let of_need =
        OwnResource::Match { id: life.id, giver: life.giver, receiver: life.receiver, place: need.location.place };
    resources.push(("match of 沈慧芳", of_need));
    let deliveries = matches::deliveries_of(c, community, &[life.id]).await.unwrap();
    ids.insert("delivery", deliveries.into_values().flatten().next().map_or(Uuid::nil(), |delivery| delivery.id));
    let post = posts::posts_of(c, community, &[codes["O029"]]).await.unwrap().remove(0);
    let held = posts::HoldingFilter { posts: Some(vec![post.id]), on: Some(today), persons: None };
    ids.insert("post", post.id);
    ids.insert("appointment", posts::holdings(c, community, &held).await.unwrap()[0].appointment.id);
    let lent = posts::delegations(c, community, &posts::DelegationFilter::default()).await.unwrap();
    ids.insert("delegation", lent[0].id);
    let account = tongxin_store::identity::account_by_login(c, community, "resident-02").await.unwrap().unwrap();
    ids.insert("account", account.id);
    Things { ids, resources }
}

/// Every action on every thing to which it is done.
async fn actions(site: &Site, things: &Things, out: &mut String) {
    head(out, "Action and thing", "");
    for action in tongxin_app::policy::why::action_names().unwrap() {
        let mut tried = false;
        for (name, thing) in &things.resources {
            let mut cells = Vec::new();
            for (login, _) in KINDS {
                let who = site.viewer(login).await;
                // An action that is not done to such a thing is an error of the program.
                let Ok(capacity) = site.app.may(&who, &action, thing.get()).await else { break };
                cells.push(capacity.map_or("–".to_owned(), |capacity| {
                    let on_behalf = if capacity.on_behalf_of.is_some() { " (delegated)" } else { "" };
                    format!("{}{on_behalf}", capacity.word)
                }));
            }
            if cells.len() == KINDS.len() {
                writeln!(out, "| {action}: {name} | {} |", cells.join(" | ")).unwrap();
                tried = true;
            }
        }
        assert!(tried, "{action} is done to nothing in the table");
    }
}

fn head(out: &mut String, first: &str, note: &str) {
    let names: Vec<&str> = KINDS.iter().map(|(_, name)| *name).collect();
    writeln!(out, "{note}\n| {first} | {} |", names.join(" | ")).unwrap();
    writeln!(out, "|{}", " --- |".repeat(KINDS.len() + 1)).unwrap();
}

/// The routes of the pages, read from the routers themselves, so that none is left out.
fn page_routes() -> BTreeSet<(String, &'static str)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files: Vec<PathBuf> = vec![source.join("stack.rs"), source.join("lib.rs")];
    let mut folders = vec![source.join("pages")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    let mut routes = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        for piece in text.split(".route(").skip(1) {
            let piece = piece.trim_start();
            // Needs and offers share their routes; see `pages::intents::of_side`.
            let (paths, rest): (Vec<String>, &str) = if let Some(rest) = piece.strip_prefix("base,") {
                (vec!["/needs".into(), "/offers".into()], rest)
            } else if let Some(rest) = piece.strip_prefix("&at(\"") {
                let (end, rest) = rest.split_once('"').unwrap();
                (vec![format!("/needs{end}"), format!("/offers{end}")], rest)
            } else {
                let quoted = piece.strip_prefix('"').unwrap_or_else(|| panic!("{}: {piece:.40}", file.display()));
                let (path, rest) = quoted.split_once('"').unwrap();
                (vec![path.to_owned()], rest)
            };
            let handlers = rest.split("\n        .").next().unwrap().split('}').next().unwrap();
            for (word, method) in [("get(", "GET"), ("post(", "POST"), ("put(", "PUT"), ("delete(", "DELETE")] {
                if handlers.contains(word) {
                    routes.extend(paths.iter().map(|path| (path.clone(), method)));
                }
            }
        }
    }
    routes
}

/// The routes of the API, from its description; a test of the API says that none is left out there.
fn api_routes() -> BTreeSet<(String, &'static str)> {
    let document = serde_json::to_value(tongxin_web::api::document()).unwrap();
    let mut routes = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (key, method) in [("get", "GET"), ("post", "POST"), ("put", "PUT"), ("delete", "DELETE")] {
            if item.get(key).is_some() {
                routes.insert((path.clone(), method));
            }
        }
    }
    routes
}

/// The path with what stands for all things of its kind.
fn filled(things: &Things, path: &str) -> String {
    let word = path.trim_start_matches("/api/v1").split('/').nth(1).unwrap_or_default();
    let thing = match word {
        "needs" => "need",
        "offers" => "offer",
        "matches" => "match",
        "deliveries" => "delivery",
        "members" => "resident",
        "places" | "areas" => "area",
        "organisations" => "unit",
        "posts" => "post",
        "appointments" => "appointment",
        "delegations" => "delegation",
        "accounts" => "account",
        "party" if path.contains("members") => "resident",
        "party" => "branch",
        _ => "",
    };
    let main = things.ids.get(thing).copied().unwrap_or(Uuid::nil());
    let mut out = String::new();
    for part in path.split_inclusive('/') {
        let name = part.trim_end_matches('/');
        let value = match name {
            "{appointment}" => things.ids["appointment"].to_string(),
            "{id}" | "{person}" => main.to_string(),
            "{from}" => "1900-01-01".to_owned(),
            "{*path}" => "app.css".to_owned(),
            _ if name.starts_with('{') => Uuid::nil().to_string(),
            _ => name.to_owned(),
        };
        out.push_str(&value);
        if part.ends_with('/') {
            out.push('/');
        }
    }
    if path == "/posts/new" {
        out = format!("{out}?organisation={}", things.ids["unit"]);
    }
    out
}

/// Fields that any form may take: enough for a use case to be asked, so that its answer is the policy's.
fn fields(things: &Things) -> Vec<(&'static str, String)> {
    let resident = things.ids["other resident"].to_string();
    let mut fields: Vec<(&str, String)> = vec![
        ("login", "permission-table".into()),
        ("password", "a long password".into()),
        ("reason", "x".into()),
        ("title", "x".into()),
        ("name", "x".into()),
        ("quantity", "1".into()),
        ("minutes", "30".into()),
        ("rating", "5".into()),
        ("happened_at", "2026-11-24T09:00".into()),
        ("from", "2026-12-01".into()),
        ("until", "2026-12-20".into()),
    ];
    for name in ["person", "to", "member", "need", "offer"] {
        fields.push((name, resident.clone()));
    }
    fields.push(("place", things.ids["area"].to_string()));
    fields
}

/// A body that has the shape that the API asks for.
fn body(document: &Value, path: &str, method: &str, things: &Things) -> Option<Value> {
    let operation = &document["paths"][path][method.to_lowercase()];
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    (!schema.is_null()).then(|| example(document, schema, things))
}

fn example(document: &Value, schema: &Value, things: &Things) -> Value {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return example(document, &document["components"]["schemas"][name], things);
    }
    if let Some(first) = schema["enum"].as_array().and_then(|values| values.first()) {
        return first.clone();
    }
    if let Some(first) = ["oneOf", "anyOf", "allOf"].iter().find_map(|key| schema[*key].as_array()?.first()) {
        return example(document, first, things);
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap_or("object");
    match (kind, schema["format"].as_str()) {
        ("string", Some("uuid")) => json!(things.ids["area"]),
        ("string", Some("date")) => json!("2026-12-01"),
        ("string", Some("date-time")) => json!("2026-12-01T02:00:00Z"),
        ("string", Some("password")) => json!("a long password"),
        ("string", _) => json!("x"),
        ("integer" | "number", _) => json!(1),
        ("boolean", _) => json!(false),
        ("array", _) => json!([example(document, &schema["items"], things)]),
        _ => {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let names = required.iter().filter_map(Value::as_str);
            let fields = names.map(|name| (name.to_owned(), example(document, &schema["properties"][name], things)));
            Value::Object(fields.collect())
        }
    }
}

/// What a status says of the right to ask: `✓` may, `sign in`, `–` forbidden, `404` not there for this viewer.
fn cell(answer: &Answer) -> &'static str {
    match answer.status.as_u16() {
        401 => "sign in",
        303 if answer.location().starts_with("/sign-in") => "sign in",
        403 => "–",
        404 => "404",
        500.. => "error",
        _ => "✓",
    }
}

async fn ask(
    (sample, site): (&Sample, &Site),
    login: &'static str,
    (path, method): (&str, &str),
    things: &Things,
) -> Answer {
    let target = filled(things, path);
    let mut request = Request::builder().method(method.parse::<Method>().unwrap()).uri(&target);
    if path.starts_with("/api/") {
        if let Some(token) = sample.tokens.get(login) {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let document = serde_json::to_value(tongxin_web::api::document()).unwrap();
        let body = body(&document, path, method, things);
        let request = request.header(header::CONTENT_TYPE, "application/json");
        let body = body.map_or(Body::empty(), |body| Body::from(body.to_string()));
        return site.send(request.body(body).unwrap()).await;
    }
    if method == "GET" {
        return site.get_in(login, &target, "zh-Hans").await;
    }
    let fields = fields(things);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    site.post_answer(login, &target, &fields).await
}

/// Every route for everyone. What changed something is asked of the pristine sample again.
async fn routes(sample: &Sample, things: &Things, all: BTreeSet<(String, &'static str)>, out: &mut String) {
    let mut site = sample.fresh().await;
    for (path, method) in all {
        let mut cells = Vec::new();
        for (login, _) in KINDS {
            let answer = ask((sample, &site), login, (&path, method), things).await;
            assert!(!answer.status.is_server_error(), "{method} {path} for {login:?}: {}", answer.status);
            cells.push(cell(&answer));
            if method != "GET" && !answer.status.is_client_error() {
                site = sample.fresh().await;
            }
        }
        writeln!(out, "| {method} {path} | {} |", cells.join(" | ")).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_table_is_what_was_reviewed() {
    let sample = Sample::new().await;
    let site = sample.fresh().await;
    let things = things(&sample, &site).await;
    let mut out = String::from(
        "# Who may do what\n\nMade by `crates/web/tests/permissions.rs` from the policies, the routes and the sample \
         community on 25 November 2026. Read every change of it: it is a change of somebody's rights.\n\n\
         The committee secretary of the sample is a deputy secretary of the working committee too; the delegate is a \
         full-time Party worker who acts for the secretary of 华山 while that one is away.\n\n## Actions\n\nThe capacity in \
         which each may do it; – is no.\n",
    );
    actions(&site, &things, &mut out).await;
    out.push_str(
        "\n## Pages\n\n✓ is answered (or the input is told wrong, which comes after the right); “sign in” asks for an \
         account; – is forbidden, which a form without a session's token is too; 404 is not there for this viewer. A thing stands for all of its kind: those of 美丽园.\n",
    );
    head(&mut out, "Route", "");
    routes(&sample, &things, page_routes(), &mut out).await;
    out.push_str("\n## API\n");
    head(&mut out, "Route", "");
    routes(&sample, &things, api_routes(), &mut out).await;

    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(TABLE);
    if std::env::var_os("TONGXIN_WRITE_PERMISSIONS").is_some() {
        std::fs::write(&file, &out).unwrap();
    }
    let reviewed = std::fs::read_to_string(&file).unwrap_or_default();
    let differences: Vec<&str> = out.lines().filter(|line| !reviewed.lines().any(|known| known == *line)).collect();
    assert!(reviewed == out, "not as reviewed in policies/PERMISSIONS.md:\n{}", differences.join("\n"));
}

/// Each policy and each action has its words in both languages.
#[test]
fn policies_and_actions_have_words() {
    use tongxin_app::policy::why::{action_names, policy_ids};
    use tongxin_web::i18n::Locale;
    let keys = policy_ids().unwrap().into_iter().map(|id| format!("policy-{id}"));
    for key in keys.chain(action_names().unwrap().into_iter().map(|name| format!("action-word-{name}"))) {
        for locale in Locale::ALL {
            assert!(locale.has(&key), "{}: {key}", locale.tag());
        }
    }
}

/// What takes no such form: signing in and the choice of language, which a guest does too, and the upload of a file, whose own test says so.
const OTHER_FORMS: [&str; 3] = ["/locale", "/sign-in", "/rosters"];

#[tokio::test]
async fn no_form_is_taken_without_the_token_of_its_session() {
    let site = common::site().await;
    let mut asked = 0;
    for (path, _) in page_routes().into_iter().filter(|(path, method)| *method == "POST" && !path.starts_with("/api/"))
    {
        if OTHER_FORMS.contains(&path.as_str()) {
            continue;
        }
        let part = |part: &str| match part {
            "{from}" => "1900-01-01".to_owned(),
            "{number}" => "1".to_owned(),
            "{step}" if !path.starts_with("/party/") => "accept".to_owned(),
            _ if part.starts_with('{') => Uuid::nil().to_string(),
            _ => part.to_owned(),
        };
        let path = path.split('/').map(part).collect::<Vec<_>>().join("/");
        let answer = site.post_with_token("staff", &path, "forged", &[]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}: {}", answer.body);
        assert!(answer.body.contains("页面已过期或来源不明"), "{path}: {}", answer.body);
        asked += 1;
    }
    assert!(asked > 60, "{asked}");
}
