//! `cargo xtask pabulib FOLDER`: selects by equal shares and by the greedy rule on every Pabulib file of a folder, and compares
//! with the folder's `expected.json`, which pabutools made.

use std::{collections::BTreeMap, path::Path, process::ExitCode, time::Instant};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use tongxin_tally::{
    TallyError, TieOrder,
    budget::{BudgetOutcome, Budgeting, Completion, Satisfaction, equal_shares, greedy},
    pabulib::{Pabulib, parse},
};

/// Each rule runs this often; the median counts.
const RUNS: usize = 9;

#[derive(Deserialize)]
struct Expected {
    results: Vec<Instance>,
}

#[derive(Deserialize)]
struct Instance {
    instance: String,
    projects: usize,
    votes: usize,
    equal_shares_cost_sat: Selection,
    greedy_cost_sat: Selection,
}

#[derive(Deserialize)]
struct Selection {
    projects: Vec<String>,
    seconds: f64,
}

/// Reads, selects, compares and prints; the seconds are those from the ballots that were read to the selection.
pub fn run(folder: &Path) -> Result<ExitCode> {
    let expected = folder.join("expected.json");
    let text = std::fs::read_to_string(&expected).with_context(|| format!("cannot read {}", expected.display()))?;
    let expected: Expected = serde_json::from_str(&text).context("expected.json is of another form")?;
    let mut left: BTreeMap<String, Instance> =
        expected.results.into_iter().map(|instance| (instance.instance.clone(), instance)).collect();
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "pb") {
            files.push(path);
        }
    }
    ensure!(!files.is_empty(), "no .pb file in {}", folder.display());
    files.sort();
    println!(
        "{:<48} {:>4} {:>6}  {:>10} {:>9} {:>7}  {:>10} {:>9} {:>7}",
        "file", "proj", "votes", "shares s", "expected", "ratio", "greedy s", "expected", "ratio"
    );
    let mut same = true;
    for path in &files {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let instance = left.remove(&name).with_context(|| format!("expected.json says nothing of {name}"))?;
        let election = parse(&std::fs::read_to_string(path)?).with_context(|| name.clone())?;
        let found = (election.projects.len(), election.problem.voters());
        ensure!(found == (instance.projects, instance.votes), "{name}: {found:?} projects and votes were read");
        let order = election.order()?;
        let shares = median(&election, &order, |problem, order| {
            equal_shares(problem, Satisfaction::Cost, Completion::None, order)
        })?;
        let welfare = median(&election, &order, |problem, order| greedy(problem, Satisfaction::Cost, order))?;
        let (theirs, of_greedy) = (&instance.equal_shares_cost_sat, &instance.greedy_cost_sat);
        println!(
            "{name:<48} {:>4} {:>6}  {:>10.6} {:>9.4} {:>6.0}×  {:>10.6} {:>9.4} {:>6.0}×",
            found.0,
            found.1,
            shares.1,
            theirs.seconds,
            theirs.seconds / shares.1,
            welfare.1,
            of_greedy.seconds,
            of_greedy.seconds / welfare.1
        );
        for (rule, ours, theirs) in [("equal shares", &shares.0, theirs), ("greedy", &welfare.0, of_greedy)] {
            same &= agree(rule, &selected(&election, ours), &theirs.projects);
        }
    }
    ensure!(left.is_empty(), "these files are missing: {:?}", left.keys());
    if same {
        println!("{} files: the selections are identical", files.len());
    }
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The outcome, and the median of the seconds, in which the ballots are handed in and counted each time.
fn median(
    election: &Pabulib,
    order: &TieOrder,
    rule: impl Fn(&Budgeting, &TieOrder) -> Result<BudgetOutcome, TallyError>,
) -> Result<(BudgetOutcome, f64)> {
    let read = &election.problem;
    let mut seconds = Vec::with_capacity(RUNS);
    loop {
        let start = Instant::now();
        let mut problem = Budgeting::new(read.budget(), read.costs().to_vec())?;
        for voter in 0..read.voters() {
            problem.add(read.supported_by(voter))?;
        }
        let outcome = rule(&problem, order)?;
        seconds.push(start.elapsed().as_secs_f64());
        if seconds.len() == RUNS {
            seconds.sort_by(f64::total_cmp);
            return Ok((outcome, seconds[RUNS / 2]));
        }
    }
}

/// The ids of what is selected, sorted as in the file.
fn selected(election: &Pabulib, outcome: &BudgetOutcome) -> Vec<String> {
    let mut ids: Vec<String> = outcome.selected.iter().map(|&project| election.projects[project].clone()).collect();
    ids.sort();
    ids
}

/// Whether both are the same; prints what differs.
fn agree(rule: &str, ours: &[String], theirs: &[String]) -> bool {
    let mut theirs = theirs.to_vec();
    theirs.sort();
    let only =
        |a: &[String], b: &[String]| a.iter().filter(|id| !b.contains(id)).cloned().collect::<Vec<_>>().join(", ");
    if ours != theirs {
        println!("  {rule} differs: only ours [{}], only expected [{}]", only(ours, &theirs), only(&theirs, ours));
    }
    ours == theirs
}
