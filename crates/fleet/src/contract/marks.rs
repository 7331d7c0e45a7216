//! What settlements write into the pool, and the tasks that follow from them.

use super::{
    scene::{
        ALPHA, DIRECT, LEQI, LEQI_WIDTH, Logged, Scene, invoice_key, reworded, settlement,
        task_invoices, tax_no, well, world,
    },
    verdicts::{done, failed},
};
use crate::ports::log::{Appended, NewTask, Settled, Settlement, Turn, Verdict, Work};
use domain::{
    invoice::{
        EntryState, Invoice, InvoiceStatus, InvoiceUse, Mark, NonDeductionReason, PoolChange,
        Purpose, Risk, Selection, UseReading,
    },
    kind::Kind,
    schedule::Hindrance,
    task::StateName,
};

async fn invoice(scene: &Scene, n: u8) -> Invoice {
    let card = well(scene.store.invoice(&tax_no(ALPHA), &invoice_key(n)).await);
    card.expect("the pool knows it").invoice
}

/// What stands of 勾选状态 and what goes with it.
async fn mark(scene: &Scene, n: u8) -> Mark {
    let Invoice { facts, details, .. } = invoice(scene, n).await;
    Mark {
        selection: facts.selection,
        period: facts.period,
        purpose: details.purpose,
        non_deduction_reason: details.non_deduction_reason,
        non_deduction_text: details.non_deduction_text,
    }
}

fn decided() -> Mark {
    Mark {
        selection: Selection::Selected,
        period: "202511".parse().ok(),
        purpose: Some(Purpose::NonDeduction),
        non_deduction_reason: Some(NonDeductionReason::Other),
        non_deduction_text: "赠送客户".into(),
    }
}

fn with_pool(mut verdict: Verdict, changes: Vec<PoolChange>) -> Verdict {
    if let Verdict::Final { pool, .. } = &mut verdict {
        *pool = changes;
    }
    verdict
}

async fn settle(scene: &Scene, kind: Kind, invoices: &[u8], changes: Vec<PoolChange>) {
    let task = scene.queue(&scene.selection(kind, invoices).await).await;
    let work = scene.start(task).await;
    scene.settled(&work, with_pool(done(), changes)).await;
}

pub async fn what_was_decided_is_written_with_the_selection_and_cleared_with_it(scene: &Scene) {
    let marked = |n, mark: Mark| PoolChange::marked(invoice_key(n), mark);
    let untouched = invoice(scene, 2).await;
    let plain = Mark { purpose: Some(Purpose::Deduction), ..decided() };
    let changes = vec![marked(1, decided()), marked(3, plain.clone()), marked(99, plain.clone())];
    settle(scene, Kind::NonDeductionSelect, &[1, 3, 99], changes).await;
    assert_eq!((mark(scene, 1).await, mark(scene, 3).await), (decided(), plain.clone()));
    assert_eq!(invoice(scene, 2).await, untouched);
    settle(scene, Kind::NonDeductionDeselect, &[1], vec![marked(1, Mark::default())]).await;
    assert_eq!((mark(scene, 1).await, mark(scene, 3).await), (Mark::default(), plain));
}

pub async fn a_stale_settlement_marks_nothing(scene: &Scene) {
    let task = scene.queue(&scene.selection(Kind::NonDeductionSelect, &[1]).await).await;
    let work = scene.start(task).await;
    scene.die().await;
    let told = vec![PoolChange::marked(invoice_key(1), decided())];
    let late = Settlement {
        child: Some(child(scene, &work).await),
        ..settlement(&work, with_pool(done(), told))
    };
    let turn = Turn { settlements: vec![late.clone()], ..Turn::default() };
    assert_eq!(scene.turn(turn).await.settled, [Settled::Stale]);
    assert_eq!(mark(scene, 1).await, Mark { selection: Selection::Selecting, ..Mark::default() });
    let id = late.child.expect("it has one").message.task_id;
    assert_eq!(well(scene.store.card(id).await), None);
}

pub async fn what_the_bureau_says_of_a_use_decides_with_what_is_known(scene: &Scene) {
    let mut file = world();
    file.invoices[1].selection = Some(Selection::PreSelected);
    file.invoices[2].selection = Some(Selection::Certified);
    for invoice in &mut file.invoices {
        invoice.details.entry_state = Some(EntryState::Entered);
        invoice.details.entry_period = "202510".parse().ok();
        invoice.details.entered_at = "2025-10-20T01:02:03.000004Z".parse().ok();
    }
    well(scene.store.import(&file, LEQI_WIDTH).await);
    settle(
        scene,
        Kind::NonDeductionSelect,
        &[1],
        vec![PoolChange::marked(invoice_key(1), decided())],
    )
    .await;
    let before = invoice(scene, 1).await;
    let period = "202510".parse().ok();
    let deducted = UseReading {
        status: Some(InvoiceStatus::PartlyReversed),
        risk: Some(Risk::Suspect),
        entry: Some(EntryState::Withdrawn),
        ..UseReading::of(InvoiceUse::Deduction, period)
    };
    let unused = UseReading::of(InvoiceUse::Unused, None);
    let same = UseReading::of(InvoiceUse::NonDeduction, None);
    let read = |n, reading| PoolChange::read(invoice_key(n), reading);
    let changes = vec![read(1, same), read(2, unused), read(3, deducted), read(99, unused)];
    let work = scene.run(Kind::InvoiceUseQuery, ALPHA, super::scene::EAST).await;
    scene.settled(&work, with_pool(done(), changes)).await;
    assert_eq!(invoice(scene, 1).await, before, "as the pool had it");
    assert_eq!(mark(scene, 2).await.selection, Selection::PreSelected, "our own mark stays");
    let expected = Mark {
        selection: Selection::Certified,
        period,
        purpose: Some(Purpose::Deduction),
        ..Mark::default()
    };
    assert_eq!(mark(scene, 3).await, expected);
    let third = invoice(scene, 3).await;
    assert_eq!(
        (third.facts.status, third.facts.risk),
        (InvoiceStatus::PartlyReversed, Risk::Suspect)
    );
    let entry = (third.details.entry_state, third.details.entry_period, third.details.entered_at);
    assert_eq!(entry, (EntryState::Withdrawn, None, None));
    let second = invoice(scene, 2).await.details;
    assert_eq!(second.entered_at, "2025-10-20T01:02:03.000004Z".parse().ok(), "to the microsecond");
}

/// The hold is ours: what the bureau says lies beneath it.
pub async fn a_reading_frees_no_invoice(scene: &Scene) {
    let query = scene.run(Kind::InvoiceUseQuery, ALPHA, super::scene::EAST).await;
    scene.queue(&scene.selection(Kind::DeductionDeselect, &[1]).await).await;
    let used = UseReading::of(InvoiceUse::Deduction, "202511".parse().ok());
    let changes = vec![PoolChange::read(invoice_key(1), used)];
    scene.settled(&query, with_pool(done(), changes)).await;
    let Mark { selection, purpose, .. } = mark(scene, 1).await;
    assert_eq!((selection, purpose), (Selection::Selecting, Some(Purpose::Deduction)));
    let tax = scene.tax(ALPHA).await;
    let known = well(scene.store.invoices(&[(tax, invoice_key(1))]).await).remove(0);
    assert_eq!(known.map(|known| known.selection), Some(Selection::Selecting));
}

/// A use query of this task's tax number, in its lane.
async fn child(scene: &Scene, work: &Work) -> Box<NewTask> {
    let (payer, lane) = (work.message.tax_no.as_str(), work.lane_key.account.as_str());
    let task = scene.draft(Kind::InvoiceUseQuery, payer, lane).await;
    Box::new(reworded(task, |message| {
        message.task_id = work.message.task_id.child(Kind::InvoiceUseQuery);
        message.invoices = task_invoices(&[1]);
    }))
}

pub async fn a_child_is_logged_with_its_parents_end_and_once(scene: &Scene) {
    for verdict in [done(), failed()] {
        let work = scene.run(Kind::PeriodQuery, DIRECT, LEQI).await;
        let child = child(scene, &work).await;
        let id = child.message.task_id;
        let ends = Settlement { child: Some(child.clone()), ..settlement(&work, verdict) };
        let turn = Turn { settlements: vec![ends.clone(), ends.clone()], ..Turn::default() };
        let outcome = scene.turn(turn).await;
        assert!(matches!(outcome.settled[0], Settled::Written { .. }), "{outcome:?}");
        assert!(matches!(outcome.settled[1], Settled::Before { .. }), "{outcome:?}");
        let head = outcome.queues[0].head.as_ref().expect("it waits");
        assert_eq!((head.task, outcome.queues[0].lane), (id, work.lane));
        let again = Turn { settlements: vec![ends], ..Turn::default() };
        assert!(matches!(scene.turn(again).await.settled[0], Settled::Before { .. }));
        let row = scene.row(id).await;
        assert_eq!((row.state, row.kind), (StateName::Queued, Kind::InvoiceUseQuery));
        let repeated = Appended::Duplicate { waiting: Some((work.lane, work.tax)) };
        assert_eq!(scene.append_one(&child).await, repeated);
        let logged = Logged { id, lane: work.lane, tax: work.tax, place: head.place };
        let started = scene.start(logged).await;
        assert_eq!(started.message.invoices, task_invoices(&[1]));
        scene.settled(&started, done()).await;
        assert_eq!(scene.state(id).await, StateName::Done);
    }
}

/// Its class is the lowest but one: whatever the tax number has to select goes first.
pub async fn a_child_waits_behind_higher_classes(scene: &Scene) {
    let work = scene.run(Kind::PeriodQuery, DIRECT, LEQI).await;
    let next = scene.log(Kind::PeriodQuery, DIRECT, LEQI).await;
    let child = child(scene, &work).await;
    let ends = Settlement { child: Some(child.clone()), ..settlement(&work, done()) };
    let outcome = scene.turn(Turn { settlements: vec![ends], ..Turn::default() }).await;
    let head = outcome.queues[0].head.as_ref().map(|head| head.task);
    assert_eq!(head, Some(next.id));
    let logged = Logged { id: child.message.task_id, ..next };
    let Hindrance::HigherClass { task, .. } = scene.hindrance(logged).await else {
        panic!("it waits behind the query")
    };
    assert_eq!(task, next.id);
}
