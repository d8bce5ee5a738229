//! `cargo xtask bench`: builds the release program and measures it; the measuring itself is the package in `benches/`.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::postgres::{self, Postgres};
use crate::test::{cargo, exit_code};
use crate::{process, root};

/// What is measured.
#[derive(clap::Args)]
pub struct Options {
    /// The parts to measure: disk, writes, http-writes, pages, matrix, duplicates, roster, start, flow, rank, tally. All when none is named.
    #[arg(value_name = "PART")]
    parts: Vec<String>,
    /// The script that solves the same assignment with OR-Tools; its result is the peer of the part `flow`.
    #[arg(long, value_name = "FILE", env = "TONGXIN_ORTOOLS")]
    ortools: Option<PathBuf>,
    /// How many seconds each rate is measured.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
}

/// Builds, starts a PostgreSQL that writes durably where a part needs one, and measures.
pub fn run(options: &Options) -> Result<ExitCode> {
    // Apart, so that the program is built with the features that it is released with.
    build(&["-p", "tongxin"])?;
    build(&["-p", "tongxin-bench"])?;
    let asked = |part: &str| options.parts.is_empty() || options.parts.iter().any(|asked| asked == part);
    if asked("rank") {
        build(&["-p", "tongxin-core", "--example", "rank"])?;
    }
    if asked("tally") {
        build(&["-p", "tongxin-tally", "--example", "recount"])?;
    }
    let built = target().join("release");
    let mut measure = Command::new(built.join("tongxin-bench"));
    measure.current_dir(root()).args(&options.parts).arg("--programs").arg(&built);
    measure.args(["--seconds", &options.seconds.to_string()]);
    measure
        .arg("--ortools")
        .arg(options.ortools.clone().unwrap_or_else(|| "../shared/tools/ortools_matching.py".into()));
    measure.arg("--work").arg(target().join("bench"));

    let postgres = if !["writes", "http-writes", "matrix", "duplicates", "roster"].into_iter().any(asked) {
        None
    } else if postgres::folder_of_programs().is_none() {
        eprintln!("PostgreSQL is left out: the Debian package postgresql is not installed");
        None
    } else {
        Some(Postgres::start_durable()?)
    };
    if let Some(postgres) = &postgres {
        measure.arg("--postgres").arg(postgres.url());
    }
    let status = measure.status().with_context(|| format!("cannot start {}", process::describe(&measure)))?;
    Ok(ExitCode::from(exit_code(status.success(), status.code())))
}

/// Where cargo puts what it builds.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |folder| root().join(folder))
}

fn build(words: &[&str]) -> Result<()> {
    let mut command = cargo(&["build", "--locked", "--release"]);
    command.args(words);
    eprintln!("== {}", process::describe(&command));
    let status = command.status().with_context(|| format!("cannot start {}", process::describe(&command)))?;
    if !status.success() {
        bail!("{} failed", process::describe(&command));
    }
    Ok(())
}
