//! What a bureau tells in a download, into the pool.

use super::claim::note;
use super::scene::{ALPHA, BETA, EAST, Scene, invoice_key, tax_no, well};
use crate::ports::{
    desk::Cancelled,
    log::Work,
    pool::{InvoiceCard, InvoiceFilter},
};
use domain::{
    Moment,
    invoice::{
        DOWNLOADED, EntryState, Invoice, InvoiceDetails, InvoiceStatus, InvoiceUse, Kept,
        NonDeductionReason, Purpose, Risk, SaidDetails, Selection, ToldInvoice, ToldUse,
    },
    kind::Kind,
    money::Fen,
};

/// As the bureau tells of an invoice of [`ALPHA`]; 1 to 4 are in the pool already.
fn told(n: u8) -> ToldInvoice {
    ToldInvoice {
        buyer_tax_no: tax_no(ALPHA),
        key: invoice_key(n),
        invoice_type: "27".parse().expect("a type"),
        date: "2025-11-05".parse().ok(),
        amount: Fen(20_000),
        tax: Fen(1_200),
        status: InvoiceStatus::PartlyReversed,
        risk: Risk::Normal,
        special_kind: "农产品收购".into(),
        seller_name: "税局供货商".into(),
        seller_tax_no: BETA.into(),
        used: None,
    }
}

fn selected(n: u8, used_for: InvoiceUse) -> ToldInvoice {
    let used = ToldUse { used_for, period: "202510".parse().ok(), certified: Some(false) };
    ToldInvoice { used: Some(used), ..told(n) }
}

fn unselected(n: u8) -> ToldInvoice {
    let used = ToldUse { used_for: InvoiceUse::Unused, period: None, certified: Some(false) };
    ToldInvoice { used: Some(used), ..told(n) }
}

async fn download(scene: &Scene) -> Work {
    scene.run(Kind::InvoiceDownload, ALPHA, EAST).await
}

async fn keep(scene: &Scene, work: &Work, told: &[ToldInvoice]) -> Option<Vec<Kept>> {
    well(scene.store.keep_told(work.message.task_id, work.fence, told).await)
}

async fn card(scene: &Scene, n: u8) -> Option<InvoiceCard> {
    well(scene.store.invoice(&tax_no(ALPHA), &invoice_key(n)).await)
}

async fn invoice(scene: &Scene, n: u8) -> Invoice {
    card(scene, n).await.expect("the pool knows it").invoice
}

async fn shown(scene: &Scene, n: u8) -> (Selection, String, Option<Purpose>) {
    let Invoice { facts, details, .. } = invoice(scene, n).await;
    (facts.selection, facts.period.map(|p| p.to_string()).unwrap_or_default(), details.purpose)
}

pub async fn what_the_bureau_tells_fills_the_pool(scene: &Scene) {
    let before: Moment = scene.now().await;
    let work = download(scene).await;
    let foreign = ToldInvoice { buyer_tax_no: tax_no(BETA), ..told(8) };
    let page = [told(9), told(1), foreign, told(7)];
    let kept = keep(scene, &work, &page).await;
    assert_eq!(kept, Some(vec![Kept::New, Kept::Changed, Kept::NotTheirs, Kept::New]));
    let new = invoice(scene, 9).await;
    let collected_at = new.details.collected_at.expect("it was collected now");
    assert!(before <= collected_at && collected_at <= scene.now().await);
    let details = InvoiceDetails {
        collected_at: Some(collected_at),
        source: DOWNLOADED.into(),
        ..InvoiceDetails::default()
    };
    assert_eq!(new.details, details);
    assert_eq!((new.facts.amount, new.facts.tax), (Fen(20_000), Fen(1_200)));
    assert_eq!(new.facts.date, "2025-11-05".parse().ok());
    assert_eq!(new.facts.status, InvoiceStatus::PartlyReversed);
    assert_eq!(new.facts.special_kind, "农产品收购");
    assert_eq!((new.seller_name.as_str(), new.seller_tax_no.as_str()), ("税局供货商", BETA));
    assert_eq!(new.facts.selection, Selection::Unselected);
    assert_eq!(card(scene, 8).await, None, "it is not theirs");
    let other = well(scene.store.invoice(&tax_no(BETA), &invoice_key(8)).await);
    assert_eq!(other, None, "nobody downloads for others");
    let known = invoice(scene, 1).await;
    assert_eq!(known.facts.amount, Fen(20_000));
    assert_eq!(known.details, InvoiceDetails::default(), "it was collected long ago");
}

pub async fn the_same_page_again_changes_nothing(scene: &Scene) {
    let work = download(scene).await;
    let page = [selected(9, InvoiceUse::Deduction), unselected(1)];
    assert_eq!(keep(scene, &work, &page).await, Some(vec![Kept::New, Kept::Changed]));
    let known = (invoice(scene, 9).await, invoice(scene, 1).await);
    let again = Some(vec![Kept::Unchanged, Kept::Unchanged]);
    assert_eq!(keep(scene, &work, &page).await, again);
    assert_eq!((invoice(scene, 9).await, invoice(scene, 1).await), known);
    assert_eq!(keep(scene, &work, &[]).await, Some(vec![]));
}

pub async fn an_invoice_twice_on_a_page_is_written_as_it_was_told_last(scene: &Scene) {
    let work = download(scene).await;
    let page = [told(9), ToldInvoice { status: InvoiceStatus::Void, ..told(9) }, told(2), told(2)];
    let kept = keep(scene, &work, &page).await;
    assert_eq!(kept, Some(vec![Kept::New, Kept::Changed, Kept::Changed, Kept::Unchanged]));
    assert_eq!(invoice(scene, 9).await.facts.status, InvoiceStatus::Void);
}

pub async fn what_the_bureau_tells_leaves_our_own_marks(scene: &Scene) {
    let mut file = super::scene::world();
    file.invoices[0].accounting_org = "0102".into();
    file.invoices[0].selection = Some(Selection::PreSelected);
    file.invoices[0].details = SaidDetails {
        purpose: Some(Purpose::NonDeduction),
        non_deduction_reason: Some(NonDeductionReason::Other),
        non_deduction_text: Some("赠送客户".into()),
        entry_state: Some(EntryState::Entered),
        entry_tax: Some(Fen(550)),
        voucher_no: Some("记-0007".into()),
        source: Some("ERP".into()),
        deductible: Some(false),
        ..SaidDetails::default()
    };
    well(scene.store.import(&file, super::scene::LEQI_WIDTH).await);
    let ours = invoice(scene, 1).await;
    let work = download(scene).await;
    assert_eq!(keep(scene, &work, &[unselected(1)]).await, Some(vec![Kept::Changed]));
    let now = invoice(scene, 1).await;
    assert_eq!((&now.accounting_org, &now.details), (&ours.accounting_org, &ours.details));
    assert_eq!(now.facts.selection, Selection::PreSelected, "the bureau knows none");
    let page = [selected(1, InvoiceUse::NonDeduction)];
    assert_eq!(keep(scene, &work, &page).await, Some(vec![Kept::Changed]));
    let now = invoice(scene, 1).await;
    assert_eq!(now.facts.selection, Selection::Selected);
    assert_eq!(now.details, ours.details, "it may be selected for our reason");
}

pub async fn what_the_bureau_uses_it_for_wins_over_our_purpose(scene: &Scene) {
    let mut file = super::scene::world();
    file.invoices[0].selection = Some(Selection::PreSelected);
    file.invoices[0].details = SaidDetails {
        purpose: Some(Purpose::NonDeduction),
        non_deduction_reason: Some(NonDeductionReason::Other),
        non_deduction_text: Some("赠送客户".into()),
        ..SaidDetails::default()
    };
    well(scene.store.import(&file, super::scene::LEQI_WIDTH).await);
    let work = download(scene).await;
    let page = [selected(1, InvoiceUse::Deduction)];
    assert_eq!(keep(scene, &work, &page).await, Some(vec![Kept::Changed]));
    let purpose = Some(Purpose::Deduction);
    assert_eq!(shown(scene, 1).await, (Selection::Selected, "202510".into(), purpose));
    let details = InvoiceDetails { purpose, ..InvoiceDetails::default() };
    assert_eq!(invoice(scene, 1).await.details, details, "the reason went with the purpose");
    assert_eq!(keep(scene, &work, &[unselected(1)]).await, Some(vec![Kept::Changed]));
    assert_eq!(shown(scene, 1).await, (Selection::Unselected, String::new(), None));
    assert_eq!(invoice(scene, 1).await.details, InvoiceDetails::default());
}

/// It stands beneath 勾选中: whatever becomes of the task, the pool then says what the bureau told.
pub async fn what_is_selected_at_the_bureau_is_taken_over_also_while_a_task_holds_it(
    scene: &Scene,
) {
    let work = download(scene).await;
    let holder = scene.queue(&scene.selection(Kind::DeductionSelect, &[2]).await).await;
    let used = InvoiceUse::Deduction;
    let page = [selected(1, used), selected(2, used), selected(9, used)];
    let kept = keep(scene, &work, &page).await;
    assert_eq!(kept, Some(vec![Kept::Changed, Kept::Changed, Kept::New]));
    let at_the_bureau = (Selection::Selected, "202510".to_owned(), Some(Purpose::Deduction));
    assert_eq!(shown(scene, 1).await, at_the_bureau);
    assert_eq!(shown(scene, 9).await, at_the_bureau);
    assert_eq!(shown(scene, 2).await.0, Selection::Selecting);
    let cancelled = scene.store.cancel(&[holder.id], &note()).await;
    assert_eq!(well(cancelled), [Cancelled::Done]);
    assert_eq!(shown(scene, 2).await, at_the_bureau, "the task wrote nothing");
    let page = [unselected(1), unselected(2), unselected(9)];
    assert!(keep(scene, &work, &page).await.is_some());
    for n in [1, 2, 9] {
        assert_eq!(shown(scene, n).await, (Selection::Unselected, String::new(), None));
    }
}

/// The next holder may select what the last one was told is not.
pub async fn nothing_is_kept_once_the_keys_have_passed_on(scene: &Scene) {
    let work = download(scene).await;
    let other = domain::ids::Fence(work.fence.0 + 1_000);
    let page = [told(9)];
    let unknown = well(scene.store.keep_told(work.message.task_id, other, &page).await);
    assert_eq!(unknown, None, "it is nobody's fence");
    scene.die().await;
    assert_eq!(keep(scene, &work, &page).await, None, "it was rescued");
    assert_eq!(card(scene, 9).await, None);
}

pub async fn what_was_downloaded_is_found_by_its_seller(scene: &Scene) {
    let work = download(scene).await;
    let page = [told(9), ToldInvoice { seller_name: String::new(), ..told(8) }];
    assert!(keep(scene, &work, &page).await.is_some());
    let filter = InvoiceFilter { seller: Some("局供货".into()), ..InvoiceFilter::default() };
    let found = well(scene.store.search(&filter, None, 10).await);
    let numbers: Vec<_> = found.into_iter().map(|invoice| invoice.facts.key).collect();
    assert_eq!(numbers, [invoice_key(9)]);
}
