//! Text with separators: UTF-8 with or without its mark, UTF-16 with its mark, otherwise GB18030 (GBK).

use encoding_rs::{Encoding, GB18030};
use tongxin_core::invalid::Problem;

use super::{Sheets, fault};

pub(super) fn read(bytes: &[u8], all: &mut Sheets) -> Result<(), Problem> {
    let text = decode(bytes)?;
    let start = text.trim_start().get(..64).unwrap_or_else(|| text.trim_start()).to_lowercase();
    if start.starts_with("<html")
        || start.starts_with("<!doctype")
        || start.starts_with("<?xml")
        || start.starts_with("<table")
    {
        return Err(fault("file_other_kind"));
    }
    let Some(mut sheet) = all.begin("") else { return Ok(()) };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(&text))
        .from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    // Rows are numbered as a spreadsheet would show them: a line break within a cell begins none, an empty line does.
    let (mut row, mut line) = (0_u32, 0_u64);
    'rows: while reader.read_record(&mut record).map_err(|_| fault("file_broken"))? {
        let at = record.position().map_or(line, csv::Position::line);
        row += u32::try_from(at.saturating_sub(line + 1)).unwrap_or(0);
        for (column, cell) in (0_u32..).zip(&record) {
            // A cell that this program's own export marked, so that no spreadsheet takes it for a formula.
            let cell = cell.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@'])).unwrap_or(cell);
            if !sheet.cell(row, column, cell)? {
                break 'rows;
            }
        }
        row += 1;
        line = reader.position().line().saturating_sub(1).max(at);
    }
    sheet.end(&[]);
    Ok(())
}

fn decode(bytes: &[u8]) -> Result<String, Problem> {
    let (encoding, mark) = Encoding::for_bom(bytes).unwrap_or((encoding_rs::UTF_8, 0));
    let bytes = bytes.get(mark..).unwrap_or_default();
    let marked = mark > 0;
    if !marked && bytes.contains(&0) {
        return Err(fault("file_other_kind"));
    }
    if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(bytes) {
        return Ok(text.into_owned());
    }
    let text = if marked { None } else { GB18030.decode_without_bom_handling_and_without_replacement(bytes) };
    text.map(std::borrow::Cow::into_owned).ok_or_else(|| fault("file_encoding"))
}

/// The separator that the first line has most of.
fn separator(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |byte: u8| first.bytes().filter(|b| *b == byte).count();
    [b',', b'\t', b';'].into_iter().rev().max_by_key(|byte| count(*byte)).unwrap_or(b',')
}
