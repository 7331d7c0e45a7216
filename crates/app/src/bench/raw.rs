//! The raw limit: the same bytes consumed and the same rows written, without any of our logic.

use super::{
    Progress,
    machine::CpuTimes,
    stage::{Scratch, Stage},
    town::{Arrangement, BenchTask, Size},
};
use crate::{config::Config, wiring};
use serde::Serialize;
use std::collections::BTreeMap;
use store::postgres::{PostgresStore, bench::RawTask};
use tokio::time::Instant;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, Clone, Serialize)]
pub(super) struct Raw {
    pub(super) tasks: usize,
    pub(super) seconds: f64,
    pub(super) tasks_per_second: f64,
    pub(super) cpu_us_per_task: BTreeMap<&'static str, f64>,
}

/// None where there is no broker and no PostgreSQL to compare with.
pub(super) async fn run(
    config: &Config,
    size: Size,
    progress: &Progress,
) -> Result<Option<Raw>, Failure> {
    let mut stage = Stage::open(config, "raw").await?;
    let measured = match (&stage.scratch, stage.bus_settings()?) {
        (Scratch::Postgres(_), Some(settings)) => {
            on(&mut stage, &settings, size, progress).await.map(Some)
        }
        _ => Ok(None),
    };
    stage.strike().await?;
    measured
}

async fn on(
    stage: &mut Stage,
    settings: &bus::Settings,
    size: Size,
    progress: &Progress,
) -> Result<Raw, Failure> {
    progress.say("publishing");
    stage.settle(&size).await?;
    let work = size.work(Arrangement::RoundRobin, super::stage::fresh_id);
    stage.publish(&work).await?;
    let Some(url) = Config::url(&stage.config.database_url) else {
        return Err("there is no database".into());
    };
    let store = PostgresStore::connect(url, wiring::pool_settings(&stage.config)).await?;
    let mut inbox = bus::bench::RawInbox::open(settings, stage.lanes()).await?;
    progress.say("running");
    let batch = stage.config.worker.append_batch;
    let before = CpuTimes::now();
    let began = Instant::now();
    let mut done = 0;
    while done < work.len() {
        let bodies = inbox.receive(batch).await?;
        let rows = rows(&work[done..], bodies, done)?;
        store.write_raw(&rows).await?;
        inbox.acknowledge().await?;
        done += rows.len();
    }
    let seconds = began.elapsed().as_secs_f64();
    let cpu_us_per_task = CpuTimes::now().since(&before, work.len());
    inbox.close().await;
    store.close().await;
    let tasks_per_second = work.len() as f64 / seconds;
    Ok(Raw { tasks: work.len(), seconds, tasks_per_second, cpu_us_per_task })
}

/// The bytes that came, with the ids and sizes of tasks that stand by: nothing is parsed.
fn rows(work: &[BenchTask], bodies: Vec<Vec<u8>>, done: usize) -> Result<Vec<RawTask>, Failure> {
    let rows = work.iter().zip(bodies).enumerate().map(|(n, (task, body))| {
        let number = i32::try_from(done + n)?;
        let invoices = i32::try_from(task.invoices)?;
        Ok(RawTask { id: task.id, body: String::from_utf8(body)?, invoices, number })
    });
    rows.collect()
}
