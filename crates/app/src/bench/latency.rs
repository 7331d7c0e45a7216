//! How soon an idle fleet starts a task: from the publisher's confirm to the channel's first call.

use super::{
    Progress,
    channel::Obliging,
    stage::{self, Stage, parcel},
    stopwatch::Stopwatch,
    town::{Arrangement, Size},
};
use crate::config::Config;
use domain::ids::TaskId;
use serde::Serialize;
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

type Failure = Box<dyn std::error::Error + Send + Sync>;

const SAMPLES: usize = 200;
/// Between two samples, as the figure is defined: nothing is waited for here.
const APART: Duration = Duration::from_millis(20);
/// Until the worker serves all lanes.
const SETTLING: Duration = Duration::from_secs(120);
/// Between two looks whether every lane has its owner.
const LOOK: Duration = Duration::from_millis(200);
/// A task that has not started by then never does.
const LONGEST: Duration = Duration::from_secs(30);

/// Start latency in milliseconds.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Latency {
    pub(super) samples: usize,
    pub(super) p50_ms: f64,
    pub(super) p90_ms: f64,
    pub(super) p99_ms: f64,
    pub(super) max_ms: f64,
}

pub(super) async fn run(
    config: &Config,
    lanes: usize,
    progress: &Progress,
) -> Result<Latency, Failure> {
    let mut stage = Stage::open(config, "latency").await?;
    let measured = on(&mut stage, lanes, progress).await;
    stage.strike().await?;
    measured
}

async fn on(stage: &mut Stage, lanes: usize, progress: &Progress) -> Result<Latency, Failure> {
    progress.say("importing");
    let size = Size { tasks: SAMPLES, lanes, tax_numbers: SAMPLES.max(lanes) };
    stage.settle(&size).await?;
    let channel = Arc::new(Obliging::noting_first_calls(stage::period()));
    let warm = warming(&size);
    let watch = Stopwatch::new(warm.len() + SAMPLES);
    let working = stage.worker(&channel, &watch);
    progress.say("waiting for the lanes to be served");
    stage.publish(&warm).await?;
    for task in &warm {
        let served = channel.first_call(TaskId(task.id));
        tokio::time::timeout(SETTLING, served).await.map_err(|_| "the lanes are not served")?;
    }
    until_owned(stage, lanes).await?;
    progress.say("sampling");
    let mut waits = Vec::with_capacity(SAMPLES);
    for task in size.work(Arrangement::RoundRobin, stage::fresh_id) {
        tokio::time::sleep(APART).await;
        for sent in stage.opened.bus.post().send(vec![parcel(&task)]).await {
            sent?;
        }
        let confirmed = Instant::now();
        let call = tokio::time::timeout(LONGEST, channel.first_call(TaskId(task.id))).await;
        let call = call.map_err(|_| "a task did not start")?.ok_or("nobody noted the calls")?;
        // The call may come before the publisher hears of the confirm.
        waits.push(call.saturating_duration_since(confirmed).as_secs_f64() * 1e3);
    }
    working.end().await?;
    waits.sort_by(f64::total_cmp);
    let at = |part: f64| {
        let index = (part * waits.len() as f64).ceil() as usize;
        (waits[index.saturating_sub(1)] * 100.0).round() / 100.0
    };
    Ok(Latency {
        samples: waits.len(),
        p50_ms: at(0.5),
        p90_ms: at(0.9),
        p99_ms: at(0.99),
        max_ms: at(1.0),
    })
}

/// A few tasks that are not measured: connections, statements and caches are in use afterwards.
fn warming(size: &Size) -> Vec<super::town::BenchTask> {
    let few = Size { tasks: 20, ..*size };
    let mut tasks = few.work(Arrangement::RoundRobin, stage::fresh_id);
    for task in &mut tasks {
        // No invoices: those belong to the samples.
        task.body = task.body.replace("deduction_select", "period_query");
    }
    tasks
}

/// Every lane has the worker as its owner.
async fn until_owned(stage: &Stage, lanes: usize) -> Result<(), Failure> {
    let owned = async {
        loop {
            let all = stage.opened.store.lanes(None).await?;
            if all.iter().filter(|lane| lane.owner.is_some()).count() >= lanes {
                return Ok::<(), Failure>(());
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(SETTLING, owned).await.map_err(|_| "the lanes get no owner")?
}
