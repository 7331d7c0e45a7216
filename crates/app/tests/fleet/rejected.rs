//! Messages that cannot be taken.

use crate::{
    stage::{Message, Stage, Task},
    town::Town,
};
use serde_json::json;

#[tokio::test]
async fn a_malformed_message_of_each_sort_is_rejected_with_its_reason_and_the_rest_goes_on() {
    let mut town = Town::new();
    let tax_no = town.taxpayer("etax");
    let lane = town.account(&[&tax_no]);
    let invoice = town.invoice(&tax_no);
    let stage = Stage::open(&town).await;
    let _worker = stage.worker(&[]);
    let first = Task::new("invoice_download", &tax_no, &[]).to(&lane);
    stage.publish(std::slice::from_ref(&first)).await;
    stage.until_all_ended(1).await;

    let sorts = sorts(&first, &tax_no, &invoice);
    let key = lane.routing_key();
    for (n, (message, _)) in sorts.iter().enumerate() {
        // By the lane's queue and by the intake, in turn.
        stage.send("gouxuan.tasks", if n % 2 == 0 { &key } else { "intake" }, message).await;
    }
    let last = Task::new("deduction_select", &tax_no, &[&invoice]).to(&lane);
    stage.publish(std::slice::from_ref(&last)).await;
    stage.until_all_ended(2).await;

    assert_eq!(stage.row(&last).await.state, "done");
    let rejected = stage.take("gouxuan.rejected", sorts.len()).await;
    for (message, part) in &sorts {
        let found = rejected.iter().find(|one| one.body == message.body);
        let found =
            found.unwrap_or_else(|| panic!("{} is among the rejected", clip(&message.body)));
        assert!(found.reason().contains(part), "{part}: {}", found.reason());
    }
    assert_eq!(stage.value("SELECT count(*) FROM task_log").await, "2", "nothing else is logged");
}

fn clip(text: &str) -> String {
    text.chars().take(80).collect()
}

/// Each with a part of its reason.
fn sorts(used: &Task, tax_no: &str, invoice: &serde_json::Value) -> Vec<(Message, &'static str)> {
    let fresh = |kind: &str| Task::new(kind, tax_no, &[invoice]);
    let json = |task: Task| Message::text(task.body.to_string());
    let without = |field: &str| {
        let mut task = fresh("deduction_select");
        task.body.as_object_mut().expect("an object").remove(field);
        json(task)
    };
    let with_invoice = |field: &str, value: &str| {
        let mut task = fresh("deduction_select");
        task.body["invoices"][0][field] = value.into();
        json(task)
    };
    let many: Vec<_> = (0..501)
        .map(|n| json!({"invoice_type": "27", "invoice_no": format!("2544{n:016}")}))
        .collect();
    let other_body = fresh("invoice_download").with("task_id", used.id.to_string());
    vec![
        (Message::text("no JSON at all"), "body"),
        (Message::text("[1, 2]"), "body"),
        (Message::text(""), "body"),
        (Message::bytes("/w=="), "body"),
        (without("task_id"), "task_id"),
        (without("kind"), "kind"),
        (without("tax_no"), "tax_no"),
        (json(fresh("deduction_select").with("task_id", "7")), "task_id"),
        (json(fresh("no_such_kind")), "kind"),
        (json(fresh("deduction_select").with("tax_no", "lower-case")), "tax_no"),
        (json(fresh("deduction_select").with("bureau", "999999")), "bureau"),
        (json(fresh("deduction_select").with("not_before", "tomorrow")), "not_before"),
        (json(fresh("deduction_select").with("invoices", json!([]))), "invoices"),
        (json(fresh("deduction_select").with("invoices", many)), "invoices"),
        (with_invoice("amount", "12.345"), "invoices[0].amount"),
        (with_invoice("invoice_date", "2025-13-01"), "invoices[0].invoice_date"),
        (json(fresh("deduction_select").with("note", "x".repeat(1 << 20))), "body"),
        (json(other_body), "task_id: was used for another task"),
        (
            json(
                fresh("deduction_select").with("retry_of", "0193f3a2-7c1e-7b7a-9d53-0c2f6f1f0a11"),
            ),
            "retry_of",
        ),
    ]
}
