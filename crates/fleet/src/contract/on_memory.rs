//! The suites, run by the implementations in memory.

use super::{
    Bench,
    bus::{BusBench, End},
    files::FileBench,
    statistics::StatisticBench,
};
use crate::{
    memory::{LocalBus, MemoryFiles, MemoryStatistics, MemoryStore},
    ports::{Store, clock::Clock, files::FileStore, statistics::StatisticCache},
};
use async_trait::async_trait;
use domain::Moment;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// A clock that stands until it is moved on.
#[derive(Debug)]
struct HandClock(Mutex<Moment>);

impl HandClock {
    fn new() -> Arc<HandClock> {
        let start = "2025-11-30T09:00:00Z".parse().expect("a moment");
        Arc::new(HandClock(Mutex::new(start)))
    }

    fn advance(&self, by: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

impl Clock for HandClock {
    fn now(&self) -> Moment {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct MemoryBench {
    clock: Arc<HandClock>,
    store: Arc<MemoryStore>,
}

#[async_trait]
impl Bench for MemoryBench {
    fn store(&self) -> Arc<dyn Store> {
        self.store.clone()
    }

    async fn now(&self) -> Moment {
        self.clock.now()
    }

    async fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }
}

async fn memory() -> MemoryBench {
    let clock = HandClock::new();
    MemoryBench { store: Arc::new(MemoryStore::new(clock.clone())), clock }
}

crate::contract_suite!(memory);

struct LocalBench(LocalBus);

#[async_trait]
impl BusBench for LocalBench {
    async fn end(&self) -> Arc<dyn End> {
        Arc::new(self.0.another())
    }

    async fn lose(&self, end: Arc<dyn End>) {
        drop(end);
    }
}

async fn local_bus() -> LocalBench {
    LocalBench(LocalBus::new())
}

crate::bus_suite!(local_bus);

struct CacheBench {
    clock: Arc<HandClock>,
    cache: Arc<MemoryStatistics>,
}

#[async_trait]
impl StatisticBench for CacheBench {
    fn cache(&self) -> Arc<dyn StatisticCache> {
        self.cache.clone()
    }

    async fn now(&self) -> Moment {
        self.clock.now()
    }
}

async fn statistics() -> CacheBench {
    let clock = HandClock::new();
    CacheBench { cache: Arc::new(MemoryStatistics::new(clock.clone())), clock }
}

crate::statistic_suite!(statistics);

struct Files(Arc<MemoryFiles>);

impl FileBench for Files {
    fn files(&self) -> Arc<dyn FileStore> {
        self.0.clone()
    }
}

async fn files() -> Files {
    Files(Arc::new(MemoryFiles::default()))
}

crate::file_suite!(files);

/// A sentence that no suite lists would never be tried.
#[test]
fn every_sentence_is_listed() {
    let suites =
        [include_str!("of_tasks.rs"), include_str!("of_records.rs"), include_str!("small.rs")];
    let suites = suites.join("\n");
    let listed = |name: &&str| suites.lines().any(|line| line.trim() == *name);
    for subject in SUBJECTS {
        let names = subject.split("\npub async fn ").skip(1);
        let names: Vec<_> = names.filter_map(|text| text.split('(').next()).collect();
        assert!(!names.is_empty());
        let forgotten: Vec<_> = names.iter().filter(|name| !listed(name)).collect();
        assert!(forgotten.is_empty(), "in no suite: {forgotten:?}");
    }
}

const SUBJECTS: [&str; 43] = [
    include_str!("append.rs"),
    include_str!("archive.rs"),
    include_str!("asking.rs"),
    include_str!("audit.rs"),
    include_str!("automatic.rs"),
    include_str!("batches.rs"),
    include_str!("bus.rs"),
    include_str!("cancel.rs"),
    include_str!("checks.rs"),
    include_str!("claim.rs"),
    include_str!("crew.rs"),
    include_str!("evidence.rs"),
    include_str!("expire.rs"),
    include_str!("files.rs"),
    include_str!("forget.rs"),
    include_str!("holds.rs"),
    include_str!("invoice_files.rs"),
    include_str!("keys.rs"),
    include_str!("ledger.rs"),
    include_str!("lists.rs"),
    include_str!("marks.rs"),
    include_str!("matrix.rs"),
    include_str!("news.rs"),
    include_str!("order.rs"),
    include_str!("outbox.rs"),
    include_str!("park.rs"),
    include_str!("pauses.rs"),
    include_str!("pool.rs"),
    include_str!("rescue.rs"),
    include_str!("retry.rs"),
    include_str!("roster.rs"),
    include_str!("people.rs"),
    include_str!("runs.rs"),
    include_str!("secrets.rs"),
    include_str!("sentences.rs"),
    include_str!("serving.rs"),
    include_str!("settle.rs"),
    include_str!("statistics.rs"),
    include_str!("switches.rs"),
    include_str!("tables.rs"),
    include_str!("told.rs"),
    include_str!("versions.rs"),
    include_str!("writeback.rs"),
];
