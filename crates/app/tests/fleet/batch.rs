//! Batches on real servers: from a person's request to what came of each invoice.

use crate::{process::succeed, stage::Stage, town::Town};
use serde_json::{Value, json};
use std::{collections::BTreeMap, io::Write};

/// What a command prints, one object a line.
async fn asked(arguments: &[&str], address: &str) -> Vec<Value> {
    let said = succeed(&[arguments, &["--json", "--listen", address]].concat()).await;
    said.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

async fn create(batch: &Value, address: &str) -> Value {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(batch.to_string().as_bytes()).expect("written");
    let path = file.path().to_str().expect("a path").to_owned();
    asked(&["batch", "create", &path], address).await.remove(0)
}

fn invoice(tax_no: &str, of: &Value) -> Value {
    json!({"tax_no": tax_no, "invoice_no": of["invoice_no"]})
}

/// 30 invoices of three tax numbers, on both channels; one of them the bureau refuses, one tax
/// number has a bad one and fails whole. What failed at the bureau is selected again.
#[tokio::test]
async fn a_batch_is_split_run_and_what_failed_is_selected_again() {
    let mut town = Town::new();
    let (etax, leqi, spoilt) =
        (town.taxpayer("etax"), town.taxpayer("leqi"), town.taxpayer("etax"));
    town.account(&[&etax, &spoilt]);
    let mut invoices = Vec::new();
    for tax_no in [&etax, &leqi, &spoilt] {
        invoices.extend((0..10).map(|_| {
            let of = town.invoice(tax_no);
            invoice(tax_no, &of)
        }));
    }
    town.spoil(&invoices[25]["invoice_no"]);
    let stage = Stage::open(&town).await;
    let (_worker, address) = stage.console(&["batch.size=4"]).await;
    let refused = json!({"invoice": {"invoice_no": invoices[3]["invoice_no"], "cljg": "03"}});
    stage.bureau.control(&refused).expect("the bureau follows");
    let batch = json!({"batch_id": "month end", "purpose": "deduction", "invoices": invoices});
    let made = create(&batch, &address).await;
    assert_eq!((&made["state"], &made["tasks"]), (&json!("submitted"), &json!(9)), "{made}");
    let again = create(&batch, &address).await;
    assert_eq!(again["created_at"], made["created_at"], "asked twice, made once");
    stage.until_all_ended(9).await;

    let view = asked(&["batch", "show", "month end"], &address).await.remove(0);
    assert_eq!(view["progress"]["by_state"], json!({"done": 6, "refused": 3}), "{view}");
    assert_eq!(view["progress"]["succeeded"], 19);
    assert_eq!(view["progress"]["estimated_end"], Value::Null);
    let lines = asked(&["batch", "invoices", "month end"], &address).await;
    let outcomes: Vec<&str> =
        lines.iter().map(|line| line["outcome"].as_str().expect("an outcome")).collect();
    assert_eq!(outcomes.iter().filter(|one| **one == "succeeded").count(), 19);
    assert_eq!(outcomes[3], "refused");
    let culprit = lines[25]["sentence"].as_str().expect("a sentence");
    assert!(culprit.starts_with("只允许勾选发票状态为“正常”和“部分红冲”的发票"), "{culprit}");
    assert_eq!(lines[26]["sentence"], "同一任务中有其他发票未通过校验，本发票未提交。");

    let accepts = json!({"invoice": {"invoice_no": invoices[3]["invoice_no"], "cljg": null}});
    stage.bureau.control(&accepts).expect("the bureau follows");
    let arguments = ["batch", "again", "month end", "--as", "once more", "--draft"];
    let more = asked(&arguments, &address).await.remove(0);
    let parts = more["parts"].as_array().expect("parts").iter();
    let sizes: Vec<_> = parts.map(|part| part["invoices"].as_u64().expect("a count")).collect();
    assert_eq!(sizes, [1, 10], "{more}");
    asked(&["batch", "drop", "once more", &spoilt], &address).await;
    asked(&["batch", "submit", "once more"], &address).await;
    stage.until_all_ended(10).await;
    let selected = "SELECT count(*) FROM invoice WHERE selection = 'selected'";
    assert_eq!(stage.value(selected).await, "20");
    let told =
        stage.value("SELECT string_agg(tasks || '/' || ended, ',' ORDER BY batch_id) FROM batch");
    assert_eq!(told.await, "9/9,1/1");
}

/// Two batches that share invoices, asked for at the same moment by two processes.
#[tokio::test]
async fn batches_that_share_invoices_share_no_task() {
    let mut town = Town::new();
    let tax_no = town.taxpayer("etax");
    town.account(&[&tax_no]);
    let invoices: Vec<Value> = (0..200)
        .map(|_| {
            let of = town.invoice(&tax_no);
            invoice(&tax_no, &of)
        })
        .collect();
    let stage = Stage::open(&town).await;
    let (_first, one) = stage.console(&["batch.size=10"]).await;
    let (_second, other) = stage.console(&["batch.size=10"]).await;
    let batch = |id: &str| json!({"batch_id": id, "purpose": "deduction", "invoices": invoices});
    let (first, second) = (batch("one"), batch("other"));
    tokio::join!(create(&first, &one), create(&second, &other));
    stage.until_all_ended(40).await;
    let figures = "SELECT string_agg(state || ' ' || count, ', ' ORDER BY state) FROM
        (SELECT state, count(*) FROM task_log GROUP BY state) f";
    assert_eq!(stage.value(figures).await, "done 20, refused 20");
    let twice = "SELECT count(*) FROM (SELECT invoice_no FROM ledger WHERE outcome = 'succeeded'
        GROUP BY invoice_no HAVING count(*) > 1) t";
    assert_eq!(stage.value(twice).await, "0");
    assert_eq!(stage.value("SELECT count(*) FROM invoice_hold").await, "0");
}

/// The same, but the tasks of the one cross those of the other, on both channels: whoever loses an
/// invoice is told so for that invoice.
#[tokio::test]
async fn of_batches_that_cross_the_loser_has_a_sentence_for_each_invoice() {
    const HELD: &str = "发票勾选状态不是未勾选或预勾选，不能勾选，请先从税局下载更新";
    const BESIDE: &str = "同一任务中有其他发票未通过校验，本发票未提交。";
    let mut town = Town::new();
    let tax_numbers = [town.taxpayer("etax"), town.taxpayer("etax"), town.taxpayer("leqi")];
    town.account(&[&tax_numbers[0]]);
    town.account(&[&tax_numbers[1]]);
    let mut invoices: Vec<Value> = Vec::new();
    for tax_no in &tax_numbers {
        invoices.extend((0..100).map(|_| {
            let of = town.invoice(tax_no);
            invoice(tax_no, &of)
        }));
    }
    let stage = Stage::open(&town).await;
    let (_first, one) = stage.console(&["batch.size=10"]).await;
    let (_second, other) = stage.console(&["batch.size=10"]).await;
    let batch = |id: &str, invoices: &[Value]| json!({"batch_id": id, "purpose": "deduction", "invoices": invoices});
    let first = batch("one", &invoices);
    invoices.rotate_left(5);
    let second = batch("other", &invoices);
    tokio::join!(create(&first, &one), create(&second, &other));
    let over = "count(*) = 2 AND bool_and(tasks > 0 AND ended = tasks) FROM batch";
    stage.until("both are over", over).await;
    let mut won: BTreeMap<String, usize> = BTreeMap::new();
    for id in ["one", "other"] {
        let lines = asked(&["batch", "invoices", id], &one).await;
        assert_eq!(lines.len(), 300, "each invoice of \"{id}\" has its line");
        for line in lines {
            let number = line["key"]["number"].as_str().expect("a number").to_owned();
            let wins = won.entry(number).or_default();
            match line["outcome"].as_str() {
                Some("succeeded") => *wins += 1,
                _ => assert!([HELD, BESIDE].map(Value::from).contains(&line["sentence"]), "{line}"),
            }
        }
    }
    assert_eq!(won.len(), 300);
    assert!(won.values().all(|wins| *wins <= 1), "an invoice was selected twice");
    assert!(won.values().any(|wins| *wins == 1), "somebody has won");
    let selected = stage.bureau.invoices().into_iter().filter(|one| one.period.is_some());
    assert_eq!(selected.count(), won.values().sum::<usize>(), "as the bureau has it");
    stage
        .until("what followed is over", "count(*) = 0 FROM task_log WHERE finished_at IS NULL")
        .await;
    assert_eq!(stage.value("SELECT count(*) FROM invoice_hold").await, "0");
    assert_eq!(stage.bureau.referee().duplicate_submissions, 0);
}
