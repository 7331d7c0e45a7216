//! Secrets: they reach the bureau's channel, and nothing else.

use crate::{
    process::{gouxuan, run, succeed},
    stage::{Stage, Task},
    town::Town,
};
use serde_json::json;
use std::process::Stdio;
use tokio::io::AsyncWriteExt;

const VALUE: &str = "Qm7-zhengshu-koulin";
pub(crate) const KEY: &str =
    "secrets.key=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// `gouxuan secret set confirm`, with the value on standard input.
pub(crate) async fn set(address: &str) -> String {
    let mut command = gouxuan(&["secret", "set", "confirm", "--listen", address]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(format!("{VALUE}\n").as_bytes()).await.expect("it reads");
    drop(input);
    let output = child.wait_with_output().await.expect("it ends");
    assert!(output.status.success(), "{output:?}");
    format!("{output:?}")
}

/// Every row of every table, as text.
async fn database(stage: &Stage) -> String {
    let tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'";
    let tables = stage.database.rows(tables).await.expect("the tables");
    let mut all = String::new();
    for table in tables.concat() {
        let rows = format!("SELECT row_to_json(t)::text FROM \"{table}\" t");
        all += &stage.database.rows(&rows).await.expect("the rows").concat().join("\n");
    }
    assert!(all.contains("password_ref"), "the task's own body is among them");
    all
}

#[tokio::test]
async fn a_secret_reaches_the_submitting_call_and_nothing_else() {
    let mut town = Town::new();
    let tax_no = town.taxpayer("etax");
    let lane = town.account(&[&tax_no]);
    town.statistic(&tax_no, "generated");
    let stage = Stage::open(&town).await;
    let (worker, address) = stage.console(&[KEY, "log.filter=debug"]).await;
    stage.bind("gouxuan.events", "#", "heard").await;
    let mut said = set(&address).await;
    said += &succeed(&["secret", "list", "--listen", &address]).await;
    assert!(said.contains("confirm"), "{said}");

    // This month it is too early, which is an error with everything that errors say.
    let confirm = ["statistic", "confirm", &tax_no, "--password-ref", "confirm"];
    let made = succeed(&[&confirm[..], &["--json", "--listen", &address]].concat()).await;
    stage.until_all_ended(1).await;
    let made: serde_json::Value = serde_json::from_str(made.trim()).expect("JSON");
    let id = made["task_id"].as_str().expect("a task").to_owned();
    said += &succeed(&["task", "show", &id, "--listen", &address]).await;
    let referee = stage.bureau.referee();
    assert_eq!((referee.submissions, referee.signed), (1, 1), "{referee:?}");
    let without = Task::new("statistic_confirm", &tax_no, &[]).to(&lane);
    stage.publish(std::slice::from_ref(&without)).await;
    stage.until_all_ended(2).await;
    assert_eq!(stage.bureau.referee().signed, 1, "the robot's own is used then");

    let events = stage.take("heard", 2).await;
    let heard: String = events.iter().map(|event| event.body.clone()).collect();
    let stored = database(&stage).await;
    let log = serde_json::to_string(&stage.bureau.log()).expect("JSON");
    let hex: String = VALUE.bytes().map(|byte| format!("{byte:02x}")).collect();
    for (what, text) in [
        ("the worker's log", worker.log()),
        ("what commands print", said),
        ("events", heard),
        ("the database", stored),
        ("the referee's log", log),
    ] {
        assert!(!text.is_empty(), "{what}");
        assert!(!text.contains(VALUE) && !text.contains(&hex), "{what} tells it");
    }
}

#[tokio::test]
async fn a_confirmation_whose_secret_is_missing_is_refused_at_once() {
    let mut town = Town::new();
    let tax_no = town.taxpayer("etax");
    let lane = town.account(&[&tax_no]);
    let stage = Stage::open(&town).await;
    let (_worker, address) = stage.console(&[KEY]).await;
    let task = Task::new("statistic_confirm", &tax_no, &[])
        .to(&lane)
        .with("parameters", json!({"password_ref": "confirm"}));
    stage.publish(std::slice::from_ref(&task)).await;
    stage.until_all_ended(1).await;
    let row = stage.row(&task).await;
    let missing = "密钥“confirm”不存在，请先保存该密钥。";
    assert_eq!((row.state.as_str(), row.reason.as_str()), ("refused", missing));
    assert_eq!(stage.bureau.referee().requests, 0, "the bureau hears nothing of it");
    let confirm = ["statistic", "confirm", &tax_no, "--password-ref", "confirm"];
    let refused = run(&[&confirm[..], &["--listen", &address]].concat()).await;
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && told.contains(missing), "{told}");
}
