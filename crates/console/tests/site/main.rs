//! The site over the in-memory store: every endpoint, answered well and badly.

mod acting;
mod around;
mod automatic;
mod batches;
mod described;
mod filling;
mod held;
mod here;
mod lists;
mod looking;
mod publishing;
mod registry;
mod remote;
mod results;
mod rights;
mod secrets;
mod statistics;
mod town;
mod versions;
mod who;
