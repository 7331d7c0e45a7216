//! Automatic work on memory ports, with a clock that is moved by hand.

use super::{AutoError, Automatic};
use crate::{
    batches::Batches,
    contract::scene::{ALPHA, BETA, LEQI_WIDTH, invoice_key, tax_no, world},
    desk::Desk,
    intake::Intake,
    memory::{LocalBus, MemoryStatistics, MemoryStore},
    meter::Meter,
    ports::{
        archive::{Archive, TaskFilter},
        automatic::{AutomaticBook, Begun, KeptRule, Reset},
        batches::BatchBook,
        clock::{Chance, Clock},
        desk::Note,
        pool::InvoicePool,
        roster::Roster,
        statistics::StatisticCache,
    },
    settings::Settings,
};
use domain::{
    Moment,
    automatic::{AutoRule, Cause, Chosen, Run, RunOutcome, RunState},
    ids::Fence,
    invoice::{EntryState, InvoiceStatus, Selection},
    statistic::{StatisticReading, StatisticState},
};
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use uuid::Uuid;

#[derive(Debug)]
struct Hand(Mutex<Moment>);

impl Hand {
    /// A time of the 20th, or of another day, of November in Shanghai.
    fn set(&self, text: &str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = at(text);
    }
}

fn at(text: &str) -> Moment {
    let text = if text.len() == 5 { format!("20T{text}") } else { text.to_owned() };
    format!("2025-11-{text}:00+08:00").parse().expect("a time")
}

impl Clock for Hand {
    fn now(&self) -> Moment {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Chance for Hand {
    fn unit(&self) -> f64 {
        0.5
    }

    fn id(&self, _now: Moment) -> Uuid {
        Uuid::from_u128(7)
    }
}

struct Office {
    automatic: Automatic,
    store: Arc<MemoryStore>,
    statistics: Arc<MemoryStatistics>,
    clock: Arc<Hand>,
}

fn note() -> Note {
    Note { by: "王".into(), reason: "月末".into() }
}

/// Alpha's second invoice is void.
async fn office() -> Office {
    let clock = Arc::new(Hand(Mutex::new(at("01:00"))));
    let store = Arc::new(MemoryStore::new(clock.clone()));
    let mut world = world();
    world.invoices[1].status = InvoiceStatus::Void;
    store.import(&world, LEQI_WIDTH).await.expect("imported");
    let bus = Arc::new(LocalBus::new());
    let statistics = Arc::new(MemoryStatistics::new(clock.clone()));
    let intake = Intake {
        store: store.clone(),
        statistics: statistics.clone(),
        post: bus.clone(),
        bell: bus.clone(),
        clock: clock.clone(),
        settings: Arc::new(Settings::default()),
        meter: Arc::new(Meter::new()),
    };
    let desk = Desk {
        store: store.clone(),
        post: bus.clone(),
        bell: bus,
        clock: clock.clone(),
        chance: clock.clone(),
    };
    let batches = Batches { store: store.clone(), intake, desk };
    Office { automatic: Automatic { batches }, store, statistics, clock }
}

fn nightly() -> Value {
    json!({"rule_id": "r", "work": "deduct", "schedule": "0 2 * * *"})
}

impl Office {
    async fn put(&self, form: Value) -> KeptRule {
        let rule = AutoRule::read(form).expect("a rule");
        self.automatic.put(rule, None, &note()).await.expect("kept")
    }

    async fn due_at(&self, text: &str) -> Vec<Run> {
        self.clock.set(text);
        self.automatic.run_due().await.expect("the store answers");
        self.runs().await
    }

    async fn runs(&self) -> Vec<Run> {
        self.store.rule_runs("r", None, 100).await.expect("read")
    }

    async fn selection(&self, n: u8) -> Selection {
        let card = self.store.invoice(&tax_no(ALPHA), &invoice_key(n)).await.expect("read");
        card.expect("it is in the pool").invoice.facts.selection
    }

    async fn tasks(&self) -> usize {
        self.store.list(&TaskFilter::default(), None, 100).await.expect("a page").len()
    }
}

#[tokio::test]
async fn a_rule_runs_when_its_time_comes_and_chooses_nothing_twice() {
    let office = office().await;
    office.put(nightly()).await;
    assert_eq!(office.due_at("01:59").await, []);
    let runs = office.due_at("02:00").await;
    let run = &runs[0];
    assert_eq!((run.at, &run.cause, run.chosen), (at("02:00"), &Cause::Schedule, 3));
    assert_eq!(run.skipped, [("status".to_owned(), 1)].into());
    assert_eq!(run.outcome, Some(RunOutcome::Batch));
    let batch_id = run.batch_id.as_deref().expect("a batch");
    let batch = office.store.batch(batch_id).await.expect("read").expect("it was made");
    assert_eq!(batch.submitted_by.as_deref(), Some("automatic r"));
    assert_eq!(office.selection(1).await, Selection::Selecting);
    assert_eq!(office.due_at("02:30").await.len(), 1);
    let next = &office.due_at("21T02:00").await[0];
    assert_eq!((next.chosen, next.outcome), (0, Some(RunOutcome::Nothing)));
    assert_eq!(next.skipped, [("status".to_owned(), 1), ("tried".to_owned(), 3)].into());
    // Called off, they are free; the rule does not choose them again, unless a person says so.
    let done = office.automatic.batches.call_off(batch_id, &note()).await.expect("called off");
    assert_eq!(done.cancelled, 1);
    assert_eq!(office.selection(1).await, Selection::Unselected);
    assert_eq!(office.due_at("22T02:00").await[0].chosen, 0);
    let reset = office.automatic.reset("r", &Reset::All, &note()).await.expect("reset");
    assert_eq!(reset, 3);
    assert_eq!(office.due_at("23T02:00").await[0].chosen, 3);
    assert_eq!(office.tasks().await, 2);
}

#[tokio::test]
async fn of_times_that_were_missed_one_is_made_up_for() {
    let office = office().await;
    office.put(nightly()).await;
    let runs = office.due_at("24T09:00").await;
    assert_eq!(runs.iter().map(|run| run.at).collect::<Vec<_>>(), [at("24T02:00")]);
    office.automatic.enable("r", false, &note()).await.expect("disabled");
    assert_eq!(office.due_at("25T09:00").await.len(), 1);
    office.automatic.enable("r", true, &note()).await.expect("enabled");
    assert_eq!(office.due_at("25T10:00").await.len(), 1, "nobody wanted it to run then");
    assert_eq!(office.due_at("26T02:00").await.len(), 2);
}

/// A worker begins a run and dies: before it has chosen, after it, or with the batch half made.
#[tokio::test]
async fn a_run_that_was_left_is_gone_on_with_and_nothing_is_doubled() {
    for died in ["before choosing", "after choosing", "after the batch"] {
        let office = office().await;
        let kept = office.put(nightly()).await;
        let run = Run::begun(kept.rule.clone(), at("02:00"), Cause::Schedule, at("02:00"));
        office.clock.set("02:00");
        let begun = office.store.begin_run(&run, kept.version, Duration::from_secs(60)).await;
        let Ok(Begun::Held(mut held)) = begun else { panic!("{begun:?}") };
        if died != "before choosing" {
            let choice = office.automatic.dry_run(&kept.rule).await.expect("a choice");
            held.run.chose(&choice);
            let chosen: Vec<Chosen> = choice.chosen.into_iter().map(Chosen::from).collect();
            assert!(office.store.note_choice(&held, &chosen).await.expect("noted"));
            if died == "after the batch" {
                let asked = held.run.batch(&chosen).expect("a batch");
                office.automatic.batches.ask(asked).await.expect("asked");
            }
        }
        assert_eq!(office.due_at("02:00").await[0].ended_at, None, "its lease is not over");
        let runs = office.due_at("02:02").await;
        assert_eq!(runs.len(), 1, "{died}");
        let run = &runs[0];
        let ended = (run.state, run.outcome, run.chosen, run.takeovers);
        assert_eq!(ended, (RunState::Ended, Some(RunOutcome::Batch), 3, 1), "{died}");
        assert_eq!(office.tasks().await, 1, "{died}");
        // Whoever was thought dead writes nothing any more.
        assert!(!office.store.end_run(&held).await.expect("refused"), "{died}");
    }
}

#[tokio::test]
async fn a_run_that_is_left_again_and_again_is_given_up() {
    let office = office().await;
    let kept = office.put(nightly()).await;
    let run = Run::begun(kept.rule.clone(), at("02:00"), Cause::Schedule, at("02:00"));
    office.clock.set("02:00");
    let begun = office.store.begin_run(&run, kept.version, Duration::from_secs(1)).await;
    assert!(matches!(begun, Ok(Begun::Held(_))));
    for minute in 1..=domain::automatic::limits::TAKEOVERS {
        office.clock.set(&format!("02:{minute:02}"));
        let left = office.store.take_over_runs(Duration::from_secs(1), 10).await.expect("taken");
        assert_eq!(left.len(), 1);
    }
    let runs = office.due_at("02:30").await;
    assert_eq!(runs[0].outcome, Some(RunOutcome::Failed));
    assert_eq!(runs[0].sentence, "given up: left in the middle 6 times");
}

#[tokio::test]
async fn a_rule_is_written_over_only_by_who_has_read_it() {
    let office = office().await;
    let kept = office.put(nightly()).await;
    assert_eq!(office.put(nightly()).await, kept, "the same again changes nothing");
    let other = AutoRule { most: 1, ..kept.rule.clone() };
    let put = async |version| office.automatic.put(other.clone(), version, &note()).await;
    let stale = Err(AutoError::Stale { rule_id: "r".into(), version: 1 });
    assert_eq!(put(None).await, stale);
    assert_eq!(put(Some(0)).await, stale);
    assert_eq!(put(Some(1)).await.expect("written").version, 2);
    assert_eq!(put(Some(1)).await.expect("it says so already").version, 2);
    office.automatic.remove("r", &note()).await.expect("removed");
    assert_eq!(put(Some(2)).await, Err(AutoError::NoSuchRule("r".into())));
}

#[tokio::test]
async fn a_person_runs_a_rule_and_looks_before() {
    let office = office().await;
    office.put(json!({"rule_id": "r", "work": "non_deduct", "reason": "3", "most": 2})).await;
    let kept = office.automatic.found("r").await.expect("the rule");
    let choice = office.automatic.dry_run(&kept.rule).await.expect("a choice");
    assert_eq!((choice.chosen.len(), choice.tax().0, office.tasks().await), (2, 1_200, 0));
    let run = office.automatic.run_now("r", &note()).await.expect("it ran");
    assert_eq!(run.cause, Cause::Person { by: "王".into(), reason: "月末".into() });
    assert_eq!((run.chosen, run.skipped["over_most"]), (2, 1));
    let again = office.automatic.run_now("r", &note()).await.expect("the same");
    assert_eq!(again, run, "asked twice at the same moment");
    office.clock.set("01:01");
    assert_eq!(office.automatic.run_now("r", &note()).await.expect("it ran").chosen, 1);
    let unknown = office.automatic.run_now("s", &note()).await;
    assert_eq!(unknown, Err(AutoError::NoSuchRule("s".into())));
}

#[tokio::test]
async fn a_generated_table_is_waited_for() {
    let office = office().await;
    let payers = office.store.taxpayers(&[tax_no(ALPHA)]).await.expect("read");
    let payer = payers[0].clone().expect("it is known");
    let period = payer.period.unwrap_or_else(|| "202511".parse().expect("a period"));
    let reading = StatisticReading {
        state: StatisticState::Generated,
        asked_at: at("01:00"),
        order: Fence(9),
    };
    office.statistics.put(&payer.tax_no, period, reading).await.expect("cached");
    let target = json!({"payable": "100.00", "target": "0.00", "period": "202511"});
    let when = json!({"tax_nos": [ALPHA]});
    office.put(json!({"rule_id": "r", "work": "deduct", "target": target, "when": when})).await;
    let run = office.automatic.run_now("r", &note()).await.expect("it ran");
    assert_eq!(run.skipped["statistic_generated"], 3);
    office.clock.set("01:31");
    let run = office.automatic.run_now("r", &note()).await.expect("it ran");
    assert_eq!((run.chosen, run.left.map(|left| left.0)), (3, Some(8_200)), "nothing was tried");
}

#[tokio::test]
async fn what_is_chosen_for_a_target_is_never_more_over_several_runs() {
    let office = office().await;
    let target = json!({"payable": "20.00", "target": "5.00", "period": "202511"});
    let form = |target: Value| {
        json!({"rule_id": "r", "work": "deduct", "most": 1,
        "when": {"tax_nos": [ALPHA]}, "target": target})
    };
    let kept = office.put(form(target)).await;
    let run = async |text: &str| {
        office.clock.set(text);
        let run = office.automatic.run_now("r", &note()).await.expect("it ran");
        (run.chosen, run.left.map(|left| left.0))
    };
    assert_eq!(run("01:01").await, (1, Some(900)));
    assert_eq!(run("01:02").await, (1, Some(300)));
    assert_eq!(run("01:03").await, (0, Some(300)), "6.00 would be beyond it");
    let next = json!({"payable": "20.00", "target": "5.00", "period": "202512"});
    let rule = AutoRule::read(form(next)).expect("a rule");
    office.automatic.put(rule, Some(kept.version), &note()).await.expect("written");
    assert_eq!(run("01:04").await, (1, Some(900)), "another period begins anew");
}

#[tokio::test]
async fn invoices_are_entered_once() {
    let office = office().await;
    office.put(json!({"rule_id": "r", "work": "enter", "when": {"tax_nos": [ALPHA, BETA]}})).await;
    let run = office.automatic.run_now("r", &note()).await.expect("it ran");
    assert_eq!((run.outcome, run.chosen), (Some(RunOutcome::Entered), 3));
    assert_eq!(run.skipped, [("not_bookable".to_owned(), 1)].into());
    let card = office.store.invoice(&tax_no(ALPHA), &invoice_key(1)).await.expect("read");
    let details = card.expect("it is in the pool").invoice.details;
    let entered = (details.entry_state, details.entry_period, details.entered_at);
    let period = "202511".parse().ok();
    assert_eq!(entered, (EntryState::Entered, period, Some(at("01:00"))));
    office.clock.set("01:01");
    let again = office.automatic.run_now("r", &note()).await.expect("it ran");
    assert_eq!((again.chosen, again.outcome), (0, Some(RunOutcome::Nothing)));
    assert_eq!(office.tasks().await, 0, "books are our own");
}
