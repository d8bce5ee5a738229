//! Every page, as each role sees it, on a phone and on a desk, in Chinese and in English: accessible by axe-core, no wider
//! than its window, without errors of scripts or blocked content.

mod support;

use anyhow::{Context, Result, ensure};
use support::{browser::Browser, look, site::Site};

/// The pages of a role; each `→` presses the first link that a selector finds there.
const PAGES: [(&str, &[&str]); 5] = [
    (
        "",
        &[
            "/",
            "/about",
            "/sign-in",
            "/needs",
            "/offers",
            "/places",
            "/overview",
            "/api/docs",
            "/nowhere",
            "/needs → main table a[href^='/needs/'], main .card a[href^='/needs/']",
            "/organisations",
            "/organisations/line",
            "/organisations/territory",
            "/organisations/matrix",
            "/organisations/chart",
            "/organisations/chart?on=2008-06-30",
            "/organisations/changes?on=2026-01-01&with=2008-06-30",
            "/organisations?q=街道办事处 → main tbody th a",
            "/organisations?q=没有这样的单位",
            "/reorganisations",
            "/reorganisations → main tbody th a",
            "/reorganisations → main tbody th a → main a[href$='/notice']",
        ],
    ),
    (
        "resident",
        &[
            "/",
            "/me",
            "/me/account",
            "/needs/new",
            "/offers/new",
            "/matches",
            "/matches → main a[href^='/matches/']",
            "/members",
            "/needs?q=量血压",
            "/needs?q=没有这样的东西",
            "/party/me",
            "/party/me → main a[href$='/transfer']",
            "/why?action=EditPlace&kind=place&id=0",
        ],
    ),
    (
        "worker",
        &[
            "/today",
            "/runs",
            "/members",
            "/members → main table a[href^='/members/']",
            "/members/new?kind=person",
            "/needs/new?q=沈",
        ],
    ),
    (
        "secretary",
        &[
            "/overview",
            "/matches?as=staff",
            "/offers → main table a[href^='/offers/'], main .card a[href^='/offers/']",
            "/organisations/matrix → main a.tx-matrix-cell",
            "/places → main h2 a[href^='/places/'] → main a[href$='/system']",
            "/organisations?q=美丽园居民区第一党支部 → main tbody th a",
            "/organisations?q=美丽园居民区第一党支部 → main tbody th a → main a[href$='/change']",
            "/organisations?q=美丽园居民区第一党支部 → main tbody th a → main a[href*='/correct/']",
            "/organisations?q=美丽园居民区第一党支部 → main tbody th a → main a[href$='/close']",
            "/organisations/new",
            "/posts",
            "/posts/vacant",
            "/posts/expiring",
            "/posts/cross",
            "/posts?q=美丽园 → main tbody th a",
            "/posts?q=美丽园 → main tbody th a → main a[href$='/edit']",
            "/posts?q=美丽园 → main tbody th a → main a[href$='/appoint']",
            "/posts?q=美丽园 → main tbody th a → main a[href$='/end']",
            "/posts?q=美丽园 → main tbody th a → main a[href$='/cross']",
            "/delegations",
            "/members → main table a[href^='/members/'] → main a[href^='/why']",
            "/why",
            "/letters",
            "/letters → main tbody th a",
            "/letters → main tbody th a → main a[href$='/revoke']",
            "/letters/new",
            "/coverage?way=none → main a[href^='/letters/new?']",
            "/coverage",
            "/rosters",
            "/rosters/new",
            "/duplicates",
            "/duplicates → main a.btn[href^='/duplicates/']",
            "/merges",
            "/party/branches",
            "/party/branches → main tr:nth-child(3) th a",
            "/party/branches → main tr:nth-child(3) th a → main a[href$='/add']",
            "/party/branches → main tr:nth-child(3) th a → main a[href^='/party/members/']",
            "/party/branches → main tr:nth-child(3) th a → main a[href^='/party/members/'] → main a[href*='/step/']",
            "/party/branches → main tr:nth-child(3) th a → main [aria-labelledby='h-home'] th a → main a[href$='/transfer']",
            "/party/transfers",
            "/party/transfers → main a[href^='/party/transfers/']",
            "/party/transfers?state=open → main tr:has(.bg-red-lt) th a → main .card-footer a",
        ],
    ),
    (
        "staff",
        &[
            "/accounts",
            "/accounts/new?q=沈",
            "/accounts → main td a[href^='/accounts/']",
            "/records",
            "/records/verify",
            "/places → main a[href^='/places/']",
            "/reorganisations?state=draft → main tbody th a",
            "/reorganisations?state=draft → main tbody th a → main a[href*='step=merge']",
            "/reorganisations/new",
            "/reorganisations?state=draft → main tbody th a → main a[href$='/edit']",
            "/reorganisations?state=draft → main tbody th a → main a[href$='/put-in-force']",
            "/reorganisations?state=draft → main tbody th a → main a[href$='/withdraw']",
        ],
    ),
];

#[tokio::test]
async fn on_a_phone_in_chinese() -> Result<()> {
    look_at_all(390, "zh-Hans", false).await
}

#[tokio::test]
async fn on_a_desk_in_english_in_the_dark() -> Result<()> {
    look_at_all(1280, "en", true).await
}

async fn look_at_all(width: u32, lang: &str, is_dark: bool) -> Result<()> {
    let mut faults = Vec::new();
    let mut site = None;
    for (role, pages) in PAGES {
        let Some(browser) = Browser::start(width, lang).await? else { return Ok(()) };
        let site = match &site {
            Some(site) => site,
            None => site.insert(Site::start()?),
        };
        if is_dark {
            browser.prefer_dark()?;
        }
        if !role.is_empty() {
            site.sign_in(&browser, role).await?;
        }
        for page in pages {
            let mut steps = page.split(" → ");
            browser.goto(&site.url(steps.next().unwrap_or_default())).await?;
            for link in steps {
                browser.click(link).await.with_context(|| format!("{role} {page}"))?;
            }
            let theme = browser.script("return document.documentElement.dataset.bsTheme", vec![]).await?;
            ensure!(theme == if is_dark { "dark" } else { "light" }, "{page} is {theme}");
            faults.extend(look::faults(&browser).await?.into_iter().map(|fault| format!("{role} {page}: {fault}")));
        }
    }
    faults.dedup();
    ensure!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    Ok(())
}
