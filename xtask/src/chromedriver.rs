//! The program that drives Chromium, on a free port for as long as the value lives.

use std::fs::File;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::browser::request;
use crate::process::{self, Running};

/// A running `chromedriver`.
pub struct ChromeDriver {
    server: Running,
    port: u16,
    /// Profiles of its browsers, and its log.
    _folder: TempDir,
}

impl ChromeDriver {
    /// Starts it, and returns when it takes orders.
    pub fn start() -> Result<Self> {
        let program = process::find("chromedriver").context("chromedriver is not installed")?;
        let folder = tempfile::Builder::new().prefix("tongxin-browser-").tempdir()?;
        let log = folder.path().join("log");
        let port = process::free_port()?;
        let output = File::create(&log)?;
        let mut command = process::guarded(&program, None);
        command.arg(format!("--port={port}")).env("TMPDIR", folder.path());
        command.stdout(output.try_clone()?).stderr(output);
        let mut driver = Self { server: Running::start(&mut command)?, port, _folder: folder };
        let ready = process::until(Duration::from_secs(30), || {
            driver.server.ended()
                || request(&format!("127.0.0.1:{port}"), "GET", "/status", "")
                    .is_ok_and(|status| status["ready"] == true)
        });
        if !ready || driver.server.ended() {
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            bail!("chromedriver did not start:\n{said}");
        }
        Ok(driver)
    }

    /// The address that a WebDriver client connects to.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for ChromeDriver {
    fn drop(&mut self) {
        // It closes the browsers of sessions that were left open, then ends; the guard ends it if it does not.
        if request(&format!("127.0.0.1:{}", self.port), "GET", "/shutdown", "").is_ok() {
            self.server.wait(Duration::from_secs(10));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_orders_and_leaves_nothing_behind() {
        if process::find("chromedriver").is_none() && std::env::var_os("TONGXIN_TEST_REQUIRE_ALL").is_none() {
            return;
        }
        let driver = ChromeDriver::start().unwrap();
        let server = format!("127.0.0.1:{}", driver.port);
        assert_eq!(driver.url(), format!("http://{server}"));
        drop(driver);
        assert!(request(&server, "GET", "/status", "").is_err());
    }
}
