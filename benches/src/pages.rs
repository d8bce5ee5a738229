//! Pages under load on the large community, and the bytes of the first page.

use std::{sync::Arc, time::Duration};

use anyhow::Result;

use crate::{
    Options, generate,
    generate::{Handles, STAFF, WORKER},
    load::{self, Ask, Client, Script},
    report::Part,
    server::Server,
};

/// The aim of the 99th percentile, in milliseconds.
const AIM: f64 = 50.0;
/// How long a reader looks before going on, in the measurement with readers.
const LOOK: Duration = Duration::from_secs(1);

/// The part `pages`.
pub async fn measure(options: &Options, part: &mut Part) -> Result<()> {
    let data = options.work.join("large");
    let handles = Arc::new(generate::once(&data, generate::LARGE).await?);
    let server = Server::start(&options.programs, &data, None).await?;
    first_page(&server, part).await?;
    let mut worst = Vec::new();
    for (name, script) in scripts(&handles) {
        let mut client = Client::connect(server.address).await?;
        let answer = client.ask(&script(0, 0)).await?;
        if answer.status.as_u16() != 200 {
            part.row(name, "p99 < 50 ms", format!("left out: answered {}", answer.status), "–");
            continue;
        }
        let alone = load::run(server.address, 1, 1, Duration::ZERO, Arc::clone(&script)).await?;
        let full = load::run(server.address, generate::CLIENTS, options.seconds, Duration::ZERO, script.clone()).await;
        let full = match full {
            Ok(full) => full,
            Err(error) => {
                part.row(
                    name,
                    "p99 < 50 ms at 64 clients",
                    format!("failed at 64 clients: {error:#}; one client: p50 {:.1} ms", alone.percentile(50)),
                    "–",
                );
                continue;
            }
        };
        let p99 = full.percentile(99);
        part.row(
            &format!("{name} ({} bytes compressed)", answer.body.len()),
            "p99 < 50 ms at 64 clients",
            format!(
                "{:.0}/s; p50 {:.1} ms, p99 {p99:.1} ms; one client: p50 {:.1} ms",
                full.rate(),
                full.percentile(50),
                alone.percentile(50)
            ),
            format!("{:.2} of the aim", p99 / AIM),
        );
        worst.push(script);
    }
    if !worst.is_empty() {
        let scripts = worst.clone();
        let mixed: Script = Arc::new(move |client, n| scripts[(client + n) % scripts.len()](client, n));
        let readers = load::run(server.address, generate::CLIENTS, options.seconds * 2, LOOK, mixed).await?;
        let p99 = readers.percentile(99);
        part.row(
            "64 readers, all of these pages that did not fail by turns, a second between an answer and the next page",
            "p99 < 50 ms",
            format!("{:.0}/s; p50 {:.1} ms, p99 {p99:.1} ms", readers.rate(), readers.percentile(50)),
            format!("{:.2} of the aim", p99 / AIM),
        );
    }
    part.row(
        "memory after the load (VmRSS, most: VmHWM)",
        "–",
        format!("{:.0} MiB, {:.0} MiB", server.memory("VmRSS")?, server.memory("VmHWM")?),
        "–",
    );
    part.note("64 clients ask without a pause, and the load generator shares the processors with the server: the times are those of a server that is never idle.");
    server.stop()
}

fn scripts(handles: &Arc<Handles>) -> Vec<(&'static str, Script)> {
    let fixed = |path: &'static str, session: Option<&'static str>| -> Script {
        Arc::new(move |_, _| Ask::page(path, session))
    };
    let resident =
        |path: &'static str| -> Script { Arc::new(move |client, _| Ask::page(path, Some(&generate::session(client)))) };
    let with = |make: fn(&Handles, usize) -> String, signed_in: bool| -> Script {
        let handles = Arc::clone(handles);
        Arc::new(move |client, n| {
            let session = signed_in.then(|| generate::session(client));
            Ask::page(make(&handles, client * 31 + n), session.as_deref())
        })
    };
    let filtered = |h: &Handles, n: usize| format!("/needs?category=medical_care&place={}", h.areas[n % h.areas.len()]);
    let in_group =
        |h: &Handles, n: usize| format!("/needs?category=medical_care&place={}", h.groups[n % h.groups.len()]);
    let detail = |h: &Handles, n: usize| format!("/needs/{}", h.needs[n % h.needs.len()]);
    let member = |h: &Handles, n: usize| format!("/members/{}", h.residents[n % h.residents.len()]);
    let members: Script = {
        let handles = Arc::clone(handles);
        Arc::new(move |_, n| Ask::page(member(&handles, n), Some(STAFF)))
    };
    vec![
        ("front page, guest", fixed("/", None)),
        ("needs, guest", fixed("/needs", None)),
        ("needs, signed in", resident("/needs")),
        ("needs of a category in a residential area, guest", with(filtered, false)),
        ("needs of a category in a residential area, signed in", with(filtered, true)),
        ("needs of a category in a building group, signed in", with(in_group, true)),
        ("search of needs (血压), guest", fixed("/needs?q=%E8%A1%80%E5%8E%8B", None)),
        ("search of needs (血压), signed in", resident("/needs?q=%E8%A1%80%E5%8E%8B")),
        ("one need, guest", with(detail, false)),
        ("one need, signed in", with(detail, true)),
        ("offers, guest", fixed("/offers", None)),
        ("offers, signed in", resident("/offers")),
        ("own page, signed in", resident("/me")),
        ("members, staff", fixed("/members", Some(STAFF))),
        ("one member, staff", members),
        ("overview, staff", fixed("/overview", Some(STAFF))),
        ("today, social worker", fixed("/today", Some(WORKER))),
    ]
}

/// The front page with what it needs to be shown, as a browser that was never here fetches it; fonts are left out.
async fn first_page(server: &Server, part: &mut Part) -> Result<()> {
    let mut client = Client::connect(server.address).await?;
    let mut ask = Ask::page("/", None);
    ask.headers.clear();
    let plain = client.ask(&ask).await?;
    let html = String::from_utf8_lossy(&plain.body).into_owned();
    let mut bytes = 0;
    let mut paths = vec!["/".to_owned()];
    paths.extend(assets(&html));
    let mut told = Vec::new();
    for path in &paths {
        let mut ask = Ask::page(path.clone(), None);
        ask.headers = vec![("accept-encoding", "gzip, deflate, br, zstd".to_owned())];
        let answer = client.ask(&ask).await?;
        bytes += answer.body.len();
        let name = path.rsplit('/').next().and_then(|name| name.split('?').next()).unwrap_or_default();
        told.push(format!("{} {:.1}", if name.is_empty() { "html" } else { name }, answer.body.len() as f64 / 1_000.0));
    }
    let measured = format!("{:.1} KB ({})", bytes as f64 / 1_000.0, told.join(", "));
    part.row(
        "first page over the wire, bodies of html, css, js and svg",
        "< 100 KB",
        measured,
        format!("{:.2} of the aim", bytes as f64 / 100_000.0),
    );
    Ok(())
}

/// The files of ours that a page refers to, each once.
fn assets(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    for attribute in ["href=\"", "src=\""] {
        for rest in html.split(attribute).skip(1) {
            let address = rest.split('"').next().unwrap_or_default().split('#').next().unwrap_or_default();
            let address = address.replace("&amp;", "&");
            let is_font = address.contains(".woff");
            if address.starts_with("/assets/") && !is_font && !found.contains(&address) {
                found.push(address);
            }
        }
    }
    found
}
