//! What the fleet needs of the world. Each port is its trait and its contract suite
//! (`fleet::contract`, behind the feature `contract`); memory, SQLite and PostgreSQL run the same suite.

pub mod archive;
pub mod automatic;
pub mod batches;
pub mod bus;
pub mod channel;
pub mod checks;
pub mod clock;
pub mod crew;
pub mod desk;
pub mod files;
pub mod ledger;
pub mod lists;
pub mod log;
pub mod matrix;
pub mod outbox;
pub mod people;
pub mod pool;
pub mod registry;
pub mod roster;
pub mod runs;
pub mod secrets;
pub mod statistics;
pub mod table_files;
pub mod tables;
pub mod versions;
pub mod writeback;

use std::fmt::Debug;

/// The store could not do it now. Whether it happened is unknown; repeating is safe.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The store cannot be reached, or did not answer in time; worth trying again.
    #[error("the store is away: {0}")]
    Away(String),
    /// A mistake of ours or a damaged store; trying again does not help.
    #[error("the store refused: {0}")]
    Broken(String),
}

/// Everything that one store implements.
pub trait Store:
    log::TaskLog
    + roster::Roster
    + registry::Registry
    + crew::Crew
    + desk::DeskLog
    + outbox::Outbox
    + archive::Archive
    + people::People
    + pool::InvoicePool
    + automatic::AutomaticBook
    + batches::BatchBook
    + lists::ListBook
    + ledger::Ledger
    + tables::StatisticTables
    + versions::TableVersions
    + secrets::Secrets
    + writeback::Writebacks
    + checks::Checks
    + matrix::Matrix
    + runs::RunBook
{
}

impl<T> Store for T where
    T: log::TaskLog
        + roster::Roster
        + registry::Registry
        + crew::Crew
        + desk::DeskLog
        + outbox::Outbox
        + archive::Archive
        + people::People
        + pool::InvoicePool
        + automatic::AutomaticBook
        + batches::BatchBook
        + lists::ListBook
        + ledger::Ledger
        + tables::StatisticTables
        + versions::TableVersions
        + secrets::Secrets
        + writeback::Writebacks
        + checks::Checks
        + matrix::Matrix
        + runs::RunBook
{
}
