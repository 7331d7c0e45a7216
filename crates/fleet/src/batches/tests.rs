//! Batches on memory ports.

use super::{Again, BatchError, Batches, CalledOff, DraftChange};
use crate::{
    contract::scene::{
        ALPHA, BETA, EAST, GUARDED, LEQI_WIDTH, PHONE, SHARED, WEST, invoice_key, lane_key, tax_no,
        world,
    },
    desk::Desk,
    intake::Intake,
    memory::{LocalBus, MemoryStatistics, MemoryStore},
    meter::Meter,
    ports::{
        archive::{Archive, TaskFilter, TaskRow},
        batches::{BatchBook, NewBatch},
        clock::{Chance, Clock},
        desk::Note,
        pool::InvoicePool,
        roster::Roster,
    },
    settings::Settings,
};
use domain::{
    Moment,
    batch::{AskedBatch, BatchRefusal, BatchState},
    invoice::Selection,
    ledger::LineOutcome,
    rules::Rule,
    task::StateName,
    world::{World, WorldInvoice},
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Moment {
        "2025-12-01T01:00:00Z".parse().expect("a time")
    }
}

impl Chance for Still {
    fn unit(&self) -> f64 {
        0.5
    }

    fn id(&self, _now: Moment) -> Uuid {
        Uuid::from_u128(7)
    }
}

struct Office {
    batches: Batches,
    store: Arc<MemoryStore>,
}

/// Besides the four of alpha: one for each of the others, and a void one of shared.
fn town() -> World {
    let mut world = world();
    let template = world.invoices[0].clone();
    for (n, payer) in [(5, BETA), (6, SHARED), (7, SHARED), (8, GUARDED)] {
        let key = invoice_key(n);
        let invoice = WorldInvoice {
            buyer_tax_no: tax_no(payer),
            invoice_no: key.number,
            ..template.clone()
        };
        world.invoices.push(invoice);
    }
    let void = &mut world.invoices[6];
    void.status = domain::invoice::InvoiceStatus::Void;
    world
}

impl Office {
    async fn open() -> Office {
        Office::with_tasks_of(2).await
    }

    async fn with_tasks_of(task_size: usize) -> Office {
        let clock = Arc::new(Still);
        let store = Arc::new(MemoryStore::new(clock.clone()));
        store.import(&town(), LEQI_WIDTH).await.expect("imported");
        let bus = Arc::new(LocalBus::new());
        let intake = Intake {
            store: store.clone(),
            statistics: Arc::new(MemoryStatistics::new(clock.clone())),
            post: bus.clone(),
            bell: bus.clone(),
            clock: clock.clone(),
            settings: Arc::new(Settings { task_size, ..Settings::default() }),
            meter: Arc::new(Meter::new()),
        };
        let desk = Desk {
            store: store.clone(),
            post: bus.clone(),
            bell: bus,
            clock: clock.clone(),
            chance: clock,
        };
        Office { batches: Batches { store: store.clone(), intake, desk }, store }
    }

    async fn ask(&self, body: &Value) -> Result<domain::batch::Batch, BatchError> {
        self.batches.ask(asked(body)).await
    }

    async fn tasks(&self, id: &str) -> Vec<TaskRow> {
        let filter = TaskFilter { batch_id: Some(id.into()), ..TaskFilter::default() };
        self.store.list(&filter, None, 100).await.expect("a page")
    }

    async fn states(&self, id: &str) -> Vec<(String, StateName)> {
        let mut states: Vec<_> = self
            .tasks(id)
            .await
            .into_iter()
            .map(|row| (row.tax_no.to_string(), row.state))
            .collect();
        states.sort();
        states
    }

    async fn outcomes(&self, id: &str) -> Vec<(Option<LineOutcome>, String)> {
        let batch = self.batches.found(id).await.expect("the batch");
        let lines = self.batches.lines(&batch, 0, 100).await.expect("its lines");
        lines.into_iter().map(|line| (line.outcome, line.sentence)).collect()
    }

    async fn selection(&self, payer: &str, n: u8) -> Selection {
        let card = self.store.invoice(&tax_no(payer), &invoice_key(n)).await.expect("read");
        card.expect("it is in the pool").invoice.facts.selection
    }
}

fn asked(body: &Value) -> AskedBatch {
    AskedBatch::parse(body.to_string().as_bytes()).expect("a batch")
}

fn invoice(payer: &str, n: u8) -> Value {
    json!({"tax_no": payer, "invoice_no": invoice_key(n).number})
}

fn request(id: &str, invoices: &[(&str, u8)]) -> Value {
    let invoices: Vec<Value> = invoices.iter().map(|(payer, n)| invoice(payer, *n)).collect();
    json!({"batch_id": id, "purpose": "deduction", "invoices": invoices})
}

fn drafted(mut request: Value) -> Value {
    request["draft"] = true.into();
    request
}

fn note() -> Note {
    Note { by: "wang".into(), reason: "wrong month".into() }
}

const ALL_OF_ALPHA: [(&str, u8); 4] = [(ALPHA, 1), (ALPHA, 2), (ALPHA, 3), (ALPHA, 4)];

#[tokio::test]
async fn a_batch_becomes_tasks_that_hold_its_invoices() {
    let office = Office::open().await;
    let mut invoices = ALL_OF_ALPHA.to_vec();
    invoices.push((BETA, 5));
    let batch = office.ask(&request("b", &invoices)).await.expect("asked");
    assert_eq!((batch.state, batch.tasks()), (BatchState::Submitted, 3));
    let waiting = StateName::Queued;
    let expected = [(ALPHA, waiting), (ALPHA, waiting), (BETA, waiting)];
    let expected = expected.map(|(payer, state)| (payer.to_owned(), state));
    assert_eq!(office.states("b").await, expected);
    assert_eq!(office.selection(ALPHA, 4).await, Selection::Selecting);
}

#[tokio::test]
async fn one_bad_invoice_fails_all_of_its_tax_number_and_no_other() {
    let office = Office::with_tasks_of(1).await;
    let invoices = [(SHARED, 6), (SHARED, 7), (BETA, 5)];
    office.ask(&request("b", &invoices)).await.expect("asked");
    let expected = [
        (BETA.to_owned(), StateName::Queued),
        (SHARED.to_owned(), StateName::Refused),
        (SHARED.to_owned(), StateName::Refused),
    ];
    assert_eq!(office.states("b").await, expected);
    let refused = Some(LineOutcome::Refused);
    let outcomes = office.outcomes("b").await;
    assert_eq!(outcomes[0], (refused, Rule::OthersRefused.sentence().to_owned()));
    assert_eq!(outcomes[1], (refused, Rule::Status.sentence().to_owned()));
    assert_eq!(outcomes[2], (None, String::new()));
    let filter = TaskFilter { states: vec![StateName::Refused], ..TaskFilter::default() };
    for row in office.store.list(&filter, None, 10).await.expect("a page") {
        assert_eq!(row.reason, Rule::Status.sentence());
    }
    assert_eq!(office.selection(SHARED, 6).await, Selection::Unselected, "nothing holds it");
}

#[tokio::test]
async fn asking_again_does_nothing_and_for_something_else_is_a_mistake() {
    let office = Office::open().await;
    let first = office.ask(&request("b", &ALL_OF_ALPHA)).await.expect("asked");
    let again = office.ask(&request("b", &ALL_OF_ALPHA)).await.expect("the same");
    assert_eq!(first, again);
    assert_eq!(office.tasks("b").await.len(), 2);
    let other = office.ask(&request("b", &ALL_OF_ALPHA[..1])).await;
    assert_eq!(other, Err(BatchError::OtherBatch { created_at: first.created_at }));
}

#[tokio::test]
async fn an_invoice_that_nobody_knows_is_told_and_nothing_is_done() {
    let office = Office::open().await;
    let unknown = office.ask(&request("b", &[(ALPHA, 1), (ALPHA, 99)])).await;
    let sentence = unknown.expect_err("it is not in the pool").to_string();
    let expected = format!("invoices[1]: {}: {}", invoice_key(99), Rule::NotInPool.sentence());
    assert_eq!(sentence, expected);
    assert_eq!(office.batches.found("b").await, Err(BatchError::NoSuchBatch("b".into())));
    assert_eq!(office.selection(ALPHA, 1).await, Selection::Unselected);
}

#[tokio::test]
async fn a_draft_makes_nothing_until_it_is_submitted() {
    let office = Office::open().await;
    let body = drafted(request("b", &[(ALPHA, 1), (SHARED, 6), (GUARDED, 8)]));
    let batch = office.ask(&body).await.expect("kept");
    assert_eq!(batch.state, BatchState::Draft);
    assert_eq!(office.tasks("b").await, []);
    let view = office.batches.view("b").await.expect("a view");
    let ways: Vec<_> = view
        .ways
        .iter()
        .map(|way| (way.tax_no.as_str(), way.account.as_ref().map(|a| a.as_str()), way.online))
        .collect();
    assert_eq!(
        ways,
        [
            (ALPHA, Some(EAST), Some(true)),
            (SHARED, Some(EAST), Some(true)),
            (GUARDED, Some(PHONE), Some(true))
        ]
    );
    let west = Some(lane_key(WEST).account);
    let to_west = DraftChange::Account { tax_no: tax_no(SHARED), account: west.clone() };
    office.batches.change("b", &to_west).await.expect("west serves it");
    let wrong = DraftChange::Account { tax_no: tax_no(ALPHA), account: west };
    let refused = office.batches.change("b", &wrong).await;
    assert!(matches!(refused, Err(BatchError::NoSuchAccount(_))), "{refused:?}");
    let drop = DraftChange::Drop { tax_no: tax_no(GUARDED), dropped: true };
    office.batches.change("b", &drop).await.expect("a draft");
    office.batches.submit("b").await.expect("submitted");
    office.batches.submit("b").await.expect("again is the same as once");
    let mut lanes: Vec<_> = office
        .tasks("b")
        .await
        .into_iter()
        .map(|row| (row.tax_no.to_string(), row.account.map(|a| a.to_string())))
        .collect();
    lanes.sort();
    let expected = [(ALPHA, EAST), (SHARED, WEST)];
    assert_eq!(lanes, expected.map(|(payer, lane)| (payer.to_owned(), Some(lane.to_owned()))));
    let refused = office.batches.change("b", &drop).await;
    let expected = BatchRefusal::NotADraft(BatchState::Submitted);
    assert_eq!(refused, Err(BatchError::Refused(expected)));
}

#[tokio::test]
async fn what_was_left_in_the_middle_goes_on_once() {
    let office = Office::open().await;
    let asked = asked(&request("b", &ALL_OF_ALPHA));
    let types = vec!["27".parse().expect("a type"); 4];
    let (batch, lines) = asked.into_batch(&types, 2, Still.now());
    office.store.keep_batch(&NewBatch { batch, lines }).await.expect("kept");
    assert_eq!(office.tasks("b").await, [], "whoever kept it has died");
    assert_eq!(office.batches.go_on(Duration::ZERO, 10).await, Ok(1));
    assert_eq!(office.tasks("b").await.len(), 2);
    assert_eq!(office.batches.go_on(Duration::ZERO, 10).await, Ok(0));
    office.ask(&request("b", &ALL_OF_ALPHA)).await.expect("asked again");
    assert_eq!(office.tasks("b").await.len(), 2);
}

#[tokio::test]
async fn two_batches_that_share_invoices_share_no_task() {
    let office = Office::with_tasks_of(1).await;
    let (one, other) = (request("one", &ALL_OF_ALPHA), request("other", &ALL_OF_ALPHA));
    let (first, second) = tokio::join!(office.ask(&one), office.ask(&other));
    first.and(second).expect("both are batches");
    for n in 1..=4 {
        assert_eq!(office.selection(ALPHA, n).await, Selection::Selecting);
    }
    let states = [office.states("one").await, office.states("other").await].concat();
    let queued = states.iter().filter(|(_, state)| *state == StateName::Queued).count();
    let refused = states.iter().filter(|(_, state)| *state == StateName::Refused).count();
    assert_eq!((queued, refused), (4, 4));
}

#[tokio::test]
async fn what_has_sent_nothing_is_called_off() {
    let office = Office::open().await;
    office.ask(&request("b", &ALL_OF_ALPHA)).await.expect("asked");
    let called_off = office.batches.call_off("b", &note()).await;
    assert_eq!(called_off, Ok(CalledOff { cancelled: 2, too_late: 0 }));
    let called_off = office.batches.call_off("b", &note()).await;
    assert_eq!(called_off, Ok(CalledOff { cancelled: 0, too_late: 2 }));
    assert_eq!(office.selection(ALPHA, 1).await, Selection::Unselected);
    office.ask(&drafted(request("d", &ALL_OF_ALPHA))).await.expect("kept");
    let nothing = CalledOff { cancelled: 0, too_late: 0 };
    assert_eq!(office.batches.call_off("d", &note()).await, Ok(nothing));
    let submitted = office.batches.submit("d").await;
    assert_eq!(submitted, Err(BatchError::Refused(BatchRefusal::CalledOff)));
}

#[tokio::test]
async fn what_failed_is_selected_again_and_nothing_else() {
    let office = Office::with_tasks_of(1).await;
    let invoices = [(BETA, 5), (SHARED, 6), (SHARED, 7)];
    office.ask(&request("b", &invoices)).await.expect("asked");
    let again = Again { of: "b".into(), batch_id: "c".into(), submitted_by: None, draft: true };
    let batch = office.batches.again(&again).await.expect("two have failed");
    assert_eq!((batch.state, batch.again_of.as_deref()), (BatchState::Draft, Some("b")));
    let parts: Vec<_> = batch.parts.iter().map(|p| (p.tax_no.as_str(), p.invoices)).collect();
    assert_eq!(parts, [(SHARED, 2)]);
    assert_eq!(office.batches.again(&again).await.as_ref(), Ok(&batch), "the same again");
    let nothing = Again { of: "c".into(), batch_id: "d".into(), ..again };
    let nothing = office.batches.again(&nothing).await;
    assert_eq!(nothing, Err(BatchError::NothingFailed("c".into())));
}

#[tokio::test]
async fn progress_counts_tasks_and_foresees_their_end() {
    let office = Office::with_tasks_of(1).await;
    let mut invoices = ALL_OF_ALPHA.to_vec();
    invoices.extend([(BETA, 5), (SHARED, 6), (SHARED, 7)]);
    office.ask(&request("b", &invoices)).await.expect("asked");
    let progress = office.batches.view("b").await.expect("a view").progress;
    let figures = (progress.tasks, progress.ended, progress.invoices, progress.succeeded);
    assert_eq!(figures, (7, 2, 7, 0));
    let by_tax: Vec<_> =
        progress.tax_numbers.iter().map(|of| (of.tax_no.as_str(), of.tasks, of.ended)).collect();
    assert_eq!(by_tax, [(ALPHA, 4, 0), (BETA, 1, 0), (SHARED, 2, 2)]);
    assert_eq!(progress.estimated_end, Some(Still.now()), "two switches are free at once");
    let nothing = office.batches.call_off("b", &note()).await.expect("called off");
    assert_eq!(nothing.cancelled, 5);
    assert_eq!(office.batches.view("b").await.expect("a view").progress.estimated_end, None);
}
