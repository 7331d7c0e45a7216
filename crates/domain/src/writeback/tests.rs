use super::{Books, Decision, Newer, Refused, Writeback, decide, wire};
use crate::{
    invoice::{Entry, EntryState},
    money::Fen,
    written,
};
use proptest::{prelude::any, prop_assert_eq, proptest};
use serde_json::{Value, json};

fn read(value: &Value) -> Writeback {
    Writeback::parse(value.to_string().as_bytes()).expect("it is well formed")
}

/// `A2@5`: version 2 of document A, made in minute 5.
fn stamped(stamp: &str) -> Value {
    let (document, rest) = stamp.split_at(1);
    let (version, minute) = rest.split_once('@').expect("a version and a minute");
    json!({
        "document_id": document, "version": version.parse::<u64>().expect("a number"),
        "time": format!("2025-11-20T10:{minute:0>2}:00+08:00"),
        "tax_no": "91440300MA5G9GK78Y", "invoice_no": "23442000000164214335",
    })
}

fn with(mut value: Value, fields: Value) -> Value {
    let (Value::Object(into), Value::Object(fields)) = (&mut value, fields) else {
        panic!("they are objects")
    };
    into.extend(fields);
    value
}

fn submitted(stamp: &str, fields: Value) -> Value {
    let whole = json!({
        "what": "submitted", "entry_tax": "6.00", "accounting_org": "0102",
        "document_type": "费用报销单",
    });
    with(with(stamped(stamp), whole), fields)
}

fn made(stamp: &str) -> Value {
    let whole = json!({
        "what": "voucher_made", "entered_at": "2025-12-01T07:00:00+08:00",
        "voucher_no": format!("记-{stamp}"), "voucher_link": "https://erp.example.com/7",
    });
    with(stamped(stamp), whole)
}

fn deleted(stamp: &str) -> Value {
    with(stamped(stamp), json!({"what": "voucher_deleted"}))
}

fn plain() -> Books {
    Books {
        accounting_org: String::new(),
        document_type: String::new(),
        deductible: true,
        entry: Entry::default(),
        entry_tax: None,
        transferred_out: None,
        transfer_reason: String::new(),
        voucher_no: String::new(),
        voucher_link: String::new(),
    }
}

/// 票面税额
const TAX: Fen = Fen(600);

fn over(known: &Books, told: &Value) -> Decision {
    decide(known, None, TAX, &read(told))
}

#[test]
fn a_submission_writes_its_part_and_nothing_else() {
    let known = Books {
        entry: Entry { state: EntryState::Entered, ..Entry::default() },
        voucher_no: "记-1".into(),
        transfer_reason: "旧".into(),
        ..plain()
    };
    let told =
        json!({"entry_tax": "5.50", "transferred_out": "0.50", "transfer_reason": " 集体福利 "});
    let expected = Books {
        accounting_org: "0102".into(),
        document_type: "费用报销单".into(),
        entry_tax: Some(Fen(550)),
        transferred_out: Some(Fen(50)),
        transfer_reason: "集体福利".into(),
        ..known.clone()
    };
    assert_eq!(over(&known, &submitted("A1@0", told)), Decision::Write(expected.clone()));
    let whole = Books {
        entry_tax: Some(TAX),
        transferred_out: None,
        transfer_reason: String::new(),
        ..expected.clone()
    };
    let anew = over(&expected, &submitted("A2@0", json!({})));
    assert_eq!(anew, Decision::Write(whole), "each version tells the whole");
}

#[test]
fn a_voucher_is_made_and_deleted() {
    let at = "2025-11-30T23:00:00Z".parse().ok();
    let period = "202512".parse().ok();
    let entered = Books {
        entry: Entry { state: EntryState::Entered, period, at },
        voucher_no: "记-A1@0".into(),
        voucher_link: "https://erp.example.com/7".into(),
        ..plain()
    };
    assert_eq!(over(&plain(), &made("A1@0")), Decision::Write(entered.clone()));
    let said = with(made("A1@0"), json!({"entry_period": "202511"}));
    let Decision::Write(books) = over(&plain(), &said) else { panic!("it is written") };
    assert_eq!(books.entry.period, "202511".parse().ok());
    assert_eq!(over(&entered, &deleted("A2@0")), Decision::Write(plain()));
}

/// 入账税额, 转出原因, known and told 是否可抵扣, and what comes of it.
#[test]
fn what_a_submission_may_say() {
    let table = [
        ("6.00", "", true, None, Ok(true)),
        ("6.00", "", true, Some(true), Ok(true)),
        ("6.00", "", true, Some(false), Ok(false)),
        ("6.00", "", false, Some(false), Ok(false)),
        ("6.00", "", false, None, Ok(false)),
        ("6.00", "", false, Some(true), Err(Refused::NotDeductible)),
        ("5.99", "", true, None, Err(Refused::NoTransferReason)),
        ("5.99", "  ", true, None, Err(Refused::NoTransferReason)),
        ("6.01", "", true, None, Err(Refused::NoTransferReason)),
        ("0", "", true, None, Err(Refused::NoTransferReason)),
        ("0", "免税", true, None, Ok(true)),
        ("5.99", "免税", false, Some(true), Err(Refused::NotDeductible)),
    ];
    for (entry_tax, reason, known, told, expected) in table {
        let mut fields = json!({"entry_tax": entry_tax, "transfer_reason": reason});
        if let Some(told) = told {
            fields["deductible"] = told.into();
        }
        let known = Books { deductible: known, ..plain() };
        let found = match over(&known, &submitted("A1@0", fields.clone())) {
            Decision::Write(books) => Ok(books.deductible),
            Decision::Refused(refused) => Err(refused),
            other => panic!("{other:?}"),
        };
        assert_eq!(found, expected, "{fields}");
    }
}

/// What wrote the part last, what comes, and what comes of it.
#[test]
fn documents_go_by_their_versions_and_each_other_by_their_times() {
    use Decision::{Older, Repeated};
    let clash = Decision::Refused(Refused::VersionUsed);
    let write = Decision::Write(plain());
    let table = [
        ("A1@0", "A2@1", &write),
        ("A2@1", "A1@0", &Older(Newer::Version)),
        ("A2@1", "A2@1", &Repeated),
        ("A2@1", "A2@2", &clash),
        ("A2@5", "A3@1", &write),
        ("A9@5", "B1@6", &write),
        ("A9@5", "B1@4", &Older(Newer::Document)),
        ("A1@5", "B1@5", &write),
        ("B1@5", "A1@5", &Older(Newer::Document)),
    ];
    for (last, told, expected) in table {
        let last = read(&deleted(last)).stamp;
        let found = decide(&plain(), Some(&last), TAX, &read(&deleted(told)));
        assert_eq!(found, *expected, "{last:?} {told}");
    }
}

#[test]
fn what_cannot_be_read_names_the_field() {
    let table = [
        (json!({"document_id": ""}), "document_id: is missing or empty"),
        (json!({"version": -1}), "version: "),
        (json!({"version": 9_223_372_036_854_775_808_u64}), "version: is above"),
        (json!({"time": "yesterday"}), "time: \"yesterday\" is not a moment"),
        (json!({"what": "gone"}), "what: "),
        (json!({"tax_no": "1"}), "tax_no: "),
        (json!({"invoice_no": " "}), "invoice_no: is missing or empty"),
        (json!({"invoice_code": "x".repeat(21)}), "invoice_code: has 21 characters"),
        (json!({"entry_tax": "1.234"}), "entry_tax: "),
        (json!({"entry_tax": null}), "entry_tax: is missing"),
        (json!({"accounting_org": null}), "accounting_org: is missing or empty"),
        (json!({"document_type": "a\u{0}b"}), "document_type: holds a control character"),
        (json!({"transfer_reason": "x".repeat(301)}), "transfer_reason: has 301 characters"),
        (json!({"voucher_no": "记-1"}), "voucher_no: is told with \"what\": \"voucher_made\" only"),
        (json!({"entryTax": "1.00"}), "entryTax: is not a known key"),
        (
            json!({"what": "voucher_deleted"}),
            "entry_tax: is told with \"what\": \"submitted\" only",
        ),
    ];
    for (fields, expected) in table {
        let body = submitted("A1@0", fields).to_string();
        let wrong = Writeback::parse(body.as_bytes()).expect_err(expected).to_string();
        assert!(wrong.starts_with(expected), "{wrong}");
    }
    for (fields, expected) in [
        (json!({"entered_at": null}), "entered_at: is missing"),
        (json!({"voucher_no": null}), "voucher_no: is missing or empty"),
        (json!({"voucher_link": "javascript:alert(1)"}), "voucher_link: is no address"),
    ] {
        let body = with(made("A1@0"), fields).to_string();
        let wrong = Writeback::parse(body.as_bytes()).expect_err(expected).to_string();
        assert!(wrong.starts_with(expected), "{wrong}");
    }
    for (body, expected) in
        [("[]", "body: "), ("no", "body: "), (&" ".repeat(70_000), "body: has 70000")]
    {
        let wrong = Writeback::parse(body.as_bytes()).expect_err(expected).to_string();
        assert!(wrong.starts_with(expected), "{wrong}");
    }
}

#[test]
fn the_published_schema_is_current() {
    let schema = schemars::schema_for!(wire::Message);
    let text = serde_json::to_string_pretty(&schema).expect("a schema is JSON");
    written::keep("writeback.schema.json", &format!("{text}\n"));
}

/// Applies write-backs in this order; their last word.
fn apply(told: &[Value]) -> Books {
    let (mut books, mut stamps) = (plain(), std::collections::HashMap::new());
    for told in told {
        let told = read(told);
        if let Decision::Write(next) = decide(&books, stamps.get(&told.part()), TAX, &told) {
            books = next;
            stamps.insert(told.part(), told.stamp);
        }
    }
    books
}

proptest! {
    /// A document's times rise with its versions: then the order of arrival does not matter.
    #[test]
    fn whatever_the_order_and_however_often_the_end_is_the_same(
        order in proptest::collection::vec(any::<u16>(), 8),
        again in proptest::collection::vec(0_usize..8, 0..8),
    ) {
        let told = [
            submitted("A1@1", json!({"accounting_org": "01"})),
            submitted("A2@2", json!({"accounting_org": "02"})),
            made("A3@3"),
            submitted("B1@4", json!({"accounting_org": "03"})),
            made("B2@5"),
            deleted("A4@6"),
            submitted("B3@7", json!({"accounting_org": "04", "entry_tax": "1", "transfer_reason": "退货"})),
            made("B4@8"),
        ];
        let expected = apply(&told);
        prop_assert_eq!(&expected.voucher_no, "记-B4@8");
        let mut mixed: Vec<usize> = (0..told.len()).collect();
        mixed.sort_by_key(|at| order[*at]);
        mixed.extend(again);
        let mixed: Vec<Value> = mixed.into_iter().map(|at| told[at].clone()).collect();
        prop_assert_eq!(apply(&mixed), expected);
    }
}
