//! Batches as people ask for them, and where their tasks stand.

use super::{
    scene::{ALPHA, BETA, EAST, Scene, invoice_key, lane_key, reworded, seconds, tax_no, well},
    switches::{note, request},
    verdicts::{done, failed, line},
};
use crate::ports::{
    batches::{AfterBatch, Backlog, BatchFilter, Kept, NewBatch},
    log::{Fate, NewTask, SwitchNote, Verdict},
    outbox::EventKind,
};
use domain::{
    batch::{AskedBatch, AskedInvoice, Batch, BatchPurpose, BatchState},
    invoice::{InvoiceType, NonDeductionReason},
    kind::{Action, Kind},
    ledger::{LedgerLine, LineOutcome},
    task::StateName,
};
use std::time::Duration;

/// Two of alpha to be selected, one of beta to be deselected.
async fn asked(scene: &Scene, id: &str) -> NewBatch {
    let invoice = |payer, n, action| AskedInvoice {
        tax_no: tax_no(payer),
        key: invoice_key(n),
        action,
        invoice_type: None,
        reason: Some(NonDeductionReason::Other),
        reason_text: Some("赠送客户".into()),
        refused: None,
    };
    let asked = AskedBatch {
        batch_id: id.to_owned(),
        purpose: BatchPurpose::NonDeduction,
        tax_period: "202511".parse().ok(),
        submitted_by: Some("erp-01".into()),
        again_of: None,
        accounts: [(tax_no(ALPHA), lane_key(EAST).account)].into(),
        invoices: vec![
            invoice(ALPHA, 1, Action::Select),
            invoice(BETA, 2, Action::Deselect),
            invoice(ALPHA, 3, Action::Select),
        ],
        draft: true,
    };
    let digital: InvoiceType = "27".parse().expect("a type");
    let (batch, lines) = asked.into_batch(&[digital; 3], 100, scene.now().await);
    NewBatch { batch, lines }
}

async fn keep(scene: &Scene, id: &str) -> Batch {
    let new = asked(scene, id).await;
    assert_eq!(well(scene.store.keep_batch(&new).await), Kept::New);
    new.batch
}

async fn batch(scene: &Scene, id: &str) -> Batch {
    well(scene.store.batch(id).await).expect("it was kept")
}

async fn submitting(scene: &Scene, id: &str) -> Batch {
    let mut draft = keep(scene, id).await;
    draft.submit().expect("a draft");
    assert!(well(scene.store.change_batch(&draft).await));
    batch(scene, id).await
}

pub async fn a_batch_is_kept_with_its_invoices(scene: &Scene) {
    let new = asked(scene, "b").await;
    assert_eq!(well(scene.store.batch("b").await), None);
    assert_eq!(well(scene.store.keep_batch(&new).await), Kept::New);
    assert_eq!(batch(scene, "b").await, new.batch);
    assert_eq!(well(scene.store.batch_lines("b", 0, 10).await), new.lines);
    assert_eq!(well(scene.store.batch_lines("b", 1, 1).await), new.lines[1..2]);
    assert_eq!(well(scene.store.batch_lines("b", 3, 10).await), []);
    assert_eq!(well(scene.store.batch_lines("c", 0, 10).await), []);
}

pub async fn the_same_batch_again_is_kept_once(scene: &Scene) {
    let mut new = asked(scene, "b").await;
    well(scene.store.keep_batch(&new).await);
    let mut changed = new.batch.clone();
    changed.drop_tax_no(&tax_no(BETA), true).expect("a draft");
    assert!(well(scene.store.change_batch(&changed).await));
    assert_eq!(well(scene.store.keep_batch(&new).await), Kept::Before);
    assert!(batch(scene, "b").await.parts[1].dropped, "what was changed since stays");
    new.batch.asked = "another".into();
    let created_at = new.batch.created_at;
    assert_eq!(well(scene.store.keep_batch(&new).await), Kept::Other { created_at });
    assert_eq!(well(scene.store.batch_lines("b", 0, 10).await).len(), 3);
}

pub async fn of_two_keeps_at_once_one_is_new(scene: &Scene) {
    let new = asked(scene, "b").await;
    let (one, other) = tokio::join!(scene.store.keep_batch(&new), scene.store.keep_batch(&new));
    let mut kept = [well(one), well(other)];
    kept.sort_by_key(|kept| *kept != Kept::New);
    assert_eq!(kept, [Kept::New, Kept::Before]);
}

pub async fn a_batch_is_changed_by_who_read_it_last(scene: &Scene) {
    let mut mine = keep(scene, "b").await;
    let mut others = mine.clone();
    mine.use_account(&tax_no(ALPHA), None).expect("a draft");
    assert!(well(scene.store.change_batch(&mine).await));
    others.drop_tax_no(&tax_no(ALPHA), true).expect("a draft");
    assert!(!well(scene.store.change_batch(&others).await), "it was read before my change");
    let now = batch(scene, "b").await;
    assert_eq!(now, Batch { version: 1, ..mine });
    let nobodys = Batch { batch_id: "c".into(), ..now };
    assert!(!well(scene.store.change_batch(&nobodys).await));
}

pub async fn batches_are_told_newest_first(scene: &Scene) {
    keep(scene, "a").await;
    scene.advance(seconds(60)).await;
    submitting(scene, "b").await;
    scene.advance(seconds(60)).await;
    keep(scene, "c").await;
    let ids = async |filter: BatchFilter, after: Option<AfterBatch>, limit| {
        let found = well(scene.store.batches(&filter, after.as_ref(), limit).await);
        found.into_iter().map(|batch| batch.batch_id).collect::<Vec<_>>()
    };
    assert_eq!(ids(BatchFilter::default(), None, 10).await, ["c", "b", "a"]);
    assert_eq!(ids(BatchFilter::default(), None, 2).await, ["c", "b"]);
    let drafts = BatchFilter { states: vec![BatchState::Draft], ..BatchFilter::default() };
    assert_eq!(ids(drafts, None, 10).await, ["c", "a"]);
    let nobodys = BatchFilter { submitted_by: Some("nobody".into()), ..BatchFilter::default() };
    assert_eq!(ids(nobodys, None, 10).await, [""; 0]);
}

pub async fn a_batch_left_in_the_middle_is_found(scene: &Scene) {
    let left = async || well(scene.store.left_batches(seconds(30), 10).await);
    keep(scene, "draft").await;
    let mut batch = submitting(scene, "b").await;
    assert_eq!(left().await, [""; 0]);
    scene.advance(seconds(31)).await;
    assert_eq!(left().await, ["b"]);
    batch.logged();
    assert!(well(scene.store.change_batch(&batch).await));
    assert_eq!(left().await, [""; 0]);
}

async fn of_batch(scene: &Scene, payer: &str, invoices: &[u8]) -> NewTask {
    let task = scene.selection(Kind::DeductionSelect, invoices).await;
    let tax = scene.tax(payer).await;
    let task = reworded(task, |message| {
        message.tax_no = tax_no(payer);
        message.batch_id = Some("b".into());
    });
    let lane = scene.lane(EAST);
    let fate = Fate::Queue { lane, tax, run_at: None };
    NewTask { fate, ..task }
}

/// The first invoice of two succeeded.
fn partly() -> Verdict {
    let lines = vec![line(1, LineOutcome::Succeeded), line(2, LineOutcome::Refused)];
    Verdict::Final {
        state: StateName::Done,
        reason: String::new(),
        lines,
        pool: Vec::new(),
        statistic: None,
        unknown: false,
    }
}

pub async fn where_the_tasks_of_a_batch_stand_is_counted(scene: &Scene) {
    let first = scene.queue(&of_batch(scene, ALPHA, &[1, 2]).await).await;
    scene.queue(&of_batch(scene, ALPHA, &[3]).await).await;
    scene.queue(&of_batch(scene, BETA, &[4]).await).await;
    let work = scene.start(first).await;
    scene.advance(seconds(3)).await;
    scene.settled(&work, partly()).await;
    let tallies = well(scene.store.tally("b").await);
    let lane = Some(lane_key(EAST));
    let told: Vec<_> = tallies
        .iter()
        .map(|t| (t.tax_no.as_str(), t.state, t.tasks, t.invoices, t.succeeded, t.ran_tasks))
        .collect();
    let mut expected = vec![
        (ALPHA, StateName::Queued, 1, 1, 0, 0),
        (ALPHA, StateName::Done, 1, 2, 1, 1),
        (BETA, StateName::Queued, 1, 1, 0, 0),
    ];
    expected.sort_by_key(|told| told.1 == StateName::Done);
    let mut told = told;
    told.sort_by_key(|told| told.1 == StateName::Done);
    assert_eq!(told, expected);
    assert!(tallies.iter().all(|tally| tally.lane == lane), "{tallies:?}");
    let ran: Duration = tallies.iter().map(|tally| tally.ran).sum();
    assert!(ran >= seconds(2) && ran < seconds(60), "{ran:?}");
    assert_eq!(well(scene.store.tally("c").await), []);
}

pub async fn the_end_of_a_batch_waits_for_all_that_it_becomes(scene: &Scene) {
    submitting(scene, "b").await;
    let mut told = Vec::new();
    for payer in [ALPHA, BETA] {
        let task = scene.queue(&of_batch(scene, payer, &[1]).await).await;
        let work = scene.start(task).await;
        let (_, numbers) = scene.settled(&work, failed()).await;
        let events = well(scene.store.events(&numbers).await);
        told.push(events.iter().any(|event| event.kind == EventKind::BatchFinished));
    }
    assert_eq!(told, [false, true], "it becomes two tasks");
}

pub async fn what_waits_in_a_lane_is_counted(scene: &Scene) {
    let first = scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    for payer in [ALPHA, BETA, BETA] {
        scene.log(Kind::PeriodQuery, payer, EAST).await;
    }
    let (east, west) = (scene.lane(EAST), scene.lane(super::scene::WEST));
    let backlogs = async || well(scene.store.backlogs(&[west, east]).await);
    let all = Backlog { numbers: 2, tasks: 4 };
    assert_eq!(backlogs().await, [Backlog::default(), all]);
    let work = scene.start(first).await;
    assert_eq!(note(scene, request(&work)).await, SwitchNote::Noted);
    scene.settled(&work, done()).await;
    let others = Backlog { numbers: 1, tasks: 3 };
    assert_eq!(backlogs().await, [Backlog::default(), others], "the account is on alpha");
}

pub async fn what_became_of_an_invoice_in_a_task_is_told(scene: &Scene) {
    let first = scene.queue(&of_batch(scene, ALPHA, &[1, 2]).await).await;
    let second = scene.queue(&of_batch(scene, ALPHA, &[3]).await).await;
    let work = scene.start(first).await;
    scene.settled(&work, partly()).await;
    let unknown = scene.fresh_id();
    let asked = [
        (second.id, invoice_key(3)),
        (first.id, invoice_key(2)),
        (unknown, invoice_key(1)),
        (first.id, invoice_key(1)),
    ];
    let ends = well(scene.store.line_ends(&asked).await);
    let state = |n: usize| ends[n].as_ref().map(|end| end.state);
    assert_eq!(
        [state(0), state(1), state(2)],
        [Some(StateName::Queued), Some(StateName::Done), None]
    );
    let line = |n: usize| ends[n].as_ref().and_then(|end| end.line.clone());
    assert_eq!(line(0), None);
    let outcome = |line: Option<LedgerLine>| line.map(|line| (line.invoice, line.outcome));
    assert_eq!(outcome(line(1)), Some((invoice_key(2), LineOutcome::Refused)));
    assert_eq!(outcome(line(3)), Some((invoice_key(1), LineOutcome::Succeeded)));
}
