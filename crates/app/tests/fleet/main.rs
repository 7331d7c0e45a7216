//! The executable as people run it: real processes, real servers, and the simulated bureau.

mod chaos;
mod demo;
mod login;
mod operator;
mod process;
mod rejected;
mod retry;
mod room;
mod schema;
mod stage;
mod statistics;
mod town;
mod trace;
mod unknown;
mod uses;
mod way;
mod writebacks;
