//! Retry, cancel, record, pause, resume, login, logout, import.

use crate::here::{Here, TAX_NO, WORLD};
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test]
async fn a_retry_is_counted_first_and_then_done_once() {
    let here = Here::new().await;
    let task = here.refused(1).await;
    let asked = json!({"filter": {"tax_no": TAX_NO}, "dry_run": true});
    let counted = here.post("/api/v1/tasks/retry", asked).await;
    assert_eq!((&counted.json["tasks"], &counted.json["dry_run"]), (&json!(1), &json!(true)));
    assert_eq!(counted.json["by_reason"][0]["count"], 1);
    assert_eq!(counted.json["retried"], json!([]));

    let done = here.post("/api/v1/tasks/retry", json!({"filter": {}})).await;
    let retried = &done.json["retried"][0];
    assert_eq!(retried["task_id"], json!(task));
    let retry = retried["retry"].as_str().expect("a new task").to_owned();
    let card = here.get(&format!("/api/v1/tasks/{retry}")).await;
    assert_eq!(card.json["row"]["retry_of"], json!(task));

    let again = here.post("/api/v1/tasks/retry", json!({"tasks": [task]})).await;
    assert_eq!(again.json["retried"][0]["retry"], Value::Null);
    let reason = again.json["retried"][0]["reason"].as_str().unwrap_or("").to_owned();
    assert!(reason.contains(&retry), "{reason}");
}

#[tokio::test]
async fn a_retry_says_why_not() {
    let here = Here::new().await;
    let waiting = here.waiting(1).await;
    let unknown = Uuid::from_u128(9);
    let answer = here.post("/api/v1/tasks/retry", json!({"tasks": [waiting, unknown]})).await;
    let reason = |at: usize| answer.json["retried"][at]["reason"].as_str().unwrap_or("").to_owned();
    assert!(reason(0).contains("queued"), "{}", reason(0));
    assert!(reason(1).starts_with("no task "), "{}", reason(1));
    let path = "/api/v1/tasks/retry";
    here.post(path, json!({})).await.refuses(400, "malformed", "tasks, filter: ");
    here.post(path, json!({"filter": {"state": "x"}})).await.refuses(400, "malformed", "state: ");
    here.post(path, json!({"filter": {}, "limit": 0})).await.refuses(400, "malformed", "limit: ");
    here.post(path, json!({"every": 1})).await.refuses(400, "malformed", "body: ");
}

#[tokio::test]
async fn cancelling_says_what_became_of_each() {
    let here = Here::new().await;
    let (waiting, ended) = (here.waiting(1).await, here.refused(2).await);
    let asked =
        json!({"tasks": [waiting, ended, Uuid::from_u128(9)], "by": "李", "reason": "误发"});
    let answer = here.post("/api/v1/tasks/cancel", asked).await;
    assert_eq!(answer.json["not_cancelled"], 2);
    assert_eq!(answer.json["tasks"][0]["cancelled"], true);
    assert_eq!(answer.json["tasks"][1]["reason"], "it has ended: it is refused");
    let card = here.get(&format!("/api/v1/tasks/{waiting}")).await;
    assert_eq!(card.json["row"]["state"], "cancelled");

    let path = "/api/v1/tasks/cancel";
    let by_nobody = json!({"tasks": [waiting], "by": " ", "reason": "x"});
    here.post(path, by_nobody).await.refuses(400, "malformed", "by: is empty");
    let for_nothing = json!({"tasks": [waiting], "by": "x", "reason": ""});
    here.post(path, for_nothing).await.refuses(400, "malformed", "reason: is empty");
    let none = json!({"tasks": [], "by": "x", "reason": "y"});
    here.post(path, none).await.refuses(400, "malformed", "tasks: ");
}

#[tokio::test]
async fn what_is_not_unknown_is_not_recorded_as_absent() {
    let here = Here::new().await;
    let (waiting, ended) = (here.waiting(1).await, here.refused(2).await);
    let tasks = json!([waiting, ended, Uuid::from_u128(9)]);
    let path = "/api/v1/tasks/absent";
    let asked = json!({"tasks": tasks, "by": "李", "reason": "税局无记录"});
    let answer = here.post(path, asked).await;
    assert_eq!(answer.json["not_recorded"], 3);
    let reasons = ["it is queued, ", "it is refused, ", "no task "];
    for (task, reason) in answer.json["tasks"].as_array().expect("a list").iter().zip(reasons) {
        assert_eq!(task["recorded"], false);
        let said = task["reason"].as_str().unwrap_or_default();
        assert!(said.starts_with(reason), "{said}");
    }
    let by_nobody = json!({"tasks": tasks, "by": " ", "reason": "x"});
    here.post(path, by_nobody).await.refuses(400, "malformed", "by: is empty");
    let none = json!({"tasks": [], "by": "x", "reason": "y"});
    here.post(path, none).await.refuses(400, "malformed", "tasks: ");
}

#[tokio::test]
async fn a_pause_closes_and_a_resume_opens() {
    let here = Here::new().await;
    let task = here.waiting(1).await;
    let code = async || {
        let why = here.get(&format!("/api/v1/tasks/{task}/why")).await;
        why.json["code"].as_str().unwrap_or("").to_owned()
    };
    for (scope, paused) in [
        (json!({"bureau": "440300"}), "lane_paused"),
        (json!({"bureau": "440300", "account": "13800000001"}), "lane_paused"),
        (json!({"tax_no": TAX_NO}), "tax_paused"),
    ] {
        let mut asked = scope.clone();
        asked["by"] = json!("李");
        asked["reason"] = json!("检修");
        let answer = here.post("/api/v1/lanes/pause", asked.clone()).await;
        assert_eq!(answer.json["lanes"], 1, "{answer:?}");
        assert_eq!(code().await, paused, "{scope}");
        let answer = here.post("/api/v1/lanes/resume", asked).await;
        assert_eq!(answer.json["lanes"], 1, "{answer:?}");
        assert_eq!(code().await, "no_owner", "{scope}");
    }
}

#[tokio::test]
async fn a_pause_of_nothing_is_refused() {
    let here = Here::new().await;
    let path = "/api/v1/lanes/pause";
    let note = |mut scope: Value| {
        scope["by"] = json!("x");
        scope["reason"] = json!("y");
        scope
    };
    here.post(path, note(json!({}))).await.refuses(400, "malformed", "scope: ");
    here.post(path, note(json!({"account": "1"}))).await.refuses(400, "malformed", "scope: ");
    here.post(path, note(json!({"bureau": "x"}))).await.refuses(400, "malformed", "bureau: ");
    let unknown = note(json!({"bureau": "440300", "account": "1"}));
    here.post(path, unknown).await.refuses(404, "no_such_lane", "bureau 440300, account 1 ");
    let unknown = note(json!({"tax_no": "91440300MA5G9GK000"}));
    here.post(path, unknown).await.refuses(404, "no_such_lane", "tax number 9144");
    let form = here.send(path, "application/x-www-form-urlencoded", "bureau=440300".into()).await;
    form.refuses(415, "wrong_content_type", "content-type");
}

#[tokio::test]
async fn sessions_are_told_of() {
    let here = Here::new().await;
    let asked = json!({"bureau": "440300", "account": "13800000001", "by": "李", "reason": "短信"});
    let out = here.post("/api/v1/lanes/logout", asked.clone()).await;
    assert_eq!(out.json["counted"], true, "{out:?}");
    assert_eq!(here.get("/api/v1/lanes").await.json["lanes"][0]["online"], false);
    // The clock stands still: a report of the same moment is not newer.
    let unknown = json!({"bureau": "440300", "account": "1", "by": "x", "reason": "y"});
    here.post("/api/v1/lanes/login", unknown).await.refuses(404, "no_such_lane", "account 1 at");
    let leqi = json!({"bureau": "440300", "account": "leqi", "by": "x", "reason": "y"});
    here.post("/api/v1/lanes/login", leqi).await.refuses(404, "no_such_lane", "account leqi at");
}

#[tokio::test]
async fn the_good_rows_of_a_world_are_imported_and_the_others_told() {
    let here = Here::new().await;
    let json = "application/json";
    let answer = here.send("/api/v1/world", json, WORLD.to_owned()).await;
    assert_eq!((&answer.json["taxpayers"], &answer.json["invoices"]), (&json!(1), &json!(1)));
    assert_eq!(answer.json["rejected"], json!([]));
    let wrong = WORLD.replace("\"manual\"", "\"sometimes\"").replace("235.64", "1.234");
    let answer = here.send("/api/v1/world", json, wrong).await;
    let place = |n: usize| answer.json["rejected"][n]["place"].as_str().unwrap_or("").to_owned();
    assert_eq!((place(0), place(1)), ("accounts[0].login".into(), "invoices[0].amount".into()));
    assert_eq!((&answer.json["taxpayers"], &answer.json["invoices"]), (&json!(1), &json!(0)));
    here.send("/api/v1/world", json, "[]".into()).await.refuses(400, "malformed", "world file: ");
    here.send("/api/v1/world", "text/plain", WORLD.into()).await.refuses(
        415,
        "wrong_content_type",
        "content-type \"text/plain\"",
    );
}
