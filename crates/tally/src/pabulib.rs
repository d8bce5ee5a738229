//! The Pabulib format of participatory-budgeting elections, read from text.
//!
//! Source: D. Stolicki, S. Szufa, N. Talmon, "Pabulib: a participatory budgeting library" (2020), <https://pabulib.org/format>.
//! Sections `META`, `PROJECTS` and `VOTES`, each with a line of headings, fields parted by `;`, and `"` around fields that
//! hold one. Approval ballots (`vote_type` `approval` or `choose-1`) are read, with the budget and the projects' costs.

use thiserror::Error;

use crate::{budget::Budgeting, error::TallyError, ties::TieOrder};

/// The most decimal places of money.
const MOST_PLACES: usize = 6;

/// An election of a file.
#[derive(Debug, Clone)]
pub struct Pabulib {
    /// The budget, costs and ballots; money in units of 10 to the power of −`places`.
    pub problem: Budgeting,
    /// The projects' ids.
    pub projects: Vec<String>,
    /// How many decimal places money has.
    pub places: usize,
}

/// What is wrong with a file, and in which line.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {reason}")]
pub struct PabulibError {
    /// The number of the line, from 1; the number of lines if something is missing at the end.
    pub line: usize,
    /// What is wrong.
    pub reason: PabulibFault,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PabulibFault {
    /// A line stands before the first section.
    #[error("a line outside META, PROJECTS and VOTES")]
    Outside,
    /// A heading or key that is needed is not there.
    #[error("no {0}")]
    Missing(&'static str),
    /// Not an amount of money of at most six decimal places.
    #[error("{0:?} is not an amount of money")]
    Money(String),
    /// Ballots of another kind.
    #[error("ballots of the kind {0:?} are not read")]
    Kind(String),
    /// A project stands twice, or a ballot names one that does not exist.
    #[error("project {0:?} stands twice or does not exist")]
    Project(String),
    /// The numbers make no sense.
    #[error(transparent)]
    Tally(#[from] TallyError),
}

impl Pabulib {
    /// The order that pabutools breaks ties by: the ids compared as text.
    ///
    /// # Errors
    /// None that can happen: each project stands once.
    pub fn order(&self) -> Result<TieOrder, TallyError> {
        let mut order: Vec<usize> = (0..self.projects.len()).collect();
        order.sort_by(|&a, &b| self.projects[a].cmp(&self.projects[b]));
        TieOrder::new(&order)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Section {
    Meta,
    Projects,
    Votes,
}

/// Reads an election.
///
/// # Errors
/// The first line that is wrong.
pub fn parse(text: &str) -> Result<Pabulib, PabulibError> {
    let mut section = None;
    let mut heading: Option<Vec<String>> = None;
    let (mut budget, mut kind) = (None, None);
    let mut projects: Vec<Project> = Vec::new();
    let mut votes: Vec<(usize, String)> = Vec::new();
    let mut last = 0;
    for (line, fields) in rows(text) {
        last = line;
        let fault = |reason| PabulibError { line, reason };
        let begins = match fields[0].to_ascii_lowercase().as_str() {
            "meta" => Some(Section::Meta),
            "projects" => Some(Section::Projects),
            "votes" => Some(Section::Votes),
            _ => None,
        };
        if begins.is_some() {
            (section, heading) = (begins, None);
            continue;
        }
        let Some(section) = section else { return Err(fault(PabulibFault::Outside)) };
        let Some(heading) = &heading else {
            heading = Some(fields);
            continue;
        };
        let field = |name: &'static str| {
            let value = heading.iter().position(|head| head == name).and_then(|at| fields.get(at));
            value.cloned().ok_or(PabulibError { line, reason: PabulibFault::Missing(name) })
        };
        match section {
            Section::Meta => match (fields[0].as_str(), fields.get(1)) {
                ("budget", Some(value)) => budget = Some((line, value.clone())),
                ("vote_type", Some(value)) => kind = Some((line, value.clone())),
                _ => {}
            },
            Section::Projects => projects.push(Project { line, id: fields[0].clone(), cost: field("cost")? }),
            Section::Votes => votes.push((line, field("vote")?)),
        }
    }
    let missing = |name| PabulibError { line: last, reason: PabulibFault::Missing(name) };
    let (line, kind) = kind.ok_or_else(|| missing("vote_type"))?;
    if !["approval", "choose-1"].contains(&kind.as_str()) {
        return Err(PabulibError { line, reason: PabulibFault::Kind(kind) });
    }
    let budget = budget.ok_or_else(|| missing("budget"))?;
    election(&budget, projects, &votes).map_err(|(line, reason)| PabulibError { line, reason })
}

struct Project {
    line: usize,
    id: String,
    cost: String,
}

/// The election; a fault with its line.
fn election(
    (begins, budget): &(usize, String),
    projects: Vec<Project>,
    votes: &[(usize, String)],
) -> Result<Pabulib, (usize, PabulibFault)> {
    let money = projects.iter().map(|project| project.cost.as_str()).chain([budget.as_str()]);
    let places = money.map(|amount| decimals(amount).len()).max().unwrap_or(0);
    let read = |line: usize, amount: &str| units(amount, places).map_err(|fault| (line, fault));
    let costs = projects.iter().map(|project| read(project.line, &project.cost)).collect::<Result<Vec<u64>, _>>()?;
    let mut problem = Budgeting::new(read(*begins, budget)?, costs).map_err(|error| (*begins, error.into()))?;
    let mut number = std::collections::BTreeMap::new();
    for (at, project) in (0..=u16::MAX).zip(&projects) {
        if number.insert(project.id.as_str(), at).is_some() {
            return Err((project.line, PabulibFault::Project(project.id.clone())));
        }
    }
    for (line, vote) in votes {
        let ids = vote.split(',').map(str::trim).filter(|id| !id.is_empty());
        let find = |id: &str| number.get(id).copied().ok_or_else(|| PabulibFault::Project(id.to_owned()));
        let mut supported = ids.map(find).collect::<Result<Vec<u16>, _>>().map_err(|fault| (*line, fault))?;
        // A ballot is a set: what is named twice is supported once.
        supported.sort_unstable();
        supported.dedup();
        problem.add(&supported).map_err(|error| (*line, error.into()))?;
    }
    Ok(Pabulib { problem, projects: projects.into_iter().map(|project| project.id).collect(), places })
}

/// What stands after the decimal point or comma.
fn decimals(amount: &str) -> &str {
    amount.split_once(['.', ',']).map_or("", |(_, decimals)| decimals.trim_end_matches('0'))
}

fn units(amount: &str, places: usize) -> Result<u64, PabulibFault> {
    let wrong = || PabulibFault::Money(amount.chars().take(40).collect());
    let whole = amount.split_once(['.', ',']).map_or(amount, |(whole, _)| whole);
    let digits = format!("{whole}{:0<places$}", decimals(amount));
    if places > MOST_PLACES || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    digits.parse().map_err(|_| wrong())
}

/// The rows of a text with the number of the line where each begins; empty ones are left out. A field in quotation marks may
/// hold `;`, line ends, and doubled quotation marks.
fn rows(text: &str) -> Vec<(usize, Vec<String>)> {
    let mut rows = Vec::new();
    let (mut row, mut field): (Vec<String>, String) = (Vec::new(), String::new());
    let (mut line, mut begins, mut quoted) = (1, 1, false);
    let mut characters = text.trim_start_matches('\u{feff}').chars().peekable();
    loop {
        let character = characters.next();
        match character {
            Some('"') if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            Some('"') if quoted => quoted = false,
            Some('"') if field.is_empty() => quoted = true,
            Some(';') if !quoted => row.push(std::mem::take(&mut field).trim().to_owned()),
            None | Some('\n') if !quoted || character.is_none() => {
                row.push(std::mem::take(&mut field).trim().to_owned());
                let full = std::mem::take(&mut row);
                if full.len() > 1 || !full[0].is_empty() {
                    rows.push((begins, full));
                }
                if character.is_none() {
                    return rows;
                }
                line += 1;
                begins = line;
            }
            Some(other) => {
                line += usize::from(other == '\n');
                field.push(other);
            }
            None => return rows,
        }
    }
}
