//! Operations on statistic tables: their acts, one after the other, and every answer.

use crate::{
    stage::{Stage, Task},
    town::Town,
};
use chrono::{Datelike, NaiveDate, Utc};
use domain::bureau::LaneKey;
use serde_json::{Value, json};

#[expect(clippy::disallowed_methods, reason = "the simulated bureau's calendar begins with today")]
fn now() -> domain::Moment {
    Utc::now()
}

/// The first day after this month, in Asia/Shanghai as the bureau tells it.
fn next_month() -> NaiveDate {
    let today = domain::period::date_in_shanghai(now());
    let first = today.with_day(1).expect("every month has a first day");
    (first + chrono::Days::new(31)).with_day(1).expect("every month has a first day")
}

pub(crate) fn this_period() -> String {
    domain::period::TaxPeriod::containing(now()).to_string()
}

/// It is the morning of the 2nd of the next month at the bureau.
pub(crate) fn turn_the_month(stage: &Stage) {
    let second = next_month() + chrono::Days::new(1);
    stage.bureau.control(&json!({"now": format!("{second}T09:00:00+08:00")})).expect("it follows");
}

/// One tax number with its account, and a table in this state.
fn with_table(town: &mut Town, state: &str) -> (String, LaneKey) {
    let tax_no = town.taxpayer("etax");
    let lane = town.account(&[&tax_no]);
    town.statistic(&tax_no, state);
    (tax_no, lane)
}

/// Publishes one task and waits for its end.
pub(crate) async fn done(stage: &Stage, task: &Task) -> (String, String) {
    stage.publish(std::slice::from_ref(task)).await;
    let ended = format!("finished_at IS NOT NULL FROM task_log WHERE task_id = '{}'", task.id);
    stage
        .until(
            "the task is logged",
            &format!("count(*) = 1 FROM task_log WHERE task_id = '{}'", task.id),
        )
        .await;
    stage.until("the task ends", &ended).await;
    let row = stage.row(task).await;
    (row.state, row.reason)
}

/// The acts of a task that left evidence, in the order in which they began.
async fn acts(stage: &Stage, task: &Task) -> Vec<String> {
    let acts = format!(
        "SELECT act FROM submission WHERE task_id = '{}' GROUP BY act ORDER BY min(id)",
        task.id
    );
    stage.database.rows(&acts).await.expect("evidence").concat()
}

pub(crate) async fn table(stage: &Stage, tax_no: &str) -> String {
    let of = format!(
        "SELECT s.state FROM statistic_table s JOIN taxpayer p ON p.id = s.tax_id \
         WHERE p.tax_no = '{tax_no}'"
    );
    stage.value(&of).await
}

#[tokio::test]
async fn a_confirmed_table_is_withdrawn_by_withdrawing_its_confirmation_first() {
    let mut town = Town::new();
    let (tax_no, lane) = with_table(&mut town, "confirmed");
    let direct = town.taxpayer("leqi");
    town.statistic(&direct, "confirmed");
    let stage = Stage::open(&town).await;
    let _worker = stage.worker(&[]);
    let etax = Task::new("statistic_withdraw", &tax_no, &[]).to(&lane);
    let leqi = Task::new("statistic_withdraw", &direct, &[]);
    for (task, tax_no) in [(&etax, &tax_no), (&leqi, &direct)] {
        assert_eq!(done(&stage, task).await, ("done".to_owned(), String::new()));
        assert_eq!(
            acts(&stage, task).await,
            ["submit", "withdraw_confirmation", "submit_again"],
            "each with evidence of its own"
        );
        assert_eq!(table(&stage, tax_no).await, "not_generated");
    }
    assert_eq!(stage.bureau.referee().duplicate_submissions, 0);
}

#[tokio::test]
async fn a_table_that_no_longer_matches_is_withdrawn_made_again_and_confirmed() {
    let mut town = Town::new();
    let (tax_no, lane) = with_table(&mut town, "generated");
    let stage = Stage::open(&town).await;
    turn_the_month(&stage);
    let outdated = json!({"tax_no": tax_no, "tax_period": this_period(), "state": "generated",
        "outdated": true});
    stage.bureau.control(&json!({"statistic": outdated})).expect("the bureau follows");
    let _worker = stage.worker(&[]);
    let confirm = Task::new("statistic_confirm", &tax_no, &[]).to(&lane);
    assert_eq!(done(&stage, &confirm).await, ("done".to_owned(), String::new()));
    let expected = ["submit", "withdraw_table", "recreate_table", "submit_again"];
    assert_eq!(acts(&stage, &confirm).await, expected);
    assert_eq!(table(&stage, &tax_no).await, "confirmed");
    let again = Task::new("statistic_confirm", &tax_no, &[]).to(&lane);
    let (state, reason) = done(&stage, &again).await;
    assert_eq!((state.as_str(), reason.as_str()), ("refused", "统计表已确认，不能重复确认。"));
    let withdraw = Task::new("statistic_withdraw", &tax_no, &[]).to(&lane);
    assert_eq!(done(&stage, &withdraw).await, ("done".to_owned(), String::new()));
    let expected = ["submit", "withdraw_confirmation", "submit_again"];
    assert_eq!(acts(&stage, &withdraw).await, expected);
    assert_eq!(table(&stage, &tax_no).await, "not_generated");
}

#[tokio::test]
async fn a_confirmation_that_comes_too_early_names_the_first_day() {
    let mut town = Town::new();
    let (tax_no, lane) = with_table(&mut town, "generated");
    let direct = town.taxpayer("leqi");
    town.statistic(&direct, "generated");
    let (bare, bare_lane) = with_table(&mut town, "not_generated");
    let stage = Stage::open(&town).await;
    let _worker = stage.worker(&[]);
    let first = next_month();
    let confirm = |tax_no: &str| Task::new("statistic_confirm", tax_no, &[]);
    let told = done(&stage, &confirm(&tax_no).to(&lane)).await;
    let early = format!("未到统计表确认日期，{first} 起可以办理。");
    assert_eq!(told, ("refused".to_owned(), early), "222");
    let told = done(&stage, &confirm(&direct)).await;
    let early = format!("税款所属期为当月，不能确认统计表，{first} 起可以办理。");
    assert_eq!(told, ("refused".to_owned(), early), "09");
    let told = done(&stage, &confirm(&bare).to(&bare_lane)).await;
    assert_eq!(told, ("refused".to_owned(), "尚未生成统计表，不能确认。".to_owned()), "07");
}

#[tokio::test]
async fn a_red_locked_invoice_must_be_dropped_first() {
    let mut town = Town::new();
    let tax_no = town.taxpayer("etax");
    let lane = town.account(&[&tax_no]);
    let invoice = town.invoice(&tax_no);
    let stage = Stage::open(&town).await;
    let _worker = stage.worker(&[]);
    for task in [
        Task::new("deduction_select", &tax_no, &[&invoice]).to(&lane),
        Task::new("statistic_create", &tax_no, &[]).to(&lane),
    ] {
        assert_eq!(done(&stage, &task).await, ("done".to_owned(), String::new()));
    }
    turn_the_month(&stage);
    let reversed = json!({"invoice": {"invoice_no": invoice["invoice_no"], "status": "reversed"}});
    stage.bureau.control(&reversed).expect("the bureau follows");
    let confirm = Task::new("statistic_confirm", &tax_no, &[]).to(&lane);
    let told = done(&stage, &confirm).await;
    let sentence = "存在被红字锁定的已勾选发票，请先撤销勾选该发票。";
    assert_eq!(told, ("refused".to_owned(), sentence.to_owned()));
    assert_eq!(table(&stage, &tax_no).await, "generated");
}

/// The worker dies while the bureau withdraws the confirmation: the next one asks with that act's
/// receipt, and only then withdraws the table.
#[tokio::test]
async fn a_worker_killed_between_two_acts_is_followed_at_the_first_without_an_outcome() {
    let mut town = Town::new();
    let (tax_no, lane) = with_table(&mut town, "confirmed");
    town.outcomes_take(1500, 1500);
    let stage = Stage::open(&town).await;
    let mut first = stage.worker(&["lease_s=3"]);
    let task = Task::new("statistic_withdraw", &tax_no, &[]).to(&lane);
    stage.publish(std::slice::from_ref(&task)).await;
    let begun = "count(*) = 1 FROM submission \
                 WHERE act = 'withdraw_confirmation' AND proof = 'receipt'";
    stage.until("the second act has begun", begun).await;
    first.kill().await;
    assert_eq!(stage.row(&task).await.state, "awaiting");
    let _second = stage.worker(&["lease_s=3"]);
    stage.until_all_ended(1).await;
    assert_eq!(stage.row(&task).await.state, "done");
    let referee = stage.bureau.referee();
    assert_eq!((referee.submissions, referee.duplicate_submissions), (3, 0), "{referee:?}");
    let fences = format!(
        "SELECT act, count(DISTINCT fence) FROM submission \
         WHERE task_id = '{}' AND proof IN ('receipt', 'sending') GROUP BY act ORDER BY act",
        task.id
    );
    let fences = stage.database.rows(&fences).await.expect("evidence");
    let once = |act: &str| vec![act.to_owned(), "1".to_owned()];
    let each = ["submit", "submit_again", "withdraw_confirmation"].map(once);
    assert_eq!(fences, each, "each act was submitted by one holder");
    assert_eq!(table(&stage, &tax_no).await, "not_generated");
}

/// What the API says of the only period of a tax number.
async fn shown(tax_no: &str, address: &str) -> Value {
    let said =
        crate::process::succeed(&["statistic", "show", tax_no, "--json", "--listen", address])
            .await;
    serde_json::from_str(said.lines().next().expect("one period")).expect("JSON")
}

#[tokio::test]
async fn a_silent_undo_shows_as_a_difference_from_the_figures_of_the_bureau() {
    let mut town = Town::new();
    let tax_no = town.taxpayer("etax");
    let lane = town.account(&[&tax_no]);
    let invoices = [town.invoice(&tax_no), town.invoice(&tax_no)];
    let stage = Stage::open(&town).await;
    let (_worker, address) = stage.console(&[]).await;
    let select = Task::new("deduction_select", &tax_no, &[&invoices[0], &invoices[1]]).to(&lane);
    let create = Task::new("statistic_create", &tax_no, &[]).to(&lane);
    for task in [&select, &create] {
        assert_eq!(done(&stage, task).await, ("done".to_owned(), String::new()));
    }
    let equal = shown(&tax_no, &address).await;
    let both = json!([{"invoice_type": "27",
        "deducted": {"count": 2, "amount": "200.00", "tax": "26.00"},
        "not_deducted": {"count": 0, "amount": "0.00", "tax": "0.00"}}]);
    assert_eq!((&equal["state"], &equal["period"]), (&json!("generated"), &json!(this_period())));
    assert_eq!((&equal["figures"], &equal["ours"]), (&both, &both));
    assert_eq!(equal["differences"], json!([]));

    let undone = json!({"invoice": {"invoice_no": invoices[0]["invoice_no"], "undo": true}});
    stage.bureau.control(&undone).expect("the bureau follows");
    let query = Task::new("statistic_query", &tax_no, &[]).to(&lane);
    assert_eq!(done(&stage, &query).await, ("done".to_owned(), String::new()));
    let differs = shown(&tax_no, &address).await;
    let less = json!([{"invoice_type": "27",
        "deducted": {"count": -1, "amount": "-100.00", "tax": "-13.00"},
        "not_deducted": {"count": 0, "amount": "0.00", "tax": "0.00"}}]);
    assert_eq!(differs["differences"], less, "{differs}");
    assert_eq!(differs["ours"], both, "our pool still believes in it");

    let withdraw = Task::new("statistic_withdraw", &tax_no, &[]).to(&lane);
    assert_eq!(done(&stage, &withdraw).await, ("done".to_owned(), String::new()));
    assert_eq!(acts(&stage, &withdraw).await, ["submit"], "a table that nobody confirmed");
    assert_eq!(shown(&tax_no, &address).await["state"], "not_generated");
}
