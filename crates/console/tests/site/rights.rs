//! Who may do what where, and the audit of it.

use crate::{
    here::{Answer, Here, TAX_NO},
    town::{BOOKED, FOREIGN, OTHER, OWN, Town},
};
use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::{Value, json};
use tower::ServiceExt;
use uuid::Uuid;

fn batch(id: &str, tax_no: &str, invoice: &str) -> Value {
    json!({"batch_id": id, "purpose": "deduction", "tax_no": tax_no, "draft": true,
        "submitted_by": "somebody else", "invoices": [{"invoice_no": invoice}]})
}

#[tokio::test]
async fn from_the_first_user_on_everybody_says_who_they_are() {
    let here = Here::new().await;
    assert_eq!(here.get("/api/v1/tasks").await.status, 200);
    let me = here.get("/api/v1/me").await;
    assert_eq!(me.json["name"], Value::Null);
    let put = |name: &str, roles: Value| {
        let request = Request::put(format!("/api/v1/users/{name}"));
        let request = request.header(header::CONTENT_TYPE, "application/json");
        request.body(Body::from(json!({"roles": roles, "by": "root"}).to_string())).expect("it")
    };
    let first = Answer::of(here.router(), put("a", json!(["clerk"]))).await;
    first.refuses(409, "conflict", "somebody must be administrator everywhere");
    let wrong = Answer::of(here.router(), put("a", json!(["king"]))).await;
    wrong.refuses(400, "malformed", "roles: \"king\": \"king\" is no role; write viewer");
    let first = Answer::of(here.router(), put("a", json!(["administrator"]))).await;
    let token = first.json["token"].as_str().expect("a token").to_owned();

    let request = Request::get("/api/v1/tasks").body(Body::empty()).expect("a request");
    let response = here.router().oneshot(request).await.expect("infallible");
    assert!(response.headers().contains_key(header::WWW_AUTHENTICATE), "a browser asks for it");
    here.get("/api/v1/tasks").await.refuses(401, "unknown_user", "say who you are");
    here.get("/").await.refuses(401, "unknown_user", "say who you are");
    for open in ["/healthz", "/readyz", "/metrics", "/openapi.json"] {
        assert_eq!(here.get(open).await.status, 200, "{open}");
    }
    let as_token = |token: &str| {
        let request = Request::get("/api/v1/me");
        request.header(header::AUTHORIZATION, format!("Bearer {token}")).body(Body::empty())
    };
    let other = Answer::of(here.router(), as_token("gx_1").expect("it")).await;
    other.refuses(401, "unknown_user", "the token that was shown is nobody's");
    let me = Answer::of(here.router(), as_token(&token).expect("it")).await;
    assert_eq!(
        (&me.json["name"], &me.json["rights"][5]["right"]),
        (&json!("a"), &json!("administer"))
    );
}

/// user | method | path | body | status
#[tokio::test]
async fn every_action_asks_for_its_right_where_its_subject_belongs() {
    let town = Town::new().await;
    let task = |number: u128, kind: &str, tax_no: &str| json!({"task_id": Uuid::from_u128(number), "kind": kind, "tax_no": tax_no});
    let note = || json!({"by": "x", "reason": "y"});
    let gate = |field: &str, value: &str| json!({field: value, "by": "x", "reason": "y"});
    let all = |tasks: &[u128]| {
        let tasks: Vec<Uuid> = tasks.iter().copied().map(Uuid::from_u128).collect();
        json!({"tasks": tasks, "by": "x", "reason": "y"})
    };
    let own = format!("/api/v1/invoices/{TAX_NO}/{OWN}");
    let booked = format!("/api/v1/invoices/{TAX_NO}/{BOOKED}");
    let foreign = format!("/api/v1/invoices/{OTHER}/{FOREIGN}");
    let of = |what: &str, tax_no: &str, rest: &str| format!("/api/v1/{what}/{tax_no}{rest}");
    let tasks = "/api/v1/tasks";
    let run = |id: &str, tax_no: &str| json!({"run_id": id, "period": "202511", "asked_by": "x", "tax_nos": [tax_no]});
    let approve = |tax_no: &str| json!({"by": "x", "parts": [{"tax_no": tax_no, "figures": "0"}]});
    let parts = |tax_no: &str| json!({"tax_nos": [tax_no], "by": "x", "reason": "y"});
    let download = |tax_no: &str| json!({"tax_no": tax_no});
    let rows = [
        ("viewer", "GET", own.clone(), Value::Null, 200),
        ("viewer", "GET", booked.clone(), Value::Null, 403),
        ("viewer", "GET", foreign.clone(), Value::Null, 403),
        ("viewer", "GET", format!("{own}/files"), Value::Null, 200),
        ("viewer", "GET", format!("{foreign}/files"), Value::Null, 403),
        ("viewer", "GET", format!("{foreign}/files/pdf"), Value::Null, 403),
        ("nobody", "GET", own.clone(), Value::Null, 403),
        ("nobody", "GET", "/api/v1/me".into(), Value::Null, 200),
        ("nobody", "GET", "/api/v1/lists/template.xlsx".into(), Value::Null, 200),
        ("boss", "POST", tasks.into(), task(1, "invoice_download", TAX_NO), 200),
        ("boss", "POST", tasks.into(), task(2, "invoice_download", OTHER), 200),
        ("viewer", "POST", tasks.into(), task(3, "invoice_download", TAX_NO), 403),
        ("clerk", "POST", tasks.into(), task(3, "invoice_download", TAX_NO), 200),
        ("clerk", "POST", tasks.into(), task(4, "invoice_download", OTHER), 403),
        ("clerk", "POST", tasks.into(), task(4, "statistic_create", TAX_NO), 403),
        ("chief", "POST", tasks.into(), task(4, "statistic_create", TAX_NO), 200),
        ("chief", "POST", tasks.into(), task(5, "tax_filing", OTHER), 403),
        ("viewer", "GET", format!("{tasks}/{}", Uuid::from_u128(1)), Value::Null, 200),
        ("viewer", "GET", format!("{tasks}/{}", Uuid::from_u128(2)), Value::Null, 403),
        ("viewer", "GET", format!("{tasks}/{}/why", Uuid::from_u128(2)), Value::Null, 403),
        ("clerk", "POST", format!("{tasks}/cancel"), all(&[1]), 403),
        ("night", "POST", format!("{tasks}/cancel"), all(&[1]), 200),
        ("night", "POST", format!("{tasks}/ask"), json!({"tasks": [Uuid::from_u128(2)]}), 200),
        ("night", "POST", format!("{tasks}/absent"), all(&[2]), 200),
        ("night", "POST", tasks.into(), task(6, "invoice_download", TAX_NO), 403),
        ("clerk", "POST", format!("{tasks}/retry"), json!({"filter": {}, "dry_run": true}), 403),
        ("night", "POST", format!("{tasks}/retry"), json!({"filter": {}, "dry_run": true}), 200),
        ("clerk", "POST", "/api/v1/invoices/download".into(), download(TAX_NO), 200),
        ("clerk", "POST", "/api/v1/invoices/download".into(), download(OTHER), 403),
        ("viewer", "POST", "/api/v1/invoices/download".into(), download(TAX_NO), 403),
        (
            "clerk",
            "POST",
            "/api/v1/invoices/resync".into(),
            json!({"tax_no": OTHER, "period": "202511"}),
            403,
        ),
        (
            "clerk",
            "POST",
            "/api/v1/invoices/resync".into(),
            json!({"tax_no": TAX_NO, "period": "202511"}),
            200,
        ),
        ("clerk", "POST", "/api/v1/writebacks".into(), json!([]), 403),
        ("clerk", "POST", "/api/v1/invoices/load".into(), json!({}), 403),
        ("clerk", "POST", "/api/v1/batches".into(), batch("b1", TAX_NO, OWN), 200),
        ("clerk", "POST", "/api/v1/batches".into(), batch("b2", TAX_NO, BOOKED), 403),
        ("clerk", "POST", "/api/v1/batches".into(), batch("b2", OTHER, FOREIGN), 403),
        ("viewer", "POST", "/api/v1/batches".into(), batch("b2", TAX_NO, OWN), 403),
        ("boss", "POST", "/api/v1/batches".into(), batch("b3", OTHER, FOREIGN), 200),
        ("viewer", "GET", "/api/v1/batches/b1".into(), Value::Null, 200),
        ("viewer", "POST", "/api/v1/batches/b1/submit".into(), Value::Null, 403),
        ("clerk", "GET", "/api/v1/batches/b3".into(), Value::Null, 403),
        ("clerk", "GET", "/api/v1/batches/b3/invoices".into(), Value::Null, 403),
        ("clerk", "POST", "/api/v1/batches/b3/submit".into(), Value::Null, 403),
        (
            "clerk",
            "POST",
            "/api/v1/batches/b3/account".into(),
            json!({"tax_no": OTHER, "account": null}),
            403,
        ),
        ("clerk", "POST", "/api/v1/batches/b3/drop".into(), json!({"tax_no": OTHER}), 403),
        (
            "clerk",
            "POST",
            "/api/v1/batches/b3/login".into(),
            json!({"tax_no": OTHER, "by": "x", "reason": "y"}),
            403,
        ),
        ("clerk", "POST", "/api/v1/batches/b3/cancel".into(), note(), 403),
        ("clerk", "POST", "/api/v1/batches/b3/again".into(), json!({"batch_id": "b4"}), 403),
        ("clerk", "POST", "/api/v1/batches/b1/cancel".into(), note(), 200),
        ("viewer", "POST", "/api/v1/lists?purpose=deduction".into(), json!({}), 403),
        ("viewer", "GET", of("statistics", TAX_NO, ""), Value::Null, 200),
        ("viewer", "GET", of("statistics", OTHER, ""), Value::Null, 403),
        ("clerk", "POST", of("statistics", TAX_NO, "/query"), json!({}), 200),
        ("clerk", "POST", of("statistics", OTHER, "/query"), json!({}), 403),
        ("clerk", "POST", of("statistics", TAX_NO, "/withdraw"), json!({}), 200),
        ("clerk", "POST", of("statistics", TAX_NO, "/create"), json!({}), 403),
        ("clerk", "POST", of("statistics", TAX_NO, "/confirm"), json!({}), 403),
        ("clerk", "POST", of("periods", TAX_NO, "/change"), json!({"tax_period": "202511"}), 403),
        ("chief", "POST", of("periods", TAX_NO, "/change"), json!({"tax_period": "202511"}), 200),
        ("night", "GET", "/api/v1/lanes".into(), Value::Null, 200),
        ("night", "POST", "/api/v1/lanes/pause".into(), gate("tax_no", TAX_NO), 200),
        ("night", "POST", "/api/v1/lanes/resume".into(), gate("tax_no", TAX_NO), 200),
        ("clerk", "POST", "/api/v1/lanes/pause".into(), gate("bureau", "440300"), 403),
        (
            "clerk",
            "POST",
            "/api/v1/lanes/login".into(),
            json!({"bureau": "440300", "account": "1", "by": "x", "reason": "y"}),
            403,
        ),
        ("chief", "POST", "/api/v1/runs".into(), run("r1", TAX_NO), 200),
        ("chief", "POST", "/api/v1/runs".into(), run("r2", OTHER), 403),
        ("clerk", "POST", "/api/v1/runs".into(), run("r2", TAX_NO), 403),
        ("boss", "POST", "/api/v1/runs".into(), run("r2", OTHER), 200),
        ("viewer", "GET", "/api/v1/runs/r1".into(), Value::Null, 200),
        ("viewer", "GET", "/api/v1/runs/r2".into(), Value::Null, 403),
        ("chief", "GET", "/api/v1/runs/r2/parts".into(), Value::Null, 403),
        ("chief", "POST", "/api/v1/runs/r2/go-on".into(), json!({}), 403),
        ("chief", "POST", "/api/v1/runs/r2/approve".into(), approve(OTHER), 403),
        ("chief", "POST", "/api/v1/runs/r2/drop".into(), parts(OTHER), 403),
        ("chief", "POST", "/api/v1/runs/r2/again".into(), parts(OTHER), 403),
        ("chief", "POST", "/api/v1/runs/r1/approve".into(), approve(TAX_NO), 409),
        ("clerk", "POST", "/api/v1/runs/r1/go-on".into(), json!({}), 403),
        ("viewer", "GET", of("taxpayers", TAX_NO, ""), Value::Null, 200),
        ("viewer", "GET", of("taxpayers", OTHER, ""), Value::Null, 403),
        ("chief", "PUT", of("taxpayers", TAX_NO, ""), json!({"by": "x", "reason": "y"}), 403),
        ("chief", "PUT", "/api/v1/accounts/440300/13800000001".into(), json!({}), 403),
        ("viewer", "GET", "/api/v1/accounts/440300/13800000001".into(), Value::Null, 403),
        ("viewer", "GET", "/api/v1/checks?period=202511".into(), Value::Null, 200),
        ("nobody", "GET", "/api/v1/checks?period=202511".into(), Value::Null, 403),
        ("viewer", "GET", "/api/v1/matrix?period=202511".into(), Value::Null, 403),
        (
            "viewer",
            "GET",
            format!("/api/v1/matrix?period=202511&tax_no={TAX_NO}"),
            Value::Null,
            200,
        ),
        ("viewer", "GET", format!("/api/v1/matrix?period=202511&tax_no={OTHER}"), Value::Null, 403),
        ("clerk", "GET", "/api/v1/automatic/rules".into(), Value::Null, 200),
        ("nobody", "GET", "/api/v1/automatic/rules".into(), Value::Null, 403),
        ("clerk", "POST", "/api/v1/calendar/days".into(), json!({}), 403),
        ("chief", "GET", "/api/v1/secrets".into(), Value::Null, 403),
        ("chief", "PUT", "/api/v1/secrets/a".into(), json!({"value": "sesame"}), 403),
        ("chief", "DELETE", "/api/v1/secrets/a".into(), Value::Null, 403),
        ("chief", "POST", "/api/v1/world".into(), json!({}), 403),
        ("chief", "GET", "/api/v1/users".into(), Value::Null, 403),
        ("chief", "PUT", "/api/v1/users/me".into(), json!({"roles": ["administrator"]}), 403),
        ("chief", "DELETE", "/api/v1/users/boss".into(), Value::Null, 403),
        ("chief", "GET", "/api/v1/audit".into(), Value::Null, 403),
        ("clerk", "GET", "/".into(), Value::Null, 403),
        ("boss", "GET", "/".into(), Value::Null, 200),
        ("boss", "DELETE", "/api/v1/users/boss".into(), Value::Null, 409),
        ("boss", "DELETE", "/api/v1/users/ghost".into(), Value::Null, 404),
    ];
    for (user, method, path, body, expected) in rows {
        let answer = town.ask(user, method, &path, body).await;
        assert_eq!(answer.status.as_u16(), expected, "{user} {method} {path}: {answer:?}");
        if expected == 403 {
            assert_eq!(answer.json["code"], "forbidden");
            let said = answer.json["sentence"].as_str().unwrap_or_default();
            assert!(said.starts_with(user) || said.starts_with("this needs"), "{said}");
        }
    }
}

#[tokio::test]
async fn pages_hold_what_one_may_see() {
    let town = Town::new().await;
    for (number, tax_no) in [(1, TAX_NO), (2, OTHER)] {
        let task = json!({"task_id": Uuid::from_u128(number), "kind": "invoice_download",
            "tax_no": tax_no, "submitted_by": if number == 2 { "clerk" } else { "erp" }});
        town.ask("boss", "POST", "/api/v1/tasks", task).await;
    }
    town.ask("boss", "POST", "/api/v1/batches", batch("b1", OTHER, FOREIGN)).await;
    town.ask("clerk", "POST", "/api/v1/batches", batch("b2", TAX_NO, OWN)).await;
    let count = async |user: &str, path: &str, field: &str| -> usize {
        let page = town.get(user, path).await;
        page.json[field].as_array().unwrap_or_else(|| panic!("{user} {path}: {page:?}")).len()
    };
    for (user, invoices, tasks, batches) in
        [("boss", 4, 2, 2), ("viewer", 2, 1, 0), ("clerk", 2, 2, 1), ("night", 4, 2, 2)]
    {
        assert_eq!(count(user, "/api/v1/invoices", "invoices").await, invoices, "{user}");
        assert_eq!(count(user, "/api/v1/tasks", "tasks").await, tasks, "{user}");
        assert_eq!(count(user, "/api/v1/batches", "batches").await, batches, "{user}");
        assert_eq!(count(user, "/api/v1/ledger", "lines").await, 0, "{user}");
        assert_eq!(count(user, "/api/v1/lists", "lists").await, 0, "{user}");
        let counted = town.get(user, "/api/v1/counts").await;
        assert_eq!(counted.json["total"], tasks, "{user}");
        for export in ["invoices", "tasks", "ledger"] {
            let file = format!("/api/v1/exports/{export}.xlsx");
            let request = Request::get(&file);
            let token = &town.tokens.iter().find(|(name, _)| *name == user).expect("a user").1;
            let request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
            let request = request.body(Body::empty()).expect("a request");
            let response = town.router().oneshot(request).await.expect("infallible");
            assert_eq!(response.status(), 200, "{user} {file}");
        }
    }
    let batch = town.get("clerk", "/api/v1/batches/b2").await;
    assert_eq!(batch.json["submitted_by"], "clerk", "whatever the request says");
}

#[tokio::test]
async fn the_audit_says_who_what_from_where_before_and_after() {
    let town = Town::new().await;
    let gate =
        json!({"bureau": "440300", "account": "13800000001", "by": "somebody", "reason": "检修"});
    town.ask("night", "POST", "/api/v1/lanes/pause", gate.clone()).await;
    town.ask("night", "POST", "/api/v1/lanes/pause", gate.clone()).await;
    let lines = town.audit("?action=POST%20lanes/pause").await;
    let [second, first] = &lines[..] else { panic!("two: {lines:?}") };
    assert_eq!((&first["by"], &first["reason"]), (&json!("night"), &json!("检修")));
    assert_eq!((&first["outcome"], &first["asked"]), (&json!("done"), &gate));
    assert_eq!(first["before"], json!({"440300.13800000001": null}));
    assert_eq!(second["before"]["440300.13800000001"]["by"], "night");
    assert_eq!(first["after"], json!({"lanes": 1}));
    let effects = town.audit("?action=pause").await;
    assert_eq!((effects.len(), &effects[0]["by"]), (2, &json!("night")), "beside its request");

    town.ask("clerk", "POST", "/api/v1/lanes/pause", gate).await;
    let lines = town.audit("?by=clerk").await;
    assert_eq!((lines.len(), &lines[0]["outcome"]), (1, &json!("refused")));
    assert_eq!(lines[0]["after"]["code"], "forbidden");
    town.get("clerk", "/api/v1/secrets").await;
    let lines = town.audit("?by=clerk").await;
    assert_eq!(lines[0]["action"], "GET secrets", "looking where one may not is told too");

    town.ask("boss", "PUT", "/api/v1/secrets/ca", json!({"value": "open sesame"})).await;
    let roles = json!({"roles": ["viewer"], "new_token": true, "reason": "换岗"});
    let kept = town.ask("boss", "PUT", "/api/v1/users/clerk", roles).await;
    let token = kept.json["token"].as_str().expect("a token").to_owned();
    let whole = json!(town.audit("?limit=100").await).to_string();
    assert!(!whole.contains("sesame") && !whole.contains(&token), "no secret is told");
    for (_, token) in &town.tokens {
        assert!(!whole.contains(token));
    }
    let line = &town.audit("?subject=users/clerk").await[0];
    assert_eq!(line["before"]["roles"], json!(["clerk@T1"]));
    assert_eq!(line["after"]["user"]["roles"], json!(["viewer"]));
    assert_eq!(town.get("clerk", "/api/v1/me").await.status, 401, "the old token is worth nothing");
}

#[tokio::test]
async fn a_large_or_strange_body_does_not_stand_in_the_audits_way() {
    let town = Town::new().await;
    let mut large = batch("b", TAX_NO, OWN);
    large["again_of"] = Value::Null;
    large["note"] = json!("x".repeat(40_000));
    let answer = town.ask("clerk", "POST", "/api/v1/batches", large).await;
    assert!(answer.status.is_client_error() || answer.status.is_success(), "{answer:?}");
    let line = &town.audit("?by=clerk").await[0];
    assert!(line["asked"]["bytes"].as_u64().is_some_and(|bytes| bytes > 40_000), "{line}");
    let strange = json!({"bureau": "440300\u{0}", "by": "x", "reason": "y"});
    let answer = town.ask("night", "POST", "/api/v1/lanes/pause", strange).await;
    assert_eq!(answer.status, 400);
    assert_eq!(town.audit("?by=night").await[0]["outcome"], "refused");
}
