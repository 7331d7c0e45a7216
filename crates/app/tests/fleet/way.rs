//! One task the whole way, on real servers.

use crate::{
    stage::{Stage, Task},
    town::Town,
};
use serde_json::json;

#[tokio::test]
async fn a_selection_goes_from_the_publisher_to_the_ledger_the_pool_and_the_events() {
    let mut town = Town::new();
    let tax_no = town.taxpayer("etax");
    let lane = town.account(&[&tax_no]);
    let invoices = [town.invoice(&tax_no), town.invoice(&tax_no)];
    let stage = Stage::open(&town).await;
    let task = Task::new("deduction_select", &tax_no, &[&invoices[0], &invoices[1]])
        .to(&lane)
        .with("batch_id", "way")
        .with("submitted_by", "erp-01");
    stage.publish(std::slice::from_ref(&task)).await;
    stage.bind("gouxuan.events", "task.#", "upstream").await;

    let _worker = stage.worker(&[]);
    stage.until_all_ended(1).await;

    let row = stage.row(&task).await;
    assert_eq!((row.state.as_str(), row.shown.as_str()), ("done", "处理成功"), "{row:?}");
    assert_eq!((row.reason.as_str(), row.succeeded.as_str()), ("", "2"));
    let lines = stage.ledger(&task).await;
    assert_eq!(lines.len(), 2);
    for invoice in &invoices {
        let number = invoice["invoice_no"].as_str().expect("a number");
        assert_eq!(lines.get(number).map(String::as_str), Some("succeeded"));
    }
    let pool = "SELECT count(*) FROM invoice WHERE selection = 'selected' AND period IS NOT NULL";
    assert_eq!(stage.value(pool).await, "2");
    for empty in ["waiting", "running", "invoice_hold", "failure"] {
        assert_eq!(stage.value(&format!("SELECT count(*) FROM {empty}")).await, "0", "{empty}");
    }
    let order = "SELECT enqueued_at <= started_at AND started_at <= finished_at FROM task_log";
    assert_eq!(stage.value(order).await, "t");

    the_event_left(&stage, &task).await;
    the_statistic_state_is_kept(&stage, &tax_no).await;

    let referee = stage.bureau.referee();
    assert_eq!((referee.submissions, referee.statistic_queries), (1, 1), "{referee:?}");
    assert_eq!((referee.logins, referee.switches), (0, 1), "{referee:?}");
    assert_eq!((referee.lane_overlaps, referee.tax_number_overlaps), (0, 0));
    let submits: Vec<_> =
        stage.bureau.log().into_iter().filter(|entry| entry.op == "submit").collect();
    assert_eq!(submits.len(), 1);
    assert_eq!(submits[0].task_id, task.id.to_string());
    assert_eq!(submits[0].answer, "accepted");
}

async fn the_event_left(stage: &Stage, task: &Task) {
    let event = &stage.take("upstream", 1).await[0];
    assert_eq!(event.properties["content_type"], "application/cloudevents+json");
    let event = event.json();
    assert_eq!(event["type"], "gouxuan.task.succeeded");
    assert_eq!(event["specversion"], "1.0");
    assert_eq!(event["subject"], task.id.to_string());
    assert_eq!(event["data"]["state"], "done");
    assert_eq!(event["data"]["batch_id"], "way");
    assert_eq!(event["data"]["succeeded"].as_array().map(Vec::len), Some(2));
    assert_eq!(event["data"]["failed"], json!([]));
    stage.until("the outbox is empty", "NOT EXISTS (SELECT 1 FROM outbox)").await;
}

async fn the_statistic_state_is_kept(stage: &Stage, tax_no: &str) {
    let keys = stage.redis.ask("KEYS *").await.expect("Redis answers");
    assert_eq!(keys.len(), 1, "{keys:?}");
    assert!(keys[0].starts_with(&format!("gouxuan:statistics:{tax_no}:")), "{keys:?}");
    let ttl = stage.redis.ask(&format!("TTL {}", keys[0])).await.expect("Redis answers");
    let ttl: i64 = ttl[0].parse().expect("seconds");
    assert!((1..=1800).contains(&ttl), "{ttl}");
    let kept = stage.redis.ask(&format!("GET {}", keys[0])).await.expect("Redis answers");
    let kept: serde_json::Value = serde_json::from_str(&kept[0]).expect("JSON");
    assert_eq!(kept["state"], "not_generated");
    assert!(kept["asked_at"].is_string() && kept["order"].as_i64() > Some(0), "{kept}");
}
