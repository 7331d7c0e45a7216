//! Watching a fleet from its ports: when the first delivery came, when the last result left.

use async_trait::async_trait;
use domain::bureau::LaneKey;
use fleet::ports::bus::{BusAway, Delivery, Inbox, Parcel, Post, Tag};
use std::{
    collections::BTreeSet,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{sync::Notify, time::Instant};

/// Counts results until there are as many as tasks.
#[derive(Debug)]
pub(super) struct Stopwatch {
    tasks: usize,
    first_delivery: OnceLock<Instant>,
    settled: AtomicUsize,
    last_settled: OnceLock<Instant>,
    confirmed: AtomicUsize,
    last_confirmed: OnceLock<Instant>,
    over: Notify,
}

impl Stopwatch {
    pub(super) fn new(tasks: usize) -> Arc<Stopwatch> {
        Arc::new(Stopwatch {
            tasks,
            first_delivery: OnceLock::new(),
            settled: AtomicUsize::new(0),
            last_settled: OnceLock::new(),
            confirmed: AtomicUsize::new(0),
            last_confirmed: OnceLock::new(),
            over: Notify::new(),
        })
    }

    /// Waits until every result was confirmed by the broker.
    pub(super) async fn over(&self) {
        loop {
            let over = self.over.notified();
            if self.last_confirmed.get().is_some() {
                return;
            }
            over.await;
        }
    }

    pub(super) fn settled(&self) -> usize {
        self.settled.load(Ordering::Relaxed)
    }

    /// Seconds from the first delivery to the last settlement (its result was on its way out by
    /// then), and to the last confirmed result.
    pub(super) fn seconds(&self) -> Option<(f64, f64)> {
        let first = *self.first_delivery.get()?;
        let settled = *self.last_settled.get()? - first;
        let confirmed = *self.last_confirmed.get()? - first;
        Some((settled.as_secs_f64(), confirmed.as_secs_f64()))
    }

    fn count(&self, counter: &AtomicUsize, last: &OnceLock<Instant>, results: usize) {
        let before = counter.fetch_add(results, Ordering::Relaxed);
        if before < self.tasks && before + results >= self.tasks {
            last.get_or_init(Instant::now);
            self.over.notify_waiters();
        }
    }
}

/// An inbox whose first delivery is noted.
#[derive(Debug)]
pub(super) struct WatchedInbox(pub(super) Arc<dyn Inbox>, pub(super) Arc<Stopwatch>);

#[async_trait]
impl Inbox for WatchedInbox {
    async fn consume(&self, lanes: &BTreeSet<LaneKey>) {
        self.0.consume(lanes).await;
    }

    async fn receive(&self, limit: usize) -> Vec<Delivery> {
        let deliveries = self.0.receive(limit).await;
        if !deliveries.is_empty() {
            self.1.first_delivery.get_or_init(Instant::now);
        }
        deliveries
    }

    async fn recover(&self) {
        self.0.recover().await;
    }

    async fn drained(&self) {
        self.0.drained().await;
    }

    async fn acknowledge(&self, up_to: Tag) {
        self.0.acknowledge(up_to).await;
    }

    async fn declare(&self, lanes: &[LaneKey]) -> Result<(), BusAway> {
        self.0.declare(lanes).await
    }
}

/// A post whose results are counted, before they leave and when they are confirmed.
#[derive(Debug)]
pub(super) struct WatchedPost(pub(super) Arc<dyn Post>, pub(super) Arc<Stopwatch>);

#[async_trait]
impl Post for WatchedPost {
    async fn send(&self, parcels: Vec<Parcel>) -> Vec<Result<(), BusAway>> {
        let is_event = |parcel: &Parcel| matches!(parcel, Parcel::Event { .. });
        let events: Vec<bool> = parcels.iter().map(is_event).collect();
        let of_events = events.iter().filter(|event| **event).count();
        self.1.count(&self.1.settled, &self.1.last_settled, of_events);
        let sent = self.0.send(parcels).await;
        let confirmed = events.iter().zip(&sent).filter(|(event, sent)| **event && sent.is_ok());
        self.1.count(&self.1.confirmed, &self.1.last_confirmed, confirmed.count());
        sent
    }
}
