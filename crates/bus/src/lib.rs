//! RabbitMQ: how tasks arrive, workers nudge each other, results leave.
//!
//! [`Bus`] implements the fleet's ports on two connections, one to publish and one to consume.
//! Each has a supervisor that builds everything again from what is wanted, so that nobody else
//! has to know that connections break. `docs/bus.md` tells the topology and its reasons.

mod bell;
pub mod bench;
mod buffer;
mod consuming;
mod doctor;
mod lanes;
mod letter;
mod link;
mod news;
#[cfg(feature = "plain-client")]
pub mod plain;
mod publishing;
mod settings;
mod side;
mod slips;
pub mod topology;

pub use doctor::{Finding, doctor};
pub use letter::{EVENT_CONTENT_TYPE, SOURCE, TASK_CONTENT_TYPE};
pub use link::{Health, LinkHealth, LinkState};
pub use news::{News, OFFLINE, ONLINE};
pub use settings::{BadUrl, Settings};
pub use slips::Slip;

use async_trait::async_trait;
use bell::Heard;
use consuming::Consuming;
use domain::bureau::LaneKey;
use fleet::ports::bus::{Bell, BusAway, Delivery, Inbox, Parcel, Post, Ring, Tag};
use news::NewsDesk;
use publishing::Publishing;
use slips::SlipDesk;
use std::{collections::BTreeSet, sync::Arc};
use tokio::task::JoinSet;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

/// The bus on RabbitMQ. Ends with its last owner; [`Bus::close`] ends it in good order.
#[derive(Debug)]
pub struct Bus {
    publishing: Arc<Publishing>,
    consuming: Arc<Consuming>,
    /// Hints of ours that are to be published.
    to_ring: Arc<Heard>,
    stop: CancellationToken,
    _stop_on_drop: DropGuard,
    tasks: tokio::sync::Mutex<JoinSet<()>>,
}

impl Bus {
    /// Starts the supervisors; they connect on their own and again whenever it is needed.
    /// `instance` tells this process from the others that ring the bell. Needs a tokio runtime.
    pub fn start(settings: Settings, instance: Uuid) -> Bus {
        let name = instance.to_string();
        let stop = CancellationToken::new();
        let publishing = Arc::new(Publishing::new(settings.clone()));
        let news = Arc::new(NewsDesk::new(publishing.clone()));
        let slips = Arc::new(SlipDesk::new(publishing.clone()));
        let heard = Arc::<Heard>::default();
        let consuming = Arc::new(Consuming::new(settings, name.clone(), heard, news, slips));
        let to_ring = Arc::<Heard>::default();
        let mut tasks = JoinSet::new();
        tasks.spawn(publishing.clone().run(stop.clone()));
        tasks.spawn(consuming.clone().run(stop.clone()));
        tasks.spawn(pass_on(to_ring.clone(), publishing.clone(), name, stop.clone()));
        let guard = stop.clone().drop_guard();
        let tasks = tokio::sync::Mutex::new(tasks);
        Bus { publishing, consuming, to_ring, stop, _stop_on_drop: guard, tasks }
    }

    /// How both connections are, for readiness and metrics.
    pub fn health(&self) -> Health {
        Health { publishing: self.publishing.gauge.get(), consuming: self.consuming.gauge.get() }
    }

    /// Waits until the connections are like this; returns how they then are.
    pub async fn when(&self, is_so: impl Fn(&Health) -> bool) -> Health {
        let mut publishing = self.publishing.gauge.watch();
        let mut consuming = self.consuming.gauge.watch();
        loop {
            let health = Health {
                publishing: publishing.borrow_and_update().clone(),
                consuming: consuming.borrow_and_update().clone(),
            };
            if is_so(&health) {
                return health;
            }
            // Both senders live as long as the bus.
            tokio::select! {
                Ok(()) = publishing.changed() => {}
                Ok(()) = consuming.changed() => {}
                else => std::future::pending().await,
            }
        }
    }

    /// The next news of an account from outside. Comes only to processes that consume lanes.
    pub async fn account_news(&self) -> News {
        self.consuming.news.next().await
    }

    /// Write-backs of business documents that have come, at least one and at most so many. They
    /// come only to processes that consume lanes.
    pub async fn writebacks(&self, limit: usize) -> Vec<Slip> {
        self.consuming.slips.next(limit).await
    }

    /// Sets a write-back aside that cannot be taken, with the reason.
    pub async fn reject(&self, slip: Slip, reason: &str) {
        self.consuming.slips.reject(slip, reason).await;
    }

    /// Stops consuming, and closes both connections. What was received and not acknowledged goes
    /// back to the broker.
    pub async fn close(&self) {
        self.stop.cancel();
        let mut tasks = self.tasks.lock().await;
        while tasks.join_next().await.is_some() {}
    }
}

/// Publishes our own hints, together when they come faster than they leave.
async fn pass_on(
    rung: Arc<Heard>,
    publishing: Arc<Publishing>,
    name: String,
    stop: CancellationToken,
) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            ring = rung.take() => publishing.hint(&ring, &name).await,
        }
    }
}

#[async_trait]
impl Inbox for Bus {
    async fn consume(&self, lanes: &BTreeSet<LaneKey>) {
        self.consuming.want(lanes).await;
    }

    async fn receive(&self, limit: usize) -> Vec<Delivery> {
        self.consuming.buffer.receive(limit).await
    }

    async fn recover(&self) {
        self.consuming.buffer.recover();
    }

    async fn drained(&self) {
        self.consuming.buffer.drained().await;
    }

    async fn acknowledge(&self, up_to: Tag) {
        self.consuming.buffer.acknowledge(up_to).await;
    }

    async fn declare(&self, lanes: &[LaneKey]) -> Result<(), BusAway> {
        self.consuming.declare(lanes).await
    }
}

#[async_trait]
impl Post for Bus {
    async fn send(&self, parcels: Vec<Parcel>) -> Vec<Result<(), BusAway>> {
        self.publishing.send(parcels).await
    }
}

#[async_trait]
impl Bell for Bus {
    fn ring(&self, ring: Ring) {
        // Heard here without a way through the broker, and by the others through it.
        self.consuming.heard.add(&ring);
        self.to_ring.add(&ring);
    }

    fn ring_others(&self, ring: Ring) {
        self.to_ring.add(&ring);
    }

    async fn heard(&self) -> Ring {
        self.consuming.heard.take().await
    }
}
