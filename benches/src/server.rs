//! The program under measurement, as a process of its own.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::load::{Ask, Client};

/// A `tongxin serve` that ends with this value.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// How long it took until it was ready.
    pub ready_after: Duration,
}

impl Server {
    /// Starts the program on a folder, or on another database, and waits until it is ready.
    pub async fn start(programs: &Path, data: &Path, database_url: Option<&str>) -> Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
        let mut command = Command::new(programs.join("tongxin"));
        command.arg("serve").arg("--listen").arg(address.to_string());
        match database_url {
            Some(url) => command.env("DATABASE_URL", url),
            None => command.env_remove("DATABASE_URL").arg("--data").arg(data),
        };
        command.env("TONGXIN_LOG", "error").stdin(Stdio::null()).stdout(Stdio::null());
        let begun = Instant::now();
        let child = command.spawn().context("cannot start tongxin")?;
        let mut server = Self { child, address, ready_after: Duration::ZERO };
        loop {
            if server.is_ready().await {
                server.ready_after = begun.elapsed();
                return Ok(server);
            }
            if begun.elapsed() > Duration::from_secs(30) || server.child.try_wait()?.is_some() {
                bail!("tongxin serve did not become ready");
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    async fn is_ready(&self) -> bool {
        let Ok(mut client) = Client::connect(self.address).await else { return false };
        client.ask(&Ask::page("/readyz", None)).await.is_ok_and(|answer| answer.status.is_success())
    }

    /// A line of what the kernel tells of its memory, in MiB: `VmRSS` now, `VmHWM` at most.
    pub fn memory(&self, line: &str) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let found = status.lines().find_map(|l| l.strip_prefix(line)?.strip_prefix(':'));
        let kib = found.and_then(|l| l.split_whitespace().next()).context("no such line in /proc")?;
        Ok(kib.parse::<f64>()? / 1_024.0)
    }

    /// Asks it to stop, and waits.
    pub fn stop(mut self) -> Result<()> {
        Command::new("kill").arg(self.child.id().to_string()).status()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            // It can only fail when the process has ended in the meantime.
            let _ended = self.child.kill();
            let _ended = self.child.wait();
        }
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
