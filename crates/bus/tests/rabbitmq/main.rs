//! The bus against a real RabbitMQ.

mod breaks;
mod bystander;
mod contract;
mod lanes;
mod leaving;
mod topology;

use bus::{Bus, LinkState, Settings};
use domain::bureau::LaneKey;
use fleet::ports::bus::{Delivery, Inbox, Parcel};
use std::{
    collections::BTreeSet,
    future::Future,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use uuid::Uuid;

/// Ends a test that hangs; no test's outcome depends on how long something takes.
const HANGS: Duration = Duration::from_secs(120);

async fn or_hang<T>(what: &str, work: impl Future<Output = T>) -> T {
    match tokio::time::timeout(HANGS, work).await {
        Ok(value) => value,
        Err(_) => panic!("hangs: {what}"),
    }
}

fn settings(url: &str) -> Settings {
    let mut settings = Settings::new(url).expect("the server's URL");
    // Quick, so that tests of breaks take little time.
    settings.heartbeat = Duration::from_secs(1);
    settings.connect_wait = Duration::from_secs(5);
    settings.retry_most = Duration::from_millis(500);
    settings.check_every = Duration::from_millis(200);
    settings
}

/// Tells the buses of one test apart.
fn instance() -> Uuid {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    Uuid::from_u128(COUNT.fetch_add(1, Ordering::Relaxed).into())
}

async fn start(url: &str) -> Bus {
    start_with(settings(url)).await
}

async fn start_with(settings: Settings) -> Bus {
    let bus = Bus::start(settings, instance());
    up(&bus).await;
    bus
}

async fn up(bus: &Bus) {
    let both_up = bus.when(|health| {
        health.publishing.state == LinkState::Up && health.consuming.state == LinkState::Up
    });
    or_hang("both connections come up", both_up).await;
}

fn lane(text: &str) -> LaneKey {
    let (bureau, account) = text.split_once('.').expect("bureau.account");
    LaneKey {
        bureau: bureau.parse().expect("a bureau"),
        account: account.parse().expect("an account"),
    }
}

fn lanes<const N: usize>(keys: [&str; N]) -> BTreeSet<LaneKey> {
    keys.into_iter().map(lane).collect()
}

fn task(to: Option<&LaneKey>, body: &str) -> Parcel {
    Parcel::Task {
        body: body.into(),
        message_id: body.to_owned(),
        lane: to.cloned(),
        traceparent: Some("00-trace-01".to_owned()),
    }
}

fn text(delivery: &Delivery) -> String {
    String::from_utf8_lossy(&delivery.body).into_owned()
}

/// The bodies of the next deliveries, this many, not acknowledged.
async fn bodies(bus: &Bus, count: usize) -> Vec<String> {
    take(bus, count).await.iter().map(text).collect()
}

async fn take(bus: &Bus, count: usize) -> Vec<Delivery> {
    let mut all = Vec::new();
    while all.len() < count {
        all.extend(or_hang("deliveries come", bus.receive(count - all.len())).await);
    }
    all
}

/// Waits for a task with this body, acknowledging all that comes.
async fn until_body(bus: &Bus, body: &str) {
    loop {
        let batch = or_hang("a certain delivery comes", bus.receive(100)).await;
        bus.acknowledge(batch.last().expect("not closed").tag).await;
        if batch.iter().any(|delivery| text(delivery) == body) {
            return;
        }
    }
}
