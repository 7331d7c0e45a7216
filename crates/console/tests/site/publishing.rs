//! POST /api/v1/tasks

use crate::here::{Broker, Here, TAX_NO, query_task};
use console::Door;
use fleet::ports::bus::Parcel;
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test]
async fn one_message_is_in_the_log_when_it_is_answered() {
    let here = Here::new().await;
    let answer = here.post("/api/v1/tasks", query_task(1)).await;
    assert_eq!(answer.status, 200);
    let outcome = &answer.json["outcomes"][0];
    assert_eq!(outcome["task_id"], json!(Uuid::from_u128(1)));
    assert_eq!(outcome["outcome"], "waiting");
    assert_eq!(here.get(&format!("/api/v1/tasks/{}", Uuid::from_u128(1))).await.status, 200);
    let again = here.post("/api/v1/tasks", query_task(1)).await;
    assert_eq!(again.json["outcomes"][0]["outcome"], "repeated");
}

#[tokio::test]
async fn each_line_has_its_own_outcome_and_reason() {
    let here = Here::new().await;
    let other = json!({"task_id": Uuid::from_u128(1), "kind": "period_query", "tax_no": TAX_NO});
    let unknown = json!({"task_id": Uuid::from_u128(3), "kind": "period_query",
        "tax_no": "91440300MA5G9GK000"});
    let lines = [
        query_task(1).to_string(),
        String::new(),
        "{\"task_id\":".to_owned(),
        other.to_string(),
        json!({"task_id": Uuid::from_u128(2), "kind": "nap", "tax_no": TAX_NO}).to_string(),
        unknown.to_string(),
    ];
    let answer = here.send("/api/v1/tasks", "application/x-ndjson", lines.join("\n")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json["not_taken"], 3);
    let outcomes: Vec<(u64, &str, String)> = answer.json["outcomes"]
        .as_array()
        .expect("outcomes")
        .iter()
        .map(|one| {
            let text = |name: &str| one[name].as_str().unwrap_or_default();
            (one["line"].as_u64().unwrap_or(0), text("outcome"), text("reason").to_owned())
        })
        .collect();
    let expected = [
        (1, "waiting", ""),
        (3, "rejected", "body: "),
        (4, "rejected", "task_id: was used for another task"),
        (5, "rejected", "kind: "),
        (6, "ended", ""),
    ];
    for (found, (line, outcome, reason)) in outcomes.iter().zip(expected) {
        assert_eq!((found.0, found.1), (line, outcome), "{found:?}");
        assert!(found.2.starts_with(reason), "{found:?}");
    }
    assert_eq!(outcomes.len(), expected.len());
}

#[tokio::test]
async fn an_array_keeps_each_message_as_it_was_written() {
    let here = Here::new().await;
    let body = format!("[ {} , {} ]", query_task(1), query_task(2));
    let answer = here.send("/api/v1/tasks", "application/json; charset=utf-8", body).await;
    assert_eq!(answer.json["outcomes"][1]["outcome"], "waiting");
    // Byte for byte the same as in the array: a repetition, not another body.
    let again = here.post("/api/v1/tasks", query_task(2)).await;
    assert_eq!(again.json["outcomes"][0]["outcome"], "repeated");
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_a_reason() {
    let here = Here::new().await;
    let nothing_taken = here.post("/api/v1/tasks", json!({"kind": "period_query"})).await;
    nothing_taken.refuses(422, "rejected", "task_id: ");
    assert_eq!(nothing_taken.json["outcomes"][0]["task_id"], Value::Null);
    let json = "application/json";
    here.send("/api/v1/tasks", json, "[{]".into()).await.refuses(400, "malformed", "body: ");
    here.send("/api/v1/tasks", json, "[]".into()).await.refuses(400, "malformed", "body: holds 0");
    let plain = here.send("/api/v1/tasks", "text/plain", "{}".into()).await;
    plain.refuses(415, "wrong_content_type", "content-type \"text/plain\"");
    let many = "{}\n".repeat(1001);
    let many = here.send("/api/v1/tasks", "application/x-ndjson", many).await;
    many.refuses(400, "malformed", "body: holds 1001 messages");
    let large = here.send("/api/v1/tasks", json, " ".repeat((8 << 20) + 1)).await;
    large.refuses(413, "too_large", "the body is too large");
}

#[tokio::test]
async fn with_a_broker_the_answer_waits_for_its_confirm() {
    let here = Here::with(Door::Broker, Broker::default()).await;
    let named = json!({"task_id": Uuid::from_u128(1), "kind": "period_query", "tax_no": TAX_NO,
        "bureau": "440305", "account": "13800000001"});
    let lines = format!("{named}\nnonsense\n{}", query_task(2));
    let answer = here.send("/api/v1/tasks", "application/x-ndjson", lines).await;
    let outcome = |at: usize| answer.json["outcomes"][at]["outcome"].clone();
    assert_eq!([outcome(0), outcome(1), outcome(2)], ["confirmed", "rejected", "confirmed"]);
    let sent = here.broker.sent.lock().expect("not poisoned");
    let keys: Vec<String> = sent
        .iter()
        .map(|parcel| match parcel {
            Parcel::Task { lane, .. } => lane.as_ref().map_or("intake".into(), |l| l.routing_key()),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(keys, ["440300.13800000001", "intake"]);
}

#[tokio::test]
async fn a_broker_that_is_away_is_told_and_nothing_counts_as_taken() {
    let away = Broker { away: true, ..Broker::default() };
    let here = Here::with(Door::Broker, away).await;
    let answer = here.post("/api/v1/tasks", query_task(1)).await;
    answer.refuses(503, "away", "the bus is away: no confirm; send it again");
    assert_eq!(answer.json["who"], "operator");
    assert_eq!(answer.json["outcomes"][0]["outcome"], "unconfirmed");
}
