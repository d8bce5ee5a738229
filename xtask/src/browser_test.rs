//! The browser driver and the assets together, on a small page with the site's content policy.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use anyhow::Result;

use crate::browser::Browser;
use crate::root;

const PAGE: &str = r#"<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Page</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="htmx-config" content='{"includeIndicatorStyles":false,"allowEval":false}'>
<link rel="icon" href="/icon.svg"><link rel="stylesheet" href="/vendor/tabler/tabler.min.css">
<link rel="stylesheet" href="/app.css"><script defer src="/app.js"></script>
<script defer src="/vendor/htmx/htmx.min.js"></script><script defer src="/vendor/echarts/echarts.min.js"></script>
</head><body><div class="page"><header class="navbar tx-top"><div class="container-xl">
<a class="navbar-brand tx-brand" href="/"><span class="tx-mark" aria-hidden="true">同</span>Home</a>
<button type="button" class="btn btn-sm" data-theme-toggle>Theme</button>
<svg class="icon" aria-hidden="true"><use href="/vendor/tabler-icons/icons.svg#home"/></svg>
</div></header><div class="page-wrapper"><main id="content" class="page-body"><div class="container-xl">
<h1>Page</h1><p class="text-secondary">Quiet <span class="text-green">green</span> <a href="/">link</a></p>
<p><span class="badge bg-red text-red-fg">1</span> <span class="badge bg-green-lt">met</span>
<span class="badge bg-yellow-lt">waits</span> <span class="badge bg-azure text-azure-fg">new</span></p>
<div class="alert alert-danger">Wrong</div><div class="alert alert-success">Right</div>
<form method="get" action="/sent" class="tx-form"><label class="form-label" for="t">Text</label>
<input class="form-control" id="t" name="text"><div class="form-hint">A hint</div>
<label class="form-label" for="w">When</label><input class="form-control" type="date" id="w" name="when">
<label class="form-label" for="k">Kind</label><select class="form-select" id="k" name="kind">
<option value="a">A</option><option value="b">B</option></select>
<label class="form-check"><input class="form-check-input" type="checkbox" name="yes" value="1"> Yes</label>
<button class="btn btn-primary">Send</button> <button type="button" class="btn">Not</button></form>
<table class="table table-mobile"><thead><tr><th>Name</th><th>Hours</th></tr></thead>
<tbody><tr><td data-label="Name">Chen</td><td data-label="Hours" class="tx-number">2</td></tr></tbody></table>
<ul class="tx-stats"><li class="stat"><div class="stat-label">Needs</div><div class="stat-value">12</div></li></ul>
<div data-chart='{"xAxis":{"type":"category","data":["a","b"]},"yAxis":{},"series":[{"type":"bar","data":[1,2]}]}'></div>
</div></main></div></div></body></html>"#;

/// Serves the page and the assets on a free port for as long as the process lives.
fn serve() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
                let request = lines.next().unwrap_or_default();
                while lines.next().is_some_and(|line| !line.is_empty()) {}
                let path = request.split(' ').nth(1).unwrap_or("/").split('?').next().unwrap_or("/");
                let file = root().join("crates/web/assets").join(path.trim_start_matches('/'));
                let body = std::fs::read(&file).unwrap_or_else(|_| PAGE.into());
                let kind = match file.extension().and_then(std::ffi::OsStr::to_str) {
                    Some("css") => "text/css",
                    Some("js") => "text/javascript",
                    Some("svg") => "image/svg+xml",
                    _ => "text/html; charset=utf-8",
                };
                let policy = "default-src 'self'; img-src 'self' data:";
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
                     Content-Security-Policy: {policy}\r\nConnection: close\r\n\r\n"
                );
                // The browser may have gone.
                let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
            });
        }
    });
    port
}

async fn look(browser: &Browser, theme: &str) -> Result<()> {
    assert_eq!(browser.axe().await?, Vec::<String>::new(), "in the {theme} theme");
    assert_eq!(browser.overflow().await?, 0, "in the {theme} theme");
    assert_eq!(browser.count("[data-chart] canvas").await?, 1, "the chart is drawn");
    assert_eq!(browser.console_errors().await?, Vec::<String>::new());
    Ok(())
}

#[test]
fn a_page_with_the_assets_is_accessible_in_both_themes_and_takes_a_form() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let port = serve();
    runtime.block_on(async {
        for width in [390, 1280] {
            let Some(browser) = Browser::start(width, "en").await? else {
                return Ok(());
            };
            browser.goto(&format!("http://127.0.0.1:{port}/")).await?;
            assert_eq!(browser.script("return innerWidth", vec![]).await?, width);
            assert_eq!(browser.script("return document.cookie", vec![]).await?, "lang=en");
            let folder = tempfile::tempdir()?;
            let shown = std::env::var_os("TONGXIN_TEST_PICTURES").map(std::path::PathBuf::from);
            let folder = shown.as_deref().unwrap_or(folder.path());
            look(&browser, "light").await?;
            browser.screenshot(&folder.join(format!("assets-{width}-light.png"))).await?;
            browser.click("[data-theme-toggle]").await?;
            assert_eq!(browser.script("return document.documentElement.dataset.bsTheme", vec![]).await?, "dark");
            look(&browser, "dark").await?;
            browser.screenshot(&folder.join(format!("assets-{width}-dark.png"))).await?;

            browser.fill("text", "汉字 and words").await?;
            browser.fill("when", "2026-11-24").await?;
            browser.fill("kind", "b").await?;
            browser.fill("yes", "true").await?;
            assert_eq!(browser.value("text").await?, "汉字 and words");
            browser.submit("form").await?;
            assert_eq!(browser.path().await?, "/sent");
            let url = browser.url().await?;
            assert!(url.ends_with("+and+words&when=2026-11-24&kind=b&yes=1"), "{url}");
            assert_eq!(browser.text("h1").await?, "Page");
            browser.fill("text", "emoji 🙂").await?;
            assert_eq!(browser.value("text").await?, "emoji 🙂");
            let error = browser.fill("kind", "z").await.unwrap_err().to_string();
            assert!(error.starts_with("field kind has no choice z"), "{error}");
        }
        Ok(())
    })
}
