//! The store on a real PostgreSQL.

mod agreement;
mod breaks;
mod contract;
mod hot;
mod lock_order;
mod months;
mod path;
mod stage;
mod statements;
