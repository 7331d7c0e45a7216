//! What leaves: events, rejected and failed messages, hints; and accounts' news that come in.

use crate::{
    bodies,
    bystander::{Bystander, header},
    lane, lanes, or_hang, start, task,
};
use bus::topology;
use domain::ids::{LaneId, TaskId};
use fleet::ports::{
    bus::{Bell, Inbox, Parcel, Post, RefusedDuplicate, Ring},
    outbox::{EventKind, OutboxEvent},
};
use rig::RabbitMq;
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

const FRESH: &str = r#"{"task_id":"0193f3a2-7c1e-7b7a-9d53-0c2f6f1f0a12","retry_of":"0193f3a2-7c1e-7b7a-9d53-0c2f6f1f0a11"}"#;

fn failed_event() -> OutboxEvent {
    OutboxEvent {
        number: 1,
        task: TaskId(Uuid::from_u128(1)),
        sequence: 2,
        kind: EventKind::Failed,
        bureau: Some("440300".parse().expect("a bureau")),
        at: "2025-12-01T01:02:03Z".parse().expect("a time"),
        data: r#"{"state":"failed"}"#.into(),
        failed_body: Some(FRESH.into()),
        reason: "税局返回：系统异常".to_owned(),
        traceparent: Some("00-trace-01".to_owned()),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_task_is_an_event_and_a_message_that_retries_it() {
    let vhost = RabbitMq::shared().await.expect("a server").vhost().await.expect("a vhost");
    let bus = start(vhost.url()).await;
    let bystander = Bystander::at(vhost.url()).await;
    let listening = bystander.listen(topology::EVENTS, "task.failed.*").await;
    let parcel = Parcel::Event { event: failed_event(), failed: Some(FRESH.into()) };
    assert_eq!(bus.send(vec![parcel]).await, [Ok(())]);

    let event = bystander.get(&listening).await.expect("an event");
    let content_type = event.properties.content_type().as_ref().map(ToString::to_string);
    assert_eq!(content_type.as_deref(), Some("application/cloudevents+json"));
    let body: Value = serde_json::from_slice(&event.data).expect("JSON");
    assert_eq!(body["type"], "gouxuan.task.failed");
    assert_eq!(body["data"]["state"], "failed");
    assert_eq!(header(&event, "traceparent").as_deref(), Some("00-trace-01"));

    // An operator moves the copy back with a plain client: it is a delivery like any other.
    bus.consume(&lanes([])).await;
    let copy = bystander.get(topology::FAILED).await.expect("a copy");
    assert_eq!(header(&copy, topology::REASON_HEADER).as_deref(), Some("税局返回：系统异常"));
    bystander.publish(topology::TASKS, topology::FAILED, &copy.data).await;
    assert_eq!(bodies(&bus, 1).await, [FRESH]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rejected_message_keeps_body_key_and_reason() {
    let vhost = RabbitMq::shared().await.expect("a server").vhost().await.expect("a vhost");
    let bus = start(vhost.url()).await;
    let parcel = Parcel::Rejected {
        body: Arc::from(&b"\xff{"[..]),
        routing_key: "440300.a".to_owned(),
        reason: "kind: unknown".to_owned(),
        message_id: "m".repeat(300),
    };
    assert_eq!(bus.send(vec![parcel]).await, [Ok(())]);
    let bystander = Bystander::at(vhost.url()).await;
    let rejected = bystander.get(topology::REJECTED).await.expect("it stands there");
    assert_eq!(rejected.data, b"\xff{");
    assert_eq!(header(&rejected, topology::REASON_HEADER).as_deref(), Some("kind: unknown"));
    assert_eq!(header(&rejected, topology::ROUTING_KEY_HEADER).as_deref(), Some("440300.a"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_duplicate_is_told_with_an_id_of_its_own() {
    let vhost = RabbitMq::shared().await.expect("a server").vhost().await.expect("a vhost");
    let bus = start(vhost.url()).await;
    let bystander = Bystander::at(vhost.url()).await;
    let listening = bystander.listen(topology::EVENTS, "task.refused_duplicate.440300").await;
    let refused = RefusedDuplicate {
        task: TaskId(Uuid::from_u128(1)),
        id: format!("{}/refused/00ff", Uuid::from_u128(1)),
        bureau: Some("440300".parse().expect("a bureau")),
        at: "2025-12-01T01:02:03Z".parse().expect("a time"),
        data: r#"{"reason":"task_id: was used for another task"}"#.into(),
        traceparent: None,
    };
    let twice = [refused.clone(), refused.clone()].map(Parcel::RefusedDuplicate);
    assert_eq!(bus.send(twice.into()).await, [Ok(()), Ok(())]);
    for _ in 0..2 {
        let event = bystander.get(&listening).await.expect("an event");
        let message_id = event.properties.message_id().as_ref().map(ToString::to_string);
        assert_eq!(message_id.as_deref(), Some(refused.id.as_str()));
        let body: Value = serde_json::from_slice(&event.data).expect("JSON");
        assert_eq!(body["type"], "gouxuan.task.refused_duplicate");
        assert_eq!(body["id"], refused.id);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_that_reaches_no_queue_was_not_sent() {
    let vhost = RabbitMq::shared().await.expect("a server").vhost().await.expect("a vhost");
    let bus = start(vhost.url()).await;
    let known = lane("440300.known");
    bus.declare(std::slice::from_ref(&known)).await.expect("declared");
    Bystander::at(vhost.url()).await.delete(topology::INTAKE).await;
    let parcels = (0..50).map(|n| match n % 10 {
        3 => task(None, &format!("lost {n}")),
        _ => task(Some(&known), &format!("kept {n}")),
    });
    let outcomes = bus.send(parcels.collect()).await;
    for (n, outcome) in outcomes.iter().enumerate() {
        if n % 10 == 3 {
            assert!(outcome.is_err(), "{n} went nowhere");
        }
    }
    assert!(outcomes.iter().any(Result::is_ok));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hints_reach_other_workers_and_are_lost_without_a_word() {
    let server = RabbitMq::shared().await.expect("a server");
    let vhost = server.vhost().await.expect("a vhost");
    let proxy = rig::Proxy::in_front_of(vhost.url()).await.expect("a proxy");
    let (here, there) = (start(&proxy.url(vhost.url())).await, start(vhost.url()).await);
    let ring = Ring { lanes: [LaneId(7)].into(), ..Ring::default() };
    here.ring(ring.clone());
    assert_eq!(or_hang("the other hears", there.heard()).await, ring);
    assert_eq!(or_hang("the ringer hears", here.heard()).await, ring);

    proxy.refuse().await.expect("refused");
    let down = here.when(|health| health.publishing.state == bus::LinkState::Down);
    or_hang("the connection is lost", down).await;
    here.ring(Ring { gates: true, ..Ring::default() });
    assert!(or_hang("the ringer hears", here.heard()).await.gates);
    proxy.pass().await.expect("passed");
    crate::up(&here).await;
    // The lost hint does not come late: the next one comes alone.
    here.ring(ring.clone());
    assert_eq!(or_hang("the other hears again", there.heard()).await, ring);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn news_of_accounts_come_until_they_are_done() {
    let vhost = RabbitMq::shared().await.expect("a server").vhost().await.expect("a vhost");
    let bus = start(vhost.url()).await;
    bus.consume(&lanes([])).await;
    let robot = Bystander::at(vhost.url()).await;
    let online =
        br#"{"specversion":"1.0","id":"1","source":"/robot","type":"gouxuan.account.online",
        "data":{"bureau":"440300","account":"a","time":"2025-12-01T00:00:00Z","until":null}}"#;
    robot.publish(topology::ACCOUNTS, "", online).await;
    let news = or_hang("news come", bus.account_news()).await;
    assert!(news.news.online);
    assert_eq!(news.news.lane, lane("440300.a"));
    // Not done: the next connection brings them again.
    bus.close().await;
    let bus = start(vhost.url()).await;
    bus.consume(&lanes([])).await;
    or_hang("news come again", bus.account_news()).await.done().await;

    // Straight to the queue is as good; what cannot be read is rejected with its reason.
    robot.publish("", topology::ACCOUNTS, b"{}").await;
    robot.publish("", topology::ACCOUNTS, online).await;
    or_hang("the good one comes", bus.account_news()).await.done().await;
    let rejected = robot.get(topology::REJECTED).await.expect("the bad one is rejected");
    let reason = header(&rejected, topology::REASON_HEADER).expect("a reason");
    assert!(reason.contains("missing field"), "{reason}");
}
