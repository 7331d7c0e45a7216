//! Batches over HTTP.

use crate::here::{Here, TAX_NO};
use serde_json::{Value, json};

fn batch(id: &str, invoices: &[&str]) -> Value {
    let invoices: Vec<Value> = invoices.iter().map(|no| json!({"invoice_no": no})).collect();
    json!({"batch_id": id, "purpose": "deduction", "tax_no": TAX_NO, "invoices": invoices})
}

const PATH: &str = "/api/v1/batches";
const INVOICE: &str = "23442000000164214335";

#[tokio::test]
async fn a_draft_is_looked_at_changed_submitted_and_called_off() {
    let here = Here::new().await;
    let mut draft = batch("月末/一", &[INVOICE]);
    draft["draft"] = true.into();
    let kept = here.post(PATH, draft.clone()).await;
    assert_eq!(kept.json["state"], "draft", "{:?}", kept.json);
    assert_eq!(kept.json["ways"][0]["online"], true);
    assert_eq!(kept.json["progress"]["tasks"], 0);
    let of = |rest: &str| format!("{PATH}/%E6%9C%88%E6%9C%AB%2F%E4%B8%80{rest}");
    let dropped = here.post(&of("/drop"), json!({"tax_no": TAX_NO})).await;
    assert_eq!(
        (&dropped.json["parts"][0]["dropped"], &dropped.json["tasks"]),
        (&json!(true), &json!(0))
    );
    here.post(&of("/submit"), json!(null)).await.refuses(409, "conflict", "every tax number");
    here.post(&of("/drop"), json!({"tax_no": TAX_NO, "dropped": false})).await;
    let nobody = json!({"tax_no": TAX_NO, "account": "nobody"});
    here.post(&of("/account"), nobody).await.refuses(409, "conflict", "电子税局账号nobody");
    let submitted = here.post(&of("/submit"), json!(null)).await;
    assert_eq!(submitted.json["state"], "submitted", "{:?}", submitted.json);
    assert_eq!(submitted.json["progress"]["by_state"]["queued"], 1);
    let lines = here.get(&of("/invoices?limit=1")).await;
    assert_eq!(lines.json["invoices"][0]["state"], "queued", "{:?}", lines.json);
    assert_eq!(lines.json["next"], Value::Null);
    here.post(&of("/drop"), json!({"tax_no": TAX_NO})).await.refuses(
        409,
        "conflict",
        "the batch is",
    );
    let note = json!({"by": "李", "reason": "误选"});
    let called_off = here.post(&of("/cancel"), note).await;
    assert_eq!(called_off.json, json!({"state": "submitted", "cancelled": 1, "too_late": 0}));
    let again = json!({"batch_id": "b-2"});
    here.post(&of("/again"), again).await.refuses(409, "conflict", "nothing of batch");
    let listed = here.get(&format!("{PATH}?state=submitted")).await;
    assert_eq!(listed.json["batches"][0]["batch_id"], "月末/一");
}

#[tokio::test]
async fn a_login_of_a_batch_turns_its_account_on_line() {
    let here = Here::new().await;
    let mut draft = batch("b", &[INVOICE]);
    draft["draft"] = true.into();
    here.post(PATH, draft).await;
    let note = json!({"by": "李", "reason": "午休"});
    let logout =
        json!({"bureau": "440300", "account": "13800000001", "by": "李", "reason": "午休"});
    here.post("/api/v1/lanes/logout", logout).await;
    let offline = here.get(&format!("{PATH}/b")).await;
    assert_eq!(offline.json["ways"][0]["online"], false, "{:?}", offline.json);
    let mut login = note.clone();
    login["tax_no"] = TAX_NO.into();
    let told = here.post(&format!("{PATH}/b/login"), login.clone()).await;
    assert_eq!(told.json["counted"], true, "{:?}", told.json);
    let online = here.get(&format!("{PATH}/b")).await;
    assert_eq!(online.json["ways"][0]["online"], true);
    login["tax_no"] = "91440300059187213B".into();
    here.post(&format!("{PATH}/b/login"), login).await.refuses(409, "conflict", "the batch has");
}

#[tokio::test]
async fn a_batch_that_cannot_be_is_refused_and_nothing_is_kept() {
    let here = Here::new().await;
    for (body, code, sentence) in [
        (json!({}), "malformed", "batch_id: is missing"),
        (json!([]), "malformed", "batch: "),
        (batch("b", &["404"]), "malformed", "invoices[0]: 404: 发票不存在"),
        (batch("b", &[]), "malformed", "invoices: has 0"),
    ] {
        here.post(PATH, body).await.refuses(400, code, sentence);
    }
    here.get(&format!("{PATH}/b")).await.refuses(404, "no_such_batch", "there is no batch b");
    here.post(PATH, batch("b", &[INVOICE])).await;
    let mut other = batch("b", &[INVOICE]);
    other["purpose"] = "rebate".into();
    here.post(PATH, other).await.refuses(409, "conflict", "batch_id: was used for another");
    here.get(&format!("{PATH}?limit=0")).await.refuses(400, "malformed", "limit: ");
}
