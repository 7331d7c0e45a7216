//! Confirmation runs go on: whichever worker looks first logs what is missing, and writes what the
//! end of tasks means.

use crate::{
    context::Context,
    intake::Intake,
    runs::{AT_ONCE, Runs},
};
use std::time::Duration;
use tokio::time::MissedTickBehavior;

const EVERY: Duration = Duration::from_secs(5);

pub(super) async fn go_on(context: Context, intake: Intake) {
    let ports = &context.ports;
    let (store, bell, clock) = (ports.store.clone(), ports.bell.clone(), ports.clock.clone());
    let runs = Runs { store, intake, bell, clock };
    let mut tick = tokio::time::interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if let Err(error) = runs.go_on(None, AT_ONCE).await {
            tracing::warn!(%error, "cannot go on with confirmation runs");
        }
    }
}
