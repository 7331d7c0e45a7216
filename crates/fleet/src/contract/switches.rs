//! Switching an account to another tax number: written down before it is made, and scarce.

use super::{
    scene::{
        ALPHA, BETA, EAST, GUARDED, PHONE, SHARED, Scene, WEST, lane_key, pick, seconds,
        settlement, well,
    },
    verdicts::{done, hand_back, park, seen},
};
use crate::ports::log::{Claimed, SwitchNote, SwitchRequest, Turn, Work};
use domain::{
    Moment,
    ids::Fence,
    kind::Kind,
    schedule::{Hindrance, SwitchLimits},
};

const TWICE: Option<SwitchLimits> = Some(SwitchLimits { per_hour: 2, per_day: 50 });

pub(super) fn request(work: &Work) -> SwitchRequest {
    SwitchRequest {
        task: work.message.task_id,
        lane: work.lane,
        tax: work.tax,
        fence: work.fence,
        budget: TWICE,
    }
}

pub(super) async fn note(scene: &Scene, request: SwitchRequest) -> SwitchNote {
    let turn = Turn { switches: vec![request], ..Turn::default() };
    scene.turn(turn).await.switches.remove(0)
}

async fn switch(scene: &Scene, work: &Work) -> SwitchNote {
    note(scene, request(work)).await
}

/// When the account was last switched.
async fn latest(scene: &Scene, account: &str) -> Option<Moment> {
    well(scene.store.switches(&[scene.lane(account)]).await)[0].latest()
}

/// Runs a task that switches the account to its tax number.
async fn visit(scene: &Scene, payer: &str) {
    let work = scene.run(Kind::PeriodQuery, payer, EAST).await;
    assert_eq!(switch(scene, &work).await, SwitchNote::Noted);
    scene.settled(&work, done()).await;
}

pub async fn a_switch_is_noted_and_remembered(scene: &Scene) {
    let before = scene.lane_now(EAST).await;
    assert_eq!((before.current_tax, latest(scene, EAST).await), (None, None));
    visit(scene, ALPHA).await;
    let after = scene.lane_now(EAST).await;
    assert_eq!(after.current_tax, Some(scene.tax(ALPHA).await));
    assert_ne!(after.version, before.version);
    let lanes = [scene.lane(WEST), scene.lane(EAST)];
    let made = well(scene.store.switches(&lanes).await);
    assert!(made[0].latest().is_none() && made[1].latest().is_some(), "{made:?}");
    let work = scene.run(Kind::PeriodQuery, BETA, EAST).await;
    assert_eq!(work.current_tax, Some(scene.tax(ALPHA).await));
}

pub async fn a_spent_budget_closes_the_lane_for_other_tax_numbers(scene: &Scene) {
    visit(scene, ALPHA).await;
    visit(scene, BETA).await;
    let other = scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    let hindrance = scene.hindrance(other).await;
    let Hindrance::SwitchLimit { lane, until } = hindrance else { panic!("{hindrance:?}") };
    assert_eq!(lane, lane_key(EAST));
    assert!(until > scene.now().await + seconds(3500));
    // The one that it is on goes on.
    let current = scene.run(Kind::PeriodQuery, BETA, EAST).await;
    scene.settled(&current, done()).await;
    scene.advance(seconds(3700)).await;
    let work = scene.start(other).await;
    assert_eq!(switch(scene, &work).await, SwitchNote::Noted);
}

pub async fn a_switch_beyond_the_budget_is_not_noted(scene: &Scene) {
    let work = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    assert_eq!(switch(scene, &work).await, SwitchNote::Noted);
    assert_eq!(switch(scene, &work).await, SwitchNote::Noted);
    let noted = switch(scene, &work).await;
    let SwitchNote::Limited { until } = noted else { panic!("{noted:?}") };
    assert!(until > scene.now().await);
    let unlimited = SwitchRequest { budget: None, ..request(&work) };
    assert_eq!(note(scene, unlimited).await, SwitchNote::Noted);
}

pub async fn only_the_holder_of_the_lane_switches(scene: &Scene) {
    let work = scene.run(Kind::PeriodQuery, SHARED, EAST).await;
    let wrong = [
        SwitchRequest { fence: Fence(work.fence.0 - 1), ..request(&work) },
        SwitchRequest { lane: scene.lane(WEST), ..request(&work) },
        SwitchRequest { tax: scene.tax(BETA).await, ..request(&work) },
    ];
    for request in wrong {
        assert_eq!(note(scene, request).await, SwitchNote::Stale);
    }
    scene.settled(&work, hand_back()).await;
    assert_eq!(switch(scene, &work).await, SwitchNote::Stale);
    let lane = scene.lane_now(EAST).await;
    assert_eq!((lane.current_tax, latest(scene, EAST).await), (None, None));
}

pub async fn switches_ride_with_what_ends_and_starts(scene: &Scene) {
    let first = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    let ended = scene.run(Kind::PeriodQuery, SHARED, WEST).await;
    let next = scene.log(Kind::PeriodQuery, SHARED, WEST).await;
    let turn = Turn {
        settlements: vec![settlement(&ended, done())],
        switches: vec![request(&first), request(&ended)],
        picks: vec![pick(next, 0)],
        ..Turn::default()
    };
    let outcome = scene.turn(turn).await;
    assert_eq!(outcome.switches, [SwitchNote::Noted, SwitchNote::Stale]);
    assert!(matches!(outcome.claimed[..], [Claimed::Started(_)]), "{outcome:?}");
}

pub async fn a_rescued_holder_switches_no_more(scene: &Scene) {
    let work = scene.run(Kind::StatisticCreate, ALPHA, EAST).await;
    scene.die().await;
    assert_eq!(switch(scene, &work).await, SwitchNote::Stale);
    let asker = scene.take_up().await.remove(0);
    assert_eq!(switch(scene, &asker).await, SwitchNote::Noted);
}

pub async fn a_switch_that_failed_is_forgotten_but_counted(scene: &Scene) {
    let work = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    assert_eq!(switch(scene, &work).await, SwitchNote::Noted);
    well(scene.store.forget_current(work.lane, Fence(work.fence.0 - 1)).await);
    assert_eq!(scene.lane_now(EAST).await.current_tax, Some(work.tax));
    well(scene.store.forget_current(work.lane, work.fence).await);
    assert_eq!(scene.lane_now(EAST).await.current_tax, None);
    assert!(latest(scene, EAST).await.is_some());
}

pub async fn a_new_session_is_on_no_tax_number(scene: &Scene) {
    visit(scene, ALPHA).await;
    let online = seen(lane_key(EAST), true, scene.now().await);
    well(scene.store.session_changed(&online).await);
    assert_eq!(scene.lane_now(EAST).await.current_tax, None);
    let work = scene.run(Kind::PeriodQuery, GUARDED, PHONE).await;
    assert_eq!(switch(scene, &work).await, SwitchNote::Noted);
    let epoch = work.session.expect("a session").epoch;
    let until = scene.now().await + seconds(60);
    scene.settled(&work, park(epoch, false, until)).await;
    assert_eq!(scene.lane_now(PHONE).await.current_tax, None);
}
