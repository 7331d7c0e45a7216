//! Leases: our own, and those of workers that stopped renewing.

use crate::{context::Context, ports::bus::Ring, ports::log::RescueLimits};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior};

/// Timed tasks that are made runnable, or ended, in one go.
const AT_ONCE: usize = 1000;

/// Renews the worker's number and its keys, three times a lease. Ends when the number is lost.
pub(super) async fn renew(context: Context) {
    let lease = context.settings.lease;
    let mut tick = tokio::time::interval(lease / 3);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let leaving = context.draining.has_begun();
        let since = Instant::now();
        match context.ports.store.heartbeat(context.worker, lease, leaving).await {
            Ok(true) => {}
            Ok(false) => {
                tracing::error!(worker = context.worker.0, "heartbeat came too late");
                return;
            }
            Err(error) => {
                tracing::warn!(%error, "no heartbeat: the store is away");
                context.meter.store_away.add(1, &[]);
                continue;
            }
        }
        let held = context.grips.all();
        if held.is_empty() {
            continue;
        }
        match context.ports.store.renew(context.worker, lease, &held).await {
            Ok(lost) => context.grips.renewed(&held, &lost, since, lease),
            Err(error) => {
                tracing::warn!(%error, keys = held.len(), "keys were not renewed");
                context.meter.store_away.add(1, &[]);
            }
        }
    }
}

/// Once a tick: what a clock time has come for, and what dead workers left. Rescues only after
/// one whole lease of an unbroken connection: when the store itself was away, the leases of the
/// living are over too, and they must have time to renew.
pub(super) async fn keep_time(context: Context) {
    let mut tick = tokio::time::interval(context.settings.tick);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut whole_since = Instant::now();
    loop {
        tick.tick().await;
        match look(&context, whole_since.elapsed() >= context.settings.lease).await {
            Ok(()) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot keep time: the store is away");
                context.meter.store_away.add(1, &[]);
                whole_since = Instant::now();
            }
        }
    }
}

async fn look(context: &Context, may_rescue: bool) -> Result<(), crate::ports::StoreError> {
    let store = &context.ports.store;
    let mut ring = Ring::default();
    for (lane, tax) in store.ripen(AT_ONCE).await? {
        ring.lanes.insert(lane);
        ring.taxes.insert(tax);
    }
    let limits = &context.settings.limits;
    let expired = store.expire(limits.outcome_deadline, AT_ONCE).await?;
    for task in &expired {
        tracing::warn!(%task, "waited beyond its deadline and was ended");
    }
    ring.gates |= !expired.is_empty();
    if may_rescue {
        let quiet: Duration = context.settings.leqi_quiet;
        let rescue = RescueLimits { retry: *limits, quiet };
        for rescued in store.rescue(context.worker, rescue).await? {
            tracing::warn!(task = %rescued.task, state = %rescued.state, "rescued");
            context.meter.rescued.add(1, &[]);
            ring.lanes.extend(rescued.lane);
            ring.taxes.insert(rescued.tax);
        }
    }
    if !ring.is_empty() {
        context.ports.bell.ring(ring);
    }
    Ok(())
}
