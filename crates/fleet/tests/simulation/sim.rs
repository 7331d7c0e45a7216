//! One run: the shared world of all workers, and what is known about it.

use crate::{
    bureau::Bureau,
    chance::{Dice, VirtualClock},
    history::History,
    life::Life,
    rates::Rates,
    twins::Twin,
    watch::Watch,
};
use fleet::memory::{LocalBus, MemoryStatistics, MemoryStore};
use std::{
    fmt::Display,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A checker's finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Such as `I2`.
    pub(crate) checker: &'static str,
    pub(crate) what: String,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Sim {
    pub(crate) dice: Arc<Dice>,
    pub(crate) clock: Arc<VirtualClock>,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) statistics: Arc<MemoryStatistics>,
    pub(crate) bus: LocalBus,
    pub(crate) twin: Option<Twin>,
    bureau: Mutex<Bureau>,
    rates: Mutex<Rates>,
    history: Mutex<History>,
    watch: Mutex<Watch>,
    lives: Mutex<Vec<Arc<Life>>>,
    outage: Mutex<Outage>,
    violation: Mutex<Option<Violation>>,
    /// Cancelled by the first violation.
    pub(crate) over: CancellationToken,
}

/// What is away for everybody, until when.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Outage {
    pub(crate) store: Option<Instant>,
    pub(crate) cache: Option<Instant>,
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sim {
    pub(crate) fn new(
        dice: Arc<Dice>,
        bureau: Bureau,
        rates: Rates,
        twin: Option<Twin>,
        everything: bool,
    ) -> Sim {
        let clock = Arc::new(VirtualClock::new());
        Sim {
            dice,
            store: Arc::new(MemoryStore::new(clock.clone())),
            statistics: Arc::new(MemoryStatistics::new(clock.clone())),
            clock,
            bus: LocalBus::new(),
            twin,
            bureau: Mutex::new(bureau),
            rates: Mutex::new(rates),
            history: Mutex::new(History::new(everything)),
            watch: Mutex::new(Watch::default()),
            lives: Mutex::default(),
            outage: Mutex::default(),
            violation: Mutex::default(),
            over: CancellationToken::new(),
        }
    }

    pub(crate) fn bureau(&self) -> MutexGuard<'_, Bureau> {
        lock(&self.bureau)
    }

    pub(crate) fn rates(&self) -> Rates {
        *lock(&self.rates)
    }

    pub(crate) fn set_rates(&self, rates: Rates) {
        *lock(&self.rates) = rates;
    }

    pub(crate) fn history(&self) -> MutexGuard<'_, History> {
        lock(&self.history)
    }

    pub(crate) fn watch(&self) -> MutexGuard<'_, Watch> {
        lock(&self.watch)
    }

    pub(crate) fn lives(&self) -> MutexGuard<'_, Vec<Arc<Life>>> {
        lock(&self.lives)
    }

    pub(crate) fn outage(&self) -> MutexGuard<'_, Outage> {
        lock(&self.outage)
    }

    /// One effect of a port call, or one outside event: written down, then everything is checked.
    pub(crate) fn step(&self, what: impl Display) {
        self.history().step(self.clock.elapsed(), &what.to_string());
        let found = self.watch().look(self);
        if let Some(violation) = found {
            self.violated(violation);
        }
    }

    /// A fault strikes.
    pub(crate) fn strike(&self, fault: &'static str, whom: impl Display) {
        let mut history = self.history();
        history.count(fault);
        history.write(self.clock.elapsed(), &format!("! {fault} {whom}"));
    }

    pub(crate) fn violated(&self, violation: Violation) {
        let mut first = lock(&self.violation);
        if first.is_none() {
            let line = format!("VIOLATION {} {}", violation.checker, violation.what);
            self.history().write(self.clock.elapsed(), &line);
            *first = Some(violation);
            self.over.cancel();
        }
    }

    pub(crate) fn violation(&self) -> Option<Violation> {
        lock(&self.violation).clone()
    }
}
