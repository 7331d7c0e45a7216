//! The store on a real PostgreSQL.

mod agreement;
mod breaks;
mod contract;
mod months;
mod path;
mod stage;
mod statements;
