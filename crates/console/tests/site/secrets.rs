//! Stored secrets over HTTP.

use crate::here::{Answer, Here, TAX_NO};
use axum::{body::Body, http::Request};
use serde_json::json;

async fn send(here: &Here, method: &str, path: &str, body: &str) -> Answer {
    let request = Request::builder().method(method).uri(path);
    let request = request.header("content-type", "application/json");
    Answer::of(here.router(), request.body(Body::from(body.to_owned())).expect("a request")).await
}

#[tokio::test]
async fn a_secret_is_kept_sealed_named_and_never_told() {
    let here = Here::new().await;
    let kept = send(&here, "PUT", "/api/v1/secrets/confirm", r#"{"value": "qian-ming"}"#).await;
    assert_eq!(kept.json, json!({"name": "confirm"}));
    let stored = here.site.store.secrets(&["confirm".parse().expect("a name")]).await;
    let stored = stored.expect("the store answers").remove(0).expect("it is there");
    assert_eq!(stored.0, b"gnim-naiq", "as the vault sealed it");
    let names = here.get("/api/v1/secrets").await;
    assert_eq!(names.json, json!({"names": ["confirm"]}));
    for removed in [true, false] {
        let answer = send(&here, "DELETE", "/api/v1/secrets/confirm", "").await;
        assert_eq!(answer.json, json!({"removed": removed}));
    }
    let gone = here.get("/api/v1/secrets/confirm").await;
    gone.refuses(405, "wrong_method", "/api/v1/secrets/confirm does not take GET");
}

#[tokio::test]
async fn what_cannot_be_taken_is_not_repeated() {
    let here = Here::new().await;
    let (at, other) = ("/api/v1/secrets/confirm", "/api/v1/secrets/con%20firm");
    for (path, body, sentence) in [
        (at, r#"{"value": ""}"#, "value: "),
        (at, r#"{"valeu": "qian-ming"}"#, "body: "),
        (at, "qian-ming", "body: "),
        (at, r#"{"value": 5}"#, "body: "),
        (other, r#"{"value": "qian-ming"}"#, "name: "),
    ] {
        let answer = send(&here, "PUT", path, body).await;
        answer.refuses(400, "malformed", sentence);
        assert!(!answer.text.contains("qian-ming"), "{answer:?}");
    }
    let mut without_key = Here::new().await;
    without_key.site.vault = None;
    let answer = send(&without_key, "PUT", at, r#"{"value": "qian-ming"}"#).await;
    answer.refuses(503, "away", "secrets.key is not set");
}

#[tokio::test]
async fn a_confirmation_whose_secret_is_missing_is_refused_at_once() {
    let here = Here::new().await;
    let confirm = format!("/api/v1/statistics/{TAX_NO}/confirm");
    let asked = json!({"password_ref": "confirm"});
    let missing = "密钥“confirm”不存在，请先保存该密钥。";
    here.post(&confirm, asked.clone()).await.refuses(422, "rejected", missing);
    let message = json!({"task_id": uuid::Uuid::from_u128(1), "kind": "statistic_confirm",
        "tax_no": TAX_NO, "parameters": {"password_ref": "confirm"}});
    let published = here.post("/api/v1/tasks", message).await;
    let outcome = &published.json["outcomes"][0];
    assert_eq!((&outcome["state"], &outcome["reason"]), (&json!("refused"), &json!(missing)));
    send(&here, "PUT", "/api/v1/secrets/confirm", r#"{"value": "qian-ming"}"#).await;
    let made = here.post(&confirm, asked).await;
    assert_eq!(made.json["outcomes"][0]["outcome"], "waiting", "{made:?}");
}
