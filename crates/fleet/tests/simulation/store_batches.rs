//! Batches as one worker reaches them.

use crate::{life::Weight, store_port::StorePort};
use async_trait::async_trait;
use domain::{
    batch::{Batch, BatchLine},
    ids::{LaneId, TaskId},
    invoice::InvoiceKey,
};
use fleet::ports::{
    StoreError,
    batches::{AfterBatch, Backlog, BatchBook, BatchFilter, Kept, LineEnd, NewBatch, Tally},
};
use std::time::Duration;

#[async_trait]
impl BatchBook for StorePort {
    async fn keep_batch(&self, batch: &NewBatch) -> Result<Kept, StoreError> {
        let effect = self.store().keep_batch(batch);
        self.pass("keep_batch", Weight::Loud, effect, |_| Some(String::new())).await
    }

    async fn batch(&self, batch_id: &str) -> Result<Option<Batch>, StoreError> {
        self.pass("batch", Weight::Quiet, self.store().batch(batch_id), |_| None).await
    }

    async fn batches(
        &self,
        filter: &BatchFilter,
        after: Option<&AfterBatch>,
        limit: usize,
    ) -> Result<Vec<Batch>, StoreError> {
        let effect = self.store().batches(filter, after, limit);
        self.pass("batches", Weight::Quiet, effect, |_| None).await
    }

    async fn batch_lines(
        &self,
        batch_id: &str,
        from: usize,
        limit: usize,
    ) -> Result<Vec<BatchLine>, StoreError> {
        let effect = self.store().batch_lines(batch_id, from, limit);
        self.pass("batch_lines", Weight::Quiet, effect, |_| None).await
    }

    async fn change_batch(&self, batch: &Batch) -> Result<bool, StoreError> {
        let effect = self.store().change_batch(batch);
        self.pass("change_batch", Weight::Loud, effect, |_| Some(String::new())).await
    }

    async fn left_batches(&self, age: Duration, limit: usize) -> Result<Vec<String>, StoreError> {
        self.pass("left_batches", Weight::Quiet, self.store().left_batches(age, limit), |_| None)
            .await
    }

    async fn tally(&self, batch_id: &str) -> Result<Vec<Tally>, StoreError> {
        self.pass("tally", Weight::Quiet, self.store().tally(batch_id), |_| None).await
    }

    async fn backlogs(&self, lanes: &[LaneId]) -> Result<Vec<Backlog>, StoreError> {
        self.pass("backlogs", Weight::Quiet, self.store().backlogs(lanes), |_| None).await
    }

    async fn line_ends(
        &self,
        of: &[(TaskId, InvoiceKey)],
    ) -> Result<Vec<Option<LineEnd>>, StoreError> {
        self.pass("line_ends", Weight::Quiet, self.store().line_ends(of), |_| None).await
    }
}
