//! One retry per failed task, for ever, and none of what may have happened.

use super::{
    claim::note,
    scene::{ALPHA, EAST, Logged, Scene, invoice_key, reworded, well},
    verdicts::{done, failed, unknown},
};
use crate::{
    ports::{
        archive::TaskFilter,
        desk::{Note, Recorded},
        log::{Appended, Fate, NewTask, RetryRefusal, Verdict},
    },
    sentences,
};
use domain::{
    ids::TaskId,
    kind::Kind,
    ledger::{LedgerLine, LineOutcome},
    task::StateName,
};

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

/// Its invoice, of which nobody knew either.
fn unknown_with_a_line() -> Verdict {
    let line = LedgerLine {
        invoice: invoice_key(1),
        outcome: LineOutcome::Unknown,
        reason: "结果未知。".into(),
    };
    match unknown() {
        Verdict::Final { state, reason, pool, statistic, unknown, .. } => {
            Verdict::Final { state, reason, lines: vec![line], pool, statistic, unknown }
        }
        other => other,
    }
}

pub async fn what_a_person_found_absent_has_failed_and_is_retried(scene: &Scene) {
    let work = scene.run(Kind::InvoiceIssuing, ALPHA, EAST).await;
    scene.settled(&work, unknown_with_a_line()).await;
    let task = work.message.task_id;
    let everything = TaskFilter::default();
    assert_eq!(well(scene.store.retriable(&everything, 9).await), []);
    let record = async || well(scene.store.record_absent(&[task], &note()).await);
    assert_eq!(record().await, [Recorded::Done]);

    let card = well(scene.store.card(task).await).expect("a row");
    assert_eq!((card.row.state, card.row.unknown), (StateName::Failed, false));
    assert!(card.row.reason.starts_with(sentences::ABSENT), "{}", card.row.reason);
    assert!(card.row.reason.contains(&note().by), "{}", card.row.reason);
    let outcomes: Vec<LineOutcome> = card.ledger.iter().map(|line| line.outcome).collect();
    assert_eq!(outcomes, [LineOutcome::Failed]);
    let audited = well(scene.store.audited(1).await).remove(0);
    let line = (audited.action.as_str(), audited.subject, audited.note);
    assert_eq!(line, ("record_absent", task.to_string(), note()));

    let retriable = well(scene.store.retriable(&everything, 9).await);
    assert_eq!(retriable.iter().map(|one| one.task).collect::<Vec<_>>(), [task]);
    let again = Recorded::NotUnknown { state: StateName::Failed };
    assert_eq!(record().await, [again], "once");
    assert_eq!(well(scene.store.audited(9).await).len(), 1, "and audited once");
    scene.queue(&retry_of(scene, task).await).await;
}

pub async fn only_an_unknown_outcome_is_recorded_as_absent(scene: &Scene) {
    let failed = a_failed_task(scene).await;
    let running = scene.run(Kind::TaxFiling, ALPHA, EAST).await;
    let tasks = [running.message.task_id, failed.id, scene.fresh_id()];
    let before = scene.row(failed.id).await;
    let recorded = well(scene.store.record_absent(&tasks, &note()).await);
    let not = |state| Recorded::NotUnknown { state };
    let expected = [not(StateName::Running), not(StateName::Failed), Recorded::NoSuchTask];
    assert_eq!(recorded, expected);
    assert_eq!(scene.row(failed.id).await, before);
    assert_eq!(well(scene.store.audited(9).await), []);
}
