//! Taking over what was sent earlier, to ask about it.

use super::{
    claim::{note, scope_of},
    scene::{
        ALPHA, BETA, CAPITAL, DIRECT, DIRECT_MORE, DIRECT_TOO, EAST, GUARDED, LEASE, LEQI, NORTH,
        PHONE, SHARED, Scene, WEST, lane_key, seconds, well,
    },
    verdicts::{done, let_go, park, put_off_with, receipt, seen},
};
use crate::ports::desk::AskedNow;
use crate::ports::log::{Proof, Work};
use domain::{kind::Kind, schedule::Hindrance, task::StateName};

/// Sent and accepted, and nobody asks for this long.
pub(super) async fn left_alone(
    scene: &Scene,
    payer: &str,
    account: &str,
    keep_lane: bool,
    after: u64,
) -> Work {
    let work = scene.run(Kind::StatisticCreate, payer, account).await;
    assert!(scene.prove(&work, receipt("r-1")).await);
    scene.settled(&work, let_go(after, keep_lane)).await;
    work
}

pub async fn what_is_due_is_taken_up_once_under_a_new_fence(scene: &Scene) {
    let work = left_alone(scene, ALPHA, EAST, true, 30).await;
    assert_eq!(scene.take_up().await, []);
    scene.advance(seconds(31)).await;
    let asked = scene.take_up().await;
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].message, work.message);
    assert!(asked[0].fence > work.fence);
    assert_eq!((asked[0].lane, asked[0].tax, asked[0].place), (work.lane, work.tax, work.place));
    assert_eq!(scene.take_up().await, []);
    assert_eq!(scene.state(work.message.task_id).await, StateName::Awaiting);
    scene.settled(&asked[0], done()).await;
    scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
}

pub async fn the_fences_of_what_is_taken_up_together_differ(scene: &Scene) {
    left_alone(scene, ALPHA, EAST, true, 0).await;
    left_alone(scene, NORTH, CAPITAL, true, 0).await;
    let asked = scene.take_up().await;
    assert_eq!(asked.len(), 2);
    assert_ne!(asked[0].fence, asked[1].fence);
}

pub async fn only_the_lanes_owner_takes_up(scene: &Scene) {
    let work = left_alone(scene, ALPHA, EAST, true, 0).await;
    assert_eq!(well(scene.store.take_up(scene.colleague, LEASE, 10).await), []);
    well(scene.store.share(scene.worker, &[], &[work.lane]).await);
    well(scene.store.share(scene.colleague, &[work.lane], &[]).await);
    assert_eq!(scene.take_up().await, []);
    let asked = well(scene.store.take_up(scene.colleague, LEASE, 10).await);
    assert_eq!(asked.len(), 1);
    let key = (asked[0].message.task_id, asked[0].fence);
    assert_eq!(well(scene.store.renew(scene.colleague, LEASE, &[key]).await), []);
}

pub async fn what_gave_its_lane_back_waits_until_the_lane_is_free(scene: &Scene) {
    left_alone(scene, ALPHA, EAST, false, 0).await;
    let busy = scene.run(Kind::PeriodQuery, BETA, EAST).await;
    assert_eq!(scene.take_up().await, []);
    scene.settled(&busy, done()).await;
    assert_eq!(scene.take_up().await.len(), 1);
    let other = scene.log(Kind::PeriodQuery, BETA, EAST).await;
    let hindrance = scene.hindrance(other).await;
    assert!(matches!(hindrance, Hindrance::LaneBusy { .. }), "{hindrance:?}");
}

pub async fn what_cannot_be_taken_up_yet_keeps_nothing_else_waiting(scene: &Scene) {
    left_alone(scene, ALPHA, EAST, false, 0).await;
    scene.run(Kind::PeriodQuery, BETA, EAST).await;
    scene.advance(seconds(1)).await;
    let north = left_alone(scene, NORTH, CAPITAL, false, 0).await;
    let asked = well(scene.store.take_up(scene.worker, LEASE, 1).await);
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].message, north.message);
}

pub async fn what_a_person_wants_to_know_is_asked_about_now(scene: &Scene) {
    let left = left_alone(scene, ALPHA, EAST, true, 3600).await;
    let waiting = scene.log(Kind::PeriodQuery, BETA, EAST).await.id;
    let at_work = scene.run(Kind::PeriodQuery, NORTH, CAPITAL).await.message.task_id;
    assert_eq!(scene.take_up().await, []);
    let asked = [left.message.task_id, waiting, at_work, scene.fresh_id()];
    let expected = [
        AskedNow::Due,
        AskedNow::NothingSent { state: StateName::Queued },
        AskedNow::InHand,
        AskedNow::NoSuchTask,
    ];
    assert_eq!(well(scene.store.ask_now(&asked).await), expected);
    let taken = scene.take_up().await;
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].message, left.message);
    let work = scene.run(Kind::PeriodQuery, super::scene::GUARDED, super::scene::PHONE).await;
    let epoch = work.session.expect("a session").epoch;
    let until = scene.now().await + seconds(3600);
    scene.prove(&work, super::verdicts::receipt("r")).await;
    scene.settle(&work, super::verdicts::park(epoch, true, until)).await;
    let parked = well(scene.store.ask_now(&[work.message.task_id]).await);
    assert_eq!(parked, [AskedNow::NeedsLogin]);
}

pub async fn one_lane_is_taken_by_one_of_two(scene: &Scene) {
    left_alone(scene, ALPHA, EAST, false, 0).await;
    left_alone(scene, BETA, EAST, false, 0).await;
    let asked = scene.take_up().await;
    assert_eq!(asked.len(), 1);
    scene.settled(&asked[0], done()).await;
    assert_eq!(scene.take_up().await.len(), 1);
}

pub async fn on_leqi_asking_takes_no_slot(scene: &Scene) {
    let work = left_alone(scene, DIRECT, LEQI, false, 0).await;
    scene.start_in(scene.log(Kind::PeriodQuery, DIRECT_TOO, LEQI).await, 0).await;
    scene.start_in(scene.log(Kind::PeriodQuery, DIRECT_MORE, LEQI).await, 1).await;
    let asked = scene.take_up().await;
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].message, work.message);
    let same = scene.log(Kind::TaxFiling, DIRECT, LEQI).await;
    let hindrance = scene.hindrance(same).await;
    assert!(matches!(hindrance, Hindrance::TaxBusy { .. }), "{hindrance:?}");
}

pub async fn no_more_is_taken_up_than_asked(scene: &Scene) {
    for payer in [DIRECT, DIRECT_TOO, DIRECT_MORE] {
        left_alone(scene, payer, LEQI, false, 0).await;
    }
    assert_eq!(well(scene.store.take_up(scene.worker, LEASE, 2).await).len(), 2);
    assert_eq!(well(scene.store.take_up(scene.worker, LEASE, 2).await).len(), 1);
}

pub async fn what_was_unclear_or_put_off_is_taken_up_as_what_it_was(scene: &Scene) {
    let unclear = scene.run(Kind::StatisticCreate, ALPHA, EAST).await;
    let quiet_until = scene.now().await + seconds(120);
    assert!(scene.prove(&unclear, Proof::Lost { quiet_until }).await);
    scene.settled(&unclear, put_off_with(10, true, None)).await;
    let accepted = scene.run(Kind::StatisticCreate, SHARED, WEST).await;
    assert!(scene.prove(&accepted, receipt("r-1")).await);
    scene.settled(&accepted, put_off_with(10, true, None)).await;
    assert_eq!(scene.state(accepted.message.task_id).await, StateName::Delayed);
    scene.advance(seconds(11)).await;
    assert_eq!(scene.take_up().await.len(), 2);
    assert_eq!(scene.state(unclear.message.task_id).await, StateName::Unclear);
    assert_eq!(scene.state(accepted.message.task_id).await, StateName::Awaiting);
}

pub async fn nothing_is_asked_while_a_person_must_log_in(scene: &Scene) {
    let work = scene.run(Kind::StatisticCreate, GUARDED, PHONE).await;
    assert!(scene.prove(&work, receipt("r-1")).await);
    let epoch = work.session.expect("a session").epoch;
    let until = scene.now().await + seconds(86_400);
    scene.settled(&work, park(epoch, true, until)).await;
    scene.advance(seconds(3600)).await;
    assert_eq!(scene.take_up().await, []);
    let online = seen(lane_key(PHONE), true, scene.now().await);
    assert!(well(scene.store.session_changed(&online).await).counted);
    let asked = scene.take_up().await;
    assert_eq!(asked.len(), 1);
    assert_eq!(scene.state(work.message.task_id).await, StateName::Awaiting);
    assert!(asked[0].session.is_some_and(|session| session.online && session.epoch > epoch));
}

pub async fn a_pause_stops_new_tasks_but_no_asking(scene: &Scene) {
    left_alone(scene, ALPHA, EAST, true, 0).await;
    well(scene.store.pause(&scope_of(EAST), &note()).await);
    assert_eq!(scene.take_up().await.len(), 1);
}
