//! The store on a real PostgreSQL.

mod agreement;
mod breaks;
mod path;
mod stage;
mod statements;
