//! The store on SQLite: a file of its own for every test.

mod contract;
mod crash;
mod drain;
mod hand_clock;
mod opening;
mod plans;
mod stage;
mod statements;
