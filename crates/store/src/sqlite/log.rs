//! The task log's port.

use super::{
    SqliteStore, append,
    claim::{self, Claimant},
    columns::{self, later, micros},
    docket::Docket,
    evidence,
    fault::Fault,
    heads, roster,
    session::Sessions,
    settle::{self, Gates},
    versions,
};
use async_trait::async_trait;
use domain::ids::{Fence, LaneId, TaskId, TaxId, WorkerId};
use fleet::ports::{
    StoreError,
    log::{
        Appended, Head, LaneQueue, NewTask, RescueLimits, Rescued, Settled, Settlement, TaskLog,
        Turn, TurnOutcome, Verdict, Work,
    },
};
use std::{
    collections::{BTreeSet, HashSet},
    time::Duration,
};
use uuid::Uuid;

/// What follows from the settlements that were written.
fn children(settlements: &[Settlement], settled: &[Settled]) -> Vec<NewTask> {
    let ended = settlements.iter().zip(settled);
    let ended = ended.filter(|(_, settled)| matches!(settled, Settled::Written { .. }));
    ended.filter_map(|(settlement, _)| settlement.child.as_deref().cloned()).collect()
}

impl SqliteStore {
    async fn take_turn(
        &self,
        worker: WorkerId,
        lease: Duration,
        turn: &Turn,
    ) -> Result<TurnOutcome, Fault> {
        let mut tx = self.begin().await?;
        let now = self.now();
        let evidence = turn.evidence.iter().map(|evidence| evidence.task);
        let settlements = turn.settlements.iter().map(|settlement| settlement.task);
        let mut docket = Docket::read(&mut tx, now, evidence.chain(settlements)).await?;
        let mut outcome = TurnOutcome::default();
        for evidence in &turn.evidence {
            outcome.evidence.push(evidence::note(&mut docket, evidence));
        }
        let parks = turn.settlements.iter().filter(|s| matches!(s.verdict, Verdict::Park { .. }));
        let sessions = Sessions::read(&mut tx, parks.map(|park| park.lane)).await?;
        let mut gates = Gates::of(sessions);
        for settlement in &turn.settlements {
            outcome.settled.push(settle::settle(&mut docket, &mut gates, settlement));
        }
        let told = gates.write(&mut tx).await?;
        let mut numbers = docket.write(&mut tx).await?;
        for one in &told {
            versions::write(&mut tx, one, now).await?;
        }
        for (settlement, settled) in turn.settlements.iter().zip(&mut outcome.settled) {
            if let Settled::Written { events, .. } = settled {
                *events = numbers.remove(&settlement.task).unwrap_or_default();
            }
        }
        let children = children(&turn.settlements, &outcome.settled);
        if !children.is_empty() {
            append::write(&mut tx, &children, now).await?;
        }
        for switch in &turn.switches {
            outcome.switches.push(roster::note_switch(&mut tx, now, switch).await?);
        }
        let claimant = Claimant { worker, lease, now };
        outcome.claimed = claim::claim(&mut tx, claimant, &turn.picks).await?;
        let settled = turn.settlements.iter().map(|one| (one.lane, one.tax));
        let picked = turn.picks.iter().map(|pick| (pick.lane, pick.tax));
        let touched: BTreeSet<_> = settled.chain(picked).collect();
        let touched: Vec<_> = touched.into_iter().collect();
        outcome.queues = heads::of_queues(&mut tx, &touched).await?;
        tx.commit().await?;
        Ok(outcome)
    }

    async fn renew_all(
        &self,
        worker: WorkerId,
        lease: Duration,
        fences: &[(TaskId, Fence)],
    ) -> Result<Vec<TaskId>, Fault> {
        if fences.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self.begin().await?;
        let rows: Vec<(String, i64)> =
            fences.iter().map(|(task, fence)| (columns::hex(*task), fence.0)).collect();
        let renewed: Vec<(Uuid, i64)> = sqlx::query_as(sql!("keys/renew"))
            .bind(columns::rows(&rows))
            .bind(worker.0)
            .bind(micros(later(self.now(), lease)))
            .fetch_all(&mut *tx)
            .await?;
        tx.commit().await?;
        let renewed: HashSet<(Uuid, i64)> = renewed.into_iter().collect();
        let lost = fences.iter().filter(|(task, fence)| !renewed.contains(&(task.0, fence.0)));
        Ok(lost.map(|(task, _)| *task).collect())
    }
}

#[async_trait]
impl TaskLog for SqliteStore {
    async fn append(&self, tasks: &[NewTask]) -> Result<Vec<Appended>, StoreError> {
        Ok(self.append_all(tasks).await?)
    }

    async fn turn(
        &self,
        worker: WorkerId,
        lease: Duration,
        turn: &Turn,
    ) -> Result<TurnOutcome, StoreError> {
        Ok(self.take_turn(worker, lease, turn).await?)
    }

    async fn renew(
        &self,
        worker: WorkerId,
        lease: Duration,
        fences: &[(TaskId, Fence)],
    ) -> Result<Vec<TaskId>, StoreError> {
        Ok(self.renew_all(worker, lease, fences).await?)
    }

    async fn take_up(
        &self,
        worker: WorkerId,
        lease: Duration,
        limit: usize,
    ) -> Result<Vec<Work>, StoreError> {
        Ok(self.take_up_all(worker, lease, limit).await?)
    }

    async fn rescue(
        &self,
        _worker: WorkerId,
        limits: RescueLimits,
    ) -> Result<Vec<Rescued>, StoreError> {
        Ok(self.rescue_all(limits).await?)
    }

    async fn ripen(&self, limit: usize) -> Result<Vec<(LaneId, TaxId)>, StoreError> {
        Ok(self.ripen_some(limit).await?)
    }

    async fn expire(&self, asked: Duration, limit: usize) -> Result<Vec<TaskId>, StoreError> {
        Ok(self.expire_all(asked, limit).await?)
    }

    async fn heads(&self, lanes: &[LaneId]) -> Result<Vec<Head>, StoreError> {
        Ok(self.heads_of(lanes).await?)
    }

    async fn queues(&self, of: &[(LaneId, TaxId)]) -> Result<Vec<LaneQueue>, StoreError> {
        Ok(self.queues_of(of).await?)
    }
}
