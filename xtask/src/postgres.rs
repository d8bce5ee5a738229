//! A PostgreSQL of its own for one run of the tests: new, empty, on a free port, gone afterwards.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::process::{self, Running};

/// PostgreSQL refuses to run as root; Debian's package brings this user.
const USER: &str = "postgres";

/// A running PostgreSQL server.
pub struct Postgres {
    server: Running,
    port: u16,
    programs: PathBuf,
    folder: TempDir,
    user: Option<&'static str>,
}

/// Where Debian keeps the server's programs: the folder of the newest version that is installed.
pub fn folder_of_programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let folders = versions.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    newest(folders.filter(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file()))
}

/// The one of `…/VERSION/bin` with the highest version.
fn newest(folders: impl Iterator<Item = PathBuf>) -> Option<PathBuf> {
    folders.max_by_key(|folder| {
        let version = folder.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
        version.and_then(|text| text.parse::<u32>().ok())
    })
}

/// The numeric ids of a user and of its group, from the text of `/etc/passwd`.
fn ids(passwd: &str, user: &str) -> Option<(u32, u32)> {
    let line = passwd.lines().find(|line| line.split(':').next() == Some(user))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

impl Postgres {
    /// Makes a cluster in a temporary folder and starts it; returns when it takes connections.
    ///
    /// For tests: what it acknowledges is not on the disk.
    pub fn start() -> Result<Self> {
        Self::start_with(&["fsync=off", "synchronous_commit=off", "full_page_writes=off"])
    }

    /// The same for measurements: what it acknowledges is on the disk, as a server is run.
    pub fn start_durable() -> Result<Self> {
        Self::start_with(&["fsync=on", "synchronous_commit=on", "full_page_writes=on"])
    }

    fn start_with(settings: &[&str]) -> Result<Self> {
        let programs = folder_of_programs().context("no PostgreSQL under /usr/lib/postgresql")?;
        let folder = tempfile::Builder::new().prefix("tongxin-postgres-").tempdir()?;
        let user = process::is_root().then_some(USER);
        if let Some(user) = user {
            let (user_id, group_id) = ids(&std::fs::read_to_string("/etc/passwd")?, user)
                .with_context(|| format!("PostgreSQL does not run as root, and there is no user {user}"))?;
            std::os::unix::fs::chown(folder.path(), Some(user_id), Some(group_id))?;
        }
        let data = folder.path().join("data");
        let mut initdb = process::guarded(&programs.join("initdb"), user);
        initdb.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]);
        process::output(initdb.arg("--pgdata").arg(&data).current_dir(folder.path()))?;

        let port = process::free_port()?;
        let log = folder.path().join("log");
        let mut command = process::guarded(&programs.join("postgres"), user);
        command.arg("-D").arg(&data).arg("-p").arg(port.to_string());
        let always = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=300"];
        for setting in always.iter().chain(settings) {
            command.arg("-c").arg(setting);
        }
        let output = File::create(&log)?;
        command.current_dir(folder.path()).stdout(output.try_clone()?).stderr(output);
        let mut postgres = Self { server: Running::start(&mut command)?, port, programs, folder, user };
        if !postgres.wait_until_ready() {
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            bail!("PostgreSQL did not start:\n{said}");
        }
        Ok(postgres)
    }

    fn wait_until_ready(&mut self) -> bool {
        let ready = self.programs.join("pg_isready");
        let port = self.port.to_string();
        process::until(Duration::from_secs(30), || {
            self.server.ended()
                || process::output(Command::new(&ready).args(["-q", "-h", "127.0.0.1", "-p", &port])).is_ok()
        }) && !self.server.ended()
    }

    /// The address of its administrative database, for a client on this machine; no password.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let mut stop = process::guarded(&self.programs.join("pg_ctl"), self.user);
        stop.arg("-D").arg(self.folder.path().join("data")).args(["stop", "-m", "immediate"]);
        // When it can't be asked, the guard of the process ends it.
        if process::output(stop.current_dir(self.folder.path())).is_ok() {
            self.server.wait(Duration::from_secs(10));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_is_chosen_by_number() {
        let folders = ["/p/9/bin", "/p/15/bin", "/p/main/bin", "/p/13/bin"].map(PathBuf::from);
        assert_eq!(newest(folders.into_iter()), Some(PathBuf::from("/p/15/bin")));
        assert_eq!(newest(std::iter::empty()), None);
    }

    #[test]
    fn ids_come_from_the_line_of_the_user() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\npostgresx:x:1:2::/:/bin/sh\npostgres:x:105:110:,,,:/var:/bin/sh\n";
        assert_eq!(ids(passwd, "postgres"), Some((105, 110)));
        assert_eq!(ids(passwd, "nobody"), None);
    }

    #[test]
    fn a_server_takes_connections_and_leaves_nothing_behind() {
        if folder_of_programs().is_none() && std::env::var_os("TONGXIN_TEST_REQUIRE_ALL").is_none() {
            return;
        }
        let postgres = Postgres::start().unwrap();
        let (port, folder) = (postgres.port, postgres.folder.path().to_owned());
        assert_eq!(postgres.url(), format!("postgres://postgres@127.0.0.1:{port}/postgres"));
        std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
        drop(postgres);
        assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
        assert!(!folder.exists());
    }
}
