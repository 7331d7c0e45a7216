//! The worker processes: started, killed, ended, and started again.

use crate::{
    bus_port::{BusPort, CachePort},
    life::Life,
    sim::Sim,
    store_port::StorePort,
    wire::Wire,
};
use fleet::{
    memory::{MemoryFiles, MemoryTableFiles},
    meter::Meter,
    settings::Settings,
    worker::{Ended, Ports, Worker},
};
use std::sync::Arc;

/// Keeps slot `n` manned until the run is over.
pub(crate) async fn slot(sim: Arc<Sim>, n: usize, settings: Arc<Settings>) {
    let mut generation = 0;
    loop {
        generation += 1;
        let life = Arc::new(Life::new(format!("w{n}.{generation}")));
        sim.lives()[n] = life.clone();
        live(&sim, &life, settings.clone()).await;
        if sim.over.is_cancelled() {
            return;
        }
        tokio::time::sleep(sim.dice.millis(100..7_000)).await;
    }
}

/// One process, from its start to its end.
async fn live(sim: &Arc<Sim>, life: &Arc<Life>, settings: Arc<Settings>) {
    let worker = Worker { ports: ports(sim, life), settings, meter: Arc::new(Meter::new()) };
    let ended = tokio::select! {
        biased;
        () = life.kill.cancelled() => "crashed".into(),
        ended = work(sim, life, worker) => format!("{ended:?}"),
    };
    life.ended();
    if ended.contains(&format!("{:?}", Ended::Drained)) {
        crate::claims::check_drained(sim, life);
        sim.history().count("drained");
    }
    sim.step(format_args!("{} {ended}", life.name));
}

/// Joins anew whenever its number is lost, as the executable does.
async fn work(
    sim: &Arc<Sim>,
    life: &Arc<Life>,
    process: Worker,
) -> Result<Ended, fleet::ports::StoreError> {
    loop {
        let ended = process.clone().run(life.stop.clone()).await?;
        if ended != Ended::NumberLost {
            return Ok(ended);
        }
        sim.strike("number_lost", format_args!("{} joins anew", life.name));
    }
}

pub(crate) fn ports(sim: &Arc<Sim>, life: &Arc<Life>) -> Ports {
    let bus = Arc::new(BusPort::new(sim.clone(), life.clone()));
    let wire = Arc::new(Wire { sim: sim.clone(), life: life.clone() });
    Ports {
        vault: None,
        store: Arc::new(StorePort { sim: sim.clone(), life: life.clone() }),
        statistics: Arc::new(CachePort { sim: sim.clone(), life: life.clone() }),
        inbox: bus.clone(),
        post: bus.clone(),
        bell: bus,
        etax: wire.clone(),
        leqi: wire,
        files: Arc::new(MemoryFiles::default()),
        table_files: Arc::new(MemoryTableFiles),
        clock: sim.clock.clone(),
        chance: sim.dice.clone(),
    }
}
