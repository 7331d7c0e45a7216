//! Taxpayers and accounts, looked at and changed.

use crate::here::{Answer, Here, TAX_NO};
use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::{Value, json};

const ACCOUNT: &str = "/api/v1/accounts/440300/13800000001";

async fn put(here: &Here, path: &str, mut body: Value) -> Answer {
    body["by"] = json!("李");
    body["reason"] = json!("核对");
    let request = Request::builder().method(Method::PUT).uri(path);
    let request = request.header("content-type", "application/json");
    let request = request.body(Body::from(body.to_string())).expect("a request");
    Answer::of(here.router(), request).await
}

async fn post(here: &Here, path: &str, mut body: Value) -> Answer {
    body["by"] = json!("李");
    body["reason"] = json!("核对");
    here.post(path, body).await
}

fn taxpayer() -> String {
    format!("/api/v1/taxpayers/{TAX_NO}")
}

async fn version(here: &Here, path: &str) -> Value {
    here.get(path).await.json["version"].clone()
}

#[tokio::test]
async fn a_taxpayer_is_found_shown_and_changed() {
    let here = Here::new().await;
    let found = here.get("/api/v1/taxpayers?bureau=440300&channel=etax&paused=false").await;
    assert_eq!(found.json["taxpayers"][0]["tax_no"], TAX_NO, "{found:?}");
    let shown = here.get(&taxpayer()).await.json;
    assert_eq!(shown["accounts"][0]["account"], "13800000001");
    assert_eq!(shown["accounts"][0]["receives"], true);
    assert_eq!((&shown["accounts"][0]["online"], &shown["period"]), (&json!(true), &Value::Null));

    let asked = json!({"kind": "small_scale", "name": "甲", "version": shown["version"]});
    let done = put(&here, &taxpayer(), asked.clone()).await;
    assert_eq!(
        (&done.json["before"]["kind"], &done.json["after"]["kind"]),
        (&json!("general"), &json!("small_scale")),
        "{done:?}"
    );
    assert_eq!(done.json["after"]["bureau"], "440300", "what is left out stays");
    put(&here, &taxpayer(), asked).await.refuses(409, "conflict", "tax number 9144");
    // The rules heed it at once.
    let task = json!({"task_id": uuid::Uuid::from_u128(1), "kind": "deduction_select",
        "tax_no": TAX_NO, "invoices": [{"invoice_type": "27", "invoice_no": "23442000000164214335"}]});
    let answer = here.post("/api/v1/tasks", task).await;
    assert!(answer.text.contains("小规模纳税人"), "{answer:?}");
    let retry = here.post("/api/v1/tasks/retry", json!({"filter": {}})).await;
    assert_eq!(retry.json["retried"][0]["retry"], Value::Null, "{retry:?}");
}

#[tokio::test]
async fn what_decides_lanes_waits_for_tasks() {
    let here = Here::new().await;
    let task = here.waiting(1).await;
    let asked = json!({"channel": "leqi", "version": version(&here, &taxpayer()).await});
    let said = put(&here, &taxpayer(), asked.clone()).await;
    said.refuses(409, "conflict", &format!("tax number {TAX_NO} has 1 unfinished tasks"));
    let stop = json!({"tax_no": TAX_NO, "version": version(&here, ACCOUNT).await});
    let path = format!("{ACCOUNT}/unserve");
    let said = post(&here, &path, stop.clone()).await;
    said.refuses(409, "conflict", "1 unfinished tasks of tax number");
    let cancel = json!({"tasks": [task], "by": "李", "reason": "误发"});
    here.post("/api/v1/tasks/cancel", cancel).await;
    assert_eq!(put(&here, &taxpayer(), asked).await.json["after"]["channel"], "leqi");
    let lanes = here.get("/api/v1/lanes").await.json;
    assert!(lanes.to_string().contains("\"leqi\""), "{lanes}");
    let done = post(&here, &path, stop).await;
    assert_eq!(done.json["after"]["tax_numbers"], 0, "{done:?}");
    let audited = here.site.store.audited(2).await.expect("a store");
    assert_eq!(audited[0].action, "unserve");
    assert_eq!(audited[0].subject, format!("account 440300.13800000001, tax number {TAX_NO}"));
}

#[tokio::test]
async fn accounts_and_taxpayers_are_made() {
    let here = Here::new().await;
    let path = "/api/v1/taxpayers/91440300MA5G9GK000";
    put(&here, path, json!({"name": "乙"})).await.refuses(400, "malformed", "bureau: is missing");
    let made = put(&here, path, json!({"name": "乙", "bureau": "440305"})).await;
    assert_eq!(
        (&made.json["before"], &made.json["after"]["bureau"]),
        (&Value::Null, &json!("440300"))
    );
    put(&here, path, json!({"bureau": "440300"})).await.refuses(409, "conflict", "tax number");

    let account = "/api/v1/accounts/440300/second";
    let made = put(&here, account, json!({"login": "manual"})).await;
    assert_eq!(made.json["after"]["online"], false, "{made:?}");
    let serve = json!({"tax_no": "91440300MA5G9GK000", "may": ["issue"],
        "default_business": "issue", "version": made.json["after"]["version"]});
    let done = post(&here, &format!("{account}/serve"), serve.clone()).await;
    assert_eq!(done.json["after"]["serves"][0]["may"], json!(["issue"]), "{done:?}");
    post(&here, &format!("{account}/serve"), serve).await.refuses(409, "conflict", "account 4403");
    assert_eq!(here.get(path).await.json["accounts"][0]["receives"], false, "it only issues");
    let found = here.get("/api/v1/accounts?online=false&limit=1").await.json;
    assert_eq!(
        (&found["accounts"][0]["account"], &found["next"]),
        (&json!("second"), &Value::Null)
    );
    let first = here.get("/api/v1/accounts?limit=1").await.json;
    let next = first["next"].as_str().expect("another page").to_owned();
    let rest = here.get(&format!("/api/v1/accounts?limit=1&after={next}")).await.json;
    assert_eq!(rest["accounts"][0]["account"], "second");
}

#[tokio::test]
async fn what_cannot_be_is_told_with_its_field() {
    let here = Here::new().await;
    let now = version(&here, &taxpayer()).await;
    for (body, sentence) in [
        (json!({"kind": "big"}), "kind: \"big\": write one of general, small_scale"),
        (json!({"channel": "fax"}), "channel: \"fax\""),
        (json!({"leqi_mode": "x"}), "leqi_mode: "),
        (json!({"bureau": "1"}), "bureau: "),
        (json!({"name": "a\nb"}), "name: "),
        (json!({"colour": 1}), "body: "),
    ] {
        let mut body = body;
        body["version"] = now.clone();
        put(&here, &taxpayer(), body).await.refuses(400, "malformed", sentence);
    }
    let unsigned = json!({"version": now});
    let request = Request::builder().method(Method::PUT).uri(taxpayer());
    let request = request.header("content-type", "application/json");
    let request = request.body(Body::from(unsigned.to_string())).expect("a request");
    Answer::of(here.router(), request).await.refuses(400, "malformed", "body: ");

    let now = version(&here, ACCOUNT).await;
    put(&here, ACCOUNT, json!({"login": "sms", "version": now})).await.refuses(
        400,
        "malformed",
        "login: \"sms\"",
    );
    let path = format!("{ACCOUNT}/serve");
    let unknown = json!({"tax_no": "91440300MA5G9GK111", "version": now});
    post(&here, &path, unknown).await.refuses(404, "no_such_taxpayer", "tax_no: ");
    let nothing = json!({"tax_no": TAX_NO, "may": [], "version": now});
    post(&here, &path, nothing).await.refuses(400, "malformed", "may: ");
    here.get("/api/v1/taxpayers/9").await.refuses(400, "malformed", "tax_no: ");
    here.get("/api/v1/taxpayers/91440300MA5G9GK111").await.refuses(404, "no_such_taxpayer", "tax");
    here.get("/api/v1/taxpayers?kind=x").await.refuses(400, "malformed", "kind: ");
    here.get("/api/v1/accounts/440300/nobody").await.refuses(404, "no_such_account", "account");
    here.get("/api/v1/accounts/440300/leqi").await.refuses(400, "malformed", "account: ");
    here.get("/api/v1/accounts?login=x").await.refuses(400, "malformed", "login: ");
}
