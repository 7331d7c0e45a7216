//! What operators do: retry, cancel, record what a person saw, pause, resume, login. Each action is audited.

use crate::ports::{
    Store, StoreError,
    archive::TaskFilter,
    bus::{Bell, Parcel, Post, Ring},
    clock::{Chance, Clock},
    desk::{AskedNow, Cancelled, Note, Recorded, Retriable, Scope},
    roster::{SessionNoted, SessionReport},
};
use domain::{
    Moment,
    bureau::LaneKey,
    ids::{LaneId, TaskId},
    task::TaskMessage,
};
use std::{collections::BTreeMap, sync::Arc};

/// The operators' desk.
#[derive(Debug, Clone)]
pub struct Desk {
    pub store: Arc<dyn Store>,
    pub post: Arc<dyn Post>,
    pub bell: Arc<dyn Bell>,
    pub clock: Arc<dyn Clock>,
    pub chance: Arc<dyn Chance>,
}

/// One retry that was published, or why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retried {
    pub task: TaskId,
    /// The new task's id; None: it could not be published, try again.
    pub retry: Option<TaskId>,
}

/// The message that tries a failed task again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewed {
    pub task: TaskId,
    /// Its id and body; Err: the failed task's body cannot be read any more.
    pub message: Result<(TaskId, Arc<str>), String>,
}

impl Desk {
    /// The failed tasks that may be tried again, at most `limit`.
    pub async fn retriable(
        &self,
        filter: &TaskFilter,
        limit: usize,
    ) -> Result<Vec<Retriable>, StoreError> {
        self.store.retriable(filter, limit).await
    }

    /// How many of them failed for each reason, most first: what an operator looks at before.
    pub fn by_reason(retriable: &[Retriable]) -> Vec<(String, usize)> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for one in retriable {
            *counts.entry(&one.reason).or_default() += 1;
        }
        let mut counts: Vec<_> = counts.into_iter().map(|(r, n)| (r.to_owned(), n)).collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        counts
    }

    /// The message that tries each of them again, with its id, or why there can be none.
    pub fn renewed(&self, retriable: &[Retriable]) -> Vec<Renewed> {
        let renew = |one: &Retriable| {
            let id = TaskId(self.chance.id(self.clock.now()));
            let message = TaskMessage::parse(one.body.as_bytes());
            let message = message.map(|message| (id, message.retry(id).to_json().into()));
            Renewed { task: one.task, message: message.map_err(|error| error.to_string()) }
        };
        retriable.iter().map(renew).collect()
    }

    /// Publishes each of them anew: it passes every check again and gets a new place.
    pub async fn retry(&self, retriable: &[Retriable]) -> Vec<Retried> {
        let mut parcels = Vec::with_capacity(retriable.len());
        let mut retried = Vec::with_capacity(retriable.len());
        for one in self.renewed(retriable) {
            let retry = one.message.as_ref().ok().map(|(id, _)| *id);
            retried.push(Retried { task: one.task, retry });
            if let Ok((id, body)) = one.message {
                // The body decides: the intake finds the lane.
                let (message_id, lane, traceparent) = (id.to_string(), None, None);
                parcels.push(Parcel::Task { body, message_id, lane, traceparent });
            }
        }
        let mut results = self.post.send(parcels).await.into_iter();
        for one in retried.iter_mut().filter(|one| one.retry.is_some()) {
            if let Some(Err(error)) = results.next() {
                tracing::warn!(task = %one.task, %error, "retry was not confirmed");
                one.retry = None;
            }
        }
        retried
    }

    pub async fn cancel(
        &self,
        tasks: &[TaskId],
        note: &Note,
    ) -> Result<Vec<Cancelled>, StoreError> {
        let cancelled = self.store.cancel(tasks, note).await?;
        self.bell.ring(Ring { gates: true, ..Ring::default() });
        Ok(cancelled)
    }

    /// What was sent of these tasks is asked about now.
    pub async fn ask_now(&self, tasks: &[TaskId]) -> Result<Vec<AskedNow>, StoreError> {
        self.store.ask_now(tasks).await
    }

    /// A person has looked: the bureau has nothing of these tasks. They may be tried again.
    pub async fn record_absent(
        &self,
        tasks: &[TaskId],
        note: &Note,
    ) -> Result<Vec<Recorded>, StoreError> {
        self.store.record_absent(tasks, note).await
    }

    pub async fn pause(&self, scope: &Scope, note: &Note) -> Result<Vec<LaneId>, StoreError> {
        let lanes = self.store.pause(scope, note).await?;
        self.gates_changed(&lanes);
        Ok(lanes)
    }

    pub async fn resume(&self, scope: &Scope, note: &Note) -> Result<Vec<LaneId>, StoreError> {
        let lanes = self.store.resume(scope, note).await?;
        self.gates_changed(&lanes);
        Ok(lanes)
    }

    /// A person, a robot or another system logged the account in, or saw it logged out.
    pub async fn session(
        &self,
        lane: &LaneKey,
        online: bool,
        seen_at: Moment,
        until: Option<Moment>,
        note: &Note,
    ) -> Result<SessionNoted, StoreError> {
        let (lane, note) = (lane.clone(), Some(note.clone()));
        let report = SessionReport { lane, online, seen_at, epoch: None, until, note };
        let noted = self.store.session_changed(&report).await?;
        if noted.counted {
            self.bell.ring(Ring { gates: true, ..Ring::default() });
        }
        Ok(noted)
    }

    fn gates_changed(&self, lanes: &[LaneId]) {
        let lanes = lanes.iter().copied().collect();
        self.bell.ring(Ring { lanes, gates: true, ..Ring::default() });
    }
}
