//! Limits of a worker, each with its unit. The application's configuration fills them.

use domain::schedule::{PlannerSettings, SwitchLimits};
use std::time::Duration;

#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// How the worker is called in heartbeats.
    pub name: String,
    /// How long keys hold without renewal (`lease_s`).
    pub lease: Duration,
    /// How often lanes are shared out anew, news are looked for, and time is looked at.
    pub tick: Duration,
    /// Invoices of one task of a batch at most (`batch.size`).
    pub task_size: usize,
    /// Deliveries logged in one append at most.
    pub append_batch: usize,
    /// Turns that are written at once; each has its own lanes.
    pub writers: usize,
    /// Evidence, settlements and claims in one turn at most.
    pub turn_batch: usize,
    /// Tasks that this worker runs at once at most.
    pub running: usize,
    /// Tasks taken up to be asked about in one go.
    pub take_up_batch: usize,
    /// Switches of one account; None: switching is free.
    pub switches: Option<SwitchLimits>,
    /// How the planner weighs visits.
    pub planner: PlannerSettings,
    /// A fresh "not generated" is reused for this long (`statistics.reuse_seconds`, 0: never).
    pub statistics_reuse: Duration,
    /// How long "absent" proves nothing after a lost 乐企 call (`leqi.quiet_s`).
    pub leqi_quiet: Duration,
    /// Tasks waiting in one lane beyond which its queue is no longer consumed.
    pub lane_waiting: usize,
    /// How long the log is kept after a task's end.
    pub keep: Duration,
    /// An event left in the outbox for this long was left by somebody who died.
    pub outbox_age: Duration,
    /// Tries of a submission that was not accepted, deadlines, rescues.
    pub limits: domain::retry::Limits,
    /// What the rules leave to be set.
    pub rules: domain::rules::Settings,
}

/// A worker that ends gives up on a store or a bus that stays away for so many leases: its keys
/// are over after one and taken by others after two at the latest; all that it could still write
/// then is evidence of what others have asked about.
const PATIENCE: u32 = 3;

impl Settings {
    /// How long a worker that ends tries what it cannot do.
    pub fn patience(&self) -> Duration {
        self.lease * PATIENCE
    }
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            name: "worker".into(),
            lease: Duration::from_secs(10),
            tick: Duration::from_secs(1),
            task_size: 100,
            append_batch: 200,
            writers: 2,
            turn_batch: 200,
            running: 4096,
            take_up_batch: 200,
            switches: Some(SwitchLimits { per_hour: 5, per_day: 50 }),
            planner: PlannerSettings::default(),
            statistics_reuse: Duration::ZERO,
            leqi_quiet: Duration::from_secs(120),
            lane_waiting: 1_000_000,
            keep: Duration::from_secs(400 * 24 * 3600),
            outbox_age: Duration::from_secs(30),
            limits: domain::retry::Limits::default(),
            rules: domain::rules::Settings::default(),
        }
    }
}
