//! Logging: order, idempotence, dates, and tasks that end at once or wait for an account.

use super::{
    scene::{
        ALPHA, EAST, LONELY, Scene, invoice_key, lane_key, reworded, seconds, task_invoices, well,
        world,
    },
    verdicts::{done, line, marked},
};
use crate::ports::{
    archive::TaskFilter,
    log::{Appended, Fate, NewTask},
    outbox::EventKind,
};
use domain::{
    invoice::Selection,
    kind::Kind,
    ledger::LineOutcome,
    schedule::Hindrance,
    task::{ShownState, StateName},
    taxpayer::Business,
    world::World,
};

pub async fn tasks_are_logged_in_the_order_of_the_batch(scene: &Scene) {
    let mut batch = Vec::new();
    for _ in 0..3 {
        batch.push(scene.draft(Kind::PeriodQuery, ALPHA, EAST).await);
    }
    let before = scene.now().await - seconds(1);
    let appended = scene.append(&batch).await;
    let mut places = Vec::new();
    for (task, appended) in batch.iter().zip(appended) {
        let Appended::Queued { lane, place, since, due: true, .. } = appended else {
            panic!("not queued: {appended:?}");
        };
        assert_eq!(lane, scene.lane(EAST));
        places.push(place);
        let row = scene.row(task.message.task_id).await;
        assert_eq!((row.state, row.shown_state), (StateName::Queued, ShownState::Processing));
        assert_eq!(row.enqueued_at, since);
        assert!(row.enqueued_at > before && row.enqueued_at < before + seconds(60));
    }
    assert!(places.is_sorted_by(|one, next| one < next), "{places:?}");
}

pub async fn the_same_task_again_is_a_duplicate_and_rings_its_lane(scene: &Scene) {
    let task = scene.draft(Kind::PeriodQuery, ALPHA, EAST).await;
    let logged = scene.queue(&task).await;
    let again = scene.append_one(&task).await;
    assert_eq!(again, Appended::Duplicate { waiting: Some((logged.lane, logged.tax)) });
    let counts = well(scene.store.count(&TaskFilter::default()).await);
    assert_eq!(counts.by_state, [(StateName::Queued, 1)]);
}

pub async fn a_duplicate_of_what_does_not_wait_rings_nobody(scene: &Scene) {
    let task = scene.draft(Kind::PeriodQuery, ALPHA, EAST).await;
    let work = scene.start(scene.queue(&task).await).await;
    assert_eq!(scene.append_one(&task).await, Appended::Duplicate { waiting: None });
    scene.settled(&work, done()).await;
    assert_eq!(scene.append_one(&task).await, Appended::Duplicate { waiting: None });
    assert_eq!(scene.state(task.message.task_id).await, StateName::Done);
}

pub async fn the_same_task_twice_in_one_batch_is_logged_once(scene: &Scene) {
    let task = scene.draft(Kind::PeriodQuery, ALPHA, EAST).await;
    let appended = scene.append(&[task.clone(), task.clone()]).await;
    assert!(matches!(appended[0], Appended::Queued { .. }), "{appended:?}");
    assert!(matches!(appended[1], Appended::Duplicate { waiting: Some(_) }), "{appended:?}");
    let rows = well(scene.store.list(&TaskFilter::default(), None, 10).await);
    assert_eq!(rows.len(), 1);
}

pub async fn the_same_task_in_two_appends_at_once_is_logged_once(scene: &Scene) {
    let task = scene.draft(Kind::PeriodQuery, ALPHA, EAST).await;
    let batch = [task];
    let (one, other) = tokio::join!(scene.append(&batch), scene.append(&batch));
    let queued = |appended: &[Appended]| matches!(appended[0], Appended::Queued { .. });
    let duplicate = |appended: &[Appended]| matches!(appended[0], Appended::Duplicate { .. });
    assert!(
        queued(&one) && duplicate(&other) || duplicate(&one) && queued(&other),
        "{one:?} {other:?}"
    );
}

pub async fn an_id_with_another_body_is_a_mistake(scene: &Scene) {
    let task = scene.draft(Kind::PeriodQuery, ALPHA, EAST).await;
    let other = reworded(task.clone(), |message| message.batch_id = Some("other".into()));
    let in_one = scene.append(&[task.clone(), other.clone()]).await;
    let first_logged_at = scene.row(task.message.task_id).await.enqueued_at;
    assert_eq!(in_one[1], Appended::OtherBody { first_logged_at });
    assert_eq!(scene.append_one(&other).await, Appended::OtherBody { first_logged_at });
    assert_eq!(scene.row(task.message.task_id).await.batch_id, None);
}

async fn dated(scene: &Scene, in_seconds: i64) -> NewTask {
    let run_at = scene.now().await + chrono::TimeDelta::seconds(in_seconds);
    let mut task = scene.draft(Kind::PeriodQuery, ALPHA, EAST).await;
    let Fate::Queue { lane, tax, .. } = task.fate else { panic!("a draft is queued") };
    task.fate = Fate::Queue { lane, tax, run_at: Some(run_at) };
    reworded(task, |message| message.not_before = Some(run_at))
}

pub async fn a_task_with_a_date_is_held_until_it_comes(scene: &Scene) {
    let task = dated(scene, 3600).await;
    let id = task.message.task_id;
    let appended = scene.append_one(&task).await;
    assert!(matches!(appended, Appended::Queued { due: false, .. }), "{appended:?}");
    let row = scene.row(id).await;
    assert_eq!((row.state, row.shown_state), (StateName::Held, ShownState::Untouched));
    assert_eq!(well(scene.store.heads(&[scene.lane(EAST)]).await), []);
    let why = well(scene.store.why(id).await);
    assert!(matches!(why, Some(Hindrance::NotBefore { .. })), "{why:?}");
    assert_eq!(scene.ripen().await, []);

    scene.advance(seconds(3601)).await;
    let tax = scene.tax(ALPHA).await;
    assert_eq!(scene.ripen().await, [(scene.lane(EAST), tax)]);
    assert_eq!(scene.state(id).await, StateName::Queued);
    let heads = well(scene.store.heads(&[scene.lane(EAST)]).await);
    assert_eq!(heads.iter().map(|head| head.task).collect::<Vec<_>>(), [id]);
    assert_eq!(scene.ripen().await, []);
}

pub async fn a_date_that_has_passed_is_none(scene: &Scene) {
    let appended = scene.append_one(&dated(scene, -3600).await).await;
    assert!(matches!(appended, Appended::Queued { due: true, .. }), "{appended:?}");
    assert_eq!(well(scene.store.heads(&[scene.lane(EAST)]).await).len(), 1);
}

pub async fn a_refused_task_is_a_row_with_its_sentence(scene: &Scene) {
    let mut task = scene.selection(Kind::DeductionSelect, &[1]).await;
    task.fate = Fate::Refuse {
        tax: Some(scene.tax(ALPHA).await),
        reason: "不能勾选。".into(),
        lines: vec![line(1, LineOutcome::Refused)],
    };
    let id = task.message.task_id;
    let (state, reason, numbers) = ended(scene.append_one(&task).await);
    assert_eq!((state, reason.as_str()), (StateName::Refused, "不能勾选。"));
    let card = well(scene.store.card(id).await).expect("a row");
    assert_eq!((card.row.shown_state, card.why), (ShownState::Failed, None));
    assert_eq!(card.row.reason, "不能勾选。");
    assert_eq!(card.row.account, Some(lane_key(EAST).account));
    assert!(card.row.finished_at.is_some() && card.row.started_at.is_none());
    assert_eq!(card.ledger, [line(1, LineOutcome::Refused)]);
    let events = scene.events_of(id).await;
    assert_eq!(events.iter().map(|event| event.kind).collect::<Vec<_>>(), [EventKind::Failed]);
    assert_eq!(events.iter().map(|event| event.number).collect::<Vec<_>>(), numbers);
    assert_eq!(scene.append_one(&task).await, Appended::Duplicate { waiting: None });
}

pub async fn a_refused_task_of_an_unknown_tax_number_is_a_row(scene: &Scene) {
    let task = scene.draft(Kind::PeriodQuery, ALPHA, EAST).await;
    let mut task = reworded(task, |message| {
        message.tax_no = "91440300MA5GNOBODY".parse().expect("a tax number");
    });
    task.lane = None;
    task.channel = None;
    task.fate = Fate::Refuse { tax: None, reason: "税号不存在。".into(), lines: Vec::new() };
    scene.append_one(&task).await;
    let row = scene.row(task.message.task_id).await;
    assert_eq!((row.state, row.account), (StateName::Refused, None));
    assert_eq!(row.tax_no.as_str(), "91440300MA5GNOBODY");
}

pub async fn a_mark_in_the_pool_is_settled_at_once(scene: &Scene) {
    let mut task = scene.selection(Kind::PreSelect, &[1, 2]).await;
    let tax = scene.tax(ALPHA).await;
    let change = |n| marked(invoice_key(n), Selection::PreSelected, None);
    task.fate = Fate::Settle {
        tax,
        lines: vec![line(1, LineOutcome::Succeeded), line(2, LineOutcome::Succeeded)],
        pool: vec![change(1), change(2)],
    };
    let (state, reason, numbers) = ended(scene.append_one(&task).await);
    assert_eq!((state, reason.as_str()), (StateName::Done, ""));
    let row = scene.row(task.message.task_id).await;
    assert_eq!((row.invoices_total, row.invoices_succeeded), (2, 2));
    assert_eq!(row.shown_state, ShownState::Succeeded);
    let pool = well(scene.store.invoices(&[(tax, invoice_key(1)), (tax, invoice_key(3))]).await);
    let selection = |n: usize| pool[n].as_ref().map(|invoice| invoice.selection);
    assert_eq!(selection(0), Some(Selection::PreSelected));
    assert_eq!(selection(1), Some(Selection::Unselected));
    let events = scene.events_of(task.message.task_id).await;
    assert_eq!(events.iter().map(|event| event.kind).collect::<Vec<_>>(), [EventKind::Succeeded]);
    assert_eq!(events.iter().map(|event| event.number).collect::<Vec<_>>(), numbers);
}

/// Of each task its own; the last one's tell the end of its batch too.
pub async fn what_ends_as_it_is_logged_names_its_events(scene: &Scene) {
    let mut tasks = Vec::new();
    for batch in ["one", "two"] {
        let task = scene.draft(Kind::PeriodQuery, ALPHA, EAST).await;
        let mut task = reworded(task, |message| message.batch_id = Some(batch.into()));
        let tax = Some(scene.tax(ALPHA).await);
        task.fate = Fate::Refuse { tax, reason: "不能。".into(), lines: Vec::new() };
        tasks.push(task);
    }
    let waits = scene.draft(Kind::PeriodQuery, ALPHA, EAST).await;
    tasks.insert(1, waits);
    let appended = scene.append(&tasks).await;
    for (n, batch) in [(0, "one"), (2, "two")] {
        let (_, _, numbers) = ended(appended[n].clone());
        let events = well(scene.store.events(&numbers).await);
        let id = tasks[n].message.task_id;
        let told: Vec<_> = events.iter().map(|event| (event.task, event.kind)).collect();
        assert_eq!(told, [(id, EventKind::Failed), (id, EventKind::BatchFinished)]);
        let data: serde_json::Value = well(serde_json::from_str(&events[1].data));
        assert_eq!(data["batch_id"], batch);
    }
    assert_eq!(well(scene.store.left_over(seconds(0), 10).await).len(), 4, "no other events");
}

/// State, sentence and the numbers of the events of what was logged in a final state.
fn ended(appended: Appended) -> (StateName, String, Vec<i64>) {
    match appended {
        Appended::Final { state, reason, events } => (state, reason, events),
        other => panic!("not final: {other:?}"),
    }
}

async fn held(scene: &Scene, kind: Kind) -> NewTask {
    let mut task = scene.draft(kind, LONELY, EAST).await;
    task.lane = None;
    task.fate = Fate::Hold { tax: scene.tax(LONELY).await };
    task
}

fn world_with_an_account_for_the_lonely(may: Business) -> World {
    let mut world = world();
    let mut account = world.accounts[0].clone();
    account.account = "fresh".parse().expect("an account");
    account.serves.truncate(1);
    account.serves[0].tax_no = LONELY.parse().expect("a tax number");
    account.serves[0].may = vec![may];
    account.serves[0].default_business = may;
    world.accounts.push(account);
    world
}

pub async fn a_task_without_an_account_is_held_until_one_is_imported(scene: &Scene) {
    let download = held(scene, Kind::InvoiceDownload).await;
    let filing = held(scene, Kind::TaxFiling).await;
    let appended = scene.append(&[download.clone(), filing.clone()]).await;
    assert_eq!(appended, [Appended::Held, Appended::Held]);
    let row = scene.row(filing.message.task_id).await;
    assert_eq!((row.state, row.shown_state), (StateName::Held, ShownState::Untouched));
    assert_eq!(scene.append_one(&filing).await, Appended::Duplicate { waiting: None });

    let issuing_only = world_with_an_account_for_the_lonely(Business::Issue);
    well(scene.store.import(&issuing_only, 2).await);
    assert_eq!(scene.state(filing.message.task_id).await, StateName::Held);

    let receiving = world_with_an_account_for_the_lonely(Business::Both);
    well(scene.store.import(&receiving, 2).await);
    let lane = well(scene.store.lanes_of(&[lane_key("fresh")]).await)[0].expect("a lane");
    let heads = well(scene.store.heads(&[lane]).await);
    let found: Vec<_> = heads.iter().map(|head| head.task).collect();
    assert_eq!(found, [filing.message.task_id]);
    let row = scene.row(download.message.task_id).await;
    assert_eq!((row.state, row.account), (StateName::Queued, Some(lane_key("fresh").account)));
}

pub async fn a_held_task_with_a_date_waits_for_both(scene: &Scene) {
    let not_before = scene.now().await + seconds(3600);
    let task = held(scene, Kind::InvoiceDownload).await;
    let task = reworded(task, |message| message.not_before = Some(not_before));
    scene.append_one(&task).await;
    well(scene.store.import(&world_with_an_account_for_the_lonely(Business::Both), 2).await);
    assert_eq!(scene.state(task.message.task_id).await, StateName::Held);
    scene.advance(seconds(3601)).await;
    assert_eq!(scene.ripen().await.len(), 1);
    assert_eq!(scene.state(task.message.task_id).await, StateName::Queued);
}

pub async fn a_body_is_kept_as_it_came(scene: &Scene) {
    let task = scene.selection(Kind::DeductionSelect, &[1]).await;
    let task = reworded(task, |message| {
        message.submitted_by = Some("erp-01".into());
        message.invoices = task_invoices(&[1, 2]);
    });
    let logged = scene.queue(&task).await;
    let card = well(scene.store.card(logged.id).await).expect("a row");
    assert_eq!(*card.body, *task.body);
    assert_eq!(card.row.submitted_by.as_deref(), Some("erp-01"));
    assert_eq!(*scene.start(logged).await.message, *task.message);
}
