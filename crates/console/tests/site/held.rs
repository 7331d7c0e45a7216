//! Whoever is held to organisations sees and does what is theirs, and learns nothing of the rest.

use crate::{
    here::TAX_NO,
    lists::list,
    town::{BOOKED, FOREIGN, OTHER, OWN, Town},
};
use axum::{
    body::{Body, to_bytes},
    http::{Request, header},
};
use domain::world::World;
use serde_json::{Value, json};
use std::io::Read;
use tower::ServiceExt;

/// Booked in November, not selected: one of each taxpayer, and one of either's that the other's
/// accounting organisation booked.
async fn booked(town: &Town) {
    let invoice = |buyer: &str, no: &str, org: &str| {
        json!({"buyer_tax_no": buyer, "invoice_type": "27", "invoice_no": no,
            "invoice_date": "2025-11-03", "amount": "100.00", "tax": "6.00", "accounting_org": org,
            "details": {"entry_state": "entered", "entry_period": "202511"}})
    };
    let invoices = json!([
        invoice(TAX_NO, "23442000000000000011", ""),
        invoice(TAX_NO, "23442000000000000012", "T2"),
        invoice(OTHER, "23442000000000000013", ""),
        invoice(OTHER, "23442000000000000014", "T1"),
        invoice(OTHER, "23442000000000000015", "elsewhere"),
    ]);
    town.buy(invoices).await;
}

/// The last two digits of the invoices' numbers.
fn ends(invoices: &Value) -> Vec<String> {
    let invoices = invoices.as_array().unwrap_or_else(|| panic!("invoices: {invoices}"));
    let number = |one: &Value| one["key"]["number"].as_str().expect("a number")[18..].to_owned();
    invoices.iter().map(number).collect()
}

/// The same in order.
fn sorted(invoices: &Value) -> Vec<String> {
    let mut ends = ends(invoices);
    ends.sort();
    ends
}

async fn all_pages(town: &Town, user: &str, path: &str) -> Vec<String> {
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = town.get(user, &format!("{path}&limit=1{after}")).await;
        assert_eq!(page.status, 200, "{page:?}");
        seen.extend(ends(&page.json["invoices"]));
        let Some(next) = page.json["next"].as_str() else { return seen };
        after = format!("&after={next}");
    }
}

/// The texts of a workbook's sheet.
async fn exported(town: &Town, user: &str, path: &str) -> String {
    let token = &town.tokens.iter().find(|(name, _)| *name == user).expect("a user").1;
    let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
    let request = request.body(Body::empty()).expect("a request");
    let response = town.router().oneshot(request).await.expect("infallible");
    assert_eq!(response.status(), 200, "{user} {path}");
    let bytes = to_bytes(response.into_body(), 1 << 24).await.expect("a file");
    let mut package = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a package");
    let mut whole = String::new();
    for n in 0..package.len() {
        let mut part = String::new();
        package.by_index(n).expect("a part").read_to_string(&mut part).expect("text");
        whole.push_str(&part);
    }
    whole
}

#[tokio::test]
async fn checks_list_count_and_export_what_one_may_see() {
    let town = Town::new().await;
    booked(&town).await;
    let all = ["11", "12", "13", "14", "15"];
    for (user, expected) in [
        ("boss", &all[..]),
        ("night", &all),
        ("viewer", &["11", "14"]),
        ("clerk", &["11", "14"]),
        ("other", &["12", "13"]),
    ] {
        let totals = town.get(user, "/api/v1/checks?period=202511").await;
        let total = &totals.json["checks"][1];
        assert_eq!(total["invoices"], expected.len(), "{user}: {totals:?}");
        assert_eq!(total["sum"]["amount"], format!("{}00.00", expected.len()), "{user}");
        let list = "/api/v1/checks/booked_not_selected?period=202511";
        assert_eq!(all_pages(&town, user, list).await, expected, "{user}");
        let file = exported(&town, user, "/api/v1/exports/checks/booked_not_selected").await;
        for end in all {
            let listed = file.contains(&format!("234420000000000000{end}"));
            assert_eq!(listed, expected.contains(&end), "{user} {end}");
        }
        // Of another's tax number those of the own accounting organisation, by any name of it.
        let of = format!("{list}&tax_no={OTHER}");
        let some: Vec<&str> =
            expected.iter().copied().filter(|end| ["13", "14", "15"].contains(end)).collect();
        assert_eq!(all_pages(&town, user, &of).await, some, "{user}");
        let of = format!("{list}&accounting_org=elsewhere");
        let some: Vec<&str> = expected.iter().copied().filter(|end| *end == "15").collect();
        assert_eq!(all_pages(&town, user, &of).await, some, "{user}");
    }
    let nobody = town.get("nobody", "/api/v1/checks/booked_not_selected").await;
    nobody.refuses(403, "forbidden", "nobody has no right to view");
    let nobody = town.get("nobody", "/api/v1/exports/checks/booked_not_selected").await;
    nobody.refuses(403, "forbidden", "nobody has no right to view");
}

#[tokio::test]
async fn when_a_tax_number_was_read_anew_is_told_to_who_may_see_it() {
    let town = Town::new().await;
    let asked = json!({"period": "202511", "tax_nos": [OTHER]});
    let done = town.ask("boss", "POST", "/api/v1/checks/resync", asked).await;
    assert_eq!(done.status, 200, "{done:?}");
    let path = format!("/api/v1/checks?period=202511&tax_no={OTHER}");
    assert_eq!(town.get("boss", &path).await.json["resync"]["by"], "boss");
    assert_eq!(town.get("other", &path).await.json["resync"]["by"], "boss");
    let told = town.get("viewer", &path).await;
    assert_eq!((told.status.as_u16(), &told.json["resync"]), (200, &Value::Null));
}

const RULES: &str = "/api/v1/automatic/rules";

fn rule(id: &str, when: Value) -> Value {
    let rule = json!({"rule_id": id, "work": "pre_select", "when": when});
    json!({"rule": rule, "reason": "月末"})
}

async fn put(town: &Town, user: &str, id: &str, body: Value) -> crate::here::Answer {
    town.ask(user, "PUT", &format!("{RULES}/{id}"), body).await
}

fn own() -> Value {
    json!({"organisations": ["T1"]})
}

fn why() -> Value {
    json!({"reason": "月末"})
}

#[tokio::test]
async fn a_rule_belongs_to_whoever_has_the_right_wherever_it_may_choose() {
    let town = Town::new().await;
    booked(&town).await;
    let denied = "clerk may select in some organisations only, and the rule may choose invoices of";
    for wide in [
        json!({}),
        json!({"tax_nos": [TAX_NO]}),
        json!({"tax_orgs": ["T1"]}),
        json!({"organisations": ["T1", "T2"]}),
        json!({"accounting_orgs": ["", "T1"]}),
    ] {
        let refused = put(&town, "clerk", "mine", rule("mine", wide)).await;
        refused.refuses(403, "forbidden", denied);
    }
    put(&town, "viewer", "mine", rule("mine", own())).await.refuses(403, "forbidden", "viewer has");
    assert_eq!(put(&town, "clerk", "mine", rule("mine", own())).await.status, 200);
    for (id, when) in [("wide", json!({})), ("theirs", json!({"organisations": ["T2"]}))] {
        assert_eq!(put(&town, "boss", id, rule(id, when)).await.status, 200);
    }

    for (user, expected) in [
        ("boss", &["mine", "theirs", "wide"][..]),
        ("night", &["mine", "theirs", "wide"]),
        ("clerk", &["mine"]),
        ("viewer", &["mine"]),
        ("other", &["theirs"]),
    ] {
        let all = town.get(user, RULES).await;
        let rules = all.json["rules"].as_array().unwrap_or_else(|| panic!("{user}: {all:?}"));
        let ids: Vec<&str> =
            rules.iter().map(|one| one["rule"]["rule_id"].as_str().expect("an id")).collect();
        assert_eq!(ids, expected, "{user}");
    }
    // Of a rule that one may not see, nothing tells it from one that is not there.
    for id in ["wide", "theirs", "gone"] {
        let gone = format!("there is no rule {id}");
        for path in ["", "/dry-run", "/runs"] {
            let answer = town.get("clerk", &format!("{RULES}/{id}{path}")).await;
            answer.refuses(404, "no_such_rule", &gone);
        }
        for path in ["/run", "/enable", "/disable", "/remove", "/reset"] {
            let answer = town.ask("clerk", "POST", &format!("{RULES}/{id}{path}"), why()).await;
            answer.refuses(404, "no_such_rule", &gone);
        }
    }
    let taken = put(&town, "clerk", "theirs", rule("theirs", own())).await;
    taken.refuses(409, "conflict", "rule_id: theirs is used already; choose another");
    for path in ["/run", "/enable", "/disable", "/remove", "/reset"] {
        let answer = town.ask("viewer", "POST", &format!("{RULES}/mine{path}"), why()).await;
        answer.refuses(403, "forbidden", "viewer has no right to select");
    }
    let mut wider = rule("mine", json!({}));
    wider["version"] = 1.into();
    put(&town, "clerk", "mine", wider).await.refuses(403, "forbidden", denied);
    for path in ["/disable", "/enable", "/reset", "/remove"] {
        let answer = town.ask("clerk", "POST", &format!("{RULES}/mine{path}"), why()).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn a_rule_never_chooses_beyond_its_organisations_whoever_runs_it() {
    let town = Town::new().await;
    booked(&town).await;
    assert_eq!(put(&town, "clerk", "mine", rule("mine", own())).await.status, 200);
    let would = town.get("viewer", &format!("{RULES}/mine/dry-run")).await;
    assert_eq!(sorted(&would.json["invoices"]), ["01", "11", "14", "35"], "{would:?}");
    assert_eq!((&would.json["looked_at"], &would.json["skipped"]), (&json!(4), &json!({})));
    assert_eq!(would.json["amount"], "445.64");

    // Its writer is gone, and somebody with the right everywhere runs it.
    town.ask("boss", "DELETE", "/api/v1/users/clerk", Value::Null).await;
    let run = town.ask("boss", "POST", &format!("{RULES}/mine/run"), why()).await;
    assert_eq!((&run.json["chosen"], &run.json["looked_at"]), (&json!(4), &json!(4)), "{run:?}");
    let batch = run.json["batch_id"].as_str().expect("a batch");
    let batch = town.get("boss", &format!("/api/v1/batches/{batch}/invoices")).await.json;
    assert_eq!(sorted(&batch["invoices"]), ["01", "11", "14", "35"]);
}

#[tokio::test]
async fn the_history_of_a_rule_shows_what_it_was_when_it_ran() {
    let town = Town::new().await;
    booked(&town).await;
    put(&town, "boss", "r", rule("r", json!({}))).await;
    let wide = town.ask("boss", "POST", &format!("{RULES}/r/run"), why()).await;
    assert_eq!(wide.json["chosen"], 9, "{wide:?}");
    let mut narrow = rule("r", own());
    narrow["version"] = 1.into();
    assert_eq!(put(&town, "boss", "r", narrow).await.status, 200);
    let runs = format!("{RULES}/r/runs");
    assert_eq!(town.get("boss", &runs).await.json["runs"].as_array().map(Vec::len), Some(1));
    let seen = town.get("clerk", &runs).await;
    assert_eq!((&seen.json["runs"], &seen.json["next"]), (&json!([]), &Value::Null), "{seen:?}");
    // Asked for at the same moment it is the run of before, which was wider.
    let again = town.ask("clerk", "POST", &format!("{RULES}/r/run"), why()).await;
    again.refuses(403, "forbidden", "clerk may view in some organisations only");
    town.ask("boss", "POST", &format!("{RULES}/r/remove"), why()).await;
    town.get("clerk", &runs).await.refuses(404, "no_such_rule", "there is no rule r");
    assert_eq!(town.get("boss", &runs).await.json["runs"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn the_list_of_runs_holds_those_that_one_may_see_whole() {
    let town = Town::new().await;
    for (id, tax_nos) in [
        ("own", &[TAX_NO][..]),
        ("theirs", &[OTHER]),
        ("both", &[TAX_NO, OTHER]),
        ("own2", &[TAX_NO]),
    ] {
        let run = json!({"run_id": id, "period": "202511", "asked_by": "x", "tax_nos": tax_nos});
        assert_eq!(town.ask("boss", "POST", "/api/v1/runs", run).await.status, 200, "{id}");
    }
    for (user, expected) in [
        ("boss", &["both", "own", "own2", "theirs"][..]),
        ("night", &["both", "own", "own2", "theirs"]),
        ("viewer", &["own", "own2"]),
        ("chief", &["own", "own2"]),
        ("other", &["theirs"]),
    ] {
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = town.get(user, &format!("/api/v1/runs?limit=1{after}")).await;
            let runs = page.json["runs"].as_array().unwrap_or_else(|| panic!("{user}: {page:?}"));
            assert_eq!(runs.len(), 1, "{user}: no page is empty, and none tells of what is hidden");
            seen.push(runs[0]["run_id"].as_str().expect("an id").to_owned());
            let Some(next) = page.json["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        for id in ["own", "own2", "theirs", "both"] {
            let alone = town.get(user, &format!("/api/v1/runs/{id}")).await;
            assert_eq!(alone.status == 200, expected.contains(&id), "{user} {id}");
        }
        seen.sort();
        assert_eq!(seen, expected, "{user}");
    }
    town.get("nobody", "/api/v1/runs").await.refuses(403, "forbidden", "nobody has no right");
}

/// Uploads rows that select these invoices; the sentence of each.
async fn sentences(town: &Town, user: &str, id: &str, numbers: &[&str]) -> Vec<String> {
    let rows: Vec<[&str; 3]> = numbers.iter().map(|number| ["勾选", *number, ""]).collect();
    let path = format!("/api/v1/lists?list_id={id}&purpose=deduct&file_name=l.xlsx");
    let read = town.upload(user, &path, list(&rows)).await;
    assert_eq!((read.status.as_u16(), &read.json["state"]), (200, &json!("ready")), "{read:?}");
    let rows = town.get(user, &format!("/api/v1/lists/{id}/rows")).await.json;
    let rows = rows["rows"].as_array().unwrap_or_else(|| panic!("{rows}")).clone();
    rows.iter().map(|row| row["sentence"].as_str().expect("a sentence").to_owned()).collect()
}

#[tokio::test]
async fn a_list_tells_of_no_invoice_that_its_uploader_may_not_see() {
    let town = Town::new().await;
    let invoice = |buyer: &str, no: &str, more: Value| {
        let mut one = json!({"buyer_tax_no": buyer, "invoice_type": "27", "invoice_no": no,
            "invoice_date": "2025-11-03", "amount": "10.00"});
        let fields = one.as_object_mut().expect("an object");
        fields.extend(more.as_object().expect("fields").clone());
        one
    };
    const TWICE: &str = "23442000000000000021";
    const REVERSED: &str = "23442000000000000022";
    const NOBODYS: &str = "23442000000000000099";
    town.buy(json!([invoice(TAX_NO, TWICE, json!({}))])).await;
    town.buy(json!([invoice(OTHER, TWICE, json!({}))])).await;
    town.buy(json!([invoice(OTHER, REVERSED, json!({"status": "reversed"}))])).await;
    let numbers = [OWN, FOREIGN, BOOKED, REVERSED, NOBODYS, TWICE];
    let absent = "发票不存在，请先从税局下载或是上传";
    let several = "全票池中有多个购买方的同号发票，请通过勾选批次按税号提交";
    let reversed = "发票状态异常：只允许勾选发票状态为“正常”和“部分红冲”的发票，请下载更新发票。";

    let own = sentences(&town, "clerk", "own", &numbers).await;
    assert_eq!(own, ["", absent, absent, absent, absent, ""], "as if the pool had T1's alone");
    let theirs = sentences(&town, "other", "theirs", &numbers).await;
    assert_eq!(theirs, [absent, "", "", reversed, absent, ""]);
    let all = sentences(&town, "boss", "all", &numbers).await;
    assert_eq!(all, ["", "", "", reversed, absent, several]);

    let shown = town.get("clerk", "/api/v1/lists/own").await;
    assert_eq!(shown.json["results"], json!({"failed": 4, "listed": 2}), "{shown:?}");
    let file = exported(&town, "clerk", "/api/v1/lists/own/results.xlsx").await;
    assert!(file.contains(absent) && !file.contains("多个购买方") && !file.contains("状态异常"));
    let rows = town.get("clerk", "/api/v1/lists/own/rows").await.text;
    assert!(!rows.contains(OTHER), "nor whose it is: {rows}");
    let confirmed = json!({"batch_id": "own", "draft": true});
    let batch = town.ask("clerk", "POST", "/api/v1/lists/own/confirm", confirmed).await;
    assert_eq!(batch.status, 200, "{batch:?}");
}

#[tokio::test]
async fn the_same_file_of_another_does_not_open_their_list() {
    let town = Town::new().await;
    let all = sentences(&town, "boss", "l", &[OWN, FOREIGN]).await;
    assert_eq!(all, ["", ""]);
    let file = list(&[["勾选", OWN, ""], ["勾选", FOREIGN, ""]]);
    let path = "/api/v1/lists?list_id=l&purpose=deduct&file_name=l.xlsx";
    let again = town.upload("clerk", path, file.clone()).await;
    again.refuses(409, "conflict", "list_id: was used for another list on 2025-12-01");
    for path in ["/api/v1/lists/l", "/api/v1/lists/l/rows", "/api/v1/lists/l/results.xlsx"] {
        town.get("clerk", path).await.refuses(404, "no_such_list", "there is no list l");
    }
    assert_eq!(town.upload("boss", path, file).await.json["results"], json!({"listed": 2}));
}

#[tokio::test]
async fn confirming_a_list_needs_the_right_to_what_only_makes_a_failing_task_too() {
    let mut town = Town::new().await;
    let roles = json!({"roles": ["clerk@T1", "viewer@T2"]});
    let kept = town.ask("boss", "PUT", "/api/v1/users/both", roles).await;
    town.tokens.push(("both", kept.json["token"].as_str().expect("a token").to_owned()));
    let small = json!({"taxpayers": [{"tax_no": OTHER, "bureau": "440300", "tax_org": "T2",
        "kind": "small_scale"}], "accounts": [], "invoices": []});
    let small = World::parse(small.to_string().as_bytes()).expect("a world");
    town.here.site.store.import(&small, 8).await.expect("imported");
    let said = sentences(&town, "both", "l", &[OWN, FOREIGN]).await;
    assert!(said[0].is_empty() && said[1].starts_with("小规模纳税人不支持"), "{said:?}");
    let shown = town.get("both", "/api/v1/lists/l").await;
    assert_eq!(shown.json["results"], json!({"listed": 1, "task_fails": 1}), "{shown:?}");
    let refused = town.ask("both", "POST", "/api/v1/lists/l/confirm", json!({})).await;
    refused.refuses(403, "forbidden", "both has no right to select in organisation T2");
    assert_eq!(
        town.get("boss", "/api/v1/tasks").await.json["tasks"],
        json!([]),
        "nothing was made"
    );
}
