//! The task log's port; the work is done in the modules named after it.

use super::{PostgresStore, heads};
use async_trait::async_trait;
use domain::ids::{Fence, LaneId, TaskId, TaxId, WorkerId};
use fleet::ports::{
    StoreError,
    log::{
        Appended, Head, LaneQueue, NewTask, RescueLimits, Rescued, TaskLog, Turn, TurnOutcome, Work,
    },
};
use std::time::Duration;

#[async_trait]
impl TaskLog for PostgresStore {
    async fn append(&self, tasks: &[NewTask]) -> Result<Vec<Appended>, StoreError> {
        self.append_all(tasks).await
    }

    async fn turn(
        &self,
        worker: WorkerId,
        lease: Duration,
        turn: &Turn,
    ) -> Result<TurnOutcome, StoreError> {
        self.take_turn(worker, lease, turn).await
    }

    async fn renew(
        &self,
        worker: WorkerId,
        lease: Duration,
        fences: &[(TaskId, Fence)],
    ) -> Result<Vec<TaskId>, StoreError> {
        self.renew_keys(worker, lease, fences).await
    }

    async fn take_up(
        &self,
        worker: WorkerId,
        lease: Duration,
        limit: usize,
    ) -> Result<Vec<Work>, StoreError> {
        self.take_up_due(worker, lease, limit).await
    }

    async fn rescue(
        &self,
        _worker: WorkerId,
        limits: RescueLimits,
    ) -> Result<Vec<Rescued>, StoreError> {
        self.rescue_over(limits).await
    }

    async fn ripen(&self, limit: usize) -> Result<Vec<(LaneId, TaxId)>, StoreError> {
        self.ripen_due(limit).await
    }

    async fn expire(&self, asked: Duration, limit: usize) -> Result<Vec<TaskId>, StoreError> {
        self.expire_late(asked, limit).await
    }

    async fn heads(&self, lanes: &[LaneId]) -> Result<Vec<Head>, StoreError> {
        self.all_heads(lanes).await
    }

    async fn queues(&self, of: &[(LaneId, TaxId)]) -> Result<Vec<LaneQueue>, StoreError> {
        Ok(heads::queues(&self.pool, of).await?)
    }
}
