//! One retry per failed task, for ever, and none of what may have happened.

use super::{
    scene::{ALPHA, EAST, Logged, Scene, reworded, well},
    verdicts::{done, failed, unknown},
};
use crate::ports::{
    desk::Note,
    log::{Appended, Fate, NewTask, RetryRefusal},
};
use domain::{ids::TaskId, kind::Kind, task::StateName};

async fn retry_of(scene: &Scene, original: TaskId) -> NewTask {
    let task = scene.draft(Kind::InvoiceDownload, ALPHA, EAST).await;
    reworded(task, |message| message.retry_of = Some(original))
}

async fn a_failed_task(scene: &Scene) -> Logged {
    let task = scene.log(Kind::InvoiceDownload, ALPHA, EAST).await;
    let work = scene.start(task).await;
    scene.settled(&work, failed()).await;
    task
}

async fn refusal(scene: &Scene, original: TaskId) -> RetryRefusal {
    let retry = retry_of(scene, original).await;
    match scene.append_one(&retry).await {
        Appended::RetryRefused { reason } => {
            let card = well(scene.store.card(retry.message.task_id).await);
            assert_eq!(card, None, "a refused retry leaves no row");
            reason
        }
        other => panic!("not refused: {other:?}"),
    }
}

pub async fn a_failed_task_is_retried_once_for_ever(scene: &Scene) {
    let original = a_failed_task(scene).await;
    let message = retry_of(scene, original.id).await;
    let retry = scene.queue(&message).await;
    assert_eq!(scene.row(retry.id).await.retry_of, Some(original.id));
    let card = well(scene.store.card(original.id).await).expect("a row");
    assert_eq!(card.retry, Some(retry.id));
    let tried = RetryRefusal::TriedAgain { retry: retry.id };
    assert_eq!(refusal(scene, original.id).await, tried);
    let again = scene.append_one(&message).await;
    assert!(matches!(again, Appended::Duplicate { waiting: Some(_) }), "{again:?}");
    let work = scene.start(retry).await;
    scene.settled(&work, done()).await;
    assert_eq!(refusal(scene, original.id).await, tried);
}

pub async fn a_failed_retry_is_retried_itself(scene: &Scene) {
    let original = a_failed_task(scene).await;
    let retry = scene.queue(&retry_of(scene, original.id).await).await;
    let work = scene.start(retry).await;
    scene.settled(&work, failed()).await;
    scene.queue(&retry_of(scene, retry.id).await).await;
    let tried = RetryRefusal::TriedAgain { retry: retry.id };
    assert_eq!(refusal(scene, original.id).await, tried);
}

pub async fn a_refused_task_is_retried_like_a_failed_one(scene: &Scene) {
    let mut task = scene.draft(Kind::InvoiceDownload, ALPHA, EAST).await;
    let tax = Some(scene.tax(ALPHA).await);
    task.fate = Fate::Refuse { tax, reason: "不能下载。".into(), lines: Vec::new() };
    scene.append_one(&task).await;
    scene.queue(&retry_of(scene, task.message.task_id).await).await;
}

pub async fn two_retries_in_one_batch_are_one(scene: &Scene) {
    let original = a_failed_task(scene).await;
    let batch = [retry_of(scene, original.id).await, retry_of(scene, original.id).await];
    let appended = scene.append(&batch).await;
    assert!(matches!(appended[0], Appended::Queued { .. }), "{appended:?}");
    let reason = RetryRefusal::TriedAgain { retry: batch[0].message.task_id };
    assert_eq!(appended[1], Appended::RetryRefused { reason });
}

pub async fn two_retries_at_once_are_one(scene: &Scene) {
    let original = a_failed_task(scene).await;
    let one = [retry_of(scene, original.id).await];
    let other = [retry_of(scene, original.id).await];
    let (first, second) = tokio::join!(scene.append(&one), scene.append(&other));
    let queued = |appended: &&Appended| matches!(appended, Appended::Queued { .. });
    let refused = |appended: &&Appended| {
        matches!(appended, Appended::RetryRefused { reason: RetryRefusal::TriedAgain { .. } })
    };
    let both = [&first[0], &second[0]];
    assert_eq!(both.into_iter().filter(queued).count(), 1, "{both:?}");
    assert_eq!(both.into_iter().filter(refused).count(), 1, "{both:?}");
}

pub async fn what_is_not_known_is_not_retried(scene: &Scene) {
    let nobody = scene.fresh_id();
    assert_eq!(refusal(scene, nobody).await, RetryRefusal::NoSuchTask);
}

pub async fn what_did_not_fail_is_not_retried(scene: &Scene) {
    let not_failed = |state| RetryRefusal::NotFailed { state };
    let task = scene.log(Kind::InvoiceDownload, ALPHA, EAST).await;
    assert_eq!(refusal(scene, task.id).await, not_failed(StateName::Queued));
    let work = scene.start(task).await;
    assert_eq!(refusal(scene, task.id).await, not_failed(StateName::Running));
    scene.settled(&work, done()).await;
    assert_eq!(refusal(scene, task.id).await, not_failed(StateName::Done));
    let called_off = scene.log(Kind::InvoiceDownload, ALPHA, EAST).await;
    let note = Note { by: "anna".into(), reason: "not needed".into() };
    well(scene.store.cancel(&[called_off.id], &note).await);
    assert_eq!(refusal(scene, called_off.id).await, not_failed(StateName::Cancelled));
}

pub async fn an_unknown_outcome_is_not_retried(scene: &Scene) {
    let work = scene.run(Kind::TaxFiling, ALPHA, EAST).await;
    scene.settled(&work, unknown()).await;
    let task = work.message.task_id;
    assert_eq!(refusal(scene, task).await, RetryRefusal::OutcomeUnknown);
}
