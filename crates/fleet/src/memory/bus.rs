//! The bus in process: for embedded use, where a message counts as confirmed once it is logged,
//! and for simulation.

use crate::ports::bus::{
    Bell, BusAway, Delivery, Inbox, Parcel, Post, RefusedDuplicate, Ring, Tag,
};
use async_trait::async_trait;
use domain::bureau::LaneKey;
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::sync::{Notify, broadcast, oneshot};

/// What `rejected`, `failed` and the event log keep at most; the oldest is dropped.
const KEPT: usize = 100_000;
/// Hints that a slow listener may be behind; more are lost, as hints may be.
const HINTS: usize = 1024;

/// A message as it lies in a queue.
#[derive(Debug)]
pub struct LocalMessage {
    pub body: Arc<[u8]>,
    pub routing_key: String,
    pub traceparent: Option<String>,
    logged: Option<oneshot::Sender<()>>,
}

#[derive(Debug, Default)]
struct Broker {
    /// None is the common intake.
    queues: BTreeMap<Option<LaneKey>, VecDeque<LocalMessage>>,
    known: BTreeSet<LaneKey>,
    endpoints: BTreeMap<u64, Endpoint>,
    next_endpoint: u64,
    rejected: VecDeque<(Arc<[u8]>, String)>,
    failed: VecDeque<(Arc<str>, String)>,
    events: VecDeque<Arc<crate::ports::outbox::OutboxEvent>>,
    refused: VecDeque<RefusedDuplicate>,
}

#[derive(Debug, Default)]
struct Endpoint {
    lanes: BTreeSet<LaneKey>,
    unacknowledged: BTreeMap<u64, (Option<LaneKey>, LocalMessage)>,
    next_delivery: u64,
    /// The last delivery that was handed out; after a recovery those after it are again.
    handed: u64,
}

#[derive(Debug)]
struct Shared {
    broker: Mutex<Broker>,
    arrived: Notify,
    acknowledged: Notify,
    /// With the end that is not to hear it.
    hints: broadcast::Sender<(Ring, Option<u64>)>,
    /// Off: every hint is lost (a chaos test's switch).
    hints_on: AtomicBool,
}

/// One worker's end of the in-process bus. When it is dropped, what it has not acknowledged is
/// delivered again.
#[derive(Debug)]
pub struct LocalBus {
    shared: Arc<Shared>,
    number: u64,
    ears: tokio::sync::Mutex<broadcast::Receiver<(Ring, Option<u64>)>>,
}

impl Default for LocalBus {
    fn default() -> LocalBus {
        LocalBus::new()
    }
}

impl LocalBus {
    pub fn new() -> LocalBus {
        let shared = Shared {
            broker: Mutex::default(),
            arrived: Notify::new(),
            acknowledged: Notify::new(),
            hints: broadcast::Sender::new(HINTS),
            hints_on: AtomicBool::new(true),
        };
        LocalBus::endpoint_of(Arc::new(shared))
    }

    /// Another worker's end of the same bus.
    pub fn another(&self) -> LocalBus {
        LocalBus::endpoint_of(self.shared.clone())
    }

    fn endpoint_of(shared: Arc<Shared>) -> LocalBus {
        let ears = tokio::sync::Mutex::new(shared.hints.subscribe());
        let number = {
            let mut broker = lock(&shared);
            broker.next_endpoint += 1;
            let number = broker.next_endpoint;
            broker.endpoints.insert(number, Endpoint::default());
            number
        };
        LocalBus { shared, number, ears }
    }

    fn hint(&self, ring: Ring, not_to: Option<u64>) {
        if self.shared.hints_on.load(Ordering::Relaxed) {
            // Nobody listening is as good as a lost hint.
            let _ = self.shared.hints.send((ring, not_to));
        }
    }

    /// Loses every hint from now on, or no longer.
    pub fn lose_hints(&self, lose: bool) {
        self.shared.hints_on.store(!lose, Ordering::Relaxed);
    }

    /// Messages that nobody has taken yet.
    pub fn depth(&self) -> usize {
        lock(&self.shared).queues.values().map(VecDeque::len).sum()
    }

    /// What could not be taken, with its reason.
    pub fn rejected(&self) -> Vec<(Arc<[u8]>, String)> {
        lock(&self.shared).rejected.iter().cloned().collect()
    }

    /// What stands in `gouxuan.failed`: ready messages, each with its reason.
    pub fn failed(&self) -> Vec<(Arc<str>, String)> {
        lock(&self.shared).failed.iter().cloned().collect()
    }

    /// The events that have left, oldest first.
    pub fn events(&self) -> Vec<Arc<crate::ports::outbox::OutboxEvent>> {
        lock(&self.shared).events.iter().cloned().collect()
    }

    /// The events for what came too late under its id, oldest first.
    pub fn refused_duplicates(&self) -> Vec<RefusedDuplicate> {
        lock(&self.shared).refused.iter().cloned().collect()
    }

    /// Puts a message into its lane's queue, or the intake when the lane has none.
    pub fn publish(
        &self,
        body: Arc<[u8]>,
        lane: Option<LaneKey>,
        traceparent: Option<String>,
    ) -> oneshot::Receiver<()> {
        let (logged, confirmed) = oneshot::channel();
        let routing_key = lane.as_ref().map_or_else(|| "intake".to_owned(), LaneKey::routing_key);
        {
            let mut broker = lock(&self.shared);
            let lane = lane.filter(|lane| broker.known.contains(lane));
            let message = LocalMessage { body, routing_key, traceparent, logged: Some(logged) };
            broker.queues.entry(lane).or_default().push_back(message);
        }
        self.shared.arrived.notify_waiters();
        confirmed
    }

    fn oldest_unacknowledged(&self) -> Option<u64> {
        let broker = lock(&self.shared);
        broker.endpoints.get(&self.number)?.unacknowledged.keys().next().copied()
    }

    fn confirm(&self, up_to: u64) {
        let mut broker = lock(&self.shared);
        let Some(endpoint) = broker.endpoints.get_mut(&self.number) else { return };
        let later = endpoint.unacknowledged.split_off(&(up_to + 1));
        let logged = std::mem::replace(&mut endpoint.unacknowledged, later);
        for (_, (_, message)) in logged {
            if let Some(logged) = message.logged {
                // A publisher that went away needs no answer.
                let _ = logged.send(());
            }
        }
    }

    fn take(&self, limit: usize) -> Vec<Delivery> {
        let mut broker = lock(&self.shared);
        let Broker { queues, endpoints, .. } = &mut *broker;
        let Some(endpoint) = endpoints.get_mut(&self.number) else { return Vec::new() };
        let lanes = endpoint.lanes.iter().cloned().map(Some);
        let again = endpoint.unacknowledged.range(endpoint.handed + 1..).take(limit);
        let again = again.map(|(number, (_, message))| message.delivery(self.number, *number));
        let mut taken: Vec<Delivery> = again.collect();
        for lane in std::iter::once(None).chain(lanes).collect::<Vec<_>>() {
            let Some(queue) = queues.get_mut(&lane) else { continue };
            while taken.len() < limit {
                let Some(message) = queue.pop_front() else { break };
                endpoint.next_delivery += 1;
                taken.push(message.delivery(self.number, endpoint.next_delivery));
                endpoint.unacknowledged.insert(endpoint.next_delivery, (lane.clone(), message));
            }
        }
        if let Some(last) = taken.last() {
            endpoint.handed = last.tag.delivery;
        }
        taken
    }
}

impl LocalMessage {
    fn delivery(&self, channel: u64, delivery: u64) -> Delivery {
        Delivery {
            tag: Tag { channel, delivery },
            body: self.body.clone(),
            traceparent: self.traceparent.clone(),
            routing_key: self.routing_key.clone(),
        }
    }
}

fn lock(shared: &Shared) -> MutexGuard<'_, Broker> {
    shared.broker.lock().unwrap_or_else(PoisonError::into_inner)
}

fn keep<T>(queue: &mut VecDeque<T>, item: T) {
    if queue.len() == KEPT {
        queue.pop_front();
    }
    queue.push_back(item);
}

impl Drop for LocalBus {
    fn drop(&mut self) {
        let mut broker = lock(&self.shared);
        let Some(endpoint) = broker.endpoints.remove(&self.number) else { return };
        for (_, (lane, message)) in endpoint.unacknowledged.into_iter().rev() {
            broker.queues.entry(lane).or_default().push_front(message);
        }
        drop(broker);
        self.shared.arrived.notify_waiters();
    }
}

#[async_trait]
impl Inbox for LocalBus {
    async fn consume(&self, lanes: &BTreeSet<LaneKey>) {
        {
            let mut broker = lock(&self.shared);
            if let Some(endpoint) = broker.endpoints.get_mut(&self.number) {
                endpoint.lanes.clone_from(lanes);
            }
        }
        self.shared.arrived.notify_waiters();
    }

    async fn receive(&self, limit: usize) -> Vec<Delivery> {
        loop {
            let arrived = self.shared.arrived.notified();
            tokio::pin!(arrived);
            // Listen first, then look: nothing that comes in between is missed.
            arrived.as_mut().enable();
            let taken = self.take(limit);
            if !taken.is_empty() {
                return taken;
            }
            arrived.await;
        }
    }

    async fn recover(&self) {
        if let Some(endpoint) = lock(&self.shared).endpoints.get_mut(&self.number) {
            endpoint.handed = 0;
        }
        self.shared.arrived.notify_waiters();
    }

    async fn drained(&self) {
        let last = lock(&self.shared).endpoints.get(&self.number).map_or(0, |e| e.next_delivery);
        loop {
            let acknowledged = self.shared.acknowledged.notified();
            tokio::pin!(acknowledged);
            acknowledged.as_mut().enable();
            if self.oldest_unacknowledged().is_none_or(|oldest| oldest > last) {
                return;
            }
            acknowledged.await;
        }
    }

    async fn acknowledge(&self, up_to: Tag) {
        if up_to.channel == self.number {
            self.confirm(up_to.delivery);
            self.shared.acknowledged.notify_waiters();
        }
    }

    async fn declare(&self, lanes: &[LaneKey]) -> Result<(), BusAway> {
        lock(&self.shared).known.extend(lanes.iter().cloned());
        Ok(())
    }
}

#[async_trait]
impl Post for LocalBus {
    async fn send(&self, parcels: Vec<Parcel>) -> Vec<Result<(), BusAway>> {
        let mut waits = Vec::with_capacity(parcels.len());
        for parcel in parcels {
            waits.push(match parcel {
                Parcel::Event { event, failed } => {
                    let mut broker = lock(&self.shared);
                    if let Some(body) = failed {
                        keep(&mut broker.failed, (body, event.reason.clone()));
                    }
                    keep(&mut broker.events, Arc::new(event));
                    None
                }
                Parcel::Rejected { body, reason, .. } => {
                    keep(&mut lock(&self.shared).rejected, (body, reason));
                    None
                }
                Parcel::RefusedDuplicate(event) => {
                    keep(&mut lock(&self.shared).refused, event);
                    None
                }
                Parcel::Task { body, lane, traceparent, .. } => {
                    Some(self.publish(body.as_bytes().into(), lane, traceparent))
                }
            });
        }
        let mut results = Vec::with_capacity(waits.len());
        for wait in waits {
            results.push(match wait {
                None => Ok(()),
                Some(logged) => logged.await.map_err(|_| BusAway("the process is ending".into())),
            });
        }
        results
    }
}

#[async_trait]
impl Bell for LocalBus {
    fn ring(&self, ring: Ring) {
        self.hint(ring, None);
    }

    fn ring_others(&self, ring: Ring) {
        self.hint(ring, Some(self.number));
    }

    async fn heard(&self) -> Ring {
        let mut ears = self.ears.lock().await;
        loop {
            match ears.recv().await {
                Ok((_, Some(end))) if end == self.number => {}
                Ok((ring, _)) => return ring,
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}
