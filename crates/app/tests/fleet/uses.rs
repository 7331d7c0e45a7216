//! What the pool says after the bureau has answered: what was decided, and how the bureau uses it.

use crate::{
    process::{run, succeed},
    stage::{Stage, Task},
    town::Town,
};
use domain::{ids::TaskId, kind::Kind};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What stands of each invoice of this tax number: `selection purpose reason text period entry`.
async fn pool(stage: &Stage, tax_no: &str) -> BTreeMap<String, String> {
    let rows = format!(
        "SELECT v.number, concat_ws(' ', v.selection, coalesce(v.purpose, '-'),
                coalesce(v.non_deduction_reason, '-'),
                CASE v.non_deduction_text WHEN '' THEN '-' ELSE v.non_deduction_text END,
                CASE WHEN v.period IS NULL THEN '-' ELSE 'period' END, v.entry_state)
           FROM invoice v JOIN taxpayer t ON t.id = v.tax_id WHERE t.tax_no = '{tax_no}'"
    );
    let rows = stage.database.rows(&rows).await.expect("the pool can be read");
    rows.into_iter().map(|row| (row[0].clone(), row[1].clone())).collect()
}

fn number(invoice: &Value) -> &str {
    invoice["invoice_no"].as_str().expect("a number")
}

fn child(task: &Task) -> TaskId {
    TaskId(task.id).child(Kind::InvoiceUseQuery)
}

#[tokio::test]
async fn a_selection_leaves_purpose_reason_and_period_and_its_undoing_clears_them() {
    let mut town = Town::new();
    let tax_numbers = [town.taxpayer("etax"), town.taxpayer("leqi")];
    let lane = town.account(&[&tax_numbers[0]]);
    let mut invoices = Vec::new();
    for tax_no in &tax_numbers {
        let mut invoice = town.invoice(tax_no);
        invoice["non_deduction_reason"] = "5".into();
        invoice["non_deduction_text"] = "赠送客户".into();
        invoices.push(invoice);
    }
    let stage = Stage::open(&town).await;
    let _worker = stage.worker(&[]);
    let task = |kind: &str, n: usize| {
        let task = Task::new(kind, &tax_numbers[n], &[&invoices[n]]);
        if n == 0 { task.to(&lane) } else { task }
    };
    let tasks = [task("non_deduction_select", 0), task("non_deduction_select", 1)];
    stage.publish(&tasks).await;
    stage.until_all_ended(2).await;
    for (tax_no, invoice) in tax_numbers.iter().zip(&invoices) {
        let expected = "selected non_deduction 5 赠送客户 period not_entered";
        assert_eq!(pool(&stage, tax_no).await[number(invoice)], expected, "{tax_no}");
    }
    stage.publish(&[task("non_deduction_deselect", 0), task("non_deduction_deselect", 1)]).await;
    stage.until_all_ended(4).await;
    for (tax_no, invoice) in tax_numbers.iter().zip(&invoices) {
        let expected = "unselected - - - - not_entered";
        assert_eq!(pool(&stage, tax_no).await[number(invoice)], expected, "{tax_no}");
    }
    let of_etax = format!("SELECT count(*) FROM task_log WHERE task_id = '{}'", child(&tasks[0]));
    assert_eq!(stage.value(&of_etax).await, "0", "only after an upload to 乐企");
}

/// What the messages name was over when they came.
#[tokio::test]
async fn a_selection_counts_for_the_bureaus_current_period_whatever_its_message_names() {
    let mut town = Town::new();
    let tax_numbers = [town.taxpayer("etax"), town.taxpayer("leqi")];
    let lane = town.account(&[&tax_numbers[0]]);
    let invoices = tax_numbers.each_ref().map(|tax_no| town.invoice(tax_no));
    let stage = Stage::open(&town).await;
    let _worker = stage.worker(&[]);
    let task = |n: usize| {
        let task = Task::new("deduction_select", &tax_numbers[n], &[&invoices[n]])
            .with("tax_period", "202510");
        if n == 0 { task.to(&lane) } else { task }
    };
    stage.publish(&[task(0), task(1)]).await;
    stage.until_all_ended(2).await;
    for tax_no in &tax_numbers {
        let period = format!(
            "SELECT concat_ws(' ', v.selection, v.period = t.period, v.period <> 202510)
               FROM invoice v JOIN taxpayer t ON t.id = v.tax_id WHERE t.tax_no = '{tax_no}'"
        );
        assert_eq!(stage.value(&period).await, "selected t t", "{tax_no}");
    }
}

/// The period was known to the worker alone that had asked the bureau before it submitted.
#[tokio::test]
async fn a_selection_whose_worker_died_leaves_its_period_too() {
    let mut town = Town::new();
    let tax_no = town.taxpayer("etax");
    let lane = town.account(&[&tax_no]);
    let invoice = town.invoice(&tax_no);
    town.outcomes_take(1500, 1500);
    let stage = Stage::open(&town).await;
    let mut first = stage.worker(&["lease_s=3"]);
    let task = Task::new("deduction_select", &tax_no, &[&invoice]).to(&lane);
    stage.publish(std::slice::from_ref(&task)).await;
    stage.until("it is at work", "count(*) = 1 FROM submission WHERE proof = 'receipt'").await;
    first.kill().await;
    assert_eq!(stage.row(&task).await.state, "awaiting");
    let _second = stage.worker(&["lease_s=3"]);
    stage.until_all_ended(1).await;
    let expected = "selected deduction - - period not_entered";
    assert_eq!(pool(&stage, &tax_no).await[number(&invoice)], expected);
}

/// Self-use tells how an invoice stands in the books; the query is a task of its own.
#[tokio::test]
async fn after_an_upload_to_leqi_a_child_reads_the_use_and_the_books() {
    let mut town = Town::new();
    let tax_no = town.taxpayer("leqi");
    let invoices = [town.invoice(&tax_no), town.invoice(&tax_no), town.invoice(&tax_no)];
    let stage = Stage::open(&town).await;
    let _worker = stage.worker(&[]);
    for (invoice, state) in invoices.iter().zip(["entered", "withdrawn"]) {
        let entry = json!({"entry": {"invoice_no": number(invoice), "state": state}});
        stage.bureau.control(&entry).expect("the bureau follows");
    }
    let select = Task::new("deduction_select", &tax_no, &invoices.iter().collect::<Vec<_>>())
        .with("submitted_by", "erp-01");
    stage.publish(std::slice::from_ref(&select)).await;
    stage.until_all_ended(1).await;

    let row = format!(
        "SELECT concat_ws(' ', kind, class, state, invoices_succeeded, submitted_by,
                coalesce(batch_id, '-'))
           FROM task_log WHERE task_id = '{}'",
        child(&select)
    );
    assert_eq!(stage.value(&row).await, "invoice_use_query data_download done 3 erp-01 -");
    let body = format!("SELECT body FROM task_body WHERE task_id = '{}'", child(&select));
    let body: Value = serde_json::from_str(&stage.value(&body).await).expect("JSON");
    assert_eq!(body["parameters"], json!({"parent": select.id}));
    let pool = pool(&stage, &tax_no).await;
    let states = invoices.iter().map(|invoice| pool[number(invoice)].clone());
    let expected = ["entered", "withdrawn", "not_entered"];
    assert!(
        states.eq(expected.map(|entry| format!("selected deduction - - period {entry}"))),
        "{pool:?}"
    );
    let uses = stage.bureau.log().into_iter().filter(|entry| entry.op == "use");
    let asked = uses.filter(|entry| entry.task_id == child(&select).to_string()).count();
    assert_eq!(asked, 3, "one invoice a call");
}

/// Two invoices were selected elsewhere, one of them for another purpose, and everything is answered
/// with 06: the use decides, and the pool has it, also where it is not as wanted.
#[tokio::test]
async fn a_storm_of_06_over_500_invoices_ends_with_the_bureaus_truth_in_the_pool() {
    let mut town = Town::new();
    let tax_no = town.taxpayer("leqi");
    let invoices: Vec<Value> = (0..500).map(|_| town.invoice(&tax_no)).collect();
    let all: Vec<&Value> = invoices.iter().collect();
    let stage = Stage::open(&town).await;
    let _worker = stage.worker(&[]);
    // By hand, as it were: the pool is then made to forget it.
    let elsewhere = [
        Task::new("deduction_select", &tax_no, &all[..499]),
        Task::new("non_deduction_select", &tax_no, &[&with_reason(&invoices[499])]),
    ];
    stage.publish(&elsewhere).await;
    stage.until_all_ended(2).await;
    let forget = "UPDATE invoice SET selection = 'unselected', period = NULL, purpose = NULL,
                         non_deduction_reason = NULL RETURNING 1";
    stage.database.rows(forget).await.expect("the pool forgets");
    stage
        .bureau
        .control(&json!({"faults": {"already_selected_storm": {"probability": 1.0}, "reset": {"probability": 0.01}}}))
        .expect("the bureau follows");
    let select = Task::new("deduction_select", &tax_no, &all);
    stage.publish(std::slice::from_ref(&select)).await;
    stage.until_all_ended(3).await;

    let row = stage.row(&select).await;
    assert_eq!((row.state.as_str(), row.succeeded.as_str()), ("done", "499"), "{row:?}");
    let ledger = stage.ledger(&select).await;
    assert_eq!(ledger[number(&invoices[499])], "refused");
    let pool = pool(&stage, &tax_no).await;
    for invoice in &invoices[..499] {
        assert_eq!(pool[number(invoice)], "selected deduction - - period not_entered");
    }
    let other = "selected non_deduction - - period not_entered";
    assert_eq!(pool[number(&invoices[499])], other, "as the bureau has it");
    let none = format!("SELECT count(*) FROM task_log WHERE task_id = '{}'", child(&select));
    assert_eq!(stage.value(&none).await, "0", "what the selection has read is not asked again");
    assert_eq!(stage.value("SELECT count(*) FROM invoice_hold").await, "0");
}

fn with_reason(invoice: &Value) -> Value {
    let mut invoice = invoice.clone();
    invoice["non_deduction_reason"] = "3".into();
    invoice
}

/// What was changed at the bureau behind our back is found when a person asks.
#[tokio::test]
async fn a_person_has_invoices_read_anew() {
    let mut town = Town::new();
    let tax_numbers = [town.taxpayer("etax"), town.taxpayer("leqi")];
    let lane = town.account(&[&tax_numbers[0]]);
    let invoices = [town.invoice(&tax_numbers[0]), town.invoice(&tax_numbers[1])];
    let stage = Stage::open(&town).await;
    let (_worker, address) = stage.console(&[]).await;
    let tasks = [
        Task::new("deduction_select", &tax_numbers[0], &[&invoices[0]]).to(&lane),
        Task::new("deduction_select", &tax_numbers[1], &[&invoices[1]]),
    ];
    stage.publish(&tasks).await;
    stage.until_all_ended(2).await;
    let period = stage.value("SELECT period FROM invoice LIMIT 1").await;
    let wrong = "UPDATE invoice SET purpose = 'rebate' RETURNING 1";
    stage.database.rows(wrong).await.expect("the pool is wrong");
    for (tax_no, which) in [
        (&tax_numbers[0], vec![number(&invoices[0])]),
        (&tax_numbers[1], vec!["--period", &period]),
    ] {
        let mut words =
            vec!["invoice", "resync", "--tax-no", tax_no, "--by", "王会计", "--listen", &address];
        words.extend(which);
        let said = succeed(&words).await;
        assert!(said.contains("1 invoices in 1 tasks"), "{said}");
    }
    let all = "count(*) = 2 FROM task_log WHERE submitted_by = '王会计' AND state = 'done'";
    stage.until("both are read", all).await;
    for (tax_no, invoice) in tax_numbers.iter().zip(&invoices) {
        let expected = "selected deduction - - period not_entered";
        assert_eq!(pool(&stage, tax_no).await[number(invoice)], expected);
    }
    let words = ["invoice", "resync", "--tax-no", &tax_numbers[0], "1", "--listen", &address];
    let output = run(&words).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("is in the pool"), "{said}");
}
