//! Spreadsheets of OpenDocument, cell by cell: a file of a few bytes may say that one cell is repeated ten thousand
//! million times, so that no parser that unfolds it may see it.

use std::io::BufReader;

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};
use tongxin_core::invalid::Problem;

use super::{COLUMNS_MAX, GAP_MAX, Merged, ROWS_MAX, Sheets, Writer, fault, guard};

fn broken<E>(_: E) -> Problem {
    fault("file_broken")
}

pub(super) fn read(bytes: &[u8], all: &mut Sheets) -> Result<(), Problem> {
    let mut archive = guard::archive(bytes)?;
    if let Ok(mut manifest) = archive.by_name("META-INF/manifest.xml") {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut manifest, &mut text).map_err(broken)?;
        if text.contains("encryption-data") {
            return Err(fault("file_locked"));
        }
    }
    let content = archive.by_name("content.xml").map_err(broken)?;
    let mut xml = Reader::from_reader(BufReader::new(content));
    xml.config_mut().expand_empty_elements = true;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer).map_err(broken)? {
            Event::Start(tag) if tag.name().as_ref() == "table:table" => {
                let Some(sheet) = all.begin(&attribute(&tag, "table:name")) else { return Ok(()) };
                table(&mut xml, sheet)?;
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// One sheet.
fn table(xml: &mut Reader<impl std::io::BufRead>, mut sheet: Writer<'_>) -> Result<(), Problem> {
    let (mut row, mut wanted, mut depth) = (0_u32, true, 0_u32);
    let mut merged = Vec::new();
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer).map_err(broken)? {
            Event::Start(tag) if tag.name().as_ref() == "table:table-row" => {
                let repeated = count(&tag, "table:number-rows-repeated");
                let cells = cells(xml, row, &mut merged)?;
                // A row that is repeated is one that somebody filled by pulling down; an empty one only moves on.
                let rows =
                    if cells.is_empty() { 0 } else { repeated.min(u32::try_from(ROWS_MAX).unwrap_or(u32::MAX) + 1) };
                for at in row..row.saturating_add(rows) {
                    for (column, text) in &cells {
                        wanted = wanted && sheet.cell(at, *column, text)?;
                    }
                    if !wanted {
                        break;
                    }
                }
                row = row.saturating_add(repeated);
            }
            // A table within a cell is part of no row.
            Event::Start(tag) if tag.name().as_ref() == "table:table" => depth += 1,
            Event::End(tag) if tag.name().as_ref() == "table:table" => {
                if depth == 0 {
                    break;
                }
                depth -= 1;
            }
            Event::Eof => return Err(fault("file_broken")),
            _ => {}
        }
    }
    sheet.end(&merged);
    Ok(())
}

/// The cells of one row that are not empty, by column.
fn cells(
    xml: &mut Reader<impl std::io::BufRead>,
    row: u32,
    merged: &mut Vec<Merged>,
) -> Result<Vec<(u32, String)>, Problem> {
    let mut found = Vec::new();
    let mut column = 0_u32;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer).map_err(broken)? {
            Event::Start(tag) if matches!(tag.name().as_ref(), "table:table-cell" | "table:covered-table-cell") => {
                let repeated = count(&tag, "table:number-columns-repeated");
                let spanned = count(&tag, "table:number-rows-spanned");
                if spanned > 1 && merged.len() < super::MERGES_MAX {
                    merged.push(Merged {
                        rows: (row, row.saturating_add(spanned - 1).min(row + GAP_MAX)),
                        columns: (column, column),
                    });
                }
                let stated = stated(&tag);
                let shown = shown(xml, &tag)?;
                let text = stated.unwrap_or(shown);
                if !text.trim().is_empty() {
                    // One beyond the limit is enough for the sheet to be refused.
                    let last = column.saturating_add(repeated).min(COLUMNS_MAX + 1);
                    found.extend((column..last.max(column + 1)).map(|column| (column, text.clone())));
                }
                column = column.saturating_add(repeated);
            }
            Event::End(tag) if tag.name().as_ref() == "table:table-row" => return Ok(found),
            Event::Eof => return Err(fault("file_broken")),
            _ => {}
        }
    }
}

/// The value that a cell states besides what it shows: a number or a day.
fn stated(tag: &BytesStart<'_>) -> Option<String> {
    let value = match attribute(tag, "office:value-type").as_str() {
        "float" => attribute(tag, "office:value"),
        "date" => attribute(tag, "office:date-value"),
        "boolean" => attribute(tag, "office:boolean-value"),
        _ => return None,
    };
    (!value.is_empty()).then_some(value)
}

/// The text that a cell shows: its paragraphs, a line break between; notes are left out.
fn shown(xml: &mut Reader<impl std::io::BufRead>, cell: &BytesStart<'_>) -> Result<String, Problem> {
    let end = cell.name().as_ref().to_owned();
    let (mut text, mut paragraphs, mut within, mut notes) = (String::new(), 0, 0, 0);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer).map_err(broken)? {
            Event::Start(tag) => match tag.name().as_ref() {
                "office:annotation" => notes += 1,
                "text:p" if notes == 0 => {
                    if paragraphs > 0 {
                        text.push('\n');
                    }
                    paragraphs += 1;
                    within += 1;
                }
                "text:s" | "text:tab" if within > 0 => text.push(' '),
                _ => {}
            },
            Event::End(tag) => match tag.name().as_ref() {
                "office:annotation" => notes -= 1,
                "text:p" if notes == 0 => within -= 1,
                name if name == end => return Ok(text),
                _ => {}
            },
            Event::Text(part) if within > 0 && notes == 0 && text.len() < super::CELL_MAX => {
                text.push_str(&part.xml10_content());
            }
            Event::GeneralRef(sign) if within > 0 && notes == 0 => match sign.resolve_char_ref().map_err(broken)? {
                Some(sign) => text.push(sign),
                None => text.push_str(quick_xml::escape::resolve_predefined_entity(&sign).unwrap_or_default()),
            },
            Event::Eof => return Err(fault("file_broken")),
            _ => {}
        }
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> String {
    let found = tag.attributes().flatten().find(|attribute| attribute.key.as_ref() == name);
    found
        .and_then(|attribute| {
            attribute.normalized_value(XmlVersion::Implicit1_0).ok().map(std::borrow::Cow::into_owned)
        })
        .unwrap_or_default()
}

/// How often something is repeated, at least once.
fn count(tag: &BytesStart<'_>, name: &str) -> u32 {
    attribute(tag, name).parse().unwrap_or(1).max(1)
}
