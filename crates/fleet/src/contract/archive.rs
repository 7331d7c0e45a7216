//! What people see: lists, counts, cards, and why a task does not run.

use super::{
    claim::{note, scope_of},
    scene::{
        ALPHA, BETA, CAPITAL, DIRECT, DIRECT_TOO, EAST, LEQI, LONELY, NORTH, Scene, reworded,
        seconds, tax_no, well,
    },
    switches,
    verdicts::{done, failed, let_go, receipt},
};
use crate::ports::{
    archive::{After, Occupied, TaskFilter, TaskRow},
    log::{Fate, SwitchNote, SwitchRequest, Work},
};
use domain::{
    ids::TaskId,
    kind::{Class, Kind},
    schedule::Hindrance,
    task::{ShownState, StateName},
};
use std::time::Duration;

async fn found(scene: &Scene, filter: TaskFilter) -> Vec<TaskId> {
    let rows = well(scene.store.list(&filter, None, 100).await);
    let counts = well(scene.store.count(&filter).await);
    let counted: u64 = counts.by_state.iter().map(|(_, count)| count).sum();
    assert_eq!(counted, rows.len() as u64, "count and list differ for {filter:?}");
    let mut ids: Vec<_> = rows.iter().map(|row| row.task_id).collect();
    ids.sort_unstable();
    ids
}

fn sorted<const N: usize>(mut ids: [TaskId; N]) -> Vec<TaskId> {
    ids.sort_unstable();
    ids.to_vec()
}

pub async fn every_field_of_a_filter_that_is_set_must_match(scene: &Scene) {
    let batch = scene.draft(Kind::PeriodQuery, ALPHA, EAST).await;
    let batch = reworded(batch, |message| message.batch_id = Some("batch".into()));
    let batch = scene.queue(&batch).await.id;
    let ended = scene.run(Kind::LayoutDownload, BETA, EAST).await;
    scene.settled(&ended, done()).await;
    let ended = ended.message.task_id;
    let north = scene.log(Kind::PeriodQuery, NORTH, CAPITAL).await.id;
    let any = TaskFilter::default;

    assert_eq!(found(scene, any()).await, sorted([batch, ended, north]));
    let states = vec![StateName::Queued, StateName::Running];
    let queued = TaskFilter { states, ..any() };
    assert_eq!(found(scene, queued.clone()).await, sorted([batch, north]));
    let shown = TaskFilter { shown: vec![ShownState::Succeeded], ..any() };
    assert_eq!(found(scene, shown).await, [ended]);
    let untouched = TaskFilter { shown: vec![ShownState::Untouched], ..any() };
    assert_eq!(found(scene, untouched).await, []);
    let kinds = TaskFilter { kinds: vec![Kind::PeriodQuery], ..any() };
    assert_eq!(found(scene, kinds).await, sorted([batch, north]));
    let payer = TaskFilter { tax_no: Some(super::scene::tax_no(BETA)), ..any() };
    assert_eq!(found(scene, payer).await, [ended]);
    let key = super::scene::lane_key(CAPITAL);
    let bureau = TaskFilter { bureau: Some(key.bureau), ..any() };
    assert_eq!(found(scene, bureau.clone()).await, [north]);
    let account = TaskFilter { account: Some(key.account), ..any() };
    assert_eq!(found(scene, account).await, [north]);
    let of_batch = TaskFilter { batch_id: Some("batch".into()), ..any() };
    assert_eq!(found(scene, of_batch.clone()).await, [batch]);
    let both = TaskFilter { bureau: bureau.bureau, ..of_batch };
    assert_eq!(found(scene, both).await, []);
    let both = TaskFilter { kinds: vec![Kind::LayoutDownload], ..queued };
    assert_eq!(found(scene, both).await, []);
}

pub async fn a_filter_by_time_takes_its_beginning_and_leaves_its_end(scene: &Scene) {
    let first = scene.log(Kind::PeriodQuery, ALPHA, EAST).await.id;
    scene.advance(seconds(60)).await;
    let second = scene.log(Kind::PeriodQuery, ALPHA, EAST).await.id;
    let from = Some(scene.row(second).await.enqueued_at);
    let since = TaskFilter { enqueued_from: from, ..TaskFilter::default() };
    assert_eq!(found(scene, since).await, [second]);
    let until = TaskFilter { enqueued_to: from, ..TaskFilter::default() };
    assert_eq!(found(scene, until).await, [first]);
}

pub async fn a_list_is_read_page_by_page_newest_first(scene: &Scene) {
    for n in 0..7 {
        scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
        if n % 3 == 2 {
            scene.advance(seconds(1)).await;
        }
    }
    let all = TaskFilter::default();
    let whole = well(scene.store.list(&all, None, 100).await);
    let order = |row: &TaskRow| (row.enqueued_at, row.task_id);
    assert!(whole.is_sorted_by(|newer, older| order(newer) > order(older)));
    let mut paged: Vec<TaskRow> = Vec::new();
    loop {
        let after =
            paged.last().map(|row| After { enqueued_at: row.enqueued_at, task_id: row.task_id });
        let page = well(scene.store.list(&all, after, 3).await);
        assert!(page.len() <= 3);
        if page.is_empty() {
            break;
        }
        paged.extend(page);
    }
    assert_eq!(paged.len(), 7);
    assert_eq!(paged, whole);
}

pub async fn counts_are_told_for_each_state(scene: &Scene) {
    for verdict in [done(), done(), failed()] {
        let work = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
        scene.settled(&work, verdict).await;
    }
    scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    let mut counts = well(scene.store.count(&TaskFilter::default()).await).by_state;
    counts.sort_unstable();
    let expected = [(StateName::Running, 1), (StateName::Done, 2), (StateName::Failed, 1)];
    assert_eq!(counts, expected);
}

pub async fn what_was_never_logged_has_no_card(scene: &Scene) {
    let nobody = scene.fresh_id();
    assert_eq!(well(scene.store.card(nobody).await), None);
    assert_eq!(well(scene.store.why(nobody).await), None);
}

pub async fn a_card_says_why_as_a_claim_would(scene: &Scene) {
    let task = scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    let why = || async { well(scene.store.card(task.id).await).expect("a row").why };
    assert_eq!(why().await, Some(Hindrance::AboutToStart));
    well(scene.store.pause(&scope_of(EAST), &note()).await);
    assert_eq!(why().await, Some(scene.hindrance(task).await));
    well(scene.store.resume(&scope_of(EAST), &note()).await);
    let work = scene.start(task).await;
    assert_eq!(why().await, None);
    scene.settled(&work, done()).await;
    assert_eq!(why().await, None);
}

pub async fn a_task_without_an_account_says_so(scene: &Scene) {
    let mut task = scene.draft(Kind::PeriodQuery, LONELY, EAST).await;
    task.lane = None;
    task.fate = Fate::Hold { tax: scene.tax(LONELY).await };
    scene.append_one(&task).await;
    let why = well(scene.store.why(task.message.task_id).await);
    let lonely = super::scene::tax_no(LONELY);
    assert_eq!(why, Some(Hindrance::NoAccount { tax_no: lonely }));
}

pub async fn the_stores_health_is_told_in_figures(scene: &Scene) {
    scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    scene.advance(seconds(100)).await;
    scene.log(Kind::PeriodQuery, BETA, EAST).await;
    scene.log(Kind::LayoutDownload, BETA, EAST).await;
    let north = scene.run(Kind::PeriodQuery, NORTH, CAPITAL).await;
    let ours = scene.now().await - Duration::from_secs(50);
    let health = well(scene.store.health(ours).await);
    let mut waiting = health.waiting_by_class;
    waiting.sort_unstable();
    assert_eq!(waiting, [(Class::Selection, 2), (Class::LayoutDownload, 1)]);
    let oldest = health.oldest_waiting_seconds.iter();
    let oldest = oldest.filter(|(class, _)| *class == Class::Selection).map(|(_, age)| *age);
    let oldest: Vec<_> = oldest.collect();
    assert!(oldest.len() == 1 && (100.0..160.0).contains(&oldest[0]), "{oldest:?}");
    assert_eq!((health.running, health.parked, health.outbox), (1, 0, 0));
    assert!((50.0..110.0).contains(&health.clock_skew_seconds), "{}", health.clock_skew_seconds);
    scene.settled(&north, done()).await;
    let health = well(scene.store.health(scene.now().await).await);
    assert_eq!((health.running, health.outbox), (0, 1));
}

pub async fn a_busy_lane_says_what_with(scene: &Scene) {
    assert_eq!(well(scene.store.occupied().await), []);
    let work = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    let slots = [
        scene.start_in(scene.log(Kind::PeriodQuery, DIRECT, LEQI).await, 1).await,
        scene.start_in(scene.log(Kind::PeriodQuery, DIRECT_TOO, LEQI).await, 0).await,
    ];
    let lane = |account: &str, current: Option<&str>, running: &[&Work]| Occupied {
        lane: scene.lane(account),
        current: current.map(tax_no),
        running: running.iter().map(|work| work.message.task_id).collect(),
    };
    let told = async || {
        let mut told = well(scene.store.occupied().await);
        told.sort_by_key(|one| one.lane != scene.lane(EAST));
        told
    };
    let leqi = lane(LEQI, None, &[&slots[1], &slots[0]]);
    assert_eq!(told().await, [lane(EAST, None, &[&work]), leqi.clone()]);
    let switch = SwitchRequest { budget: None, ..switches::request(&work) };
    assert_eq!(switches::note(scene, switch).await, SwitchNote::Noted);
    assert_eq!(told().await, [lane(EAST, Some(ALPHA), &[&work]), leqi.clone()]);
    scene.settled(&work, done()).await;
    // What is asked about from afar holds its tax number, but no slot.
    assert!(scene.prove(&slots[0], receipt("r-1")).await);
    scene.settled(&slots[0], let_go(30, false)).await;
    let leqi = lane(LEQI, None, &[&slots[1]]);
    assert_eq!(told().await, [lane(EAST, Some(ALPHA), &[]), leqi]);
}
