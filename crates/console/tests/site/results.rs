//! Results: the ledger, exports, asking for a result now.

use crate::here::{Here, TAX_NO};
use console::{Client, InvoiceQuery, LedgerQuery, TaskQuery};
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn the_ledger_tells_what_became_of_each_invoice() {
    let here = Here::new().await;
    let task = here.refused(1).await;
    let found = here.get("/api/v1/ledger?number=404&outcome=refused").await;
    let line = &found.json["lines"][0];
    assert_eq!((&line["task_id"], &line["tax_no"]), (&json!(task), &json!(TAX_NO)), "{found:?}");
    assert_eq!(line["reason"], "发票不存在，请先从税局下载或是上传");
    assert_eq!(found.json["next"], json!(null));
    assert_eq!(here.get("/api/v1/ledger?outcome=succeeded").await.json["lines"], json!([]));
    for (query, sentence) in [
        ("outcome=good", "outcome: \"good\": write one of succeeded"),
        ("task_id=7", "task_id: "),
        ("from=today", "from: \"today\""),
        ("after=7", "after: "),
        ("colour=red", "query: "),
    ] {
        let path = format!("/api/v1/ledger?{query}");
        here.get(&path).await.refuses(400, "malformed", sentence);
    }
}

#[tokio::test]
async fn pool_log_and_ledger_are_exported() {
    let here = Here::new().await;
    here.refused(1).await;
    let client = Client::here(here.site.clone(), "root");
    let files = [
        client.export_invoices(&InvoiceQuery::default()).await,
        client.export_tasks(&TaskQuery::default()).await,
        client.export_ledger(&LedgerQuery::default()).await,
    ];
    for file in files {
        assert!(file.expect("a file").starts_with(b"PK"), "a package");
    }
    let path = "/api/v1/exports/tasks.xlsx?state=flying";
    here.get(path).await.refuses(400, "malformed", "state: \"flying\"");
}

#[tokio::test]
async fn a_result_that_cannot_be_asked_for_says_why() {
    let here = Here::new().await;
    let (waiting, ended) = (here.waiting(1).await, here.refused(2).await);
    let asked = json!({"tasks": [waiting, ended, Uuid::from_u128(9)]});
    let answer = here.post("/api/v1/tasks/ask", asked).await;
    assert_eq!(answer.json["not_asked"], 3);
    let reason = |at: usize| answer.json["tasks"][at]["reason"].as_str().unwrap_or("").to_owned();
    assert_eq!(reason(0), "it is queued: nothing was sent that could be asked about");
    assert_eq!(reason(1), "it has ended: it is refused");
    assert!(reason(2).starts_with("no task "), "{}", reason(2));
    here.post("/api/v1/tasks/ask", json!({"tasks": []})).await.refuses(400, "malformed", "tasks: ");
}
