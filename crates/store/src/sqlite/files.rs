//! Which layout files are kept of invoices.

use super::{
    SqliteStore,
    columns::{self, micros},
    fault::Fault,
};
use crate::file_rows::{self, FileRow, KnownFileRow};
use domain::{
    ids::TaxId,
    invoice::{FileHash, FileRef, InvoiceFile, InvoiceKey, Kept},
    tax_no::TaxNo,
};
use fleet::ports::{
    StoreError,
    pool::{NewFile, to_note},
};
use serde::Serialize;
use std::collections::HashMap;

#[derive(Serialize)]
struct NewRow<'a> {
    number: &'a str,
    code: &'a str,
    format: &'static str,
    bytes: u64,
    sha256: String,
}

fn new_row(new: &NewFile) -> NewRow<'_> {
    NewRow {
        number: &new.file.invoice.number,
        code: &new.file.invoice.code,
        format: new.file.format.name(),
        bytes: new.bytes,
        sha256: new.sha256.to_string(),
    }
}

impl SqliteStore {
    pub(super) async fn write_files(
        &self,
        tax: TaxId,
        files: &[NewFile],
    ) -> Result<Vec<Kept>, Fault> {
        let mut tx = self.begin().await?;
        let asked: Vec<NewRow<'_>> = files.iter().map(new_row).collect();
        let rows: Vec<KnownFileRow> = sqlx::query_as(sql!("pool/known_files"))
            .bind(tax.0)
            .bind(columns::rows(&asked))
            .fetch_all(&mut *tx)
            .await?;
        let known: Result<HashMap<FileRef, FileHash>, StoreError> =
            rows.into_iter().map(KnownFileRow::known).collect();
        let (write, kept) = to_note(files, &known?);
        if !write.is_empty() {
            let rows: Vec<NewRow<'_>> = write.into_iter().map(new_row).collect();
            sqlx::query(sql!("pool/note_files"))
                .bind(tax.0)
                .bind(columns::rows(&rows))
                .bind(micros(self.now()))
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(kept)
    }

    pub(super) async fn read_files(
        &self,
        buyer: &TaxNo,
        key: &InvoiceKey,
    ) -> Result<Vec<InvoiceFile>, Fault> {
        let rows: Vec<FileRow> = sqlx::query_as(sql!("pool/files_of"))
            .bind(buyer.as_str())
            .bind(&key.number)
            .bind(&key.code)
            .fetch_all(&self.readers)
            .await?;
        Ok(file_rows::files(rows)?)
    }
}
