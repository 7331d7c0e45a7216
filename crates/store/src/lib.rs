//! What we remember: PostgreSQL and Redis for the fleet, SQLite when embedded.
//!
//! The traits are [`fleet::ports`]; their doc comments are the contract. What the databases
//! share stands beside them: `codec` (stored text ↔ domain), `append_plan` (what becomes of
//! a task that is to be logged), `event_data` (what an event says).

mod append_plan;
mod codec;
mod crew_rows;
mod event_data;
mod facts_row;
mod invoice_rows;
pub mod postgres;
pub mod redis_cache;
pub mod schema;
pub mod sqlite;
mod standing_row;
mod writeback_rows;
