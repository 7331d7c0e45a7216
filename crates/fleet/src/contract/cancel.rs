//! Cancelling is ours, before the bureau has acted; and what may be tried again.

use super::{
    asking::left_alone,
    claim::note,
    scene::{ALPHA, BETA, EAST, GUARDED, LONELY, PHONE, Scene, reworded, seconds, well},
    verdicts::{done, failed, park, put_off, put_off_with, receipt, unknown},
};
use crate::ports::{archive::TaskFilter, desk::Cancelled, log::Fate, outbox::EventKind};
use domain::{
    ids::TaskId,
    kind::Kind,
    task::{ShownState, StateName},
};

async fn cancel(scene: &Scene, task: TaskId) -> Cancelled {
    well(scene.store.cancel(&[task], &note()).await).remove(0)
}

async fn is_called_off(scene: &Scene, task: TaskId) {
    assert_eq!(cancel(scene, task).await, Cancelled::Done);
    let row = scene.row(task).await;
    assert_eq!((row.state, row.shown_state), (StateName::Cancelled, ShownState::Failed));
    assert!(row.reason.contains("anna") && row.reason.contains("bureau maintenance"));
    assert!(row.finished_at.is_some());
    let last = scene.events_of(task).await.pop().expect("an event");
    assert_eq!((last.kind, last.failed_body), (EventKind::Cancelled, None));
    let late = Cancelled::TooLate { state: StateName::Cancelled };
    assert_eq!(cancel(scene, task).await, late);
}

pub async fn what_waits_is_called_off(scene: &Scene) {
    let queued = scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    is_called_off(scene, queued.id).await;
    assert_eq!(scene.head(queued).await, None);

    let mut held = scene.draft(Kind::PeriodQuery, LONELY, EAST).await;
    held.lane = None;
    held.fate = Fate::Hold { tax: scene.tax(LONELY).await };
    scene.append_one(&held).await;
    is_called_off(scene, held.message.task_id).await;
}

pub async fn what_was_put_off_or_parked_with_nothing_sent_is_called_off(scene: &Scene) {
    let delayed = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    scene.settled(&delayed, put_off(30)).await;
    is_called_off(scene, delayed.message.task_id).await;
    scene.advance(seconds(31)).await;
    assert_eq!(scene.ripen().await, []);

    let parked = scene.run(Kind::PeriodQuery, GUARDED, PHONE).await;
    let epoch = parked.session.expect("a session").epoch;
    let until = scene.now().await + seconds(3600);
    scene.settled(&parked, park(epoch, false, until)).await;
    is_called_off(scene, parked.message.task_id).await;
}

pub async fn it_is_too_late_once_something_may_have_been_sent(scene: &Scene) {
    let too_late = |state| Cancelled::TooLate { state };
    let running = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    let task = running.message.task_id;
    assert_eq!(cancel(scene, task).await, too_late(StateName::Running));
    scene.settled(&running, done()).await;
    assert_eq!(cancel(scene, task).await, too_late(StateName::Done));

    let awaiting = left_alone(scene, ALPHA, EAST, true, 0).await.message.task_id;
    assert_eq!(cancel(scene, awaiting).await, too_late(StateName::Awaiting));
    let asker = scene.take_up().await.remove(0);
    scene.settled(&asker, put_off_with(30, true, None)).await;
    assert_eq!(cancel(scene, awaiting).await, too_late(StateName::Delayed));

    scene.run(Kind::StatisticCreate, BETA, EAST).await;
    let unclear = scene.die().await[0].task;
    assert_eq!(cancel(scene, unclear).await, too_late(StateName::Unclear));

    let parked = scene.run(Kind::StatisticCreate, GUARDED, PHONE).await;
    assert!(scene.prove(&parked, receipt("r-1")).await);
    let epoch = parked.session.expect("a session").epoch;
    let until = scene.now().await + seconds(3600);
    scene.settled(&parked, park(epoch, true, until)).await;
    assert_eq!(cancel(scene, parked.message.task_id).await, too_late(StateName::Parked));
}

pub async fn a_batch_is_called_off_one_by_one(scene: &Scene) {
    let task = scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    let batch = [task.id, scene.fresh_id(), task.id];
    let late = Cancelled::TooLate { state: StateName::Cancelled };
    let told = well(scene.store.cancel(&batch, &note()).await);
    assert_eq!(told, [Cancelled::Done, Cancelled::NoSuchTask, late]);
    assert_eq!(scene.events_of(task.id).await.len(), 1);
}

pub async fn a_failed_task_without_a_retry_may_be_tried_again(scene: &Scene) {
    let all = TaskFilter::default();
    let failing = scene.draft(Kind::InvoiceDownload, ALPHA, EAST).await;
    let work = scene.start(scene.queue(&failing).await).await;
    scene.settled(&work, failed()).await;
    let mut refused = scene.draft(Kind::LayoutDownload, BETA, EAST).await;
    let tax = Some(scene.tax(BETA).await);
    refused.fate = Fate::Refuse { tax, reason: "不能下载。".into(), lines: Vec::new() };
    scene.append_one(&refused).await;
    for verdict in [done(), unknown()] {
        let work = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
        scene.settled(&work, verdict).await;
    }
    scene.log(Kind::PeriodQuery, ALPHA, EAST).await;

    let mut found = well(scene.store.retriable(&all, 10).await);
    found.sort_by(|one, other| one.reason.cmp(&other.reason));
    let told: Vec<_> =
        found.iter().map(|one| (one.task, one.reason.as_str(), one.body.as_ref())).collect();
    let refused_one = (refused.message.task_id, "不能下载。", refused.body.as_ref());
    let failed_one = (failing.message.task_id, "税局系统异常。", failing.body.as_ref());
    assert_eq!(told, [refused_one, failed_one]);
    assert_eq!(well(scene.store.retriable(&all, 1).await).len(), 1);
    let downloads = TaskFilter { kinds: vec![Kind::InvoiceDownload], ..all.clone() };
    assert_eq!(well(scene.store.retriable(&downloads, 10).await).len(), 1);

    let retry = scene.draft(Kind::InvoiceDownload, ALPHA, EAST).await;
    let original = failing.message.task_id;
    scene.queue(&reworded(retry, |message| message.retry_of = Some(original))).await;
    assert_eq!(well(scene.store.retriable(&downloads, 10).await), []);
}
