//! What a holder learned is kept, whoever holds the keys now.

use super::{
    scene::{ALPHA, DIRECT, EAST, LEQI, Scene, evidence, seconds, settlement, well},
    verdicts::{done, failed, hand_back, let_go, receipt},
};
use crate::ports::log::{Proof, Settled, Turn};
use domain::{
    answer::Receipt,
    kind::Kind,
    task::{Act, ShownState, StateName},
};

pub async fn a_receipt_makes_the_task_awaiting(scene: &Scene) {
    let work = scene.run(Kind::StatisticCreate, ALPHA, EAST).await;
    let task = work.message.task_id;
    assert!(scene.prove(&work, receipt("r-1")).await);
    assert_eq!(scene.state(task).await, StateName::Awaiting);
    let card = well(scene.store.card(task).await).expect("a row");
    let sent = &card.submissions[0];
    assert_eq!((card.submissions.len(), sent.act, sent.fence), (1, Act::Submit, work.fence.0));
    assert_eq!((sent.receipt.as_deref(), sent.answer.as_deref()), (Some("r-1"), None));
    assert_eq!(scene.settled(&work, done()).await.0, StateName::Done);
}

pub async fn a_later_holder_finds_the_receipt(scene: &Scene) {
    let work = scene.run(Kind::StatisticCreate, ALPHA, EAST).await;
    assert!(scene.prove(&work, receipt("r-1")).await);
    scene.settled(&work, let_go(0, true)).await;
    let asker = scene.take_up().await.remove(0);
    assert!(asker.fence > work.fence);
    let sent = &asker.submissions[0];
    assert_eq!((sent.fence, sent.act, sent.is_answered()), (work.fence, Act::Submit, false));
    assert_eq!(sent.receipt, Some(Receipt("r-1".into())));
    assert!(asker.asked_since.is_some());
}

pub async fn an_intent_is_durable_and_written_once(scene: &Scene) {
    let work = scene.run(Kind::TaxFiling, ALPHA, EAST).await;
    assert!(scene.prove(&work, Proof::Sending).await);
    assert!(scene.prove(&work, Proof::Sending).await);
    assert_eq!(scene.state(work.message.task_id).await, StateName::Running);
    let card = well(scene.store.card(work.message.task_id).await).expect("a row");
    assert_eq!(card.submissions.len(), 1);
    assert_eq!(card.submissions[0].receipt, None);
    assert!(scene.prove(&work, receipt("r-1")).await);
    let card = well(scene.store.card(work.message.task_id).await).expect("a row");
    assert_eq!(card.submissions.len(), 1, "the receipt belongs to the intent");
}

pub async fn a_stale_holder_may_not_send(scene: &Scene) {
    let work = scene.run(Kind::TaxFiling, ALPHA, EAST).await;
    scene.die().await;
    assert!(!scene.prove(&work, Proof::Sending).await);
    let task = work.message.task_id;
    let card = well(scene.store.card(task).await).expect("a row");
    assert_eq!((card.row.state, card.submissions.len()), (StateName::Queued, 0));
}

pub async fn a_lost_answer_is_unclear(scene: &Scene) {
    let work = scene.run(Kind::StatisticCreate, ALPHA, EAST).await;
    let quiet_until = scene.now().await + seconds(120);
    assert!(scene.prove(&work, Proof::Lost { quiet_until }).await);
    assert_eq!(scene.state(work.message.task_id).await, StateName::Unclear);
    let earlier = quiet_until - seconds(60);
    assert!(scene.prove(&work, Proof::Lost { quiet_until: earlier }).await);
    scene.settled(&work, let_go(0, true)).await;
    let asker = scene.take_up().await.remove(0);
    assert_eq!(asker.quiet_until, Some(quiet_until), "the longest quiet time counts");
    assert_eq!((asker.submissions.len(), asker.submissions[0].is_answered()), (1, false));
    assert!(asker.asked_since.is_some());
}

pub async fn what_was_unclear_is_found_at_work(scene: &Scene) {
    let work = scene.run(Kind::StatisticCreate, ALPHA, EAST).await;
    let quiet_until = scene.now().await + seconds(120);
    assert!(scene.prove(&work, Proof::Lost { quiet_until }).await);
    assert!(scene.prove(&work, receipt("r-1")).await);
    assert_eq!(scene.state(work.message.task_id).await, StateName::Awaiting);
}

pub async fn absent_makes_it_an_attempt_like_any_other(scene: &Scene) {
    let work = scene.run(Kind::StatisticCreate, ALPHA, EAST).await;
    let quiet_until = scene.now().await;
    assert!(scene.prove(&work, Proof::Lost { quiet_until }).await);
    scene.settled(&work, let_go(0, true)).await;
    let asker = scene.take_up().await.remove(0);
    assert!(scene.prove(&asker, Proof::Absent).await);
    let task = work.message.task_id;
    assert_eq!(scene.state(task).await, StateName::Running);
    assert_eq!(scene.settled(&asker, hand_back()).await.0, StateName::Queued);
    let work =
        super::scene::Logged { id: task, lane: asker.lane, tax: asker.tax, place: asker.place };
    let again = scene.start(work).await;
    assert!(again.submissions.is_empty() && !again.may_have_sent, "{again:?}");
    assert_eq!((again.quiet_until, again.asked_since), (None, None));
}

pub async fn an_intent_that_the_bureau_refused_is_void(scene: &Scene) {
    let work = scene.run(Kind::TaxFiling, ALPHA, EAST).await;
    assert!(scene.prove(&work, Proof::Sending).await);
    assert!(scene.prove(&work, Proof::Absent).await);
    assert_eq!(scene.state(work.message.task_id).await, StateName::Running);
    scene.die().await;
    assert_eq!(scene.state(work.message.task_id).await, StateName::Queued);
}

pub async fn an_answered_step_is_not_made_again(scene: &Scene) {
    let work = scene.run(Kind::StatisticWithdraw, ALPHA, EAST).await;
    let first = Act::WithdrawConfirmation;
    assert!(scene.prove_act(&work, first, receipt("r-1")).await);
    assert!(scene.prove_act(&work, first, Proof::Answer("已撤销".into())).await);
    assert!(scene.prove(&work, receipt("r-2")).await);
    let card = well(scene.store.card(work.message.task_id).await).expect("a row");
    let mut told: Vec<_> = card
        .submissions
        .iter()
        .map(|sent| (sent.act, sent.receipt.as_deref(), sent.answer.as_deref()))
        .collect();
    told.sort_by_key(|(act, ..)| *act);
    let submit = (Act::Submit, Some("r-2"), None);
    assert_eq!(told, [submit, (first, Some("r-1"), Some("已撤销"))]);
    scene.settled(&work, let_go(0, true)).await;
    let asker = scene.take_up().await.remove(0);
    let answered = |act| asker.submissions.iter().find(|s| s.act == act).map(|s| s.is_answered());
    assert_eq!((answered(first), answered(Act::Submit)), (Some(true), Some(false)));
}

pub async fn with_an_act_over_the_tax_number_stays_held(scene: &Scene) {
    let work = scene.run(Kind::StatisticWithdraw, ALPHA, EAST).await;
    let task = work.message.task_id;
    assert!(scene.prove(&work, Proof::Answer("refused 10 已确认".into())).await);
    assert_eq!(scene.state(task).await, StateName::Unclear);
    scene.settled(&work, super::verdicts::put_off_with(0, true, None)).await;
    assert_eq!(scene.state(task).await, StateName::Delayed);
    let asker = scene.take_up().await.remove(0);
    assert_eq!(asker.submissions[0].answer.as_deref(), Some("refused 10 已确认"));
    assert_eq!(asker.submissions[0].receipt, None);
    assert_eq!(scene.settled(&asker, done()).await.0, StateName::Done);
}

pub async fn a_later_act_proved_absent_leaves_the_earlier_ones_done(scene: &Scene) {
    let later = Act::WithdrawConfirmation;
    let stale = scene.run(Kind::StatisticWithdraw, ALPHA, EAST).await;
    let task = stale.message.task_id;
    assert!(scene.prove(&stale, receipt("r-1")).await);
    assert!(scene.prove(&stale, Proof::Answer("refused 10".into())).await);
    let quiet_until = scene.now().await;
    assert!(scene.prove_act(&stale, later, Proof::Lost { quiet_until }).await);
    scene.die().await;
    assert!(!scene.prove_act(&stale, later, Proof::NotBegun).await, "a stale holder's word");
    let asker = scene.take_up().await.remove(0);
    assert!(scene.prove_act(&asker, later, Proof::NotBegun).await);
    assert!(scene.state(task).await != StateName::Running, "the tax number stays held");
    assert!(!scene.prove_act(&stale, later, receipt("late")).await);
    scene.settled(&asker, super::verdicts::put_off_with(0, true, None)).await;
    let next = scene.take_up().await.remove(0);
    let told: Vec<_> = next.submissions.iter().map(|one| (one.act, one.is_answered())).collect();
    assert_eq!(told, [(Act::Submit, true)], "what was sent of the later act counts no more");
    assert_eq!(scene.settled(&next, done()).await.0, StateName::Done);
}

pub async fn a_stale_holders_receipt_is_kept_but_changes_no_state(scene: &Scene) {
    let stale = scene.run(Kind::StatisticCreate, ALPHA, EAST).await;
    scene.die().await;
    let asker = scene.take_up().await.remove(0);
    assert!(asker.submissions.iter().all(|sent| sent.receipt.is_none()), "{asker:?}");
    assert!(!scene.prove(&stale, receipt("late")).await);
    assert_eq!(scene.state(stale.message.task_id).await, StateName::Unclear);
    scene.settled(&asker, let_go(0, true)).await;
    let next = scene.take_up().await.remove(0);
    let receipts: Vec<_> =
        next.submissions.iter().filter_map(|sent| sent.receipt.clone()).collect();
    assert_eq!(receipts, [Receipt("late".into())]);
}

pub async fn a_stale_receipt_is_found_by_whoever_starts_next(scene: &Scene) {
    let stale = scene.run(Kind::InvoiceDownload, ALPHA, EAST).await;
    scene.die().await;
    assert!(!scene.prove(&stale, receipt("late")).await);
    let task = stale.message.task_id;
    assert_eq!(scene.state(task).await, StateName::Queued);
    let logged =
        super::scene::Logged { id: task, lane: stale.lane, tax: stale.tax, place: stale.place };
    let next = scene.start(logged).await;
    assert_eq!(next.submissions[0].receipt, Some(Receipt("late".into())));
    assert_eq!(next.submissions[0].fence, stale.fence);
}

pub async fn a_stale_absent_proves_nothing(scene: &Scene) {
    let stale = scene.run(Kind::StatisticCreate, ALPHA, EAST).await;
    let quiet_until = scene.now().await;
    assert!(scene.prove(&stale, Proof::Lost { quiet_until }).await);
    scene.die().await;
    assert!(!scene.prove(&stale, Proof::Absent).await);
    assert_eq!(scene.state(stale.message.task_id).await, StateName::Unclear);
    let asker = scene.take_up().await.remove(0);
    assert_eq!(asker.submissions.len(), 1);
}

/// The earlier holder's submission has failed, so reading back found nothing, and the later one sent
/// again: whoever asked with the earlier receipt would hear of the wrong submission.
pub async fn a_receipt_from_before_a_proof_of_absence_counts_no_more(scene: &Scene) {
    let stale = scene.run(Kind::StatisticCreate, ALPHA, EAST).await;
    scene.die().await;
    let asker = scene.take_up().await.remove(0);
    assert!(scene.prove(&asker, Proof::Absent).await);
    assert!(!scene.prove(&stale, receipt("late")).await);
    let quiet_until = scene.now().await;
    assert!(!scene.prove(&stale, Proof::Lost { quiet_until }).await);
    // It has sent, and dies before it can say so: nothing is known, so it is read back.
    scene.die().await;
    let next = scene.take_up().await.remove(0);
    assert_eq!(next.submissions, []);
    assert!(scene.prove(&next, Proof::Absent).await);
    assert!(scene.prove(&next, receipt("new")).await);
    assert!(!scene.prove(&asker, receipt("later")).await);
    scene.settled(&next, let_go(0, false)).await;
    let last = scene.take_up().await.remove(0);
    let receipts: Vec<_> = last.submissions.iter().map(|sent| sent.receipt.clone()).collect();
    assert_eq!(receipts, [Some(Receipt("new".into()))]);
}

pub async fn what_was_sent_is_told_in_the_order_of_the_holders(scene: &Scene) {
    let stale = scene.run(Kind::StatisticCreate, ALPHA, EAST).await;
    scene.die().await;
    let asker = scene.take_up().await.remove(0);
    assert!(scene.prove(&asker, receipt("found")).await);
    assert!(!scene.prove(&stale, receipt("late")).await);
    scene.settled(&asker, let_go(0, false)).await;
    let next = scene.take_up().await.remove(0);
    let fences: Vec<_> = next.submissions.iter().map(|sent| sent.fence).collect();
    assert_eq!(fences, [stale.fence, asker.fence]);
}

pub async fn nobody_is_current_while_nobody_asks(scene: &Scene) {
    let work = scene.run(Kind::StatisticCreate, ALPHA, EAST).await;
    assert!(scene.prove(&work, receipt("r-1")).await);
    scene.settled(&work, super::verdicts::put_off_with(600, true, None)).await;
    assert!(!scene.prove(&work, receipt("r-2")).await);
    assert_eq!(scene.state(work.message.task_id).await, StateName::Delayed);
}

pub async fn evidence_about_a_task_that_has_ended_is_kept(scene: &Scene) {
    let work = scene.run(Kind::TaxFiling, ALPHA, EAST).await;
    assert!(scene.prove(&work, Proof::Sending).await);
    scene.settled(&work, failed()).await;
    assert!(!scene.prove(&work, receipt("late")).await);
    let card = well(scene.store.card(work.message.task_id).await).expect("a row");
    assert_eq!(card.row.state, StateName::Failed);
    assert_eq!(card.submissions[0].receipt.as_deref(), Some("late"));
}

pub async fn evidence_of_a_turn_comes_before_its_settlement(scene: &Scene) {
    let work = scene.run(Kind::StatisticCreate, ALPHA, EAST).await;
    let turn = Turn {
        evidence: vec![evidence(&work, Act::Submit, receipt("r-1"))],
        settlements: vec![settlement(&work, let_go(0, true))],
        ..Turn::default()
    };
    let outcome = scene.turn(turn).await;
    assert_eq!(outcome.evidence, [true]);
    let written = Settled::Written { state: StateName::Awaiting, events: Vec::new() };
    assert_eq!(outcome.settled, [written]);
    let asker = scene.take_up().await.remove(0);
    assert_eq!(asker.submissions[0].receipt, Some(Receipt("r-1".into())));
}

pub async fn on_leqi_people_see_a_task_untouched_until_it_was_accepted(scene: &Scene) {
    let logged = scene.log(Kind::InvoiceDownload, DIRECT, LEQI).await;
    assert_eq!(scene.row(logged.id).await.shown_state, ShownState::Untouched);
    let work = scene.start(logged).await;
    assert_eq!(scene.row(logged.id).await.shown_state, ShownState::Untouched);
    assert!(scene.prove(&work, receipt("r-1")).await);
    assert_eq!(scene.row(logged.id).await.shown_state, ShownState::Processing);
}
