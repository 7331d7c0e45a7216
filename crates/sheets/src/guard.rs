//! What is looked at before a file is handed to the reader of spreadsheets.
//!
//! A package says in its directory how large its parts are, and may lie. So every part is unpacked
//! once into nothing, and counted: this costs time, within the limit, but no memory. Only what has
//! passed is unpacked into memory.

use crate::{Limits, Refused};
use std::io::{self, Cursor, Read};
use zip::{ZipArchive, result::ZipError};

/// Beginning of an old .xls, and of an encrypted .xlsx (a compound file).
const COMPOUND_FILE: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
/// Beginning of a package's first part.
const PACKAGE: &[u8] = b"PK\x03\x04";

/// Whether the bytes begin as a workbook does, one that we read or an old or encrypted one.
pub(crate) fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(PACKAGE) || bytes.starts_with(COMPOUND_FILE)
}

/// Whether the bytes are a package within the limits.
pub(crate) fn check(bytes: &[u8], limits: &Limits) -> Result<(), Refused> {
    looks_right(bytes, limits)?;
    let mut package = ZipArchive::new(Cursor::new(bytes)).map_err(refused)?;
    if package.len() > limits.parts {
        return Err(Refused::TooManyParts { limit: limits.parts });
    }
    let mut unpacked = 0;
    for part in 0..package.len() {
        let part = package.by_index(part).map_err(refused)?;
        unpacked += counted(part, limits.unpacked_bytes - unpacked)
            .map_err(|error| Refused::Damaged(error.to_string()))?
            .ok_or(Refused::UnpacksTooLarge { limit: limits.unpacked_bytes })?;
        let most = limits.ratio.saturating_mul(bytes.len() as u64);
        if unpacked > Limits::RATIO_FROM_BYTES && unpacked > most {
            return Err(Refused::PackedTooTightly { limit: limits.ratio });
        }
    }
    Ok(())
}

fn looks_right(bytes: &[u8], limits: &Limits) -> Result<(), Refused> {
    if bytes.is_empty() {
        return Err(Refused::Empty);
    }
    if bytes.len() as u64 > limits.file_bytes {
        return Err(Refused::FileTooLarge { limit: limits.file_bytes });
    }
    if bytes.starts_with(COMPOUND_FILE) {
        return Err(if holds_encrypted(bytes) { Refused::Encrypted } else { Refused::OldXls });
    }
    if bytes.starts_with(PACKAGE) { Ok(()) } else { Err(Refused::NotXlsx) }
}

/// The name of the stream in which an encrypted workbook stands, in UTF-16.
fn holds_encrypted(bytes: &[u8]) -> bool {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes.windows(name.len()).any(|window| window == name)
}

/// Bytes of a part as it really unpacks; None: more than are left. No byte beyond them is unpacked.
fn counted(part: impl Read, left: u64) -> io::Result<Option<u64>> {
    let count = io::copy(&mut part.take(left + 1), &mut io::sink())?;
    Ok((count <= left).then_some(count))
}

fn refused(error: ZipError) -> Refused {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => Refused::Encrypted,
        other => Refused::Damaged(other.to_string()),
    }
}
