//! Hints between workers lost: everything still ends, only a little later.

use crate::{
    stage::{Stage, Task},
    town::Town,
};
use serde_json::Value;

/// A tax number's step to its next task takes at most 2 s without hints; a second more for a machine that
/// compiles and tests at the same time.
const STEP: &str = "3 s";

#[tokio::test]
async fn without_hints_everything_ends_each_step_within_2_seconds() {
    let mut town = Town::new();
    let mut tasks = Vec::new();
    for _ in 0..10 {
        let tax_no = town.taxpayer("etax");
        let lanes = [town.account(&[&tax_no]), town.account(&[&tax_no])];
        // To and fro between two lanes: each step frees the key that the other lane waits for.
        for n in 0..6 {
            tasks.push(Task::new("invoice_download", &tax_no, &[]).to(&lanes[n % 2]));
        }
    }
    let stage = Stage::open(&town).await;
    let _workers = [stage.worker(&[]), stage.worker(&[]), stage.worker(&[])];
    let shared = "count(DISTINCT owner) = 3 AND bool_and(owner IS NOT NULL) FROM lane";
    stage.until("every worker has lanes, and every lane a worker", shared).await;
    lose_hints(&stage, 3).await;
    stage.publish(&tasks).await;
    stage.until_all_ended(tasks.len()).await;

    assert_eq!(listeners(&stage).await.len(), 0, "no hint got through");
    let slow = format!(
        "SELECT tax_no, task_id, gap FROM (
             SELECT tax_no, task_id,
                    started_at - greatest(enqueued_at, lag(finished_at) OVER (PARTITION BY tax_no ORDER BY started_at)) AS gap
               FROM task_log) step
          WHERE gap > interval '{STEP}'"
    );
    let slow = stage.database.rows(&slow).await.expect("the log can be read");
    assert!(slow.is_empty(), "steps that took longer than {STEP}: {slow:?}");
    let crossed = "SELECT count(*) > 0 FROM (
        SELECT tax_no FROM task_log t JOIN lane l ON l.account = t.account
         GROUP BY tax_no HAVING count(DISTINCT l.owner) > 1) crossed";
    assert_eq!(stage.value(crossed).await, "t", "some steps go from one worker to another");
}

/// Takes the bell away once every worker listens: with the exchange its bindings are gone, and nobody makes
/// those again while the workers' connections stand.
async fn lose_hints(stage: &Stage, workers: usize) {
    crate::stage::look_until("every worker listens", async || {
        // The publisher of the test has a bus of its own and listens too.
        listeners(stage).await.len() > workers
    })
    .await;
    stage.vhost.manage("DELETE", "exchanges", "gouxuan.bell", "").await.expect("the bell is gone");
}

/// Queues that hints reach; none without the exchange.
async fn listeners(stage: &Stage) -> Vec<Value> {
    match stage.vhost.manage("GET", "exchanges", "gouxuan.bell/bindings/source", "").await {
        Ok(bound) => serde_json::from_str(&bound).expect("JSON"),
        Err(error) => {
            assert!(error.to_string().contains("404"), "{error}");
            Vec::new()
        }
    }
}
