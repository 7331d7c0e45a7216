//! Settlements leave the rows of the pool where they are: an update that touches no index is HOT,
//! and costs neither a new entry in every index nor their vacuum.

use crate::stage::{Stage, TAX_A, done};
use domain::{
    ids::Slot,
    invoice::{Mark, PoolChange},
    world::World,
};
use fleet::ports::{
    log::{Pick, TaskLog, Verdict},
    roster::Roster,
};

/// Invoices of one task: as many as there may be.
const INVOICES: usize = 500;

fn numbers(task: usize) -> Vec<String> {
    (0..INVOICES).map(|n| format!("{}", 100_000 + task * INVOICES + n)).collect()
}

async fn import(stage: &Stage) {
    let invoice = |number: String| {
        serde_json::json!({
            "buyer_tax_no": TAX_A, "invoice_type": "27", "invoice_no": number,
            "invoice_date": "2025-11-01", "amount": "100.00", "tax": "6.00",
        })
    };
    let invoices: Vec<_> = (0..2).flat_map(numbers).map(invoice).collect();
    let buyer = serde_json::json!({"tax_no": TAX_A, "bureau": "440300"});
    let file = serde_json::json!({"taxpayers": [buyer], "accounts": [], "invoices": invoices});
    let world = World::parse(file.to_string().as_bytes()).expect("the world is well formed");
    stage.store.import(&world, 4).await.expect("the world is imported");
}

/// Settles a selection of half of the invoices.
async fn settle(stage: &Stage, kind: &str, task: usize) {
    let numbers = numbers(task);
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let task = stage.task(kind, stage.first, stage.a, &numbers);
    let id = task.message.task_id;
    stage.store.append(std::slice::from_ref(&task)).await.expect("it is logged");
    let work =
        stage.start(&Pick { task: id, lane: stage.first, tax: stage.a, slot: Slot(0) }).await;
    let period = "202511".parse().ok();
    let marked = work.message.invoices.iter().map(|invoice| {
        let mark = Mark::left_by(work.message.kind, invoice, period).expect("it marks");
        PoolChange::marked(invoice.key.clone(), mark)
    });
    let mut verdict = done();
    if let Verdict::Final { pool, .. } = &mut verdict {
        pool.extend(marked);
    }
    stage.settle(&work, verdict).await;
}

#[tokio::test]
async fn a_thousand_selections_are_settled_without_touching_an_index() {
    let stage = Stage::new().await;
    import(&stage).await;
    for task in 0..2 {
        settle(&stage, "non_deduction_select", task).await;
    }
    let selected = "SELECT count(*) FROM invoice
                     WHERE selection = 'selected' AND purpose = 'non_deduction'
                       AND non_deduction_reason = '3' AND period IS NOT NULL";
    assert_eq!(stage.count(selected).await, 1_000);
    // What a session did is counted when it ends, at the latest.
    stage.store.close().await;
    let updated = "SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = 'invoice'";
    while stage.count(updated).await < 1_000 {
        tokio::task::yield_now().await;
    }
    let hot = "SELECT n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'invoice'";
    assert_eq!((stage.count(updated).await, stage.count(hot).await), (1_000, 1_000));
}
