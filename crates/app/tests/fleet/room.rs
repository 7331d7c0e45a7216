//! A lane in which too much waits.

use crate::{
    process::succeed,
    stage::{Stage, Task, look_until},
    town::Town,
};
use bus::{plain::PlainClient, topology};
use fleet::ports::desk::{DeskLog, Note, Scope};
use serde_json::Value;
use store::postgres::{PoolSettings, PostgresStore};

const LIMIT: usize = 10;

#[tokio::test]
async fn a_lane_with_too_much_waiting_is_not_consumed_until_there_is_room() {
    let mut town = Town::new();
    let tax_no = town.taxpayer("etax");
    let lane = town.account(&[&tax_no]);
    let stage = Stage::open(&town).await;
    let store = PostgresStore::connect(stage.database.url(), PoolSettings::default()).await;
    let store = store.expect("the store opens");
    let scope = Scope::Lane { bureau: lane.bureau, account: lane.account.clone() };
    let note = Note { by: "李".to_owned(), reason: "检修".to_owned() };
    assert_eq!(store.pause(&scope, &note).await.expect("paused").len(), 1);
    let limit = format!("worker.lane_waiting={LIMIT}");
    let worker = stage.worker(&[&limit, "worker.tick_ms=100"]);
    let task = || Task::new("invoice_download", &tax_no, &[]).to(&lane);
    let first: Vec<Task> = (0..LIMIT + 2).map(|_| task()).collect();
    stage.publish(&first).await;
    stage.until("the lane is full", "full_since IS NOT NULL FROM lane").await;
    let queue = topology::lane_queue(&lane);
    let client = PlainClient::connect(&stage.at.amqp).await.expect("the broker is there");
    look_until("the lane's queue is left alone", async || {
        client.look(&queue).await.expect("the queue is there").consumers == 0
    })
    .await;
    assert!(worker.log().contains("too much waits in a lane"), "it says so");

    let more: Vec<Task> = (0..5).map(|_| task()).collect();
    stage.publish(&more).await;
    // What another lane's queue brings is logged all the while.
    stage.publish(&[Task::new("invoice_download", &tax_no, &[]).with("account", "nobody")]).await;
    let logged = format!("count(*) = {} FROM task_log", first.len() + 1);
    stage.until("the intake is still consumed", &logged).await;
    assert_eq!(client.look(&queue).await.expect("the queue is there").messages, 5);
    it_is_told(&stage).await;

    assert_eq!(store.resume(&scope, &note).await.expect("resumed").len(), 1);
    stage.until("there is room again", "full_since IS NULL FROM lane").await;
    stage.until_all_ended(first.len() + 1 + more.len()).await;
    assert_eq!(client.look(&queue).await.expect("the queue is there").messages, 0);
    let done = "SELECT count(*) FROM task_log WHERE state = 'done'";
    assert_eq!(stage.value(done).await, (first.len() + more.len()).to_string());
}

/// In `lane list`, by a process that consumes nothing itself.
async fn it_is_told(stage: &Stage) {
    let of = ["--database-url", &stage.at.database, "--listen", "127.0.0.1:1"];
    let json = succeed(&[&["lane", "list", "--json"][..], &of].concat()).await;
    let lane: Value = serde_json::from_str(json.trim()).expect("one lane");
    assert!(lane["full_since"].is_string(), "{lane}");
    let text = succeed(&[&["lane", "list"][..], &of].concat()).await;
    assert!(text.contains("等待的任务过多"), "{text}");
}
