//! Where in a file the rows are, and which column means what.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tongxin_core::{
    invalid::Problem,
    record::hex,
    roster::{Field, RosterKind, normal, read_header},
};

use super::{Vocabulary, sheet::Sheet};
use crate::Result;

/// Among so many first rows the header is looked for.
const HEADER_WITHIN: usize = 20;

/// A sheet of a roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetInfo {
    /// Its name; empty for CSV.
    pub name: String,
    /// How many rows that are not empty.
    pub rows: usize,
    /// The widest of them.
    pub columns: usize,
    /// The line of the row that looks most like a header.
    pub header: u32,
    /// How many rows stand up to it.
    pub above: usize,
    /// Whether rows after a long gap were left out.
    pub cut: bool,
}

/// The sheets of a roster, and which row of which sheet is its header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// All sheets that hold anything.
    pub sheets: Vec<SheetInfo>,
    /// The chosen sheet, from 0.
    pub sheet: usize,
    /// The line of its header; 0 when it has none.
    pub line: u32,
    /// The headers of all its columns, empty ones too.
    pub columns: Vec<String>,
}

impl Layout {
    /// Guesses the sheet and the header: where most columns are understood, the first of several.
    pub(super) fn guess(kind: RosterKind, sheets: &[Sheet], words: &Vocabulary) -> Option<Self> {
        let mut infos = Vec::with_capacity(sheets.len());
        let mut best: Option<(usize, usize, usize)> = None;
        for (number, sheet) in sheets.iter().enumerate() {
            let understood = |at: usize| {
                let row = sheet.rows.get(at)?;
                Some(read_header(kind, &row.cells, &words.headers).iter().flatten().count())
            };
            let scores: Vec<usize> = (0..HEADER_WITHIN).map_while(understood).collect();
            let score = scores.iter().copied().max().unwrap_or(0);
            let at = scores.iter().position(|s| *s == score).unwrap_or(0);
            infos.push(SheetInfo {
                name: sheet.name.clone(),
                rows: sheet.rows.len(),
                columns: sheet.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0),
                header: sheet.rows.get(at).map_or(1, |row| row.line),
                above: at + 1,
                cut: sheet.cut,
            });
            if best.is_none_or(|(_, _, other)| score > other) {
                best = Some((number, at, score));
            }
        }
        let (sheet, at, _) = best?;
        let info = infos.get(sheet)?;
        let (line, width) = (info.header, info.columns);
        let mut columns = sheets.get(sheet)?.rows.get(at)?.cells.clone();
        columns.resize(width.max(columns.len()), String::new());
        Some(Self { sheets: infos, sheet, line, columns })
    }

    /// Chooses another sheet or header, whose cells are `header`.
    pub(super) fn choose(&mut self, sheet: usize, line: u32, header: Option<Vec<String>>) -> Result<()> {
        let info = self.sheets.get_mut(sheet).ok_or_else(|| Problem::new("sheet", "unknown_choice"))?;
        if line > 0 && header.is_none() {
            return Err(Problem::new("line", "header_empty").into());
        }
        self.columns = header.unwrap_or_default();
        self.columns.resize(info.columns.max(self.columns.len()), String::new());
        (self.sheet, self.line) = (sheet, line);
        Ok(())
    }

    /// The number of the chosen sheet as it is stored.
    pub(super) fn number(&self) -> i64 {
        i64::try_from(self.sheet).unwrap_or(0)
    }

    /// How many rows stand below the header, as far as it is the one that was guessed.
    pub(super) fn rows_below(&self) -> i64 {
        let rows = self
            .sheets
            .get(self.sheet)
            .map_or(0, |info| info.rows - if info.header == self.line { info.above } else { 0 });
        i64::try_from(rows).unwrap_or(i64::MAX)
    }

    /// By what the reading of such a header is remembered.
    pub(super) fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        for column in &self.columns {
            hasher.update(normal(column).as_bytes());
            hasher.update([0]);
        }
        hex(&hasher.finalize())
    }
}

/// Which column means what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// What each column means; none when it is left out.
    pub fields: Vec<Option<Field>>,
    /// The place of rows that name none.
    #[serde(default)]
    pub place: Option<uuid::Uuid>,
}

impl Mapping {
    pub(super) fn guess(kind: RosterKind, layout: &Layout, words: &Vocabulary) -> Self {
        Self { fields: read_header(kind, &layout.columns, &words.headers), place: None }
    }

    /// The column of a field.
    #[must_use]
    pub fn column(&self, field: Field) -> Option<usize> {
        self.fields.iter().position(|other| *other == Some(field))
    }
}
