//! What every page must be, whoever looks at it: accessible by axe-core, no wider than its window, without errors of
//! scripts or blocked content, with one heading.

use anyhow::Result;

use super::browser::Browser;

/// What is wrong with the page that a browser is on, one line for each; empty when it is well.
pub async fn faults(browser: &Browser) -> Result<Vec<String>> {
    let mut faults = browser.axe().await?;
    let overflow = browser.overflow().await?;
    if overflow > 0 {
        faults.push(format!("{overflow} px wider than the window"));
    }
    faults.extend(browser.console_errors().await?);
    let heading = browser.texts("h1").await?;
    if heading.len() != 1 || heading.iter().any(String::is_empty) {
        faults.push(format!("not one heading but {heading:?}"));
    }
    Ok(faults)
}
