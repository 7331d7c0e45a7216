use super::{Malformed, TaskMessage};
use crate::{ids::TaskId, task::limits, task::wire, written};
use proptest::{
    prelude::{Just, Strategy, any},
    prop_assert, prop_assert_eq, prop_oneof, proptest,
    sample::select,
};
use serde_json::{Value, json};
use uuid::Uuid;

/// The sample of the published interface.
fn sample() -> Value {
    json!({
        "task_id": "0193f3a2-7c1e-7b7a-9d53-0c2f6f1f0a11",
        "kind": "non_deduction_select",
        "tax_no": "91440300MA5G9GK78Y",
        "bureau": "440300",
        "account": "13800000001",
        "tax_period": "202511",
        "batch_id": "import-2025-11-30-01",
        "submitted_by": "erp-01",
        "not_before": "2025-12-01T00:00:00+08:00",
        "invoices": [{
            "invoice_type": "27", "invoice_code": "", "invoice_no": "23442000000164214335",
            "invoice_date": "2023-08-16", "amount": "235.64", "tax": "2.36",
            "effective_tax": "2.36", "non_deduction_reason": "3", "payment_book_no": null
        }],
        "parameters": {},
        "retry_of": null
    })
}

fn parse(value: &Value) -> Result<TaskMessage, Malformed> {
    TaskMessage::parse(value.to_string().as_bytes())
}

/// The sample with the value at this pointer replaced; Null inserts null.
fn with(pointer: &str, value: Value) -> Value {
    let mut message = sample();
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    match message.pointer_mut(parent).expect(parent) {
        Value::Array(items) => items.push(value),
        Value::Object(fields) => {
            fields.insert(name.to_owned(), value);
        }
        other => panic!("{other}"),
    }
    message
}

#[test]
fn reads_the_published_sample() {
    let message = parse(&sample()).expect("the sample");
    assert_eq!(message.kind.name(), "non_deduction_select");
    assert_eq!(message.not_before.expect("set").to_rfc3339(), "2025-11-30T16:00:00+00:00");
    assert_eq!(message.retry_of, None);
    let invoice = &message.invoices[0];
    assert_eq!(invoice.key.to_string(), "23442000000164214335");
    assert_eq!(invoice.amount.map(|fen| fen.0), Some(23_564));
    assert_eq!(invoice.non_deduction_reason.map(|reason| reason.number()), Some("3"));
}

#[test]
fn what_it_writes_it_reads_again() {
    let mut full = with("/parameters/password_ref", json!("deep/secret"));
    full["retry_of"] = json!("0193f3a2-7c1e-7b7a-9d53-0c2f6f1f0a12");
    full["invoices"] = json!([
        {"invoice_type": "21", "payment_book_no": "531020231016123456-L01", "tax": "13"},
        {"invoice_type": "4", "invoice_code": "4403201130", "invoice_no": "01234567",
         "non_deduction_reason": "5", "non_deduction_text": "样品"}
    ]);
    let least = json!({"task_id": "0193f3a27c1e7b7a9d530c2f6f1f0a11", "kind": "period_query",
                       "tax_no": "91440300MA5G9GK78Y"});
    for value in [sample(), full, least] {
        let message = parse(&value).expect("readable");
        let again = TaskMessage::parse(message.to_json().as_bytes()).expect("its own writing");
        assert_eq!(again, message);
    }
}

#[test]
fn a_payment_book_is_known_by_its_own_number() {
    let book = json!([{"invoice_type": "21", "invoice_code": "", "invoice_no": null,
                       "payment_book_no": "531020231016123456-L01"}]);
    let message = parse(&with("/invoices", book)).expect("a payment book");
    let key = &message.invoices[0].key;
    assert_eq!((key.code.as_str(), key.number.as_str()), ("", "531020231016123456-L01"));
}

#[test]
fn a_city_code_means_its_bureau_and_empty_means_absent() {
    let mut value = with("/bureau", json!("440100"));
    value["account"] = json!("");
    value["tax_period"] = Value::Null;
    let message = parse(&value).expect("readable");
    assert_eq!(message.bureau.map(|bureau| bureau.to_string()).as_deref(), Some("440000"));
    assert_eq!((message.account, message.tax_period), (None, None));
}

#[test]
fn a_selection_is_about_the_current_period_whatever_it_names() {
    // kind | named | current | about
    for (kind, named, current, about) in [
        ("deduction_select", "202510", "202511", "202511"),
        ("deduction_select", "202510", "", ""),
        ("deduction_deselect", "202510", "202511", "202511"),
        ("rebate_select", "", "202511", "202511"),
        ("statistic_create", "202510", "202511", "202510"),
        ("statistic_create", "", "202511", "202511"),
        ("tax_filing", "202510", "", "202510"),
        ("invoice_download", "", "", ""),
    ] {
        let (id, tax_no) = (TaskId(Uuid::from_u128(1)), "91440300MA5G9GK78Y".parse());
        let new = TaskMessage::new(id, kind.parse().expect("a kind"), tax_no.expect("one"));
        let message = TaskMessage { tax_period: named.parse().ok(), ..new };
        assert_eq!(message.period(current.parse().ok()), about.parse().ok(), "{kind} {named}");
    }
}

#[test]
fn unknown_fields_are_kept_and_ignored() {
    let mut value = with("/colour", json!({"deep": ["green"]}));
    value["invoices"][0]["seller"] = json!(1);
    let message = parse(&value).expect("readable");
    let retry = message.retry(TaskId(Uuid::from_u128(7)));
    let again: Value = serde_json::from_str(&retry.to_json()).expect("JSON");
    assert_eq!(again["colour"], value["colour"]);
    let plain = TaskMessage { unknown: serde_json::Map::new(), ..message };
    assert_eq!(Ok(plain), parse(&sample()));
}

#[test]
fn says_which_field_and_what_is_wrong() {
    let uuid = "is not a UUID";
    let sample_key = json!({"invoice_type": "27", "invoice_no": "23442000000164214335"});
    let table: Vec<(&str, Value, &str, &str)> = vec![
        ("/task_id", json!("17"), "task_id", uuid),
        ("/task_id", json!("00000000-0000-0000-0000-000000000000"), "task_id", uuid),
        ("/task_id", json!(17), "task_id", "invalid type: integer `17`, expected a string"),
        ("/kind", json!("deduct"), "kind", "\"deduct\" is not a kind of task"),
        ("/kind", Value::Null, "kind", "invalid type: null"),
        ("/tax_no", json!("9144"), "tax_no", "\"9144\" is not a tax number"),
        ("/bureau", json!("990000"), "bureau", "36 tax bureaus"),
        ("/bureau", json!(440300), "bureau", "expected a string"),
        ("/account", json!("a b"), "account", "\"a b\" is not an account"),
        ("/tax_period", json!("202513"), "tax_period", "is not a tax period"),
        ("/batch_id", json!("b".repeat(129)), "batch_id", "129 characters; at most 128"),
        ("/not_before", json!("2025-12-01"), "not_before", "\"2025-12-01\" is not a moment"),
        ("/retry_of", json!("x"), "retry_of", uuid),
        ("/retry_of", sample()["task_id"].clone(), "retry_of", "is the task_id itself"),
        ("/parameters", json!([1]), "parameters", "expected a map"),
        ("/parameters/password", json!("123"), "parameters.password", "parameters.password_ref"),
        ("/parameters/signPassWord", json!(""), "parameters.signPassWord", "password_ref"),
        ("/password", json!("123"), "password", "parameters.password_ref"),
        ("/parameters/deep", json!([{"pwd": 1}]), "parameters.deep[0].pwd", "password_ref"),
        ("/parameters/password_ref", json!(""), "parameters.password_ref", "is empty"),
        ("/parameters/password_ref", json!(1), "parameters.password_ref", "is not a string"),
        ("/colour", json!("a\u{0}b"), "colour", "NUL"),
        ("/invoices", json!([]), "invoices", "needs at least one invoice"),
        ("/invoices", Value::Null, "invoices", "needs at least one invoice"),
        ("/invoices", json!("27"), "invoices", "expected a sequence"),
        ("/invoices", json!([7]), "invoices[0]", "invalid type: integer `7`"),
        ("/invoices/-", sample_key, "invoices[1]", "repeats invoices[0] (23442000000164214335)"),
        ("/invoices/-", json!({"invoice_no": "1"}), "invoices[1].invoice_type", "is missing"),
        ("/invoices/0/invoice_type", json!("99"), "invoices[0].invoice_type", "\"99\" is not"),
        ("/invoices/0/invoice_type", json!(27), "invoices[0].invoice_type", "expected a string"),
        ("/invoices/0/invoice_type", json!("21"), "invoices[0].payment_book_no", "is missing"),
        ("/invoices/0/invoice_no", json!(""), "invoices[0].invoice_no", "is missing"),
        ("/invoices/0/invoice_no", json!("12 3"), "invoices[0].invoice_no", "\"12 3\" is not"),
        ("/invoices/0/invoice_date", json!("2023-8-16"), "invoices[0].invoice_date", "not a date"),
        (
            "/invoices/0/amount",
            json!("12.345"),
            "invoices[0].amount",
            "\"12.345\" is not an amount",
        ),
        ("/invoices/0/amount", json!(12.3), "invoices[0].amount", "expected a string"),
        ("/invoices/0/tax", json!("1,0"), "invoices[0].tax", "\"1,0\" is not an amount"),
        ("/invoices/0/effective_tax", json!("x"), "invoices[0].effective_tax", "is not an amount"),
        (
            "/invoices/0/non_deduction_reason",
            json!("6"),
            "invoices[0].non_deduction_reason",
            "\"6\" is not a reason for non-deduction",
        ),
        (
            "/invoices/0/payment_book_no",
            json!("1"),
            "invoices[0].payment_book_no",
            "is for invoice type 21 only",
        ),
    ];
    for (pointer, value, field, problem) in table {
        let mut message = sample();
        match pointer.strip_suffix("/-") {
            Some(list) => {
                let items = message.pointer_mut(list).and_then(Value::as_array_mut);
                items.expect(pointer).push(value);
            }
            None => match pointer.strip_prefix("/invoices/0/") {
                Some(name) => message["invoices"][0][name] = value,
                None => message = with(pointer, value),
            },
        }
        let wrong = parse(&message).expect_err(pointer);
        assert_eq!(wrong.field, field, "{pointer}: {wrong}");
        assert!(wrong.problem.contains(problem), "{pointer}: {wrong}");
    }
}

#[test]
fn required_fields_are_named_when_missing() {
    for name in ["task_id", "kind", "tax_no"] {
        let mut message = sample();
        message.as_object_mut().expect("an object").remove(name);
        let wrong = parse(&message).expect_err(name);
        assert_eq!(wrong.to_string(), format!("{name}: is missing"));
    }
}

#[test]
fn bodies_that_are_no_message() {
    for (body, problem) in [
        ("", "is not JSON"),
        ("{\"task_id\":", "line 1 column"),
        ("[]", "is not a JSON object"),
        ("null", "is not a JSON object"),
        ("\"\\u0000\"", "is not a JSON object"),
        ("[\"\\u0000\"]", "is not a JSON object"),
        ("{\"a\": 1e999}", "is not JSON"),
    ] {
        let wrong = TaskMessage::parse(body.as_bytes()).expect_err(body);
        assert_eq!(wrong.field, "body", "{body}");
        assert!(wrong.problem.contains(problem), "{body}: {wrong}");
    }
    assert_eq!(TaskMessage::parse(b"{\"a\": \"\xff\"}").expect_err("not UTF-8").field, "body");
}

#[test]
fn limits_are_kept() {
    let spaces = " ".repeat(limits::BODY_BYTES - 2);
    let wrong = TaskMessage::parse(format!("{{{spaces}}}").as_bytes()).expect_err("empty object");
    assert_eq!(wrong.field, "task_id", "a body of exactly the limit is read");
    let wrong = TaskMessage::parse(format!("{{{spaces} }}").as_bytes()).expect_err("too long");
    assert_eq!(wrong.to_string(), "body: has 1048577 bytes; at most 1048576 are allowed");
    let invoices = |count: usize| -> Value {
        let one = |n: usize| json!({"invoice_type": "27", "invoice_no": format!("{n:020}")});
        with("/invoices", (0..count).map(one).collect())
    };
    assert_eq!(parse(&invoices(500)).expect("as many as allowed").invoices.len(), 500);
    let wrong = parse(&invoices(501)).expect_err("one too many");
    assert_eq!(wrong.field, "invoices");
    assert!(wrong.problem.contains("501 invoices; at most 500"), "{wrong}");
}

#[test]
fn a_sentence_about_a_long_value_is_short() {
    let wrong = parse(&with("/tax_no", json!("税".repeat(100_000)))).expect_err("too long");
    assert!(wrong.to_string().chars().count() < 260, "{wrong}");
}

#[test]
fn a_retry_is_the_same_task_under_a_new_id() {
    let failed = parse(&sample()).expect("the sample");
    let id = TaskId(Uuid::from_u128(7));
    let retry = failed.retry(id);
    assert_eq!((retry.task_id, retry.retry_of), (id, Some(failed.task_id)));
    assert_eq!(retry.invoices, failed.invoices);
    assert_eq!(TaskMessage::parse(retry.to_json().as_bytes()), Ok(retry));
}

#[test]
fn the_published_schema_is_current() {
    let schema = schemars::schema_for!(wire::Message);
    let properties = schema.get("properties").and_then(Value::as_object).expect("an object");
    let mut fields = wire::FIELDS.to_vec();
    fields.sort_unstable();
    assert_eq!(properties.keys().collect::<Vec<_>>(), fields);
    let text = serde_json::to_string_pretty(&schema).expect("a schema is JSON");
    written::keep("task-message.schema.json", &format!("{text}\n"));
}

/// Values that a careless or hostile publisher might put anywhere.
fn odd_values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i32>().prop_map(|quarters| Value::from(f64::from(quarters) / 4.0)),
        ".{0,40}".prop_map(Value::from),
        "[0-9.:TZ+-]{0,30}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-z_]{1,12}", inner, 0..4)
                .prop_map(|fields| fields.into_iter().collect()),
        ]
    })
}

const POINTERS: [&str; 23] = [
    "/task_id",
    "/kind",
    "/tax_no",
    "/bureau",
    "/account",
    "/tax_period",
    "/batch_id",
    "/submitted_by",
    "/not_before",
    "/invoices",
    "/invoices/0",
    "/invoices/0/invoice_type",
    "/invoices/0/invoice_code",
    "/invoices/0/invoice_no",
    "/invoices/0/invoice_date",
    "/invoices/0/amount",
    "/invoices/0/tax",
    "/invoices/0/effective_tax",
    "/invoices/0/non_deduction_reason",
    "/invoices/0/payment_book_no",
    "/parameters",
    "/retry_of",
    "",
];

proptest! {
    #[test]
    fn whatever_comes_is_read_or_named(pointer in select(&POINTERS[..]), value in odd_values()) {
        let mut message = sample();
        *message.pointer_mut(pointer).expect("a place of the sample") = value;
        match parse(&message) {
            Ok(read) => prop_assert_eq!(TaskMessage::parse(read.to_json().as_bytes()), Ok(read)),
            Err(wrong) => {
                prop_assert!(!wrong.field.is_empty() && !wrong.problem.is_empty());
                prop_assert!(wrong.problem.chars().count() <= 241);
                prop_assert!(!wrong.to_string().contains('\0'));
            }
        }
    }
}
