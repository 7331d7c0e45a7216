//! The suites, run by the implementations in memory.

use super::Bench;
use crate::{
    memory::MemoryStore,
    ports::{Store, clock::Clock},
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
