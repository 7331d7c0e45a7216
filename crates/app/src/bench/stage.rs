//! The servers of a benchmark: a database of its own for each part, the broker's queues, one
//! worker.

use super::{
    channel::Obliging,
    stopwatch::{Stopwatch, WatchedInbox, WatchedPost},
    town::{BenchTask, Size},
};
use crate::{
    chance::{RealChance, WallClock},
    config::Config,
    table_files::Spreadsheets,
    wiring::{self, Opened},
};
use domain::{period::TaxPeriod, world::World};
use fleet::{
    meter::Meter,
    ports::{
        bus::Parcel,
        clock::{Chance, Clock},
        roster::Roster,
    },
    worker::{Ports, Worker},
};
use secrecy::SecretString;
use std::sync::Arc;
use store::postgres::bench::ScratchDatabase;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The queue of whoever listens to events.
const LISTENER: &str = "gouxuan.bench.events";
/// Messages that are published between two looks at their confirms.
const WINDOW: usize = 1_000;
/// Queues that are deleted between two looks at the clock.
const DELETES: usize = 500;
/// Rows of one import.
const ROWS: usize = 20_000;

/// The bureau's current period, whatever day it is.
pub(super) fn period() -> TaxPeriod {
    TaxPeriod::of_date(domain::period::date_in_shanghai(WallClock.now()))
}

/// A fresh task id.
pub(super) fn fresh_id() -> Uuid {
    RealChance.id(WallClock.now())
}

/// What one part of the benchmark works with.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) config: Config,
    pub(super) opened: Opened,
    pub(super) scratch: Scratch,
    lanes: Vec<domain::bureau::LaneKey>,
}

/// Where this part's log stands.
#[derive(Debug)]
pub(super) enum Scratch {
    Postgres(ScratchDatabase),
    /// The embedded store, in a folder of its own.
    Folder(std::path::PathBuf),
}

impl Stage {
    /// An empty store, and the bus.
    pub(super) async fn open(config: &Config, name: &str) -> Result<Stage, Failure> {
        let mut config = config.clone();
        let name = format!("gouxuan_bench_{name}_{}", std::process::id());
        let scratch = match Config::url(&config.database_url) {
            Some(url) if url.starts_with("postgres") => {
                let scratch = ScratchDatabase::create(url, &name).await?;
                config.database_url = SecretString::from(scratch.url()?);
                Scratch::Postgres(scratch)
            }
            _ => {
                let folder = std::env::temp_dir().join(name);
                config.data_dir.clone_from(&folder);
                config.database_url = SecretString::from("");
                Scratch::Folder(folder)
            }
        };
        let opened = wiring::open(&config).await?;
        if let Some(settings) = bus_settings(&config)? {
            bus::bench::listen_to_events(&settings, LISTENER).await?;
        }
        Ok(Stage { config, opened, scratch, lanes: Vec::new() })
    }

    /// Writes who exists, and makes their queues.
    pub(super) async fn settle(&mut self, size: &Size) -> Result<(), Failure> {
        let people = size.people();
        self.import(people).await?;
        let mut invoices = size.invoices();
        loop {
            let some: Vec<_> = invoices.by_ref().take(ROWS).collect();
            if some.is_empty() {
                break;
            }
            // An import names the buyers of its invoices.
            let world = World { invoices: some, ..World::default() };
            self.opened.store.import(&world, self.config.leqi.width).await?;
        }
        drop(invoices);
        self.name_lanes(size);
        self.vacuum().await?;
        Ok(self.opened.bus.inbox().declare(&self.lanes).await?)
    }

    /// These queues are removed in the end.
    pub(super) fn name_lanes(&mut self, size: &Size) {
        self.lanes = (0..size.lanes).map(super::town::lane).collect();
    }

    pub(super) async fn import(&self, world: World) -> Result<(), Failure> {
        let store: &dyn Roster = &*self.opened.store;
        store.import(&world, self.config.leqi.width).await?;
        Ok(())
    }

    /// As the server would be a while after a bulk load.
    pub(super) async fn vacuum(&self) -> Result<(), Failure> {
        match &self.scratch {
            Scratch::Postgres(database) => Ok(database.vacuum().await?),
            Scratch::Folder(_) => Ok(()),
        }
    }

    /// Publishes with confirms.
    pub(super) async fn publish(&self, tasks: &[BenchTask]) -> Result<(), Failure> {
        let post = self.opened.bus.post();
        for some in tasks.chunks(WINDOW) {
            let parcels = some.iter().map(parcel).collect();
            for sent in post.send(parcels).await {
                sent?;
            }
        }
        Ok(())
    }

    /// One worker, watched.
    pub(super) fn worker(&self, channel: &Arc<Obliging>, watch: &Arc<Stopwatch>) -> Working {
        let bus = &self.opened.bus;
        let ports = Ports {
            vault: None,
            store: self.opened.store.clone(),
            statistics: self.opened.statistics.clone(),
            inbox: Arc::new(WatchedInbox(bus.inbox(), watch.clone())),
            post: Arc::new(WatchedPost(bus.post(), watch.clone())),
            bell: bus.bell(),
            etax: channel.clone(),
            leqi: channel.clone(),
            files: self.opened.files.clone(),
            table_files: Arc::new(Spreadsheets),
            clock: Arc::new(WallClock),
            chance: Arc::new(RealChance),
        };
        let stop = CancellationToken::new();
        let settings = self.config.fleet("bench");
        let worker = Worker { ports, settings, meter: Arc::new(Meter::new()) };
        Working { stop: stop.clone(), worker: tokio::spawn(worker.run(stop)) }
    }

    pub(super) fn bus_settings(&self) -> Result<Option<bus::Settings>, Failure> {
        bus_settings(&self.config)
    }

    pub(super) fn lanes(&self) -> &[domain::bureau::LaneKey] {
        &self.lanes
    }

    /// Closes and removes everything that this part made.
    pub(super) async fn strike(self) -> Result<(), Failure> {
        self.opened.bus.close().await;
        if let Some(settings) = bus_settings(&self.config)? {
            let lanes = self.lanes.iter().map(bus::topology::lane_queue);
            let queues: Vec<String> = lanes.chain([LISTENER.to_owned()]).collect();
            for some in queues.chunks(DELETES) {
                bus::bench::delete_queues(&settings, some).await?;
            }
        }
        drop(self.opened);
        match self.scratch {
            Scratch::Postgres(database) => Ok(database.remove().await?),
            Scratch::Folder(folder) => Ok(std::fs::remove_dir_all(folder)?),
        }
    }
}

fn bus_settings(config: &Config) -> Result<Option<bus::Settings>, Failure> {
    Ok(Config::url(&config.amqp_url).map(bus::Settings::new).transpose()?)
}

pub(super) fn parcel(task: &BenchTask) -> Parcel {
    Parcel::Task {
        body: task.body.as_str().into(),
        message_id: task.id.to_string(),
        lane: Some(task.lane.clone()),
        traceparent: None,
    }
}

/// A worker at work.
#[derive(Debug)]
pub(super) struct Working {
    stop: CancellationToken,
    worker: JoinHandle<Result<fleet::worker::Ended, fleet::ports::StoreError>>,
}

impl Working {
    /// Drains it.
    pub(super) async fn end(self) -> Result<(), Failure> {
        self.stop.cancel();
        self.worker.await??;
        Ok(())
    }
}
