//! Import: a community from one folder of files, all of it or nothing.
//!
//! Every row is checked by the same rules as a form, and every problem is told with its file, line and field; only when
//! there is none, one transaction writes everything, each row with its record. What the history of matches implies
//! (what is committed, fulfilled, given and received) is computed by playing their lives, and a stated state that
//! contradicts it is a problem of its row.
//!
//! The files are described in `samples/jingan-temple/README.md`. To add a file: its columns in [`table`], its checks in
//! a module beside [`territory`], its rows in [`Plan`], its lines in `write.rs`.

mod coverage;
mod history;
mod members;
mod party;
mod plan;
mod posts;
mod reorganisation;
mod service;
mod standings;
mod table;
mod territory;
mod times;
mod write;

use std::{io, path::Path};

use serde::Serialize;
use tongxin_core::invalid::Problem;
use tongxin_store::Store;

use crate::{Error, Outside};
pub use table::{Files, Folder};

/// The file that names the community, which every import has.
pub const COMMUNITY: &str = "community.toml";

/// What is told of progress: the file, how many of its rows are done, how many it has.
pub type Progress<'a> = &'a (dyn Fn(&str, u64, u64) + Send + Sync);

/// What an import brought in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The code of the community.
    pub community: String,
    /// How many rows of each file, in the order of reading.
    pub files: Vec<(String, u64)>,
}

/// One thing that is wrong with one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowProblem {
    /// The file.
    pub file: &'static str,
    /// The line in the file, from 1; the row of column names is line 1.
    pub line: u64,
    /// The column.
    pub field: String,
    /// What is wrong, as a stable code; the Fluent message is `import-problem-{code}`.
    pub code: &'static str,
    /// The arguments of the message.
    pub args: Vec<(&'static str, String)>,
    /// What stands there.
    pub value: String,
}

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file could not be read.
    #[error("{file}: {error}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system said.
        error: io::Error,
    },
    /// There is no `community.toml`.
    #[error("community.toml is missing")]
    NoCommunity,
    /// The database holds a community already, which stays as it is.
    #[error("the community {0} is there already")]
    AlreadyThere(String),
    /// These are wrong, in the order of files and lines.
    #[error("{} problems", .0.len())]
    Problems(Vec<RowProblem>),
    /// The application or its store failed.
    #[error(transparent)]
    App(#[from] Error),
}

impl From<tongxin_store::Error> for ImportError {
    fn from(error: tongxin_store::Error) -> Self {
        Self::App(error.into())
    }
}

/// Checks the files and writes nothing.
///
/// # Errors
/// [`ImportError`], as an import would give it.
pub fn check(outside: &Outside, files: &dyn Files) -> Result<Report, ImportError> {
    let plan = plan::Plan::read(files, outside)?;
    Ok(Report::new(plan.community.code, &plan.counts))
}

/// Imports the community that the folder `dir` describes.
///
/// # Errors
/// [`ImportError`]; nothing is written then.
pub async fn folder(
    store: &Store,
    outside: &Outside,
    dir: &Path,
    progress: Progress<'_>,
) -> Result<Report, ImportError> {
    files(store, outside, &Folder(dir.to_owned()), progress).await
}

/// Imports the community that `files` describe.
///
/// # Errors
/// [`ImportError`]; nothing is written then.
pub async fn files(
    store: &Store,
    outside: &Outside,
    files: &(dyn Files + Sync),
    progress: Progress<'_>,
) -> Result<Report, ImportError> {
    if let Some(there) = tongxin_store::community::communities(store.read()).await?.into_iter().next() {
        return Err(ImportError::AlreadyThere(there.code));
    }
    let plan = plan::Plan::read(files, outside)?;
    write::write(store, outside, plan, progress).await
}

impl Report {
    fn new(community: String, counts: &[(&str, u64)]) -> Self {
        Self { community, files: counts.iter().map(|(file, rows)| ((*file).to_owned(), *rows)).collect() }
    }
}

impl RowProblem {
    fn new(file: &'static str, line: u64, problem: Problem) -> Self {
        Self {
            file,
            line,
            field: problem.field.to_owned(),
            code: problem.code,
            args: problem.args,
            value: String::new(),
        }
    }
}
