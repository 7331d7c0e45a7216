//! Publishing tasks, and what people do about them.

use crate::desk::{Desk, TAX_NO, id, task};
use serde_json::{Value, json};

#[test]
fn each_line_is_answered_and_one_rejected_makes_it_fail() {
    let desk = Desk::new();
    let lines = format!("{}\n\n{{\"task_id\"\n{}\n", task(1), task(2));
    let said = desk.run(&["task", "publish", "--json"], &lines);
    assert_eq!(said.code, 1, "{said:?}");
    let outcomes: Vec<(u64, String)> = said
        .lines()
        .iter()
        .map(|one| {
            let text = one["outcome"].as_str().unwrap_or_default();
            (one["line"].as_u64().unwrap_or_default(), text.to_owned())
        })
        .collect();
    let expected = [(1, "waiting"), (3, "rejected"), (4, "waiting")];
    assert_eq!(outcomes, expected.map(|(line, outcome)| (line, outcome.to_owned())));
    assert_eq!(said.err, "gouxuan: 1 of 3 messages were not taken; their reasons say why\n");
    let again = desk.run(&["task", "publish"], &lines.replace("{\"task_id\"\n", ""));
    assert_eq!(again.code, 0, "{again:?}");
    assert!(again.out.ends_with("2 messages: 2 repeated\n"), "{again:?}");
}

#[test]
fn one_message_may_stand_on_several_lines() {
    let desk = Desk::new();
    let pretty: Value = serde_json::from_str(&task(1)).expect("JSON");
    let file = desk.path().join("task.json");
    let text = serde_json::to_string_pretty(&pretty).expect("JSON");
    std::fs::write(&file, text).expect("written");
    let said = desk.run(&["task", "publish", &file.to_string_lossy()], "");
    assert_eq!((said.code, said.out.lines().count()), (0, 2), "{said:?}");
    let missing = desk.run(&["task", "publish", "/nowhere/tasks.ndjson"], "");
    assert_eq!(missing.code, 1);
    assert!(
        missing.err.starts_with("gouxuan: /nowhere/tasks.ndjson cannot be read"),
        "{missing:?}"
    );
    let empty = desk.run(&["task", "publish"], "\n\n");
    assert_eq!((empty.code, empty.err.as_str()), (1, "gouxuan: there was no message in it\n"));
}

#[test]
fn a_line_that_is_too_long_is_rejected_and_the_rest_goes_on() {
    let desk = Desk::new();
    let long = format!("{{\"task_id\": \"{}\"}}", "x".repeat(2 << 20));
    let said =
        desk.run(&["task", "publish", "--json"], &format!("{}\n{long}\n{}", task(1), task(2)));
    let outcomes: Vec<Value> = said.lines().iter().map(|one| one["outcome"].clone()).collect();
    assert_eq!(outcomes, ["waiting", "rejected", "waiting"], "{}", said.err);
}

#[test]
fn tasks_are_looked_at_cancelled_and_not_retried() {
    let desk = Desk::new();
    let published = desk.run(&["task", "publish"], &format!("{}\n{}", task(1), task(2)));
    assert_eq!(published.code, 0, "{published:?}");
    let list = desk.run(&["task", "list", "--json", "--tax-no", TAX_NO], "");
    assert_eq!(list.lines().len(), 2, "{list:?}");
    let table = desk.run(&["task", "list", "--limit", "1"], "");
    assert!(table.out.contains("处理中") && table.out.contains("there are more"), "{table:?}");
    let why = desk.run(&["task", "why", &id(1), "--json"], "");
    assert_eq!(why.lines()[0]["code"], "no_owner", "{why:?}");
    let why = desk.run(&["task", "why", &id(1)], "");
    assert!(why.out.contains("暂无工作进程"), "{why:?}");

    let cancelled = desk.run(&["task", "cancel", &id(1), "--reason", "误发", "--by", "李"], "");
    assert_eq!(cancelled.code, 0, "{cancelled:?}");
    let again = desk.run(&["task", "cancel", &id(1), "--reason", "误发"], "");
    assert_eq!(again.code, 1, "{again:?}");
    let shown = desk.run(&["task", "show", &id(1)], "");
    assert!(shown.out.contains("李") && shown.out.contains("cancelled"), "{shown:?}");
    let retry = desk.run(&["task", "retry", &id(1), "--yes", "--json"], "");
    assert_eq!(retry.code, 1, "{retry:?}");
    assert_eq!(retry.lines()[0]["retried"][0]["retry"], Value::Null);
    let none = desk.run(&["task", "retry", "--all", "--dry-run"], "");
    assert_eq!((none.code, none.out.as_str()), (0, "0 tasks may be tried again\n"));
}

#[test]
fn a_refused_task_is_retried_after_it_was_counted() {
    let desk = Desk::new();
    let refused = json!({"task_id": id(1), "kind": "deduction_select", "tax_no": TAX_NO,
        "invoices": [{"invoice_type": "01", "invoice_code": "4403", "invoice_no": "404"}]});
    let published = desk.run(&["task", "publish"], &refused.to_string());
    assert_eq!(published.code, 0, "{published:?}");
    let nobody = desk.run(&["task", "retry", "--all"], "");
    assert_eq!(nobody.code, 2, "{nobody:?}");
    assert!(nobody.err.contains("--yes"), "{nobody:?}");
    let retried = desk.run(&["task", "retry", "--state", "refused", "--yes"], "");
    assert_eq!(retried.code, 0, "{retried:?}");
    assert!(retried.out.contains("1 tasks may be tried again"), "{retried:?}");
    assert!(retried.out.contains(&format!("{} is tried again as ", id(1))), "{retried:?}");
    let watched = desk.run(&["task", "watch", "--json"], "");
    assert_eq!(watched.code, 0, "{watched:?}");
    assert_eq!(watched.lines().last().map(|counts| counts["ended"].clone()), Some(json!(2)));
}
