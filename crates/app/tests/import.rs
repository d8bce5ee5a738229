//! Imports: the sample community on both databases, and folders with mistakes.

#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

use std::{path::PathBuf, sync::Arc};

use chrono::{DateTime, Utc};
use tongxin_app::{
    App, Outside, Slice, Viewer,
    community::{reorganisation, structure::Difference},
    import::{self, Folder, ImportError, Report},
    record,
};
use tongxin_core::{
    community::history::History,
    people::MemberKind,
    service::{IntentState, MatchState, Side},
    time::ManualClock,
};
use tongxin_store::{
    ConnectionTrait, Store,
    community::structure,
    people::{Balance, MemberFilter},
    service::{
        Sight,
        intents::{self, IntentFilter},
        matches::{self, MatchFilter},
    },
};

const ALL: Slice = Slice { offset: 0, limit: 10_000 };

fn sample(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../samples").join(name)
}

fn outside() -> Outside {
    let now: DateTime<Utc> = "2026-11-24T02:00:00Z".parse().unwrap();
    Outside { clock: Arc::new(ManualClock::at(now)), ..Outside::default() }
}

async fn sqlite() -> (Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("t.db").display());
    let store = Store::open(&url).await.unwrap();
    store.migrate().await.unwrap();
    (store, folder)
}

/// A database of its own on the suite's PostgreSQL; none when there is none.
async fn postgres(name: &str) -> Option<Store> {
    let Ok(base) = std::env::var("TONGXIN_TEST_POSTGRES") else {
        assert!(std::env::var("TONGXIN_TEST_REQUIRE_ALL").is_err(), "TONGXIN_TEST_POSTGRES is not set");
        eprintln!("skipped: TONGXIN_TEST_POSTGRES is not set");
        return None;
    };
    let admin = Store::open(&base).await.unwrap();
    let database = format!("import_{name}_{}", std::process::id());
    admin.read().execute_unprepared(&format!("CREATE DATABASE {database}")).await.unwrap();
    let (server, _) = base.rsplit_once('/').unwrap();
    let store = Store::open(&format!("{server}/{database}")).await.unwrap();
    store.migrate().await.unwrap();
    Some(store)
}

async fn import(store: &Store, outside: &Outside, name: &str) -> Result<Report, ImportError> {
    import::folder(store, outside, &sample(name), &|_, _, _| ()).await
}

/// How many rows a file of the sample has.
fn rows(file: &str) -> u64 {
    let mut reader = csv::Reader::from_path(sample("jingan-temple").join(file)).unwrap();
    reader.records().count() as u64
}

async fn brings_in_the_sample(store: Store) {
    let outside = outside();
    let report = import(&store, &outside, "jingan-temple").await.unwrap();
    assert_eq!(report.community, "jingan-temple");
    for (file, count) in &report.files {
        let expected = if file == import::COMMUNITY { 1 } else { rows(file) };
        assert_eq!(*count, expected, "{file}");
    }
    let in_folder = std::fs::read_dir(sample("jingan-temple")).unwrap();
    let files = in_folder.filter(|f| f.as_ref().unwrap().path().extension().is_some_and(|e| e == "csv")).count();
    assert_eq!(report.files.len(), files + 1, "every file of the sample is read");

    let app = App::open(store.clone(), outside.clone()).await.unwrap();
    members_are_there(&store, &app).await;
    organisations_stand(&store, &app).await;
    the_reorganisation_is_in_force(&app).await;
    service_is_there(&store, &app).await;

    let verified = record::verify_all(&app).await.unwrap();
    assert_eq!(verified.broken_at, None);
    let all_rows: u64 = report.files.iter().map(|(_, rows)| rows).sum();
    assert_eq!(verified.records as u64, all_rows);
    tongxin_app::identity::sign_in(&app, "secretary", "tongxin-demo").await.unwrap();

    let before = record::verify_all(&app).await.unwrap();
    let again = import(&store, &outside, "jingan-temple").await.unwrap_err();
    assert!(matches!(again, ImportError::AlreadyThere(code) if code == "jingan-temple"));
    assert_eq!(record::verify_all(&app).await.unwrap(), before);
}

async fn members_are_there(store: &Store, app: &App) {
    let (c, id) = (store.read(), app.community_id());
    let places = tongxin_store::community::places(c, id).await.unwrap();
    assert_eq!(places.len() as u64, rows("places.csv"));
    let list = async |filter: MemberFilter| {
        let page = tongxin_store::people::list(c, id, &filter, ALL).await;
        page.unwrap().rows
    };
    let persons = list(MemberFilter { kind: Some(MemberKind::Person), ..MemberFilter::default() });
    assert_eq!(persons.await.len() as u64, rows("persons.csv"));
    let found = list(MemberFilter { tokens: Some("shenhuifang".into()), ..MemberFilter::default() });
    assert!(found.await.iter().any(|m| m.draft.name == "沈慧芳"));
    let accounts = tongxin_store::identity::accounts(c, id, None, ALL).await.unwrap();
    assert_eq!(accounts.rows.len() as u64, rows("accounts.csv"));
}

/// Every organisation stands somewhere, on any day without a circle or an orphan, and its row among the members follows.
async fn organisations_stand(store: &Store, app: &App) {
    let (c, id) = (store.read(), app.community_id());
    let history = History::new(structure::standings_all(c, id).await.unwrap());
    for day in ["1990-01-01", "2008-06-30", "2008-07-01", "2016-01-01", "2026-11-24"] {
        let structure = history.structure(day.parse().unwrap());
        assert_eq!((structure.cycle(), structure.orphans().count()), (None, 0), "{day}");
        assert!(structure.all().len() > 80, "{day}");
    }
    let today = app.today();
    assert_eq!(structure::out_of_step(c, id, today, 10).await.unwrap(), Vec::<uuid::Uuid>::new());
    let filter = MemberFilter { kind: Some(MemberKind::Organisation), ..MemberFilter::default() };
    let all = tongxin_store::people::list(c, id, &filter, ALL).await.unwrap().rows;
    assert!(all.len() as u64 == rows("organisations.csv") && all.iter().all(|m| !history.of(m.id).is_empty()));
    let there = MemberFilter { there_on: Some(today), ..filter };
    let there = tongxin_store::people::list(c, id, &there, ALL).await.unwrap().rows;
    assert_eq!(there.len(), history.structure(today).all().len());
}

/// Quantities, states and balances agree with one another.
/// S7, S8: eight sections and one office became five departments and one office, three levels two.
async fn the_reorganisation_is_in_force(app: &App) {
    let found = reorganisation::list(app, &Viewer::Guest, None, ALL).await.unwrap();
    assert_eq!((found.total, found.rows[0].steps.len()), (1, 14));
    let view = reorganisation::show(app, &Viewer::Guest, found.rows[0].id).await.unwrap();
    let count = |how| view.differences().iter().filter(|(_, h)| *h == how).count();
    assert_eq!([Difference::Founded, Difference::Closed, Difference::Renamed].map(count), [5, 11, 1]);
    let (before, after) = view.shapes().unwrap();
    assert_eq!((before.levels, after.levels), (3, 2));
}

async fn service_is_there(store: &Store, app: &App) {
    let (c, id) = (store.read(), app.community_id());
    let found = matches::list(c, id, &MatchFilter::default(), ALL).await.unwrap().rows;
    assert_eq!(found.len() as u64, rows("matches.csv"));
    let (mut given, mut committed) = (0, 0);
    for stored in &found {
        let life = &stored.life;
        if life.state.is_done() {
            assert_eq!(life.delivered, life.quantity);
            assert!(life.closed_at.is_some());
            given += 1;
        }
        if life.state.is_done() || life.state.is_live() {
            committed += life.quantity;
        }
    }
    assert!(found.iter().any(|m| m.life.state == MatchState::Settled));
    for (side, file) in [(Side::Need, "needs.csv"), (Side::Offer, "offers.csv")] {
        let filter = IntentFilter::new(side, Sight::All);
        let all = intents::list(c, id, &filter, ALL).await.unwrap().rows;
        assert_eq!(all.len() as u64, rows(file));
        let held: i64 = all.iter().map(|i| i.committed).sum();
        assert_eq!(held, committed, "{side}");
        for intent in all {
            match intent.state {
                IntentState::Met => assert_eq!(intent.fulfilled, intent.draft.quantity),
                IntentState::Matched => assert_eq!(intent.remaining(), 0),
                IntentState::Open => assert!(intent.remaining() > 0),
                IntentState::Withdrawn | IntentState::Expired => {
                    assert_eq!(intent.committed, intent.fulfilled);
                }
            }
        }
    }
    let everyone = tongxin_store::people::list(c, id, &MemberFilter::default(), ALL).await.unwrap().rows;
    let sum = |pick: fn(&Balance) -> i64| everyone.iter().map(|m| pick(&m.balance)).sum::<i64>();
    assert_eq!(sum(|b| b.given_count), given);
    assert_eq!(sum(|b| b.received_count), given);
    assert_eq!(sum(|b| b.given_minutes), sum(|b| b.received_minutes));
}

#[tokio::test]
async fn brings_in_the_sample_on_sqlite() {
    let (store, _folder) = sqlite().await;
    brings_in_the_sample(store).await;
}

#[tokio::test]
async fn brings_in_the_sample_on_postgresql() {
    if let Some(store) = postgres("sample").await {
        brings_in_the_sample(store).await;
    }
}

#[tokio::test]
async fn tells_every_mistake_and_writes_nothing() {
    let (store, _folder) = sqlite().await;
    let error = import(&store, &outside(), "with-errors").await.unwrap_err();
    let ImportError::Problems(problems) = error else { panic!("{error}") };
    let told: Vec<String> =
        problems.iter().map(|p| format!("{}:{} {} {} {:?}", p.file, p.line, p.field, p.code, p.value)).collect();
    assert_eq!(told.join("\n"), include_str!("import/with-errors.txt").trim_end());
    let there = tongxin_store::community::communities(store.read()).await;
    assert!(there.unwrap().is_empty());
}

/// The sample's times are relative, its weekly rules are not: it has to be right whenever it is imported.
#[test]
fn the_sample_is_right_on_every_weekday_and_at_midnight() {
    let midnight: DateTime<Utc> = "2026-11-22T16:00:00Z".parse().unwrap();
    for day in 0..7 {
        let outside =
            Outside { clock: Arc::new(ManualClock::at(midnight + chrono::Duration::days(day))), ..Outside::default() };
        if let Err(error) = import::check(&outside, &Folder(sample("jingan-temple"))) {
            panic!("day {day}: {error:?}");
        }
    }
}

/// A folder with these files beside a good `community.toml`.
fn folder_of(all: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let community = "code = \"c\"\nname = \"社区\"\nname_en = \"Community\"\ntime_zone = \"Asia/Shanghai\"\n";
    std::fs::write(folder.path().join(import::COMMUNITY), community).unwrap();
    for (name, text) in all {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

async fn problems_of(all: &[(&str, &str)]) -> Vec<String> {
    let (store, _folder) = sqlite().await;
    let folder = folder_of(all);
    let files = Folder(folder.path().to_owned());
    match import::files(&store, &outside(), &files, &|_, _, _| ()).await {
        Ok(_) => Vec::new(),
        Err(ImportError::Problems(problems)) => {
            problems.iter().map(|p| format!("{}:{} {} {}", p.file, p.line, p.field, p.code)).collect()
        }
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn files_may_be_missing_and_begin_with_a_mark() {
    assert_eq!(problems_of(&[]).await, Vec::<String>::new());
    let persons = "\u{FEFF}code,name,place\nP1,陈素珍,c\n";
    let told = problems_of(&[("persons.csv", persons)]).await;
    assert_eq!(told, Vec::<String>::new());
}

#[tokio::test]
async fn organisations_that_can_not_stand_so_are_told() {
    let organisations = "code,name,kind,place,line,from,until\n\
        O1,甲,department,c,O2,,\n\
        O2,乙,department,c,O1,,\n\
        O3,丙,department,c,O9,,\n\
        O4,丁,department,c,O5,2001-01-01,\n\
        O5,戊,department,c,,2002-01-01,\n\
        O6,己,department,c,O6,2002-01-01,2001-01-01\n\
        O7,庚,department,c,,,\n";
    let standings = "organisation,from,until,line\n\
        O7,2001-01-01,2003-01-01,\n\
        O7,2002-01-01,,\n\
        O8,2002-01-01,,\n";
    assert_eq!(
        problems_of(&[("organisations.csv", organisations), ("standings.csv", standings)]).await,
        [
            "organisations.csv:2 line line_circle",
            "organisations.csv:3 line line_circle",
            "organisations.csv:4 line unknown_reference",
            "organisations.csv:5 line superior_not_there",
            "organisations.csv:6 until has_below",
            "organisations.csv:7 line line_itself",
            "organisations.csv:7 until end_before_start",
            "standings.csv:2 from standings_overlap",
            "standings.csv:4 organisation unknown_reference",
        ]
    );
}

#[tokio::test]
async fn columns_are_named_when_they_are_wrong() {
    let told =
        problems_of(&[("persons.csv", "code,nom,place\nP1,陈,c\n"), ("accounts.csv", "login,person,password\na,b\n")])
            .await;
    assert_eq!(
        told,
        ["persons.csv:1 nom unknown_column", "persons.csv:1 name missing_column", "accounts.csv:2  wrong_field_count"]
    );
}

#[tokio::test]
async fn a_state_that_contradicts_the_matches_is_refused() {
    let persons = "code,name,place\nP1,陈,c\nP2,林,c\n";
    let rest = "sports,spiritual,打球,c,today+1 09:00,today+9 10:00";
    let needs = format!(
        "code,receiver,category,care_kind,title,place,from,until,quantity,created_at,state\n\
        N1,P1,{rest},1,today-9 09:00,met\n\
        N2,P1,{rest},1,today-9 09:00,withdrawn\n\
        N3,P1,{rest},1,today-9 09:00,expired\n\
        N4,P1,{rest},1,today-9 09:00,open\n"
    );
    let offers = format!(
        "code,giver,category,care_kind,title,place,from,until,capacity,created_at,state\n\
        F1,P2,{rest},9,today-9 09:00,open\n"
    );
    let matches = "need,offer,quantity,state,proposed_at,arranged_at,delivered_at,minutes,confirmed_giver_at\n\
        N1,F1,1,accepted,today-2 09:00,,,,\n\
        N2,F1,1,accepted,today-2 09:00,,,,\n\
        N4,F1,1,settled,today-5 09:00,today-3 09:00,today-3 10:00,30,today-3 11:00\n";
    let all = [("persons.csv", persons), ("needs.csv", &needs), ("offers.csv", &offers), ("matches.csv", matches)];
    assert_eq!(
        problems_of(&all).await,
        [
            "needs.csv:2 state contradicts_matches",
            "needs.csv:3 state contradicts_matches",
            "needs.csv:4 state contradicts_matches",
            "matches.csv:4 state too_early",
        ]
    );
}

const HISTORY: &str = "code,name,kind,place,line,from,until\n\
    O1,街道办,subdistrict_office,c,,,\n\
    O2,民政科,department,c,O1,,2008-07-01\n\
    O3,计生科,department,c,O1,,2008-07-01\n\
    O4,社区服务部,department,c,O1,2008-07-01,\n";
const PLACE: &str = "code,parent,kind,name\nc,,community,社区\n";

async fn told_of(changes: &str, steps: &str) -> Vec<String> {
    problems_of(&[
        ("places.csv", PLACE),
        ("organisations.csv", HISTORY),
        ("reorganisations.csv", changes),
        ("reorganisation_steps.csv", steps),
    ])
    .await
}

#[tokio::test]
async fn a_reorganisation_must_be_what_the_history_tells() {
    let changes = "code,title,effective_on,state\nR1,改革,2008-07-01,in_force\n";
    let columns = "reorganisation,step,organisation,from,into\n";
    let right = format!("{columns}R1,create,O4,,\nR1,merge,,O2;O3,O4\n");
    assert_eq!(told_of(changes, &right).await, Vec::<String>::new());
    let half = format!("{columns}R1,create,O4,,\nR1,merge,,O2,O1\n");
    assert_eq!(told_of(changes, &half).await, Vec::<String>::new());
    let other = format!("{columns}R1,create,O4,,\nR1,merge,,O1;O2;O3,O4\n");
    assert_eq!(told_of(changes, &other).await, ["reorganisations.csv:2 effective_on does_not_match"]);
    let twice = format!("{columns}R1,create,O4,,\nR1,create,O4,,\n");
    assert_eq!(told_of(changes, &twice).await, ["reorganisations.csv:2 effective_on faulty"]);
}

#[tokio::test]
async fn steps_that_name_nothing_are_told() {
    let changes =
        "code,title,effective_on,state\nR1,,2009-13-01,so\nR2,楼宇,2027-01-01,draft\nR2,又,2027-01-01,draft\n";
    let steps = "reorganisation,step,organisation,from,into,name,kind,place,line,post\n\
        R2,create,N1,,,新支部,branch,c,O1,\n\
        R2,move_line,O4,,,,,,N1,\n\
        R2,merge,,,O4,,,,,\n\
        R2,merge,,O2;O9,O4,,,,,\n\
        R2,create,N2,,,,so,,,\n\
        R2,fold,O4,,,,,,,\n\
        R9,close,O4,,,,,,,\n\
        R2,end_post,,,,,,,,C1\n";
    let told = told_of(changes, steps).await;
    assert_eq!(
        told,
        [
            "reorganisations.csv:2 title required",
            "reorganisations.csv:2 effective_on bad_date",
            "reorganisations.csv:2 state unknown_choice",
            "reorganisations.csv:4 code duplicate",
            "reorganisation_steps.csv:4 from required",
            "reorganisation_steps.csv:5 from unknown_reference",
            "reorganisation_steps.csv:6 name required",
            "reorganisation_steps.csv:7 step unknown_choice",
            "reorganisation_steps.csv:8 reorganisation unknown_reference",
            "reorganisation_steps.csv:9 post unknown_reference",
        ]
    );
}
