//! The program itself, serving a sample community of its own while a journey lasts.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::browser::Browser;

/// How long the sample may take to be there, in a build without optimisation.
const PATIENCE: Duration = Duration::from_secs(120);

/// `tongxin demo` on a free port and in a folder of its own; both end with it.
pub struct Site {
    program: Child,
    address: String,
    _data: TempDir,
}

impl Site {
    /// Starts it and waits until it answers.
    pub fn start() -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let data = tempfile::tempdir()?;
        let listen = format!("127.0.0.1:{port}");
        let program = Command::new(env!("CARGO_BIN_EXE_tongxin"))
            .args(["demo", "--listen", &listen, "--data"])
            .arg(data.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("the program does not start")?;
        let site = Self { program, address: format!("http://{listen}"), _data: data };
        let started = Instant::now();
        while std::net::TcpStream::connect(&listen).is_err() {
            if started.elapsed() > PATIENCE {
                bail!("the program does not answer on {listen}");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(site)
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// Signs a browser in.
    pub async fn sign_in(&self, browser: &Browser, login: &str) -> Result<()> {
        browser.goto(&self.url("/sign-in")).await?;
        browser.fill("login", login).await?;
        browser.fill("password", "tongxin-demo").await?;
        browser.submit("form[action^='/sign-in']").await?;
        if browser.path().await? == "/sign-in" {
            bail!("{login} is not let in: {}", browser.text("main").await?);
        }
        Ok(())
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _it_may_have_ended = self.program.kill();
        let _it_is_gone = self.program.wait();
    }
}
