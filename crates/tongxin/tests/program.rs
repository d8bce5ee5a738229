//! The program as who runs it meets it.

#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
};

fn sample(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../samples").join(name)
}

fn program(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tongxin"));
    command.args(words).env("LC_ALL", "en_GB.UTF-8").env_remove("DATABASE_URL").env_remove("RUST_LOG");
    for name in ["LISTEN", "DATA", "ORIGIN", "HTTPS", "CONNECTIONS", "ACCESS_LOG", "LOG", "CONFIG"] {
        command.env_remove(format!("TONGXIN_{name}"));
    }
    command
}

fn run(words: &[&str]) -> Output {
    program(words).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn an_import_with_mistakes_names_each_and_fails() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let output = run(&["import", sample("with-errors").to_str().unwrap(), "--data", data]);
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stderr);
    for expected in
        ["needs.csv:3 category: unknown_choice \"haircut\" (allowed education | ", "71 problems. Nothing was imported."]
    {
        assert!(told.contains(expected), "{expected} in {told}");
    }
    let output = run(&["serve", "--data", data]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("holds no community yet"));
}

#[test]
fn an_import_can_be_verified_and_is_not_done_twice() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let import = ["import", sample("jingan-temple").to_str().unwrap(), "--data", data].map(str::to_owned);
    let import: Vec<&str> = import.iter().map(String::as_str).collect();
    let output = run(&import);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("persons.csv"));
    let output = run(&["verify", "--data", data]);
    assert!(output.status.success() && text(&output.stdout).contains("records verified"));
    let output = run(&import);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("already"));
}

#[test]
fn a_wrong_configuration_names_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tongxin.toml");
    std::fs::write(&file, "lisen = \"127.0.0.1:80\"\n").unwrap();
    let output = run(&["config", "--config", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("lisen"), "{}", text(&output.stderr));
    std::fs::write(&file, "listen = \"127.0.0.1:81\"\ndata = \"elsewhere\"\n").unwrap();
    let output = program(&["config", "--config", file.to_str().unwrap(), "--data", "here"])
        .env("TONGXIN_LISTEN", "127.0.0.1:82")
        .output()
        .unwrap();
    let shown = text(&output.stdout);
    assert!(shown.contains("listen = \"127.0.0.1:82\"") && shown.contains("data = \"here\""), "{shown}");
}

/// A demo that is running; ended when dropped.
struct Demo {
    child: Child,
    address: String,
    told: Vec<String>,
}

impl Demo {
    fn start(data: &str) -> Self {
        let mut child = program(&["demo", "--data", data, "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut told = Vec::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            told.push(line.unwrap());
            if told.last().is_some_and(|line| line.contains("Ctrl-C")) {
                break;
            }
        }
        let address = told.iter().find_map(|line| line.split_once("http://")).map(|(_, address)| address.to_owned());
        Self { child, address: address.unwrap(), told }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Stops it by `signal`; gives its exit code.
    fn stop(mut self, signal: &str) -> Option<i32> {
        let sent = Command::new("kill").args(["-s", signal, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.child.kill().unwrap();
            self.child.wait().unwrap();
        }
    }
}

#[test]
fn the_demo_is_made_once_served_and_stops_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("a 100% new folder");
    let data = data.to_str().unwrap();
    let demo = Demo::start(data);
    assert!(demo.told.iter().any(|line| line.contains("Making")), "{:?}", demo.told);
    for role in ["resident", "unit", "worker", "secretary", "staff"] {
        assert!(demo.told.iter().any(|line| line.trim_start().starts_with(role)), "{role}");
    }
    assert!(demo.get("/healthz").starts_with("HTTP/1.1 200"));
    assert!(demo.get("/readyz").starts_with("HTTP/1.1 200"));
    assert_eq!(demo.stop("INT"), Some(0));

    let demo = Demo::start(data);
    assert!(demo.told.iter().any(|line| line.contains("kept")), "{:?}", demo.told);
    assert!(demo.get("/healthz").starts_with("HTTP/1.1 200"));
    assert_eq!(demo.stop("TERM"), Some(0));
}
