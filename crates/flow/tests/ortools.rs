//! The same optimal cost as OR-Tools on a generated matching of 10,000 needs and 2,000 offers.
//!
//! Runs where `python3` with `ortools` and the tool named by `TONGXIN_ORTOOLS` are present; says so where they are not.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;
use std::process::Command;

use tongxin_flow::{Method, dimacs, verify_certificate};

#[test]
fn costs_equal_those_of_ortools() {
    let tool = std::env::var_os("TONGXIN_ORTOOLS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/tools/ortools_matching.py"),
        PathBuf::from,
    );
    let python = Command::new("python3").args(["-c", "import ortools, numpy"]).output();
    if !tool.is_file() || !python.is_ok_and(|found| found.status.success()) {
        eprintln!("skipped: needs python3 with ortools and numpy, and the tool in TONGXIN_ORTOOLS");
        return;
    }
    let file = std::env::temp_dir().join(format!("tongxin-flow-{}.min", std::process::id()));
    for capacity in ["3", "5", "6"] {
        let output = Command::new("python3")
            .arg(&tool)
            .args(["10000", "2000", "--capacity", capacity, "--write"])
            .arg(&file)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let words: Vec<&str> = printed.split_whitespace().collect();
        let after = |name: &str| -> i128 {
            let at = words.iter().position(|&word| word == name).unwrap();
            words[at + 1].parse().unwrap()
        };
        let network = dimacs::parse(&text).unwrap();
        for method in [Method::Auto, Method::Scaling] {
            let solution = network.solve_with(method).unwrap();
            assert_eq!(solution.cost, after("cost"));
            assert_eq!(i128::from(solution.shipped), after("flow"));
            assert_eq!(verify_certificate(&network, &solution), Ok(()));
        }
    }
}
