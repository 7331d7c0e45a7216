//! Connections and brokers that break.

use crate::{
    bodies, bystander::Bystander, lane, lanes, or_hang, settings, start, start_with, take, task,
    text, until_body, up,
};
use bus::LinkState;
use fleet::ports::bus::{Inbox, Post};
use rig::{Proxy, RabbitMq};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_acknowledged_comes_again_after_the_connection_was_cut() {
    let vhost = RabbitMq::shared().await.expect("a server").vhost().await.expect("a vhost");
    let proxy = Proxy::in_front_of(vhost.url()).await.expect("a proxy");
    let bus = start(&proxy.url(vhost.url())).await;
    let here = lane("440300.a");
    bus.consume(&lanes(["440300.a"])).await;
    let parcels = (0..10).map(|n| task(Some(&here), &n.to_string())).collect();
    assert!(bus.send(parcels).await.iter().all(Result::is_ok));
    let before = take(&bus, 10).await;
    bus.acknowledge(before[3].tag).await;
    // The broker has it: nothing of the first four is there to be delivered again.
    let stale = before[9].tag;
    let acknowledged = Bystander::at(vhost.url()).await;
    proxy.cut().await;
    let mut after = Vec::new();
    while after.last().map(String::as_str) != Some("9") {
        after.extend(bodies(&bus, 1).await);
        // A tag of the channel that is gone acknowledges nothing on the new one.
        bus.acknowledge(stale).await;
    }
    // The acknowledgement itself may have been lost by the cut.
    assert!(after == ["4", "5", "6", "7", "8", "9"] || after.len() == 10, "{after:?}");
    bus.close().await;
    let left = acknowledged.look("gouxuan.lane.440300.a").await.0 as usize;
    assert_eq!(left, after.len(), "stale tags acknowledged nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn consumers_come_back_by_themselves_after_the_broker_was_killed() {
    let mut server = RabbitMq::private().await.expect("a server");
    let bus = start(server.url()).await;
    let here = lane("440300.a");
    bus.consume(&lanes(["440300.a"])).await;
    assert_eq!(bus.send(vec![task(Some(&here), "before")]).await, [Ok(())]);
    assert_eq!(bodies(&bus, 1).await, ["before"]);
    server.kill().await.expect("killed");
    let down = bus.when(|health| {
        health.consuming.state == LinkState::Down && health.publishing.state == LinkState::Down
    });
    or_hang("the loss is noticed", down).await;
    server.restart().await.expect("restarted");
    // Confirmed and never acknowledged: it is still there.
    until_body(&bus, "before").await;
    up(&bus).await;
    assert_eq!(bus.send(vec![task(Some(&here), "after")]).await, [Ok(())]);
    until_body(&bus, "after").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_half_open_connection_is_noticed_by_its_heartbeats() {
    let vhost = RabbitMq::shared().await.expect("a server").vhost().await.expect("a vhost");
    let proxy = Proxy::in_front_of(vhost.url()).await.expect("a proxy");
    let bus = start(&proxy.url(vhost.url())).await;
    bus.consume(&lanes(["440300.a"])).await;
    proxy.half_open().await.expect("half open");
    let down = bus.when(|health| {
        health.consuming.state == LinkState::Down && health.publishing.state == LinkState::Down
    });
    let health = or_hang("the silence is noticed", down).await;
    assert!(!health.consuming.reason.is_empty());
    proxy.pass().await.expect("passed");
    up(&bus).await;
    assert_eq!(bus.send(vec![task(Some(&lane("440300.a")), "on")]).await, [Ok(())]);
    until_body(&bus, "on").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_memory_alarm_makes_sending_fail_in_bounded_time_and_then_work_again() {
    let mut server = RabbitMq::private().await.expect("a server");
    let mut quick = settings(server.url());
    quick.confirm_wait = Duration::from_secs(2);
    let bus = start_with(quick).await;
    let here = lane("440300.a");
    bus.consume(&lanes(["440300.a"])).await;
    server.rabbitmqctl(&["set_vm_memory_high_watermark", "0"]).await.expect("an alarm");
    // The broker blocks a connection when it publishes.
    for _ in 0..3 {
        let sent = or_hang("sending ends", bus.send(vec![task(Some(&here), "during")])).await;
        assert!(sent[0].is_err(), "{sent:?}");
    }
    let health = bus.health();
    assert_eq!(health.publishing.state, LinkState::Blocked, "{health:?}");
    assert!(health.publishing.reason.contains("memory"), "{health:?}");
    assert_eq!(health.consuming.state, LinkState::Up, "{health:?}");
    server.rabbitmqctl(&["set_vm_memory_high_watermark", "0.6"]).await.expect("no alarm");
    up(&bus).await;
    assert_eq!(bus.send(vec![task(Some(&here), "after")]).await, [Ok(())]);
    let came = take(&bus, 2).await;
    // What was under way when the alarm came is sent late, and again by whoever repeats it.
    assert_eq!(came.iter().map(text).collect::<Vec<_>>(), ["during", "after"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sending_without_a_broker_fails_in_bounded_time() {
    let mut quick = settings("amqp://guest:guest@127.0.0.1:1");
    quick.confirm_wait = Duration::from_millis(200);
    let bus = bus::Bus::start(quick, crate::instance());
    let sent = or_hang("sending ends", bus.send(vec![task(None, "a"), task(None, "b")])).await;
    assert!(sent.iter().all(Result::is_err), "{sent:?}");
    // Nothing is consumed, so nothing is left to be cancelled.
    or_hang("consume returns", bus.consume(&lanes(["440300.a"]))).await;
    or_hang("close returns", bus.close()).await;
    assert!(bus.receive(1).await.is_empty());
}
