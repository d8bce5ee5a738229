//! Reading a spreadsheet from its bytes, without trusting it: `.xlsx`, `.xls`, `.ods`, CSV.
//!
//! Memory stays bounded whatever the file holds: it is checked before a parser sees it (how much a packed part unpacks to,
//! how large a sheet an old workbook claims to have), cells come one after another, empty cells and rows are never kept,
//! and a sheet ends after [`GAP_MAX`] empty rows.

mod csv;
mod guard;
mod ods;
mod xls;
mod xlsx;

use tongxin_core::invalid::Problem;

/// The largest file, in bytes.
pub const FILE_MAX: usize = 10 * 1024 * 1024;
/// The most columns of a sheet.
pub const COLUMNS_MAX: u32 = 200;
/// The most rows that are not empty, in all sheets together.
pub const ROWS_MAX: usize = 50_000;
/// After so many empty rows a sheet ends.
pub const GAP_MAX: u32 = 1_000;
/// The longest text of a cell, in bytes; what is longer is cut, and refused by the rule of its field.
const CELL_MAX: usize = 4_000;
/// The most text of all cells together, in bytes.
const TEXT_MAX: usize = 64 * 1024 * 1024;
/// The most sheets that are read.
const SHEETS_MAX: usize = 20;
/// The most merged ranges of a sheet that are looked at.
const MERGES_MAX: usize = 20_000;

/// A sheet: its rows that are not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Its name; empty for CSV.
    pub name: String,
    /// Its rows.
    pub rows: Vec<SheetRow>,
    /// Whether rows after a long gap were left out.
    pub cut: bool,
}

/// A row of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetRow {
    /// The number that the spreadsheet shows beside it, from 1.
    pub line: u32,
    /// Its cells up to the last that is not empty.
    pub cells: Vec<String>,
}

/// A range of merged cells: the first and the last row and column, from 0.
#[derive(Debug, Clone, Copy)]
struct Merged {
    rows: (u32, u32),
    columns: (u32, u32),
}

/// Reads the sheets of a file that hold anything. Work for a thread that may block.
///
/// # Errors
/// A problem of the field `file`: `file_empty`, `file_too_large`, `file_unpacks_too_large`, `file_locked`, `file_broken`,
/// `file_other_kind`, `file_encoding`, `too_many_columns`, `too_many_rows`.
pub fn read(bytes: &[u8]) -> Result<Vec<Sheet>, Problem> {
    if bytes.is_empty() {
        return Err(fault("file_empty"));
    }
    if bytes.len() > FILE_MAX {
        return Err(fault("file_too_large").with("max", FILE_MAX / 1024 / 1024));
    }
    let mut all = Sheets::default();
    if bytes.starts_with(b"PK\x03\x04") {
        match guard::packed(bytes)? {
            guard::Packed::Xlsx => xlsx::read(bytes, &mut all)?,
            guard::Packed::Ods => ods::read(bytes, &mut all)?,
        }
    } else if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        xls::read(bytes, &mut all)?;
    } else {
        csv::read(bytes, &mut all)?;
    }
    all.finish()
}

/// A sheet of rows that a program sends, the first of them the header, within the same bounds.
///
/// # Errors
/// As [`read`].
pub fn from_rows(rows: &[Vec<String>]) -> Result<Vec<Sheet>, Problem> {
    let mut all = Sheets::default();
    if let Some(mut sheet) = all.begin("") {
        for (number, row) in (0_u32..).zip(rows) {
            for (column, cell) in (0_u32..).zip(row) {
                if !sheet.cell(number, column, cell)? {
                    break;
                }
            }
        }
        sheet.end(&[]);
    }
    all.finish()
}

fn fault(code: &'static str) -> Problem {
    Problem::new("file", code)
}

/// What is read so far.
#[derive(Default)]
struct Sheets {
    done: Vec<Sheet>,
    rows: usize,
    text: usize,
}

impl Sheets {
    /// Begins a sheet; none when no more are read.
    fn begin(&mut self, name: &str) -> Option<Writer<'_>> {
        let room = self.done.len() < SHEETS_MAX;
        room.then(|| Writer { sheet: Sheet { name: name.to_owned(), rows: Vec::new(), cut: false }, all: self })
    }

    fn finish(self) -> Result<Vec<Sheet>, Problem> {
        if self.done.is_empty() { Err(fault("file_empty")) } else { Ok(self.done) }
    }
}

/// Takes the cells of one sheet in the order of its rows.
struct Writer<'a> {
    sheet: Sheet,
    all: &'a mut Sheets,
}

impl Writer<'_> {
    /// Takes a cell, by row and column from 0. Says whether more are wanted.
    fn cell(&mut self, row: u32, column: u32, text: &str) -> Result<bool, Problem> {
        let text = text.trim();
        let last = self.sheet.rows.last().map_or(0, |row| row.line);
        if row.saturating_sub(last) > GAP_MAX {
            self.sheet.cut |= !text.is_empty();
            return Ok(false);
        }
        if text.is_empty() {
            return Ok(true);
        }
        if column >= COLUMNS_MAX {
            return Err(fault("too_many_columns").with("max", COLUMNS_MAX).with("sheet", &self.sheet.name));
        }
        let end = (0..=text.len().min(CELL_MAX)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let text = text.get(..end).unwrap_or_default();
        self.all.text += text.len();
        if self.all.text > TEXT_MAX {
            return Err(fault("file_unpacks_too_large"));
        }
        let line = row + 1;
        if self.sheet.rows.last().is_none_or(|row| row.line < line) {
            self.all.rows += 1;
            if self.all.rows > ROWS_MAX {
                return Err(fault("too_many_rows").with("max", ROWS_MAX));
            }
            self.sheet.rows.push(SheetRow { line, cells: Vec::new() });
        }
        // A cell of an earlier row comes only in a file that is out of order; it is left out with its row.
        if let Some(row) = self.sheet.rows.last_mut().filter(|row| row.line == line) {
            let at = column as usize;
            if row.cells.len() <= at {
                row.cells.resize(at + 1, String::new());
            }
            row.cells[at] = text.to_owned();
        }
        Ok(true)
    }

    /// Ends the sheet. Cells that are merged downwards hold the same in each row, as they look.
    fn end(mut self, merged: &[Merged]) {
        for merge in merged.iter().take(MERGES_MAX).filter(|merge| merge.rows.0 < merge.rows.1) {
            let rows = &mut self.sheet.rows;
            let column = merge.columns.0 as usize;
            let from = rows.partition_point(|row| row.line <= merge.rows.0);
            let until = rows.partition_point(|row| row.line <= merge.rows.1 + 1);
            let Some((first, below)) = rows.get_mut(from..until).and_then(<[_]>::split_first_mut) else { continue };
            if first.line != merge.rows.0 + 1 {
                continue;
            }
            let Some(text) = first.cells.get(column).filter(|text| !text.is_empty()) else { continue };
            for row in below {
                if row.cells.len() <= column {
                    row.cells.resize(column + 1, String::new());
                }
                if row.cells[column].is_empty() {
                    self.all.text += text.len();
                    if self.all.text > TEXT_MAX {
                        break;
                    }
                    row.cells[column].clone_from(text);
                }
            }
        }
        if !self.sheet.rows.is_empty() {
            self.all.done.push(self.sheet);
        }
    }
}

/// A number as it is typed: whole ones without a point.
fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 { format!("{value:.0}") } else { value.to_string() }
}

/// A moment of a spreadsheet: a day, with its time when it is not midnight.
fn moment(at: &calamine::ExcelDateTime) -> String {
    if at.is_duration() {
        return number(at.as_f64());
    }
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    if (hour, minute, second) == (0, 0, 0) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}")
    }
}
