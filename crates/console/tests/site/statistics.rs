//! Statistic tables and periods over HTTP.

use crate::here::{Broker, Here, TAX_NO, WORLD};
use console::Door;
use domain::world::World;
use serde_json::{Value, json};
use uuid::Uuid;

const SMALL: &str = "91440300MA5GSMALL1";
const SMALL_SCALE: &str =
    "小规模纳税人不支持抵扣类勾选，可根据企业在税局的信息，在星空发票服务企业基础资料修改。";

async fn here() -> Here {
    let here = Here::new().await;
    let mut world: Value = serde_json::from_str(WORLD).expect("JSON");
    let others = [
        json!({"tax_no": SMALL, "bureau": "440300", "kind": "small_scale"}),
        json!({"tax_no": "91440300MA5GOLDPF1", "bureau": "440300", "channel": "old_platform"}),
    ];
    world["taxpayers"].as_array_mut().expect("taxpayers").extend(others);
    world["statistics"] = json!([{"tax_no": TAX_NO, "tax_period": "202511", "state": "generated"}]);
    let world = World::parse(world.to_string().as_bytes()).expect("a world");
    here.site.store.import(&world, 8).await.expect("imported");
    here
}

async fn rows(here: &Here) -> Vec<Value> {
    let list = here.get("/api/v1/tasks").await;
    list.json["tasks"].as_array().expect("tasks").clone()
}

#[tokio::test]
async fn a_table_is_shown_by_period_with_what_is_not_known_as_null() {
    let here = here().await;
    let shown = here.get(&format!("/api/v1/statistics/{TAX_NO}")).await;
    let table = json!({"period": "202511", "state": "generated", "asked_at": null,
        "figures": null, "ours": [], "differences": null});
    assert_eq!(shown.json, json!({"tax_no": TAX_NO, "tables": [table]}));
    let other = here.get(&format!("/api/v1/statistics/{TAX_NO}?period=202510")).await;
    assert_eq!(other.json["tables"][0]["state"], Value::Null, "{other:?}");
    let wrong = here.get(&format!("/api/v1/statistics/{TAX_NO}?period=2025-10")).await;
    wrong.refuses(400, "malformed", "period: ");
    here.get("/api/v1/statistics/x").await.refuses(400, "malformed", "tax_no: ");
    let nobody = here.get("/api/v1/statistics/919999999999999ZZZ").await;
    nobody.refuses(422, "rejected", "税号919999999999999ZZZ不存在");
}

#[tokio::test]
async fn each_operation_makes_one_task_however_often_it_is_asked_for() {
    let here = here().await;
    for (n, (path, kind)) in [
        ("statistics/{}/query", "statistic_query"),
        ("statistics/{}/create", "statistic_create"),
        ("statistics/{}/withdraw", "statistic_withdraw"),
        ("statistics/{}/confirm", "statistic_confirm"),
        ("periods/{}/query", "period_query"),
        ("periods/{}/change", "period_change"),
    ]
    .into_iter()
    .enumerate()
    {
        let id = Uuid::from_u128(n as u128 + 1);
        let path = format!("/api/v1/{}", path.replace("{}", TAX_NO));
        let asked = json!({"task_id": id, "tax_period": "202512", "submitted_by": "李"});
        let made = here.post(&path, asked.clone()).await;
        assert_eq!(made.json["outcomes"][0]["outcome"], "waiting", "{made:?}");
        let again = here.post(&path, asked).await;
        assert_eq!(again.json["outcomes"][0]["outcome"], "repeated", "{again:?}");
        let card = here.get(&format!("/api/v1/tasks/{id}")).await;
        let body: Value =
            serde_json::from_str(card.json["body"].as_str().expect("a body")).expect("JSON");
        assert_eq!((&body["kind"], &body["submitted_by"]), (&json!(kind), &json!("李")));
        let told = if kind == "period_change" {
            &body["parameters"]["tax_period"]
        } else {
            &body["tax_period"]
        };
        assert_eq!(told, "202512", "{body}");
    }
    assert_eq!(rows(&here).await.len(), 6);
    let own = here.post(&format!("/api/v1/periods/{TAX_NO}/query"), json!({})).await;
    assert!(own.json["outcomes"][0]["task_id"].is_string(), "{own:?}");
}

#[tokio::test]
async fn what_the_rules_refuse_makes_no_task() {
    let here = here().await;
    for path in ["statistics/{}/create", "statistics/{}/query", "periods/{}/query"] {
        let path = format!("/api/v1/{}", path.replace("{}", SMALL));
        let refused = here.post(&path, json!({})).await;
        refused.refuses(422, "rejected", SMALL_SCALE);
    }
    let old = "/api/v1/periods/91440300MA5GOLDPF1/change";
    let refused = here.post(old, json!({"tax_period": "202511"})).await;
    refused.refuses(422, "rejected", "非新电子平台或者乐企通道，不支持变更属期。");
    let nobody = here.post("/api/v1/statistics/919999999999999ZZZ/create", json!({})).await;
    nobody.refuses(422, "rejected", "税号919999999999999ZZZ不存在");
    assert_eq!(rows(&here).await, [] as [Value; 0]);
}

#[tokio::test]
async fn wrong_requests_name_the_field() {
    let here = here().await;
    let of = |path: &str| format!("/api/v1/{path}");
    let change = of(&format!("periods/{TAX_NO}/change"));
    here.post(&change, json!({})).await.refuses(400, "malformed", "tax_period: is missing");
    let wrong = here.post(&change, json!({"tax_period": "November"})).await;
    wrong.refuses(400, "malformed", "tax_period: ");
    let create = of(&format!("statistics/{TAX_NO}/create"));
    here.post(&create, json!({"colour": "red"})).await.refuses(400, "malformed", "body: ");
    let other = here.post(&of(&format!("statistics/{TAX_NO}/burn")), json!({})).await;
    other.refuses(400, "malformed", "operation: \"burn\"");
}

#[tokio::test]
async fn with_a_broker_the_task_is_published() {
    let here = Here::with(Door::Broker, Broker::default()).await;
    let made = here.post(&format!("/api/v1/statistics/{TAX_NO}/create"), json!({})).await;
    assert_eq!(made.json["outcomes"][0]["outcome"], "confirmed", "{made:?}");
    let sent = here.broker.sent.lock().expect("nobody panicked").len();
    assert_eq!(sent, 1);
}
