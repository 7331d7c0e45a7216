//! One worker: everything that runs for it, from joining the crew to leaving it.

mod janitor;
mod keeper;
mod poller;
mod publisher;
mod room;
mod sharing;

pub use sharing::owner_of;

use crate::{
    committed::Committed,
    context::Context,
    dispatcher::{Dispatcher, Errands},
    grip::Grips,
    intake::{Arrivals, Intake, Listeners},
    meter::Meter,
    ports::StoreError,
    settings::Settings,
};
use sharing::Sharing;
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use crate::context::Ports;

/// How long a drain waits for what was delivered to be logged; the broker delivers the rest again.
const LOGGING: Duration = Duration::from_secs(10);

/// How a worker ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// As asked: nothing is held any more.
    Drained,
    /// Its heartbeat came too late: others may have its lanes. It may join anew.
    NumberLost,
}

/// A worker that has not joined yet.
#[derive(Debug, Clone)]
pub struct Worker {
    pub ports: Ports,
    pub settings: Arc<Settings>,
    pub meter: Arc<Meter>,
}

impl Worker {
    /// The intake that this worker runs; the API uses the same to log what comes over HTTP.
    pub fn intake(&self) -> Intake {
        Intake {
            store: self.ports.store.clone(),
            statistics: self.ports.statistics.clone(),
            post: self.ports.post.clone(),
            bell: self.ports.bell.clone(),
            clock: self.ports.clock.clone(),
            settings: self.settings.clone(),
            meter: self.meter.clone(),
        }
    }

    /// Works until `stop`, then drains: nothing is lost, slots are handed back. Dropping the
    /// future instead is what a crash is.
    pub async fn run(self, stop: CancellationToken) -> Result<Ended, StoreError> {
        let lease = self.settings.lease;
        let store = self.ports.store.clone();
        let number = store.enlist(&self.settings.name, env!("CARGO_PKG_VERSION"), lease).await?;
        tracing::info!(worker = number.0, "joined");
        let intake = self.intake();
        let context = Context {
            ports: self.ports,
            settings: self.settings,
            worker: number,
            grips: Grips::default(),
            draining: CancellationToken::new(),
            meter: self.meter,
        };
        let ended = work(context.clone(), intake, stop).await;
        context.ports.store.leave(number).await?;
        tracing::info!(worker = number.0, ?ended, "left");
        Ok(ended)
    }
}

async fn work(context: Context, intake: Intake, stop: CancellationToken) -> Ended {
    let (errands, inbox) = Errands::channel();
    let (committed, unpublished) = Committed::channel();
    let logging_ends = CancellationToken::new();
    let mut always = JoinSet::new();
    always.spawn(keeper::keep_time(context.clone()));
    let mut asking = JoinSet::new();
    asking.spawn(poller::ask(context.clone(), errands.clone()));
    always.spawn(janitor::clean(context.clone()));
    always.spawn(publisher::sweep(context.clone()));
    let mut to_finish = JoinSet::new();
    to_finish.spawn(publisher::publish(context.clone(), unpublished));
    let arrivals = Arrivals::default();
    let deliveries = context.ports.inbox.clone();
    let listeners = Listeners {
        errands: errands.clone(),
        arrivals: arrivals.clone(),
        committed: committed.clone(),
    };
    to_finish.spawn(intake.run(deliveries, listeners, logging_ends.clone()));
    let mut dispatching = JoinSet::new();
    let dispatcher = Dispatcher::new(context.clone(), errands.clone(), inbox, committed);
    let may_end = CancellationToken::new();
    dispatching.spawn(dispatcher.run(may_end.clone()));
    let mut sharing = Sharing::new(context.clone(), errands, arrivals);

    let ended = {
        let mut renewing = JoinSet::new();
        renewing.spawn(keeper::renew(context.clone()));
        let ended = tokio::select! {
            biased;
            () = stop.cancelled() => Ended::Drained,
            _ = renewing.join_next() => Ended::NumberLost,
            () = sharing.run() => Ended::NumberLost,
        };
        if ended == Ended::Drained {
            drain(&context, &logging_ends).await;
            // What was taken up last still reaches the dispatcher.
            while asking.join_next().await.is_some() {}
            may_end.cancel();
            while dispatching.join_next().await.is_some() {}
        }
        ended
    };
    if ended == Ended::Drained {
        // The intake ends, and with it and the dispatcher the publisher's queue.
        while to_finish.join_next().await.is_some() {}
    }
    ended
}

/// Nothing new starts, what was delivered is logged, what runs finishes or is handed on.
async fn drain(context: &Context, logging_ends: &CancellationToken) {
    let (worker, lease) = (context.worker, context.settings.lease);
    context.draining.cancel();
    if let Err(error) = context.ports.store.heartbeat(worker, lease, true).await {
        tracing::warn!(%error, "the others do not know yet that this worker is leaving");
    }
    context.ports.inbox.consume(&BTreeSet::new()).await;
    if tokio::time::timeout(LOGGING, context.ports.inbox.drained()).await.is_err() {
        tracing::warn!("deliveries left unlogged; the broker will deliver them again");
    }
    logging_ends.cancel();
}
