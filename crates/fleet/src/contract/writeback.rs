//! What business documents tell the pool.

use super::scene::{ALPHA, BETA, Scene, invoice_key, well};
use crate::ports::writeback::WrittenBack;
use domain::{
    invoice::{EntryState, Invoice, Selection},
    kind::Kind,
    money::Fen,
    writeback::{Newer, Refused, Writeback},
};
use serde_json::{Value, json};

/// `A2@5`: version 2 of document A, made in minute 5; of invoice `n` of [`ALPHA`].
fn told(stamp: &str, n: u8, fields: Value) -> Writeback {
    let (document, rest) = stamp.split_at(1);
    let (version, minute) = rest.split_once('@').expect("a version and a minute");
    let mut body = json!({
        "document_id": document, "version": version.parse::<u64>().expect("a number"),
        "time": format!("2025-11-20T10:{minute:0>2}:00.123456+08:00"),
        "tax_no": ALPHA, "invoice_no": invoice_key(n).number,
    });
    let Value::Object(fields) = fields else { panic!("fields are an object") };
    body.as_object_mut().expect("it is one").extend(fields);
    Writeback::parse(body.to_string().as_bytes()).expect("it is well formed")
}

fn submitted(stamp: &str, n: u8) -> Writeback {
    let fields = json!({
        "what": "submitted", "entry_tax": "5.50", "transferred_out": "0.50",
        "transfer_reason": "集体福利", "accounting_org": "0102", "document_type": "费用报销单",
    });
    told(stamp, n, fields)
}

fn made(stamp: &str, n: u8) -> Writeback {
    let fields = json!({
        "what": "voucher_made", "entered_at": "2025-11-20T10:00:00.654321+08:00",
        "voucher_no": format!("记-{stamp}"), "voucher_link": "https://erp.example.com/7",
    });
    told(stamp, n, fields)
}

fn deleted(stamp: &str, n: u8) -> Writeback {
    told(stamp, n, json!({"what": "voucher_deleted"}))
}

async fn write(scene: &Scene, told: &[Writeback]) -> Vec<WrittenBack> {
    well(scene.store.write_back(told).await)
}

async fn invoice(scene: &Scene, n: u8) -> Invoice {
    let buyer = ALPHA.parse().expect("a tax number");
    let card = well(scene.store.invoice(&buyer, &invoice_key(n)).await);
    card.expect("the pool knows it").invoice
}

pub async fn a_document_writes_every_field_of_its_part(scene: &Scene) {
    let before = invoice(scene, 2).await;
    let outcomes = write(scene, &[submitted("A1@0", 1), made("A2@1", 1)]).await;
    assert_eq!(outcomes, [WrittenBack::Written, WrittenBack::Written]);
    let Invoice { accounting_org, details, facts, .. } = invoice(scene, 1).await;
    assert_eq!((accounting_org.as_str(), details.document_type.as_str()), ("0102", "费用报销单"));
    assert_eq!((details.entry_tax, details.transferred_out), (Some(Fen(550)), Some(Fen(50))));
    assert_eq!(details.transfer_reason, "集体福利");
    assert_eq!(details.entry_state, EntryState::Entered);
    assert_eq!(details.entry_period, "202511".parse().ok());
    assert_eq!(details.entered_at, "2025-11-20T02:00:00.654321Z".parse().ok());
    assert_eq!(details.voucher_no, "记-A2@1");
    assert_eq!(details.voucher_link, "https://erp.example.com/7");
    assert_eq!((facts.selection, details.deductible), (Selection::Unselected, true));
    assert_eq!(invoice(scene, 2).await, before);
}

pub async fn a_deleted_voucher_is_cleared_and_the_document_stays(scene: &Scene) {
    write(scene, &[submitted("A1@0", 1)]).await;
    let submitted_only = invoice(scene, 1).await;
    write(scene, &[made("A2@1", 1)]).await;
    assert_eq!(write(scene, &[deleted("A3@2", 1)]).await, [WrittenBack::Written]);
    assert_eq!(invoice(scene, 1).await, submitted_only);
}

pub async fn what_comes_twice_or_late_changes_nothing(scene: &Scene) {
    let all = [made("A2@2", 1), submitted("A3@3", 1)];
    write(scene, &all).await;
    let known = invoice(scene, 1).await;
    let again = [
        (made("A2@2", 1), WrittenBack::Repeated),
        (submitted("A3@3", 1), WrittenBack::Repeated),
        (made("A1@1", 1), WrittenBack::Older(Newer::Version)),
        (submitted("A1@1", 1), WrittenBack::Older(Newer::Version)),
        (deleted("A2@2", 1), WrittenBack::Refused(Refused::VersionUsed)),
        (deleted("B9@1", 1), WrittenBack::Older(Newer::Document)),
    ];
    for (told, expected) in again {
        assert_eq!(write(scene, std::slice::from_ref(&told)).await, [expected], "{told:?}");
        assert_eq!(invoice(scene, 1).await, known, "{told:?}");
    }
    assert_eq!(write(scene, &[deleted("B1@4", 1)]).await, [WrittenBack::Written]);
    assert_eq!(invoice(scene, 1).await.details.voucher_no, "");
}

/// In one batch as in several, and each invoice for itself.
pub async fn a_batch_is_written_in_its_order(scene: &Scene) {
    let batch = [
        made("A2@2", 1),
        deleted("A1@1", 1),
        made("A1@1", 2),
        deleted("A2@2", 2),
        deleted("A2@2", 2),
        made("A3@3", 1),
    ];
    use WrittenBack::{Older, Repeated, Written};
    let expected = [Written, Older(Newer::Version), Written, Written, Repeated, Written];
    assert_eq!(write(scene, &batch).await, expected);
    assert_eq!(invoice(scene, 1).await.details.voucher_no, "记-A3@3");
    assert_eq!(invoice(scene, 2).await.details.entry_state, EntryState::NotEntered);
    assert_eq!(write(scene, &[]).await, []);
}

pub async fn what_may_not_be_is_refused_and_leaves_no_trace(scene: &Scene) {
    let known = invoice(scene, 1).await;
    let short = json!({
        "what": "submitted", "entry_tax": "5.99", "accounting_org": "0102", "document_type": "应付单",
    });
    let outcome = write(scene, &[told("A5@5", 1, short.clone())]).await;
    assert_eq!(outcome, [WrittenBack::Refused(Refused::NoTransferReason)]);
    assert_eq!(invoice(scene, 1).await, known);
    // What was refused is not what an older version is measured by.
    let with = |deductible: bool| {
        let mut fields = short.clone();
        fields["entry_tax"] = "6.00".into();
        fields["deductible"] = deductible.into();
        fields
    };
    let outcomes = write(scene, &[told("A1@1", 1, with(false)), told("A2@2", 1, with(true))]).await;
    assert_eq!(outcomes, [WrittenBack::Written, WrittenBack::Refused(Refused::NotDeductible)]);
    assert!(!invoice(scene, 1).await.details.deductible);
}

pub async fn an_invoice_that_is_not_in_the_pool_is_an_outcome_of_its_own(scene: &Scene) {
    let mut of_beta = made("A1@1", 1);
    of_beta.buyer = BETA.parse().expect("a tax number");
    let mut of_nobody = made("A1@1", 1);
    of_nobody.buyer = "91440300MA5GNOBODY".parse().expect("a tax number");
    let batch = [made("A1@1", 77), made("A1@1", 1), of_beta, of_nobody];
    let none = WrittenBack::NoSuchInvoice;
    assert_eq!(write(scene, &batch).await, [none, WrittenBack::Written, none, none]);
}

pub async fn what_a_task_holds_is_written_like_any_other(scene: &Scene) {
    scene.queue(&scene.selection(Kind::DeductionSelect, &[1]).await).await;
    assert_eq!(write(scene, &[made("A1@1", 1)]).await, [WrittenBack::Written]);
    let Invoice { facts, details, .. } = invoice(scene, 1).await;
    assert_eq!((facts.selection, details.voucher_no.as_str()), (Selection::Selecting, "记-A1@1"));
}

pub async fn of_two_write_backs_at_once_the_newer_one_stands(scene: &Scene) {
    for round in 0..5_u8 {
        let older: Vec<Writeback> =
            (1..=4).map(|n| made(&format!("A{round}@{}", 2 * round), n)).collect();
        let newer: Vec<Writeback> =
            (1..=4).rev().map(|n| made(&format!("B{round}@{}", 2 * round + 1), n)).collect();
        let (one, other) = futures::join!(write(scene, &older), write(scene, &newer));
        assert_eq!(other, [WrittenBack::Written; 4]);
        let late = WrittenBack::Older(Newer::Document);
        assert!(one.iter().all(|one| [WrittenBack::Written, late].contains(one)), "{one:?}");
        for n in 1..=4 {
            let expected = format!("记-B{round}@{}", 2 * round + 1);
            assert_eq!(invoice(scene, n).await.details.voucher_no, expected);
        }
    }
}
