//! Starting programs, and stopping them again whatever happens.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// A child process that does not outlive this value.
pub struct Running {
    child: Child,
}

impl Running {
    /// Starts `command` with nothing on its standard input.
    pub fn start(command: &mut Command) -> Result<Self> {
        let child =
            command.stdin(Stdio::null()).spawn().with_context(|| format!("cannot start {}", describe(command)))?;
        Ok(Self { child })
    }

    /// Whether it has ended by itself.
    pub fn ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits at most `limit` for it to end by itself.
    pub fn wait(&mut self, limit: Duration) -> bool {
        until(limit, || self.ended())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.ended() {
            // It can only fail when the process has ended in the meantime.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// `program`, as another user if one is given, and told by the kernel to stop when this process dies.
pub fn guarded(program: &Path, user: Option<&str>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "INT"]);
    if let Some(user) = user {
        command.arg(format!("--reuid={user}")).arg(format!("--regid={user}")).arg("--init-groups");
    }
    command.arg("--").arg(program);
    command
}

/// Runs `command` to its end, with its output kept; an error when it fails, with what it said.
pub fn output(command: &mut Command) -> Result<String> {
    let output =
        command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {}", describe(command)))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(said);
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    anyhow::bail!("{} failed ({}): {said}{complaint}", describe(command), output.status)
}

/// The command as one would type it.
pub fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Asks `done` again and again until it is true or `limit` has passed; tells which.
pub fn until(limit: Duration, mut done: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    loop {
        if done() {
            return true;
        }
        if start.elapsed() > limit {
            return false;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Whether this process is root.
pub fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// The path of a program that is found through `PATH`.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// A TCP port of the loopback address that nothing listens on.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port on 127.0.0.1")?;
    Ok(listener.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_command_tells_its_words_and_its_complaint() {
        let error = output(Command::new("sh").args(["-c", "echo out; echo complaint >&2; exit 3"])).unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("sh -c "), "{text}");
        assert!(text.contains("exit status: 3") && text.contains("out") && text.contains("complaint"), "{text}");
    }

    #[test]
    fn a_running_process_ends_with_its_guard() {
        let mut running = Running::start(Command::new("sleep").arg("60")).unwrap();
        assert!(!running.ended());
        let folder = PathBuf::from(format!("/proc/{}", running.child.id()));
        assert!(folder.exists());
        drop(running);
        assert!(!folder.exists());
    }

    #[test]
    fn programs_are_found_through_the_path() {
        assert!(find("sh").is_some());
        assert_eq!(find("no-such-program-here"), None);
    }
}
