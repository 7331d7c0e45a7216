//! Batches, and where their tasks stand.

use super::{MemoryStore, book::Book};
use crate::ports::{
    StoreError,
    batches::{AfterBatch, Backlog, BatchBook, BatchFilter, Kept, LineEnd, NewBatch, Tally},
};
use async_trait::async_trait;
use domain::{
    Moment,
    batch::{Batch, BatchLine, BatchState},
    bureau::LaneKey,
    ids::{LaneId, TaskId},
    invoice::InvoiceKey,
    task::StateName,
    tax_no::TaxNo,
};
use std::{collections::BTreeMap, time::Duration};

/// A batch as it is kept.
#[derive(Clone, Debug)]
pub(super) struct BatchRow {
    pub batch: Batch,
    pub lines: Vec<BatchLine>,
    pub changed_at: Moment,
}

impl Book {
    fn keep_batch(&mut self, new: &NewBatch) -> Kept {
        let id = &new.batch.batch_id;
        match self.batch_requests.get(id) {
            Some(row) if row.batch.asked == new.batch.asked => Kept::Before,
            Some(row) => Kept::Other { created_at: row.batch.created_at },
            None => {
                let row = BatchRow {
                    batch: new.batch.clone(),
                    lines: new.lines.clone(),
                    changed_at: self.now,
                };
                self.batch_requests.insert(id.clone(), row);
                Kept::New
            }
        }
    }

    fn change_batch(&mut self, batch: &Batch) -> bool {
        let now = self.now;
        let row = self.batch_requests.get_mut(&batch.batch_id);
        let Some(row) = row.filter(|row| row.batch.version == batch.version) else { return false };
        row.batch = Batch { version: batch.version + 1, ..batch.clone() };
        row.changed_at = now;
        true
    }

    fn tally(&self, batch_id: &str) -> Vec<Tally> {
        type Alike = (TaxNo, Option<LaneKey>, StateName);
        let mut tallies: BTreeMap<Alike, Tally> = BTreeMap::new();
        for (id, row) in &self.tasks {
            if row.message.batch_id.as_deref() != Some(batch_id) {
                continue;
            }
            let told = self.task_row(*id);
            let lane = told.bureau.zip(told.account);
            let lane = lane.map(|(bureau, account)| LaneKey { bureau, account });
            let alike = (told.tax_no.clone(), lane.clone(), told.state);
            let tally = tallies.entry(alike).or_insert_with(|| Tally {
                tax_no: told.tax_no,
                lane,
                state: told.state,
                tasks: 0,
                invoices: 0,
                succeeded: 0,
                ran: Duration::ZERO,
                ran_tasks: 0,
            });
            tally.tasks += 1;
            tally.invoices += u64::from(told.invoices_total);
            tally.succeeded += u64::from(told.invoices_succeeded);
            if let (Some(from), Some(to)) = (told.started_at, told.finished_at) {
                tally.ran += (to - from).to_std().unwrap_or_default();
                tally.ran_tasks += 1;
            }
        }
        tallies.into_values().collect()
    }

    fn backlog(&self, lane: LaneId) -> Backlog {
        let current = self.lanes.get(&lane).and_then(|row| row.current_tax);
        let queues = self.waiting.iter().filter(|((of, _), _)| *of == lane);
        let mut backlog = Backlog::default();
        for ((_, tax), queue) in queues {
            backlog.numbers += u32::from(Some(*tax) != current);
            backlog.tasks += u32::try_from(queue.len()).unwrap_or(u32::MAX);
        }
        backlog
    }

    fn line_end(&self, task: TaskId, key: &InvoiceKey) -> Option<LineEnd> {
        let row = self.tasks.get(&task)?;
        let line = row.ledger.iter().find(|line| line.invoice == *key).cloned();
        Some(LineEnd { state: row.state.name(), reason: row.reason.clone(), line })
    }

    /// As many tasks as a batch that was asked for here becomes: its end is not told before.
    pub(super) fn batch_becomes(&self, batch_id: &str) -> usize {
        self.batch_requests.get(batch_id).map_or(0, |row| row.batch.tasks())
    }
}

#[async_trait]
impl BatchBook for MemoryStore {
    async fn keep_batch(&self, batch: &NewBatch) -> Result<Kept, StoreError> {
        Ok(self.open().keep_batch(batch))
    }

    async fn batch(&self, batch_id: &str) -> Result<Option<Batch>, StoreError> {
        Ok(self.open().batch_requests.get(batch_id).map(|row| row.batch.clone()))
    }

    async fn batches(
        &self,
        filter: &BatchFilter,
        after: Option<&AfterBatch>,
        limit: usize,
    ) -> Result<Vec<Batch>, StoreError> {
        let book = self.open();
        let place = |batch: &Batch| (batch.created_at, batch.batch_id.clone());
        let after = after.map(|after| (after.created_at, after.batch_id.clone()));
        let matches = |batch: &Batch| {
            (filter.states.is_empty() || filter.states.contains(&batch.state))
                && (filter.submitted_by.is_none() || filter.submitted_by == batch.submitted_by)
                && after.as_ref().is_none_or(|after| place(batch) < *after)
        };
        let batches = book.batch_requests.values().map(|row| &row.batch);
        let mut found: Vec<Batch> = batches.filter(|batch| matches(batch)).cloned().collect();
        found.sort_by_key(|batch| std::cmp::Reverse(place(batch)));
        found.truncate(limit);
        Ok(found)
    }

    async fn batch_lines(
        &self,
        batch_id: &str,
        from: usize,
        limit: usize,
    ) -> Result<Vec<BatchLine>, StoreError> {
        let book = self.open();
        let lines = book.batch_requests.get(batch_id).map(|row| row.lines.iter());
        Ok(lines.into_iter().flatten().skip(from).take(limit).cloned().collect())
    }

    async fn change_batch(&self, batch: &Batch) -> Result<bool, StoreError> {
        Ok(self.open().change_batch(batch))
    }

    async fn left_batches(&self, age: Duration, limit: usize) -> Result<Vec<String>, StoreError> {
        let book = self.open();
        let left = |row: &&BatchRow| {
            row.batch.state == BatchState::Submitting && row.changed_at + age <= book.now()
        };
        let mut left: Vec<&BatchRow> = book.batch_requests.values().filter(left).collect();
        left.sort_by_key(|row| row.changed_at);
        Ok(left.into_iter().take(limit).map(|row| row.batch.batch_id.clone()).collect())
    }

    async fn tally(&self, batch_id: &str) -> Result<Vec<Tally>, StoreError> {
        Ok(self.open().tally(batch_id))
    }

    async fn backlogs(&self, lanes: &[LaneId]) -> Result<Vec<Backlog>, StoreError> {
        let book = self.open();
        Ok(lanes.iter().map(|lane| book.backlog(*lane)).collect())
    }

    async fn line_ends(
        &self,
        of: &[(TaskId, InvoiceKey)],
    ) -> Result<Vec<Option<LineEnd>>, StoreError> {
        let book = self.open();
        Ok(of.iter().map(|(task, key)| book.line_end(*task, key)).collect())
    }
}
