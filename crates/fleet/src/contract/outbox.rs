//! Events leave at least once.

use super::{
    claim::note,
    scene::{ALPHA, EAST, Scene, reworded, seconds, task_invoices, well},
    verdicts::line,
};
use crate::ports::{log::Verdict, outbox::EventKind};
use domain::{bureau::BureauCode, kind::Kind, ledger::LineOutcome, task::StateName};
use std::time::Duration;

pub async fn an_event_stands_there_until_it_was_confirmed(scene: &Scene) {
    let work = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    let (_, numbers) = scene.settled(&work, super::verdicts::done()).await;
    let events = well(scene.store.events(&numbers).await);
    assert_eq!(well(scene.store.events(&numbers).await), events);
    assert_eq!(events.len(), 1);
    well(scene.store.published(&numbers).await);
    well(scene.store.published(&numbers).await);
    assert_eq!(well(scene.store.events(&numbers).await), []);
    assert_eq!(well(scene.store.left_over(Duration::ZERO, 10).await), []);
}

pub async fn what_was_left_is_found_by_its_age_oldest_first(scene: &Scene) {
    let first = scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    let second = scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    well(scene.store.cancel(&[first.id], &note()).await);
    assert_eq!(well(scene.store.left_over(seconds(30), 10).await), []);
    scene.advance(seconds(20)).await;
    well(scene.store.cancel(&[second.id], &note()).await);
    scene.advance(seconds(11)).await;
    let old = well(scene.store.left_over(seconds(30), 10).await);
    assert_eq!(old.iter().map(|event| event.task).collect::<Vec<_>>(), [first.id]);
    let all = well(scene.store.left_over(Duration::ZERO, 10).await);
    assert_eq!(all.iter().map(|event| event.task).collect::<Vec<_>>(), [first.id, second.id]);
    assert!(all[0].number < all[1].number);
    assert_eq!(well(scene.store.left_over(Duration::ZERO, 1).await).len(), 1);
}

pub async fn an_event_says_what_became_of_the_task(scene: &Scene) {
    let task = scene.selection(Kind::DeductionSelect, &[1, 2]).await;
    let mut task = reworded(task, |message| {
        message.batch_id = Some("batch".into());
        message.invoices = task_invoices(&[1, 2]);
    });
    task.traceparent = Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into());
    let work = scene.start(scene.queue(&task).await).await;
    let verdict = Verdict::Final {
        state: StateName::Failed,
        reason: "税局说不。".into(),
        lines: vec![line(1, LineOutcome::Succeeded), line(2, LineOutcome::Failed)],
        pool: Vec::new(),
        statistic: None,
        unknown: false,
    };
    let (_, numbers) = scene.settled(&work, verdict).await;
    let event = well(scene.store.events(&numbers).await).remove(0);
    assert_eq!((event.number, event.task, event.sequence), (numbers[0], work.message.task_id, 1));
    assert_eq!((event.kind, event.reason.as_str()), (EventKind::Failed, "税局说不。"));
    assert_eq!(event.bureau, BureauCode::of_region(440_300));
    assert_eq!(event.failed_body.as_deref(), Some(&*task.body));
    assert_eq!(event.traceparent, task.traceparent);
    let data: serde_json::Value = well(serde_json::from_str(&event.data));
    for (field, value) in [
        ("task_id", work.message.task_id.to_string().as_str()),
        ("kind", "deduction_select"),
        ("tax_no", ALPHA),
        ("state", "failed"),
        ("shown_state", "处理失败"),
        ("reason", "税局说不。"),
        ("batch_id", "batch"),
    ] {
        assert_eq!(data[field], value, "{field}");
    }
    assert_eq!(data["retry_of"], serde_json::Value::Null);
    let invoice_of = |list: &str| data[list][0]["invoice_no"].clone();
    assert_eq!(invoice_of("succeeded"), super::scene::invoice_key(1).number);
    assert_eq!(invoice_of("failed"), super::scene::invoice_key(2).number);
}

pub async fn the_events_of_a_task_are_numbered_in_order(scene: &Scene) {
    let work = scene.run(Kind::PeriodQuery, super::scene::GUARDED, super::scene::PHONE).await;
    let epoch = work.session.expect("a session").epoch;
    let until = scene.now().await + seconds(3600);
    scene.settled(&work, super::verdicts::park(epoch, false, until)).await;
    let login = super::verdicts::seen(work.lane_key.clone(), true, scene.now().await);
    well(scene.store.session_changed(&login).await);
    well(scene.store.cancel(&[work.message.task_id], &note()).await);
    let events = scene.events_of(work.message.task_id).await;
    let told: Vec<_> = events.iter().map(|event| (event.sequence, event.kind)).collect();
    let expected = [(1, EventKind::Parked), (2, EventKind::Resumed), (3, EventKind::Cancelled)];
    assert_eq!(told, expected);
}

pub async fn the_end_of_a_batch_is_told_with_its_last_task(scene: &Scene) {
    let mut logged = Vec::new();
    for _ in 0..2 {
        let task = scene.draft(Kind::PeriodQuery, ALPHA, EAST).await;
        let task = reworded(task, |message| message.batch_id = Some("batch".into()));
        logged.push(scene.queue(&task).await);
    }
    let first = scene.start(logged[0]).await;
    assert_eq!(scene.settled(&first, super::verdicts::done()).await.1.len(), 1);
    let last = scene.start(logged[1]).await;
    let (_, numbers) = scene.settled(&last, super::verdicts::failed()).await;
    let events = well(scene.store.events(&numbers).await);
    let told: Vec<_> = events.iter().map(|event| (event.sequence, event.kind)).collect();
    assert_eq!(told, [(1, EventKind::Failed), (2, EventKind::BatchFinished)]);
    let data: serde_json::Value = well(serde_json::from_str(&events[1].data));
    assert_eq!((&data["batch_id"], &data["tasks"]), (&"batch".into(), &2.into()));
    assert_eq!(events[1].failed_body, None);
}
