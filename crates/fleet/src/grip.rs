//! Holding on to keys: leases renewed while an attempt runs, by the monotonic clock.

use domain::ids::{Fence, TaskId};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::watch, time::Instant};

/// What an attempt holds: its keys, until the deadline passes without a renewal.
#[derive(Debug, Clone)]
pub(crate) struct Grip {
    deadline: watch::Receiver<Instant>,
}

impl Grip {
    /// What is left of the lease; zero when the keys may have passed on.
    pub(crate) fn left(&self) -> Duration {
        self.deadline.borrow().saturating_duration_since(Instant::now())
    }

    /// Completes when the lease is over without a renewal.
    pub(crate) async fn lost(&mut self) {
        loop {
            let deadline = *self.deadline.borrow_and_update();
            tokio::select! {
                biased;
                changed = self.deadline.changed() => {
                    if changed.is_err() {
                        // Let go of by the dispatcher: the task is no longer ours.
                        return;
                    }
                }
                () = tokio::time::sleep_until(deadline) => return,
            }
        }
    }
}

/// The end of each lease, by what it holds.
type Deadlines = BTreeMap<(TaskId, Fence), watch::Sender<Instant>>;

/// Every grip of this worker.
#[derive(Debug, Default, Clone)]
pub(crate) struct Grips {
    held: Arc<Mutex<Deadlines>>,
}

impl Grips {
    /// Keys taken in a round trip that began at `since` hold for `lease` from then.
    pub(crate) fn hold(&self, task: TaskId, fence: Fence, since: Instant, lease: Duration) -> Grip {
        let (sender, deadline) = watch::channel(since + lease);
        self.held.lock().unwrap_or_else(PoisonError::into_inner).insert((task, fence), sender);
        Grip { deadline }
    }

    pub(crate) fn let_go(&self, task: TaskId, fence: Fence) {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).remove(&(task, fence));
    }

    /// They may have passed on: whoever holds one goes no further.
    pub(crate) fn lose_all(&self) {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        for deadline in held.values() {
            deadline.send_replace(Instant::now());
        }
    }

    pub(crate) fn all(&self) -> Vec<(TaskId, Fence)> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.keys().copied().collect()
    }

    /// A renewal that was sent at `since` has been confirmed for all of these but the lost ones.
    pub(crate) fn renewed(
        &self,
        asked: &[(TaskId, Fence)],
        lost: &[TaskId],
        since: Instant,
        lease: Duration,
    ) {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        for key in asked {
            if let Some(sender) = held.get(key) {
                let deadline = if lost.contains(&key.0) { since } else { since + lease };
                sender.send_replace(deadline);
            }
        }
    }
}
