//! What the program logs, to standard error.

use anyhow::{Context, Result};
use tracing_subscriber::EnvFilter;

use crate::config::Config;

/// Starts logging. `RUST_LOG` goes before the configuration. Requests are logged only when `access_log` says so.
pub fn start(config: &Config) -> Result<()> {
    let requests = if config.access_log { "debug" } else { "error" };
    let filter = std::env::var("RUST_LOG").unwrap_or_else(|_| {
        format!("{},sqlx=warn,sea_orm=warn,sea_orm_migration=warn,tower_http::trace={requests}", config.log)
    });
    let filter = EnvFilter::try_new(&filter).with_context(|| format!("log = {filter:?}"))?;
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).init();
    Ok(())
}
