//! Finding whom a new member may be among 40,000 residents and 3,000 organisations, and the scan of all that look alike, in
//! the process, on both databases.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tongxin_app::search;
use tongxin_core::people::{
    MemberKind,
    duplicate::{compare, short_name},
};
use tongxin_store::{
    Slice, Store,
    community::communities,
    people::{self, Member, MemberFilter, duplicate},
};

use crate::{Options, generate, matrix, report::Part};

/// The aim of finding the candidates for one, in milliseconds.
const AIM: f64 = 50.0;
/// How many members are looked for.
const ASKED: usize = 500;
/// How often the whole is scanned.
const SCANS: usize = 10;

/// The part `duplicates`.
pub async fn measure(options: &Options, part: &mut Part) -> Result<()> {
    let folder = options.work.join("matrix");
    generate::once(&folder, generate::MATRIX).await?;
    let sqlite = format!("sqlite:{}", folder.join("tongxin.db").display());
    let mut databases = vec![("SQLite", sqlite)];
    if let Some(server) = &options.postgres {
        databases.push(("PostgreSQL", matrix::on_postgres(server).await?));
    }
    for (database, url) in databases {
        let store = Store::open(&url).await?;
        store.migrate().await?;
        let community = communities(store.read()).await?.first().context("there is no community")?.id;
        for kind in [MemberKind::Person, MemberKind::Organisation] {
            let filter = MemberFilter { kind: Some(kind), ..MemberFilter::default() };
            let all = people::list(store.read(), community, &filter, Slice { offset: 0, limit: 100_000 }).await?.rows;
            let mut times = Vec::with_capacity(ASKED);
            let mut suspected = 0;
            for n in 0..ASKED {
                let Some(member) = all.get(n * 7_919 % all.len().max(1)) else { continue };
                let begun = Instant::now();
                suspected += candidates(&store, community, member).await?;
                times.push(begun.elapsed());
            }
            let (p50, p99) = percentiles(&mut times);
            part.row(
                &format!("candidates for one {kind} of {}, {database}", all.len()),
                "< 50 ms",
                format!("p50 {p50:.2} ms, p99 {p99:.2} ms"),
                format!("{:.3} of the aim; {suspected} suspected for {ASKED}", p99 / AIM),
            );
        }
        let mut times = Vec::with_capacity(SCANS);
        for _ in 0..SCANS {
            let begun = Instant::now();
            duplicate::groups(store.read(), community, None).await?;
            times.push(begun.elapsed());
        }
        let (p50, p99) = percentiles(&mut times);
        part.row(
            &format!("scan of the whole community, {database}"),
            "",
            format!("p50 {p50:.0} ms, p99 {p99:.0} ms"),
            String::new(),
        );
    }
    Ok(())
}

async fn candidates(store: &Store, community: uuid::Uuid, member: &Member) -> Result<usize> {
    let is_organisation = member.kind == MemberKind::Organisation;
    let tokens = is_organisation.then(|| search::query_tokens(&short_name(&member.draft.name))).flatten();
    let alike = duplicate::alike(store.read(), community, member, tokens.as_deref()).await?;
    let traits = member.traits();
    Ok(alike.iter().filter(|other| compare(&traits, &other.traits()).is_some()).count())
}

fn percentiles(times: &mut [Duration]) -> (f64, f64) {
    times.sort_unstable();
    let at = |share: usize| times.get((times.len() * share / 100).min(times.len().saturating_sub(1)));
    let ms = |share| at(share).map_or(f64::NAN, |time| time.as_secs_f64() * 1_000.0);
    (ms(50), ms(99))
}
