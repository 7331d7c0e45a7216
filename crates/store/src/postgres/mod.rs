//! PostgreSQL, the fleet's memory.
//!
//! Every operation is one short transaction at READ COMMITTED over a batch. Statements stand in
//! `sql/postgres/`, one a file. Batches go in key order; a batch that meets contention is split
//! and repeated, down to single items (`split`).

/// A statement, from its file under `sql/postgres/`.
macro_rules! sql {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/sql/postgres/", $name, ".sql"))
    };
}

mod append;
mod archive;
mod automatic;
mod batches;
mod being_logged;
pub mod bench;
mod candidates;
mod checks;
mod claim;
mod clockwork;
mod crew;
mod desk;
mod ending;
mod evidence;
mod fault;
mod files;
mod filter;
mod heads;
mod hindered;
mod holding;
mod import;
mod keys;
mod ledger;
mod lists;
mod log;
mod log_rows;
mod logged;
mod matrix;
mod outbox;
mod people;
mod pool;
mod registry;
mod roster;
mod runs;
mod secrets;
mod session;
mod settle;
mod split;
mod state_change;
mod switch;
mod tables;
mod told;
mod turn;
mod versions;
mod work;
mod writeback;

use crate::schema::Schema;
use fault::Fault;
use fleet::ports::StoreError;
use sqlx::{
    PgPool, Postgres, Transaction,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{str::FromStr, time::Duration};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/postgres");

type Tx = Transaction<'static, Postgres>;

/// Connections of one process.
#[derive(Clone, Debug)]
pub struct PoolSettings {
    /// Connections at most.
    pub connections: u32,
    /// How long an operation waits for a free connection.
    pub acquire: Duration,
    /// A statement that waits longer for a lock gives up; its batch is split.
    pub lock: Duration,
    /// A statement that runs longer is ended.
    pub statement: Duration,
    /// A transaction of a stopped worker is ended after this, so that its row locks go.
    pub idle_in_transaction: Duration,
    /// A connection whose peer does not acknowledge for so long is dead.
    pub tcp_user: Duration,
    /// Statements prepared and kept per connection; 0 behind a pooler that shares connections.
    pub prepared: usize,
}

impl Default for PoolSettings {
    fn default() -> PoolSettings {
        PoolSettings {
            connections: 10,
            acquire: Duration::from_secs(5),
            lock: Duration::from_secs(2),
            statement: Duration::from_secs(15),
            idle_in_transaction: Duration::from_secs(5),
            tcp_user: Duration::from_secs(10),
            prepared: 200,
        }
    }
}

impl PoolSettings {
    /// What every connection is opened with.
    ///
    /// # Errors
    /// `Broken` when the URL cannot be read.
    pub fn options(&self, url: &str) -> Result<PgConnectOptions, StoreError> {
        let ms = |time: Duration| time.as_millis().to_string();
        let options = PgConnectOptions::from_str(url)
            .map_err(|error| StoreError::Broken(format!("the database URL: {error}")))?
            .application_name("gouxuan")
            .statement_cache_capacity(self.prepared)
            .options([
                ("lock_timeout", ms(self.lock)),
                ("statement_timeout", ms(self.statement)),
                ("idle_in_transaction_session_timeout", ms(self.idle_in_transaction)),
                ("tcp_user_timeout", ms(self.tcp_user)),
                ("default_transaction_isolation", "read committed".to_owned()),
                // Planning for a compiler costs more than our short statements.
                ("jit", "off".to_owned()),
                ("timezone", "UTC".to_owned()),
                // A plan is kept for long, and is often made when the tables are almost empty: it
                // must be the one by keys, which every statement here has (ADR 5).
                ("enable_seqscan", "off".to_owned()),
                ("enable_hashjoin", "off".to_owned()),
                ("enable_mergejoin", "off".to_owned()),
            ]);
        Ok(options)
    }
}

/// The store on PostgreSQL 15 or newer.
#[derive(Clone, Debug)]
pub struct PostgresStore {
    pool: PgPool,
}

impl PostgresStore {
    /// Connects; `url` is `postgres://user:password@host:port/database`.
    ///
    /// # Errors
    /// `Broken` when the URL cannot be read, `Away` when nobody answers there.
    pub async fn connect(url: &str, settings: PoolSettings) -> Result<PostgresStore, StoreError> {
        let options = settings.options(url)?;
        let pool = PgPoolOptions::new()
            .max_connections(settings.connections)
            .acquire_timeout(settings.acquire)
            .connect_with(options)
            .await
            .map_err(Fault::from)?;
        Ok(PostgresStore { pool })
    }

    /// Brings the schema up to this version; does nothing when it is there.
    ///
    /// # Errors
    /// `Broken` when the database has been brought up by a newer gouxuan, or by another history of
    /// migrations.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let schema = self.schema().await?;
        if schema.store > schema.ours {
            return Err(StoreError::Broken(schema.misfit().unwrap_or_default()));
        }
        MIGRATIONS.run(&self.pool).await.map_err(|error| match error {
            sqlx::migrate::MigrateError::Execute(error) => Fault::from(error).into(),
            other => StoreError::Broken(other.to_string()),
        })
    }

    /// The schema that the database has; nothing is changed.
    ///
    /// # Errors
    /// As every operation.
    pub async fn schema(&self) -> Result<Schema, StoreError> {
        let is_there: bool = sqlx::query_scalar(sql!("schema/is_there"))
            .fetch_one(&self.pool)
            .await
            .map_err(Fault::from)?;
        let version = if is_there {
            let version = sqlx::query_scalar(sql!("schema/version")).fetch_one(&self.pool).await;
            version.map_err(Fault::from)?
        } else {
            0
        };
        Ok(Schema::beside(version, &MIGRATIONS))
    }

    /// Ends every connection, after what is under way.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    async fn begin(&self) -> Result<Tx, Fault> {
        Ok(self.pool.begin().await?)
    }
}
