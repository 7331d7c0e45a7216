//! Every port in memory: for simulation, for fast tests, and as the model that the databases
//! are compared with. It keeps no task beyond its process.

mod append;
mod archive;
mod around;
mod automatic;
mod batches;
mod book;
mod bus;
mod checks;
mod claim;
mod crew;
mod desk;
mod events;
mod files;
mod ledger;
mod lists;
mod log;
mod matrix;
mod outbox;
mod people;
mod pool;
mod registry;
mod rescue;
mod roster;
mod rows;
mod runs;
mod secrets;
mod settle;
mod statistics;
mod tables;
mod versions;
mod writeback;

pub use book::Book;
pub use bus::{LocalBus, LocalMessage};
pub use files::MemoryFiles;
pub use pool::PoolRest;
pub use rows::{Key, Row};
pub use statistics::MemoryStatistics;
pub use versions::{KeptVersion, MemoryTableFiles};

use crate::ports::clock::Clock;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The store in memory.
#[derive(Debug)]
pub struct MemoryStore {
    clock: Arc<dyn Clock>,
    book: Mutex<Book>,
}

impl MemoryStore {
    pub fn new(clock: Arc<dyn Clock>) -> MemoryStore {
        MemoryStore { clock, book: Mutex::default() }
    }

    /// Looks at everything at once, for checkers.
    pub fn inspect<T>(&self, look: impl FnOnce(&Book) -> T) -> T {
        look(&self.open())
    }

    /// Changes rows behind the ports' back: for broken twins, which show that checkers see.
    pub fn alter<T>(&self, change: impl FnOnce(&mut Book) -> T) -> T {
        change(&mut self.open())
    }

    fn open(&self) -> MutexGuard<'_, Book> {
        // A panic of another holder is that test's failure; the book itself stays whole.
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        book.now = self.clock.now();
        book
    }
}
