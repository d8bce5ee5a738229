//! Any list as a file: an Excel workbook or CSV.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use rust_xlsxwriter::{Color, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use crate::error::WebError;

const XLSX_TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The kind of file that the ending of a path asks for: `/members.xlsx` or `/members.csv`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// An Excel workbook.
    Xlsx,
    /// CSV.
    Csv,
}

impl<S: Sync> FromRequestParts<S> for FileKind {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(if parts.uri.path().ends_with(".csv") { Self::Csv } else { Self::Xlsx })
    }
}

/// A cell of a list.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A number.
    Number(f64),
    /// A day.
    Date(NaiveDate),
    /// A time in the community's zone.
    DateTime(NaiveDateTime),
    /// A text that is wrong, marked in colour.
    Wrong(String),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u32> for Cell {
    fn from(number: u32) -> Self {
        Self::Int(i64::from(number))
    }
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<NaiveDate> for Cell {
    fn from(day: NaiveDate) -> Self {
        Self::Date(day)
    }
}

impl From<NaiveDateTime> for Cell {
    fn from(at: NaiveDateTime) -> Self {
        Self::DateTime(at)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

/// A list with its headings, in the reader's language.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Name of the file without its ending; may be Chinese.
    pub name: String,
    /// Headings.
    pub headers: Vec<String>,
    /// Rows, each as long as the headings.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// An empty list.
    #[must_use]
    pub fn new(name: impl Into<String>, headers: Vec<String>) -> Self {
        Self { name: name.into(), headers, rows: Vec::new() }
    }

    /// Adds a row.
    pub fn push(&mut self, row: Vec<Cell>) {
        self.rows.push(row);
    }

    /// The list as CSV: UTF-8 with a byte order mark, so that Excel reads Chinese; no cell can act as a formula.
    ///
    /// # Errors
    /// When a row cannot be written.
    pub fn csv(&self) -> Result<Vec<u8>, WebError> {
        let mut out = csv::WriterBuilder::new()
            .flexible(true)
            .terminator(csv::Terminator::CRLF)
            .from_writer("\u{feff}".as_bytes().to_vec());
        out.write_record(self.headers.iter().map(|text| guarded(text))).map_err(WebError::internal)?;
        for row in &self.rows {
            out.write_record(row.iter().map(csv_text)).map_err(WebError::internal)?;
        }
        out.into_inner().map_err(WebError::internal)
    }

    /// The list as an Excel workbook with a frozen, bold heading.
    ///
    /// # Errors
    /// When the list is beyond what a sheet holds.
    pub fn xlsx(&self) -> Result<Vec<u8>, WebError> {
        self.workbook().map_err(WebError::internal)
    }

    /// A download of the list as a file of this kind.
    ///
    /// # Errors
    /// As [`Table::csv`] and [`Table::xlsx`].
    pub fn response(&self, kind: FileKind) -> Result<Response, WebError> {
        match kind {
            FileKind::Xlsx => self.xlsx_response(),
            FileKind::Csv => self.csv_response(),
        }
    }

    /// A download of [`Table::csv`].
    ///
    /// # Errors
    /// As there.
    pub fn csv_response(&self) -> Result<Response, WebError> {
        Ok(attachment(&format!("{}.csv", self.name), "text/csv; charset=utf-8", self.csv()?))
    }

    /// A download of [`Table::xlsx`].
    ///
    /// # Errors
    /// As there.
    pub fn xlsx_response(&self) -> Result<Response, WebError> {
        Ok(attachment(&format!("{}.xlsx", self.name), XLSX_TYPE, self.xlsx()?))
    }

    fn workbook(&self) -> Result<Vec<u8>, XlsxError> {
        workbook(std::slice::from_ref(self))
    }

    fn write(&self, sheet: &mut Worksheet, looks: &Looks) -> Result<(), XlsxError> {
        sheet.set_freeze_panes(1, 0)?;
        for (column, text) in (0_u16..).zip(&self.headers) {
            sheet.write_string_with_format(0, column, text, &looks.bold)?;
        }
        for (line, row) in (1_u32..).zip(&self.rows) {
            for (column, cell) in (0_u16..).zip(row) {
                match cell {
                    Cell::Empty => {}
                    Cell::Text(text) => {
                        sheet.write_string(line, column, text)?;
                    }
                    Cell::Wrong(text) => {
                        sheet.write_string_with_format(line, column, text, &looks.wrong)?;
                    }
                    #[allow(clippy::cast_precision_loss, reason = "a sheet has no other numbers")]
                    Cell::Int(number) => {
                        sheet.write_number(line, column, *number as f64)?;
                    }
                    Cell::Number(number) => {
                        sheet.write_number(line, column, *number)?;
                    }
                    Cell::Date(date) => {
                        sheet.write_datetime_with_format(line, column, &excel_day(*date)?, &looks.day)?;
                    }
                    Cell::DateTime(at) => {
                        let value = excel_day(at.date())?.and_hms(
                            u16::try_from(at.hour()).unwrap_or_default(),
                            u8::try_from(at.minute()).unwrap_or_default(),
                            f64::from(at.second()),
                        )?;
                        sheet.write_datetime_with_format(line, column, &value, &looks.time)?;
                    }
                }
            }
        }
        sheet.autofit();
        Ok(())
    }
}

/// How cells look.
struct Looks {
    bold: Format,
    day: Format,
    time: Format,
    wrong: Format,
}

fn workbook(tables: &[Table]) -> Result<Vec<u8>, XlsxError> {
    let looks = Looks {
        bold: Format::new().set_bold(),
        day: Format::new().set_num_format("yyyy-mm-dd"),
        time: Format::new().set_num_format("yyyy-mm-dd hh:mm"),
        wrong: Format::new().set_background_color(Color::RGB(0x00FF_C7CE)).set_font_color(Color::RGB(0x009C_0006)),
    };
    let mut book = Workbook::new();
    for table in tables {
        let sheet = book.add_worksheet();
        if tables.len() > 1 {
            sheet.set_name(&table.name)?;
        }
        table.write(sheet, &looks)?;
    }
    book.save_to_buffer()
}

/// A download of several tables as sheets of one workbook, each with its table's name (at most 31 characters).
///
/// # Errors
/// When a table is beyond what a sheet holds.
pub fn book_response(name: &str, tables: &[Table]) -> Result<Response, WebError> {
    Ok(attachment(&format!("{name}.xlsx"), XLSX_TYPE, workbook(tables).map_err(WebError::internal)?))
}

fn excel_day(day: NaiveDate) -> Result<ExcelDateTime, XlsxError> {
    ExcelDateTime::from_ymd(
        u16::try_from(day.year()).unwrap_or_default(),
        u8::try_from(day.month()).unwrap_or_default(),
        u8::try_from(day.day()).unwrap_or_default(),
    )
}

fn csv_text(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) | Cell::Wrong(text) => guarded(text),
        Cell::Int(number) => number.to_string(),
        Cell::Number(number) => number.to_string(),
        Cell::Date(day) => day.format("%Y-%m-%d").to_string(),
        Cell::DateTime(at) => at.format("%Y-%m-%d %H:%M").to_string(),
    }
}

/// A text that a spreadsheet would take for a formula gets an apostrophe before it.
fn guarded(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

/// A download with a name that may be in any script (RFC 6266).
#[must_use]
pub fn attachment(name: &str, content_type: &'static str, body: Vec<u8>) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(value) = HeaderValue::from_str(&disposition(name)) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

fn disposition(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "._- ".contains(c) { c } else { '_' }).collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new("需求 list", vec!["标题".to_owned(), "数量".to_owned(), "日期".to_owned()]);
        let day = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
        table.push(vec!["=1+1".into(), Cell::Int(-3), day.into()]);
        table.push(vec!["a, \"b\"\nc".into(), Cell::Empty, day.and_hms_opt(9, 30, 0).unwrap().into()]);
        table
    }

    #[test]
    fn csv_is_guarded_and_has_its_mark() {
        let text = String::from_utf8(table().csv().unwrap()).unwrap();
        assert_eq!(text, "\u{feff}标题,数量,日期\r\n'=1+1,-3,2026-11-24\r\n\"a, \"\"b\"\"\nc\",,2026-11-24 09:30\r\n");
        for bad in ["+1", "-1", "@x", "\tx", "\rx"] {
            assert!(guarded(bad).starts_with('\''), "{bad:?}");
        }
        assert_eq!(guarded("理发"), "理发");
    }

    #[test]
    fn a_workbook_is_written() {
        let bytes = table().xlsx().unwrap();
        assert_eq!(&bytes[..2], b"PK");
    }

    #[test]
    fn names_in_any_script_are_encoded() {
        assert_eq!(
            disposition("需求 a\".csv"),
            "attachment; filename=\"__ a_.csv\"; filename*=UTF-8''%E9%9C%80%E6%B1%82%20a%22.csv"
        );
        let response = table().csv_response().unwrap();
        assert!(response.headers().contains_key(header::CONTENT_DISPOSITION));
    }
}
