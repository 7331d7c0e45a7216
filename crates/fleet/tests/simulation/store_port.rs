//! The store as one worker reaches it: answers get lost, calls hang, processes die.

use crate::{
    life::{Life, Weight},
    sim::Sim,
    twins,
};
use async_trait::async_trait;
use domain::ids::{Fence, LaneId, TaskId, TaxId, WorkerId};
use fleet::{
    memory::MemoryStore,
    ports::{
        StoreError,
        crew::{Colleague, Crew, Mark, News, Owners},
        log::{
            Appended, Claimed, Head, LaneQueue, NewTask, RescueLimits, Rescued, SwitchRequest,
            TaskLog, Turn, TurnOutcome, Work,
        },
    },
};
use std::{future::Future, sync::Arc, time::Duration};

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct StorePort {
    pub(crate) sim: Arc<Sim>,
    pub(crate) life: Arc<Life>,
}

impl StorePort {
    pub(crate) fn store(&self) -> &MemoryStore {
        &self.sim.store
    }

    pub(crate) async fn pass<T: Send>(
        &self,
        op: &'static str,
        weight: Weight,
        effect: impl Future<Output = Result<T, StoreError>> + Send,
        tell: impl FnOnce(&T) -> Option<String> + Send,
    ) -> Result<T, StoreError> {
        let away = self.sim.outage().store;
        if away.is_some_and(|until| until > tokio::time::Instant::now()) {
            self.life.trouble();
            self.life.travel(&self.sim, weight, op).await;
            return Err(StoreError::Away("no connection".into()));
        }
        let tell = |result: &Result<T, StoreError>| result.as_ref().ok().and_then(tell);
        let passed = self.life.pass(&self.sim, op, weight, effect, tell).await;
        passed.unwrap_or_else(|| Err(StoreError::Away("no answer".into())))
    }
}

/// What a turn did, in short.
fn turn_line(turn: &Turn, outcome: &TurnOutcome) -> Option<String> {
    use std::fmt::Write;
    let mut line = String::new();
    for (evidence, current) in turn.evidence.iter().zip(&outcome.evidence) {
        let what = format!("{:?}", evidence.what);
        let what = what.split([' ', '(']).next().unwrap_or_default();
        let _ = write!(line, "[{what} {} f{} {current}]", evidence.task, evidence.fence);
    }
    for (settlement, settled) in turn.settlements.iter().zip(&outcome.settled) {
        let verdict = format!("{:?}", settlement.verdict);
        let verdict = verdict.split(' ').next().unwrap_or_default();
        let _ = write!(line, "[{verdict} {} f{} {settled:?}]", settlement.task, settlement.fence);
    }
    for (switch, note) in turn.switches.iter().zip(&outcome.switches) {
        let SwitchRequest { lane, tax, fence, .. } = switch;
        let _ = write!(line, "[switch l{lane} t{tax} f{fence} {note:?}]");
    }
    for (pick, claimed) in turn.picks.iter().zip(&outcome.claimed) {
        let said = match claimed {
            Claimed::Started(work) => format!("started f{}", work.fence),
            Claimed::Hindered(hindrance) => hindrance.code().into(),
        };
        let _ = write!(line, "[{} l{} t{} {said}]", pick.task, pick.lane, pick.tax);
    }
    Some(line)
}

fn any<T: std::fmt::Debug>(found: &Vec<T>) -> Option<String> {
    (!found.is_empty()).then(|| format!("{found:?}"))
}

#[async_trait]
impl TaskLog for StorePort {
    async fn append(&self, tasks: &[NewTask]) -> Result<Vec<Appended>, StoreError> {
        let effect = twins::append(&self.sim, tasks);
        self.pass("append", Weight::Loud, effect, |appended| {
            let pairs = tasks.iter().zip(appended);
            let said = pairs.map(|(task, what)| {
                let what = format!("{what:?}");
                let what = what.split([' ', '(']).next().unwrap_or_default().to_owned();
                format!("[{} {} {what}]", task.message.task_id, task.message.kind)
            });
            Some(said.collect())
        })
        .await
    }

    async fn turn(
        &self,
        worker: WorkerId,
        lease: Duration,
        turn: &Turn,
    ) -> Result<TurnOutcome, StoreError> {
        let stale = twins::snapshot(&self.sim, turn);
        let effect = twins::turn(&self.sim, worker, lease, turn, stale);
        self.pass("turn", Weight::Loud, effect, |outcome| turn_line(turn, outcome)).await
    }

    async fn renew(
        &self,
        worker: WorkerId,
        lease: Duration,
        fences: &[(TaskId, Fence)],
    ) -> Result<Vec<TaskId>, StoreError> {
        let effect = self.store().renew(worker, lease, fences);
        self.pass("renew", Weight::Loud, effect, |lost| {
            Some(format!("{} keys, lost {lost:?}", fences.len()))
        })
        .await
    }

    async fn take_up(
        &self,
        worker: WorkerId,
        lease: Duration,
        limit: usize,
    ) -> Result<Vec<Work>, StoreError> {
        let effect = twins::take_up(&self.sim, worker, lease, limit);
        self.pass("take_up", Weight::Quiet, effect, |works| {
            let said = |work: &Work| format!("[{} f{}]", work.message.task_id, work.fence);
            (!works.is_empty()).then(|| works.iter().map(said).collect())
        })
        .await
    }

    async fn rescue(
        &self,
        worker: WorkerId,
        limits: RescueLimits,
    ) -> Result<Vec<Rescued>, StoreError> {
        let effect = twins::rescue(&self.sim, worker, limits);
        self.pass("rescue", Weight::Quiet, effect, any).await
    }

    async fn ripen(&self, limit: usize) -> Result<Vec<(LaneId, TaxId)>, StoreError> {
        self.pass("ripen", Weight::Quiet, self.store().ripen(limit), any).await
    }

    async fn expire(&self, asked: Duration, limit: usize) -> Result<Vec<TaskId>, StoreError> {
        self.pass("expire", Weight::Quiet, self.store().expire(asked, limit), any).await
    }

    async fn heads(&self, lanes: &[LaneId]) -> Result<Vec<Head>, StoreError> {
        self.pass("heads", Weight::Quiet, self.store().heads(lanes), |_| None).await
    }

    async fn queues(&self, of: &[(LaneId, TaxId)]) -> Result<Vec<LaneQueue>, StoreError> {
        self.pass("queues", Weight::Quiet, self.store().queues(of), |_| None).await
    }
}

#[async_trait]
impl Crew for StorePort {
    async fn enlist(
        &self,
        name: &str,
        version: &str,
        lease: Duration,
    ) -> Result<WorkerId, StoreError> {
        let effect = self.store().enlist(name, version, lease);
        let number = self
            .pass("enlist", Weight::Loud, effect, |number| Some(format!("as {number}")))
            .await?;
        self.life.enlisted(number);
        Ok(number)
    }

    async fn heartbeat(
        &self,
        worker: WorkerId,
        lease: Duration,
        leaving: bool,
    ) -> Result<bool, StoreError> {
        let effect = self.store().heartbeat(worker, lease, leaving);
        self.pass("heartbeat", Weight::Loud, effect, |alive| Some(format!("{alive}"))).await
    }

    async fn colleagues(&self) -> Result<Vec<Colleague>, StoreError> {
        self.pass("colleagues", Weight::Quiet, self.store().colleagues(), |_| None).await
    }

    async fn share(
        &self,
        worker: WorkerId,
        wanted: &[LaneId],
        unwanted: &[LaneId],
    ) -> Result<Vec<LaneId>, StoreError> {
        let effect = self.store().share(worker, wanted, unwanted);
        self.pass("share", Weight::Loud, effect, |owned| {
            Some(format!("+{} -{} = {}", wanted.len(), unwanted.len(), owned.len()))
        })
        .await
    }

    async fn owners(&self, since: i64) -> Result<Owners, StoreError> {
        self.pass("owners", Weight::Quiet, self.store().owners(since), |_| None).await
    }

    async fn waiting_in(&self, lanes: &[LaneId], most: usize) -> Result<Vec<usize>, StoreError> {
        let effect = self.store().waiting_in(lanes, most);
        self.pass("waiting_in", Weight::Quiet, effect, |_| None).await
    }

    async fn note_full(
        &self,
        worker: WorkerId,
        full: &[LaneId],
        open: &[LaneId],
    ) -> Result<(), StoreError> {
        let effect = self.store().note_full(worker, full, open);
        self.pass("note_full", Weight::Loud, effect, |()| Some(format!("+{full:?} -{open:?}")))
            .await
    }

    async fn leave(&self, worker: WorkerId) -> Result<(), StoreError> {
        let effect = self.store().leave(worker);
        self.pass("leave", Weight::Loud, effect, |()| Some(String::new())).await
    }

    async fn news(&self, worker: WorkerId, mark: Mark) -> Result<News, StoreError> {
        let effect = twins::news(&self.sim, worker, mark);
        self.pass("news", Weight::Quiet, effect, |_| None).await
    }
}
