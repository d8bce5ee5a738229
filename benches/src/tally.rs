//! Recounts of a million ballots: the example of the tally crate.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::{Options, flow::said, report::Part};

/// What a recount may take, in seconds.
const AIM: f64 = 2.0;
const RUNS: usize = 3;

/// The part `tally`: the median of each method; all runs must come to the same result.
pub fn measure(options: &Options, part: &mut Part) -> Result<()> {
    let mut methods: Vec<(String, String, Vec<f64>)> = Vec::new();
    for _ in 0..RUNS {
        let told = said(&mut Command::new(options.programs.join("examples/recount")))?;
        for (at, line) in told.lines().enumerate() {
            let (method, rest) = line.split_once(": ").with_context(|| format!("no method in {line}"))?;
            let (seconds, result) = rest.split_once(" s, ").with_context(|| format!("no seconds in {line}"))?;
            if methods.len() == at {
                methods.push((method.to_owned(), result.to_owned(), Vec::new()));
            }
            ensure!(methods[at].0 == method && methods[at].1 == result, "another result: {line}");
            methods[at].2.push(seconds.parse()?);
        }
    }
    for (method, result, mut seconds) in methods {
        seconds.sort_by(f64::total_cmp);
        let median = seconds[RUNS / 2];
        let what = format!("recount of 1,000,000 ballots: {method}");
        part.row(
            &what,
            "< 2 s",
            format!("{median:.3} s (median of {RUNS}), {result}"),
            format!("{:.2} of the aim", median / AIM),
        );
    }
    Ok(())
}
