use super::{AskedBatch, Batch, BatchLine, BatchPurpose, BatchRefusal, BatchState};
use crate::{
    Moment,
    invoice::InvoiceType,
    kind::{Action, Kind},
    task::TaskMessage,
    tax_no::TaxNo,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const ALPHA: &str = "91440300MA5G9GK78Y";
const BETA: &str = "91440300745194778X";

fn asked(value: &Value) -> AskedBatch {
    AskedBatch::parse(value.to_string().as_bytes()).expect("a batch")
}

fn number(n: usize) -> String {
    format!("{n:020}")
}

/// `invoices` of alpha to be selected, then two of beta to be deselected.
fn request(invoices: usize) -> Value {
    let of_alpha = (0..invoices).map(|n| json!({"tax_no": ALPHA, "invoice_no": number(n)}));
    let of_beta =
        (0..2).map(|n| json!({"tax_no": BETA, "invoice_no": number(n), "action": "deselect"}));
    let invoices: Vec<Value> = of_alpha.chain(of_beta).collect();
    json!({"batch_id": "b-1", "purpose": "non_deduction", "reason": "3", "draft": true,
        "accounts": {ALPHA: "13800000001"}, "invoices": invoices})
}

fn kept(invoices: usize, size: usize) -> (Batch, Vec<BatchLine>) {
    let digital: InvoiceType = "27".parse().expect("a type");
    let asked = asked(&request(invoices));
    let types = vec![digital; asked.invoices.len()];
    let now: Moment = "2025-12-01T01:00:00.123456Z".parse().expect("a moment");
    asked.into_batch(&types, size, now)
}

fn part_lines(lines: &[BatchLine], part: usize) -> Vec<BatchLine> {
    lines.iter().filter(|line| line.part == part).cloned().collect()
}

#[test]
fn what_cannot_be_read_names_its_place() {
    let base = request(1);
    let table: &[(&str, Value, &str)] = &[
        ("/batch_id", json!(""), "batch_id: is empty"),
        ("/batch_id", json!("x".repeat(129)), "batch_id: has 129 characters; at most 128"),
        ("/purpose", json!("gift"), "purpose: unknown variant"),
        ("/reason", json!("9"), "reason: \"9\" is not a reason"),
        ("/accounts", json!({"91440300059187213B": "1"}), "accounts.91440300059187213B: the batch"),
        ("/invoices", json!([]), "invoices: has 0 invoices; name from 1 to 50000"),
        ("/invoices/0", json!({"tax_no": ALPHA}), "invoices[0].invoice_no: is missing"),
        ("/invoices/0", json!({"invoice_no": "1"}), "invoices[0].tax_no: is missing"),
        (
            "/invoices/0",
            json!({"tax_no": ALPHA, "invoice_no": "一"}),
            "invoices[0].invoice_no: \"一\"",
        ),
        (
            "/invoices/0",
            json!({"tax_no": ALPHA, "invoice_no": "1", "payment_book_no": "2"}),
            "invoices[0].payment_book_no: stands instead",
        ),
        (
            "/invoices/2",
            json!({"tax_no": BETA, "invoice_no": number(0)}),
            "invoices[2]: repeats invoices[1]",
        ),
        ("/invoices/0/colour", json!("red"), "invoices[0].colour: is not a known key"),
    ];
    for (path, value, expected) in table {
        let mut body = base.clone();
        match body.pointer_mut(path) {
            Some(place) => *place = value.clone(),
            None => body["invoices"][0]["colour"] = value.clone(),
        }
        let error = AskedBatch::parse(body.to_string().as_bytes()).expect_err(expected);
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}

#[test]
fn invoices_take_the_batchs_own_words_where_they_have_none() {
    let asked = asked(&request(2));
    let first = &asked.invoices[0];
    assert_eq!(
        (first.action, first.reason.map(|reason| reason.number())),
        (Action::Select, Some("3"))
    );
    let last = &asked.invoices[3];
    assert_eq!((last.action, last.reason), (Action::Deselect, None), "a deselection has no reason");
}

#[test]
fn a_batch_is_split_by_tax_number_action_and_size() {
    let (batch, lines) = kept(250, 100);
    let parts: Vec<_> =
        batch.parts.iter().map(|p| (p.tax_no.as_str(), p.action, p.invoices)).collect();
    assert_eq!(parts, [(ALPHA, Action::Select, 250), (BETA, Action::Deselect, 2)]);
    assert_eq!(batch.tasks(), 4);
    let messages = batch.messages(&batch.parts[0], &part_lines(&lines, 0));
    let sizes: Vec<_> = messages.iter().map(|message| message.invoices.len()).collect();
    assert_eq!(sizes, [100, 100, 50]);
    assert_eq!(messages[0].kind, Kind::NonDeductionSelect);
    assert_eq!(messages[0].account.as_ref().map(|account| account.as_str()), Some("13800000001"));
    let of_beta = batch.messages(&batch.parts[1], &part_lines(&lines, 1));
    assert_eq!((of_beta[0].kind, &of_beta[0].account), (Kind::NonDeductionDeselect, &None));
}

#[test]
fn its_tasks_are_the_same_every_time_and_none_is_anothers() {
    let (batch, lines) = kept(250, 100);
    let messages = |batch: &Batch| -> Vec<TaskMessage> {
        let parts = batch.parts.iter().enumerate();
        parts.flat_map(|(n, part)| batch.messages(part, &part_lines(&lines, n))).collect()
    };
    let first = messages(&batch);
    assert_eq!(first, messages(&batch));
    let ids: BTreeSet<_> = first.iter().map(|message| message.task_id).collect();
    assert_eq!(ids.len(), 4);
    assert!(first.iter().all(|message| message.task_id.0.get_version_num() == 7));
    for line in &lines {
        let task = batch.task_of(line).expect("nothing was dropped");
        let message = first.iter().find(|message| message.task_id == task).expect("its task");
        assert!(message.invoices.iter().any(|invoice| invoice.key == line.key));
    }
    let other = Batch { batch_id: "b-2".into(), ..batch };
    assert!(messages(&other).iter().all(|message| !ids.contains(&message.task_id)));
}

#[test]
fn only_a_draft_is_changed() {
    let (alpha, beta): (TaxNo, TaxNo) = (ALPHA.parse().expect("one"), BETA.parse().expect("one"));
    let (mut batch, lines) = kept(1, 100);
    let stranger: TaxNo = "91440300059187213B".parse().expect("one");
    assert_eq!(batch.use_account(&stranger, None), Err(BatchRefusal::NotInBatch(stranger.clone())));
    batch.drop_tax_no(&alpha, true).expect("a draft");
    assert_eq!((batch.tasks(), batch.task_of(&lines[0])), (1, None));
    batch.drop_tax_no(&beta, true).expect("a draft");
    assert_eq!(batch.submit(), Err(BatchRefusal::NothingLeft));
    batch.drop_tax_no(&beta, false).expect("a draft");
    batch.submit().expect("something is left");
    assert_eq!(batch.state, BatchState::Submitting);
    let refused = Err(BatchRefusal::NotADraft(BatchState::Submitting));
    assert_eq!(batch.drop_tax_no(&alpha, false), refused);
    assert_eq!(batch.use_account(&alpha, None), refused);
    assert_eq!(batch.call_off(), refused);
    batch.logged();
    assert_eq!(batch.state, BatchState::Submitted);
    batch.submit().expect("again is the same as once");
    let (mut other, _) = kept(1, 100);
    other.call_off().expect("a draft");
    other.call_off().expect("again is the same as once");
    assert_eq!(other.submit(), Err(BatchRefusal::CalledOff));
}

#[test]
fn every_purpose_and_action_has_its_kind() {
    let kinds: BTreeSet<Kind> = BatchPurpose::ALL
        .into_iter()
        .flat_map(|purpose| [Action::Select, Action::Deselect].map(|action| purpose.kind(action)))
        .collect();
    assert_eq!(kinds.len(), 8);
    assert!(kinds.iter().all(|kind| kind.action().is_some()));
}
