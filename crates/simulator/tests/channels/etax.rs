use crate::town::{ETAX, OTHER, SAMPLE, Town, call, key, now, order, said};
use domain::{
    answer::{Answer, ReadBackAnswer, ThrottleScope},
    invoice::InvoiceKey,
    kind::Kind,
    statistic::StatisticState,
    task::Act,
};
use fleet::ports::channel::Channel;
use serde_json::json;

#[tokio::test]
async fn the_sample_invoice_is_selected_from_login_to_outcome() {
    let town = Town::plain().await;
    let call = call(1, ETAX, 1);
    let order = order(Kind::NonDeductionSelect, &[SAMPLE]);
    assert_eq!(said(&town.etax.log_in(&call).await), "succeeded");
    assert_eq!(town.etax.current_tax_number(&call).await, Ok(None));
    assert_eq!(said(&town.etax.switch(&call).await), "succeeded");
    assert_eq!(town.etax.current_tax_number(&call).await, Ok(Some(call.tax_no.clone())));
    let facts = town.etax.period(&call).await.expect("the period");
    assert_eq!((facts.period.number(), facts.statistic), (202_511, StatisticState::NotGenerated));
    assert_eq!(said(&town.run(&call, &order).await), "succeeded succeeded");
    let used = town.etax.read_use(&call, &order, &[key(SAMPLE)]).await;
    assert_eq!(said(&used), "succeeded succeeded");
    let found = town.etax.read_back(&call, &order).await;
    assert!(matches!(found, ReadBackAnswer::Found(_)), "{found:?}");
}

#[tokio::test]
async fn an_invoice_that_is_selected_already_has_its_use_read() {
    let town = Town::plain().await;
    let first = order(Kind::NonDeductionSelect, &[SAMPLE]);
    town.run(&call(1, ETAX, 1), &first).await;
    let second = order(Kind::DeductionSelect, &[SAMPLE, "24440000000000000002"]);
    let task = call(2, ETAX, 2);
    assert_eq!(said(&town.run(&task, &second).await), "succeeded unknown succeeded read_use");
    let used = town.etax.read_use(&task, &second, &[key(SAMPLE)]).await;
    assert_eq!(said(&used), "succeeded refused", "it stands for another use");
}

#[tokio::test]
async fn deselecting_what_is_not_selected_succeeds() {
    let town = Town::plain().await;
    let order = order(Kind::DeductionDeselect, &[SAMPLE]);
    assert_eq!(said(&town.run(&call(1, ETAX, 1), &order).await), "succeeded succeeded");
}

#[tokio::test]
async fn every_result_of_an_invoice_is_read() {
    let town = Town::plain().await;
    let table = [
        ("02", "refused 02 refused"),
        ("03", "refused 03 refused"),
        ("04", "refused 04 refused"),
        ("05", "refused 05 refused"),
        ("06", "succeeded unknown read_use"),
        ("07", "refused 07 refused"),
        ("11", "refused 11 refused"),
        ("12", "refused 12 refused"),
        ("13", "refused 13 refused"),
        ("31", "refused 31 refused"),
        ("32", "refused 32 refused"),
        ("33", "refused 33 refused"),
        ("34", "refused 34 refused"),
        ("99", "refused 99 failed"),
        ("01", "succeeded succeeded"),
    ];
    for (n, (cljg, reading)) in (1..).zip(table) {
        town.control(json!({"invoice": {"invoice_no": SAMPLE, "cljg": cljg}}));
        let order = order(Kind::DeductionSelect, &[SAMPLE]);
        assert_eq!(said(&town.run(&call(n, ETAX, 1), &order).await), reading, "{cljg}");
    }
}

#[tokio::test]
async fn the_table_is_made_confirmed_and_undone() {
    let town = Town::plain().await;
    let select = order(Kind::DeductionSelect, &[SAMPLE]);
    let create = order(Kind::StatisticCreate, &[]);
    let confirm = order(Kind::StatisticConfirm, &[]);
    let withdraw = order(Kind::StatisticWithdraw, &[]);
    assert_eq!(said(&town.run(&call(1, ETAX, 1), &confirm).await), "refused 07");
    assert_eq!(said(&town.run(&call(2, ETAX, 1), &create).await), "succeeded");
    let Answer::Refused { code, outcome, .. } = town.run(&call(3, ETAX, 1), &select).await else {
        panic!("a generated table locks selection");
    };
    assert_eq!((code.as_str(), outcome.statistic), ("05", Some(StatisticState::Generated)));
    let early = town.run(&call(4, ETAX, 1), &confirm).await;
    let Answer::Refused { code, sentence, .. } = early else { panic!("{early:?}") };
    assert_eq!((code.as_str(), sentence.contains("2025-12-01")), ("222", true), "{sentence}");
    town.control(json!({"now": "2025-12-01T00:00:00+08:00"}));
    town.control(json!({"login": {"bureau": "440300", "account": "13800000001"}}));
    assert_eq!(said(&town.run(&call(5, ETAX, 1), &confirm).await), "succeeded");
    assert_eq!(said(&town.run(&call(6, ETAX, 1), &confirm).await), "refused 08");
    assert_eq!(said(&town.run(&call(7, ETAX, 1), &withdraw).await), "refused 10");
    let mut first = call(8, ETAX, 1);
    first.act = Act::WithdrawConfirmation;
    assert_eq!(said(&town.run(&first, &withdraw).await), "succeeded");
    assert_eq!(said(&town.run(&call(8, ETAX, 1), &withdraw).await), "succeeded");
    let facts = town.etax.period(&call(9, ETAX, 1)).await.expect("the period");
    assert_eq!(facts.statistic, StatisticState::NotGenerated);
}

#[tokio::test]
async fn what_only_reads_and_what_is_none_of_ours_is_done() {
    let town = Town::plain().await;
    let kinds = [
        (Kind::InvoiceDownload, "succeeded succeeded"),
        (Kind::InvoiceUseQuery, "succeeded succeeded"),
        (Kind::LayoutDownload, "succeeded succeeded"),
        (Kind::StatisticQuery, "succeeded succeeded"),
        (Kind::PeriodQuery, "succeeded succeeded"),
        (Kind::TaxFiling, "succeeded succeeded"),
        (Kind::InvoiceIssuing, "succeeded succeeded"),
        (Kind::PassengerTransport, "succeeded succeeded"),
    ];
    for (n, (kind, reading)) in (1..).zip(kinds) {
        let order = order(kind, &[SAMPLE]);
        assert_eq!(said(&town.run(&call(n, ETAX, 1), &order).await), reading, "{kind}");
    }
    let mut change = order(Kind::PeriodChange, &[]);
    change.parameters.insert("tax_period".into(), "202512".into());
    let Answer::Succeeded(outcome) = town.run(&call(99, ETAX, 1), &change).await else {
        panic!("the period can be changed");
    };
    assert_eq!(outcome.period.map(|period| period.number()), Some(202_512));
}

#[tokio::test]
async fn a_person_must_log_in_where_a_code_is_needed() {
    let town = Town::plain().await;
    let mut call = call(1, ETAX, 1);
    call.lane.account = "13800000002".parse().expect("an account");
    assert_eq!(said(&town.etax.log_in(&call).await), "needs a person");
    town.control(json!({"login": {"bureau": "440300", "account": "13800000002"}}));
    assert_eq!(said(&town.etax.switch(&call).await), "succeeded");
    town.control(json!({"logout": {"bureau": "440300", "account": "13800000002"}}));
    let gone = town.etax.period(&call).await.expect_err("logged out");
    assert_eq!(said(&gone), "needs a person");
}

#[tokio::test]
async fn a_session_ends_by_itself() {
    let town = Town::plain().await;
    let call = call(1, ETAX, 1);
    town.control(json!({"now": "2025-11-20T20:59:00+08:00"}));
    assert_eq!(said(&town.etax.switch(&call).await), "succeeded");
    town.control(json!({"now": "2025-11-20T21:01:00+08:00"}));
    assert_eq!(said(&town.etax.switch(&call).await), "logged out");
    assert_eq!(said(&town.etax.log_in(&call).await), "succeeded");
    assert_eq!(town.etax.current_tax_number(&call).await, Ok(Some(call.tax_no.clone())));
}

#[tokio::test]
async fn the_sixth_switch_in_an_hour_throws_the_account_out() {
    let town = Town::plain().await;
    for n in 0..5 {
        let tax_no = [ETAX, OTHER][n % 2];
        assert_eq!(said(&town.etax.switch(&call(1, tax_no, 1)).await), "succeeded", "{n}");
        assert_eq!(said(&town.etax.switch(&call(1, tax_no, 1)).await), "succeeded", "no move");
    }
    let Answer::Throttled { scope, until, .. } = town.etax.switch(&call(1, OTHER, 1)).await else {
        panic!("beyond the limit");
    };
    assert_eq!(scope, ThrottleScope::Lane);
    assert_eq!(until, now() + chrono::TimeDelta::hours(1));
    let gone = town.etax.current_tax_number(&call(1, OTHER, 1)).await.expect_err("thrown out");
    assert_eq!(said(&gone), "logged out");
    let counts = town.bureau.referee();
    assert_eq!((counts.switches, counts.switch_limit_hits), (5, 1));
}

#[tokio::test]
async fn a_raised_fence_keeps_older_holders_out() {
    let town = Town::plain().await;
    let (old, new) = (call(1, ETAX, 5), call(1, ETAX, 6));
    let order = order(Kind::DeductionSelect, &[SAMPLE]);
    assert_eq!(said(&town.etax.switch(&old).await), "succeeded");
    assert_eq!(town.etax.read_back(&new, &order).await, ReadBackAnswer::Absent);
    assert_eq!(said(&town.etax.submit(&old, &order).await), "stale");
    assert_eq!(said(&town.etax.switch(&old).await), "stale");
    let back = town.etax.read_back(&old, &order).await;
    assert_eq!(back, ReadBackAnswer::NotRead(Box::new(Answer::Stale)));
    assert_eq!(said(&town.etax.submit(&new, &order).await), "accepted");
    assert_eq!(town.bureau.referee().stale_fences_refused, 3);
}

#[tokio::test]
async fn a_robot_works_only_on_the_number_it_is_on() {
    let town = Town::plain().await;
    let order = order(Kind::DeductionSelect, &[SAMPLE]);
    assert_eq!(said(&town.etax.switch(&call(1, OTHER, 1)).await), "succeeded");
    assert_eq!(said(&town.etax.submit(&call(1, ETAX, 1), &order).await), "faltered");
    let strange = call(1, "91440300MA5N0B0DY1", 1);
    assert_eq!(said(&town.etax.switch(&strange).await), "refused 04");
    let unknown = [InvoiceKey { code: String::new(), number: "1".into() }];
    let used = town.etax.read_use(&call(1, OTHER, 1), &order, &unknown).await;
    assert_eq!(said(&used), "succeeded refused");
}

#[tokio::test]
async fn what_the_pages_do_not_show_nobody_can_tell() {
    let town = Town::plain().await;
    let filing = order(Kind::TaxFiling, &[]);
    let task = call(1, ETAX, 1);
    assert_eq!(town.etax.read_back(&task, &filing).await, ReadBackAnswer::Absent);
    town.run(&task, &filing).await;
    let told = town.etax.read_back(&task, &filing).await;
    assert!(matches!(told, ReadBackAnswer::CannotTell { .. }), "{told:?}");
}
