//! What we remember: PostgreSQL and Redis for the fleet, SQLite when embedded.
//!
//! The traits are [`fleet::ports`]; their doc comments are the contract. What the databases
//! share stands beside them: `codec` (stored text ↔ domain), `append_plan` (what becomes of
//! a task that is to be logged), `event_data` (what an event says).

mod append_plan;
mod around_rows;
mod automatic_rows;
mod batch_rows;
mod codec;
mod crew_rows;
mod event_data;
mod facts_row;
mod file_rows;
pub mod folder;
mod invoice_rows;
mod ledger_rows;
mod list_rows;
mod people_rows;
pub mod postgres;
pub mod redis_cache;
mod registry_rows;
pub mod schema;
pub mod sqlite;
mod standing_row;
mod table_rows;
mod told_rows;
pub mod vault;
mod version_rows;
mod writeback_rows;
