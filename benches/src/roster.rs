//! A roster of 10,000 persons: read, checked, written, and brought in again.

use std::{fmt::Write, path::Path, time::Instant};

use anyhow::{Result, ensure};
use tongxin_app::{
    App, Outside, Viewer,
    roster::{self, MapInput, Vocabulary},
};
use tongxin_core::{
    record::hex,
    roster::{Outcome, RosterKind, RosterState},
};
use tongxin_store::{ConnectionTrait, Store};

use crate::{
    Options,
    generate::{self, STAFF},
    report::Part,
};

/// How many rows the roster has.
const ROWS: usize = 10_000;
/// The aim, in seconds.
const AIM: f64 = 20.0;
/// The database that this part makes on a PostgreSQL server.
const DATABASE: &str = "tongxin_bench_roster";

/// The part `roster`.
pub async fn measure(options: &Options, part: &mut Part) -> Result<()> {
    let folder = options.work.join("roster");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let url = format!("sqlite:{}", folder.join("tongxin.db").display());
    one(part, "SQLite", &url).await?;
    if let Some(server) = &options.postgres {
        let admin = Store::open(server).await?;
        admin.read().execute_unprepared(&format!("DROP DATABASE IF EXISTS {DATABASE}")).await?;
        admin.read().execute_unprepared(&format!("CREATE DATABASE {DATABASE}")).await?;
        let base = server.rsplit_once('/').map_or(server.as_str(), |(base, _)| base);
        one(part, "PostgreSQL", &format!("{base}/{DATABASE}")).await?;
    }
    part.note("10,000 rows of CSV into a community of 40,000 residents and 3,000 organisations; peak memory of this process in brackets.");
    Ok(())
}

async fn one(part: &mut Part, name: &str, url: &str) -> Result<()> {
    let store = Store::open(url).await?;
    generate::into(&store, generate::MATRIX).await?;
    let app = App::open(store, Outside::default()).await?;
    let who = app.viewer(Some(STAFF)).await?;
    let file = file(&app).await?;
    let words = Vocabulary::default();
    for turn in ["new", "again"] {
        let begun = Instant::now();
        let id = roster::upload(&app, &who, RosterKind::Persons, "roster.csv", file.clone(), &words).await?;
        let read = begun.elapsed().as_secs_f64();
        check(&app, &who, id, &words).await?;
        let checked = begun.elapsed().as_secs_f64() - read;
        let counts = roster::show(&app, &who, id).await?.counts;
        let mut written = 0.0;
        if turn == "new" {
            ensure!(counts.get(&Outcome::New) == Some(&(ROWS as u64)), "not all rows are new: {counts:?}");
            roster::run(&app, &who, id, &words).await?.await?;
            ensure!(roster::show(&app, &who, id).await?.roster.state == RosterState::Done, "it was not written");
            written = begun.elapsed().as_secs_f64() - read - checked;
        } else {
            ensure!(counts.get(&Outcome::Unchanged) == Some(&(ROWS as u64)), "it would double somebody: {counts:?}");
        }
        let whole = begun.elapsed().as_secs_f64();
        part.row(
            &format!("10,000 persons, {turn}, {name}"),
            "< 20 s",
            format!("{whole:.1} s: read {read:.1}, checked {checked:.1}, written {written:.1} ({} MiB)", peak()),
            format!("{:.2} of the aim", whole / AIM),
        );
    }
    Ok(())
}

async fn check(app: &App, who: &Viewer, id: uuid::Uuid, words: &Vocabulary) -> Result<()> {
    let view = roster::show(app, who, id).await?;
    let fields = view.mapping.fields.iter().enumerate().filter_map(|(at, field)| Some((at, (*field)?))).collect();
    let input = MapInput { sheet: 0, line: view.layout.line, fields, place: None };
    ensure!(roster::map(app, who, id, input, words).await?, "the columns are not known");
    Ok(())
}

/// The roster, its rows spread over all places.
async fn file(app: &App) -> Result<Vec<u8>> {
    let territory = app.territory().await?;
    let places: Vec<String> = territory.in_order().iter().map(|place| place.code.clone()).collect();
    let mut text = "编号,姓名,地点,出生日期,性别,联系电话,已退休\n".to_owned();
    for row in 0..ROWS {
        let name = hex(&(row as u64).to_be_bytes()).split_off(12);
        let (place, day) = (&places[row % places.len()], row % 28 + 1);
        writeln!(text, "R{row:05},新居民{name},{place},1950-02-{day:02},f,021 6{row:07},yes")?;
    }
    Ok(text.into_bytes())
}

/// The most memory that this process has used so far, in MiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string(Path::new("/proc/self/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}
