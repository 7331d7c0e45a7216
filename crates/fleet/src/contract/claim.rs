//! Taking both keys, and every reason why not, in the order of `domain::schedule::admit`.

use super::{
    scene::{
        ALPHA, BETA, CAPITAL, DIRECT, DIRECT_TOO, EAST, GUARDED, LEQI, Logged, NORTH, PHONE,
        SHARED, Scene, WEST, lane_key, pick, reworded, seconds, tax_no, well,
    },
    verdicts::{done, hand_back, put_off_with, seen},
};
use crate::ports::{
    desk::{Note, Scope},
    log::{Claimed, Fate, Throttle, Turn},
};
use domain::{kind::Kind, schedule::Hindrance, task::StateName, taxpayer::ChannelKind};

pub(super) fn note() -> Note {
    Note { by: "anna".into(), reason: "bureau maintenance".into() }
}

pub(super) fn scope_of(account: &str) -> Scope {
    let key = lane_key(account);
    Scope::Lane { bureau: key.bureau, account: key.account }
}

pub async fn what_starts_carries_all_that_an_attempt_needs(scene: &Scene) {
    let task = scene.draft(Kind::StatisticCreate, ALPHA, EAST).await;
    let mut task = reworded(task, |message| message.batch_id = Some("batch".into()));
    task.traceparent = Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into());
    let logged = scene.queue(&task).await;
    let work = scene.start(logged).await;
    assert_eq!((work.lane, work.tax, work.place), (logged.lane, logged.tax, logged.place));
    assert_eq!(work.lane_key, lane_key(EAST));
    assert_eq!((work.slot.0, work.channel), (0, ChannelKind::Etax));
    assert_eq!(work.message, task.message);
    assert_eq!(work.taxpayer.tax_no, tax_no(ALPHA));
    assert!(work.session.is_some_and(|session| session.online));
    assert_eq!((work.attempts, work.rescues), (0, 0));
    assert!(work.submissions.is_empty() && !work.may_have_sent);
    assert_eq!((work.quiet_until, work.asked_since), (None, None));
    assert_eq!(work.traceparent, task.traceparent);
    let row = scene.row(logged.id).await;
    assert_eq!(row.state, StateName::Running);
    assert!(row.started_at.is_some());
    assert_eq!(work.submitted_at, row.enqueued_at);
    assert_eq!(well(scene.store.why(logged.id).await), None);
}

pub async fn on_leqi_there_is_no_session(scene: &Scene) {
    let work = scene.run(Kind::PeriodQuery, DIRECT, LEQI).await;
    assert_eq!((work.channel, work.session), (ChannelKind::Leqi, None));
}

pub async fn a_batch_counts_as_submitted_when_its_first_task_was(scene: &Scene) {
    let of_batch = |task| reworded(task, |message| message.batch_id = Some("batch".into()));
    let first = of_batch(scene.draft(Kind::PeriodQuery, ALPHA, EAST).await);
    let first = scene.queue(&first).await;
    scene.advance(seconds(600)).await;
    let other = of_batch(scene.draft(Kind::PeriodQuery, BETA, EAST).await);
    let other = scene.start(scene.queue(&other).await).await;
    assert_eq!(other.submitted_at, scene.row(other.message.task_id).await.enqueued_at);
    scene.settled(&other, done()).await;
    let second = of_batch(scene.draft(Kind::StatisticCreate, ALPHA, EAST).await);
    let second = scene.queue(&second).await;
    let work = scene.start(first).await;
    scene.settled(&work, done()).await;
    let work = scene.start(second).await;
    assert_eq!(work.submitted_at, scene.row(first.id).await.enqueued_at);
}

pub async fn the_first_start_is_the_one_that_is_remembered(scene: &Scene) {
    let task = scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    let work = scene.start(task).await;
    scene.settled(&work, hand_back()).await;
    scene.advance(seconds(600)).await;
    let first = scene.row(task.id).await.started_at;
    scene.start(task).await;
    assert_eq!(scene.row(task.id).await.started_at, first);
}

pub async fn fences_rise_with_every_turn(scene: &Scene) {
    let task = scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    let first = scene.start(task).await;
    scene.settled(&first, hand_back()).await;
    let second = scene.start(task).await;
    let other = scene.run(Kind::PeriodQuery, NORTH, CAPITAL).await;
    assert!(first.fence < second.fence && second.fence < other.fence);
}

pub async fn what_does_not_wait_is_gone(scene: &Scene) {
    let task = scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    let twice = Turn { picks: vec![pick(task, 0), pick(task, 0)], ..Turn::default() };
    let claimed = scene.turn(twice).await.claimed;
    let gone = Claimed::Hindered(Hindrance::Gone);
    let started = claimed.iter().filter(|claimed| matches!(claimed, Claimed::Started(_)));
    assert_eq!((claimed.len(), started.count()), (2, 1));
    assert!(claimed.contains(&gone), "{claimed:?}");
    assert_eq!(scene.claim_as(scene.worker, task, 0).await, gone);
    let unknown = Logged { id: scene.fresh_id(), ..task };
    assert_eq!(scene.claim_as(scene.worker, unknown, 0).await, gone);
    let called_off = scene.log(Kind::PeriodQuery, BETA, EAST).await;
    well(scene.store.cancel(&[called_off.id], &note()).await);
    assert_eq!(scene.claim_as(scene.worker, called_off, 0).await, gone);
}

/// Queued for a date in an hour, in a lane and for a tax number that are paused.
pub async fn a_date_goes_before_a_pause(scene: &Scene) {
    let mut task = scene.draft(Kind::PeriodQuery, ALPHA, EAST).await;
    let until = scene.now().await + seconds(3600);
    let (lane, tax) = (scene.lane(EAST), scene.tax(ALPHA).await);
    task.fate = Fate::Queue { lane, tax, run_at: Some(until) };
    scene.append_one(&task).await;
    well(scene.store.pause(&Scope::TaxNumber(tax_no(ALPHA)), &note()).await);
    let place = domain::ids::Place(0);
    let logged = Logged { id: task.message.task_id, lane, tax, place };
    assert_eq!(scene.hindrance(logged).await, Hindrance::NotBefore { until });
}

pub async fn a_due_date_hinders_nothing_before_it_is_ripened(scene: &Scene) {
    let mut filing = scene.draft(Kind::TaxFiling, ALPHA, EAST).await;
    let run_at = Some(scene.now().await + seconds(60));
    let (lane, tax) = (scene.lane(EAST), scene.tax(ALPHA).await);
    filing.fate = Fate::Queue { lane, tax, run_at };
    scene.append_one(&filing).await;
    let download = scene.log(Kind::InvoiceDownload, ALPHA, EAST).await;
    scene.advance(seconds(61)).await;
    let filing = Logged { id: filing.message.task_id, ..download };
    let hindrance = scene.hindrance(download).await;
    assert!(matches!(hindrance, Hindrance::HigherClass { task, .. } if task == filing.id));
    assert_eq!(scene.start(filing).await.message.task_id, filing.id);
}

pub async fn a_paused_tax_number_goes_before_a_paused_lane(scene: &Scene) {
    let task = scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    well(scene.store.pause(&scope_of(EAST), &note()).await);
    well(scene.store.pause(&Scope::TaxNumber(tax_no(ALPHA)), &note()).await);
    let hindrance = scene.hindrance(task).await;
    let Hindrance::TaxPaused { tax_no: paused, note: told } = hindrance else {
        panic!("{hindrance:?}");
    };
    assert_eq!((paused, told.by.as_str()), (tax_no(ALPHA), "anna"));
    well(scene.store.resume(&Scope::TaxNumber(tax_no(ALPHA)), &note()).await);
    let hindrance = scene.hindrance(task).await;
    let Hindrance::LanePaused { lane, note: told } = hindrance else { panic!("{hindrance:?}") };
    assert_eq!((lane, told.reason.as_str()), (lane_key(EAST), "bureau maintenance"));
}

pub async fn a_pause_goes_before_a_missing_login(scene: &Scene) {
    let task = scene.log(Kind::PeriodQuery, GUARDED, PHONE).await;
    let now = scene.now().await;
    well(scene.store.session_changed(&seen(lane_key(PHONE), false, now)).await);
    assert_eq!(scene.hindrance(task).await, Hindrance::Offline { lane: lane_key(PHONE) });
    well(scene.store.pause(&scope_of(PHONE), &note()).await);
    let hindrance = scene.hindrance(task).await;
    assert!(matches!(hindrance, Hindrance::LanePaused { .. }), "{hindrance:?}");
}

async fn throttle(scene: &Scene, payer: &str, account: &str, gate: Throttle) {
    let work = scene.run(Kind::LayoutDownload, payer, account).await;
    scene.settled(&work, put_off_with(300, false, Some(gate))).await;
}

pub async fn a_missing_login_goes_before_a_throttle(scene: &Scene) {
    throttle(scene, GUARDED, PHONE, Throttle::Lane).await;
    let task = scene.log(Kind::PeriodQuery, GUARDED, PHONE).await;
    let hindrance = scene.hindrance(task).await;
    assert!(matches!(hindrance, Hindrance::LaneThrottled { .. }), "{hindrance:?}");
    let now = scene.now().await;
    well(scene.store.session_changed(&seen(lane_key(PHONE), false, now)).await);
    assert_eq!(scene.hindrance(task).await, Hindrance::Offline { lane: lane_key(PHONE) });
}

pub async fn a_throttled_lane_goes_before_a_missing_owner(scene: &Scene) {
    throttle(scene, ALPHA, EAST, Throttle::Lane).await;
    let task = scene.log(Kind::PeriodQuery, BETA, EAST).await;
    well(scene.store.share(scene.worker, &[], &[task.lane]).await);
    let hindrance = scene.hindrance(task).await;
    assert!(matches!(hindrance, Hindrance::LaneThrottled { .. }), "{hindrance:?}");
    scene.advance(seconds(301)).await;
    assert_eq!(scene.hindrance(task).await, Hindrance::NoOwner { lane: lane_key(EAST) });
}

pub async fn only_the_owner_of_a_lane_starts_tasks_there(scene: &Scene) {
    let task = scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    let claimed = scene.claim_as(scene.colleague, task, 0).await;
    assert_eq!(claimed, Claimed::Hindered(Hindrance::NoOwner { lane: lane_key(EAST) }));
    scene.start(task).await;
}

pub async fn a_missing_owner_goes_before_a_throttled_tax_number(scene: &Scene) {
    throttle(scene, SHARED, EAST, Throttle::TaxNumber).await;
    let task = scene.log(Kind::PeriodQuery, SHARED, WEST).await;
    let hindrance = scene.hindrance(task).await;
    assert!(matches!(hindrance, Hindrance::TaxThrottled { .. }), "{hindrance:?}");
    // The lane itself is open for others.
    scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    well(scene.store.share(scene.worker, &[], &[task.lane]).await);
    assert_eq!(scene.hindrance(task).await, Hindrance::NoOwner { lane: lane_key(WEST) });
}

pub async fn a_throttle_ends_by_itself(scene: &Scene) {
    throttle(scene, SHARED, EAST, Throttle::TaxNumber).await;
    throttle(scene, ALPHA, EAST, Throttle::Lane).await;
    let task = scene.log(Kind::PeriodQuery, SHARED, WEST).await;
    let beta = scene.log(Kind::PeriodQuery, BETA, EAST).await;
    scene.advance(seconds(301)).await;
    scene.start(task).await;
    scene.start(beta).await;
}

pub async fn a_throttled_tax_number_goes_before_a_busy_one(scene: &Scene) {
    // Both tasks wait; the first throttles its number, then the second's other lane holds it.
    let throttles = scene.log(Kind::PeriodQuery, SHARED, EAST).await;
    let waits = scene.log(Kind::InvoiceDownload, SHARED, WEST).await;
    let work = scene.start(throttles).await;
    let hindrance = scene.hindrance(waits).await;
    assert!(matches!(hindrance, Hindrance::TaxBusy { .. }), "{hindrance:?}");
    let receipt = super::verdicts::receipt("r-1");
    assert!(scene.prove(&work, receipt).await);
    scene.settled(&work, put_off_with(300, true, Some(Throttle::TaxNumber))).await;
    let hindrance = scene.hindrance(waits).await;
    assert!(matches!(hindrance, Hindrance::TaxThrottled { .. }), "{hindrance:?}");
    scene.advance(seconds(301)).await;
    let hindrance = scene.hindrance(waits).await;
    assert!(matches!(hindrance, Hindrance::TaxBusy { .. }), "{hindrance:?}");
}

pub async fn a_busy_tax_number_tells_its_holder_before_anything_of_the_lane(scene: &Scene) {
    let work = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    let filing = scene.log(Kind::TaxFiling, ALPHA, EAST).await;
    let waits = scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    for task in [filing, waits] {
        let hindrance = scene.hindrance(task).await;
        let Hindrance::TaxBusy { holder } = hindrance else { panic!("{hindrance:?}") };
        assert_eq!(holder.task, work.message.task_id);
        assert_eq!((holder.kind, holder.tax_no), (Kind::PeriodQuery, tax_no(ALPHA)));
        assert_eq!(holder.lane, Some(lane_key(EAST)));
    }
}

pub async fn a_higher_class_goes_before_an_earlier_place_and_a_busy_lane(scene: &Scene) {
    let earlier = scene.log(Kind::InvoiceDownload, ALPHA, EAST).await;
    let waits = scene.log(Kind::InvoiceDownload, ALPHA, EAST).await;
    let filing = scene.log(Kind::TaxFiling, ALPHA, EAST).await;
    let busy = scene.run(Kind::PeriodQuery, BETA, EAST).await;
    let higher =
        Hindrance::HigherClass { task: filing.id, kind: Kind::TaxFiling, lane: lane_key(EAST) };
    assert_eq!(scene.hindrance(waits).await, higher);
    well(scene.store.cancel(&[filing.id], &note()).await);
    let place = Hindrance::EarlierPlace { task: earlier.id, kind: Kind::InvoiceDownload };
    assert_eq!(scene.hindrance(waits).await, place);
    well(scene.store.cancel(&[earlier.id], &note()).await);
    let hindrance = scene.hindrance(waits).await;
    let Hindrance::LaneBusy { holder } = hindrance else { panic!("{hindrance:?}") };
    assert_eq!((holder.task, holder.tax_no), (busy.message.task_id, tax_no(BETA)));
    scene.settled(&busy, done()).await;
    scene.start(waits).await;
}

pub async fn a_turn_touches_what_it_tells_of(scene: &Scene) {
    let first = scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    let second = scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    let turn = Turn { picks: vec![pick(first, 0)], ..Turn::default() };
    let outcome = scene.turn(turn).await;
    let told: Vec<_> = outcome
        .queues
        .iter()
        .map(|queue| (queue.lane, queue.tax, queue.head.as_ref().map(|head| head.task)))
        .collect();
    assert_eq!(told, [(first.lane, first.tax, Some(second.id))]);
}

pub async fn a_turn_settles_before_it_claims(scene: &Scene) {
    let running = scene.run(Kind::PeriodQuery, DIRECT, LEQI).await;
    let same = scene.log(Kind::PeriodQuery, DIRECT, LEQI).await;
    let other = scene.log(Kind::PeriodQuery, DIRECT_TOO, LEQI).await;
    let turn = Turn {
        settlements: vec![super::scene::settlement(&running, done())],
        picks: vec![pick(same, 0), pick(other, 1)],
        ..Turn::default()
    };
    let claimed = scene.turn(turn).await.claimed;
    let started = |claimed: &&Claimed| matches!(claimed, Claimed::Started(_));
    assert_eq!(claimed.iter().filter(started).count(), 2, "{claimed:?}");
}
