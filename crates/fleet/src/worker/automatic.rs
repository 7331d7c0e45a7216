//! Rules whose time has come, and runs that somebody left in the middle: this worker runs them.

use super::batches::desk_of;
use crate::{automatic::Automatic, context::Context, intake::Intake};
use std::time::Duration;
use tokio::time::MissedTickBehavior;

/// How often it is looked for what is due; schedules count minutes.
const EVERY: Duration = Duration::from_secs(5);

/// Runs what is due, until the worker drains. A run that is cut off is taken over once its lease
/// is over.
pub(super) async fn run_rules(context: Context, intake: Intake) {
    let automatic = Automatic { batches: desk_of(&context, intake) };
    let mut tick = tokio::time::interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = context.draining.begun() => return,
            _ = tick.tick() => {}
        }
        if let Err(error) = automatic.run_due().await {
            tracing::warn!(%error, "cannot look for rules that are due");
            context.meter.store_away.add(1, &[]);
        }
    }
}
