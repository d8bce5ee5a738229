//! `cargo xtask screenshots`: pictures of the pages of a running server, to be looked at.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Deserialize;

use crate::browser::Browser;
use crate::chromedriver::ChromeDriver;
use crate::{packages, root};

/// Widths of a phone and of a desk window, in CSS pixels.
const WIDTHS: [u32; 2] = [390, 1280];
const LANGUAGES: [&str; 2] = ["zh-Hans", "en"];

/// What to take pictures of.
#[derive(Args)]
pub struct Options {
    /// The address of the running server.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    base: String,
    /// The pages: a TOML file as xtask/screenshots.toml.
    #[arg(long, default_value = "xtask/screenshots.toml")]
    list: PathBuf,
    /// The folder for the PNG files.
    #[arg(long, default_value = "target/screenshots")]
    out: PathBuf,
    /// Only the pages whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// Use the dark theme.
    #[arg(long)]
    dark: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    /// The form in which one signs in.
    sign_in: SignIn,
    visitor: Vec<Visitor>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    path: String,
    form: String,
    login_field: String,
    password_field: String,
}

/// Someone who looks at pages.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Visitor {
    /// Opens the names of the files.
    role: String,
    /// Without a login, the visitor does not sign in.
    login: Option<String>,
    #[serde(default)]
    password: String,
    page: Vec<Page>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    name: String,
    path: String,
    /// Then follows, one after the other, the first link that each of these selects: for pages whose address holds an id.
    #[serde(default)]
    follow: Vec<String>,
}

/// Takes all pictures; an error at the end when a page could not be shown.
pub fn run(options: &Options) -> Result<()> {
    packages::ensure()?;
    let path = root().join(&options.list);
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let list: List = toml::from_str(&text).with_context(|| path.display().to_string())?;
    let driver = ChromeDriver::start()?;
    let webdriver = driver.url();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut failures = 0;
    for language in LANGUAGES {
        for width in WIDTHS {
            for visitor in &list.visitor {
                let pages: Vec<_> = visitor.page.iter().filter(|page| page.name.contains(&options.only)).collect();
                if !pages.is_empty() {
                    let visit = visit(options, &list.sign_in, visitor, &pages, &webdriver, width, language);
                    failures += runtime.block_on(visit)?;
                }
            }
        }
    }
    if failures > 0 {
        bail!("{failures} pages could not be shown");
    }
    Ok(())
}

/// One visitor's pictures in one window; how many failed.
async fn visit(
    options: &Options,
    sign_in: &SignIn,
    visitor: &Visitor,
    pages: &[&Page],
    webdriver: &str,
    width: u32,
    language: &str,
) -> Result<u32> {
    let base = options.base.trim_end_matches('/');
    let browser = Browser::connect(webdriver, width, language).await?;
    if options.dark {
        browser.goto(&format!("{base}/")).await?;
        browser.script("localStorage.setItem('theme', 'dark')", vec![]).await?;
    }
    if let Some(login) = &visitor.login {
        browser.goto(&format!("{base}{}", sign_in.path)).await?;
        browser.fill(&sign_in.login_field, login).await?;
        browser.fill(&sign_in.password_field, &visitor.password).await?;
        browser.submit(&sign_in.form).await?;
    }
    let mut failures = 0;
    for page in pages {
        let name = format!("{}-{}-{width}-{language}.png", visitor.role, page.name);
        match show(&browser, base, page, &options.out.join(&name)).await {
            Ok(overflow) => {
                println!("{name}");
                if overflow > 0 {
                    println!("  {overflow} px wider than the window");
                }
                for error in browser.console_errors().await? {
                    println!("  {error}");
                }
            }
            Err(error) => {
                failures += 1;
                println!("{name}: {error:#}");
            }
        }
    }
    Ok(failures)
}

async fn show(browser: &Browser, base: &str, page: &Page, file: &std::path::Path) -> Result<u64> {
    browser.goto(&format!("{base}{}", page.path)).await?;
    for css in &page.follow {
        browser.click(css).await?;
    }
    let overflow = browser.overflow().await?;
    browser.screenshot(file).await?;
    Ok(overflow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_in_the_tree_can_be_read() {
        let list: List = toml::from_str(include_str!("../screenshots.toml")).unwrap();
        let pages = list.visitor.iter().flat_map(|visitor| &visitor.page);
        assert!(pages.clone().all(|page| page.path.starts_with('/')));
        assert!(pages.count() > 0);
    }
}
