//! The site over the in-memory store: every endpoint, answered well and badly.

mod acting;
mod here;
mod looking;
mod publishing;
mod remote;
mod secrets;
mod statistics;
