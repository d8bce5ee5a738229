//! Measures the release program beside its limits and peers; `cargo xtask bench` builds and starts it.
//!
//! What lives here: the generator of a large community, the load, the measuring and the report. What may not: anything
//! that the product needs. Each part writes its figures to a file of its own, and `RESULTS.md` is made from all of them, so
//! that a part can be measured again alone. To add a part: a module with a `measure` function and its line in [`PARTS`].

mod authorise;
mod disk;
mod duplicates;
mod flow;
mod generate;
mod load;
mod matrix;
mod pages;
mod report;
mod roster;
mod server;
mod start;
mod structure;
mod tally;
mod writes;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Parser;

use report::Part;

/// What can be measured, in the order of the report.
const PARTS: [&str; 12] = [
    "disk",
    "writes",
    "http-writes",
    "pages",
    "matrix",
    "duplicates",
    "roster",
    "authorise",
    "start",
    "flow",
    "rank",
    "tally",
];

/// Measures Tongxin.
#[derive(Parser)]
struct Options {
    /// The parts to measure; all when none is named.
    parts: Vec<String>,
    /// The folder of the release programs.
    #[arg(long, default_value = "target/release")]
    programs: PathBuf,
    /// The folder for the data of the measurements, on the disk that is measured.
    #[arg(long, default_value = "target/bench")]
    work: PathBuf,
    /// Where the report goes.
    #[arg(long, default_value = "benches/RESULTS.md")]
    report: PathBuf,
    /// A PostgreSQL server that writes durably.
    #[arg(long)]
    postgres: Option<String>,
    /// The script of the peer of `flow`.
    #[arg(long, default_value = "../shared/tools/ortools_matching.py")]
    ortools: PathBuf,
    /// How many seconds each rate is measured.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Solve one DIMACS problem, print `cost C flow F seconds S peak KIB`, and end.
    #[arg(long, value_name = "FILE")]
    solve: Option<PathBuf>,
    /// Make the large community in a folder, and end.
    #[arg(long, value_name = "DIR")]
    generate: Option<PathBuf>,
}

fn main() -> Result<()> {
    let options = Options::parse();
    if let Some(file) = &options.solve {
        return flow::solve(file);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if let Some(folder) = &options.generate {
        return runtime.block_on(generate::once(folder, generate::LARGE)).map(|_| ());
    }
    let parts: Vec<&str> =
        if options.parts.is_empty() { PARTS.to_vec() } else { options.parts.iter().map(String::as_str).collect() };
    if let Some(unknown) = parts.iter().find(|part| !PARTS.contains(part)) {
        bail!("unknown part {unknown}: choose from {}", PARTS.join(", "));
    }
    std::fs::create_dir_all(&options.work)?;
    for part in parts {
        eprintln!("== {part}");
        let mut measured = Part::begin(part);
        match part {
            "disk" => disk::measure(&options, &mut measured)?,
            "writes" => runtime.block_on(writes::in_process(&options, &mut measured))?,
            "http-writes" => runtime.block_on(writes::over_http(&options, &mut measured))?,
            "matrix" => runtime.block_on(matrix::measure(&options, &mut measured))?,
            "duplicates" => runtime.block_on(duplicates::measure(&options, &mut measured))?,
            "roster" => runtime.block_on(roster::measure(&options, &mut measured))?,
            "authorise" => runtime.block_on(authorise::measure(&options, &mut measured))?,
            "pages" => runtime.block_on(pages::measure(&options, &mut measured))?,
            "start" => runtime.block_on(start::measure(&options, &mut measured))?,
            "flow" => flow::measure(&options, &mut measured)?,
            "tally" => tally::measure(&options, &mut measured)?,
            _ => flow::rank(&options, &mut measured)?,
        }
        measured.keep(&options.work)?;
        report::write(&options.work, &options.report)?;
    }
    Ok(())
}
