//! Every page, as each role sees it, on a phone and on a desk, in Chinese and in English: accessible by axe-core, no wider
//! than its window, without errors of scripts or blocked content.

mod support;

use anyhow::{Result, ensure};
use support::{browser::Browser, site::Site};

/// The pages of a role; `→` presses the first link that a selector finds there.
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
        &["/overview", "/matches?as=staff", "/offers → main table a[href^='/offers/'], main .card a[href^='/offers/']"],
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
        ],
    ),
];

#[tokio::test]
async fn on_a_phone_in_chinese() -> Result<()> {
    look_at_all(390, "zh-Hans").await
}

#[tokio::test]
async fn on_a_desk_in_english() -> Result<()> {
    look_at_all(1280, "en").await
}

async fn look_at_all(width: u32, lang: &str) -> Result<()> {
    let mut faults = Vec::new();
    let mut site = None;
    for (role, pages) in PAGES {
        let Some(browser) = Browser::start(width, lang).await? else { return Ok(()) };
        let site = match &site {
            Some(site) => site,
            None => site.insert(Site::start()?),
        };
        if !role.is_empty() {
            site.sign_in(&browser, role).await?;
        }
        for page in pages {
            let (path, link) = page.split_once(" → ").map_or((*page, None), |(path, link)| (path, Some(link)));
            browser.goto(&site.url(path)).await?;
            if let Some(link) = link {
                browser.click(link).await?;
            }
            faults.extend(browser.axe().await?.into_iter().map(|fault| format!("{role} {page}: {fault}")));
            let overflow = browser.overflow().await?;
            if overflow > 0 {
                faults.push(format!("{role} {page}: {overflow} px wider than the window"));
            }
            faults.extend(browser.console_errors().await?.into_iter().map(|fault| format!("{role} {page}: {fault}")));
            let heading = browser.texts("h1").await?;
            if heading.len() != 1 || heading.iter().any(String::is_empty) {
                faults.push(format!("{role} {page}: not one heading but {heading:?}"));
            }
        }
    }
    faults.dedup();
    ensure!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    Ok(())
}
