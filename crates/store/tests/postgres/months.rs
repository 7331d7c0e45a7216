//! Months of the log that have become empty are dropped, and nobody waits for that.

use crate::stage::{connect, database};
use fleet::ports::archive::Archive;
use rig::Database;
use sqlx::PgPool;
use std::time::Duration;
use store::postgres::PostgresStore;

const KEEP: Duration = Duration::from_secs(30 * 86_400);

async fn months(database: &Database) -> Vec<String> {
    let rows = "SELECT inhrelid::regclass FROM pg_inherits \
                WHERE inhparent = 'task_log'::regclass ORDER BY inhrelid::regclass::text";
    database.rows(rows).await.expect("they can be listed").concat()
}

async fn make(database: &Database, month: &str) {
    let made = format!("SELECT ensure_month('{month}-15')");
    assert_eq!(database.rows(&made).await.expect("it can be made"), [["t"]]);
}

/// A task whose id is of this month, logged and ended on its second day; or logged on the third
/// and not ended.
async fn log(database: &Database, month: &str, ended: bool) {
    let (day, ended) = if ended { (2, "at + interval '1 hour'") } else { (3, "NULL") };
    let insert = format!(
        "INSERT INTO task_log (task_id, kind, class, tax_no, state, shown_state, invoices_total,
                               enqueued_at, finished_at, body_hash)
         SELECT first_uuid_at(at), 'period_query', 'selection', '1', 'done', '处理成功', 0, at,
                {ended}, ''
           FROM (SELECT timestamptz '{month}-0{day} 00:00Z' AS at) moment
         RETURNING 1"
    );
    assert_eq!(database.rows(&insert).await.expect("it can be logged"), [["1"]]);
}

async fn forget(store: &PostgresStore) -> u64 {
    store.forget(KEEP, 100).await.expect("it can be forgotten")
}

#[tokio::test]
async fn an_emptied_month_is_dropped_and_one_with_a_task_stays() {
    let database = database().await;
    let store = connect(database.url()).await;
    let today = months(&database).await;
    for month in ["2024-01", "2024-02", "2024-03"] {
        make(&database, month).await;
    }
    log(&database, "2024-01", true).await;
    log(&database, "2024-02", true).await;
    log(&database, "2024-02", false).await;
    assert_eq!(forget(&store).await, 2);
    let mut left = months(&database).await;
    left.retain(|month| !today.contains(month));
    assert_eq!(left, ["task_log_202402"], "its other task has not ended");
    let unfinished = "SELECT count(*) FROM task_log WHERE finished_at IS NULL";
    assert_eq!(database.rows(unfinished).await.expect("counted"), [["1"]]);
}

#[tokio::test]
async fn a_month_within_the_keep_time_stays_though_it_is_empty() {
    let database = database().await;
    let store = connect(database.url()).await;
    let before = months(&database).await;
    assert_eq!(forget(&store).await, 0);
    assert_eq!(months(&database).await, before, "this month and the next ones, and the other ids");
    // The month of 29 days ago ended within the keep time, or is this one.
    let made = "SELECT ensure_month(now() - interval '29 days') IS NOT NULL";
    database.rows(made).await.expect("it can be made");
    let before = months(&database).await;
    forget(&store).await;
    assert_eq!(months(&database).await, before);
}

#[tokio::test]
async fn whoever_uses_the_log_is_not_waited_for_and_the_next_time_does_it() {
    let database = database().await;
    let store = connect(database.url()).await;
    make(&database, "2024-01").await;
    let pool = PgPool::connect(database.url()).await.expect("the database answers");
    let mut writer = pool.begin().await.expect("a session can be had");
    sqlx::query("LOCK TABLE task_log IN ROW EXCLUSIVE MODE")
        .execute(&mut *writer)
        .await
        .expect("as every append does");
    assert_eq!(forget(&store).await, 0);
    assert!(months(&database).await.contains(&"task_log_202401".to_owned()));
    // Nobody holds the log: others write on at once, behind the first writer.
    let mut other = pool.begin().await.expect("a session can be had");
    sqlx::query("LOCK TABLE task_log IN ROW EXCLUSIVE MODE NOWAIT")
        .execute(&mut *other)
        .await
        .expect("the log is free");
    other.rollback().await.expect("ended");
    writer.rollback().await.expect("ended");
    assert_eq!(forget(&store).await, 0);
    assert!(!months(&database).await.contains(&"task_log_202401".to_owned()));
}

#[tokio::test]
async fn a_task_with_an_old_id_is_still_logged_after_its_month_was_dropped() {
    let database = database().await;
    let store = connect(database.url()).await;
    make(&database, "2024-01").await;
    forget(&store).await;
    log(&database, "2024-01", false).await;
    let where_it_is = "SELECT tableoid::regclass FROM task_log";
    assert_eq!(database.rows(where_it_is).await.expect("found"), [["task_log_other"]]);
}
