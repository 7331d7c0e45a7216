//! Searching the ledger.

use super::{
    SqliteStore,
    columns::{self, micros, moment},
    fault::Fault,
};
use crate::{codec, ledger_rows::EntryRow};
use async_trait::async_trait;
use fleet::ports::{
    StoreError,
    ledger::{AfterLine, Ledger, LedgerEntry, LedgerFilter},
};
use serde::Serialize;
use uuid::Uuid;

fn some<T: Serialize>(list: &[T]) -> Option<String> {
    (!list.is_empty()).then(|| columns::rows(list))
}

impl SqliteStore {
    async fn read_ledger(
        &self,
        filter: &LedgerFilter,
        after: Option<&AfterLine>,
        limit: usize,
    ) -> Result<Vec<LedgerEntry>, Fault> {
        let of_invoice = filter.number.is_some();
        let statement = if of_invoice {
            sql!("archive/ledger_of_invoice")
        } else {
            sql!("archive/ledger_page")
        };
        let rows: Vec<EntryRow<i64>> = sqlx::query_as(statement)
            .bind(filter.tax_no.as_ref().map(ToString::to_string))
            .bind(filter.task.map(|task| task.0))
            .bind(&filter.batch_id)
            .bind(some(&filter.kinds))
            .bind(some(&filter.outcomes))
            .bind(&filter.number)
            .bind(filter.enqueued_from.map_or(i64::MIN, micros))
            .bind(filter.enqueued_to.map_or(i64::MAX, micros))
            .bind(filter.within.as_ref().map(|within| columns::rows(&within.organisations)))
            .bind(filter.within.as_ref().map(|within| within.user.clone()))
            .bind(after.map_or(i64::MAX, |after| micros(after.enqueued_at)))
            .bind(after.map_or(Uuid::max(), |after| after.task_id.0))
            .bind(after.map(|after| after.number.clone()).unwrap_or_default())
            .bind(after.map(|after| after.code.clone()).unwrap_or_default())
            .bind(codec::count::<_, i64>(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(rows.into_iter().map(|row| row.entry(moment)).collect::<Result<_, _>>()?)
    }
}

#[async_trait]
impl Ledger for SqliteStore {
    async fn ledger(
        &self,
        filter: &LedgerFilter,
        after: Option<&AfterLine>,
        limit: usize,
    ) -> Result<Vec<LedgerEntry>, StoreError> {
        Ok(self.read_ledger(filter, after, limit).await?)
    }
}
