//! Durable writes: a need and its record in one transaction, acknowledged when it is on the disk.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use chrono::Duration as Days;
use tongxin_app::{App, Outside, service::intents};
use tongxin_core::{
    service::{IntentForm, Side},
    time::{Clock, SystemClock},
};
use tongxin_store::Store;

use crate::{
    Options, disk, generate,
    load::{self, Ask, Outcome, figures},
    report::Part,
    server::Server,
};

const AT_ONCE: [usize; 2] = [1, generate::CLIENTS];

/// A database that is measured.
struct Database {
    name: &'static str,
    url: String,
    folder: PathBuf,
    is_postgres: bool,
}

async fn databases(options: &Options) -> Result<Vec<Database>> {
    let folder = options.work.join("small");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let url = format!("sqlite:{}", folder.join("tongxin.db").display());
    generate::into(&Store::open(&url).await?, generate::SMALL).await?;
    let mut databases = vec![Database { name: "SQLite", url, folder: folder.clone(), is_postgres: false }];
    if let Some(server) = &options.postgres {
        let store = Store::open(server).await?;
        // The part may be measured again on the same server.
        if tongxin_store::community::communities(store.read()).await.is_err() {
            generate::into(&store, generate::SMALL).await?;
        }
        databases.push(Database { name: "PostgreSQL", url: server.clone(), folder, is_postgres: true });
    }
    Ok(databases)
}

fn form() -> IntentForm {
    let now = SystemClock.now();
    IntentForm {
        category: "medical_care".into(),
        care_kind: "material".into(),
        title: "请人上门量血压".into(),
        text: "老人行动不便，希望每周有人上门量一次血压。".into(),
        from: Some(now + Days::days(1)),
        until: Some(now + Days::days(30)),
        quantity: "1".into(),
        ..IntentForm::default()
    }
}

/// The part `writes`: through the use case, without HTTP.
pub async fn in_process(options: &Options, part: &mut Part) -> Result<()> {
    let mut limit = disk::fsyncs(&options.work, 2)?.rate();
    for database in databases(options).await? {
        let app = App::open(Store::open(&database.url).await?, Outside::default()).await?;
        for at_once in AT_ONCE {
            let outcome = write_in_process(&app, at_once, options.seconds).await?;
            let after = disk::fsyncs(&options.work, 1)?.rate();
            row(
                part,
                &format!("{}, in-process, {at_once} at once", database.name),
                &outcome,
                f64::midpoint(limit, after),
            );
            limit = after;
        }
    }
    Ok(())
}

async fn write_in_process(app: &App, at_once: usize, seconds: u64) -> Result<Outcome> {
    let whole = Duration::from_secs(seconds);
    let start = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for client in 0..at_once {
        let app = app.clone();
        tasks.spawn(async move {
            let who = app.viewer(Some(&generate::session(client))).await?;
            let form = form();
            let mut times = Vec::new();
            while start.elapsed() < whole {
                let one = Instant::now();
                intents::create(&app, &who, Side::Need, None, None, &form).await?;
                times.push(one.elapsed());
            }
            Ok::<_, tongxin_app::Error>(times)
        });
    }
    let mut times = Vec::new();
    while let Some(done) = tasks.join_next().await {
        times.extend(done?.map_err(|error| anyhow::anyhow!("{error}"))?);
    }
    Ok(Outcome::new(times, start.elapsed()))
}

/// The part `http-writes`: through the JSON API of the real program.
pub async fn over_http(options: &Options, part: &mut Part) -> Result<()> {
    let mut limit = disk::fsyncs(&options.work, 2)?.rate();
    for database in databases(options).await? {
        let url = database.is_postgres.then_some(database.url.as_str());
        let server = Server::start(&options.programs, &database.folder, url).await?;
        for at_once in AT_ONCE {
            let outcome = load::run(server.address, at_once, options.seconds, Duration::ZERO, Arc::new(post)).await;
            let outcome = outcome.with_context(|| format!("POST /api/v1/needs on {}", database.name))?;
            let after = disk::fsyncs(&options.work, 1)?.rate();
            row(
                part,
                &format!("{}, over HTTP, {at_once} clients", database.name),
                &outcome,
                f64::midpoint(limit, after),
            );
            limit = after;
        }
        server.stop()?;
    }
    Ok(())
}

fn post(client: usize, n: usize) -> Ask {
    let form = form();
    let body = serde_json::json!({
        "category": form.category,
        "care_kind": form.care_kind,
        "title": form.title,
        "text": form.text,
        "from": form.from,
        "until": form.until,
        "quantity": 1,
    });
    let headers = vec![
        ("authorization", format!("Bearer {}", generate::token(client))),
        ("content-type", "application/json".to_owned()),
        ("idempotency-key", format!("bench-{client}-{n}-{}", SystemClock.now().timestamp_micros())),
    ];
    Ask { method: "POST", path: "/api/v1/needs".into(), headers, body: body.to_string(), expected: 201 }
}

fn row(part: &mut Part, what: &str, outcome: &Outcome, limit: f64) {
    let ratio = format!("{:.2} of the fsync rate", outcome.rate() / limit);
    part.row(what, &format!("fsync rate {limit:.0}/s"), figures(outcome), ratio);
}
