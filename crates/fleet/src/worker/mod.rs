//! One worker: everything that runs for it, from joining the crew to leaving it.

mod automatic;
mod batches;
mod janitor;
mod keeper;
mod left;
mod poller;
mod publisher;
mod room;
mod runs;
mod sharing;
mod version_files;

pub use left::Left;
pub use sharing::owner_of;

use crate::{
    committed::Committed,
    context::Context,
    dispatcher::{Dispatcher, Errands},
    draining::Draining,
    grip::Grips,
    half_read::HalfRead,
    intake::{Arrivals, Intake, Listeners},
    meter::Meter,
    ports::StoreError,
    settings::Settings,
};
use sharing::Sharing;
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::{task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

pub use crate::context::Ports;

/// How long a drain waits at least for what was delivered to be logged, and for the last events to
/// leave; the broker delivers the rest again, the sweeper publishes it.
const LOGGING: Duration = Duration::from_secs(10);

/// How a worker ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// As asked: nothing is held any more.
    Drained,
    /// Its heartbeat came too late: others may have its lanes. It may join anew.
    NumberLost,
    /// As asked, but what it needs stayed away.
    GaveUp(Left),
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
            half_read: HalfRead::default(),
            ports: self.ports,
            draining: Draining::later(self.settings.patience()),
            settings: self.settings,
            worker: number,
            grips: Grips::default(),
            meter: self.meter,
        };
        let ended = work(context.clone(), intake, stop).await;
        let ended = leave(&context, ended).await?;
        match ended {
            Ended::GaveUp(left) => tracing::error!(worker = number.0, "{left}"),
            _ => tracing::info!(worker = number.0, ?ended, "left"),
        }
        Ok(ended)
    }
}

/// Gives its number back. A worker that ends does not wait for a store that is away.
async fn leave(context: &Context, ended: Ended) -> Result<Ended, StoreError> {
    let mut left = match ended {
        Ended::GaveUp(left) => left,
        Ended::Drained | Ended::NumberLost => Left::default(),
    };
    match context.ports.store.leave(context.worker).await {
        Err(error) if ended == Ended::NumberLost => Err(error),
        Err(error) => {
            tracing::warn!(%error, "the number was not given back");
            left.number = true;
            Ok(Ended::GaveUp(left))
        }
        Ok(()) => Ok(ended),
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
    always.spawn(automatic::run_rules(context.clone(), intake.clone()));
    always.spawn(batches::go_on(context.clone(), intake.clone()));
    always.spawn(runs::go_on(context.clone(), intake.clone()));
    always.spawn(version_files::make(context.clone()));
    always.spawn(publisher::sweep(context.clone()));
    let mut publishing = JoinSet::new();
    publishing.spawn(publisher::publish(context.clone(), unpublished));
    let arrivals = Arrivals::default();
    let deliveries = context.ports.inbox.clone();
    let listeners = Listeners {
        errands: errands.clone(),
        arrivals: arrivals.clone(),
        committed: committed.clone(),
    };
    let mut logging = JoinSet::new();
    logging.spawn(intake.run(deliveries, listeners, logging_ends.clone()));
    let mut dispatching = JoinSet::new();
    let dispatcher = Dispatcher::new(context.clone(), errands.clone(), inbox, committed);
    let may_end = CancellationToken::new();
    dispatching.spawn(dispatcher.run(may_end.clone()));
    let mut sharing = Sharing::new(context.clone(), errands, arrivals);
    let mut renewing = JoinSet::new();
    renewing.spawn(keeper::renew(context.clone()));
    let number_lost = tokio::select! {
        biased;
        () = stop.cancelled() => false,
        _ = renewing.join_next() => true,
        never = sharing.run() => match never {},
    };
    context.draining.begin();
    if number_lost {
        // Others have the lanes: nothing goes on, what was learned is written (refused and
        // counted, or kept), and what was delivered is the next intake's.
        context.grips.lose_all();
        logging.shutdown().await;
    } else {
        drain(&context, &logging_ends).await;
    }
    // What was taken up last still reaches the dispatcher.
    while asking.join_next().await.is_some() {}
    may_end.cancel();
    let mut left = Left::default();
    while let Some(dispatched) = dispatching.join_next().await {
        left = dispatched.unwrap_or_default();
    }
    renewing.shutdown().await;
    if number_lost {
        // What was not published yet is left to the sweeper.
        return Ended::NumberLost;
    }
    let until = context.draining.until().max(Instant::now() + LOGGING);
    left.deliveries = !finishes(logging, until).await;
    // The dispatcher and the intake are gone, and with them the publisher's queue.
    left.events = !finishes(publishing, until).await;
    if left.is_nothing() { Ended::Drained } else { Ended::GaveUp(left) }
}

/// Whether it ends by itself until then; else it is ended.
async fn finishes(mut work: JoinSet<()>, until: Instant) -> bool {
    let all = async { while work.join_next().await.is_some() {} };
    let in_time = tokio::time::timeout_at(until, all).await.is_ok();
    work.shutdown().await;
    in_time
}

/// Nothing new starts, what was delivered is logged, what runs finishes or is handed on.
async fn drain(context: &Context, logging_ends: &CancellationToken) {
    let (worker, lease) = (context.worker, context.settings.lease);
    if let Err(error) = context.ports.store.heartbeat(worker, lease, true).await {
        tracing::warn!(%error, "the others do not know yet that this worker is leaving");
    }
    context.ports.inbox.consume(&BTreeSet::new()).await;
    if tokio::time::timeout(LOGGING, context.ports.inbox.drained()).await.is_err() {
        tracing::warn!("deliveries left unlogged; the broker will deliver them again");
    }
    logging_ends.cancel();
}
