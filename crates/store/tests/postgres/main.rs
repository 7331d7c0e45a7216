//! The store on a real PostgreSQL.

mod agreement;
mod breaks;
mod contract;
mod path;
mod stage;
mod statements;
