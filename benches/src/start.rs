//! Cold start and memory at rest.

use std::time::Duration;

use anyhow::Result;

use crate::{Options, generate, report::Part, server::Server};

const STARTS: usize = 5;

/// The part `start`, on the large community.
pub async fn measure(options: &Options, part: &mut Part) -> Result<()> {
    let data = options.work.join("large");
    generate::once(&data, generate::LARGE).await?;
    let mut times = Vec::new();
    let mut memory = 0.0_f64;
    for _ in 0..STARTS {
        let server = Server::start(&options.programs, &data, None).await?;
        times.push(server.ready_after.as_secs_f64() * 1_000.0);
        tokio::time::sleep(Duration::from_secs(2)).await;
        memory = memory.max(server.memory("VmRSS")?);
        server.stop()?;
    }
    times.sort_by(f64::total_cmp);
    let (median, worst) = (times[STARTS / 2], times[STARTS - 1]);
    let measured = format!("{median:.0} ms, worst of {STARTS}: {worst:.0} ms");
    part.row("`serve` on existing data until `/readyz` answers 200", "< 300 ms", measured, ratio(median, 300.0));
    part.row(
        "memory at rest, 2 s after the start (VmRSS)",
        "< 100 MB",
        format!("{memory:.0} MiB"),
        ratio(memory, 95.4),
    );
    Ok(())
}

fn ratio(measured: f64, aim: f64) -> String {
    format!("{:.2} of the aim", measured / aim)
}
