//! Tasks of workers that died.

use domain::{
    Moment,
    ids::{LaneId, TaskId, TaxId},
    kind::Kind,
    retry::{Limits, Orphan, Rescue},
    task::StateName,
};
use std::time::Duration;

/// A task taken from a worker that stopped renewing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rescued {
    pub task: TaskId,
    pub lane: Option<LaneId>,
    pub tax: TaxId,
    pub state: StateName,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RescueLimits {
    /// How often a task is taken over, and how it goes on then.
    pub retry: Limits,
    /// How long a lost call may last: on 乐企 "absent" proves nothing before, an account of
    /// 电子税局 may be used by it.
    pub quiet: Duration,
}

impl RescueLimits {
    /// Until when the call counts as possible that is lost now.
    pub fn quiet_until(&self, now: Moment) -> Moment {
        now + self.quiet
    }

    /// What becomes of a task whose worker died; `quiet_until` is that of its last lost call.
    pub fn decide(
        &self,
        deaths: u32,
        kind: Kind,
        sent: bool,
        quiet_until: Option<Moment>,
        now: Moment,
    ) -> Rescue {
        let left = quiet_until.and_then(|until| (until - now).to_std().ok());
        let call_may_last = left.unwrap_or_default();
        self.retry.rescue(Orphan { deaths, acts: kind.acts_at_bureau(), sent, call_may_last })
    }
}
