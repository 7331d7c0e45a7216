//! Around selection over HTTP: checks, the matrix, the calendar, confirmation runs.

use crate::here::{Answer, Here, TAX_NO, WORLD};
use axum::{body::Body, http::Request};
use domain::{
    run::{PartEvent, RunPart, Seen},
    statistic::Figures,
    world::World,
};
use serde_json::{Value, json};

const OTHER: &str = "91440300MA5GOTHER1";

/// Two taxpayers with organisations; one booked invoice, and one of a foreign organisation.
async fn here() -> Here {
    let here = Here::new().await;
    let mut world: Value = serde_json::from_str(WORLD).expect("JSON");
    world["taxpayers"][0]["tax_org"] = "01".into();
    let other = json!({"tax_no": OTHER, "bureau": "110000", "tax_org": "02"});
    world["taxpayers"].as_array_mut().expect("taxpayers").push(other);
    let invoice = |no: &str, said: Value| {
        let mut invoice = json!({"buyer_tax_no": TAX_NO, "invoice_type": "27", "invoice_no": no,
            "invoice_date": "2025-11-03", "amount": "100.00", "tax": "13.00"});
        let said = said.as_object().cloned().unwrap_or_default();
        invoice.as_object_mut().expect("an object").extend(said);
        invoice
    };
    let booked = json!({"details": {"entry_state": "entered", "entry_period": "202511"}});
    world["invoices"] = json!([
        invoice("23442000000164210001", booked.clone()),
        invoice("23442000000164210002", booked),
        invoice("23442000000164210003", json!({"accounting_org": "02"})),
    ]);
    world["statistics"] = json!([{"tax_no": TAX_NO, "tax_period": "202511", "state": "generated"}]);
    let world = World::parse(world.to_string().as_bytes()).expect("a world");
    here.site.store.import(&world, 8).await.expect("imported");
    here
}

async fn delete(here: &Here, path: &str) -> Answer {
    let request = Request::delete(path).body(Body::empty()).expect("a request");
    Answer::of(here.router(), request).await
}

#[tokio::test]
async fn checks_are_counted_listed_and_exported() {
    let here = here().await;
    // It is the first of December: the period is November.
    let totals = here.get("/api/v1/checks").await.json;
    assert_eq!((&totals["period"], &totals["resync"]), (&json!("202511"), &Value::Null));
    let counts: Vec<_> = totals["checks"].as_array().expect("checks").iter().collect();
    let count = |n: usize| (&counts[n]["check"], &counts[n]["invoices"], &counts[n]["sum"]["tax"]);
    assert_eq!(count(0), (&json!("abnormal"), &json!(0), &json!("0.00")));
    assert_eq!(count(1), (&json!("booked_not_selected"), &json!(2), &json!("26.00")));
    assert_eq!(count(3), (&json!("wrong_buyer"), &json!(1), &json!("13.00")));
    let first = here.get("/api/v1/checks/booked_not_selected?limit=1").await.json;
    assert_eq!(first["invoices"].as_array().map(Vec::len), Some(1));
    let next = first["next"].as_str().expect("another page");
    let path = format!("/api/v1/checks/booked_not_selected?limit=1&after={next}");
    let second = here.get(&path).await.json;
    assert_eq!(second["next"], Value::Null);
    assert_ne!(first["invoices"][0], second["invoices"][0]);
    let of_other = here.get("/api/v1/checks/booked_not_selected?tax_org=02").await.json;
    assert_eq!(of_other["invoices"], json!([]));
    let wrong = here.get("/api/v1/checks/everything").await;
    wrong.refuses(400, "malformed", "check: \"everything\": write one of abnormal");
    here.get("/api/v1/checks?period=11").await.refuses(400, "malformed", "period: ");
    let request = Request::get("/api/v1/exports/checks/wrong_buyer").body(Body::empty());
    let file = tower::ServiceExt::oneshot(here.router(), request.expect("a request")).await;
    let file = file.expect("infallible");
    let named = file.headers()["content-disposition"].to_str().expect("text").to_owned();
    assert_eq!(
        (file.status().as_u16(), &*named),
        (200, "attachment; filename=\"wrong_buyer-202511.xlsx\"")
    );
}

#[tokio::test]
async fn a_resync_is_told_with_the_totals() {
    let here = here().await;
    let asked = json!({"period": "202511", "tax_nos": [TAX_NO], "by": "王"});
    let done = here.post("/api/v1/checks/resync", asked).await.json;
    assert_eq!(done["tax_nos"], json!([{"tax_no": TAX_NO, "invoices": 0, "tasks": 0}]));
    let totals = here.get(&format!("/api/v1/checks?tax_no={TAX_NO}")).await.json;
    assert_eq!((&totals["resync"]["by"], &totals["resync"]["tasks"]), (&json!("王"), &json!(0)));
    assert!(totals["resync"]["ended_at"].is_string(), "nothing is selected: {totals}");
    let none = here
        .post(
            "/api/v1/checks/resync",
            json!({"period": "202511", "tax_nos": [],
        "by": "王"}),
        )
        .await;
    none.refuses(400, "malformed", "tax_nos: has 0 entries; name 1 to 100");
    let nobody = here
        .post(
            "/api/v1/checks/resync",
            json!({"period": "202511",
        "tax_nos": ["919999999999999ZZZ"], "by": "王"}),
        )
        .await;
    nobody.refuses(400, "malformed", "tax_no: 919999999999999ZZZ is no taxpayer here");
}

#[tokio::test]
async fn the_matrix_tells_where_each_tax_number_stands() {
    let here = here().await;
    let page = here.get("/api/v1/matrix?limit=1").await.json;
    let row = &page["rows"][0];
    assert_eq!((&row["tax_no"], &row["stage"]), (&json!(TAX_NO), &json!("statistics")));
    assert_eq!((&row["deadline"], &row["days_left"]), (&json!("2025-12-15"), &json!(14)));
    assert_eq!((&row["bureau_name"], &row["open_tasks"]), (&json!("深圳"), &json!(0)));
    assert_eq!((&row["deducted"]["count"], &row["differs"]), (&json!(0), &Value::Null));
    let next = page["next"].as_str().expect("another page");
    let page = here.get(&format!("/api/v1/matrix?limit=1&after={next}")).await.json;
    assert_eq!((&page["rows"][0]["tax_no"], &page["next"]), (&json!(OTHER), &Value::Null));
    let of = here.get("/api/v1/matrix?stage=selecting&bureau=110000&tax_org=02").await.json;
    assert_eq!(of["rows"].as_array().map(Vec::len), Some(1));
    let none = here.get("/api/v1/matrix?stage=filed").await.json;
    assert_eq!(none["rows"], json!([]));
    let wrong = here.get("/api/v1/matrix?stage=lost").await;
    wrong.refuses(400, "malformed", "stage: \"lost\": write one of selecting");
}

#[tokio::test]
async fn the_calendar_follows_the_rule_until_somebody_sets_a_day() {
    let here = here().await;
    let shenzhen = "/api/v1/calendar?period=202511&bureau=440300";
    let line = async || here.get(shenzhen).await.json["bureaus"][0].clone();
    let told = line().await;
    assert_eq!(
        (&told["day"], &told["from"], &told["days_left"]),
        (&json!("2025-12-15"), &json!("rule"), &json!(14))
    );
    assert_eq!(
        here.get("/api/v1/calendar").await.json["bureaus"].as_array().map(Vec::len),
        Some(36)
    );
    let day = |bureau: Option<&str>, day: &str| {
        json!({"period": "202511", "bureau": bureau,
        "day": day, "by": "王", "reason": "通知"})
    };
    let path = "/api/v1/calendar/days";
    here.post(path, day(None, "2025-12-17")).await;
    assert_eq!(line().await["from"], "country");
    let set = here.post(path, day(Some("440300"), "2025-12-19")).await.json;
    assert_eq!(
        (&set["days"][0]["bureau"], &set["days"][0]["by"]),
        (&json!("440300"), &json!("王"))
    );
    assert_eq!(line().await["day"], "2025-12-19");
    assert_eq!(
        here.get("/api/v1/calendar/days").await.json["days"].as_array().map(Vec::len),
        Some(2)
    );
    let of = format!("{path}?period=202511&bureau=440300");
    assert_eq!(delete(&here, &of).await.json["removed"], true);
    assert_eq!(delete(&here, &of).await.json["removed"], false);
    assert_eq!(line().await["day"], "2025-12-17");
    delete(&here, path).await.refuses(400, "malformed", "period: is missing");
    here.post(path, day(None, "2025-11-30")).await.refuses(400, "malformed", "day: 2025-11-30");
    let anonymous = json!({"period": "202511", "day": "2025-12-17", "by": " ", "reason": "x"});
    here.post(path, anonymous).await.refuses(400, "malformed", "by: ");
}

/// As if the bureau had told its figures, which agree.
async fn ready(here: &Here) -> String {
    let tax_no = TAX_NO.parse().expect("a tax number");
    let parts = here.site.store.parts_of("nov", &[tax_no]).await.expect("the store answers");
    let part: RunPart = parts.into_iter().next().flatten().expect("a part");
    let asked_at = "2025-12-01T01:00:00Z".parse().expect("a moment");
    let seen = Seen { bureau: Figures::default(), ours: Figures::default(), asked_at };
    let figures = seen.fingerprint();
    let part = part.on(PartEvent::Done(Some(seen))).expect("it was creating");
    here.site.store.change_parts("nov", &[part]).await.expect("written");
    figures
}

#[tokio::test]
async fn a_run_takes_two_people() {
    let here = here().await;
    let asked = json!({"run_id": "nov", "period": "202511", "asked_by": "王",
        "tax_nos": [TAX_NO]});
    let run = here.post("/api/v1/runs", asked.clone()).await.json;
    assert_eq!(run["states"], json!([{"state": "creating", "tax_nos": 1}]));
    assert_eq!(here.post("/api/v1/runs", asked.clone()).await.json, run, "the same again");
    let parts = here.get("/api/v1/runs/nov/parts").await.json;
    let task = parts["parts"][0]["task_id"].as_str().expect("it waits for a task");
    let card = here.get(&format!("/api/v1/tasks/{task}")).await.json;
    assert_eq!(card["row"]["kind"], "statistic_create", "{card}");
    let mut other = asked.clone();
    other["period"] = "202510".into();
    here.post("/api/v1/runs", other).await.refuses(409, "conflict", "run_id: was used");
    let figures = ready(&here).await;
    let approve = |by: &str, figures: &str| json!({"by": by, "parts": [{"tax_no": TAX_NO, "figures": figures}]});
    let path = "/api/v1/runs/nov/approve";
    let same = here.post(path, approve(" 王", &figures)).await;
    same.refuses(409, "conflict", "by: 王 cannot approve the run, for 王 asked for it");
    let stale = here.post(path, approve("李", "0")).await;
    stale.refuses(409, "conflict", &format!("{TAX_NO}: its figures have changed"));
    let run = here.post(path, approve("李", &figures)).await.json;
    assert_eq!(run["states"], json!([{"state": "rereading", "tax_nos": 1}]));
    let part = here.get("/api/v1/runs/nov/parts?state=rereading").await.json["parts"][0].clone();
    assert_eq!((&part["approved"]["by"], &part["differences"]), (&json!("李"), &json!([])));
    let late = json!({"tax_nos": [TAX_NO], "by": "王", "reason": "x"});
    let late = here.post("/api/v1/runs/nov/drop", late).await;
    late.refuses(409, "conflict", &format!("{TAX_NO} is rereading, and not before its approval"));
    assert_eq!(here.get("/api/v1/runs").await.json["runs"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn wrong_requests_of_runs_name_the_field() {
    let here = here().await;
    for path in ["/api/v1/runs/lost", "/api/v1/runs/lost/parts"] {
        here.get(path).await.refuses(404, "no_such_run", "there is no run lost");
    }
    let lost = here.post("/api/v1/runs/lost/go-on", json!({})).await;
    lost.refuses(404, "no_such_run", "there is no run lost");
    let asked = json!({"run_id": "r", "period": "202511", "asked_by": "王", "tax_nos": []});
    here.post("/api/v1/runs", asked).await.refuses(400, "malformed", "tax_nos: has 0 entries");
    let unsigned = json!({"run_id": "r", "period": "202511", "asked_by": "王",
        "tax_nos": [TAX_NO], "password_ref": "sign-{tax_no}"});
    let unsigned = here.post("/api/v1/runs", unsigned).await;
    assert_eq!(unsigned.status.as_u16(), 422, "{unsigned:?}");
    let some = json!({"run_id": "nov", "period": "202511", "asked_by": "王", "tax_nos": [TAX_NO]});
    here.post("/api/v1/runs", some).await;
    let states = here.get("/api/v1/runs/nov/parts?state=lost").await;
    states.refuses(400, "malformed", "state: \"lost\": write one of creating");
    let nobody = json!({"tax_nos": [OTHER], "by": "王", "reason": "x"});
    let nobody = here.post("/api/v1/runs/nov/again", nobody).await;
    nobody.refuses(404, "no_such_run", "run nov has nothing of tax number");
    let accept = json!({"tax_no": TAX_NO, "figures": "0", "by": "王", "reason": "x"});
    let accept = here.post("/api/v1/runs/nov/accept", accept).await;
    accept.refuses(409, "conflict", &format!("{TAX_NO} is creating, and not differs"));
}
