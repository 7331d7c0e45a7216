//! SQLite: the memory of one machine, in one file beside the process.
//!
//! Every write goes through one connection, one `BEGIN IMMEDIATE` per batch; readers have a small
//! pool of their own (WAL: they never wait for the writer). `synchronous=FULL`: a task that was
//! acknowledged survives loss of power. SQLite has no clock of its own and one process serves the
//! file, so the store's clock is the process's. Statements stand in `sql/sqlite/`, one a file;
//! batches go in as JSON arrays, so that a batch costs a fixed number of statements, read with
//! `jsonb_each`: `json_each` renders a row anew for each of its columns (3 times the cost).

/// A statement, from its file under `sql/sqlite/`.
macro_rules! sql {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/sql/sqlite/", $name, ".sql"))
    };
}

mod aftermath;
mod append;
mod archive;
mod automatic;
mod batches;
mod candidates;
mod case;
mod checks;
mod claim;
mod columns;
mod counter;
mod crew;
mod desk;
mod docket;
mod evidence;
mod facts;
mod fault;
mod file;
mod files;
mod heads;
mod import;
mod ledger;
mod lists;
mod log;
mod log_rows;
mod matrix;
mod outbox;
mod people;
mod pool;
mod registry;
mod rescue;
mod roster;
mod runs;
mod secrets;
mod session;
mod settle;
mod tables;
mod told;
mod versions;
mod work;
mod writeback;

pub use file::{Durability, LockedBy};

use chrono::SubsecRound;
use domain::Moment;
use fault::Fault;
use file::Lock;
use fleet::ports::clock::Clock;
use sqlx::{Sqlite, SqlitePool, Transaction};
use std::sync::Arc;

type Tx = Transaction<'static, Sqlite>;

/// The store on an SQLite file, or in memory.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    /// One connection: whoever writes waits for the one before.
    writer: SqlitePool,
    readers: SqlitePool,
    clock: Arc<dyn Clock>,
    /// Held as long as the store is open for writing.
    _lock: Option<Arc<Lock>>,
}

impl SqliteStore {
    /// Begins a batch of writes; dropping it undoes them.
    async fn begin(&self) -> Result<Tx, Fault> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Begins reads that belong together.
    async fn read(&self) -> Result<Tx, Fault> {
        Ok(self.readers.begin().await?)
    }

    /// The process's clock, as exact as the file is.
    fn now(&self) -> Moment {
        self.clock.now().trunc_subsecs(6)
    }

    /// Ends every connection, after what is under way.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}
