//! Accounts that only a person can log in.

use crate::{
    stage::{Message, Stage, Task},
    town::Town,
};
use chrono::{DateTime, Utc};
use domain::{ids::TaskId, schedule::Hindrance};
use fleet::ports::archive::Archive;
use serde_json::json;
use store::postgres::{PoolSettings, PostgresStore};

#[tokio::test]
async fn one_login_brings_back_every_tax_number_of_the_account_in_order() {
    let mut town = Town::new();
    let tax_numbers = [town.taxpayer("etax"), town.taxpayer("etax"), town.taxpayer("etax")];
    let served: Vec<&str> = tax_numbers.iter().map(String::as_str).collect();
    let lane = town.manual_account(&served);
    let mut tasks = Vec::new();
    for tax_no in &served {
        let invoice = town.invoice(tax_no);
        tasks.push(Task::new("layout_download", tax_no, &[]).to(&lane));
        tasks.push(Task::new("invoice_download", tax_no, &[]).to(&lane));
        tasks.push(Task::new("deduction_select", tax_no, &[&invoice]).to(&lane));
        tasks.push(Task::new("invoice_download", tax_no, &[]).to(&lane));
    }
    let stage = Stage::open(&town).await;
    let _worker = stage.worker(&[]);
    stage.publish(&tasks).await;
    let all = format!("count(*) = {} FROM task_log", tasks.len());
    stage.until("all is logged", &all).await;
    stage.until("the lane is served", "bool_and(owner IS NOT NULL) FROM lane").await;

    they_wait_and_say_so(&stage, &tasks).await;
    let orders = json!({"login": {"bureau": "440300", "account": lane.account.to_string()}});
    stage.bureau.control(&orders).expect("a person logs in");
    tell_that_it_is_on_line(&stage, &lane.account.to_string()).await;
    stage.until_all_ended(tasks.len()).await;

    let states = stage.value("SELECT string_agg(DISTINCT state, ',') FROM task_log").await;
    assert_eq!(states, "done");
    // The higher class first, and inside a class as published.
    for own in tasks.chunks(4) {
        let expected = [&own[2], &own[1], &own[3], &own[0]].map(|task| task.id.to_string());
        let tax_no = own[0].body["tax_no"].as_str().expect("a tax number");
        let started =
            format!("SELECT task_id FROM task_log WHERE tax_no = '{tax_no}' ORDER BY started_at");
        let started = stage.database.rows(&started).await.expect("the log can be read");
        assert_eq!(started.concat(), expected);
    }
    assert_eq!(stage.bureau.referee().logins, 0, "no robot logged in");
}

/// Every one says that somebody must log in, and nothing is held meanwhile.
async fn they_wait_and_say_so(stage: &Stage, tasks: &[Task]) {
    let store = PostgresStore::connect(stage.database.url(), PoolSettings::default()).await;
    let store = store.expect("the store opens");
    for task in tasks {
        let why = store.why(TaskId(task.id)).await.expect("the store answers");
        let why = why.expect("it waits for something");
        assert!(matches!(why, Hindrance::Offline { .. }), "{why:?}");
        assert!(why.sentence().contains("等待人工登录"), "{}", why.sentence());
    }
    for (what, none) in [
        ("keys", "SELECT count(*) FROM running"),
        ("starts", "SELECT count(*) FROM task_log WHERE started_at IS NOT NULL"),
    ] {
        assert_eq!(stage.value(none).await, "0", "{what}");
    }
    assert_eq!(stage.bureau.referee().requests, 0, "the bureau is left alone");
}

/// As a robot or another system does.
async fn tell_that_it_is_on_line(stage: &Stage, account: &str) {
    let now = stage.value("SELECT extract(epoch FROM clock_timestamp())::bigint").await;
    let now = DateTime::<Utc>::from_timestamp(now.parse().expect("seconds"), 0).expect("a moment");
    let event = json!({
        "specversion": "1.0",
        "id": "1",
        "source": "/robots",
        "type": "gouxuan.account.online",
        "time": now.to_rfc3339(),
        "data": {"bureau": "440300", "account": account},
    });
    stage.send("gouxuan.accounts", "", &Message::text(event.to_string())).await;
}
