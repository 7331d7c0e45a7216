//! Everything that only looks.

use crate::here::{Broker, Here, TAX_NO};
use console::{Door, answers};
use domain::ids::TaskId;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

#[tokio::test]
async fn the_list_is_filtered_and_paged() {
    let here = Here::new().await;
    for number in 1..=3 {
        here.waiting(number).await;
    }
    here.refused(4).await;
    let ids = |answer: &crate::here::Answer| -> Vec<String> {
        let tasks = answer.json["tasks"].as_array().expect("tasks");
        tasks.iter().map(|row| row["task_id"].as_str().unwrap_or("").to_owned()).collect()
    };
    let first = here.get("/api/v1/tasks?state=queued&limit=2").await;
    let next = first.json["next"].as_str().expect("another page").to_owned();
    let second = here.get(&format!("/api/v1/tasks?state=queued&limit=2&after={next}")).await;
    assert_eq!(second.json["next"], Value::Null);
    let seen: BTreeSet<String> = ids(&first).into_iter().chain(ids(&second)).collect();
    let all: BTreeSet<String> = (1..=3).map(|n| Uuid::from_u128(n).to_string()).collect();
    assert_eq!(seen, all);
    let none = here.get("/api/v1/tasks?batch_id=other").await;
    assert_eq!(none.json, json!({"tasks": [], "next": null}));
    let failed = here.get("/api/v1/tasks?shown_state=%E5%A4%84%E7%90%86%E5%A4%B1%E8%B4%A5").await;
    assert_eq!(ids(&failed), [Uuid::from_u128(4).to_string()]);
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let here = Here::new().await;
    here.get("/api/v1/tasks?state=flying").await.refuses(400, "malformed", "state: ");
    here.get("/api/v1/tasks?limit=0").await.refuses(400, "malformed", "limit: ");
    here.get("/api/v1/tasks?after=x").await.refuses(400, "malformed", "after: ");
    here.get("/api/v1/tasks?colour=red").await.refuses(400, "malformed", "query: ");
    here.get("/api/v1/counts?from=now").await.refuses(400, "malformed", "from: ");
    here.get("/api/v1/tasks/x").await.refuses(400, "malformed", "task id: \"x\"");
    let unknown = format!("/api/v1/tasks/{}", Uuid::from_u128(9));
    here.get(&unknown).await.refuses(404, "no_such_task", "no task ");
    here.get(&format!("{unknown}/why")).await.refuses(404, "no_such_task", "no task ");
    here.get("/api/v2/tasks").await.refuses(404, "no_such_page", "there is nothing at /api/v2");
    let method = here.post("/api/v1/counts", json!({})).await;
    method.refuses(405, "wrong_method", "/api/v1/counts does not take POST");
}

#[tokio::test]
async fn a_task_says_all_that_is_known_and_why_it_waits() {
    let here = Here::new().await;
    let task = here.waiting(1).await;
    let card = here.get(&format!("/api/v1/tasks/{task}")).await;
    assert_eq!(card.json["row"]["state"], "queued");
    assert_eq!(card.json["row"]["shown_state"], "处理中");
    assert!(card.json["body"].as_str().is_some_and(|body| body.contains("invoice_download")));
    let why = here.get(&format!("/api/v1/tasks/{task}/why")).await;
    let hindrance = here.site.store.why(TaskId(task)).await.expect("a store").expect("it waits");
    assert_eq!(why.json["code"], hindrance.code());
    assert_eq!(why.json["sentence"], hindrance.sentence());
    assert_eq!(card.json["why_sentence"], hindrance.sentence());
    let refused = here.refused(2).await;
    let why = here.get(&format!("/api/v1/tasks/{refused}/why")).await;
    assert_eq!(why.json["code"], "ended");
    assert!(why.json["sentence"].as_str().is_some_and(|text| text.contains("处理失败：")));
}

#[tokio::test]
async fn counts_by_state() {
    let here = Here::new().await;
    here.waiting(1).await;
    here.waiting(2).await;
    here.refused(3).await;
    let counts = here.get(&format!("/api/v1/counts?tax_no={TAX_NO}")).await;
    assert_eq!(
        counts.json,
        json!({"total": 3, "ended": 1, "by_state": {"queued": 2, "refused": 1}})
    );
}

#[tokio::test]
async fn lanes_say_why_they_are_closed() {
    let here = Here::new().await;
    let lanes = here.get("/api/v1/lanes").await;
    let lane = &lanes.json["lanes"][0];
    assert_eq!(lane["account"], "13800000001");
    assert_eq!(lane["owner"], Value::Null);
    let closed = lane["closed"][0].as_str().expect("nobody serves it");
    assert!(closed.contains("暂无工作进程"), "{closed}");
}

#[tokio::test]
async fn the_process_is_watched() {
    let here = Here::new().await;
    assert!(here.get("/healthz").await.text.starts_with("gouxuan "));
    let ready = here.get("/readyz").await;
    assert_eq!((ready.status.as_u16(), &ready.json["ready"]), (200, &json!(true)), "{ready:?}");
    let names: Vec<&Value> =
        ready.json["lines"].as_array().expect("lines").iter().map(|l| &l["name"]).collect();
    assert_eq!(names, ["store", "clock", "bus"]);

    let away = Here::with(Door::Broker, Broker { away: true, ..Broker::default() }).await;
    let unready = away.get("/readyz").await;
    assert_eq!((unready.status.as_u16(), &unready.json["ready"]), (503, &json!(false)));
    assert!(unready.text.contains("publishing is blocked"), "{unready:?}");
}

#[tokio::test]
async fn metrics_carry_the_stores_figures() {
    let here = Here::new().await;
    here.waiting(1).await;
    let text = here.get("/metrics").await.text;
    assert!(text.starts_with("gouxuan_test_total 1\n"), "{text}");
    assert!(text.contains("\ngouxuan_tasks_waiting{class=\"data_download\"} 1\n"), "{text}");
    assert!(text.contains("\ngouxuan_store_up 1\n"), "{text}");
    assert!(!text.contains(TAX_NO) && !text.contains("13800000001"), "{text}");
}

#[tokio::test]
async fn the_page_shows_what_others_wrote_as_text() {
    let here = Here::new().await;
    here.waiting(1).await;
    let note = json!({"bureau": "440300", "by": "<b>", "reason": "<script>x</script>"});
    here.post("/api/v1/lanes/pause", note).await;
    let page = here.get("/").await;
    assert_eq!(page.status, 200);
    for text in ["深圳", "13800000001", TAX_NO, "queued", "&lt;script&gt;", "处理中"] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    assert!(!page.text.contains("<script>"), "{}", page.text);
}

#[tokio::test]
async fn the_description_names_every_path_and_the_real_fields() {
    let here = Here::new().await;
    here.waiting(1).await;
    let description = here.get("/openapi.json").await.json;
    let paths = description["paths"].as_object().expect("paths");
    for path in [
        "/healthz",
        "/readyz",
        "/metrics",
        "/api/v1/tasks",
        "/api/v1/tasks/{id}",
        "/api/v1/tasks/{id}/why",
        "/api/v1/tasks/retry",
        "/api/v1/tasks/cancel",
        "/api/v1/counts",
        "/api/v1/lanes",
        "/api/v1/lanes/pause",
        "/api/v1/lanes/resume",
        "/api/v1/lanes/login",
        "/api/v1/lanes/logout",
        "/api/v1/world",
    ] {
        assert!(paths.contains_key(path), "{path}");
    }
    let described = &description["components"]["schemas"]["TaskRow"]["properties"];
    let page: answers::Page =
        serde_json::from_value(here.get("/api/v1/tasks").await.json).expect("a page");
    let row = serde_json::to_value(&page.tasks[0]).expect("a row");
    let names = |of: &Value| -> BTreeSet<String> {
        of.as_object().expect("fields").keys().cloned().collect()
    };
    assert_eq!(names(described), names(&row));
}

#[tokio::test]
async fn invoices_are_searched_page_by_page() {
    let here = Here::new().await;
    let mut world: Value = serde_json::from_str(crate::here::WORLD).expect("JSON");
    let invoice = |n: u8| {
        json!({"buyer_tax_no": TAX_NO, "invoice_type": "27", "invoice_no": format!("700{n}"),
               "invoice_date": format!("2025-11-0{n}"), "seller_name": "示例供货商",
               "details": {"purpose": "rebate"}})
    };
    world["invoices"] = json!([invoice(1), invoice(2), invoice(3)]);
    assert_eq!(here.post("/api/v1/world", world).await.json["invoices"], 3);
    let numbers = |answer: &crate::here::Answer| -> Vec<String> {
        let invoices = answer.json["invoices"].as_array().expect("invoices");
        invoices.iter().map(|one| one["key"]["number"].as_str().unwrap_or("").to_owned()).collect()
    };
    let asked = "/api/v1/invoices?seller=%E4%BE%9B%E8%B4%A7&purpose=rebate&limit=2";
    let first = here.get(asked).await;
    assert_eq!(numbers(&first), ["7003", "7002"]);
    let next = first.json["next"].as_str().expect("another page").to_owned();
    let second = here.get(&format!("{asked}&after={next}")).await;
    assert_eq!((numbers(&second), &second.json["next"]), (vec!["7001".to_owned()], &Value::Null));
    let none = here.get("/api/v1/invoices?purpose=none&number=700").await;
    assert_eq!(none.json, json!({"invoices": [], "next": null}));
    here.get("/api/v1/invoices?type=99").await.refuses(400, "malformed", "type: \"99\"");
    here.get("/api/v1/invoices?colour=red").await.refuses(400, "malformed", "query: ");
}

#[tokio::test]
async fn an_invoice_says_whether_it_ever_had_a_task() {
    let here = Here::new().await;
    let path = format!("/api/v1/invoices/{TAX_NO}/23442000000164214335");
    let view = here.get(&path).await;
    assert_eq!(view.json["invoice"]["deductible"], true);
    assert_eq!(view.json["sentence"], "未查到该发票在星空的税局用票台账");
    assert_eq!(view.json["newest"], Value::Null);
    let other = here.get(&format!("{path}?code=4403")).await;
    other.refuses(404, "no_such_invoice", "no invoice 4403-23442000000164214335 of 91440300MA5G");
    let short = here.get("/api/v1/invoices/1/2").await;
    short.refuses(400, "malformed", "tax_no: ");
}
