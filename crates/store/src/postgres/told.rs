//! What a bureau told of invoices, into the pool.

use super::{PostgresStore, Tx, fault::Fault, split};
use crate::{
    codec,
    told_rows::{FaceRow, ToldRow},
};
use domain::{
    ids::{Fence, TaskId},
    invoice::{DOWNLOADED, Face, InvoiceKey, Kept, ToldInvoice, take_over},
};
use fleet::ports::StoreError;
use std::collections::HashMap;

impl PostgresStore {
    pub(super) async fn write_told(
        &self,
        task: TaskId,
        fence: Fence,
        told: &[ToldInvoice],
    ) -> Result<Option<Vec<Kept>>, StoreError> {
        split::again(|| async move {
            let mut tx = self.begin().await?;
            let holder: Option<(i32, String)> = sqlx::query_as(sql!("pool/told_by"))
                .bind(task.0)
                .bind(fence.0)
                .fetch_optional(&mut *tx)
                .await?;
            let Some((tax, buyer)) = holder else { return Ok(None) };
            let known = faces(&mut tx, tax, told).await?;
            let takings = take_over(&codec::read(&buyer)?, told, known);
            write(&mut tx, tax, &takings.write).await?;
            tx.commit().await?;
            Ok(Some(takings.kept))
        })
        .await
    }
}

async fn faces(
    tx: &mut Tx,
    tax: i32,
    told: &[ToldInvoice],
) -> Result<HashMap<InvoiceKey, Face>, Fault> {
    let mut keys: Vec<&InvoiceKey> = told.iter().map(|told| &told.key).collect();
    keys.sort_unstable();
    keys.dedup();
    let numbers: Vec<&str> = keys.iter().map(|key| key.number.as_str()).collect();
    let codes: Vec<&str> = keys.iter().map(|key| key.code.as_str()).collect();
    let rows: Vec<FaceRow> = sqlx::query_as(sql!("pool/faces"))
        .bind(tax)
        .bind(numbers)
        .bind(codes)
        .fetch_all(&mut **tx)
        .await?;
    rows.into_iter().map(|row| Ok(row.face()?)).collect()
}

async fn write(tx: &mut Tx, tax: i32, faces: &[Face]) -> Result<(), Fault> {
    if faces.is_empty() {
        return Ok(());
    }
    sqlx::query(sql!("pool/keep_told"))
        .bind(tax)
        .bind(ToldRow::json(faces))
        .bind(DOWNLOADED)
        .execute(&mut **tx)
        .await?;
    let sellers: Vec<&str> = faces.iter().map(|face| face.seller_name.as_str()).collect();
    sqlx::query(sql!("import/sellers")).bind(sellers).execute(&mut **tx).await?;
    Ok(())
}
