//! Spreadsheets as people bring them, good and bad: what is read of them, and what is told of those that can't be.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::io::{Cursor, Write};

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use tongxin_app::roster::sheet::{FILE_MAX, GAP_MAX, ROWS_MAX, Sheet, read};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// What is told of a file that can't be read.
fn fault(bytes: &[u8]) -> &'static str {
    let problem = read(bytes).expect_err("it can't be read");
    assert_eq!(problem.field, "file");
    problem.code
}

/// The only sheet of a file, as lines with their cells.
fn only(bytes: &[u8]) -> Vec<(u32, Vec<String>)> {
    let sheets = read(bytes).unwrap();
    assert_eq!(sheets.len(), 1);
    sheets.into_iter().next().unwrap().rows.into_iter().map(|row| (row.line, row.cells)).collect()
}

fn cells(rows: &[(u32, Vec<String>)]) -> Vec<Vec<&str>> {
    rows.iter().map(|(_, cells)| cells.iter().map(String::as_str).collect()).collect()
}

/// A packed file of these parts.
fn packed(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        zip.start_file(*name, options).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn csv_in_the_encodings_of_offices() {
    let text = "姓名,电话\r\n沈慧芳,\"021\n6248\"\r\n\r\n王小华,'=1\r\n";
    let gbk = encoding_rs::GB18030.encode(text).0.into_owned();
    let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for bytes in [text.as_bytes(), &marked, &gbk, &wide] {
        let rows = only(bytes);
        assert_eq!(cells(&rows), [vec!["姓名", "电话"], vec!["沈慧芳", "021\n6248"], vec!["王小华", "=1"]]);
    }
    for separated in ["姓名;电话\n甲;1", "姓名\t电话\n甲\t1"] {
        assert_eq!(cells(&only(separated.as_bytes())), [vec!["姓名", "电话"], vec!["甲", "1"]]);
    }
    assert_eq!(fault(b"\xFF\xFF\xFF,\x80"), "file_encoding");
}

#[test]
fn a_workbook_with_titles_days_formulas_and_merged_cells() {
    let mut book = Workbook::new();
    let day = Format::new().set_num_format("yyyy/m/d");
    let sheet = book.add_worksheet().set_name("名单").unwrap();
    sheet.merge_range(0, 0, 0, 3, "某居民区花名册", &Format::new()).unwrap();
    for (column, text) in (0..).zip(["楼组", "姓名", "出生日期", "电话"]) {
        sheet.write_string(1, column, text).unwrap();
    }
    sheet.merge_range(2, 0, 3, 0, "1号楼组", &Format::new()).unwrap();
    sheet.write_string(2, 1, "沈慧芳").unwrap();
    sheet.write_datetime_with_format(2, 2, ExcelDateTime::from_ymd(1950, 2, 3).unwrap(), &day).unwrap();
    sheet.write_number(2, 3, 13_800_000_000_f64).unwrap();
    sheet.write_formula(3, 1, Formula::new("=A1&\"x\"").set_result("王小华")).unwrap();
    sheet.write_formula(3, 3, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
    sheet.write_boolean(4, 3, true).unwrap();
    book.add_worksheet().set_name("空").unwrap();
    let rows = only(&book.save_to_buffer().unwrap());
    assert_eq!(rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(
        cells(&rows),
        [
            vec!["某居民区花名册"],
            vec!["楼组", "姓名", "出生日期", "电话"],
            vec!["1号楼组", "沈慧芳", "1950-02-03", "13800000000"],
            vec!["1号楼组", "王小华", "", "#DIV/0!"],
            vec!["", "", "", "true"],
        ]
    );
}

#[test]
fn a_million_empty_rows_and_what_is_beyond_them() {
    let rows: String = (1..=1_000_000).map(|line| format!("<row r=\"{line}\"><c r=\"A{line}\"/></row>")).collect();
    let sheet = rows.replacen("<c r=\"A1\"/>", "<c r=\"A1\" t=\"inlineStr\"><is><t>姓名</t></is></c>", 1);
    let sheets = read(&workbook(&sheet)).unwrap();
    assert_eq!(sheets, [Sheet { name: "S".into(), rows: sheets[0].rows.clone(), cut: false }]);
    assert_eq!(sheets[0].rows.len(), 1);
    let far = GAP_MAX + 100;
    let beyond = format!(
        "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"{far}\"><c r=\"A{far}\"><v>2</v></c></row>\
         <row r=\"1048576\"><c r=\"A1048576\"><v>3</v></c></row>"
    );
    let sheets = read(&workbook(&beyond)).unwrap();
    assert!(sheets[0].cut && sheets[0].rows.len() == 1, "a sheet ends after a long gap, and that is told");
}

/// A workbook of one sheet with these rows.
fn workbook(rows: &str) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const REL: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let sheet = format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{rows}</sheetData></worksheet>");
    let book = format!(
        "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{REL}\"><sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
    );
    let rels = format!(
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
         <Relationship Id=\"r1\" Type=\"{REL}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
    );
    let top = rels.replace("/worksheet\"", "/officeDocument\"").replace("worksheets/sheet1.xml", "xl/workbook.xml");
    packed(&[
        ("_rels/.rels", top.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", rels.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

#[test]
fn too_wide_too_long_too_large() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for column in 0..200 {
        sheet.write_string(0, column, "x").unwrap();
    }
    assert_eq!(only(&book.save_to_buffer().unwrap())[0].1.len(), 200);
    book.worksheet_from_index(0).unwrap().write_string(5, 200, "one too many").unwrap();
    assert_eq!(fault(&book.save_to_buffer().unwrap()), "too_many_columns");
    let long = "a,b\n".repeat(ROWS_MAX + 1);
    assert_eq!(fault(long.as_bytes()), "too_many_rows");
    assert_eq!(fault(&vec![b'a'; FILE_MAX + 1]), "file_too_large");
}

#[test]
fn what_unpacks_to_too_much_is_not_unpacked() {
    // 400 MB of spaces between two tags, and a text that never ends, both packed to less than a megabyte.
    let many = b"<a/>".repeat(100 * 1024 * 1024);
    assert_eq!(
        fault(&packed(&[("xl/workbook.xml", b"<workbook/>"), ("xl/worksheets/sheet1.xml", &many)])),
        "file_unpacks_too_large"
    );
    let endless = vec![b' '; 3 * 1024 * 1024];
    assert_eq!(fault(&packed(&[("xl/workbook.xml", &endless)])), "file_unpacks_too_large");
    let strings = b"<si/>".repeat(12 * 1024 * 1024);
    let parts: [(&str, &[u8]); 2] = [("xl/workbook.xml", b"<workbook/>"), ("xl/sharedStrings.xml", &strings)];
    assert_eq!(fault(&packed(&parts)), "file_unpacks_too_large");
}

#[test]
fn broken_locked_and_other_files() {
    assert_eq!(fault(b""), "file_empty");
    assert_eq!(fault(b"\n\n , ,\n"), "file_empty");
    assert_eq!(fault(b"PK\x03\x04 no archive"), "file_broken");
    let good = workbook("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>");
    assert_eq!(cells(&only(&good)), [vec!["1"]]);
    for length in [good.len() / 3, good.len() / 2, good.len() - 5] {
        assert_eq!(fault(&good[..length]), "file_broken");
    }
    assert_eq!(fault(&workbook("<row r=\"1\"><c r=\"A1\"><v>1</c></row>")), "file_broken");
    assert_eq!(fault(&packed(&[("word/document.xml", b"<w/>")])), "file_other_kind");
    assert_eq!(fault(b"<html><table><tr><td>1</td></tr></table></html>"), "file_other_kind");
    assert_eq!(fault(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "file_other_kind");
    assert_eq!(fault(b"%PDF-1.7\n\0\0"), "file_other_kind");
    // A workbook that Excel locks is packed as the old ones are.
    let mut locked = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    locked.create_stream("/EncryptedPackage").unwrap().write_all(b"secret").unwrap();
    assert_eq!(fault(&locked.into_inner().into_inner()), "file_locked");
    assert_eq!(fault(&[0xD0, 0xCF, 0x11, 0xE0, 1, 2, 3]), "file_broken");
}

/// An old workbook: its records.
fn old(records: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let mut stream = Vec::new();
    for (kind, data) in records {
        stream.extend(kind.to_le_bytes());
        stream.extend(u16::try_from(data.len()).unwrap().to_le_bytes());
        stream.extend(data);
    }
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream("/Workbook").unwrap().write_all(&stream).unwrap();
    file.into_inner().into_inner()
}

fn number(row: u16, column: u16, value: f64) -> (u16, Vec<u8>) {
    let head = [row, column, 0].into_iter().flat_map(u16::to_le_bytes);
    (0x0203, head.chain(value.to_le_bytes()).collect())
}

/// An old workbook of one sheet with these records.
fn old_sheet(records: Vec<(u16, Vec<u8>)>) -> Vec<u8> {
    let begin =
        |kind: u16| (0x0809, [0x0600_u16, kind, 0, 0].into_iter().flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
    // The sheet begins after the workbook's own three records.
    let start = (4 + 8) + (4 + 10) + 4;
    let mut bound: Vec<u8> = u32::to_le_bytes(start).to_vec();
    bound.extend([0, 0, 2, 0]);
    bound.extend(*b"S1");
    let mut all = vec![begin(5), (0x0085, bound), (0x000A, Vec::new()), begin(16)];
    all.extend(records);
    all.push((0x000A, Vec::new()));
    old(&all)
}

#[test]
fn old_workbooks_are_read_and_those_that_claim_too_much_are_not() {
    let rows = only(&old_sheet(vec![number(0, 0, 7.0), number(2, 1, 1.5)]));
    assert_eq!(rows, [(1, vec!["7".to_owned()]), (3, vec![String::new(), "1.5".to_owned()])]);
    // Two cells in opposite corners: 16 million cells between them.
    assert_eq!(fault(&old_sheet(vec![number(0, 0, 1.0), number(65_535, 255, 1.0)])), "file_unpacks_too_large");
    let claims: Vec<u8> =
        [0_u32, u32::MAX].into_iter().flat_map(u32::to_le_bytes).chain([0, 0, 255, 255, 0, 0]).collect();
    assert_eq!(fault(&old_sheet(vec![(0x0200, claims), number(0, 0, 1.0)])), "file_unpacks_too_large");
    assert_eq!(fault(&old(&[(0x002F, vec![1, 0, 0, 0])])), "file_locked");
}

/// A spreadsheet of OpenDocument with this table.
fn open_document(rows: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content xmlns:office=\"o\" xmlns:table=\"t\" xmlns:text=\"x\"><office:body><office:spreadsheet>\
         <table:table table:name=\"名单\">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
    );
    let kind = b"application/vnd.oasis.opendocument.spreadsheet";
    packed(&[("mimetype", kind), ("META-INF/manifest.xml", b"<m/>"), ("content.xml", content.as_bytes())])
}

#[test]
fn open_documents_are_read_and_their_repetitions_are_bounded() {
    let cell = |text: &str| format!("<table:table-cell><text:p>{text}</text:p></table:table-cell>");
    let table = format!(
        "<table:table-row>{}{}{}</table:table-row>\
         <table:table-row table:number-rows-repeated=\"3\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>\
         <table:table-row><table:table-cell table:number-rows-spanned=\"2\"><text:p>甲</text:p></table:table-cell>\
         <table:table-cell office:value-type=\"date\" office:date-value=\"1950-02-03\"><text:p>50/2/3</text:p></table:table-cell>\
         <table:table-cell office:value-type=\"float\" office:value=\"12\"><text:p>12.00</text:p></table:table-cell></table:table-row>\
         <table:table-row><table:covered-table-cell/>{}</table:table-row>\
         <table:table-row table:number-rows-repeated=\"1048570\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>",
        cell("组"),
        cell("a &amp; b"),
        cell("c"),
        cell("乙")
    );
    let rows = only(&open_document(&table));
    assert_eq!(rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 5, 6]);
    assert_eq!(cells(&rows), [vec!["组", "a & b", "c"], vec!["甲", "1950-02-03", "12"], vec!["甲", "乙"]]);
    // One cell, ten thousand million times.
    let bomb = "<table:table-row table:number-rows-repeated=\"1048576\"><table:table-cell \
                table:number-columns-repeated=\"16384\"><text:p>x</text:p></table:table-cell></table:table-row>";
    assert_eq!(fault(&open_document(bomb)), "too_many_columns");
    let long = format!("<table:table-row table:number-rows-repeated=\"1048576\">{}</table:table-row>", cell("x"));
    assert_eq!(fault(&open_document(&long)), "too_many_rows");
}
