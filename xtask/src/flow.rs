//! `cargo xtask flow FILE`: solves one problem in the DIMACS minimum-cost-flow format.

use std::path::Path;

use anyhow::{Context, Result};

/// Reads the problem in `file` and prints `cost C flow F seconds S`.
pub fn run(file: &Path) -> Result<()> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    anyhow::bail!("the solver is not built in yet")
}
