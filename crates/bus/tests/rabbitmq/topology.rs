//! What stands in the broker: made, found otherwise, removed.

use crate::{bystander::Bystander, lane, lanes, or_hang, settings, start, task, until_body};
use bus::{Bus, LinkState, doctor, topology};
use fleet::ports::bus::{Inbox, Post};
use lapin::{ExchangeKind, options::ExchangeDeclareOptions, types::FieldTable};
use rig::RabbitMq;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queues_with_other_arguments_are_used_as_they_are() {
    let vhost = RabbitMq::shared().await.expect("a server").vhost().await.expect("a vhost");
    let operator = Bystander::at(vhost.url()).await;
    for queue in ["gouxuan.failed", "gouxuan.lane.440300.b", "gouxuan.lane.440300.d"] {
        operator.declare_oddly(queue).await;
    }
    let bus = start(vhost.url()).await;
    let wanted = ["440300.a", "440300.b", "440300.c", "440300.d", "440300.e"];
    or_hang("all are consumed", bus.consume(&lanes(wanted))).await;
    for key in wanted {
        assert_eq!(bus.send(vec![task(Some(&lane(key)), key)]).await, [Ok(())]);
        until_body(&bus, key).await;
        assert_eq!(operator.look(&format!("gouxuan.lane.{key}")).await.1, 1, "{key} is consumed");
    }
    let bad: Vec<_> =
        doctor(&settings(vhost.url()), &[]).await.into_iter().filter(|one| !one.good).collect();
    assert_eq!(bad.len(), 1, "{bad:?}");
    assert!(bad[0].text.contains("gouxuan.failed is there with other properties"), "{bad:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exchange_of_another_kind_is_told_in_one_sentence() {
    let vhost = RabbitMq::shared().await.expect("a server").vhost().await.expect("a vhost");
    let operator = Bystander::at(vhost.url()).await;
    let options = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
    operator
        .channel
        .exchange_declare(
            topology::TASKS.into(),
            ExchangeKind::Fanout,
            options,
            FieldTable::default(),
        )
        .await
        .expect("declared");
    let bus = Bus::start(settings(vhost.url()), crate::instance());
    let told = bus.when(|health| health.consuming.reason.contains(topology::TASKS));
    let health = or_hang("the misfit is told", told).await;
    assert_eq!(health.consuming.state, LinkState::Down);
    let outcome = bus.send(vec![task(None, "anything")]);
    assert!(or_hang("sending ends", outcome).await[0].is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_queue_is_made_and_consumed_again() {
    let vhost = RabbitMq::shared().await.expect("a server").vhost().await.expect("a vhost");
    let bus = start(vhost.url()).await;
    let operator = Bystander::at(vhost.url()).await;
    bus.consume(&lanes(["440300.a", "440300.b"])).await;
    operator.delete("gouxuan.lane.440300.a").await;
    // Whether it takes the way of the lane or, in the meantime, of the intake: it arrives.
    assert_eq!(bus.send(vec![task(Some(&lane("440300.a")), "one")]).await, [Ok(())]);
    until_body(&bus, "one").await;
    bus.consume(&lanes(["440300.a", "440300.b", "440300.c"])).await;
    assert_eq!(operator.look("gouxuan.lane.440300.a").await, (0, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_says_what_is_missing_and_what_is_there() {
    let vhost = RabbitMq::shared().await.expect("a server").vhost().await.expect("a vhost");
    let here = [lane("440300.a")];
    let before = doctor(&settings(vhost.url()), &here).await;
    assert!(before[0].good && before[0].text.contains("RabbitMQ "), "{before:?}");
    assert!(before[1..].iter().all(|finding| !finding.good), "{before:?}");
    let bus = start(vhost.url()).await;
    bus.declare(&here).await.expect("declared");
    let after = doctor(&settings(vhost.url()), &here).await;
    assert!(after.iter().all(|finding| finding.good), "{after:?}");
    let nowhere = doctor(&settings("amqp://guest:hidden@127.0.0.1:1"), &[]).await;
    assert!(!nowhere[0].good && !nowhere[0].text.contains("hidden"), "{nowhere:?}");
}
