//! The optimal assignment beside OR-Tools, and the ranking of one need.

use std::{path::Path, process::Command, time::Instant};

use anyhow::{Context, Result, ensure};
use tongxin_flow::{dimacs, verify_certificate};

use crate::{Options, report::Part};

const NEEDS: &str = "100000";
const OFFERS: &str = "20000";
const RUNS: usize = 3;

/// Solves one problem and prints what [`measure`] reads.
pub fn solve(file: &Path) -> Result<()> {
    let network = dimacs::parse(&std::fs::read_to_string(file)?)?;
    let start = Instant::now();
    let solution = network.solve()?;
    let seconds = start.elapsed().as_secs_f64();
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next());
    verify_certificate(&network, &solution)?;
    let peak = peak.context("no VmHWM in /proc/self/status")?;
    println!("cost {} flow {} seconds {seconds:.3} peak {peak}", solution.cost, solution.shipped);
    Ok(())
}

/// The part `flow`: the same problem by OR-Tools and by us, by turns.
pub fn measure(options: &Options, part: &mut Part) -> Result<()> {
    let what = format!("assignment of {NEEDS} needs × {OFFERS} offers × 20 candidates, solve alone");
    let script = &options.ortools;
    let able = Command::new("python3").args(["-c", "import ortools, numpy"]).output();
    if !script.is_file() || !able.is_ok_and(|output| output.status.success()) {
        let why = "left out: needs the script (`--ortools FILE`), python3, ortools and numpy";
        eprintln!("flow: {why}");
        part.row(&what, "OR-Tools in the same run", why, "–");
        return Ok(());
    }
    let file = options.work.join("matching.min");
    let (mut theirs, mut ours, mut peak) = (Vec::new(), Vec::new(), 0.0_f64);
    for run in 0..RUNS {
        let mut python = Command::new("python3");
        python.arg(script).args([NEEDS, OFFERS]);
        if run == 0 {
            python.arg("--write").arg(&file);
        }
        let peer = said(&mut python)?;
        let own = said(Command::new(std::env::current_exe()?).arg("--solve").arg(&file))?;
        ensure!(word(&peer, "cost")? == word(&own, "cost")?, "the costs differ: {peer} / {own}");
        theirs.push(word(&peer, "seconds")?);
        ours.push(word(&own, "seconds")?);
        peak = peak.max(word(&own, "peak")? / 1_024.0);
    }
    std::fs::remove_file(file)?;
    theirs.sort_by(f64::total_cmp);
    ours.sort_by(f64::total_cmp);
    let (peer, own) = (theirs[RUNS / 2], ours[RUNS / 2]);
    part.row(
        &what,
        &format!("OR-Tools: {peer:.2} s; aim: half of it"),
        format!("{own:.2} s, the same cost (medians of {RUNS}, by turns)"),
        format!("{:.2}× as fast", peer / own),
    );
    let of_aim = format!("{:.2} of the aim", peak / 1_024.0);
    part.row("peak memory of the same, with the problem's text read", "< 1 GiB", format!("{peak:.0} MiB"), of_aim);
    Ok(())
}

/// The part `rank`: the example of the core crate.
pub fn rank(options: &Options, part: &mut Part) -> Result<()> {
    let told = said(&mut Command::new(options.programs.join("examples/rank")))?;
    for line in told.lines() {
        let Some((what, measured)) = line.split_once(": ") else { continue };
        let aim = if what.starts_with("rank") { "< 5 ms" } else { "–" };
        let median = measured.strip_prefix("median ").and_then(|rest| rest.split(' ').next()?.parse::<f64>().ok());
        let ratio = median.map_or("–".to_owned(), |ms| format!("{:.2} of the aim", ms / 5.0));
        let what = if aim == "–" { what.to_owned() } else { format!("one need against 20,000 offers: {what}") };
        part.row(&what, aim, measured, ratio);
    }
    Ok(())
}

/// What a program prints; an error when it fails.
pub fn said(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    ensure!(output.status.success(), "{command:?} failed: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The number after a word.
fn word(text: &str, word: &str) -> Result<f64> {
    let mut words = text.split_whitespace();
    words.find(|w| *w == word).and_then(|_| words.next()?.parse().ok()).with_context(|| format!("no {word} in {text}"))
}
