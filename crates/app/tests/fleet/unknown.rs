//! Answers that are lost on the way.

use crate::{
    stage::{Message, Stage, Task},
    town::Town,
};
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn a_filing_whose_answer_is_lost_is_left_to_a_person() {
    let mut town = Town::new();
    let tax_no = town.taxpayer("etax");
    let lane = town.account(&[&tax_no]);
    town.faults(json!({"lost_answer": {"at": [1], "kind": "tax_filing"}}));
    let stage = Stage::open(&town).await;
    let _worker = stage.worker(&[]);
    let filing = Task::new("tax_filing", &tax_no, &[]).to(&lane);
    let next = Task::new("invoice_download", &tax_no, &[]).to(&lane);
    stage.publish(&[filing.clone(), next.clone()]).await;
    stage.until_all_ended(2).await;

    let row = stage.row(&filing).await;
    assert_eq!((row.state.as_str(), row.shown.as_str()), ("failed", "处理失败"), "{row:?}");
    assert!(row.unknown && row.reason.contains("需人工"), "{row:?}");
    assert_eq!(stage.row(&next).await.state, "done", "the tax number goes on");
    stage.until("the events have left", "NOT EXISTS (SELECT 1 FROM outbox)").await;
    assert_eq!(stage.take_all("gouxuan.failed").await.len(), 0, "it is not offered for a retry");

    let mut retry = filing.body.clone();
    retry["task_id"] = Uuid::from_u128(0xfeed).to_string().into();
    retry["retry_of"] = filing.id.to_string().into();
    stage.send("gouxuan.tasks", &lane.routing_key(), &Message::text(retry.to_string())).await;
    let rejected = stage.take("gouxuan.rejected", 1).await.remove(0);
    assert!(rejected.reason().contains("a person must check"), "{}", rejected.reason());
    let submits = stage.bureau.log().into_iter().filter(|entry| entry.op == "submit");
    assert_eq!(submits.filter(|entry| entry.kind == Some("tax_filing")).count(), 1);
}

/// On both channels, with each way of losing an answer: read back, and never sent twice with effect.
#[tokio::test]
async fn a_selection_whose_answer_is_lost_is_read_back() {
    let mut town = Town::new();
    let mut tasks = Vec::new();
    let mut tax_numbers = Vec::new();
    for (n, channel) in ["etax", "etax", "etax", "leqi"].into_iter().enumerate() {
        let tax_no = town.taxpayer(channel);
        let invoices = [town.invoice(&tax_no), town.invoice(&tax_no)];
        let select = Task::new("deduction_select", &tax_no, &[&invoices[0], &invoices[1]]);
        // If the lost selection were sent or landed after this, the pool would be wrong.
        let deselect = Task::new("deduction_deselect", &tax_no, &[&invoices[0]]);
        let lane = (n < 3).then(|| town.account(&[&tax_no]));
        tasks.push((select, deselect, lane));
        tax_numbers.push(tax_no);
    }
    town.faults(json!({
        "lost_answer": {"at": [1], "tax_no": tax_numbers[0]},
        "late_effect": {"at": [1], "tax_no": tax_numbers[1], "seconds": 2.0},
        "late_arrival": {"at": [1], "tax_no": tax_numbers[2], "seconds": 2.0},
    }));
    let stage = Stage::open(&town).await;
    let _worker = stage.worker(&["leqi.quiet_s=4"]);
    let selections: Vec<Task> = tasks
        .iter()
        .map(|(select, _, lane)| match lane {
            Some(lane) => select.clone().to(lane),
            None => select.clone(),
        })
        .collect();
    stage.publish(&selections).await;
    stage.until_all_ended(4).await;
    for select in &selections {
        let row = stage.row(select).await;
        assert_eq!((row.state.as_str(), row.succeeded.as_str()), ("done", "2"), "{row:?}");
        assert!(stage.ledger(select).await.values().all(|outcome| outcome == "succeeded"));
    }
    let deselections: Vec<Task> = tasks.iter().map(|(_, deselect, _)| deselect.clone()).collect();
    stage.publish(&deselections).await;
    stage.until_all_ended(8).await;
    for deselect in &deselections {
        let row = stage.row(deselect).await;
        assert_eq!((row.state.as_str(), row.succeeded.as_str()), ("done", "1"), "{row:?}");
    }
    let referee = stage.bureau.referee();
    assert_eq!(referee.duplicate_submissions, 0, "{referee:?}");
    assert_eq!((referee.tax_number_overlaps, referee.lane_overlaps), (0, 0), "{referee:?}");
    let log = stage.bureau.log();
    for fault in ["lost_answer", "late_effect", "late_arrival"] {
        assert!(log.iter().any(|entry| entry.fault.is_some_and(|f| f == fault)), "{fault} struck");
    }
    assert!(log.iter().any(|entry| entry.op == "read_back"), "it was read back");
}

/// 乐企 has no fence: "absent" counts only after the quiet time, within which the late one lands.
#[tokio::test]
async fn on_leqi_a_late_arrival_is_waited_for() {
    for (fault, seconds) in [("late_arrival", 2.0), ("late_effect", 2.0), ("lost_answer", 1.0)] {
        let mut town = Town::new();
        let tax_no = town.taxpayer("leqi");
        let invoice = town.invoice(&tax_no);
        town.faults(json!({fault: {"at": [1], "seconds": seconds}}));
        let stage = Stage::open(&town).await;
        let _worker = stage.worker(&["leqi.quiet_s=5"]);
        let select = Task::new("deduction_select", &tax_no, &[&invoice]);
        let next = Task::new("invoice_download", &tax_no, &[]);
        stage.publish(&[select.clone(), next]).await;
        stage.until_all_ended(2).await;
        let row = stage.row(&select).await;
        assert_eq!((row.state.as_str(), row.succeeded.as_str()), ("done", "1"), "{fault}: {row:?}");
        let referee = stage.bureau.referee();
        let bad = (referee.duplicate_submissions, referee.tax_number_overlaps);
        assert_eq!(bad, (0, 0), "{fault}: {referee:?}");
    }
}
