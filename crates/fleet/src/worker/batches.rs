//! Batches that somebody left in the middle of submitting: this worker goes on with them.

use crate::{batches::Batches, context::Context, desk::Desk, intake::Intake};
use std::time::Duration;
use tokio::time::MissedTickBehavior;

const EVERY: Duration = Duration::from_secs(10);
/// Whoever submits a batch is done by then, or has died.
const AGE: Duration = Duration::from_secs(60);
/// Batches looked at in one go.
const AT_ONCE: usize = 20;

pub(super) async fn go_on(context: Context, intake: Intake) {
    let batches = desk_of(&context, intake);
    let mut tick = tokio::time::interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if let Err(error) = batches.go_on(AGE, AT_ONCE).await {
            tracing::warn!(%error, "cannot go on with batches that were left");
        }
    }
}

/// The batches' desk on a worker's ports.
pub(super) fn desk_of(context: &Context, intake: Intake) -> Batches {
    let ports = &context.ports;
    let desk = Desk {
        store: ports.store.clone(),
        post: ports.post.clone(),
        bell: ports.bell.clone(),
        clock: ports.clock.clone(),
        chance: ports.chance.clone(),
    };
    Batches { store: ports.store.clone(), intake, desk }
}
