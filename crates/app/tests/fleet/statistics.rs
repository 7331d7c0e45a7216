//! The state of statistic tables: in the cache, and asked of the bureau.

use crate::{
    stage::{Stage, Task},
    town::Town,
};
use serde_json::{Value, json};

const GENERATED: &str =
    "当前税款所属期统计表已生成，请撤销统计再勾选，或使用【当期抵扣勾选统计】查询更新统计。";

#[tokio::test]
async fn a_generated_table_in_the_cache_refuses_at_once_and_the_bureau_is_not_asked() {
    let mut town = Town::new();
    let tax_no = town.taxpayer("etax");
    let lane = town.account(&[&tax_no]);
    let invoice = town.invoice(&tax_no);
    let stage = Stage::open(&town).await;
    let kept = "{\"state\":\"generated\",\"asked_at\":\"2025-11-20T08:00:00Z\"}";
    let key = format!("gouxuan:statistics:{tax_no}:202511");
    stage.redis.ask(&format!("SET {key} '{kept}' EX 1800")).await.expect("Redis answers");
    let task =
        Task::new("deduction_select", &tax_no, &[&invoice]).to(&lane).with("tax_period", "202511");
    let _worker = stage.worker(&[]);
    stage.publish(std::slice::from_ref(&task)).await;
    stage.until_all_ended(1).await;

    let row = stage.row(&task).await;
    assert_eq!((row.state.as_str(), row.reason.as_str()), ("refused", GENERATED));
    let referee = stage.bureau.referee();
    assert_eq!((referee.statistic_queries, referee.submissions), (0, 0), "{referee:?}");
}

/// Rule 2.6 reads the cache, which an import does not fill: the bureau is asked by rules 5 to 7.
#[tokio::test]
async fn a_table_that_only_the_world_file_told_of_is_asked_of_the_bureau() {
    let mut town = Town::new();
    let tax_no = town.taxpayer("etax");
    let lane = town.account(&[&tax_no]);
    let invoice = town.invoice(&tax_no);
    town.statistic(&tax_no, "generated");
    let stage = Stage::open(&town).await;
    assert_eq!(stage.value("SELECT state FROM statistic_table").await, "generated");
    assert!(stage.redis.ask("KEYS *").await.expect("Redis answers").is_empty());
    let task = Task::new("deduction_select", &tax_no, &[&invoice]).to(&lane);
    stage.publish(std::slice::from_ref(&task)).await;
    let _worker = stage.worker(&[]);
    stage.until_all_ended(1).await;
    let row = stage.row(&task).await;
    assert_eq!((row.state.as_str(), row.reason.as_str()), ("refused", GENERATED));
    let referee = stage.bureau.referee();
    assert_eq!((referee.statistic_queries, referee.submissions), (1, 0), "{referee:?}");
}

#[tokio::test]
async fn the_bureau_is_asked_once_per_submission() {
    let mut town = Town::new();
    let (tax_no, tasks) = batches(&mut town);
    let stage = Stage::open(&town).await;
    stage.publish(&tasks[..3]).await;
    let _worker = stage.worker(&[]);
    stage.until_all_ended(3).await;
    assert_eq!(stage.bureau.referee().statistic_queries, 1, "three tasks of one batch");
    stage.publish(&tasks[3..]).await;
    stage.until_all_ended(4).await;
    assert_eq!(stage.bureau.referee().statistic_queries, 2, "another submission of {tax_no}");
    assert_eq!(stage.value("SELECT string_agg(DISTINCT state, ',') FROM task_log").await, "done");
}

#[tokio::test]
async fn with_reuse_a_second_submission_does_not_ask_until_an_05_says_otherwise() {
    let mut town = Town::new();
    let (tax_no, tasks) = batches(&mut town);
    let stage = Stage::open(&town).await;
    let _worker = stage.worker(&["statistics.reuse_seconds=1800"]);
    stage.publish(&tasks[..1]).await;
    stage.until_all_ended(1).await;
    assert_eq!(stage.bureau.referee().statistic_queries, 1);
    stage.publish(&tasks[1..2]).await;
    stage.until_all_ended(2).await;
    assert_eq!(stage.bureau.referee().statistic_queries, 1, "the reading is reused");

    // Somebody generates the table behind our back: the bureau answers 05.
    let key = stage.redis.ask("KEYS *").await.expect("Redis answers").remove(0);
    let period = key.rsplit(':').next().expect("a period").to_owned();
    let table = json!({"tax_no": tax_no, "tax_period": period, "state": "generated"});
    stage.bureau.control(&json!({"statistic": table})).expect("the bureau follows");
    stage.publish(&tasks[2..3]).await;
    stage.until_all_ended(3).await;
    let row = stage.row(&tasks[2]).await;
    assert_eq!(row.state, "refused", "{row:?}");
    let kept = stage.redis.ask(&format!("GET {key}")).await.expect("Redis answers").remove(0);
    let kept: Value = serde_json::from_str(&kept).expect("JSON");
    assert_eq!(kept["state"], "generated", "an 05 sets it");

    let submissions = stage.bureau.referee().submissions;
    stage.publish(&tasks[3..]).await;
    stage.until_all_ended(4).await;
    let row = stage.row(&tasks[3]).await;
    assert_eq!((row.state.as_str(), row.reason.as_str()), ("refused", GENERATED));
    let referee = stage.bureau.referee();
    assert_eq!((referee.statistic_queries, referee.submissions), (1, submissions), "{referee:?}");
}

/// Three selections of one batch and one of another.
fn batches(town: &mut Town) -> (String, Vec<Task>) {
    let tax_no = town.taxpayer("etax");
    let lane = town.account(&[&tax_no]);
    let tasks = ["one", "one", "one", "two"].into_iter().map(|batch| {
        let invoice = town.invoice(&tax_no);
        Task::new("deduction_select", &tax_no, &[&invoice]).to(&lane).with("batch_id", batch)
    });
    (tax_no.clone(), tasks.collect())
}
