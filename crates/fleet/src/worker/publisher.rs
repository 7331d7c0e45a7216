//! Results leave: at once by whoever committed them, later by anyone if that worker died.

use crate::{
    context::Context,
    ports::{
        bus::Parcel,
        outbox::{Outbox, OutboxEvent},
    },
};
use domain::{ids::TaskId, task::TaskMessage};
use std::sync::Arc;
use tokio::{sync::mpsc, time::MissedTickBehavior};

/// Events sent in one go.
const BATCH: usize = 500;

/// Publishes what this worker has just committed. Ends with the dispatcher and the intake.
pub(super) async fn publish(context: Context, mut committed: mpsc::Receiver<Vec<i64>>) {
    while let Some(mut numbers) = committed.recv().await {
        while numbers.len() < BATCH {
            let Ok(more) = committed.try_recv() else { break };
            numbers.extend(more);
        }
        match context.ports.store.events(&numbers).await {
            Ok(events) => send(&context, events).await,
            Err(error) => tracing::warn!(%error, "events stay in the outbox for the sweeper"),
        }
    }
}

/// Publishes what was left in the outbox.
pub(super) async fn sweep(context: Context) {
    let age = context.settings.outbox_age;
    let mut tick = tokio::time::interval(age / 3);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        loop {
            let events = match context.ports.store.left_over(age, BATCH).await {
                Ok(events) => events,
                Err(error) => {
                    tracing::warn!(%error, "cannot look into the outbox");
                    break;
                }
            };
            let full = events.len() == BATCH;
            if !events.is_empty() {
                tracing::info!(events = events.len(), "publishing what was left in the outbox");
                send(&context, events).await;
            }
            if !full {
                break;
            }
        }
    }
}

async fn send(context: &Context, events: Vec<OutboxEvent>) {
    let numbers: Vec<i64> = events.iter().map(|event| event.number).collect();
    let parcels = events.into_iter().map(|event| {
        let failed = event.failed_body.as_ref().and_then(|body| ready_to_retry(context, body));
        Parcel::Event { event, failed }
    });
    let results = context.ports.post.send(parcels.collect()).await;
    let confirmed = numbers.iter().zip(&results).filter(|(_, result)| result.is_ok());
    let confirmed: Vec<i64> = confirmed.map(|(number, _)| *number).collect();
    if confirmed.len() < numbers.len() {
        tracing::warn!(left = numbers.len() - confirmed.len(), "events were not confirmed");
    }
    context.meter.events_published.add(confirmed.len() as u64, &[]);
    let outbox: &dyn Outbox = &*context.ports.store;
    if let Err(error) = outbox.published(&confirmed).await {
        tracing::warn!(%error, "events will be published once more");
    }
}

/// The failed task's message under a fresh id: moving it to `gouxuan.tasks` is a retry.
fn ready_to_retry(context: &Context, body: &str) -> Option<Arc<str>> {
    let message = TaskMessage::parse(body.as_bytes()).ok()?;
    let id = TaskId(context.ports.chance.id(context.ports.clock.now()));
    Some(message.retry(id).to_json().into())
}
