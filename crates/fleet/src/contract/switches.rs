//! Switching an account to another tax number: written down before it is made, and scarce.

use super::{
    scene::{ALPHA, BETA, EAST, GUARDED, PHONE, SHARED, Scene, WEST, lane_key, seconds, well},
    verdicts::{done, hand_back, park, seen},
};
use crate::ports::{log::Work, roster::SwitchNote};
use domain::{
    ids::Fence,
    kind::Kind,
    schedule::{Hindrance, SwitchLimits},
};

const TWICE: Option<SwitchLimits> = Some(SwitchLimits { per_hour: 2, per_day: 50 });

async fn switch(scene: &Scene, work: &Work) -> SwitchNote {
    well(scene.store.note_switch(work.lane, work.tax, work.fence, TWICE).await)
}

/// Runs a task that switches the account to its tax number.
async fn visit(scene: &Scene, payer: &str) {
    let work = scene.run(Kind::PeriodQuery, payer, EAST).await;
    assert_eq!(switch(scene, &work).await, SwitchNote::Noted);
    scene.settled(&work, done()).await;
}

pub async fn a_switch_is_noted_and_remembered(scene: &Scene) {
    let before = scene.lane_now(EAST).await;
    assert_eq!((before.current_tax, before.switches.latest()), (None, None));
    visit(scene, ALPHA).await;
    let after = scene.lane_now(EAST).await;
    assert_eq!(after.current_tax, Some(scene.tax(ALPHA).await));
    assert!(after.switches.latest().is_some() && after.version > before.version);
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
    let unlimited = well(scene.store.note_switch(work.lane, work.tax, work.fence, None).await);
    assert_eq!(unlimited, SwitchNote::Noted);
}

pub async fn only_the_holder_of_the_lane_switches(scene: &Scene) {
    let work = scene.run(Kind::PeriodQuery, SHARED, EAST).await;
    let note = |lane, tax, fence| scene.store.note_switch(lane, tax, fence, TWICE);
    let beta = scene.tax(BETA).await;
    let lower = Fence(work.fence.0 - 1);
    assert_eq!(well(note(work.lane, work.tax, lower).await), SwitchNote::Stale);
    assert_eq!(well(note(scene.lane(WEST), work.tax, work.fence).await), SwitchNote::Stale);
    assert_eq!(well(note(work.lane, beta, work.fence).await), SwitchNote::Stale);
    scene.settled(&work, hand_back()).await;
    assert_eq!(switch(scene, &work).await, SwitchNote::Stale);
    let lane = scene.lane_now(EAST).await;
    assert_eq!((lane.current_tax, lane.switches.latest()), (None, None));
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
    let lane = scene.lane_now(EAST).await;
    assert_eq!(lane.current_tax, None);
    assert!(lane.switches.latest().is_some());
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
