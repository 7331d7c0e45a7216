//! What a bureau told of invoices, into the pool.

use super::{
    SqliteStore,
    columns::{self, micros},
    fault::Fault,
};
use crate::{
    codec,
    told_rows::{FaceRow, ToldRow},
};
use domain::{
    ids::{Fence, TaskId},
    invoice::{DOWNLOADED, Face, InvoiceKey, Kept, ToldInvoice, take_over},
};
use serde::Serialize;
use std::collections::HashMap;

#[derive(Serialize)]
struct KeyRow<'a> {
    number: &'a str,
    code: &'a str,
}

impl KeyRow<'_> {
    fn of(key: &InvoiceKey) -> KeyRow<'_> {
        KeyRow { number: &key.number, code: &key.code }
    }
}

impl SqliteStore {
    pub(super) async fn write_told(
        &self,
        task: TaskId,
        fence: Fence,
        told: &[ToldInvoice],
    ) -> Result<Option<Vec<Kept>>, Fault> {
        let mut tx = self.begin().await?;
        let holder: Option<(i32, String)> = sqlx::query_as(sql!("pool/told_by"))
            .bind(task.0)
            .bind(fence.0)
            .fetch_optional(&mut *tx)
            .await?;
        let Some((tax, buyer)) = holder else { return Ok(None) };
        let keys: Vec<KeyRow<'_>> = told.iter().map(|told| KeyRow::of(&told.key)).collect();
        let rows: Vec<FaceRow> = sqlx::query_as(sql!("pool/faces"))
            .bind(tax)
            .bind(columns::rows(&keys))
            .fetch_all(&mut *tx)
            .await?;
        let known: Result<HashMap<InvoiceKey, Face>, _> =
            rows.into_iter().map(FaceRow::face).collect();
        let takings = take_over(&codec::read(&buyer)?, told, known?);
        if !takings.write.is_empty() {
            sqlx::query(sql!("pool/keep_told"))
                .bind(tax)
                .bind(ToldRow::json(&takings.write))
                .bind(DOWNLOADED)
                .bind(micros(self.now()))
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(Some(takings.kept))
    }
}
