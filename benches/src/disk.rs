//! The machine's own limit: how often a second an append can be made durable.

use std::{
    fs::OpenOptions,
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::{
    Options,
    load::{Outcome, figures},
    report::Part,
};

const BLOCK: usize = 4_096;

/// Appends 4 KiB and waits for the disk, again and again.
pub fn fsyncs(folder: &Path, seconds: u64) -> Result<Outcome> {
    let path = folder.join("fsync.tmp");
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(&path)?;
    let block = [0x5a_u8; BLOCK];
    let start = Instant::now();
    let mut times = Vec::new();
    while start.elapsed() < Duration::from_secs(seconds) {
        let one = Instant::now();
        file.write_all(&block)?;
        file.sync_data()?;
        times.push(one.elapsed());
    }
    let outcome = Outcome::new(times, start.elapsed());
    drop(file);
    std::fs::remove_file(path)?;
    Ok(outcome)
}

/// The part `disk`.
pub fn measure(options: &Options, part: &mut Part) -> Result<()> {
    let outcome = fsyncs(&options.work, options.seconds.min(3))?;
    part.row("append of 4 KiB + fdatasync, one at a time", "the machine's limit", figures(&outcome), "1.00");
    Ok(())
}
