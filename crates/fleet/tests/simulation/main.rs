//! The whole fleet, simulated: many workers on memory ports and virtual time, under seeded
//! faults, with every invariant checked after every step. See `docs/SIMULATION.md`.

mod bureau;
mod bus_port;
mod chance;
mod checks;
mod claims;
mod crew;
mod history;
mod life;
mod oracle;
mod outside;
mod panics;
mod publisher;
mod rates;
mod run;
mod sim;
mod store_port;
mod store_rest;
mod twins;
mod watch;
mod wire;
mod world;

use run::{Plan, Report, run};

#[test]
fn one_seed() {
    let seed = std::env::var("GOUXUAN_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let report: Report = run(Plan { seed, ..Plan::default() });
    eprintln!("{report:#?}");
    assert!(report.violation.is_none());
}
