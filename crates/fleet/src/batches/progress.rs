//! How far a batch is, and when it will be done.

use super::Batches;
use crate::ports::{StoreError, batches::Tally};
use chrono::TimeDelta;
use domain::{
    Moment,
    batch::Batch,
    bureau::LaneKey,
    ids::LaneId,
    schedule::{Backlog, forecast},
    task::StateName,
    tax_no::TaxNo,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How far a batch is.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Progress {
    /// Tasks in the log.
    pub tasks: u64,
    pub ended: u64,
    pub invoices: u64,
    pub succeeded: u64,
    pub by_state: BTreeMap<StateName, u64>,
    pub tax_numbers: Vec<TaxProgress>,
    /// When what waits in its accounts' lanes will be done, by the budget of switches and by how
    /// long its tasks took so far. None: it has ended, or nothing of it waits.
    pub estimated_end: Option<Moment>,
}

/// The same of one tax number.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TaxProgress {
    pub tax_no: TaxNo,
    pub tasks: u64,
    pub ended: u64,
    pub invoices: u64,
    pub succeeded: u64,
    pub by_state: BTreeMap<StateName, u64>,
}

impl Batches {
    pub(super) async fn progress(&self, batch: &Batch) -> Result<Progress, StoreError> {
        let tallies = self.store.tally(&batch.batch_id).await?;
        let mut progress = counted(&tallies);
        progress.estimated_end = self.estimated_end(&tallies).await?;
        Ok(progress)
    }

    /// The last of its accounts to be done.
    async fn estimated_end(&self, tallies: &[Tally]) -> Result<Option<Moment>, StoreError> {
        let open = tallies.iter().filter(|tally| !tally.state.is_final());
        let keys: BTreeSet<&LaneKey> = open.filter_map(|tally| tally.lane.as_ref()).collect();
        let keys: Vec<LaneKey> = keys.into_iter().cloned().collect();
        let found = self.store.lanes_of(&keys).await?;
        let lanes: Vec<(LaneKey, LaneId)> =
            keys.into_iter().zip(found).filter_map(|(key, id)| id.map(|id| (key, id))).collect();
        let ids: Vec<LaneId> = lanes.iter().map(|(_, id)| *id).collect();
        let backlogs = self.store.backlogs(&ids).await?;
        let histories = self.store.switches(&ids).await?;
        let (now, task_takes) = (self.desk.clock.now(), task_takes(tallies));
        let ends = lanes.iter().zip(backlogs.iter().zip(&histories)).map(|((key, _), known)| {
            let (waiting, history) = known;
            let limits = self.intake.settings.switches.filter(|_| !key.account.is_leqi());
            let backlog = Backlog { numbers: waiting.numbers, tasks: waiting.tasks, task_takes };
            now + forecast(now, limits, history, backlog).alone
        });
        Ok(ends.max())
    }
}

/// The mean over those that have ended. None: none has.
fn task_takes(tallies: &[Tally]) -> Option<TimeDelta> {
    let tasks: u64 = tallies.iter().map(|tally| tally.ran_tasks).sum();
    let ran: f64 = tallies.iter().map(|tally| tally.ran.as_secs_f64()).sum();
    (tasks > 0).then(|| TimeDelta::milliseconds((ran * 1000.0 / tasks as f64) as i64))
}

fn counted(tallies: &[Tally]) -> Progress {
    let mut progress = Progress::default();
    let mut by_tax_no: BTreeMap<&TaxNo, TaxProgress> = BTreeMap::new();
    for tally in tallies {
        let ended = if tally.state.is_final() { tally.tasks } else { 0 };
        progress.tasks += tally.tasks;
        progress.ended += ended;
        progress.invoices += tally.invoices;
        progress.succeeded += tally.succeeded;
        *progress.by_state.entry(tally.state).or_default() += tally.tasks;
        let of = by_tax_no.entry(&tally.tax_no).or_insert_with(|| TaxProgress {
            tax_no: tally.tax_no.clone(),
            tasks: 0,
            ended: 0,
            invoices: 0,
            succeeded: 0,
            by_state: BTreeMap::new(),
        });
        of.tasks += tally.tasks;
        of.ended += ended;
        of.invoices += tally.invoices;
        of.succeeded += tally.succeeded;
        *of.by_state.entry(tally.state).or_default() += tally.tasks;
    }
    progress.tax_numbers = by_tax_no.into_values().collect();
    progress
}
