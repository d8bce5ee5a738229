//! `cargo xtask flow FILE`: solves a DIMACS minimum-cost-flow problem and prints `cost C flow F seconds S`.

use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use tongxin_flow::{dimacs, verify_certificate};

/// Reads, solves, checks the certificate and prints; the seconds are those of the solve alone.
pub fn run(file: &Path) -> anyhow::Result<()> {
    let name = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
    let network = dimacs::parse(&text).with_context(|| format!("{name} is not a DIMACS problem"))?;
    drop(text);
    let start = Instant::now();
    let solution = network.solve().with_context(|| format!("{name} has no answer"))?;
    let seconds = start.elapsed().as_secs_f64();
    verify_certificate(&network, &solution).context("the answer failed its check")?;
    println!("cost {} flow {} seconds {seconds:.3}", solution.cost, solution.shipped);
    Ok(())
}
