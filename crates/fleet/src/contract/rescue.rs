//! Leases that ran out: what goes back to its place, and what must be asked about first.

use super::{
    asking::left_alone,
    scene::{ALPHA, BETA, DIRECT, DIRECT_TOO, EAST, LEQI, LIMITS, Scene, reworded, seconds, well},
    verdicts::receipt,
};
use crate::ports::log::{Appended, Proof, Rescued, RetryRefusal, Settled};
use domain::{kind::Kind, ledger::LineOutcome, schedule::Hindrance, task::StateName};

pub async fn a_living_holder_is_left_alone(scene: &Scene) {
    let work = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    scene.advance(seconds(59)).await;
    assert_eq!(scene.rescue().await, []);
    assert_eq!(scene.settled(&work, super::verdicts::done()).await.0, StateName::Done);
}

pub async fn what_only_reads_goes_back_to_its_place(scene: &Scene) {
    let logged = scene.log(Kind::InvoiceDownload, ALPHA, EAST).await;
    scene.start(logged).await;
    let state = StateName::Queued;
    let rescued = Rescued { task: logged.id, lane: Some(logged.lane), tax: logged.tax, state };
    assert_eq!(scene.die().await, [rescued]);
    assert_eq!(scene.rescue().await, []);
    assert_eq!(scene.head(logged).await, Some(logged.id));
    let filing = scene.run(Kind::TaxFiling, ALPHA, EAST).await;
    scene.settled(&filing, super::verdicts::done()).await;
    let again = scene.start(logged).await;
    assert_eq!(again.rescues, 1);
    assert!(!again.may_have_sent);
}

pub async fn what_can_be_read_back_is_unclear_from_its_claim_on(scene: &Scene) {
    let work = scene.run(Kind::StatisticCreate, ALPHA, EAST).await;
    let rescued = scene.die().await;
    assert_eq!(rescued[0].state, StateName::Unclear);
    let same = scene.log(Kind::TaxFiling, ALPHA, EAST).await;
    let hindrance = scene.hindrance(same).await;
    assert!(matches!(hindrance, Hindrance::TaxBusy { .. }), "{hindrance:?}");
    // The old call may still use the account.
    let lane = scene.log(Kind::PeriodQuery, BETA, EAST).await;
    let hindrance = scene.hindrance(lane).await;
    assert!(matches!(hindrance, Hindrance::LaneBusy { .. }), "{hindrance:?}");
    let asker = scene.take_up().await.remove(0);
    assert_eq!(asker.message, work.message);
    assert!(asker.may_have_sent && asker.asked_since.is_some());
    assert_eq!(asker.rescues, 1);
    let quiet_until = asker.quiet_until.expect("a quiet time");
    assert!(quiet_until > scene.now().await + LIMITS.quiet - seconds(60));
}

pub async fn on_leqi_the_lane_is_free_at_once(scene: &Scene) {
    scene.run(Kind::StatisticCreate, DIRECT, LEQI).await;
    scene.start_in(scene.log(Kind::StatisticCreate, DIRECT_TOO, LEQI).await, 1).await;
    let rescued = scene.die().await;
    assert!(rescued.iter().all(|one| one.state == StateName::Unclear), "{rescued:?}");
    scene.start_in(scene.log(Kind::PeriodQuery, super::scene::DIRECT_MORE, LEQI).await, 0).await;
    assert_eq!(scene.take_up().await.len(), 2);
}

pub async fn what_cannot_be_read_back_goes_back_while_nothing_was_intended(scene: &Scene) {
    let filing = scene.run(Kind::TaxFiling, ALPHA, EAST).await;
    let issuing = scene.log(Kind::InvoiceIssuing, "91440300MA5GSHARE3", "west").await;
    let issuing = scene.start(issuing).await;
    assert!(scene.prove(&issuing, Proof::Sending).await);
    scene.die().await;
    assert_eq!(scene.state(filing.message.task_id).await, StateName::Queued);
    assert_eq!(scene.state(issuing.message.task_id).await, StateName::Unclear);
    let asker = scene.take_up().await.remove(0);
    assert_eq!(asker.submissions.len(), 1);
}

/// Of several acts the next one may be on its way when the holder dies: "absent" proves nothing yet,
/// whether the act before it is known by its receipt or was answered at once.
pub async fn after_an_act_that_is_over_the_next_counts_as_perhaps_sent(scene: &Scene) {
    for (kind, accepted) in [(Kind::StatisticConfirm, true), (Kind::StatisticWithdraw, false)] {
        let logged = scene.log(kind, super::scene::DIRECT, LEQI).await;
        let work = scene.start(logged).await;
        if accepted {
            assert!(scene.prove(&work, receipt("r-1")).await);
        }
        assert!(scene.prove(&work, Proof::Answer("refused 333".into())).await);
        let before = scene.now().await;
        let asked = if accepted { StateName::Awaiting } else { StateName::Unclear };
        assert_eq!(scene.die().await[0].state, asked, "{kind}");
        let asker = scene.take_up().await.remove(0);
        assert!(asker.quiet_until.is_some_and(|until| until > before), "{asker:?}");
        assert_eq!(asker.submissions[0].answer.as_deref(), Some("refused 333"));
        scene.settled(&asker, super::verdicts::done()).await;
    }
}

pub async fn what_was_accepted_is_awaiting_with_nobody_asking(scene: &Scene) {
    for kind in [Kind::StatisticCreate, Kind::InvoiceDownload, Kind::TaxFiling] {
        let work = scene.run(kind, ALPHA, EAST).await;
        assert!(scene.prove(&work, receipt("r-1")).await);
        assert_eq!(scene.die().await[0].state, StateName::Awaiting, "{kind}");
        let asker = scene.take_up().await.remove(0);
        assert!(asker.submissions.last().is_some_and(|sent| sent.receipt.is_some()));
        scene.settled(&asker, super::verdicts::done()).await;
    }
}

pub async fn an_asker_that_dies_is_followed_by_another(scene: &Scene) {
    left_alone(scene, ALPHA, EAST, true, 0).await;
    let asker = scene.take_up().await.remove(0);
    assert_eq!(scene.die().await[0].state, StateName::Awaiting);
    let next = scene.take_up().await.remove(0);
    assert!(next.fence > asker.fence);
    assert_eq!(scene.settle(&asker, super::verdicts::done()).await, Settled::Stale);
    assert_eq!(scene.settled(&next, super::verdicts::done()).await.0, StateName::Done);
}

pub async fn what_kills_its_workers_fails(scene: &Scene) {
    let logged = scene.log(Kind::InvoiceDownload, ALPHA, EAST).await;
    for _ in 0..LIMITS.retry.rescues {
        scene.start(logged).await;
        assert_eq!(scene.die().await[0].state, StateName::Queued);
    }
    scene.start(logged).await;
    assert_eq!(scene.die().await[0].state, StateName::Failed);
    let row = scene.row(logged.id).await;
    assert!(!row.unknown && row.reason.contains("中断4次") && row.finished_at.is_some());
    assert_eq!(scene.events_of(logged.id).await.len(), 1);
    let retry = scene.draft(Kind::InvoiceDownload, ALPHA, EAST).await;
    scene.queue(&reworded(retry, |message| message.retry_of = Some(logged.id))).await;
    scene.run(Kind::TaxFiling, ALPHA, EAST).await;
}

pub async fn what_only_reads_fails_even_if_the_bureau_has_taken_it(scene: &Scene) {
    let logged = scene.log(Kind::InvoiceDownload, ALPHA, EAST).await;
    let work = scene.start(logged).await;
    assert!(scene.prove(&work, receipt("r-1")).await);
    for _ in 0..LIMITS.retry.rescues {
        assert_eq!(scene.die().await[0].state, StateName::Awaiting);
        assert_eq!(scene.take_up().await.len(), 1);
    }
    assert_eq!(scene.die().await[0].state, StateName::Failed);
    assert!(!scene.row(logged.id).await.unknown);
    let retry = scene.draft(Kind::InvoiceDownload, ALPHA, EAST).await;
    scene.queue(&reworded(retry, |message| message.retry_of = Some(logged.id))).await;
    scene.run(Kind::TaxFiling, ALPHA, EAST).await;
}

pub async fn what_may_have_acted_is_asked_about_later_and_later(scene: &Scene) {
    let task = scene.queue(&scene.selection(Kind::DeductionSelect, &[1]).await).await;
    scene.start(task).await;
    for _ in 0..LIMITS.retry.rescues {
        assert_eq!(scene.die().await[0].state, StateName::Unclear);
        assert_eq!(scene.take_up().await.len(), 1);
    }
    let mut wait = LIMITS.retry.rescue_delay;
    for _ in 0..3 {
        assert_eq!(scene.die().await[0].state, StateName::Unclear);
        // No call can be using the account any more: others may, though not for this tax number.
        let other = scene.run(Kind::PeriodQuery, BETA, EAST).await;
        scene.settled(&other, super::verdicts::done()).await;
        let same = scene.log(Kind::TaxFiling, ALPHA, EAST).await;
        let hindrance = scene.hindrance(same).await;
        assert!(matches!(hindrance, Hindrance::TaxBusy { .. }), "{hindrance:?}");
        scene.advance(wait - seconds(5)).await;
        assert_eq!(scene.take_up().await, []);
        scene.advance(seconds(6)).await;
        assert_eq!(scene.take_up().await.len(), 1);
        wait *= 2;
    }
    scene.die().await;
    assert_eq!(scene.row(task.id).await.finished_at, None);
}

pub async fn only_its_deadline_ends_what_may_have_acted(scene: &Scene) {
    let task = scene.queue(&scene.selection(Kind::DeductionSelect, &[1]).await).await;
    scene.start(task).await;
    for _ in 0..LIMITS.retry.rescues {
        scene.die().await;
        assert_eq!(scene.take_up().await.len(), 1);
    }
    assert_eq!(scene.die().await[0].state, StateName::Unclear);
    let day = LIMITS.retry.outcome_deadline;
    assert_eq!(well(scene.store.expire(day, 10).await), []);
    scene.advance(day).await;
    assert_eq!(well(scene.store.expire(day, 10).await), [task.id]);
    let card = well(scene.store.card(task.id).await).expect("a row");
    assert!(card.row.unknown);
    assert_eq!(card.ledger[0].outcome, LineOutcome::Unknown);
    let retry = scene.draft(Kind::InvoiceDownload, ALPHA, EAST).await;
    let retry = reworded(retry, |message| message.retry_of = Some(task.id));
    let refused = Appended::RetryRefused { reason: RetryRefusal::OutcomeUnknown };
    assert_eq!(scene.append_one(&retry).await, refused);
    // Everything that it held is free again.
    scene.queue(&scene.selection(Kind::DeductionSelect, &[1]).await).await;
    scene.run(Kind::TaxFiling, ALPHA, EAST).await;
}

pub async fn the_lane_waits_for_it_no_longer_than_a_call_may_last(scene: &Scene) {
    let logged = scene.log(Kind::TaxFiling, ALPHA, EAST).await;
    for _ in 0..LIMITS.retry.rescues {
        scene.start(logged).await;
        assert_eq!(scene.die().await[0].state, StateName::Queued);
    }
    let work = scene.start(logged).await;
    assert!(scene.prove(&work, Proof::Sending).await);
    assert_eq!(scene.die().await[0].state, StateName::Unclear);
    let other = scene.log(Kind::PeriodQuery, BETA, EAST).await;
    let hindrance = scene.hindrance(other).await;
    assert!(matches!(hindrance, Hindrance::LaneBusy { .. }), "{hindrance:?}");
    assert_eq!(scene.take_up().await, []);
    // 31, 92 and 121 seconds after the call was lost.
    scene.advance(LIMITS.retry.rescue_delay + seconds(1)).await;
    assert_eq!(scene.take_up().await.len(), 1);
    assert_eq!(scene.die().await[0].state, StateName::Unclear);
    let hindrance = scene.hindrance(other).await;
    assert!(matches!(hindrance, Hindrance::LaneBusy { .. }), "{hindrance:?}");
    scene.advance(seconds(29)).await;
    assert_eq!(scene.take_up().await.len(), 1);
    assert_eq!(scene.die().await[0].state, StateName::Unclear);
    scene.start(other).await;
}
