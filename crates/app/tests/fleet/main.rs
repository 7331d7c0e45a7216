//! The executable as people run it: real processes, real servers, and the simulated bureau.

mod automatic;
mod batch;
mod chaos;
mod demo;
mod download;
mod exports;
mod list;
mod login;
mod operator;
mod process;
mod rejected;
mod retry;
mod rights;
mod room;
mod runs;
mod schema;
mod secrets;
mod stage;
mod statistics;
mod tables;
mod town;
mod trace;
mod unknown;
mod uses;
mod way;
mod writebacks;
