//! The executable as operators use it, on an embedded store that no process serves.

mod audit;
mod desk;
mod pool;
mod tasks;
mod usage;
mod world;
