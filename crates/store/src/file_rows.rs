//! Layout files of invoices, as both databases return them.

use crate::codec;
use domain::{
    Moment,
    invoice::{FileHash, FileRef, InvoiceFile, InvoiceKey},
};
use fleet::ports::StoreError;

fn hash(text: &str) -> Result<FileHash, StoreError> {
    let broken = || StoreError::Broken(format!("\"{text}\" is no SHA-256"));
    FileHash::from_hex(text).ok_or_else(broken)
}

/// What is noted of one of several that were asked for.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct KnownFileRow {
    number: String,
    code: String,
    format: String,
    sha256: String,
}

impl KnownFileRow {
    pub(crate) fn known(self) -> Result<(FileRef, FileHash), StoreError> {
        let invoice = InvoiceKey { code: self.code, number: self.number };
        let file = FileRef { invoice, format: codec::read(&self.format)? };
        Ok((file, hash(&self.sha256)?))
    }
}

/// One file of an invoice; the moment in microseconds since 1970.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct FileRow {
    format: String,
    bytes: i64,
    sha256: String,
    at: i64,
}

impl FileRow {
    fn file(self) -> Result<InvoiceFile, StoreError> {
        let broken = || StoreError::Broken(format!("{} is not a moment", self.at));
        Ok(InvoiceFile {
            format: codec::read(&self.format)?,
            bytes: codec::count(self.bytes),
            sha256: hash(&self.sha256)?,
            at: Moment::from_timestamp_micros(self.at).ok_or_else(broken)?,
        })
    }
}

/// In the order of their formats.
pub(crate) fn files(rows: Vec<FileRow>) -> Result<Vec<InvoiceFile>, StoreError> {
    let files: Result<Vec<InvoiceFile>, _> = rows.into_iter().map(FileRow::file).collect();
    let mut files = files?;
    files.sort_unstable_by_key(|file| file.format);
    Ok(files)
}
