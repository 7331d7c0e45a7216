//! The executable as people run it: real processes, real servers, and the simulated bureau.

mod chaos;
mod demo;
mod login;
mod process;
mod rejected;
mod retry;
mod schema;
mod stage;
mod statistics;
mod town;
mod unknown;
mod way;
