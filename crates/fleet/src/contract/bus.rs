//! The bus: what arrives, what leaves, and the hints between workers.

use super::scene::{EAST, WEST, lane_key};
use crate::ports::bus::{Bell, Delivery, Inbox, Parcel, Post, Ring, Tag};
use async_trait::async_trait;
use domain::{
    bureau::LaneKey,
    ids::{LaneId, TaxId},
};
use std::{collections::BTreeSet, future::Future, sync::Arc, time::Duration};

/// One worker's end of the bus.
pub trait End: Inbox + Post + Bell {}

impl<T: Inbox + Post + Bell> End for T {}

/// An empty bus under test.
#[async_trait]
pub trait BusBench: Send + Sync {
    /// Another worker's end, connected.
    async fn end(&self) -> Arc<dyn End>;

    /// The worker of this end dies: its connection is gone when this returns. The caller holds
    /// no other copy of it.
    async fn lose(&self, end: Arc<dyn End>);
}

/// What does not come within this time is taken not to come at all.
const PATIENCE: Duration = Duration::from_secs(20);

async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("it comes in time")
}

fn task(body: &str, lane: Option<LaneKey>) -> Parcel {
    Parcel::Task {
        body: body.into(),
        message_id: body.into(),
        lane,
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into()),
    }
}

/// Takes so many deliveries, without acknowledging them.
async fn receive(end: &dyn End, count: usize) -> Vec<Delivery> {
    let mut all = Vec::new();
    while all.len() < count {
        let some = soon(end.receive(count - all.len())).await;
        assert!(!some.is_empty(), "the inbox has closed");
        all.extend(some);
    }
    all
}

fn bodies(deliveries: &[Delivery]) -> Vec<String> {
    let body = |delivery: &Delivery| String::from_utf8_lossy(&delivery.body).into_owned();
    deliveries.iter().map(body).collect()
}

/// Publishes in order; an embedded bus confirms only what was logged, so the wait is elsewhere.
async fn publish(end: &Arc<dyn End>, parcels: Vec<Parcel>) -> tokio::task::JoinHandle<usize> {
    let end = end.clone();
    tokio::spawn(async move { end.send(parcels).await.iter().filter(|sent| sent.is_ok()).count() })
}

fn lanes(accounts: &[&str]) -> BTreeSet<LaneKey> {
    accounts.iter().map(|account| lane_key(account)).collect()
}

/// An end that consumes these lanes, declared before.
async fn consumer(bench: &dyn BusBench, accounts: &[&str]) -> Arc<dyn End> {
    let end = bench.end().await;
    let keys: Vec<LaneKey> = lanes(&[EAST, WEST]).into_iter().collect();
    soon(end.declare(&keys)).await.expect("the bus is there");
    soon(end.consume(&lanes(accounts))).await;
    end
}

async fn acknowledge_all(end: &dyn End, deliveries: &[Delivery]) {
    let last = deliveries.iter().map(|delivery| delivery.tag).max().expect("something came");
    end.acknowledge(last).await;
}

pub async fn tasks_arrive_in_the_order_of_their_lane(bench: &dyn BusBench) {
    let end = consumer(bench, &[EAST]).await;
    let parcels = ["1", "2", "3"].map(|body| task(body, Some(lane_key(EAST))));
    let sent = publish(&end, parcels.into()).await;
    let came = receive(end.as_ref(), 3).await;
    assert_eq!(bodies(&came), ["1", "2", "3"]);
    assert!(came.is_sorted_by(|one, next| one.tag < next.tag));
    assert_eq!(came[0].routing_key, lane_key(EAST).routing_key());
    assert!(came[0].traceparent.is_some());
    acknowledge_all(end.as_ref(), &came).await;
    assert_eq!(soon(sent).await.expect("the publisher lives"), 3);
}

pub async fn what_has_no_lane_comes_by_the_intake(bench: &dyn BusBench) {
    let end = consumer(bench, &[]).await;
    let unknown = lane_key("undeclared");
    let parcels = vec![task("none", None), task("undeclared", Some(unknown))];
    let sent = publish(&end, parcels).await;
    let came = receive(end.as_ref(), 2).await;
    let mut told = bodies(&came);
    told.sort_unstable();
    assert_eq!(told, ["none", "undeclared"]);
    acknowledge_all(end.as_ref(), &came).await;
    assert_eq!(soon(sent).await.expect("the publisher lives"), 2);
}

pub async fn only_the_lanes_asked_for_are_consumed(bench: &dyn BusBench) {
    let east = consumer(bench, &[EAST]).await;
    let west = consumer(bench, &[WEST]).await;
    let to_west = publish(&east, vec![task("west", Some(lane_key(WEST)))]).await;
    let to_east = publish(&west, vec![task("east", Some(lane_key(EAST)))]).await;
    let came = receive(east.as_ref(), 1).await;
    assert_eq!(bodies(&came), ["east"]);
    acknowledge_all(east.as_ref(), &came).await;
    let came = receive(west.as_ref(), 1).await;
    assert_eq!(bodies(&came), ["west"]);
    acknowledge_all(west.as_ref(), &came).await;
    assert_eq!(soon(to_west).await.expect("alive") + soon(to_east).await.expect("alive"), 2);
}

pub async fn a_lane_is_handed_over_after_what_came_was_logged(bench: &dyn BusBench) {
    let first = consumer(bench, &[EAST]).await;
    let sent = publish(&first, vec![task("1", Some(lane_key(EAST)))]).await;
    let came = receive(first.as_ref(), 1).await;
    soon(first.consume(&BTreeSet::new())).await;
    let mut drained = Box::pin(first.drained());
    assert!(futures::poll!(&mut drained).is_pending(), "a delivery is not yet logged");
    acknowledge_all(first.as_ref(), &came).await;
    soon(drained).await;
    let second = consumer(bench, &[EAST]).await;
    let more = publish(&first, vec![task("2", Some(lane_key(EAST)))]).await;
    let came = receive(second.as_ref(), 1).await;
    assert_eq!(bodies(&came), ["2"]);
    acknowledge_all(second.as_ref(), &came).await;
    assert_eq!(soon(sent).await.expect("alive") + soon(more).await.expect("alive"), 2);
}

pub async fn nothing_delivered_is_drained_at_once(bench: &dyn BusBench) {
    let end = consumer(bench, &[EAST]).await;
    soon(end.drained()).await;
}

pub async fn what_a_dead_worker_had_not_logged_is_delivered_again(bench: &dyn BusBench) {
    let dies = consumer(bench, &[EAST]).await;
    let publisher = consumer(bench, &[]).await;
    let parcels = ["1", "2", "3"].map(|body| task(body, Some(lane_key(EAST))));
    let sent = publish(&publisher, parcels.into()).await;
    let came = receive(dies.as_ref(), 3).await;
    dies.acknowledge(came[0].tag).await;
    soon(bench.lose(dies)).await;
    let heir = consumer(bench, &[EAST]).await;
    let again = receive(heir.as_ref(), 2).await;
    assert_eq!(bodies(&again)[..], ["2", "3"]);
    // The tag of a channel that is gone means nothing here.
    assert_ne!(again[0].tag.channel, came[0].tag.channel);
    let foreign = Tag { channel: came[0].tag.channel, delivery: u64::MAX };
    heir.acknowledge(foreign).await;
    let mut drained = Box::pin(heir.drained());
    assert!(futures::poll!(&mut drained).is_pending(), "a foreign tag acknowledged something");
    acknowledge_all(heir.as_ref(), &again).await;
    soon(drained).await;
    assert_eq!(soon(sent).await.expect("the publisher lives"), 3);
}

pub async fn what_was_received_and_not_acknowledged_is_received_again(bench: &dyn BusBench) {
    let end = consumer(bench, &[EAST]).await;
    let parcels = ["1", "2", "3", "4"].map(|body| task(body, Some(lane_key(EAST))));
    let sent = publish(&end, parcels.into()).await;
    let came = receive(end.as_ref(), 3).await;
    end.acknowledge(came[0].tag).await;
    end.recover().await;
    let again = receive(end.as_ref(), 3).await;
    assert_eq!(bodies(&again), ["2", "3", "4"]);
    assert_eq!(again[..2], came[1..]);
    acknowledge_all(end.as_ref(), &again).await;
    soon(end.drained()).await;
    assert_eq!(soon(sent).await.expect("the publisher lives"), 4);
}

pub async fn every_parcel_has_its_own_result(bench: &dyn BusBench) {
    let end = consumer(bench, &[]).await;
    let rejected = |body: &str| Parcel::Rejected {
        body: body.as_bytes().into(),
        routing_key: "440300.east".into(),
        reason: "tax_no: is missing".into(),
        message_id: body.into(),
    };
    let sent = soon(end.send(vec![rejected("a"), rejected("b")])).await;
    assert_eq!(sent, [Ok(()), Ok(())]);
    assert_eq!(soon(end.send(Vec::new())).await, []);
}

/// A hint may be lost while an end is still subscribing: it is given until it is heard.
async fn heard_by(end: &dyn End, give: impl Fn()) -> Ring {
    soon(async {
        loop {
            give();
            let quick = tokio::time::timeout(Duration::from_millis(200), end.heard());
            if let Ok(heard) = quick.await {
                return heard;
            }
        }
    })
    .await
}

pub async fn a_hint_reaches_everybody(bench: &dyn BusBench) {
    let (one, other) = (bench.end().await, bench.end().await);
    let ring =
        Ring { lanes: BTreeSet::from([LaneId(7)]), taxes: BTreeSet::from([TaxId(9)]), gates: true };
    for end in [&one, &other] {
        let heard = heard_by(&**end, || one.ring(ring.clone())).await;
        assert!(heard.lanes.contains(&LaneId(7)) && heard.taxes.contains(&TaxId(9)));
        assert!(heard.gates);
    }
}

pub async fn a_hint_for_the_others_is_not_heard_by_its_own_end(bench: &dyn BusBench) {
    let (one, other) = (bench.end().await, bench.end().await);
    let of = |lane| Ring { lanes: BTreeSet::from([LaneId(lane)]), ..Ring::default() };
    let heard = heard_by(&*other, || one.ring_others(of(7))).await;
    assert_eq!(heard, of(7));
    one.ring(of(8));
    assert_eq!(soon(one.heard()).await, of(8));
}
