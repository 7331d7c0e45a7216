//! Which layout files are kept of invoices.

use super::{PostgresStore, fault::Fault, split};
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
use std::collections::HashMap;

fn column<'a, T>(files: &[&'a NewFile], of: impl Fn(&'a NewFile) -> T) -> Vec<T> {
    files.iter().map(|file| of(file)).collect()
}

impl PostgresStore {
    pub(super) async fn write_files(
        &self,
        tax: TaxId,
        files: &[NewFile],
    ) -> Result<Vec<Kept>, StoreError> {
        split::again(|| async move {
            let all: Vec<&NewFile> = files.iter().collect();
            let mut tx = self.begin().await?;
            let rows: Vec<KnownFileRow> = sqlx::query_as(sql!("pool/known_files"))
                .bind(tax.0)
                .bind(column(&all, |new| new.file.invoice.number.as_str()))
                .bind(column(&all, |new| new.file.invoice.code.as_str()))
                .bind(column(&all, |new| new.file.format.name()))
                .fetch_all(&mut *tx)
                .await?;
            let known: Result<HashMap<FileRef, FileHash>, StoreError> =
                rows.into_iter().map(KnownFileRow::known).collect();
            let (write, kept) = to_note(files, &known?);
            if !write.is_empty() {
                sqlx::query(sql!("pool/note_files"))
                    .bind(tax.0)
                    .bind(column(&write, |new| new.file.invoice.number.as_str()))
                    .bind(column(&write, |new| new.file.invoice.code.as_str()))
                    .bind(column(&write, |new| new.file.format.name()))
                    .bind(column(&write, |new| i64::try_from(new.bytes).unwrap_or(i64::MAX)))
                    .bind(column(&write, |new| new.sha256.to_string()))
                    .execute(&mut *tx)
                    .await?;
            }
            tx.commit().await?;
            Ok(kept)
        })
        .await
    }

    pub(super) async fn read_files(
        &self,
        buyer: &TaxNo,
        key: &InvoiceKey,
    ) -> Result<Vec<InvoiceFile>, StoreError> {
        let rows: Vec<FileRow> = sqlx::query_as(sql!("pool/files_of"))
            .bind(buyer.as_str())
            .bind(&key.number)
            .bind(&key.code)
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        file_rows::files(rows)
    }
}
