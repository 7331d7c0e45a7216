//! How fast a fleet of one worker gets through a day's work.

use super::{
    Progress,
    channel::Obliging,
    machine::CpuTimes,
    stage::{self, Stage},
    stopwatch::Stopwatch,
    town::{Arrangement, Size},
};
use crate::config::Config;
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A run that stands still for so long has failed.
const STANDSTILL: Duration = Duration::from_secs(60);

/// When the work was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Published {
    Before,
    Meanwhile,
}

/// What one run took.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Drained {
    pub(super) arrangement: Arrangement,
    pub(super) published: Published,
    pub(super) tasks: usize,
    /// From the first delivery to the last settlement.
    pub(super) seconds: f64,
    pub(super) tasks_per_second: f64,
    /// From the first delivery until the broker had confirmed the last result.
    pub(super) seconds_to_last_result: f64,
    pub(super) switches_per_task: f64,
    /// Processor time of each process that took part.
    pub(super) cpu_us_per_task: BTreeMap<&'static str, f64>,
}

/// One run, in a database of its own.
pub(super) async fn run(
    config: &Config,
    size: Size,
    arrangement: Arrangement,
    published: Published,
    progress: &Progress,
) -> Result<Drained, Failure> {
    let mut stage = Stage::open(config, "drain").await?;
    let drained = on(&mut stage, size, arrangement, published, progress).await;
    stage.strike().await?;
    drained
}

async fn on(
    stage: &mut Stage,
    size: Size,
    arrangement: Arrangement,
    published: Published,
    progress: &Progress,
) -> Result<Drained, Failure> {
    progress.say("importing");
    stage.settle(&size).await?;
    let work = size.work(arrangement, stage::fresh_id);
    if published == Published::Before {
        progress.say("publishing");
        stage.publish(&work).await?;
    }
    let channel = Arc::new(Obliging::new(stage::period()));
    let watch = Stopwatch::new(work.len());
    let before = CpuTimes::now();
    let working = stage.worker(&channel, &watch);
    progress.say("running");
    let over = async {
        if published == Published::Meanwhile {
            stage.publish(&work).await?;
        }
        until_over(&watch, progress).await
    };
    let over = over.await;
    let cpu = CpuTimes::now().since(&before, work.len());
    working.end().await?;
    over?;
    let (seconds, seconds_to_last_result) = watch.seconds().ok_or("nothing was delivered")?;
    Ok(Drained {
        arrangement,
        published,
        tasks: work.len(),
        seconds,
        tasks_per_second: work.len() as f64 / seconds,
        seconds_to_last_result,
        switches_per_task: channel.switches() as f64 / work.len() as f64,
        cpu_us_per_task: cpu,
    })
}

/// Waits for the last result; a standstill is an error that says how far it came.
pub(super) async fn until_over(watch: &Stopwatch, progress: &Progress) -> Result<(), Failure> {
    let mut settled = 0;
    loop {
        match tokio::time::timeout(STANDSTILL, watch.over()).await {
            Ok(()) => return Ok(()),
            Err(_) if watch.settled() > settled => {
                settled = watch.settled();
                progress.say(&format!("running, {settled} settled"));
            }
            Err(_) => {
                let stuck = format!(
                    "the fleet stands still after {settled} tasks; run it with \
                     --set log.filter=info to see why"
                );
                return Err(stuck.into());
            }
        }
    }
}
