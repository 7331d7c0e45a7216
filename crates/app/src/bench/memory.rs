//! What a worker's memory is: a process of its own, idle, and with many lanes.

use super::{
    Progress,
    machine::resident_mb,
    stage::{Scratch, Stage},
    town::{Size, account, taxpayer},
};
use crate::config::Config;
use domain::world::World;
use serde::Serialize;
use std::time::Duration;
use tokio::process::{Child, Command};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Lanes of the large figure.
const LANES: usize = 10_000;
/// How long after the last change the memory is read.
const REST: Duration = Duration::from_secs(10);
/// Until all lanes are served.
const SETTLING: Duration = Duration::from_secs(600);
/// An address where nobody listens: no task is ever published.
const NO_BUREAU: &str = "http://127.0.0.1:9";

/// Resident memory of a worker process, in MB.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Memory {
    pub(super) idle_mb: f64,
    pub(super) lanes: usize,
    pub(super) with_lanes_mb: f64,
    /// From the import of the lanes until the worker consumed all of them.
    pub(super) taken_over_after_s: f64,
}

/// None without PostgreSQL and a broker: the embedded store is served by one process alone.
pub(super) async fn run(config: &Config, progress: &Progress) -> Result<Option<Memory>, Failure> {
    let stage = Stage::open(config, "memory").await?;
    let fleet = matches!(stage.scratch, Scratch::Postgres(_)) && stage.bus_settings()?.is_some();
    let mut stage = stage;
    let measured = if fleet { on(&mut stage, progress).await.map(Some) } else { Ok(None) };
    stage.strike().await?;
    measured
}

async fn on(stage: &mut Stage, progress: &Progress) -> Result<Memory, Failure> {
    let mut worker = start(&stage.config)?;
    let measured = watch(stage, &worker, progress).await;
    worker.kill().await?;
    measured
}

async fn watch(stage: &mut Stage, worker: &Child, progress: &Progress) -> Result<Memory, Failure> {
    let pid = worker.id().ok_or("the worker has ended")?;
    progress.say("an idle worker");
    tokio::time::sleep(REST).await;
    let idle_mb = resident_mb(pid).ok_or("the worker has ended")?;
    progress.say("importing lanes");
    let began = tokio::time::Instant::now();
    let size = Size { tasks: 0, lanes: LANES, tax_numbers: LANES };
    let world = World {
        taxpayers: (0..LANES).map(|n| taxpayer(n, "etax")).collect(),
        accounts: (0..LANES).map(|n| account(n, [n].into_iter())).collect(),
        ..World::default()
    };
    stage.import(world).await?;
    stage.name_lanes(&size);
    progress.say("waiting for the lanes to be served");
    let Some(settings) = stage.bus_settings()? else { return Err("there is no broker".into()) };
    let consumed = bus::bench::until_consumed(&settings, stage.lanes());
    tokio::time::timeout(SETTLING, consumed).await.map_err(|_| "the lanes are not served")??;
    let taken_over_after_s = began.elapsed().as_secs_f64();
    tokio::time::sleep(REST).await;
    let with_lanes_mb = resident_mb(pid).ok_or("the worker has ended")?;
    Ok(Memory { idle_mb, lanes: LANES, with_lanes_mb, taken_over_after_s })
}

fn start(config: &Config) -> Result<Child, Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["serve", "--role", "worker", "--listen", "127.0.0.1:0"]);
    command.args(["--etax-url", NO_BUREAU, "--leqi-url", NO_BUREAU]);
    // Not among the arguments: those are seen by everyone on the machine.
    let urls = [
        ("GOUXUAN_DATABASE_URL", &config.database_url),
        ("GOUXUAN_AMQP_URL", &config.amqp_url),
        ("GOUXUAN_REDIS_URL", &config.redis_url),
    ];
    for (name, url) in urls {
        command.env(name, Config::url(url).unwrap_or_default());
    }
    command.env("GOUXUAN_LOG__FILTER", "warn").kill_on_drop(true);
    Ok(command.spawn()?)
}
