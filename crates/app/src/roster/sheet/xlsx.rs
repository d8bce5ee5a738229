//! Workbooks of Excel since 2007.

use std::io::Cursor;

use calamine::{DataRef, Reader, SheetType, Xlsx, XlsxError};
use tongxin_core::invalid::Problem;

use super::{Merged, Sheets, fault, moment, number};

pub(super) fn read(bytes: &[u8], all: &mut Sheets) -> Result<(), Problem> {
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|error| problem(&error))?;
    let names: Vec<String> = book
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect();
    for name in names {
        let merged = book.merge_cells_by_sheet_name(&name).unwrap_or_default();
        let merged: Vec<Merged> =
            merged.iter().map(|m| Merged { rows: (m.start.0, m.end.0), columns: (m.start.1, m.end.1) }).collect();
        let Some(mut sheet) = all.begin(&name) else { break };
        let mut cells = book.worksheet_cells_reader(&name).map_err(|error| problem(&error))?;
        while let Some(cell) = cells.next_cell().map_err(|error| problem(&error))? {
            let (row, column) = cell.get_position();
            if !sheet.cell(row, column, &text(cell.get_value()))? {
                break;
            }
        }
        sheet.end(&merged);
    }
    Ok(())
}

fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::Int(value) => value.to_string(),
        DataRef::Float(value) => number(*value),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(at) => moment(at),
        DataRef::Error(error) => error.to_string(),
    }
}

fn problem(error: &XlsxError) -> Problem {
    fault(if matches!(error, XlsxError::Password) { "file_locked" } else { "file_broken" })
}
