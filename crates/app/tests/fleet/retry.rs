//! Manual retry by moving a message with RabbitMQ's own tools.

use crate::{
    stage::{Message, Stage, Task},
    town::Town,
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
