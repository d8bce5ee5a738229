//! `tongxin import`: a folder of files, with a progress bar, and every problem of every row.

use std::{collections::BTreeMap, path::Path, process::ExitCode, sync::Mutex};

use anyhow::{Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use tongxin_app::{
    Outside,
    import::{self, Folder, ImportError, Report, RowProblem},
};
use tongxin_web::i18n::Locale;

use crate::{config::Config, say, serve};

/// A progress bar over all files; it shows only on a terminal.
pub struct Bar {
    bar: ProgressBar,
    files: Mutex<BTreeMap<String, (u64, u64)>>,
}

impl Default for Bar {
    fn default() -> Self {
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}");
        let bar = ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar, files: Mutex::default() }
    }
}

impl Bar {
    /// Shows that `done` of the `total` rows of `file` are done.
    pub fn show(&self, file: &str, done: u64, total: u64) {
        let Ok(mut files) = self.files.lock() else { return };
        files.insert(file.to_owned(), (done, total));
        self.bar.set_length(files.values().map(|(_, total)| total).sum());
        self.bar.set_position(files.values().map(|(done, _)| done).sum());
        self.bar.set_message(file.to_owned());
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

pub async fn import(config: &Config, dir: &Path, check: bool) -> Result<ExitCode> {
    let say = say::locale();
    if !dir.is_dir() {
        bail!(say.tr("program-no-folder", "dir", dir.display().to_string()));
    }
    let outside = Outside::default();
    let report = if check {
        import::check(&outside, &Folder(dir.to_owned()))
    } else {
        let store = serve::open(config).await?;
        let bar = Bar::default();
        let report = import::folder(&store, &outside, dir, &|file, done, total| bar.show(file, done, total)).await;
        bar.finish();
        report
    };
    Ok(match told(report)? {
        Ok(report) => {
            for (file, rows) in &report.files {
                println!("  {file:<18} {rows:>6}");
            }
            let key = if check { "program-import-checked" } else { "program-imported" };
            println!("{}", say.tr(key, "community", report.community));
            ExitCode::SUCCESS
        }
        Err(code) => code,
    })
}

/// The report, or the exit code after the problems were printed.
pub fn told(outcome: Result<Report, ImportError>) -> Result<Result<Report, ExitCode>> {
    match outcome {
        Ok(report) => Ok(Ok(report)),
        Err(ImportError::Problems(problems)) => {
            eprint!("{}", text_of(&problems));
            Ok(Err(ExitCode::FAILURE))
        }
        Err(ImportError::AlreadyThere(code)) => bail!(say::locale().tr("program-import-there", "community", code)),
        Err(ImportError::NoCommunity) => bail!(say::locale().t("program-import-no-community")),
        Err(error) => Err(error.into()),
    }
}

/// Every problem on a line of its own, then what each code means, in Chinese and English.
fn text_of(problems: &[RowProblem]) -> String {
    let mut text = String::new();
    for problem in problems {
        text.push_str(&line(problem));
        text.push('\n');
    }
    let mut codes: Vec<&str> = problems.iter().map(|p| p.code).collect();
    codes.sort_unstable();
    codes.dedup();
    text.push('\n');
    let width = codes.iter().map(|code| code.len()).max().unwrap_or(0);
    for code in codes {
        let meaning = Locale::ALL.map(|locale| locale.t(format!("import-problem-{code}")));
        text.push_str(&format!("  {code:<width$}  {}\n", meaning.join("  ")));
    }
    let say = say::locale();
    text.push_str(&format!("\n{}\n", say.tr("program-import-refused", "problems", problems.len() as u64)));
    text
}

/// `needs.csv:12 category: unknown_choice "foo"`, with the limits when there are any.
fn line(problem: &RowProblem) -> String {
    let RowProblem { file, line, field, code, args, value } = problem;
    let mut text = format!("{file}:{line} ");
    if !field.is_empty() {
        text.push_str(&format!("{field}: "));
    }
    text.push_str(code);
    if !value.is_empty() {
        text.push_str(&format!(" {value:?}"));
    }
    if !args.is_empty() {
        let args: Vec<_> = args.iter().map(|(name, value)| format!("{name} {value}")).collect();
        text.push_str(&format!(" ({})", args.join(", ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::PathBuf};

    use super::*;

    /// The codes that the sources of the checks can give: the string after `marker(…,`.
    fn codes(text: &str, marker: &str) -> Vec<String> {
        // `RowProblem::new(` takes no code.
        let alone = |at: &usize| !text[..*at].ends_with("Row");
        let calls = text.match_indices(marker).map(|(at, _)| at).filter(alone).map(|at| &text[at + marker.len()..]);
        let is_code = |word: &&str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        calls
            .filter_map(|call| {
                let call = call.split_once(')')?.0;
                let literals: Vec<_> = call.split('"').skip(1).step_by(2).collect();
                let starts = call.trim_start().starts_with('"');
                let (([_, code, ..], true) | ([code, ..], false)) = (literals.as_slice(), starts) else { return None };
                Some(*code).filter(is_code).map(str::to_owned)
            })
            .collect()
    }

    #[test]
    fn every_problem_has_its_meaning_in_both_languages() {
        let crates = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
        let folders = ["core/src", "core/src/service", "app/src/import"];
        let mut all: BTreeSet<String> =
            ["same_member", "other_category", "not_enough_left", "wrong_state", "too_early"].map(str::to_owned).into();
        for entry in folders.iter().flat_map(|folder| fs::read_dir(crates.join(folder)).unwrap()) {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(path).unwrap();
                all.extend(codes(&text, "Problem::new("));
                all.extend(codes(&text, "whole_row("));
            }
        }
        assert!(
            all.contains("unknown_reference") && all.contains("bad_csv") && all.contains("no_occurrence"),
            "{all:?}"
        );
        for locale in Locale::ALL {
            let missing: Vec<_> = all.iter().filter(|code| !locale.has(&format!("import-problem-{code}"))).collect();
            assert!(missing.is_empty(), "{}: {missing:?}", locale.tag());
        }
    }

    #[test]
    fn a_problem_is_one_line() {
        let problem = RowProblem {
            file: "needs.csv",
            line: 12,
            field: "category".into(),
            code: "unknown_choice",
            args: Vec::new(),
            value: "foo".into(),
        };
        assert_eq!(line(&problem), "needs.csv:12 category: unknown_choice \"foo\"");
    }
}
