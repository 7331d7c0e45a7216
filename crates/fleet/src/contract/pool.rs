//! The invoice pool as people see it.

use super::{
    scene::{ALPHA, BETA, LEQI_WIDTH, Scene, invoice_key, seconds, tax_no, well, world},
    verdicts::{failed, marked},
};
use crate::ports::{
    log::Verdict,
    pool::{Cursor, InvoiceCard, InvoiceFilter, NewestTask},
};
use domain::{
    invoice::{
        EntryState, Invoice, InvoiceDetails, InvoiceStatus, NonDeductionReason, Purpose,
        SaidDetails, Selection, Verification,
    },
    kind::Kind,
    ledger::{LedgerLine, LineOutcome},
    money::Fen,
    world::World,
};

async fn card(scene: &Scene, n: u8) -> InvoiceCard {
    well(scene.store.invoice(&tax_no(ALPHA), &invoice_key(n)).await).expect("the pool knows it")
}

async fn newest(scene: &Scene, n: u8) -> Option<NewestTask> {
    card(scene, n).await.newest
}

async fn import(scene: &Scene, change: impl FnOnce(&mut World)) {
    let mut file = world();
    change(&mut file);
    well(scene.store.import(&file, LEQI_WIDTH).await);
}

/// Every field, none of them plain.
fn everything() -> SaidDetails {
    SaidDetails {
        collected_at: "2025-11-04T01:02:03.000004Z".parse().ok(),
        verification: Some(Verification::Consistent),
        source: Some("税局下载".into()),
        document_type: Some("费用报销单".into()),
        deductible: Some(false),
        purpose: Some(Purpose::NonDeduction),
        non_deduction_reason: Some(NonDeductionReason::Other),
        non_deduction_text: Some("赠送客户".into()),
        entry_state: Some(EntryState::Entered),
        entry_period: "202511".parse().ok(),
        entered_at: "2025-11-20T00:00:00Z".parse().ok(),
        entry_tax: Some(Fen(550)),
        transferred_out: Some(Fen(50)),
        transfer_reason: Some("集体福利".into()),
        voucher_no: Some("记-0007".into()),
        voucher_link: Some("https://erp.example.com/vouchers/7".into()),
    }
}

pub async fn an_invoice_has_every_field_that_a_file_says(scene: &Scene) {
    import(scene, |file| {
        file.taxpayers[0].tax_org = "0101".into();
        let invoice = &mut file.invoices[0];
        invoice.accounting_org = "0102".into();
        invoice.seller_name = "示例供货商".into();
        invoice.seller_tax_no = BETA.into();
        invoice.special_kind = "农产品收购".into();
        invoice.details = everything();
    })
    .await;
    let InvoiceCard { invoice, newest } = card(scene, 1).await;
    assert_eq!(newest, None);
    assert_eq!((&invoice.buyer_tax_no, invoice.tax_org.as_str()), (&tax_no(ALPHA), "0101"));
    assert_eq!(invoice.accounting_org, "0102");
    assert_eq!(
        (invoice.seller_name.as_str(), invoice.seller_tax_no.as_str()),
        ("示例供货商", BETA)
    );
    assert_eq!(invoice.facts.key, invoice_key(1));
    assert_eq!((invoice.facts.amount, invoice.facts.tax), (Fen(10_000), Fen(600)));
    assert_eq!(invoice.facts.special_kind, "农产品收购");
    assert_eq!(invoice.facts.date, "2025-11-03".parse().ok());
    assert_eq!(invoice.details, everything().over(InvoiceDetails::default()));
}

pub async fn what_a_file_leaves_out_has_its_plain_default(scene: &Scene) {
    let invoice = card(scene, 2).await.invoice;
    assert_eq!(invoice.details, InvoiceDetails::default());
    assert_eq!((invoice.accounting_org.as_str(), invoice.tax_org.as_str()), ("", ""));
}

/// Marks and what documents have written are known here and not to whoever wrote the file.
pub async fn an_import_changes_of_an_invoice_only_what_the_file_says(scene: &Scene) {
    let first = |file: &mut World| {
        file.invoices[0].details = everything();
        file.invoices[0].accounting_org = "0102".into();
    };
    import(scene, first).await;
    let known = card(scene, 1).await;
    import(scene, |_| {}).await;
    assert_eq!(card(scene, 1).await, known);
    import(scene, first).await;
    assert_eq!(card(scene, 1).await, known, "the same file twice is the same as once");
    let said = SaidDetails {
        purpose: Some(Purpose::Rebate),
        entry_tax: Some(Fen(600)),
        transfer_reason: Some(String::new()),
        ..SaidDetails::default()
    };
    import(scene, |file| file.invoices[0].details = said.clone()).await;
    let mut expected = known.invoice;
    expected.details = said.over(expected.details);
    assert_eq!(card(scene, 1).await.invoice, expected);
    assert_eq!(card(scene, 2).await.invoice.details, InvoiceDetails::default());
}

pub async fn what_the_pool_does_not_know_has_no_card(scene: &Scene) {
    let nobody = tax_no("91440300MA5GNOBODY");
    for (buyer, key) in [(tax_no(BETA), invoice_key(1)), (nobody, invoice_key(1))] {
        assert_eq!(well(scene.store.invoice(&buyer, &key).await), None);
    }
    assert_eq!(well(scene.store.invoice(&tax_no(ALPHA), &invoice_key(77)).await), None);
}

pub async fn an_invoice_shows_the_task_that_holds_it_and_then_what_became_of_it(scene: &Scene) {
    let line = |outcome, reason: &str| LedgerLine {
        invoice: invoice_key(1),
        outcome,
        reason: reason.into(),
    };
    let outcomes = [line(LineOutcome::Refused, "发票异常。"), line(LineOutcome::Succeeded, "")];
    for told in outcomes {
        let task = scene.queue(&scene.selection(Kind::DeductionSelect, &[1, 2]).await).await;
        let shown = newest(scene, 1).await.expect("it is held");
        assert_eq!((shown.row, shown.line), (scene.row(task.id).await, None));
        assert_eq!(card(scene, 1).await.invoice.facts.selection, Selection::Selecting);
        let work = scene.start(task).await;
        let mut verdict = failed();
        if let Verdict::Final { lines, pool, .. } = &mut verdict {
            lines.push(told.clone());
            pool.push(marked(invoice_key(1), Selection::Unselected, None));
        }
        scene.settled(&work, verdict).await;
        let shown = newest(scene, 1).await.expect("it was settled");
        assert_eq!((shown.row, shown.line), (scene.row(task.id).await, Some(told)));
        assert_eq!(card(scene, 1).await.invoice.facts.selection, Selection::Unselected);
        scene.advance(seconds(1)).await;
    }
    assert_eq!(newest(scene, 3).await, None);
}

/// Four invoices that differ in everything; the third has no date, the fourth another buyer.
async fn four(scene: &Scene) {
    import(scene, |file| {
        file.taxpayers[0].tax_org = "0101".into();
        let invoices = &mut file.invoices;
        invoices[0].accounting_org = "01".into();
        invoices[0].seller_name = "深圳示例供货商有限公司".into();
        invoices[0].details.purpose = Some(Purpose::Deduction);
        invoices[0].details.entry_state = Some(EntryState::Entered);
        invoices[1].invoice_type = "4".parse().expect("a type");
        invoices[1].invoice_code = "4403201130".into();
        invoices[1].invoice_no = "01234567".into();
        invoices[1].invoice_date = "2025-10-31".parse().ok();
        invoices[1].status = InvoiceStatus::Void;
        invoices[1].seller_name = "示例%_商店".into();
        invoices[2].invoice_date = None;
        invoices[2].amount = Fen(-1);
        invoices[2].details.deductible = Some(false);
        invoices[2].selection = Some(Selection::PreSelected);
        invoices[3].buyer_tax_no = tax_no(BETA);
        invoices[3].invoice_no = "7001".into();
        invoices[3].invoice_date = "2025-11-04".parse().ok();
    })
    .await;
}

/// Which of [`four`], by their numbers, in the order found.
async fn found(scene: &Scene, filter: InvoiceFilter) -> Vec<String> {
    let invoices = well(scene.store.search(&filter, None, 100).await);
    invoices.into_iter().map(|invoice| invoice.facts.key.number).collect()
}

pub async fn every_field_of_an_invoice_filter_that_is_set_must_match(scene: &Scene) {
    four(scene).await;
    let (one, two, three) = (invoice_key(1).number, "01234567".to_owned(), invoice_key(3).number);
    // The world's own second and fourth are still there.
    let (second, fourth, beta) = (invoice_key(2).number, invoice_key(4).number, "7001".to_owned());
    let any = InvoiceFilter::default;
    let text = |text: &str| Some(text.to_owned());
    let all = [&beta, &fourth, &second, &one, &two, &three];
    assert_eq!(found(scene, any()).await.iter().collect::<Vec<_>>(), all);
    let table = [
        (InvoiceFilter { buyer: Some(tax_no(BETA)), ..any() }, vec![&beta]),
        (InvoiceFilter { buyer: Some(tax_no("91440300MA5GNOBODY")), ..any() }, vec![]),
        (InvoiceFilter { accounting_org: text("01"), ..any() }, vec![&one]),
        (
            InvoiceFilter { tax_org: text("0101"), ..any() },
            vec![&fourth, &second, &one, &two, &three],
        ),
        (InvoiceFilter { buyer: Some(tax_no(BETA)), tax_org: text("0101"), ..any() }, vec![]),
        (InvoiceFilter { types: vec!["4".parse().expect("a type")], ..any() }, vec![&two]),
        (InvoiceFilter { statuses: vec![InvoiceStatus::Void], ..any() }, vec![&two]),
        (InvoiceFilter { selections: vec![Selection::PreSelected], ..any() }, vec![&three]),
        (
            InvoiceFilter { purposes: vec![None, Some(Purpose::NonDeduction)], ..any() },
            vec![&beta, &fourth, &second, &two, &three],
        ),
        (InvoiceFilter { purposes: vec![Some(Purpose::Deduction)], ..any() }, vec![&one]),
        (InvoiceFilter { deductible: Some(false), ..any() }, vec![&three]),
        (InvoiceFilter { entry_states: vec![EntryState::Entered], ..any() }, vec![&one]),
        (InvoiceFilter { date_from: "2025-11-04".parse().ok(), ..any() }, vec![&beta]),
        (InvoiceFilter { date_to: "2025-10-31".parse().ok(), ..any() }, vec![&two, &three]),
        (InvoiceFilter { amount_from: Some(Fen(10_001)), ..any() }, vec![]),
        (InvoiceFilter { amount_to: Some(Fen(-1)), ..any() }, vec![&three]),
        (InvoiceFilter { seller: text("供货商"), ..any() }, vec![&one]),
        (InvoiceFilter { seller: text("%_"), ..any() }, vec![&two]),
        (InvoiceFilter { seller: text("nobody"), ..any() }, vec![]),
        (InvoiceFilter { number: text("0123"), ..any() }, vec![&two]),
        (InvoiceFilter { number: text("7001"), ..any() }, vec![&beta]),
        (InvoiceFilter { number: text("001"), ..any() }, vec![]),
        (InvoiceFilter { number: text("0123"), deductible: Some(false), ..any() }, vec![]),
    ];
    for (filter, expected) in table {
        let told = found(scene, filter.clone()).await;
        assert_eq!(told.iter().collect::<Vec<_>>(), expected, "{filter:?}");
    }
}

pub async fn what_a_task_holds_is_found_as_selecting(scene: &Scene) {
    let of = |selection| InvoiceFilter { selections: vec![selection], ..InvoiceFilter::default() };
    assert_eq!(found(scene, of(Selection::Selecting)).await, [""; 0]);
    scene.queue(&scene.selection(Kind::DeductionSelect, &[1, 2]).await).await;
    let (one, two) = (invoice_key(1).number, invoice_key(2).number);
    assert_eq!(found(scene, of(Selection::Selecting)).await, [two.clone(), one.clone()]);
    let free = [invoice_key(4).number, invoice_key(3).number];
    assert_eq!(found(scene, of(Selection::Unselected)).await, free);
    let both = InvoiceFilter {
        selections: vec![Selection::Selecting, Selection::Unselected],
        ..InvoiceFilter::default()
    };
    assert_eq!(found(scene, both.clone()).await.len(), 4);
    let other = InvoiceFilter { buyer: Some(tax_no(BETA)), ..of(Selection::Selecting) };
    assert_eq!(found(scene, other).await, [""; 0]);
    let shown = well(scene.store.search(&both, None, 100).await);
    let shown: Vec<Selection> = shown.iter().map(|invoice| invoice.facts.selection).collect();
    let (held, free) = (Selection::Selecting, Selection::Unselected);
    assert_eq!(shown, [free, free, held, held]);
}

pub async fn invoices_are_read_page_by_page_the_newest_first(scene: &Scene) {
    four(scene).await;
    for filter in [
        InvoiceFilter::default(),
        InvoiceFilter { buyer: Some(tax_no(ALPHA)), ..InvoiceFilter::default() },
    ] {
        let whole = well(scene.store.search(&filter, None, 100).await);
        let mut paged: Vec<Invoice> = Vec::new();
        loop {
            let after = paged.last().map(Cursor::after);
            let page = well(scene.store.search(&filter, after.as_ref(), 2).await);
            assert!(page.len() <= 2);
            if page.is_empty() {
                break;
            }
            paged.extend(page);
        }
        assert_eq!((paged.len(), &paged), (whole.len(), &whole), "{filter:?}");
        assert!(whole.len() >= 5);
    }
}
