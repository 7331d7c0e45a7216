//! Lanes: what is published arrives in order, and only where it is wanted.

use crate::{
    bodies, bystander::Bystander, lane, lanes, or_hang, start, take, task, text, until_body,
};
use bus::topology;
use fleet::ports::bus::{Inbox, Post};
use rig::RabbitMq;
use std::collections::BTreeSet;
use tokio::time::Instant;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_arrive_in_order_and_one_acknowledgement_covers_all() {
    let vhost = RabbitMq::shared().await.expect("a server").vhost().await.expect("a vhost");
    let bus = start(vhost.url()).await;
    let here = lane("440300.13800000001");
    bus.consume(&lanes(["440300.13800000001"])).await;
    // Several windows of confirms.
    let sent: Vec<String> = (0..2_500).map(|n| format!("task {n}")).collect();
    let outcomes = bus.send(sent.iter().map(|body| task(Some(&here), body)).collect()).await;
    assert_eq!(outcomes, vec![Ok(()); 2_500]);
    let mut came = Vec::new();
    while came.len() < sent.len() {
        let batch = or_hang("deliveries come", bus.receive(64)).await;
        assert!(batch.len() <= 64);
        assert!(batch.windows(2).all(|two| two[0].tag < two[1].tag), "tags rise");
        let last = batch.last().expect("not closed");
        assert_eq!(last.traceparent.as_deref(), Some("00-trace-01"));
        bus.acknowledge(last.tag).await;
        came.extend(batch.iter().map(text));
    }
    assert_eq!(came, sent);
    bus.close().await;
    assert!(bus.receive(1).await.is_empty(), "closed");
    let left = Bystander::at(vhost.url()).await.look("gouxuan.lane.440300.13800000001").await;
    assert_eq!(left, (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_lanes_and_the_intake_share_a_channel_without_losing_anything() {
    let vhost = RabbitMq::shared().await.expect("a server").vhost().await.expect("a vhost");
    let bus = start(vhost.url()).await;
    let (one, two) = (lane("440300.one"), lane("110000.two"));
    bus.declare(&[one.clone(), two.clone()]).await.expect("declared");
    let bodies: Vec<String> = (0..600).map(|n| n.to_string()).collect();
    let parcels = bodies.iter().enumerate().map(|(n, body)| match n % 3 {
        0 => task(Some(&one), body),
        1 => task(Some(&two), body),
        _ => task(None, body),
    });
    assert!(bus.send(parcels.collect()).await.iter().all(Result::is_ok));
    // Consumed only now: all three queues pour into one channel while its consumers are made.
    bus.consume(&[one, two].into()).await;
    let mut came = BTreeSet::new();
    let mut last_tag = None;
    while came.len() < bodies.len() {
        for delivery in take(&bus, 1).await {
            assert!(last_tag < Some(delivery.tag), "in the channel's order");
            last_tag = Some(delivery.tag);
            assert!(came.insert(text(&delivery)), "nothing twice");
        }
        bus.acknowledge(last_tag.expect("something came")).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_released_lane_is_no_longer_consumed_and_what_was_delivered_still_comes() {
    let vhost = RabbitMq::shared().await.expect("a server").vhost().await.expect("a vhost");
    let bus = start(vhost.url()).await;
    let here = lane("440300.a");
    bus.consume(&lanes(["440300.a"])).await;
    let first = (0..5).map(|n| task(Some(&here), &format!("early {n}"))).collect();
    assert!(bus.send(first).await.iter().all(Result::is_ok));
    // All five are here: what follows on the same channel is.
    assert!(bus.send(vec![task(None, "marker")]).await[0].is_ok());
    assert_eq!(bodies(&bus, 1).await, ["early 0"]);
    bus.consume(&BTreeSet::new()).await;
    assert!(bus.send(vec![task(Some(&here), "late"), task(None, "after")]).await[0].is_ok());
    let mut rest = bodies(&bus, 6).await;
    rest.sort();
    assert_eq!(rest, ["after", "early 1", "early 2", "early 3", "early 4", "marker"]);
    let bystander = Bystander::at(vhost.url()).await;
    assert_eq!(bystander.look("gouxuan.lane.440300.a").await, (1, 0), "late waits for another");
    // Wanted again, it is consumed again.
    bus.consume(&lanes(["440300.a"])).await;
    until_body(&bus, "late").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_no_lane_is_bound_for_reaches_the_intake_with_its_key() {
    let vhost = RabbitMq::shared().await.expect("a server").vhost().await.expect("a vhost");
    let bus = start(vhost.url()).await;
    bus.consume(&lanes(["440000.known"])).await;
    let upstream = Bystander::at(vhost.url()).await;
    for key in ["440100.known", "440300.stranger", "intake", "nonsense"] {
        upstream.publish(topology::TASKS, key, key.as_bytes()).await;
    }
    let came = take(&bus, 4).await;
    let keys: Vec<_> = came.iter().map(|delivery| delivery.routing_key.as_str()).collect();
    assert_eq!(keys, ["440100.known", "440300.stranger", "intake", "nonsense"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_lanes_are_declared_and_consumed() {
    let vhost = RabbitMq::shared().await.expect("a server").vhost().await.expect("a vhost");
    let bus = start(vhost.url()).await;
    let all: BTreeSet<_> = (0..2_000).map(|n| lane(&format!("440300.{n:05}"))).collect();
    let begun = Instant::now();
    or_hang("2,000 lanes are consumed", bus.consume(&all)).await;
    eprintln!("2,000 lanes declared, bound and consumed in {:?}", begun.elapsed());
    let begun = Instant::now();
    let parcels = all.iter().map(|lane| task(Some(lane), &lane.routing_key())).collect();
    assert!(bus.send(parcels).await.iter().all(Result::is_ok));
    let came: BTreeSet<_> = bodies(&bus, 2_000).await.into_iter().collect();
    eprintln!("a task to each and back in {:?}", begun.elapsed());
    assert_eq!(came, all.iter().map(|lane| lane.routing_key()).collect());
    let begun = Instant::now();
    or_hang("all are cancelled", bus.consume(&BTreeSet::new())).await;
    eprintln!("cancelled in {:?}", begun.elapsed());
}
