use crate::town::{ETAX, SAMPLE, Town, call, key, now, order, said, soon};
use domain::{
    answer::{Answer, ReadBackAnswer},
    kind::Kind,
    statistic::StatisticState,
};
use fleet::ports::channel::Channel;
use serde_json::json;

/// A town whose account is on the tax number, with one fault for the first request that it
/// looks at.
async fn struck(fault: &str, seconds: Option<f64>) -> Town {
    let town = Town::plain().await;
    assert_eq!(said(&town.etax.switch(&call(1, ETAX, 1)).await), "succeeded");
    let fault = json!({fault: {"at": [1], "seconds": seconds}});
    town.control(json!({ "faults": fault }));
    town
}

fn found(answer: &ReadBackAnswer) -> bool {
    matches!(answer, ReadBackAnswer::Found(_))
}

#[tokio::test]
async fn a_lost_answer_had_its_effect() {
    let town = struck("lost_answer", None).await;
    let order = order(Kind::DeductionSelect, &[SAMPLE]);
    assert_eq!(said(&town.etax.submit(&call(1, ETAX, 1), &order).await), "unclear");
    assert!(found(&town.etax.read_back(&call(1, ETAX, 2), &order).await));
    assert_eq!(town.bureau.referee().submissions, 1);
}

#[tokio::test]
async fn a_late_effect_is_in_progress_until_it_comes() {
    let town = struck("late_effect", Some(0.3)).await;
    let order = order(Kind::DeductionSelect, &[SAMPLE]);
    assert_eq!(said(&town.etax.submit(&call(1, ETAX, 1), &order).await), "unclear");
    let first = town.etax.read_back(&call(1, ETAX, 2), &order).await;
    let ReadBackAnswer::InProgress(Some(receipt)) = first else { panic!("{first:?}") };
    let outcome = town.outcome(&call(1, ETAX, 2), &order, &receipt).await;
    assert_eq!(said(&outcome), "succeeded succeeded");
}

#[tokio::test]
async fn a_late_arrival_is_kept_out_by_the_raised_fence() {
    let town = struck("late_arrival", Some(0.2)).await;
    let order = order(Kind::DeductionSelect, &[SAMPLE]);
    assert_eq!(said(&town.etax.submit(&call(1, ETAX, 1), &order).await), "unclear");
    let absent = town.etax.read_back(&call(1, ETAX, 2), &order).await;
    assert_eq!(absent, ReadBackAnswer::Absent);
    soon(|| async { (town.bureau.referee().stale_fences_refused == 1).then_some(()) }).await;
    let used = town.etax.read_use(&call(1, ETAX, 2), &order, &[key(SAMPLE)]).await;
    assert_eq!(said(&used), "succeeded refused", "still unused");
    assert_eq!(town.bureau.referee().submissions, 0);
}

#[tokio::test]
async fn a_late_arrival_under_the_newest_fence_takes_effect() {
    let town = struck("late_arrival", Some(0.05)).await;
    let (task, order) = (call(1, ETAX, 1), order(Kind::DeductionSelect, &[SAMPLE]));
    assert_eq!(said(&town.etax.submit(&task, &order).await), "unclear");
    town.read_back_until(&task, &order, found).await;
    assert_eq!(town.bureau.referee().tax_number_overlaps, 0);
}

#[tokio::test]
async fn gateways_and_cut_connections_leave_a_submission_unclear_and_nothing_done() {
    for fault in ["gateway_timeout", "reset"] {
        let town = struck(fault, None).await;
        let order = order(Kind::DeductionSelect, &[SAMPLE]);
        let task = call(1, ETAX, 1);
        assert_eq!(said(&town.etax.submit(&task, &order).await), "unclear", "{fault}");
        let absent = town.etax.read_back(&task, &order).await;
        assert_eq!(absent, ReadBackAnswer::Absent, "{fault}");
        let town = struck(fault, None).await;
        let reading = town.etax.period(&task).await.expect_err(fault);
        assert_eq!(said(&reading), "faltered", "{fault}");
        let again = town.etax.period(&task).await;
        assert!(again.is_ok(), "{fault}: the connection is made anew");
    }
}

#[tokio::test]
async fn who_is_kicked_out_is_logged_out_and_nothing_happened() {
    let town = struck("kick_out", None).await;
    let (task, order) = (call(1, ETAX, 1), order(Kind::DeductionSelect, &[SAMPLE]));
    assert_eq!(said(&town.etax.submit(&task, &order).await), "logged out");
    assert_eq!(said(&town.etax.log_in(&task).await), "succeeded");
    assert_eq!(said(&town.run(&task, &order).await), "succeeded succeeded");
}

#[tokio::test]
async fn a_throttled_tax_number_is_left_alone_until_its_time() {
    let town = struck("throttle", Some(600.0)).await;
    let (task, order) = (call(1, ETAX, 1), order(Kind::DeductionSelect, &[SAMPLE]));
    let answer = town.etax.submit(&task, &order).await;
    let Answer::Throttled { until, sentence, .. } = answer else { panic!("{answer:?}") };
    assert_eq!(until, now() + chrono::TimeDelta::minutes(10));
    assert_eq!(sentence, "云安全平台检测到您当前的访问行为存在异常，请稍后重试");
    assert_eq!(said(&town.etax.submit(&task, &order).await), "throttled TaxNumber");
    town.control(json!({"now": "2025-11-20T10:00:00+08:00"}));
    assert_eq!(said(&town.etax.submit(&task, &order).await), "accepted");
}

#[tokio::test]
async fn a_success_can_be_undone_in_silence() {
    let town = struck("silent_undo", Some(0.05)).await;
    let (task, order) = (call(1, ETAX, 1), order(Kind::DeductionSelect, &[SAMPLE]));
    assert_eq!(said(&town.run(&task, &order).await), "succeeded succeeded");
    soon(|| async {
        let used = town.etax.read_use(&task, &order, &[key(SAMPLE)]).await;
        (said(&used) == "succeeded refused").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_table_generated_behind_our_back_refuses_the_selection() {
    let town = struck("statistic_generated_behind", None).await;
    let (task, order) = (call(1, ETAX, 1), order(Kind::DeductionSelect, &[SAMPLE]));
    let answer = town.run(&task, &order).await;
    let Answer::Refused { code, outcome, .. } = answer else { panic!("{answer:?}") };
    assert_eq!((code.as_str(), outcome.statistic), ("05", Some(StatisticState::Generated)));
}

#[tokio::test]
async fn a_storm_of_06_asks_for_the_uses() {
    let town = struck("already_selected_storm", None).await;
    let order = order(Kind::DeductionSelect, &[SAMPLE, "24440000000000000002"]);
    let answer = town.run(&call(1, ETAX, 1), &order).await;
    assert_eq!(said(&answer), "succeeded unknown unknown read_use");
}

#[tokio::test]
async fn the_same_seed_gives_the_same_faults_whatever_the_order() {
    let chances = json!({"lost_answer": {"probability": 0.5}});
    let mut runs = Vec::new();
    for backwards in [false, true] {
        let town = Town::with_faults(chances.clone()).await;
        assert_eq!(said(&town.etax.switch(&call(1, ETAX, 1)).await), "succeeded");
        let mut tasks: Vec<u128> = (1..40).collect();
        if backwards {
            tasks.reverse();
        }
        let mut answers = Vec::new();
        for n in tasks {
            let order = order(Kind::TaxFiling, &[]);
            answers.push((n, town.etax.submit(&call(n, ETAX, 1), &order).await));
        }
        answers.sort_by_key(|(n, _)| *n);
        runs.push(answers);
    }
    assert_eq!(runs[0], runs[1]);
    let lost = runs[0].iter().filter(|(_, answer)| said(answer) == "unclear").count();
    assert!((5..35).contains(&lost), "{lost} of 39 lost");
}
