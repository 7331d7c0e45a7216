//! What happens to a task, from intake to settlement.
//!
//! The fleet owns the [`ports`] and decides nothing that [`domain`] decides: it carries. All of
//! it runs in one process without a database, broker or socket, on a virtual clock ([`memory`]).

mod attempt;
pub mod automatic;
pub mod batches;
mod cached_states;
mod committed;
mod context;
#[cfg(any(test, feature = "contract"))]
pub mod contract;
pub mod desk;
mod dispatcher;
mod draining;
mod grip;
mod half_read;
pub mod import;
pub mod intake;
pub mod lists;
pub mod memory;
pub mod meter;
mod patience;
pub mod ports;
pub mod runs;
pub mod sentences;
pub mod settings;
mod trace;
pub mod version_files;
pub mod worker;
pub mod writeback;
