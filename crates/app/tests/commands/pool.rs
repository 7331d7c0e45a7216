//! The pool and what is asked of it.

use crate::desk::{Desk, TAX_NO};
use serde_json::{Value, json};

#[test]
fn invoices_are_listed_and_shown() {
    let desk = Desk::new();
    let list = desk.run(&["invoice", "list", "--json", "--tax-no", TAX_NO, "--limit", "1"], "");
    assert_eq!((list.code, list.lines().len()), (0, 1), "{list:?}");
    let number = list.lines()[0]["key"]["number"].as_str().expect("a number").to_owned();
    let table = desk.run(&["invoice", "list", "--number", &number], "");
    assert!(table.out.contains(&number) && table.out.contains("未勾选"), "{table:?}");
    let shown = desk.run(&["invoice", "show", &number, "--tax-no", TAX_NO], "");
    assert!(shown.out.contains("票面税额"), "{shown:?}");
    assert!(shown.out.contains("未查到该发票在星空的税局用票台账"), "{shown:?}");
    let nobody = desk.run(&["invoice", "show", "404", "--tax-no", TAX_NO], "");
    assert_eq!(nobody.code, 1, "{nobody:?}");
    assert!(nobody.err.starts_with("gouxuan: no invoice 404 of "), "{nobody:?}");
}

/// Without a broker the same comes in by a file, and over HTTP.

#[test]
fn write_backs_of_a_file_are_told_line_by_line() {
    let desk = Desk::new();
    let told = |version: u64, voucher: &str| {
        json!({
            "document_id": "FB-1", "version": version, "what": "voucher_made",
            "time": format!("2025-11-20T10:{version:02}:00+08:00"), "tax_no": TAX_NO,
            "invoice_no": "23442000000164214335", "entered_at": "2025-11-20T10:30:00+08:00",
            "voucher_no": voucher,
        })
    };
    let mut stranger = told(1, "记-1");
    stranger["invoice_no"] = "1".into();
    let lines =
        [told(2, "记-1"), told(1, "记-0"), told(2, "记-1"), told(2, "记-7"), stranger, json!({})];
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    let said = desk.run(&["invoice", "writeback", "-"], &lines.join("\n\n"));
    assert_eq!(said.code, 1, "{said:?}");
    let expected = [
        "line 1 written",
        "line 3 older: 该单据已有更新的版本回写，未作更改。",
        "line 5 repeated",
        "line 7 refused: 该单据版本已回写过其他内容，请提高单据版本后重新回写。",
        "line 9 no_such_invoice: 发票不存在，请先从税局下载或是上传",
        "line 11 rejected: document_id: is missing",
        "6 write-backs: 1 written, 1 repeated, 1 older, 1 refused, 1 no_such_invoice, 1 rejected",
    ];
    assert_eq!(said.out.lines().collect::<Vec<_>>(), expected);
    assert!(said.err.contains("3 of 6 write-backs were not taken"), "{said:?}");
    let shown = desk.run(&["invoice", "show", "23442000000164214335", "--tax-no", TAX_NO], "");
    assert!(shown.out.contains("记-1") && shown.out.contains("已入账"), "{shown:?}");
    let one = desk.run(&["invoice", "writeback", "-", "--json"], &told(3, "记-3").to_string());
    assert_eq!(one.code, 0, "{one:?}");
    let one: Value = serde_json::from_str(&one.out).expect("one object per line");
    assert_eq!(one, json!({"line": 1, "outcome": "written"}));
    let none = desk.run(&["invoice", "writeback", "/nowhere"], "");
    assert_eq!(none.code, 1, "{none:?}");
}

/// What the flags match becomes a draft without a question, and tasks only after one.

#[test]
fn a_batch_of_what_the_flags_match_is_asked_about() {
    let desk = Desk::new();
    let select = |id: &str, more: &[&str]| {
        let flags = ["--for", "deduction", "--tax-no", TAX_NO, "--purpose", "none"];
        desk.run(&[&["batch", "select", "--id", id], &flags[..], more].concat(), "")
    };
    let draft = select("nov", &["--draft", "--json"]);
    assert_eq!(draft.code, 0, "{draft:?}");
    let draft = draft.lines().remove(0);
    assert_eq!((&draft["state"], &draft["purpose"]), (&json!("draft"), &json!("deduction")));
    assert_eq!(draft["parts"][0]["invoices"], json!(1), "{draft}");
    assert!(desk.run(&["task", "list", "--json"], "").lines().is_empty(), "a draft has no task");
    let unasked = select("dec", &[]);
    assert_eq!(unasked.code, 2, "{unasked:?}");
    assert!(unasked.err.contains("look with --draft, or say --yes"), "{unasked:?}");
    let other = select("dec", &["--seller", "nobody", "--yes"]);
    assert_eq!(other.code, 1, "{other:?}");
    assert!(other.err.contains("no invoice matches"), "{other:?}");
    let submitted = desk.run(&["batch", "submit", "nov", "--json"], "");
    assert_eq!(submitted.code, 0, "{submitted:?}");
    assert_eq!(submitted.lines()[0]["tasks"], json!(1), "{submitted:?}");
    assert_eq!(desk.run(&["task", "list", "--json"], "").lines().len(), 1);
}
