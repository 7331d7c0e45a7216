use crate::town::{LEQI, Town, call, key, order, said, soon};
use domain::{
    answer::{Answer, ReadBackAnswer},
    kind::Kind,
    statistic::StatisticState,
    task::Act,
};
use fleet::ports::channel::Channel;
use serde_json::json;

const FIRST: &str = "24440000000000000011";
const SECOND: &str = "24440000000000000012";

#[tokio::test]
async fn an_upload_is_taken_and_read_back() {
    let town = Town::plain().await;
    let task = call(1, LEQI, 1);
    let order = order(Kind::NonDeductionSelect, &[FIRST, SECOND]);
    assert_eq!(said(&town.leqi.log_in(&task).await), "succeeded");
    assert_eq!(town.leqi.current_tax_number(&task).await, Ok(Some(task.tax_no.clone())));
    assert_eq!(town.leqi.read_back(&task, &order).await, ReadBackAnswer::Absent);
    assert_eq!(said(&town.run(&task, &order).await), "succeeded succeeded succeeded");
    let found = town.leqi.read_back(&task, &order).await;
    assert!(matches!(found, ReadBackAnswer::Found(_)), "{found:?}");
    let used = town.leqi.read_use(&task, &order, &[key(SECOND), key("1")]).await;
    assert_eq!(said(&used), "succeeded succeeded refused");
    assert_eq!(town.bureau.referee().purpose_queries, 6);
}

#[tokio::test]
async fn every_purpose_of_an_upload_works() {
    let town = Town::plain().await;
    let steps = [
        (Kind::DeductionSelect, "succeeded succeeded"),
        (Kind::NonDeductionSelect, "succeeded unknown read_use"),
        (Kind::DeductionDeselect, "succeeded succeeded"),
        (Kind::NonDeductionSelect, "succeeded succeeded"),
        (Kind::NonDeductionDeselect, "succeeded succeeded"),
    ];
    for (n, (kind, reading)) in (1..).zip(steps) {
        let order = order(kind, &[FIRST]);
        assert_eq!(said(&town.run(&call(n, LEQI, 1), &order).await), reading, "{kind}");
    }
}

#[tokio::test]
async fn the_table_is_made_confirmed_and_undone() {
    let town = Town::plain().await;
    let select = order(Kind::DeductionSelect, &[FIRST]);
    let create = order(Kind::StatisticCreate, &[]);
    let confirm = order(Kind::StatisticConfirm, &[]);
    let withdraw = order(Kind::StatisticWithdraw, &[]);
    let back = |order, act| {
        let mut task = call(70, LEQI, 1);
        task.act = act;
        let town = &town;
        async move { matches!(town.leqi.read_back(&task, order).await, ReadBackAnswer::Found(_)) }
    };
    assert_eq!(said(&town.run(&call(1, LEQI, 1), &confirm).await), "refused 07");
    assert!(!back(&create, Act::Submit).await);
    assert_eq!(said(&town.run(&call(2, LEQI, 1), &create).await), "succeeded");
    assert!(back(&create, Act::Submit).await);
    assert_eq!(said(&town.run(&call(3, LEQI, 1), &select).await), "refused 05 refused");
    let early = town.run(&call(4, LEQI, 1), &confirm).await;
    let Answer::Refused { code, sentence, .. } = early else { panic!("{early:?}") };
    assert_eq!((code.as_str(), sentence.contains("2025-12-01")), ("09", true), "{sentence}");
    town.control(json!({"now": "2025-12-01T00:00:00+08:00"}));
    assert!(!back(&confirm, Act::Submit).await);
    assert_eq!(said(&town.run(&call(5, LEQI, 1), &confirm).await), "succeeded");
    assert!(back(&confirm, Act::Submit).await);
    assert_eq!(said(&town.run(&call(6, LEQI, 1), &withdraw).await), "refused 10");
    let mut first = call(7, LEQI, 1);
    first.act = Act::WithdrawConfirmation;
    assert!(!back(&withdraw, Act::WithdrawConfirmation).await);
    assert_eq!(said(&town.run(&first, &withdraw).await), "succeeded");
    assert!(back(&withdraw, Act::WithdrawConfirmation).await);
    assert_eq!(said(&town.run(&call(8, LEQI, 1), &withdraw).await), "succeeded");
    let facts = town.leqi.period(&call(9, LEQI, 1)).await.expect("the period");
    assert_eq!((facts.period.number(), facts.statistic), (202_511, StatisticState::NotGenerated));
}

#[tokio::test]
async fn the_period_changes_at_once() {
    let town = Town::plain().await;
    let mut change = order(Kind::PeriodChange, &[]);
    change.parameters.insert("tax_period".into(), "202512".into());
    assert_eq!(town.leqi.read_back(&call(1, LEQI, 1), &change).await, ReadBackAnswer::Absent);
    let answer = town.leqi.submit(&call(1, LEQI, 1), &change).await;
    let Answer::Succeeded(outcome) = answer else { panic!("{answer:?}") };
    assert_eq!(outcome.period.map(|period| period.number()), Some(202_512));
    let found = town.leqi.read_back(&call(1, LEQI, 1), &change).await;
    assert!(matches!(found, ReadBackAnswer::Found(_)), "{found:?}");
}

#[tokio::test]
async fn reading_kinds_are_answered() {
    let town = Town::plain().await;
    for (kind, reading) in [
        (Kind::StatisticQuery, "succeeded"),
        (Kind::PeriodQuery, "succeeded"),
        (Kind::InvoiceDownload, "succeeded"),
    ] {
        assert_eq!(said(&town.run(&call(1, LEQI, 1), &order(kind, &[])).await), reading, "{kind}");
    }
    let uses = order(Kind::InvoiceUseQuery, &[FIRST, SECOND]);
    let task = call(1, LEQI, 1);
    assert_eq!(said(&town.run(&task, &uses).await), "succeeded unknown unknown read_use");
    let read = town.leqi.read_use(&task, &uses, &[key(FIRST), key(SECOND)]).await;
    assert_eq!(said(&read), "succeeded succeeded succeeded");
}

#[tokio::test]
async fn what_is_not_offered_is_refused_without_a_request() {
    let town = Town::plain().await;
    for kind in [Kind::TaxFiling, Kind::RebateSelect, Kind::PassengerTransport] {
        let answer = town.leqi.submit(&call(1, LEQI, 1), &order(kind, &[FIRST])).await;
        assert_eq!(said(&answer), "refused not_offered", "{kind}");
    }
    let mut undated = order(Kind::DeductionSelect, &[FIRST]);
    undated.invoices[0].date = None;
    let answer = town.leqi.submit(&call(1, LEQI, 1), &undated).await;
    assert_eq!(said(&answer), "refused incomplete");
    let told = town.leqi.read_back(&call(1, LEQI, 1), &order(Kind::TaxFiling, &[])).await;
    assert!(matches!(told, ReadBackAnswer::CannotTell { .. }), "{told:?}");
    assert_eq!(town.bureau.referee().requests, 0);
}

#[tokio::test]
async fn a_lost_upload_is_absent_until_it_lands() {
    let faults = json!({"late_effect": {"at": [1], "seconds": 0.2}});
    let town = Town::with_faults(faults).await;
    let (task, order) = (call(1, LEQI, 1), order(Kind::DeductionSelect, &[FIRST]));
    assert_eq!(said(&town.leqi.submit(&task, &order).await), "unclear");
    let found = |answer: &ReadBackAnswer| matches!(answer, ReadBackAnswer::Found(_));
    town.read_back_until(&task, &order, found).await;
}

#[tokio::test]
async fn a_late_arrival_is_not_kept_out_by_a_fence() {
    let faults = json!({"late_arrival": {"at": [1], "seconds": 0.1}});
    let town = Town::with_faults(faults).await;
    let order = order(Kind::DeductionSelect, &[FIRST]);
    assert_eq!(said(&town.leqi.submit(&call(1, LEQI, 1), &order).await), "unclear");
    assert_eq!(said(&town.run(&call(1, LEQI, 2), &order).await), "succeeded succeeded");
    soon(|| async { (town.bureau.referee().submissions == 2).then_some(()) }).await;
    let doubled = || async { (town.bureau.referee().duplicate_submissions == 1).then_some(()) };
    soon(doubled).await;
}

#[tokio::test]
async fn protection_and_gateways_speak_here_too() {
    for (fault, submitting, reading) in [
        ("gateway_timeout", "unclear", "faltered"),
        ("reset", "unclear", "faltered"),
        ("throttle", "throttled TaxNumber", "throttled TaxNumber"),
    ] {
        let town = Town::with_faults(json!({fault: {"probability": 1.0}})).await;
        let order = order(Kind::DeductionSelect, &[FIRST]);
        let answer = town.leqi.submit(&call(1, LEQI, 1), &order).await;
        assert_eq!(said(&answer), submitting, "{fault}");
        let answer = town.leqi.period(&call(1, LEQI, 1)).await.expect_err(fault);
        assert_eq!(said(&answer), reading, "{fault}");
        assert_eq!(town.bureau.referee().submissions, 0, "{fault}");
    }
}
