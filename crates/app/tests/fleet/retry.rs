//! Manual retry by moving a message, with RabbitMQ's own tools and with a plain AMQP client.

use crate::{
    stage::{Message, Stage, Task, look_until},
    town::Town,
};
use bus::{
    plain::{PlainClient, PlainMessage},
    topology,
};
use domain::bureau::LaneKey;
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test]
async fn a_message_moved_from_failed_to_tasks_is_a_retry() {
    let mut town = Town::new();
    let tax_no = town.taxpayer("etax");
    let lane = town.account(&[&tax_no]);
    let invoice = town.invoice(&tax_no);
    let stage = Stage::open(&town).await;
    let _worker = stage.worker(&[]);
    the_bureau_says(&stage, &invoice, json!("03"));
    let task = Task::new("deduction_select", &tax_no, &[&invoice]).to(&lane);
    stage.publish(std::slice::from_ref(&task)).await;
    stage.until_all_ended(1).await;
    let refused = stage.row(&task).await;
    assert_eq!(refused.state, "refused", "{refused:?}");

    let copy = stage.take("gouxuan.failed", 1).await.remove(0);
    assert_eq!(copy.reason(), refused.reason, "the message says why it stands there");
    assert_eq!(copy.json()["retry_of"], task.id.to_string());
    assert_ne!(copy.json()["task_id"], task.id.to_string());
    // The bureau still refuses it: a retry passes every check again.
    move_to_tasks(&stage, &lane, &copy).await;
    stage.until_all_ended(2).await;
    assert_eq!(state_of(&stage, &copy).await, "refused");

    the_same_again_does_nothing(&stage, &lane, &copy, &tax_no).await;
    a_second_retry_is_rejected(&stage, &lane, &copy).await;

    the_bureau_says(&stage, &invoice, Value::Null);
    let copy = stage.take("gouxuan.failed", 1).await.remove(0);
    move_to_tasks(&stage, &lane, &copy).await;
    stage.until_all_ended(4).await;
    assert_eq!(state_of(&stage, &copy).await, "done");
    let chain = "SELECT count(*) FROM task_log WHERE retry_of IS NOT NULL";
    assert_eq!(stage.value(chain).await, "2");
    assert_eq!(stage.bureau.referee().duplicate_submissions, 0);
}

fn the_bureau_says(stage: &Stage, invoice: &Value, code: Value) {
    let script = json!({"invoice": {"invoice_no": invoice["invoice_no"], "cljg": code}});
    stage.bureau.control(&script).expect("the bureau follows");
}

/// As it stands, headers and all.
async fn move_to_tasks(stage: &Stage, lane: &LaneKey, message: &Message) {
    stage.send("gouxuan.tasks", &lane.routing_key(), message).await;
}

async fn state_of(stage: &Stage, message: &Message) -> String {
    let id = message.json()["task_id"].as_str().expect("an id").to_owned();
    stage.value(&format!("SELECT state FROM task_log WHERE task_id = '{id}'")).await
}

async fn the_same_again_does_nothing(stage: &Stage, lane: &LaneKey, copy: &Message, tax_no: &str) {
    let submissions = stage.bureau.referee().submissions;
    move_to_tasks(stage, lane, copy).await;
    // What is published later to the same lane is logged later.
    let next = Task::new("period_query", tax_no, &[]).to(lane);
    stage.publish(std::slice::from_ref(&next)).await;
    stage.until_all_ended(3).await;
    assert_eq!(stage.bureau.referee().submissions, submissions + 1, "only the later task was sent");
    assert_eq!(stage.take_all("gouxuan.rejected").await.len(), 0, "it is no mistake either");
}

async fn a_second_retry_is_rejected(stage: &Stage, lane: &LaneKey, copy: &Message) {
    let mut second = copy.json();
    second["task_id"] = Uuid::from_u128(0xfeed).to_string().into();
    move_to_tasks(stage, lane, &Message::text(second.to_string())).await;
    let rejected = stage.take("gouxuan.rejected", 1).await.remove(0);
    assert!(rejected.reason().starts_with("retry_of: "), "{}", rejected.reason());
    assert!(rejected.reason().contains("tried again already"), "{}", rejected.reason());
}

#[tokio::test]
async fn a_plain_amqp_client_retries_by_moving_a_message() {
    let mut town = Town::new();
    let tax_no = town.taxpayer("etax");
    let lane = town.account(&[&tax_no]);
    let invoice = town.invoice(&tax_no);
    let stage = Stage::open(&town).await;
    stage.bind(topology::EVENTS, "task.refused_duplicate.440300", "upstream").await;
    let _worker = stage.worker(&[]);
    the_bureau_says(&stage, &invoice, json!("03"));
    let task = Task::new("deduction_select", &tax_no, &[&invoice]).to(&lane);
    stage.publish(std::slice::from_ref(&task)).await;
    stage.until_all_ended(1).await;
    let refused = stage.row(&task).await;
    assert_eq!(refused.state, "refused", "{refused:?}");

    the_bureau_says(&stage, &invoice, Value::Null);
    let client = PlainClient::connect(&stage.at.amqp).await.expect("the broker is there");
    let key = lane.routing_key();
    let moved = moved_to_tasks(&client, &key).await;
    let body: Value = serde_json::from_slice(&moved.body).expect("the body is JSON");
    assert_eq!(moved.header(topology::REASON_HEADER).as_deref(), Some(&*refused.reason));
    assert_eq!(body["retry_of"], task.id.to_string());
    assert_eq!(moved.message_id().as_deref(), body["task_id"].as_str());
    stage.until_all_ended(2).await;
    let retry = body["task_id"].as_str().expect("an id");
    let retry_row =
        format!("SELECT state || ' ' || retry_of FROM task_log WHERE task_id = '{retry}'");
    assert_eq!(stage.value(&retry_row).await, format!("done {}", task.id));

    // The same message once more: the log knows its id, and nothing happens.
    let submissions = stage.bureau.referee().submissions;
    client.publish(topology::TASKS, &key, &moved).await.expect("confirmed");
    // What is published later to the same lane is logged later.
    let next = Task::new("period_query", &tax_no, &[]).to(&lane);
    stage.publish(std::slice::from_ref(&next)).await;
    stage.until_all_ended(3).await;
    assert_eq!(stage.bureau.referee().submissions, submissions + 1, "only the later task was sent");
    assert_eq!(stage.take_all(topology::REJECTED).await.len(), 0, "it is no mistake either");

    // Another id for the same original: one retry per failed task, for ever.
    let mut second = body.clone();
    second["task_id"] = Uuid::from_u128(0xfeed).to_string().into();
    let second = PlainMessage::new(second.to_string());
    client.publish(topology::TASKS, &key, &second).await.expect("confirmed");
    let rejected = taken(&client, topology::REJECTED).await;
    assert_eq!(rejected.body, second.body, "as it came");
    let reason = rejected.header(topology::REASON_HEADER).unwrap_or_default();
    let said = format!("retry_of: that task was tried again already as {retry}");
    assert!(reason.starts_with(&said), "{reason}");
    the_refusal_is_told(&stage, &task, retry, &reason).await;
    assert_eq!(stage.value("SELECT count(*) FROM task_log").await, "3");
    assert_eq!(stage.bureau.referee().duplicate_submissions, 0);
}

async fn the_refusal_is_told(stage: &Stage, original: &Task, retry: &str, reason: &str) {
    let event = stage.take("upstream", 1).await.remove(0).json();
    assert_eq!(event["type"], "gouxuan.task.refused_duplicate");
    assert_eq!(event["subject"], Uuid::from_u128(0xfeed).to_string());
    assert_eq!(event["data"]["retry_of"], original.id.to_string());
    assert_eq!(event["data"]["retry"], retry);
    assert_eq!(event["data"]["reason"], reason);
}

#[tokio::test]
async fn a_plain_amqp_client_cannot_retry_an_unknown_outcome() {
    let mut town = Town::new();
    let tax_no = town.taxpayer("etax");
    let lane = town.account(&[&tax_no]);
    town.faults(json!({"lost_answer": {"at": [1], "kind": "tax_filing"}}));
    let stage = Stage::open(&town).await;
    let _worker = stage.worker(&[]);
    let filing = Task::new("tax_filing", &tax_no, &[]).to(&lane);
    stage.publish(std::slice::from_ref(&filing)).await;
    stage.until_all_ended(1).await;
    assert!(stage.row(&filing).await.unknown);
    stage.until("the events have left", "NOT EXISTS (SELECT 1 FROM outbox)").await;

    let client = PlainClient::connect(&stage.at.amqp).await.expect("the broker is there");
    let key = lane.routing_key();
    let offered = client.move_one(topology::FAILED, topology::TASKS, &key).await.expect("asked");
    assert!(offered.is_none(), "it is not offered for a retry");
    let mut retry = filing.body.clone();
    retry["task_id"] = Uuid::from_u128(0xfeed).to_string().into();
    retry["retry_of"] = filing.id.to_string().into();
    let retry = PlainMessage::new(retry.to_string());
    client.publish(topology::TASKS, &key, &retry).await.expect("confirmed");
    let rejected = taken(&client, topology::REJECTED).await;
    let reason = rejected.header(topology::REASON_HEADER).unwrap_or_default();
    assert!(reason.starts_with("retry_of: ") && reason.contains("a person must check"), "{reason}");
    assert_eq!(stage.value("SELECT count(*) FROM task_log").await, "1");
}

/// Moves the first message of `gouxuan.failed`, as soon as there is one.
async fn moved_to_tasks(client: &PlainClient, key: &str) -> PlainMessage {
    let mut moved = None;
    look_until("a failed task is offered for a retry", async || {
        let offered = client.move_one(topology::FAILED, topology::TASKS, key).await;
        moved = offered.expect("the broker is there");
        moved.is_some()
    })
    .await;
    moved.expect("it was moved")
}

/// Takes the first message of a queue for good, as soon as there is one.
async fn taken(client: &PlainClient, queue: &str) -> PlainMessage {
    let mut taken = None;
    look_until(&format!("a message stands in {queue}"), async || {
        taken = client.take(queue).await.expect("the broker is there");
        taken.is_some()
    })
    .await;
    taken.expect("it was taken")
}
