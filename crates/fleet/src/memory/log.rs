//! The task log's port.

use super::MemoryStore;
use crate::ports::{
    StoreError,
    log::{
        Appended, Head, LaneQueue, NewTask, RescueLimits, Rescued, TaskLog, Turn, TurnOutcome, Work,
    },
    registry::MISFIT,
};
use async_trait::async_trait;
use domain::ids::{Fence, LaneId, TaskId, TaxId, WorkerId};
use std::{collections::BTreeSet, time::Duration};

#[async_trait]
impl TaskLog for MemoryStore {
    async fn append(&self, tasks: &[NewTask]) -> Result<Vec<Appended>, StoreError> {
        let mut book = self.open();
        if book.misfits(tasks) {
            return Err(StoreError::Away(MISFIT.to_owned()));
        }
        Ok(tasks.iter().map(|task| book.append(task)).collect())
    }

    async fn turn(
        &self,
        worker: WorkerId,
        lease: Duration,
        turn: &Turn,
    ) -> Result<TurnOutcome, StoreError> {
        let mut book = self.open();
        let evidence = turn.evidence.iter().map(|proof| book.note(proof)).collect();
        let settled = turn.settlements.iter().map(|one| book.settle(one)).collect();
        let switches = turn.switches.iter().map(|one| book.switch(one)).collect();
        let claimed = book.claim(worker, lease, &turn.picks);
        let settled_queues = turn.settlements.iter().map(|one| (one.lane, one.tax));
        let picked_queues = turn.picks.iter().map(|pick| (pick.lane, pick.tax));
        let touched: BTreeSet<_> = settled_queues.chain(picked_queues).collect();
        let queues = touched.into_iter().map(|(lane, tax)| book.queue_of(lane, tax)).collect();
        Ok(TurnOutcome { evidence, settled, switches, claimed, queues })
    }

    async fn renew(
        &self,
        worker: WorkerId,
        lease: Duration,
        fences: &[(TaskId, Fence)],
    ) -> Result<Vec<TaskId>, StoreError> {
        let mut book = self.open();
        let lease_until = book.now() + lease;
        let mut lost = Vec::new();
        for (task, fence) in fences {
            match book.running.get_mut(task) {
                Some(key) if key.fence == *fence && key.worker == Some(worker) => {
                    key.lease_until = lease_until;
                }
                _ => lost.push(*task),
            }
        }
        Ok(lost)
    }

    async fn take_up(
        &self,
        worker: WorkerId,
        lease: Duration,
        limit: usize,
    ) -> Result<Vec<Work>, StoreError> {
        Ok(self.open().take_up(worker, lease, limit))
    }

    async fn rescue(
        &self,
        _worker: WorkerId,
        limits: RescueLimits,
    ) -> Result<Vec<Rescued>, StoreError> {
        Ok(self.open().rescue(limits))
    }

    async fn ripen(&self, limit: usize) -> Result<Vec<(LaneId, TaxId)>, StoreError> {
        let mut book = self.open();
        let now = book.now();
        let due: Vec<TaskId> =
            book.timed.iter().take_while(|(at, _)| *at <= now).take(limit).map(|t| t.1).collect();
        let mut touched = BTreeSet::new();
        for id in due {
            book.dequeue(id);
            book.come_due(id);
            let row = book.row(id);
            touched.extend(row.lane.zip(row.tax));
            book.requeue(id);
        }
        Ok(touched.into_iter().collect())
    }

    async fn expire(&self, asked: Duration, limit: usize) -> Result<Vec<TaskId>, StoreError> {
        Ok(self.open().expire(asked, limit))
    }

    async fn heads(&self, lanes: &[LaneId]) -> Result<Vec<Head>, StoreError> {
        let book = self.open();
        let wanted: BTreeSet<_> = lanes.iter().collect();
        let queues = book.waiting.keys().filter(|(lane, _)| wanted.contains(lane));
        Ok(queues.filter_map(|(lane, tax)| book.queue_of(*lane, *tax).head).collect())
    }

    async fn queues(&self, of: &[(LaneId, TaxId)]) -> Result<Vec<LaneQueue>, StoreError> {
        let book = self.open();
        Ok(of.iter().map(|(lane, tax)| book.queue_of(*lane, *tax)).collect())
    }
}
