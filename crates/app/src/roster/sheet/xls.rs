//! Workbooks of Excel before 2007, and the locked ones of today, which are packed alike.

use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xls, XlsError};
use tongxin_core::invalid::Problem;

use super::{Merged, Sheets, fault, moment, number};

/// The most cells of all sheets, empty ones between counted: the parser holds them all.
const AREA_MAX: u64 = 3_000_000;
/// The most rows and columns that a sheet of this format has.
const ROWS_MAX: u64 = 65_536;
const COLUMNS_MAX: u64 = 256;

pub(super) fn read(bytes: &[u8], all: &mut Sheets) -> Result<(), Problem> {
    check(&stream(bytes)?)?;
    let mut book = Xls::new(Cursor::new(bytes))
        .map_err(|error| fault(if matches!(error, XlsError::Password) { "file_locked" } else { "file_broken" }))?;
    for name in book.sheet_names() {
        let Ok(range) = book.worksheet_range(&name) else { return Err(fault("file_broken")) };
        let Some(mut sheet) = all.begin(&name) else { break };
        let start = range.start().unwrap_or_default();
        for (row, column, value) in range.used_cells() {
            let (row, column) =
                (start.0 + u32::try_from(row).unwrap_or(0), start.1 + u32::try_from(column).unwrap_or(0));
            if !sheet.cell(row, column, &text(value))? {
                break;
            }
        }
        let merged = book.merge_cells_by_sheet_name(&name).unwrap_or_default();
        let merged: Vec<Merged> =
            merged.iter().map(|m| Merged { rows: (m.start.0, m.end.0), columns: (m.start.1, m.end.1) }).collect();
        sheet.end(&merged);
    }
    Ok(())
}

/// The stream of a workbook's records.
fn stream(bytes: &[u8]) -> Result<Vec<u8>, Problem> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(|_| fault("file_broken"))?;
    if file.exists("/EncryptedPackage") {
        return Err(fault("file_locked"));
    }
    let name =
        ["/Workbook", "/Book"].into_iter().find(|name| file.exists(name)).ok_or_else(|| fault("file_other_kind"))?;
    let mut stream = Vec::new();
    let part = file.open_stream(name).map_err(|_| fault("file_broken"))?;
    part.take(bytes.len() as u64).read_to_end(&mut stream).map_err(|_| fault("file_broken"))?;
    Ok(stream)
}

/// Where the cells of a sheet are: the first and the last row and column.
#[derive(Default)]
struct Extent(Option<[u64; 4]>);

impl Extent {
    fn add(&mut self, row: u64, left: u64, right: u64) {
        let [top, bottom, first, last] = self.0.unwrap_or([row, row, left, right]);
        self.0 = Some([top.min(row), bottom.max(row), first.min(left), last.max(right)]);
    }

    fn area(&self) -> u64 {
        self.0.map_or(0, |[top, bottom, first, last]| (bottom - top + 1) * (last - first + 1))
    }
}

/// Checks how large the sheets are, by what they claim and by where their cells are.
fn check(stream: &[u8]) -> Result<(), Problem> {
    let too_large = || fault("file_unpacks_too_large");
    let (mut at, mut before, mut extent) = (0, 0, Extent::default());
    while let Some(head) = stream.get(at..at + 4) {
        let kind = u16::from_le_bytes([head[0], head[1]]);
        let length = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let data = stream.get(at + 4..at + 4 + length).ok_or_else(|| fault("file_broken"))?;
        at += 4 + length;
        let word = |at: usize| data.get(at..at + 2).map_or(0, |b| u64::from(u16::from_le_bytes([b[0], b[1]])));
        match kind {
            // A sheet begins.
            0x0809 => {
                before += extent.area();
                extent = Extent::default();
            }
            // What it says of its size; in the older form the rows have two bytes, in the newer four.
            0x0200 => {
                let (first, last, left, right) = match length {
                    0..14 => (word(0), word(2), word(4), word(6)),
                    _ => (word(0) | (word(2) << 16), word(4) | (word(6) << 16), word(8), word(10)),
                };
                if last > ROWS_MAX || right > COLUMNS_MAX || first > last || left > right {
                    return Err(too_large());
                }
            }
            // Cells with something in them: one, or a row of numbers up to the column that stands at the end.
            0x00BD => extent.add(word(0), word(2).min(COLUMNS_MAX), word(length.saturating_sub(2)).max(word(2))),
            0x0006 | 0x00D6 | 0x00FD | 0x0203 | 0x0204 | 0x0205 | 0x027E => extent.add(word(0), word(2), word(2)),
            _ => {}
        }
        if before + extent.area() > AREA_MAX {
            return Err(too_large());
        }
    }
    Ok(())
}

fn text(value: &Data) -> String {
    match value {
        Data::Empty => String::new(),
        Data::Int(value) => value.to_string(),
        Data::Float(value) => number(*value),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Bool(value) => value.to_string(),
        Data::DateTime(at) => moment(at),
        Data::Error(error) => error.to_string(),
    }
}
