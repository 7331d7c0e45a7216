//! Invoices are held by one unfinished task at a time.

use super::{
    scene::{ALPHA, EAST, LONELY, Scene, invoice_key, reworded, task_invoices, well},
    verdicts::{failed, line, marked},
};
use crate::ports::{
    desk::Note,
    log::{Appended, Fate, NewTask, Verdict},
};
use domain::{
    invoice::Selection, kind::Kind, ledger::LineOutcome, period::TaxPeriod, rules::held_elsewhere,
    task::StateName,
};
use std::collections::BTreeMap;

async fn selection_of(scene: &Scene, n: u8) -> Option<Selection> {
    let tax = scene.tax(ALPHA).await;
    let found = well(scene.store.invoices(&[(tax, invoice_key(n))]).await);
    found[0].as_ref().map(|invoice| invoice.selection)
}

fn is_refused(appended: &Appended, kind: Kind) -> bool {
    let sentence = held_elsewhere(kind).sentence();
    matches!(appended, Appended::Final { state: StateName::Refused, reason, .. } if reason == sentence)
}

pub async fn a_selection_holds_its_invoices_until_it_is_settled(scene: &Scene) {
    let task = scene.queue(&scene.selection(Kind::DeductionSelect, &[1]).await).await;
    assert_eq!(selection_of(scene, 1).await, Some(Selection::Selecting));
    assert_eq!(selection_of(scene, 2).await, Some(Selection::Unselected));
    assert_eq!(selection_of(scene, 99).await, None);
    let work = scene.start(task).await;
    let period: TaxPeriod = "202511".parse().expect("a period");
    let verdict = Verdict::Final {
        state: StateName::Done,
        reason: String::new(),
        lines: vec![line(1, LineOutcome::Succeeded)],
        pool: vec![marked(invoice_key(1), Selection::Selected, Some(period))],
        statistic: None,
        unknown: false,
    };
    scene.settled(&work, verdict).await;
    assert_eq!(selection_of(scene, 1).await, Some(Selection::Selected));
}

pub async fn a_conflict_refuses_the_whole_second_task(scene: &Scene) {
    scene.queue(&scene.selection(Kind::DeductionSelect, &[1]).await).await;
    let second = scene.selection(Kind::NonDeductionSelect, &[1, 2]).await;
    let appended = scene.append_one(&second).await;
    assert!(is_refused(&appended, Kind::NonDeductionSelect), "{appended:?}");
    let card = well(scene.store.card(second.message.task_id).await).expect("a row");
    let line = card.ledger.iter().find(|line| line.invoice == invoice_key(1));
    assert_eq!(line.map(|line| line.outcome), Some(LineOutcome::Refused));
    assert_eq!(selection_of(scene, 2).await, Some(Selection::Unselected));
    let third = scene.selection(Kind::NonDeductionSelect, &[2]).await;
    scene.queue(&third).await;
}

pub async fn a_conflict_inside_one_batch_refuses_the_later_task(scene: &Scene) {
    let first = scene.selection(Kind::DeductionSelect, &[1, 2]).await;
    let second = scene.selection(Kind::DeductionDeselect, &[2, 3]).await;
    let appended = scene.append(&[first, second]).await;
    assert!(matches!(appended[0], Appended::Queued { .. }), "{appended:?}");
    assert!(is_refused(&appended[1], Kind::DeductionDeselect), "{appended:?}");
}

pub async fn of_two_appends_at_once_one_holds_the_invoice(scene: &Scene) {
    let one = [scene.selection(Kind::DeductionSelect, &[1, 2]).await];
    let other = [scene.selection(Kind::DeductionSelect, &[2, 1]).await];
    let (one, other) = tokio::join!(scene.append(&one), scene.append(&other));
    let refused: Vec<_> = [&one[0], &other[0]]
        .into_iter()
        .filter(|appended| is_refused(appended, Kind::DeductionSelect))
        .collect();
    assert_eq!(refused.len(), 1, "{one:?} {other:?}");
}

/// Invoices of one round of the next, and of one task of it.
const SHARED: u8 = 24;
const OF_ONE_TASK: u8 = 4;

/// The tasks of a batch of the same invoices; `from`: with which of them it begins.
async fn crossing(scene: &Scene, round: u8, from: u8) -> Vec<NewTask> {
    let numbers: Vec<u8> = (0..SHARED).map(|n| round * SHARED + (n + from) % SHARED + 1).collect();
    let mut tasks = Vec::new();
    for some in numbers.chunks(OF_ONE_TASK.into()) {
        tasks.push(scene.selection(Kind::DeductionSelect, some).await);
    }
    tasks
}

/// Two batches over the same invoices whose tasks cross, logged at the same moment.
pub async fn of_two_batches_at_once_each_invoice_is_in_one_unfinished_task(scene: &Scene) {
    let sentence = held_elsewhere(Kind::DeductionSelect).sentence();
    for round in 0..5 {
        let one = crossing(scene, round, 0).await;
        let other = crossing(scene, round, OF_ONE_TASK / 2).await;
        let (first, second) = tokio::join!(scene.append(&one), scene.append(&other));
        let tasks = one.iter().zip(&first).chain(other.iter().zip(&second));
        let (taken, refused): (Vec<_>, Vec<_>) =
            tasks.partition(|(_, appended)| matches!(appended, Appended::Queued { .. }));
        let mut held = BTreeMap::new();
        for (task, _) in &taken {
            for invoice in &task.message.invoices {
                let before = held.insert(invoice.key.clone(), task.message.task_id);
                assert_eq!(before, None, "{} is in two unfinished tasks", invoice.key);
            }
        }
        assert!(!taken.is_empty() && !refused.is_empty(), "{first:?} {second:?}");
        for (task, appended) in refused {
            assert!(is_refused(appended, Kind::DeductionSelect), "{appended:?}");
            let card = well(scene.store.card(task.message.task_id).await).expect("a row");
            let culprits = card.ledger.iter().map(|line| (line.outcome, line.reason.as_str()));
            assert!(!card.ledger.is_empty());
            assert!(culprits.clone().all(|told| told == (LineOutcome::Refused, sentence)));
            assert!(card.ledger.iter().all(|line| held.contains_key(&line.invoice)));
        }
    }
}

pub async fn what_is_called_off_or_fails_frees_its_invoices(scene: &Scene) {
    let called_off = scene.queue(&scene.selection(Kind::DeductionSelect, &[1]).await).await;
    let note = Note { by: "anna".into(), reason: "wrong month".into() };
    well(scene.store.cancel(&[called_off.id], &note).await);
    assert_eq!(selection_of(scene, 1).await, Some(Selection::Unselected));
    let fails = scene.queue(&scene.selection(Kind::DeductionSelect, &[1]).await).await;
    let work = scene.start(fails).await;
    scene.settled(&work, failed()).await;
    assert_eq!(selection_of(scene, 1).await, Some(Selection::Unselected));
    scene.queue(&scene.selection(Kind::DeductionSelect, &[1]).await).await;
}

pub async fn a_task_that_waits_for_an_account_holds_too(scene: &Scene) {
    let lonely = |task: NewTask, tax| {
        let mut task = reworded(task, |message| {
            message.tax_no = LONELY.parse().expect("a tax number");
        });
        task.lane = None;
        task.fate = Fate::Hold { tax };
        task
    };
    let tax = scene.tax(LONELY).await;
    let first = lonely(scene.selection(Kind::DeductionSelect, &[1]).await, tax);
    let second = lonely(scene.selection(Kind::DeductionSelect, &[1]).await, tax);
    assert_eq!(scene.append_one(&first).await, Appended::Held);
    let appended = scene.append_one(&second).await;
    assert!(is_refused(&appended, Kind::DeductionSelect), "{appended:?}");
    // Another tax number's invoice of the same number is another invoice.
    scene.queue(&scene.selection(Kind::DeductionSelect, &[1]).await).await;
}

pub async fn kinds_that_select_nothing_hold_nothing(scene: &Scene) {
    for _ in 0..2 {
        let task = scene.draft(Kind::AgriculturalOwn, ALPHA, EAST).await;
        let task = reworded(task, |message| message.invoices = task_invoices(&[1]));
        scene.queue(&task).await;
    }
    assert_eq!(selection_of(scene, 1).await, Some(Selection::Unselected));
}

pub async fn a_holder_sees_its_own_invoices_as_they_are(scene: &Scene) {
    let own = scene.queue(&scene.selection(Kind::DeductionSelect, &[1, 99]).await).await;
    let pool = scene.start(own).await.pool;
    assert_eq!(pool[0].as_ref().map(|invoice| invoice.selection), Some(Selection::Unselected));
    assert_eq!(pool[1], None);
}

pub async fn a_mark_in_the_pool_is_refused_while_the_invoice_is_held(scene: &Scene) {
    scene.queue(&scene.selection(Kind::DeductionSelect, &[1]).await).await;
    let mut mark = scene.selection(Kind::PreSelect, &[1, 2]).await;
    let change = |n| marked(invoice_key(n), Selection::PreSelected, None);
    mark.fate = Fate::Settle {
        tax: scene.tax(ALPHA).await,
        lines: vec![line(1, LineOutcome::Succeeded), line(2, LineOutcome::Succeeded)],
        pool: vec![change(1), change(2)],
    };
    let appended = scene.append_one(&mark).await;
    assert!(is_refused(&appended, Kind::PreSelect), "{appended:?}");
    assert_eq!(selection_of(scene, 2).await, Some(Selection::Unselected));
    // It holds nothing itself.
    scene.queue(&scene.selection(Kind::DeductionSelect, &[2]).await).await;
}
