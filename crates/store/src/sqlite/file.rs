//! Opening the file: the lock, the settings of a connection, the schema.

use super::{SqliteStore, fault::Fault};
use crate::schema::Schema;
use fleet::ports::{StoreError, clock::Clock};
use sqlx::{
    migrate::{MigrateError, Migrator},
    sqlite::{
        SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
    },
};
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::Read,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite");

/// How a store that lives in memory is called.
const IN_MEMORY: &str = ":memory:";
/// How long a statement waits for another process's lock (a CLI call's read, a checkpoint).
const BUSY: Duration = Duration::from_secs(5);
/// How long an operation waits for its turn on the one writing connection.
const TURN: Duration = Duration::from_secs(30);
const READERS: u32 = 4;
/// Prepared statements kept per connection: all of them.
const STATEMENTS: usize = 256;
/// Pages of the write-ahead log before it is written back: 4 MB.
const CHECKPOINT_PAGES: &str = "1000";
/// KiB of page cache per connection, as SQLite wants it: negative.
const CACHE_KIB: &str = "-16384";

/// The advisory lock beside the file; the system frees it when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// The process that serves the file, as it wrote itself into the lock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LockedBy {
    pub process: Option<u32>,
}

/// What a commit means.
#[derive(Clone, PartialEq, Eq, Debug, sqlx::FromRow)]
pub struct Durability {
    /// `wal` on a file, `memory` in memory.
    pub journal_mode: String,
    /// 2, FULL: on the disk before it is told.
    pub synchronous: i64,
    pub foreign_keys: bool,
}

impl Lock {
    fn path(file: &Path) -> PathBuf {
        let mut name = file.as_os_str().to_owned();
        name.push(".lock");
        name.into()
    }

    fn take(file: &Path) -> Result<Lock, StoreError> {
        let path = Lock::path(file);
        let failed = |error: std::io::Error| {
            StoreError::Broken(format!("{} cannot be locked: {error}", file.display()))
        };
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let mut lock = options.open(&path).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = LockedBy::read(&mut lock);
                let holder =
                    holder.process.map_or_else(String::new, |id| format!(" (process {id})"));
                return Err(StoreError::Broken(format!(
                    "{} is served by another gouxuan{holder}: stop that one, or use another file",
                    file.display()
                )));
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        lock.set_len(0).map_err(failed)?;
        write!(lock, "{}", std::process::id()).map_err(failed)?;
        Ok(Lock { _file: lock })
    }
}

impl LockedBy {
    fn read(file: &mut File) -> LockedBy {
        let mut text = String::new();
        let read = file.read_to_string(&mut text);
        LockedBy { process: read.ok().and_then(|_| text.trim().parse().ok()) }
    }

    /// Who serves this file now; None: nobody does.
    pub fn of(file: &Path) -> Option<LockedBy> {
        let mut lock = File::open(Lock::path(file)).ok()?;
        match lock.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Some(LockedBy::read(&mut lock)),
            _ => None,
        }
    }
}

fn connection(path: &str) -> SqliteConnectOptions {
    let options = SqliteConnectOptions::new()
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .statement_cache_capacity(STATEMENTS)
        .pragma("cache_size", CACHE_KIB)
        .pragma("temp_store", "memory");
    if path == IN_MEMORY {
        return options.in_memory(true);
    }
    options
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        // With WAL, NORMAL would lose the last commits when power is lost. Tasks are
        // acknowledged upon a commit, so it has to be on the disk.
        .synchronous(SqliteSynchronous::Full)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(TURN)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

async fn migrate(writer: &SqlitePool, path: &str) -> Result<(), StoreError> {
    MIGRATIONS.run(writer).await.map_err(|error| match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            Fault::from(error).into()
        }
        MigrateError::VersionMissing(_) => StoreError::Broken(format!(
            "{path} was written by a newer gouxuan: use that version, or another file"
        )),
        other => StoreError::Broken(format!("{path}: {other}")),
    })
}

impl SqliteStore {
    /// Opens the file for serving, or `:memory:`; makes it when it is not there and brings its
    /// schema up to this version. Until the store is dropped no second one can be opened so.
    ///
    /// # Errors
    /// `Broken` when another process serves the file, when it is no database or of a newer
    /// version; `Away` when it cannot be opened now.
    pub async fn open(path: &str, clock: Arc<dyn Clock>) -> Result<SqliteStore, StoreError> {
        let in_memory = path == IN_MEMORY;
        let lock = if in_memory { None } else { Some(Arc::new(Lock::take(Path::new(path))?)) };
        let options = connection(path).create_if_missing(true);
        let writer = pool(1).connect_with(options).await.map_err(Fault::from)?;
        migrate(&writer, path).await?;
        // A database in memory is seen by its own connection alone.
        let readers = if in_memory { writer.clone() } else { readers(path) };
        Ok(SqliteStore { writer, readers, clock, _lock: lock })
    }

    /// Opens the file for short reads beside whoever serves it; every write is refused.
    ///
    /// # Errors
    /// `Broken` when it is no database of this version, `Away` when it is not there.
    pub async fn look(path: &str, clock: Arc<dyn Clock>) -> Result<SqliteStore, StoreError> {
        let readers = readers(path);
        let store = SqliteStore { writer: readers.clone(), readers, clock, _lock: None };
        let version = store.schema_version().await?;
        match Schema::beside(version, &MIGRATIONS).misfit() {
            Some(misfit) => Err(StoreError::Broken(format!("{path}: {misfit}"))),
            None => Ok(store),
        }
    }

    /// What the writing connection promises of a commit.
    ///
    /// # Errors
    /// As every operation.
    pub async fn durability(&self) -> Result<Durability, StoreError> {
        let pragmas = sqlx::query_as(sql!("file/durability")).fetch_one(&self.writer).await;
        Ok(pragmas.map_err(Fault::from)?)
    }

    /// What SQLite finds wrong with the file; nothing when it is whole. Reads all of it.
    ///
    /// # Errors
    /// As every operation.
    pub async fn damage(&self) -> Result<Vec<String>, StoreError> {
        let found = sqlx::query_scalar(sql!("file/damage")).fetch_all(&self.readers).await;
        Ok(found.map_err(Fault::from)?)
    }

    /// The newest migration that the file has seen.
    pub(super) async fn schema_version(&self) -> Result<i64, Fault> {
        let version = sqlx::query_scalar(sql!("file/version"));
        Ok(version.fetch_one(&self.readers).await?)
    }
}

fn readers(path: &str) -> SqlitePool {
    // Not opened read-only: whoever looks first after a crash must replay the log of writes.
    let options = connection(path).create_if_missing(false).pragma("query_only", "on");
    pool(READERS).connect_lazy_with(options)
}
