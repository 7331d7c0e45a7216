//! Whatever waits has a deadline and ends visibly.

use super::{
    asking::left_alone,
    scene::{
        ALPHA, DIRECT, DIRECT_TOO, EAST, GUARDED, GUARDED_TOO, LEQI, PHONE, Scene, seconds, well,
    },
    verdicts::{done, let_go, park, receipt},
};
use domain::{kind::Kind, ledger::LineOutcome, task::StateName};
use std::time::Duration;

const ASKED: Duration = Duration::from_secs(86_400);

async fn expire(scene: &Scene) -> Vec<domain::ids::TaskId> {
    well(scene.store.expire(ASKED, 100).await)
}

pub async fn what_was_asked_about_too_long_is_unknown(scene: &Scene) {
    let task = scene.queue(&scene.selection(Kind::DeductionSelect, &[1]).await).await;
    let work = scene.start(task).await;
    assert!(scene.prove(&work, receipt("r-1")).await);
    scene.advance(seconds(30)).await;
    scene.settled(&work, let_go(5, true)).await;
    scene.advance(ASKED - seconds(60)).await;
    assert_eq!(expire(scene).await, []);
    scene.advance(seconds(60)).await;
    assert_eq!(expire(scene).await, [task.id]);
    assert_eq!(expire(scene).await, []);
    let card = well(scene.store.card(task.id).await).expect("a row");
    assert_eq!((card.row.state, card.row.unknown), (StateName::Failed, true));
    assert!(!card.row.reason.is_empty());
    assert_eq!(card.ledger[0].outcome, LineOutcome::Unknown);
    assert_eq!(scene.events_of(task.id).await.len(), 1);
    scene.queue(&scene.selection(Kind::DeductionSelect, &[1]).await).await;
    scene.run(Kind::TaxFiling, ALPHA, EAST).await;
}

pub async fn nothing_ends_while_somebody_asks(scene: &Scene) {
    left_alone(scene, ALPHA, EAST, true, 0).await;
    scene.advance(ASKED + seconds(60)).await;
    let asker = scene.take_up().await.remove(0);
    assert_eq!(expire(scene).await, []);
    assert_eq!(scene.settled(&asker, done()).await.0, StateName::Done);
}

pub async fn what_waits_in_a_queue_has_no_such_deadline(scene: &Scene) {
    let task = scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    scene.advance(ASKED * 10).await;
    assert_eq!(expire(scene).await, []);
    assert_eq!(scene.state(task.id).await, StateName::Queued);
}

pub async fn what_is_parked_ends_at_its_own_deadline(scene: &Scene) {
    let work = scene.run(Kind::PeriodQuery, GUARDED, PHONE).await;
    let epoch = work.session.expect("a session").epoch;
    let until = scene.now().await + seconds(3600);
    scene.settled(&work, park(epoch, false, until)).await;
    scene.advance(seconds(3500)).await;
    assert_eq!(expire(scene).await, []);
    scene.advance(seconds(101)).await;
    assert_eq!(expire(scene).await, [work.message.task_id]);
    let row = scene.row(work.message.task_id).await;
    assert_eq!((row.state, row.unknown), (StateName::Failed, false));
}

pub async fn what_is_parked_with_something_sent_ends_unknown(scene: &Scene) {
    let work = scene.run(Kind::StatisticCreate, GUARDED, PHONE).await;
    assert!(scene.prove(&work, receipt("r-1")).await);
    let epoch = work.session.expect("a session").epoch;
    let until = scene.now().await + seconds(3600);
    scene.settled(&work, park(epoch, true, until)).await;
    scene.advance(seconds(3601)).await;
    assert_eq!(expire(scene).await, [work.message.task_id]);
    let row = scene.row(work.message.task_id).await;
    assert_eq!((row.state, row.unknown), (StateName::Failed, true));
    let other = scene.log(Kind::PeriodQuery, GUARDED_TOO, PHONE).await;
    assert_eq!(scene.head(other).await, Some(other.id));
}

pub async fn no_more_ends_at_once_than_asked(scene: &Scene) {
    left_alone(scene, ALPHA, EAST, true, 0).await;
    left_alone(scene, DIRECT, LEQI, false, 0).await;
    left_alone(scene, DIRECT_TOO, LEQI, false, 0).await;
    scene.advance(ASKED + seconds(1)).await;
    assert_eq!(well(scene.store.expire(ASKED, 2).await).len(), 2);
    assert_eq!(well(scene.store.expire(ASKED, 2).await).len(), 1);
}
