//! Statistic tables become files: whichever worker looks first makes them.

use crate::{
    context::Context,
    version_files::{INVOICES, VersionFiles},
};
use std::time::Duration;
use tokio::time::MissedTickBehavior;

const EVERY: Duration = Duration::from_secs(5);

/// Makes what is due, until the worker drains. What is cut off is due again once its lease is over.
pub(super) async fn make(context: Context) {
    let ports = &context.ports;
    let desk = VersionFiles {
        store: ports.store.clone(),
        files: ports.files.clone(),
        writer: ports.table_files.clone(),
        clock: ports.clock.clone(),
        meter: context.meter.clone(),
        most: INVOICES,
    };
    let mut tick = tokio::time::interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = context.draining.begun() => return,
            _ = tick.tick() => {}
        }
        if let Err(error) = desk.make_due(|| context.draining.has_begun()).await {
            tracing::warn!(%error, "cannot keep statistic tables as files");
        }
    }
}
