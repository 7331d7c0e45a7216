//! Who asks: the token tells it, and only where nobody has to say who they are the request does.

use crate::{
    here::{Here, TAX_NO},
    town::Town,
};
use serde_json::{Value, json};
use uuid::Uuid;

const NAMES: [&str; 3] = ["by", "asked_by", "submitted_by"];

#[test]
fn no_request_requires_the_name_of_who_asks() {
    let described = serde_json::to_value(console::openapi()).expect("JSON");
    let mut with_a_name = 0;
    for (path, methods) in described["paths"].as_object().expect("paths") {
        for (method, of) in methods.as_object().expect("methods") {
            let schema = &of["requestBody"]["content"]["application/json"]["schema"]["$ref"];
            let Some(name) = schema.as_str().and_then(|of| of.rsplit('/').next()) else { continue };
            let schema = &described["components"]["schemas"][name];
            let fields = schema["properties"].as_object().expect("fields");
            with_a_name += usize::from(NAMES.iter().any(|name| fields.contains_key(*name)));
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let named = required.iter().find(|one| NAMES.iter().any(|name| *one == name));
            assert_eq!(named, None, "{method} {path}");
        }
    }
    assert!(with_a_name > 20, "only {with_a_name} requests have the name of who asks");
}

/// Method, path and body of requests that somebody must answer for, without a name in any.
fn nameless() -> Vec<(&'static str, String, Value)> {
    let why = || json!({"reason": "月末"});
    let with = |mut body: Value, more: Value| {
        let more = more.as_object().expect("fields").clone();
        body.as_object_mut().expect("an object").extend(more);
        body
    };
    let parts = with(why(), json!({"tax_nos": [TAX_NO]}));
    let account = "/api/v1/accounts/440300/13800000001";
    let served = with(why(), json!({"tax_no": TAX_NO, "version": "0"}));
    let run = |of: &str| format!("/api/v1/runs/r/{of}");
    let rule = |of: &str| format!("/api/v1/automatic/rules/x/{of}");
    let tasks = with(why(), json!({"tasks": [Uuid::from_u128(1)]}));
    let asked = json!({"run_id": "r", "period": "202511", "tax_nos": [TAX_NO]});
    let day = with(why(), json!({"period": "202511", "day": "2025-12-17"}));
    let figures = json!({"tax_no": TAX_NO, "figures": "0"});
    let form = json!({"rule": {"rule_id": "x", "work": "pre_select"}});
    let session = with(why(), json!({"bureau": "440300", "account": "13800000001"}));
    vec![
        ("POST", "/api/v1/runs".into(), asked),
        ("POST", run("accept"), with(why(), figures.clone())),
        ("POST", run("approve"), json!({"parts": [figures]})),
        ("POST", run("again"), parts.clone()),
        ("POST", run("drop"), parts),
        ("POST", "/api/v1/calendar/days".into(), day),
        ("POST", "/api/v1/checks/resync".into(), json!({"period": "202511", "tax_nos": [TAX_NO]})),
        ("POST", "/api/v1/tasks/cancel".into(), tasks.clone()),
        ("POST", "/api/v1/tasks/absent".into(), tasks),
        ("PUT", "/api/v1/automatic/rules/x".into(), with(why(), form)),
        ("POST", rule("disable"), why()),
        ("POST", rule("enable"), why()),
        ("POST", rule("run"), why()),
        ("POST", rule("reset"), why()),
        ("POST", rule("remove"), why()),
        ("POST", "/api/v1/lanes/pause".into(), with(why(), json!({"tax_no": TAX_NO}))),
        ("POST", "/api/v1/lanes/resume".into(), with(why(), json!({"tax_no": TAX_NO}))),
        ("POST", "/api/v1/lanes/login".into(), session.clone()),
        ("POST", "/api/v1/lanes/logout".into(), session),
        ("POST", "/api/v1/batches/b/cancel".into(), why()),
        ("POST", "/api/v1/batches/b/login".into(), with(why(), json!({"tax_no": TAX_NO}))),
        ("PUT", format!("/api/v1/taxpayers/{TAX_NO}"), with(why(), json!({"version": "0"}))),
        ("PUT", account.into(), with(why(), json!({"login": "manual"}))),
        ("POST", format!("{account}/serve"), served.clone()),
        ("POST", format!("{account}/unserve"), served),
    ]
}

#[tokio::test]
async fn with_a_token_the_name_is_the_users_and_need_not_be_said() {
    let town = Town::new().await;
    for (method, path, body) in nameless() {
        let answer = town.ask("boss", method, &path, body).await;
        let said = answer.json["sentence"].as_str().unwrap_or_default();
        assert!(!said.contains("is empty"), "{method} {path}: {answer:?}");
        assert!(!said.contains("deserialize"), "{method} {path}: {answer:?}");
        let line = &town.audit("?limit=1").await[0];
        assert_eq!(line["by"], "boss", "{method} {path}: {line}");
    }
    let run = town.get("boss", "/api/v1/runs/r").await;
    assert_eq!(run.json["asked_by"], "boss", "{run:?}");
    let approve = json!({"by": "somebody else", "parts": [{"tax_no": TAX_NO, "figures": "0"}]});
    let same = town.ask("boss", "POST", "/api/v1/runs/r/approve", approve).await;
    same.refuses(409, "conflict", "by: boss cannot approve the run, for boss asked for it");
    let other = json!({"run_id": "s", "period": "202511", "asked_by": "王", "tax_nos": [TAX_NO]});
    let asked = town.ask("chief", "POST", "/api/v1/runs", other).await;
    assert_eq!(asked.json["asked_by"], "chief", "whatever the request says: {asked:?}");
}

#[tokio::test]
async fn without_users_the_request_says_who_asks() {
    let here = Here::new().await;
    for (method, path, body) in nameless() {
        let request = axum::http::Request::builder().method(method).uri(&path);
        let request = request.header("content-type", "application/json");
        let request = request.body(axum::body::Body::from(body.to_string())).expect("a request");
        let answer = crate::here::Answer::of(here.router(), request).await;
        let field = if path == "/api/v1/runs" { "asked_by: is empty: " } else { "by: is empty; " };
        answer.refuses(400, "malformed", field);
        let said = answer.json["sentence"].as_str().unwrap_or_default();
        assert!(said.ends_with("for no token tells it"), "{method} {path}: {said}");
    }
    let named = json!({"run_id": "r", "period": "202511", "asked_by": "王", "tax_nos": [TAX_NO]});
    assert_eq!(here.post("/api/v1/runs", named).await.json["asked_by"], "王");
    let lines = here.get("/api/v1/audit?limit=1").await;
    assert_eq!(lines.json["lines"][0]["by"], "王", "{lines:?}");
}
