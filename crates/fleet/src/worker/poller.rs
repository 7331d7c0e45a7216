//! Asking on: what was sent earlier and nobody asks about.

use crate::{
    context::Context,
    dispatcher::{Errand, Errands},
};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior};

/// How often it is looked for what is due.
const EVERY: Duration = Duration::from_millis(250);

/// Takes up what is due, until the worker drains.
pub(super) async fn ask(context: Context, errands: Errands) {
    let mut tick = tokio::time::interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let batch = context.settings.take_up_batch;
    loop {
        tokio::select! {
            biased;
            () = context.draining.begun() => return,
            _ = tick.tick() => {}
        }
        loop {
            let since = Instant::now();
            let lease = context.settings.lease;
            let works = match context.ports.store.take_up(context.worker, lease, batch).await {
                Ok(works) => works,
                Err(error) => {
                    tracing::warn!(%error, "cannot ask on: the store is away");
                    context.meter.store_away.add(1, &[]);
                    break;
                }
            };
            let full = works.len() == batch;
            if !works.is_empty() {
                errands.send(Errand::TakenUp(works, since)).await;
            }
            if !full || context.draining.has_begun() {
                break;
            }
        }
    }
}
