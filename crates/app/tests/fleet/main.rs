//! The executable as people run it: real processes, real servers, and the simulated bureau.

mod demo;
mod process;
mod stage;
mod town;
mod way;
