//! The store on a real PostgreSQL.

mod breaks;
mod path;
mod stage;
mod statements;
