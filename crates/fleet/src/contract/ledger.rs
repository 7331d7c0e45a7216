//! The ledger as people search it.

use super::{
    scene::{ALPHA, BETA, EAST, Scene, invoice_key, reworded, seconds, well},
    verdicts::line,
};
use crate::ports::{
    ledger::{AfterLine, LedgerFilter},
    log::Verdict,
};
use domain::{ids::TaskId, kind::Kind, ledger::LineOutcome, task::StateName};

/// A task that ended with these lines: the number of the invoice, and whether it succeeded.
async fn ended(scene: &Scene, kind: Kind, payer: &str, lines: &[(u8, bool)]) -> TaskId {
    let task = scene.draft(kind, payer, EAST).await;
    let task = reworded(task, |message| message.batch_id = Some(payer.to_owned()));
    let work = scene.start(scene.queue(&task).await).await;
    let written = lines.iter().map(|(n, succeeded)| {
        let outcome = if *succeeded { LineOutcome::Succeeded } else { LineOutcome::Refused };
        line(*n, outcome)
    });
    let verdict = Verdict::Final {
        state: StateName::Done,
        reason: String::new(),
        lines: written.collect(),
        pool: Vec::new(),
        statistic: None,
        unknown: false,
    };
    scene.settled(&work, verdict).await;
    scene.advance(seconds(60)).await;
    task.message.task_id
}

async fn read(scene: &Scene, filter: &LedgerFilter) -> Vec<(TaskId, String)> {
    let found = well(scene.store.ledger(filter, None, 100).await);
    found.into_iter().map(|entry| (entry.task_id, entry.line.invoice.number)).collect()
}

fn told(task: TaskId, n: u8) -> (TaskId, String) {
    (task, invoice_key(n).number)
}

pub async fn every_field_of_a_ledger_filter_that_is_set_must_match(scene: &Scene) {
    let first = ended(scene, Kind::InvoiceDownload, ALPHA, &[(1, true), (2, false)]).await;
    let second = ended(scene, Kind::InvoiceUseQuery, BETA, &[(2, true)]).await;
    let any = LedgerFilter::default;
    let all = [told(second, 2), told(first, 2), told(first, 1)];
    assert_eq!(read(scene, &any()).await, all);
    let beta = super::scene::tax_no(BETA);
    let of_payer = LedgerFilter { tax_no: Some(beta), ..any() };
    assert_eq!(read(scene, &of_payer).await, [told(second, 2)]);
    let of_task = LedgerFilter { task: Some(first), ..any() };
    assert_eq!(read(scene, &of_task).await, [told(first, 2), told(first, 1)]);
    let of_batch = LedgerFilter { batch_id: Some(BETA.into()), ..any() };
    assert_eq!(read(scene, &of_batch).await, [told(second, 2)]);
    let downloads = LedgerFilter { kinds: vec![Kind::InvoiceDownload], ..any() };
    assert_eq!(read(scene, &downloads).await, [told(first, 2), told(first, 1)]);
    let refused = LedgerFilter { outcomes: vec![LineOutcome::Refused], ..any() };
    assert_eq!(read(scene, &refused).await, [told(first, 2)]);
    let number = LedgerFilter { number: Some(invoice_key(2).number), ..any() };
    assert_eq!(read(scene, &number).await, [told(second, 2), told(first, 2)]);
    let both = LedgerFilter { task: Some(first), ..number };
    assert_eq!(read(scene, &both).await, [told(first, 2)]);
    let logged = scene.row(second).await.enqueued_at;
    let since = LedgerFilter { enqueued_from: Some(logged), ..any() };
    assert_eq!(read(scene, &since).await, [told(second, 2)]);
    let until = LedgerFilter { enqueued_to: Some(logged), ..any() };
    assert_eq!(read(scene, &until).await, [told(first, 2), told(first, 1)]);
    let entry = &well(scene.store.ledger(&of_payer, None, 1).await)[0];
    assert_eq!((entry.kind, entry.batch_id.as_deref()), (Kind::InvoiceUseQuery, Some(BETA)));
    assert_eq!((entry.line.outcome, entry.enqueued_at), (LineOutcome::Succeeded, logged));
    assert!(entry.at >= logged);
}

pub async fn the_ledger_is_read_page_by_page(scene: &Scene) {
    for payer in [ALPHA, BETA] {
        let lines = [(1, true), (2, true), (3, false), (4, true)];
        ended(scene, Kind::InvoiceDownload, payer, &lines).await;
    }
    let any = LedgerFilter::default();
    let all = well(scene.store.ledger(&any, None, 100).await);
    assert_eq!(all.len(), 8);
    let (mut pages, mut after) = (Vec::new(), None);
    loop {
        let page = well(scene.store.ledger(&any, after.as_ref(), 3).await);
        let Some(last) = page.last() else { break };
        after = Some(AfterLine::of(last));
        pages.extend(page);
    }
    assert_eq!(pages, all);
}
