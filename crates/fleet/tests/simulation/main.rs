//! The whole fleet, simulated: many workers on memory ports and virtual time, under seeded
//! faults, with every invariant checked after every step. See `docs/SIMULATION.md`.

mod bureau;
mod bus_port;
mod calm;
mod chance;
mod checks;
mod claims;
mod crew;
mod expected;
mod history;
mod life;
mod oracle;
mod outside;
mod panics;
mod pool;
mod publisher;
mod rates;
mod run;
mod sim;
mod store_around;
mod store_automatic;
mod store_batches;
mod store_ledger;
mod store_lists;
mod store_port;
mod store_registry;
mod store_rest;
mod store_versions;
mod twins;
mod watch;
mod wire;
mod world;

mod seeds;
mod twin_tests;
