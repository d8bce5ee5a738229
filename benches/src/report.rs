//! What was measured, kept part by part, and the report that is made of it.

use std::{fmt::Write, path::Path, process::Command};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use tongxin_core::time::{Clock, SystemClock};

use crate::PARTS;

/// The figures of one part.
#[derive(Serialize, Deserialize)]
pub struct Part {
    name: String,
    at: String,
    commit: String,
    load_before: String,
    load_after: String,
    notes: Vec<String>,
    rows: Vec<[String; 4]>,
}

impl Part {
    /// Notes when and on what it begins.
    pub fn begin(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            at: SystemClock.now().format("%Y-%m-%d %H:%M UTC").to_string(),
            commit: commit(),
            load_before: load(),
            load_after: String::new(),
            notes: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// Adds a line: what, the limit or aim, what was measured, and the ratio of the two.
    pub fn row(&mut self, what: &str, aim: &str, measured: impl Into<String>, ratio: impl Into<String>) {
        let row = [what.to_owned(), aim.to_owned(), measured.into(), ratio.into()];
        eprintln!("{}", row.join(" | "));
        self.rows.push(row);
    }

    /// Adds a note under the table.
    pub fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        eprintln!("{note}");
        self.notes.push(note);
    }

    /// Keeps the figures for the report.
    pub fn keep(mut self, folder: &Path) -> Result<()> {
        self.load_after = load();
        let text = serde_json::to_string_pretty(&self)?;
        std::fs::write(folder.join(format!("{}.json", self.name)), text).context("the figures can't be kept")
    }
}

/// Makes the report from the parts that were measured so far.
pub fn write(folder: &Path, report: &Path) -> Result<()> {
    let mut text = String::from(
        "# Figures\n\nMade by `cargo xtask bench`; [README.md](README.md) says what is measured and how. Load average and commit \
         are those of each part: figures taken while the machine was busy with something else are worse than it can do.\n\n",
    );
    writeln!(text, "Machine: {}\n", machine())?;
    for name in PARTS {
        let Ok(kept) = std::fs::read_to_string(folder.join(format!("{name}.json"))) else { continue };
        let part: Part = serde_json::from_str(&kept)?;
        writeln!(text, "## {}\n", title(name))?;
        writeln!(
            text,
            "{}, commit {}, load average before {} and after {}\n",
            part.at, part.commit, part.load_before, part.load_after
        )?;
        text.push_str("| what | limit or aim | measured | ratio |\n| --- | --- | --- | --- |\n");
        for row in &part.rows {
            writeln!(text, "| {} |", row.join(" | "))?;
        }
        text.push('\n');
        for note in &part.notes {
            writeln!(text, "- {note}")?;
        }
        if !part.notes.is_empty() {
            text.push('\n');
        }
    }
    std::fs::write(report, text.trim_end().to_owned() + "\n").context("the report can't be written")
}

fn title(part: &str) -> &'static str {
    match part {
        "disk" => "The disk",
        "writes" => "Durable writes in-process",
        "http-writes" => "Durable writes over HTTP",
        "pages" => "Pages under load",
        "matrix" => "Structure of any day",
        "duplicates" => "Suspected duplicates",
        "roster" => "Rosters",
        "authorise" => "Authority",
        "start" => "Start and memory",
        "flow" => "Optimal assignment",
        "tally" => "Recounts",
        _ => "Ranking",
    }
}

fn commit() -> String {
    let git = |words: &[&str]| {
        let output = Command::new("git").args(words).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "--short", "HEAD"]) else { return "unknown".to_owned() };
    let changed =
        git(&["status", "--porcelain", "--untracked-files=no", "--", "crates"]).is_some_and(|s| !s.is_empty());
    if changed { format!("{commit} with changes") } else { commit }
}

fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("unknown").to_owned()
}

fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let value = |text: &str, key: &str| {
        let line = text.lines().find(|line| line.starts_with(key))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let cpu = value(&read("/proc/cpuinfo"), "model name").unwrap_or_else(|| "unknown".to_owned());
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let kib = value(&read("/proc/meminfo"), "MemTotal").unwrap_or_default();
    let gib = kib.split(' ').next().and_then(|kib| kib.parse::<f64>().ok()).map_or(0.0, |kib| kib / 1_048_576.0);
    let mounts = read("/proc/mounts");
    let mut root = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ');
        let (device, place, kind) = (words.next()?, words.next()?, words.next()?);
        (place == "/").then(|| format!("{device} ({kind})"))
    });
    let disk = root.next_back().unwrap_or_else(|| "unknown".to_owned());
    let kernel = read("/proc/sys/kernel/osrelease");
    format!("{cores} × {cpu}, {gib:.0} GiB of memory, disk {disk}, Linux {}", kernel.trim())
}
