//! Old tasks are dropped.

use super::{
    scene::{ALPHA, EAST, Scene, reworded, seconds, well},
    verdicts::{done, failed},
};
use crate::ports::{
    archive::TaskFilter,
    log::{Appended, RetryRefusal},
};
use domain::kind::Kind;
use std::time::Duration;

const KEEP: Duration = Duration::from_secs(90 * 86_400);

pub async fn what_ended_long_ago_is_dropped_and_nothing_else(scene: &Scene) {
    let old = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    scene.settled(&old, done()).await;
    let waits = scene.log(Kind::LayoutDownload, ALPHA, EAST).await;
    scene.advance(KEEP - seconds(60)).await;
    assert_eq!(well(scene.store.forget(KEEP, 10).await), 0);
    let young = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    scene.settled(&young, done()).await;
    scene.advance(seconds(61)).await;
    assert_eq!(well(scene.store.forget(KEEP, 10).await), 1);
    assert_eq!(well(scene.store.card(old.message.task_id).await), None);
    let left = well(scene.store.list(&TaskFilter::default(), None, 10).await);
    assert_eq!(left.len(), 2);
    scene.start(waits).await;
}

pub async fn no_more_is_dropped_at_once_than_asked(scene: &Scene) {
    for _ in 0..3 {
        let work = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
        scene.settled(&work, done()).await;
    }
    scene.advance(KEEP + seconds(1)).await;
    assert_eq!(well(scene.store.forget(KEEP, 2).await), 2);
    assert_eq!(well(scene.store.forget(KEEP, 2).await), 1);
}

pub async fn what_was_dropped_is_not_retried(scene: &Scene) {
    let old = scene.run(Kind::InvoiceDownload, ALPHA, EAST).await;
    scene.settled(&old, failed()).await;
    scene.advance(KEEP + seconds(1)).await;
    assert_eq!(well(scene.store.forget(KEEP, 10).await), 1);
    let retry = scene.draft(Kind::InvoiceDownload, ALPHA, EAST).await;
    let original = Some(old.message.task_id);
    let retry = reworded(retry, |message| message.retry_of = original);
    let refused = Appended::RetryRefused { reason: RetryRefusal::NoSuchTask };
    assert_eq!(scene.append_one(&retry).await, refused);
}
