//! Retention: what ended long ago is dropped.

use crate::context::Context;
use std::time::Duration;
use tokio::time::MissedTickBehavior;

const EVERY: Duration = Duration::from_secs(3600);
/// Tasks dropped in one transaction.
const AT_ONCE: usize = 1000;

pub(super) async fn clean(context: Context) {
    let mut tick = tokio::time::interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        loop {
            match context.ports.store.forget(context.settings.keep, AT_ONCE).await {
                Ok(0) => break,
                Ok(gone) => tracing::info!(gone, "dropped tasks older than the retention"),
                Err(error) => {
                    tracing::warn!(%error, "cannot clean up");
                    break;
                }
            }
        }
    }
}
