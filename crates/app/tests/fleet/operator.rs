//! What an operator does with the executable beside a fleet that serves.

use crate::{
    process::{gouxuan, succeed},
    stage::{Stage, Task},
    town::Town,
};
use serde_json::{Value, json};
use std::process::Stdio;
use tokio::io::AsyncWriteExt;

/// One object a line.
async fn asked(arguments: &[&str], address: &str) -> Vec<Value> {
    let said = succeed(&[arguments, &["--json", "--listen", address]].concat()).await;
    said.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// `gouxuan task publish -`; the outcome of each line.
async fn publish(tasks: &[&Task], address: &str) -> Vec<Value> {
    let lines: Vec<String> = tasks.iter().map(|task| task.body.to_string()).collect();
    let mut command = gouxuan(&["task", "publish", "-", "--json", "--listen", address]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(lines.join("\n").as_bytes()).await.expect("it reads");
    drop(input);
    let output = child.wait_with_output().await.expect("it ends");
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).expect("text");
    said.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[tokio::test]
async fn tasks_are_published_listed_explained_and_retried_beside_a_serving_fleet() {
    let mut town = Town::new();
    let (tax_no, guarded) = (town.taxpayer("etax"), town.taxpayer("etax"));
    let (lane, phone) = (town.account(&[&tax_no]), town.manual_account(&[&guarded]));
    let invoice = town.invoice(&tax_no);
    let stage = Stage::open(&town).await;
    let (_worker, address) = stage.console(&[]).await;
    let refusal = json!({"invoice": {"invoice_no": invoice["invoice_no"], "cljg": "03"}});
    stage.bureau.control(&refusal).expect("the bureau follows");
    let select = Task::new("deduction_select", &tax_no, &[&invoice]).to(&lane);
    let waits = Task::new("invoice_download", &guarded, &[]).to(&phone);
    let outcomes = publish(&[&select, &waits], &address).await;
    let told: Vec<_> = outcomes.iter().map(|one| (&one["line"], &one["outcome"])).collect();
    let confirmed = json!("confirmed");
    assert_eq!(told, [(&json!(1), &confirmed), (&json!(2), &confirmed)]);

    stage
        .until("one ends", "count(*) FILTER (WHERE finished_at IS NOT NULL) = 1 FROM task_log")
        .await;
    stage.until("both are logged", "count(*) = 2 FROM task_log").await;
    stage.until("the lanes are served", "bool_and(owner IS NOT NULL) FROM lane").await;
    let refused = asked(&["task", "list", "--state", "refused"], &address).await;
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!(refused[0]["task_id"], select.id.to_string());
    assert_eq!(refused[0]["reason"], stage.row(&select).await.reason);
    let why = asked(&["task", "why", &waits.id.to_string()], &address).await;
    assert_eq!(why[0]["code"], "offline", "{why:?}");
    let sentence = succeed(&["task", "why", &waits.id.to_string(), "--listen", &address]).await;
    assert!(sentence.contains("等待人工登录"), "{sentence}");

    a_retry_succeeds(&stage, &select, &address).await;
    let lanes = asked(&["lane", "list"], &address).await;
    let own = lanes.iter().find(|one| one["account"] == lane.account.to_string());
    let own = own.expect("the lane is listed");
    assert_eq!(own["current_tax_no"], tax_no, "{own}");
    assert_eq!(own["running"], json!([]), "{own}");
    a_login_is_told_and_written_down(&stage, &waits, &address).await;
}

async fn a_retry_succeeds(stage: &Stage, failed: &Task, address: &str) {
    let invoice = &failed.body["invoices"][0]["invoice_no"];
    let accept = json!({"invoice": {"invoice_no": invoice, "cljg": Value::Null}});
    stage.bureau.control(&accept).expect("the bureau follows");
    let failed = failed.id.to_string();
    let counted = asked(&["task", "retry", "--dry-run", "--state", "refused"], address).await;
    assert_eq!(counted[0]["tasks"], 1, "{counted:?}");
    let done = asked(&["task", "retry", &failed, "--yes"], address).await;
    let retried = done.last().expect("an answer")["retried"][0].clone();
    assert_eq!(retried["task_id"], failed, "{done:?}");
    let retry = retried["retry"].as_str().expect("a new task").to_owned();
    let ended = format!("state = 'done' FROM task_log WHERE task_id = '{retry}'");
    stage.until("the retry succeeds", &ended).await;
    let listed = asked(&["task", "list", "--state", "done"], address).await;
    assert_eq!((&listed[0]["task_id"], &listed[0]["retry_of"]), (&json!(retry), &json!(failed)));
    let again = asked(&["task", "list", "--state", "refused"], address).await;
    assert_eq!(again.len(), 1, "the failed one stays as it is");
}

async fn a_login_is_told_and_written_down(stage: &Stage, waits: &Task, address: &str) {
    let account = waits.body["account"].as_str().expect("an account");
    let orders = json!({"login": {"bureau": "440300", "account": account}});
    stage.bureau.control(&orders).expect("a person logs in");
    let of = ["--bureau", "440300", "--account", account, "--by", "李", "--reason", "短信登录"];
    let told = asked(&[&["lane", "login"][..], &of].concat(), address).await;
    assert_eq!(told[0]["counted"], true, "{told:?}");
    let ended = format!("state = 'done' FROM task_log WHERE task_id = '{}'", waits.id);
    stage.until("the task goes on", &ended).await;
    let line = "SELECT by || '|' || reason || '|' || action || '|' || subject FROM audit WHERE source = ''";
    assert_eq!(stage.value(line).await, format!("李|短信登录|login|lane 440300.{account}"));
}

/// A person looks, finds nothing at the bureau, and says so: only then the filing is tried again.
#[tokio::test]
async fn what_a_person_found_absent_is_filed_again() {
    let mut town = Town::new();
    let tax_no = town.taxpayer("etax");
    let lane = town.account(&[&tax_no]);
    town.faults(json!({"reset": {"at": [1], "kind": "tax_filing"}}));
    let stage = Stage::open(&town).await;
    let (_worker, address) = stage.console(&[]).await;
    let filing = Task::new("tax_filing", &tax_no, &[]).to(&lane);
    stage.publish(std::slice::from_ref(&filing)).await;
    stage.until_all_ended(1).await;
    assert!(stage.row(&filing).await.unknown);

    let id = filing.id.to_string();
    let retry = ["task", "retry", &id, "--yes"];
    let refused = gouxuan(&[&retry[..], &["--listen", &address]].concat()).output().await;
    let refused = refused.expect("it ends");
    let said = String::from_utf8_lossy(&refused.stdout).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("a person must check"), "{said}");
    let absent = ["task", "absent", &id, "--by", "李", "--reason", "税局申报记录为空"];
    let recorded = asked(&absent, &address).await;
    assert_eq!((&recorded[0]["task_id"], &recorded[0]["recorded"]), (&json!(id), &json!(true)));
    let row = stage.row(&filing).await;
    assert!(!row.unknown && row.reason.contains("李：税局申报记录为空"), "{row:?}");
    let line = "SELECT by || '|' || reason || '|' || action || '|' || subject FROM audit WHERE source = ''";
    assert_eq!(stage.value(line).await, format!("李|税局申报记录为空|record_absent|{id}"));

    let done = asked(&retry, &address).await;
    let again = done.last().expect("an answer")["retried"][0]["retry"].clone();
    let again = again.as_str().expect("a new task").to_owned();
    let ended = format!("state = 'done' FROM task_log WHERE task_id = '{again}'");
    stage.until("the filing succeeds", &ended).await;
    assert_eq!(stage.bureau.referee().duplicate_submissions, 0);
}
