//! Runs on memory ports.

use super::{Decided, RunError, Runs};
use crate::{
    contract::scene::{ALPHA, BETA, LEQI_WIDTH, NORTH, tax_no, world},
    intake::Intake,
    memory::{LocalBus, MemoryStatistics, MemoryStore},
    meter::Meter,
    ports::{
        archive::{Archive, TaskFilter, TaskRow},
        clock::Clock,
        desk::{DeskLog, Note},
        roster::Roster,
        runs::RunBook,
    },
    settings::Settings,
};
use domain::{
    Moment,
    kind::Kind,
    run::{AskedRun, PartEvent, PartState, RunPart, Seen},
    statistic::Figures,
};
use std::sync::Arc;

#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Moment {
        "2025-12-02T01:00:00Z".parse().expect("a time")
    }
}

struct Office {
    runs: Runs,
    store: Arc<MemoryStore>,
}

impl Office {
    async fn open() -> Office {
        let clock = Arc::new(Still);
        let store = Arc::new(MemoryStore::new(clock.clone()));
        store.import(&world(), LEQI_WIDTH).await.expect("imported");
        let bus = Arc::new(LocalBus::new());
        let intake = Intake {
            store: store.clone(),
            statistics: Arc::new(MemoryStatistics::new(clock.clone())),
            post: bus.clone(),
            bell: bus.clone(),
            clock: clock.clone(),
            settings: Arc::new(Settings::default()),
            meter: Arc::new(Meter::new()),
        };
        Office { runs: Runs { store: store.clone(), intake, bell: bus, clock }, store }
    }

    async fn tasks(&self) -> Vec<TaskRow> {
        self.store.list(&TaskFilter::default(), None, 100).await.expect("a page")
    }

    async fn part(&self, of: &str) -> RunPart {
        let found = self.store.parts_of("r", &[tax_no(of)]).await.expect("the store answers");
        found.into_iter().next().flatten().expect("it is a part of it")
    }

    /// As if its table had been made, and the bureau counted nothing.
    async fn ready(&self, of: &str) -> Decided {
        let seen =
            Seen { bureau: Figures::default(), ours: Figures::default(), asked_at: Still.now() };
        let figures = seen.fingerprint();
        let part = self.part(of).await.on(PartEvent::Done(Some(seen))).expect("it was creating");
        self.store.change_parts("r", &[part]).await.expect("written");
        Decided { tax_no: tax_no(of), figures }
    }
}

fn asked(tax_nos: &[&str]) -> AskedRun {
    AskedRun {
        run_id: "r".into(),
        period: "202511".parse().expect("a period"),
        asked_by: "王".into(),
        password_ref: None,
        tax_nos: tax_nos.iter().map(|of| tax_no(of)).collect(),
    }
}

fn note() -> Note {
    Note { by: "李".into(), reason: "核对".into() }
}

#[tokio::test]
async fn a_run_makes_one_table_for_each_tax_number_however_often_it_is_asked_for() {
    let office = Office::open().await;
    for _ in 0..2 {
        office.runs.ask(asked(&[ALPHA, BETA])).await.expect("a run");
    }
    let tasks = office.tasks().await;
    assert_eq!(tasks.len(), 2);
    assert!(tasks.iter().all(|row| row.kind == Kind::StatisticCreate), "{tasks:?}");
    let other = office.runs.ask(asked(&[ALPHA])).await.expect_err("another run");
    assert!(matches!(other, RunError::OtherRun { .. }), "{other}");
    let unsigned = AskedRun {
        run_id: "s".into(),
        password_ref: Some("sign-{tax_no}".into()),
        ..asked(&[ALPHA])
    };
    let unsigned = office.runs.ask(unsigned).await.expect_err("no such secret");
    assert!(unsigned.to_string().contains(&format!("sign-{ALPHA}")), "{unsigned}");
}

#[tokio::test]
async fn what_was_kept_and_not_begun_is_gone_on_with_once() {
    let office = Office::open().await;
    let (run, parts) = asked(&[ALPHA, BETA]).into_run(Still.now());
    office.store.keep_run(&run, &parts).await.expect("kept, and then the process died");
    for _ in 0..2 {
        office.runs.go_on(None, 10).await.expect("it goes on");
    }
    assert_eq!(office.tasks().await.len(), 2);
}

#[tokio::test]
async fn a_task_that_did_not_succeed_stops_its_part_until_a_person_tries_again() {
    let office = Office::open().await;
    office.runs.ask(asked(&[ALPHA, BETA])).await.expect("a run");
    let of_alpha = office.tasks().await.into_iter().find(|row| row.tax_no == tax_no(ALPHA));
    let task = of_alpha.expect("its table is made").task_id;
    office.store.cancel(&[task], &note()).await.expect("called off");
    office.runs.go_on(Some("r"), 10).await.expect("it goes on");
    let part = office.part(ALPHA).await;
    assert_eq!(part.state, PartState::Stopped);
    assert!(!part.sentence.is_empty(), "it says why");
    assert_eq!(office.part(BETA).await.state, PartState::Creating, "the others go on");
    office.runs.again("r", &[tax_no(ALPHA)], &note()).await.expect("tried again");
    assert_eq!(office.part(ALPHA).await.state, PartState::Creating);
    assert_eq!(office.tasks().await.len(), 3, "by another task");
}

#[tokio::test]
async fn only_a_second_person_approves_and_only_what_was_shown() {
    let office = Office::open().await;
    office.runs.ask(asked(&[ALPHA, BETA])).await.expect("a run");
    let (alpha, beta) = (office.ready(ALPHA).await, office.ready(BETA).await);
    assert_eq!(office.runs.ready("r", 10).await.expect("ready"), [alpha.clone(), beta.clone()]);
    for same in ["王", " 王 "] {
        let refused = office.runs.approve("r", std::slice::from_ref(&alpha), same).await;
        assert!(matches!(refused, Err(RunError::SamePerson { .. })), "{refused:?}");
    }
    let other = Decided { figures: "0".repeat(64), ..beta.clone() };
    let refused = office.runs.approve("r", &[alpha.clone(), other], "李").await;
    assert!(refused.is_err_and(|error| error.to_string().contains("have changed since")));
    assert_eq!(office.part(ALPHA).await.state, PartState::Ready, "all of them, or none");
    office.runs.approve("r", &[alpha, beta], "李").await.expect("approved");
    let queries = office.tasks().await;
    let queries = queries.iter().filter(|row| row.kind == Kind::StatisticQuery);
    assert_eq!(queries.count(), 2, "the bureau is asked once more before anything is confirmed");
    let refused = office.runs.drop_parts("r", &[tax_no(ALPHA)], &note()).await;
    assert!(refused.is_err_and(|error| error.to_string().contains("cannot be dropped")));
    let nobody = office.runs.again("r", &[tax_no(NORTH)], &note()).await;
    assert!(matches!(nobody, Err(RunError::NotInRun(..))), "{nobody:?}");
}
