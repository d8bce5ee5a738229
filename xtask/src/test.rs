//! `cargo xtask test`: the whole suite.

use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result};

use crate::chromedriver::ChromeDriver;
use crate::postgres::Postgres;
use crate::{packages, process, root};

/// Runs format check, clippy and all tests; with a filter, only the tests that match. The exit code is that of the
/// first step that fails. What cargo prints about the tests is the last thing printed.
pub fn run(filter: &[String]) -> Result<ExitCode> {
    packages::ensure()?;
    let mut steps = vec![];
    if filter.is_empty() {
        steps.push(cargo(&["fmt", "--all", "--check"]));
        let mut clippy = cargo(&["clippy", "--locked", "--workspace", "--all-targets"]);
        clippy.args(["--", "-D", "warnings"]);
        steps.push(clippy);
    }
    for mut step in steps {
        let code = run_step(&mut step)?;
        if code != 0 {
            return Ok(ExitCode::from(code));
        }
    }

    let postgres = Postgres::start().context("the tests need a PostgreSQL")?;
    let driver = ChromeDriver::start().context("the tests need a browser")?;
    let mut tests = cargo(&["test", "--locked", "--workspace", "--no-fail-fast"]);
    if !filter.is_empty() {
        tests.arg("--").args(filter);
    }
    tests
        .env("TONGXIN_TEST_POSTGRES", postgres.url())
        .env("TONGXIN_TEST_WEBDRIVER", driver.url())
        .env("TONGXIN_TEST_REQUIRE_ALL", "1");
    Ok(ExitCode::from(run_step(&mut tests)?))
}

/// A call of the cargo that runs this task, in the workspace's root, without what cargo told this task about itself.
pub fn cargo(words: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
    command.args(words).current_dir(root()).stdin(Stdio::null());
    command
}

/// Runs one step with its output shown; its exit code, never 0 when it failed.
fn run_step(step: &mut Command) -> Result<u8> {
    let words: Vec<_> = step.get_args().map(|word| word.to_string_lossy()).collect();
    eprintln!("== cargo {}", words.join(" "));
    let status = step.status().with_context(|| format!("cannot start {}", process::describe(step)))?;
    Ok(exit_code(status.success(), status.code()))
}

/// The exit code to end with, never 0 when a step failed.
pub fn exit_code(success: bool, code: Option<i32>) -> u8 {
    if success {
        return 0;
    }
    // A process that a signal ended has no code.
    code.and_then(|code| u8::try_from(code).ok()).filter(|code| *code != 0).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_never_reported_as_success() {
        assert_eq!(exit_code(true, Some(0)), 0);
        assert_eq!(exit_code(false, Some(101)), 101);
        assert_eq!(exit_code(false, Some(256)), 1);
        assert_eq!(exit_code(false, None), 1);
    }
}
