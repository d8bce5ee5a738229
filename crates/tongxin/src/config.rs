//! The configuration: options over environment over file over defaults, checked before anything starts.

use std::{
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use serde::{Deserialize, Serialize};

use crate::Options;

/// The variables that set a value of the same name.
const VARIABLES: [&str; 7] = ["listen", "data", "origin", "https", "connections", "access_log", "log"];

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The address to serve on.
    pub listen: String,
    /// The folder of the SQLite database.
    pub data: PathBuf,
    /// Another database: `postgres://…` or `sqlite:…`.
    pub database_url: Option<String>,
    /// The origin that readers see, when a proxy stands before the program.
    pub origin: Option<String>,
    /// Whether readers reach it by HTTPS.
    pub https: bool,
    /// How many connections are open at once.
    pub connections: usize,
    /// Whether each request is logged.
    pub access_log: bool,
    /// What is logged, as `tracing` filters write it.
    pub log: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            data: PathBuf::from("tongxin-data"),
            database_url: None,
            origin: None,
            https: false,
            connections: 1_024,
            access_log: false,
            log: "info".to_owned(),
        }
    }
}

impl Config {
    /// Reads and checks the configuration.
    pub fn load(options: &Options) -> Result<Self> {
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        if let Some(file) = &options.config {
            ensure!(file.is_file(), "configuration file {}: not found", file.display());
            figment = figment.merge(Toml::file_exact(file));
        }
        figment = figment.merge(Env::prefixed("TONGXIN_").only(&VARIABLES)).merge(Env::raw().only(&["DATABASE_URL"]));
        let mut config: Self = figment.extract().context("configuration")?;
        if let Some(listen) = &options.listen {
            config.listen.clone_from(listen);
        }
        if let Some(data) = &options.data {
            config.data.clone_from(data);
            config.database_url = None;
        }
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<()> {
        self.address()?;
        ensure!(self.connections > 0, "connections = 0: at least 1 is needed");
        if let Some(url) = &self.database_url {
            let known = ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme));
            ensure!(known, "database_url: write postgres://USER@HOST/DATABASE or sqlite:PATH");
        }
        if let Some(origin) = &self.origin {
            let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            let Some(host) = host.filter(|host| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' '])) else {
                bail!("origin = {origin:?}: write it like https://tongxin.example.org, without a path");
            };
            let _host = host;
            let by_https = origin.starts_with("https://");
            ensure!(by_https == self.https, "origin = {origin:?} and https = {} contradict each other", self.https);
        }
        Ok(())
    }

    /// The address to serve on.
    pub fn address(&self) -> Result<SocketAddr> {
        let error = || format!("listen = {:?}: write it like 127.0.0.1:8080 or [::1]:8080", self.listen);
        self.listen.parse().with_context(error)
    }

    /// The address of the database. The folder of a SQLite database is made.
    pub fn database(&self) -> Result<String> {
        if let Some(url) = &self.database_url {
            return Ok(url.clone());
        }
        std::fs::create_dir_all(&self.data).with_context(|| format!("folder {}", self.data.display()))?;
        Ok(sqlite_url(&self.data.join("tongxin.db")))
    }
}

/// The address of a SQLite file; characters that mean something in an address are escaped.
fn sqlite_url(path: &Path) -> String {
    let path = path.to_string_lossy().replace('%', "%25").replace('?', "%3F").replace('#', "%23");
    format!("sqlite:{path}")
}

impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "listen = {:?}", self.listen)?;
        writeln!(f, "data = {:?}", self.data)?;
        if let Some(url) = &self.database_url {
            writeln!(f, "database_url = {:?}", without_password(url))?;
        }
        if let Some(origin) = &self.origin {
            writeln!(f, "origin = {origin:?}")?;
        }
        writeln!(f, "https = {}", self.https)?;
        writeln!(f, "connections = {}", self.connections)?;
        writeln!(f, "access_log = {}", self.access_log)?;
        writeln!(f, "log = {:?}", self.log)
    }
}

/// A database's address that may be shown.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let Some((user, host)) = rest.rsplit_once('@') else { return url.to_owned() };
    let user = user.split(':').next().unwrap_or_default();
    format!("{scheme}://{user}@{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(change: impl FnOnce(&mut Config)) -> String {
        let mut config = Config::default();
        change(&mut config);
        config.check().unwrap_err().to_string()
    }

    #[test]
    fn each_mistake_names_its_key() {
        assert!(Config::default().check().is_ok());
        assert!(wrong(|c| c.listen = "8080".into()).contains("listen"));
        assert!(wrong(|c| c.database_url = Some("mysql://db".into())).contains("database_url"));
        assert!(wrong(|c| c.origin = Some("https://a.example/path".into())).contains("origin"));
        assert!(wrong(|c| c.origin = Some("https://a.example".into())).contains("https"));
        assert!(wrong(|c| c.connections = 0).contains("connections"));
    }

    #[test]
    fn a_password_is_not_shown() {
        let config = Config { database_url: Some("postgres://me:se@cret@db:5432/t".into()), ..Config::default() };
        assert!(config.to_string().contains("postgres://me@db:5432/t"));
        assert!(!config.to_string().contains("cret"));
    }

    #[test]
    fn a_path_is_escaped() {
        assert_eq!(sqlite_url(Path::new("/a 100%?/t.db")), "sqlite:/a 100%25%3F/t.db");
    }
}
