//! The project's own tasks, run as `cargo xtask TASK`.
//!
//! What lives here: everything a contributor or the build machine runs that is not the product itself. What may not:
//! rules of the domain, and anything the program needs at run time. To add a task, write a module with a `run`
//! function and give it a variant in [`Task`].

mod bench;
mod chromedriver;
mod css;
mod flow;
mod icons;
mod pabulib;
mod packages;
mod postgres;
mod process;
mod screenshots;
mod test;
mod vendor;

/// The browser driver is the one that the journey tests use.
#[path = "../../crates/tongxin/tests/support/browser.rs"]
#[allow(dead_code, reason = "the journeys use parts that the screenshots do not")]
mod browser;
#[cfg(test)]
mod browser_test;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Tasks of the Tongxin project.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run the whole suite: format, clippy, and all tests with a real PostgreSQL and a real browser.
    ///
    /// Missing Debian packages are installed when this runs as root on a machine with apt-get.
    Test {
        /// Only the tests whose names contain one of these (format and clippy are then left out); also options of
        /// the test harness, such as --nocapture.
        #[arg(last = true, value_name = "FILTER")]
        filter: Vec<String>,
    },
    /// Measure the release program beside its limits and peers, and write benches/RESULTS.md; see benches/README.md.
    Bench(bench::Options),
    /// Fetch the pinned front-end assets listed in xtask/vendor.toml from npm and put them into the tree.
    Vendor,
    /// Save pictures of the pages of a running server, on a phone-size and a desk-size window, in both languages.
    Screenshots(screenshots::Options),
    /// Solve a problem in the DIMACS minimum-cost-flow format and print its cost, its flow and the seconds it took.
    Flow {
        /// The problem.
        file: PathBuf,
    },
    /// Compare participatory budgets with those that pabutools selects on the Pabulib files of a folder.
    ///
    /// The folder holds FILE.pb and expected.json. Prints the seconds of both for each file; fails on any difference.
    Pabulib {
        /// The folder.
        folder: PathBuf,
    },
}

/// The root of the workspace: the folder above this package.
fn root() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}

fn run(task: Task) -> Result<ExitCode> {
    match task {
        Task::Test { filter } => return test::run(&filter),
        Task::Bench(options) => return bench::run(&options),
        Task::Vendor => vendor::run()?,
        Task::Screenshots(options) => screenshots::run(&options)?,
        Task::Flow { file } => flow::run(&file)?,
        Task::Pabulib { folder } => return pabulib::run(&folder),
    }
    Ok(ExitCode::SUCCESS)
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
