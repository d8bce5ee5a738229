//! The files of an import, as rows with known columns.

use std::{io, path::PathBuf};

use tongxin_core::{
    community::{OrganisationKind, PlaceKind, post::PostKind, reorganisation::ReorganisationState},
    people::{
        CareGroup, Sex,
        development::{Stage, StepKind},
        membership::TransferState,
    },
    service::{CareKind, Category, IntentState, MatchState, Reach, Urgency, Visibility},
};

use super::{ImportError, RowProblem};

/// Where the files come from: a folder, or the program itself.
pub trait Files {
    /// The content of a file, or nothing when there is no such file.
    ///
    /// # Errors
    /// When it is there and can't be read.
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>>;
}

/// A folder on the disk.
#[derive(Debug, Clone)]
pub struct Folder(pub PathBuf);

impl Files for Folder {
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        match std::fs::read(self.0.join(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A column: its name, and whether the file must have it.
pub(super) type Column = (&'static str, bool);

/// A file's name and columns.
pub(super) struct Shape {
    pub file: &'static str,
    pub columns: &'static [Column],
}

const YES: bool = true;
const NO: bool = false;

pub(super) const PLACES: Shape =
    Shape { file: "places.csv", columns: &[("code", YES), ("parent", YES), ("kind", YES), ("name", YES)] };
pub(super) const ORGANISATIONS: Shape = Shape {
    file: "organisations.csv",
    columns: &[
        ("code", YES),
        ("name", YES),
        ("kind", YES),
        ("place", YES),
        ("contact", NO),
        ("phone", NO),
        ("email", NO),
        ("line", NO),
        ("line_outside", NO),
        ("from", NO),
        ("until", NO),
        ("staff", NO),
        ("hosts", NO),
    ],
};
pub(super) const LETTERS: Shape = Shape {
    file: "letters.csv",
    columns: &[
        ("number", YES),
        ("enterprise", YES),
        ("person", YES),
        ("duties", YES),
        ("signer", YES),
        ("issued_on", YES),
        ("from", NO),
        ("until", NO),
        ("revoked_on", NO),
        ("revoked_reason", NO),
    ],
};
pub(super) const STANDINGS: Shape = Shape {
    file: "standings.csv",
    columns: &[
        ("organisation", YES),
        ("from", YES),
        ("until", YES),
        ("name", NO),
        ("kind", NO),
        ("line", NO),
        ("line_outside", NO),
        ("place", NO),
    ],
};
pub(super) const PERSONS: Shape = Shape {
    file: "persons.csv",
    columns: &[
        ("code", YES),
        ("name", YES),
        ("place", YES),
        ("birth_date", NO),
        ("sex", NO),
        ("phone", NO),
        ("email", NO),
        ("registered", NO),
        ("care_groups", NO),
        ("retired", NO),
    ],
};
pub(super) const POSTS: Shape = Shape {
    file: "posts.csv",
    columns: &[
        ("code", YES),
        ("organisation", YES),
        ("kind", YES),
        ("title", YES),
        ("seats", NO),
        ("term_months", NO),
        ("from", NO),
        ("until", NO),
    ],
};
pub(super) const APPOINTMENTS: Shape = Shape {
    file: "appointments.csv",
    columns: &[("post", YES), ("person", YES), ("from", YES), ("until", NO), ("note", NO)],
};
pub(super) const CROSS: Shape = Shape {
    file: "cross.csv",
    columns: &[("post", YES), ("kind", YES), ("organisation", YES), ("from", NO), ("until", NO)],
};
pub(super) const DELEGATIONS: Shape = Shape {
    file: "delegations.csv",
    columns: &[("post", YES), ("person", YES), ("to", YES), ("from", YES), ("until", YES), ("reason", YES)],
};
pub(super) const REORGANISATIONS: Shape = Shape {
    file: "reorganisations.csv",
    columns: &[("code", YES), ("title", YES), ("text", NO), ("effective_on", YES), ("state", YES)],
};
pub(super) const REORGANISATION_STEPS: Shape = Shape {
    file: "reorganisation_steps.csv",
    columns: &[
        ("reorganisation", YES),
        ("step", YES),
        ("organisation", NO),
        ("from", NO),
        ("into", NO),
        ("heir", NO),
        ("parts", NO),
        ("goes_on", NO),
        ("name", NO),
        ("kind", NO),
        ("line", NO),
        ("place", NO),
        ("post", NO),
    ],
};
pub(super) const ACCOUNTS: Shape =
    Shape { file: "accounts.csv", columns: &[("login", YES), ("person", YES), ("password", YES)] };
pub(super) const NEEDS: Shape = Shape {
    file: "needs.csv",
    columns: &[
        ("code", YES),
        ("receiver", YES),
        ("entered_by", NO),
        ("category", YES),
        ("care_kind", YES),
        ("title", YES),
        ("text", NO),
        ("place", YES),
        ("from", YES),
        ("until", YES),
        ("rrule", NO),
        ("quantity", YES),
        ("urgency", NO),
        ("visibility", NO),
        ("created_at", NO),
        ("state", NO),
    ],
};
pub(super) const OFFERS: Shape = Shape {
    file: "offers.csv",
    columns: &[
        ("code", YES),
        ("giver", YES),
        ("entered_by", NO),
        ("category", YES),
        ("care_kind", YES),
        ("title", YES),
        ("text", NO),
        ("place", YES),
        ("from", YES),
        ("until", YES),
        ("rrule", NO),
        ("capacity", YES),
        ("reach", NO),
        ("visibility", NO),
        ("created_at", NO),
        ("state", NO),
    ],
};
pub(super) const PARTY: Shape = Shape {
    file: "party.csv",
    columns: &[("person", YES), ("branch", YES), ("relation", YES), ("from", YES), ("until", NO)],
};
pub(super) const PARTY_STEPS: Shape = Shape {
    file: "party_steps.csv",
    columns: &[
        ("person", YES),
        ("branch", YES),
        ("step", YES),
        ("on", YES),
        ("notice_from", NO),
        ("days", NO),
        ("class_hours", NO),
        ("entitled", NO),
        ("present", NO),
        ("in_favour", NO),
        ("against", NO),
        ("written_in_favour", NO),
        ("written_against", NO),
        ("months", NO),
        ("stage", NO),
        ("note", NO),
    ],
};
pub(super) const TRANSFERS: Shape = Shape {
    file: "transfers.csv",
    columns: &[
        ("person", YES),
        ("from", YES),
        ("to", YES),
        ("state", YES),
        ("reason", YES),
        ("asked_on", YES),
        ("handed_over_on", NO),
        ("decided_on", NO),
        ("note", NO),
    ],
};
pub(super) const MATCHES: Shape = Shape {
    file: "matches.csv",
    columns: &[
        ("need", YES),
        ("offer", YES),
        ("quantity", YES),
        ("state", YES),
        ("proposed_at", YES),
        ("arranged_at", NO),
        ("delivered_at", NO),
        ("minutes", NO),
        ("note", NO),
        ("confirmed_giver_at", NO),
        ("confirmed_receiver_at", NO),
        ("rating", NO),
        ("comment", NO),
        ("reason", NO),
    ],
};

/// The words that a column allows, when it allows only some.
pub(super) fn allowed(file: &str, column: &str) -> Option<String> {
    macro_rules! codes {
        ($kind:ty) => {
            <$kind>::ALL.iter().map(|one| one.code()).collect::<Vec<_>>()
        };
    }
    let codes = match (file, column) {
        ("places.csv", "kind") => codes!(PlaceKind),
        ("organisations.csv" | "standings.csv" | "reorganisation_steps.csv", "kind") => codes!(OrganisationKind),
        ("reorganisations.csv", "state") => codes!(ReorganisationState),
        ("reorganisation_steps.csv", "step") => {
            vec!["create", "close", "merge", "split", "rename", "move_line", "move_place", "move_post", "end_post"]
        }
        ("posts.csv" | "cross.csv", "kind") => codes!(PostKind),
        ("party.csv", "relation") => vec!["home", "registered"],
        ("party_steps.csv", "step") => codes!(StepKind),
        ("party_steps.csv", "stage") => codes!(Stage),
        ("transfers.csv", "state") => codes!(TransferState),
        ("matches.csv", "state") => codes!(MatchState),
        (_, "state") => codes!(IntentState),
        (_, "sex") => codes!(Sex),
        (_, "care_groups") => codes!(CareGroup),
        (_, "category") => codes!(Category),
        (_, "care_kind") => codes!(CareKind),
        (_, "urgency") => codes!(Urgency),
        (_, "visibility") => codes!(Visibility),
        (_, "reach") => codes!(Reach),
        _ => return None,
    };
    Some(codes.join(" | "))
}

/// The order in which problems are told.
pub(super) const ORDER: [&str; 19] = [
    super::COMMUNITY,
    PLACES.file,
    ORGANISATIONS.file,
    STANDINGS.file,
    PERSONS.file,
    PARTY.file,
    PARTY_STEPS.file,
    TRANSFERS.file,
    POSTS.file,
    APPOINTMENTS.file,
    CROSS.file,
    DELEGATIONS.file,
    REORGANISATIONS.file,
    REORGANISATION_STEPS.file,
    LETTERS.file,
    ACCOUNTS.file,
    NEEDS.file,
    OFFERS.file,
    MATCHES.file,
];

/// A row, with its place in the file.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub file: &'static str,
    pub line: u64,
    values: Vec<(&'static str, String)>,
}

impl Row {
    /// What stands in a column; empty when the file lacks the column.
    pub(super) fn get(&self, column: &str) -> &str {
        self.values.iter().find(|(name, _)| *name == column).map_or("", |(_, value)| value.trim())
    }

    /// The same as stands there, owned.
    pub(super) fn text(&self, column: &str) -> String {
        self.get(column).to_owned()
    }
}

/// The text of a file, without a byte order mark; nothing when it is missing. Text that is not UTF-8 is a problem.
pub(super) fn text(
    files: &dyn Files,
    name: &'static str,
    problems: &mut Vec<RowProblem>,
) -> Result<Option<String>, ImportError> {
    let bytes = files.read(name).map_err(|error| ImportError::Unreadable { file: name.to_owned(), error })?;
    let Some(bytes) = bytes else { return Ok(None) };
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text.trim_start_matches('\u{FEFF}').to_owned())),
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let lines = error.as_bytes()[..good].iter().filter(|b| **b == b'\n').count();
            problems.push(whole_row(name, lines as u64 + 1, "not_utf8", ""));
            Ok(None)
        }
    }
}

/// A problem of a row as a whole.
pub(super) fn whole_row(file: &'static str, line: u64, code: &'static str, field: &str) -> RowProblem {
    RowProblem { file, line, field: field.to_owned(), code, args: Vec::new(), value: String::new() }
}

/// The rows of a file; none when it is missing. What is wrong with the file itself goes to `problems`.
pub(super) fn rows(
    files: &dyn Files,
    shape: &Shape,
    problems: &mut Vec<RowProblem>,
) -> Result<Option<Vec<Row>>, ImportError> {
    let file = shape.file;
    let Some(text) = text(files, file, problems)? else { return Ok(None) };
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let headers = match reader.headers() {
        Ok(headers) => headers.clone(),
        Err(_) => {
            problems.push(whole_row(file, 1, "bad_csv", ""));
            return Ok(None);
        }
    };
    let mut columns = Vec::with_capacity(headers.len());
    let mut good = true;
    for header in &headers {
        let known = shape.columns.iter().map(|(name, _)| *name).find(|name| *name == header.trim());
        let code = match known {
            None => Some("unknown_column"),
            Some(name) if columns.contains(&name) => Some("duplicate_column"),
            Some(_) => None,
        };
        if let Some(code) = code {
            good = false;
            problems.push(whole_row(file, 1, code, header));
        }
        columns.extend(known);
    }
    for (name, _) in shape.columns.iter().filter(|(name, required)| *required && !columns.contains(name)) {
        good = false;
        problems.push(whole_row(file, 1, "missing_column", name));
    }
    if !good {
        return Ok(None);
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let Ok(record) = record else {
            problems.push(whole_row(file, reader_line(&rows), "bad_csv", ""));
            break;
        };
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() != columns.len() {
            let mut problem = whole_row(file, line, "wrong_field_count", "");
            problem.args = vec![("expected", columns.len().to_string()), ("found", record.len().to_string())];
            problems.push(problem);
            continue;
        }
        let values = columns.iter().copied().zip(record.iter().map(str::to_owned)).collect();
        rows.push(Row { file, line, values });
    }
    Ok(Some(rows))
}

fn reader_line(rows: &[Row]) -> u64 {
    rows.last().map_or(1, |row| row.line) + 1
}
