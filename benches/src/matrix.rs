//! The pages of the structure as of any date, on both databases.

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::Result;
use tongxin_store::{ConnectionTrait, Store};

use crate::{
    Options, generate,
    load::{self, Ask, Script},
    report::Part,
    server::Server,
    structure::TURN,
};

/// The aim of a page, in milliseconds.
const AIM: f64 = 100.0;
/// The database that this part makes on a PostgreSQL server.
const DATABASE: &str = "tongxin_bench_matrix";

/// The part `matrix`.
pub async fn measure(options: &Options, part: &mut Part) -> Result<()> {
    let folder = options.work.join("matrix");
    generate::once(&folder, generate::MATRIX).await?;
    let mut databases: Vec<(&str, PathBuf, Option<String>)> = vec![("SQLite", folder.clone(), None)];
    if let Some(server) = &options.postgres {
        databases.push(("PostgreSQL", folder, Some(on_postgres(server).await?)));
    }
    for (database, folder, url) in databases {
        let server = Server::start(&options.programs, &folder, url.as_deref()).await?;
        for (name, path) in pages() {
            let script: Script = Arc::new(move |_, _| Ask::page(path.clone(), None));
            let outcome = load::run(server.address, 1, options.seconds, Duration::ZERO, script).await?;
            let p99 = outcome.percentile(99);
            part.row(
                &format!("{name}, {database}, one client"),
                "< 100 ms",
                format!("p50 {:.1} ms, p99 {p99:.1} ms", outcome.percentile(50)),
                format!("{:.2} of the aim", p99 / AIM),
            );
        }
        server.stop()?;
    }
    part.note("40,000 residents and 3,000 organisations, a third of which had another name and superior until 2015.");
    Ok(())
}

/// Makes the community on the server when it is not there yet, and gives its address.
pub(crate) async fn on_postgres(server: &str) -> Result<String> {
    let url = server.rsplit_once('/').map_or(server, |(base, _)| base);
    let url = format!("{url}/{DATABASE}");
    let admin = Store::open(server).await?;
    // It may be there from a part that was measured before.
    let made = admin.read().execute_unprepared(&format!("CREATE DATABASE {DATABASE}")).await;
    let store = Store::open(&url).await?;
    if made.is_ok() {
        generate::into(&store, generate::MATRIX).await?;
    }
    Ok(url)
}

/// The pages, as of today and of a day before [`TURN`].
fn pages() -> Vec<(String, String)> {
    let mut pages = Vec::new();
    for (name, path) in [
        ("matrix", "/organisations/matrix"),
        ("list", "/organisations"),
        ("tree by line", "/organisations/line"),
        ("tree by territory", "/organisations/territory"),
        ("chart", "/organisations/chart"),
    ] {
        pages.push((format!("{name}, today"), path.to_owned()));
        pages.push((format!("{name}, 30 June 2014"), format!("{path}?on=2014-06-30")));
    }
    pages.push(("before and after".into(), format!("/organisations/changes?with=2014-06-30&on={TURN}")));
    pages
}
