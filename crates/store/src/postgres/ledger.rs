//! Searching the ledger.

use super::{PostgresStore, fault::Fault};
use crate::{codec, ledger_rows::EntryRow};
use async_trait::async_trait;
use domain::Moment;
use fleet::ports::{
    StoreError,
    ledger::{AfterLine, Ledger, LedgerEntry, LedgerFilter},
};

fn some(names: Vec<&'static str>) -> Option<Vec<&'static str>> {
    (!names.is_empty()).then_some(names)
}

#[async_trait]
impl Ledger for PostgresStore {
    async fn ledger(
        &self,
        filter: &LedgerFilter,
        after: Option<&AfterLine>,
        limit: usize,
    ) -> Result<Vec<LedgerEntry>, StoreError> {
        let rows: Vec<EntryRow<Moment>> = sqlx::query_as(sql!("archive/ledger_page"))
            .bind(filter.tax_no.as_ref().map(|tax_no| tax_no.as_str()))
            .bind(filter.task.map(|task| task.0))
            .bind(&filter.batch_id)
            .bind(some(filter.kinds.iter().map(|kind| kind.name()).collect()))
            .bind(some(filter.outcomes.iter().map(|outcome| outcome.name()).collect()))
            .bind(&filter.number)
            .bind(filter.enqueued_from)
            .bind(filter.enqueued_to)
            .bind(filter.within.as_ref().map(|within| within.organisations.clone()))
            .bind(filter.within.as_ref().map(|within| within.user.clone()))
            .bind(after.map(|after| after.enqueued_at))
            .bind(after.map(|after| after.task_id.0))
            .bind(after.map(|after| after.number.as_str()))
            .bind(after.map(|after| after.code.as_str()))
            .bind(codec::count::<_, i64>(limit))
            // Not kept: a plan for one filter is wrong for the next.
            .persistent(false)
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        rows.into_iter().map(|row| row.entry(|at| at)).collect()
    }
}
