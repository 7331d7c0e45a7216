//! Automatic work over HTTP.

use crate::here::{Answer, Here, TAX_NO};
use axum::{body::Body, http::Request};
use serde_json::{Value, json};

const PATH: &str = "/api/v1/automatic/rules";

fn note() -> Value {
    json!({"by": "王", "reason": "月末"})
}

fn asked(rule: Value) -> Value {
    json!({"rule": rule, "by": "王", "reason": "月末"})
}

fn nightly() -> Value {
    json!({"rule_id": "r", "work": "pre_select", "schedule": "30 2 * * *",
        "when": {"tax_nos": [TAX_NO]}})
}

async fn put(here: &Here, id: &str, body: &Value) -> Answer {
    let request = Request::put(format!("{PATH}/{id}")).header("content-type", "application/json");
    let request = request.body(Body::from(body.to_string())).expect("a request");
    Answer::of(here.router(), request).await
}

#[tokio::test]
async fn a_rule_is_written_tried_run_and_looked_back_at() {
    let here = Here::new().await;
    let kept = put(&here, "r", &asked(nightly())).await;
    assert_eq!((&kept.json["version"], &kept.json["rule"]["most"]), (&json!(1), &json!(1000)));
    assert_eq!(kept.json["next_run"], "2025-12-01T18:30:00Z");
    let all = here.get(PATH).await;
    assert_eq!(all.json["rules"], json!([kept.json]));
    let would = here.get(&format!("{PATH}/r/dry-run")).await;
    assert_eq!(would.json["chosen"], 1, "{would:?}");
    assert_eq!(would.json["amount"], "235.64");
    assert_eq!(would.json["invoices"][0]["tax_no"], TAX_NO);
    let run = here.post(&format!("{PATH}/r/run"), note()).await;
    assert_eq!((&run.json["outcome"], &run.json["chosen"]), (&json!("batch"), &json!(1)));
    assert_eq!(run.json["cause"], json!({"person": note()}));
    let batch = run.json["batch_id"].as_str().expect("a batch");
    let batch = here.get(&format!("/api/v1/batches/{batch}")).await;
    assert_eq!(batch.json["purpose"], "pre_selection", "{batch:?}");
    let runs = here.get(&format!("{PATH}/r/runs?limit=1")).await;
    assert_eq!((&runs.json["runs"][0], &runs.json["next"]), (&run.json, &Value::Null));
    let mut one = note();
    one["tax_no"] = TAX_NO.into();
    one["invoice_no"] = "23442000000164214335".into();
    let reset = here.post(&format!("{PATH}/r/reset"), one).await;
    assert_eq!(reset.json, json!({"reset": 1}));
    let off = here.post(&format!("{PATH}/r/disable"), note()).await;
    assert_eq!((&off.json["version"], &off.json["next_run"]), (&json!(2), &Value::Null));
    let on = here.post(&format!("{PATH}/r/enable"), note()).await;
    assert_eq!(on.json["rule"]["enabled"], true);
    let removed = here.post(&format!("{PATH}/r/remove"), note()).await;
    assert_eq!(removed.json, json!({"rule_id": "r"}));
    assert_eq!(here.get(&format!("{PATH}/r/runs")).await.json["runs"][0], run.json);
}

#[tokio::test]
async fn nobody_writes_over_what_another_wrote() {
    let here = Here::new().await;
    put(&here, "r", &asked(nightly())).await;
    let mut other = nightly();
    other["most"] = 7.into();
    let mut body = asked(other);
    let stale = "version: rule r stands at version 1";
    put(&here, "r", &body).await.refuses(409, "conflict", stale);
    body["version"] = 1.into();
    assert_eq!(put(&here, "r", &body).await.json["version"], 2);
    assert_eq!(put(&here, "r", &body).await.json["version"], 2, "the same request twice");
    let stale = "version: rule r stands at version 2";
    put(&here, "r", &asked(nightly())).await.refuses(409, "conflict", stale);
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_its_field() {
    let here = Here::new().await;
    let mut wrong = nightly();
    wrong["when"]["last_days"] = 0.into();
    let mut nobody = asked(nightly());
    nobody["by"] = " ".into();
    for (id, body, sentence) in [
        ("r", asked(wrong), "when.last_days: must be from"),
        ("s", asked(nightly()), "rule_id: is \"r\", and \"s\" in the address"),
        ("r", nobody, "by: is empty"),
        ("r", json!({"by": "王", "reason": "x"}), "body: "),
    ] {
        put(&here, id, &body).await.refuses(400, "malformed", sentence);
    }
    let gone = "there is no rule r";
    for path in ["", "/dry-run", "/runs"] {
        here.get(&format!("{PATH}/r{path}")).await.refuses(404, "no_such_rule", gone);
    }
    for path in ["/run", "/enable", "/disable", "/remove", "/reset"] {
        here.post(&format!("{PATH}/r{path}"), note()).await.refuses(404, "no_such_rule", gone);
    }
    put(&here, "r", &asked(nightly())).await;
    let mut half = note();
    half["tax_no"] = TAX_NO.into();
    here.post(&format!("{PATH}/r/reset"), half).await.refuses(400, "malformed", "body: say run");
    here.get(&format!("{PATH}/r/runs?before=x")).await.refuses(400, "malformed", "before: ");
    here.get(&format!("{PATH}/r/runs?limit=0")).await.refuses(400, "malformed", "limit: ");
}
