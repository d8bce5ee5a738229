//! What a packed file holds, looked at before a parser of spreadsheets sees it.

use std::io::{Cursor, ErrorKind, Read};

use tongxin_core::invalid::Problem;
use zip::{ZipArchive, result::ZipError};

use super::fault;

/// The most that the parts of a file may unpack to, in bytes.
const UNPACKED_MAX: u64 = 300 * 1024 * 1024;
/// The most for a part that a parser holds as a whole, in bytes.
const WHOLE_MAX: u64 = 48 * 1024 * 1024;
/// The longest stretch without a tag in a part of XML, in bytes.
const STRETCH_MAX: u64 = 1024 * 1024;
/// The most parts.
const PARTS_MAX: usize = 2_000;

/// What kind of spreadsheet is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packed {
    Xlsx,
    Ods,
}

pub(super) fn archive(bytes: &[u8]) -> Result<ZipArchive<Cursor<&[u8]>>, Problem> {
    ZipArchive::new(Cursor::new(bytes)).map_err(|_| fault("file_broken"))
}

/// Unpacks every part into nothing, counting: what a file says of its own sizes is not believed.
pub(super) fn packed(bytes: &[u8]) -> Result<Packed, Problem> {
    let mut archive = archive(bytes)?;
    if archive.len() > PARTS_MAX {
        return Err(fault("file_unpacks_too_large"));
    }
    let mut kind = None;
    let mut all = 0;
    for at in 0..archive.len() {
        let mut part = match archive.by_index(at) {
            Ok(part) => part,
            Err(ZipError::UnsupportedArchive(what)) if what.contains("assword") => return Err(fault("file_locked")),
            Err(_) => return Err(fault("file_broken")),
        };
        let name = part.name().map_err(|_| fault("file_broken"))?.to_lowercase();
        match name.as_str() {
            "xl/workbook.xml" => kind = Some(Packed::Xlsx),
            "content.xml" => kind = kind.or(Some(Packed::Ods)),
            _ => {}
        }
        let xml = name.ends_with(".xml") || name.ends_with(".rels");
        let streamed = name.starts_with("xl/worksheets/") || name == "content.xml";
        let size = unpack(&mut part, xml, if streamed || !xml { UNPACKED_MAX } else { WHOLE_MAX })?;
        all += size;
        if all > UNPACKED_MAX {
            return Err(fault("file_unpacks_too_large"));
        }
    }
    kind.ok_or_else(|| fault("file_other_kind"))
}

fn unpack(part: &mut impl Read, xml: bool, max: u64) -> Result<u64, Problem> {
    let mut buffer = vec![0; 64 * 1024];
    let (mut size, mut stretch) = (0_u64, 0_u64);
    loop {
        let read = match part.read(&mut buffer) {
            Ok(0) => return Ok(size),
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(_) => return Err(fault("file_broken")),
        };
        let chunk = buffer.get(..read).unwrap_or_default();
        size += read as u64;
        stretch = match chunk.iter().rposition(|byte| *byte == b'<') {
            Some(at) => (read - at) as u64,
            None => stretch + read as u64,
        };
        if size > max || (xml && stretch > STRETCH_MAX) {
            return Err(fault("file_unpacks_too_large"));
        }
    }
}
