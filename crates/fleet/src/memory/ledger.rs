//! Searching the ledger.

use super::MemoryStore;
use crate::ports::{
    StoreError,
    ledger::{AfterLine, Ledger, LedgerEntry, LedgerFilter},
};
use async_trait::async_trait;
use domain::{Moment, ids::TaskId};

fn matches(filter: &LedgerFilter, entry: &LedgerEntry) -> bool {
    fn any<T: PartialEq>(wanted: &[T], found: &T) -> bool {
        wanted.is_empty() || wanted.contains(found)
    }
    any(&filter.kinds, &entry.kind)
        && any(&filter.outcomes, &entry.line.outcome)
        && filter.tax_no.as_ref().is_none_or(|tax_no| *tax_no == entry.tax_no)
        && filter.task.is_none_or(|task| task == entry.task_id)
        && filter.batch_id.as_ref().is_none_or(|batch| Some(batch) == entry.batch_id.as_ref())
        && filter.number.as_ref().is_none_or(|number| *number == entry.line.invoice.number)
        && filter.enqueued_from.is_none_or(|from| entry.enqueued_at >= from)
        && filter.enqueued_to.is_none_or(|to| entry.enqueued_at < to)
}

fn order(entry: &LedgerEntry) -> (Moment, TaskId, String, String) {
    let after = AfterLine::of(entry);
    (after.enqueued_at, after.task_id, after.number, after.code)
}

#[async_trait]
impl Ledger for MemoryStore {
    async fn ledger(
        &self,
        filter: &LedgerFilter,
        after: Option<&AfterLine>,
        limit: usize,
    ) -> Result<Vec<LedgerEntry>, StoreError> {
        let book = self.open();
        let after = after.cloned();
        let after = after.map(|after| (after.enqueued_at, after.task_id, after.number, after.code));
        let entries = book.tasks.iter().flat_map(|(id, row)| {
            let message = &row.message;
            let by = message.submitted_by.as_deref();
            let seen = book.seen(filter.within.as_ref(), &message.tax_no, by);
            row.ledger.iter().filter(move |_| seen).map(|line| LedgerEntry {
                task_id: *id,
                kind: message.kind,
                tax_no: message.tax_no.clone(),
                batch_id: message.batch_id.clone(),
                enqueued_at: row.enqueued_at,
                at: row.finished_at.unwrap_or(row.enqueued_at),
                line: line.clone(),
            })
        });
        let mut found: Vec<LedgerEntry> = entries
            .filter(|entry| matches(filter, entry))
            .filter(|entry| after.as_ref().is_none_or(|after| order(entry) < *after))
            .collect();
        found.sort_by_key(|entry| std::cmp::Reverse(order(entry)));
        found.truncate(limit);
        Ok(found)
    }
}
