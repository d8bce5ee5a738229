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

/// Two of three heads are for it, but too little of the area.
const BALLOTS: &str = r#"{
  "format": "tongxin-tally", "version": 1, "options": [],
  "rule": {
    "method": "majority", "weights": 2, "entitled": [3, 25000], "silent": [0, 0], "casting": null,
    "participation": [{"weight": 0, "reach": "at-least", "share": "2/3", "of": "entitled"}],
    "approval": [
      {"weight": 0, "reach": "more-than", "share": "1/2", "of": "participating"},
      {"weight": 1, "reach": "more-than", "share": "1/2", "of": "participating"}],
    "abstention": "takes-part", "tie": "fails"
  },
  "ballots": [
    {"mark": "yes", "weights": [1, 6000]}, {"mark": "yes", "weights": [1, 5000]}, {"mark": "no", "weights": [1, 12000]}]
}"#;

#[test]
fn a_file_of_ballots_is_recounted_in_either_language() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ballots.json");
    let path = file.to_str().unwrap();
    std::fs::write(&file, BALLOTS).unwrap();
    let output = run(&["tally", path]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let told = text(&output.stdout);
    let expected =
        "Says yes, weight 2: 11000 of 23000 (all who take part); asked: more than 1/2, at least 11501: not enough";
    assert!(told.contains(expected) && told.contains("Not passed: too few say yes."), "{told}");
    let chinese = text(&program(&["tally", path]).env("LC_ALL", "zh_CN.UTF-8").output().unwrap().stdout);
    assert!(chinese.contains("未通过：赞成的不够。") && !chinese.contains("tally-"), "{chinese}");
}

#[test]
fn a_recount_fails_when_the_file_states_another_outcome() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ballots.json");
    let path = file.to_str().unwrap();
    let marks = |lists: &[&[u8]]| -> serde_json::Value {
        lists.iter().map(|list| serde_json::json!({"mark": {"options": list}})).collect()
    };
    let ranked = marks(&[&[0, 1], &[0, 1], &[0, 2], &[1], &[2, 1]]);
    let shares = serde_json::json!({"method": "equal-shares", "budget": 100, "costs": [12, 20, 30], "satisfaction": "cardinality",
        "completion": "greedy"});
    for rule in [
        serde_json::json!({"method": "plurality", "seats": 1}),
        serde_json::json!({"method": "approval", "seats": 2}),
        serde_json::json!({"method": "instant-runoff"}),
        serde_json::json!({"method": "stv", "seats": 2}),
        shares,
    ] {
        let plurality = rule["method"] == "plurality";
        let ballots = if plurality { marks(&[&[0], &[1], &[]]) } else { ranked.clone() };
        let mut count = serde_json::json!({"format": "tongxin-tally", "version": 1, "options": ["Chen", "Li", "Wang"],
            "rule": rule, "ballots": ballots});
        let mut recount = |outcome: Option<serde_json::Value>| {
            if let Some(outcome) = outcome {
                count["outcome"] = outcome;
            }
            std::fs::write(&file, count.to_string()).unwrap();
            run(&["tally", path])
        };
        let told = text(&recount(None).stdout);
        let result = told.lines().find(|line| line.starts_with("Result: ")).unwrap_or_default();
        assert!(result.contains("Chen") && !told.contains("tally-") && !told.contains("{ $"), "{told}");
        let outcome = run(&["tally", path, "--json"]);
        let mut outcome: serde_json::Value = serde_json::from_slice(&outcome.stdout).unwrap();
        let same = recount(Some(outcome.clone()));
        assert!(same.status.success() && text(&same.stderr).contains("the same outcome"), "{}", text(&same.stderr));
        let (_, inner) = outcome.as_object_mut().unwrap().iter_mut().next().unwrap();
        let elected = if inner.get("selected").is_some() { "selected" } else { "elected" };
        inner[elected] = if inner[elected].is_array() { serde_json::json!([2]) } else { serde_json::json!(2) };
        let other = recount(Some(outcome));
        assert_eq!(other.status.code(), Some(1));
        assert!(text(&other.stderr).contains("another outcome"));
    }
    std::fs::write(&file, "{}").unwrap();
    let output = run(&["tally", path]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("is not a file of ballots"), "{}", text(&output.stderr));
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
