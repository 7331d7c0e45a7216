//! Automatic work on real servers: a rule, its schedule, its history, and a worker that is killed.

use crate::{process::succeed, stage::Stage, town::Town};
use serde_json::{Value, json};
use std::io::Write;

/// What a command prints, one object a line.
async fn asked(arguments: &[&str], address: &str) -> Vec<Value> {
    let said = succeed(&[arguments, &["--json", "--listen", address]].concat()).await;
    said.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

async fn set(rule: &Value, address: &str) -> Value {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(rule.to_string().as_bytes()).expect("written");
    let path = file.path().to_str().expect("a path").to_owned();
    let arguments = ["automatic", "set", &path, "--by", "王", "--reason", "月末"];
    asked(&arguments, address).await.remove(0)
}

/// As if nobody had looked at the schedule for years: the last time that has come is due.
const DUE: &str = "UPDATE automatic_rule SET ran_until = 0 RETURNING rule_id";
/// Invoices that succeeded in more than one task.
const TWICE: &str = "SELECT count(*) FROM (SELECT invoice_no FROM ledger
    WHERE outcome = 'succeeded' GROUP BY invoice_no HAVING count(*) > 1) t";
const SELECTED: &str = "SELECT count(*) FROM invoice WHERE selection = 'selected'";

#[tokio::test]
async fn a_rule_selects_what_fits_and_nothing_of_it_again() {
    let mut town = Town::new();
    let (mine, other) = (town.taxpayer("etax"), town.taxpayer("etax"));
    town.account(&[&mine, &other]);
    for _ in 0..5 {
        town.invoice(&mine);
    }
    let void = town.invoice(&mine)["invoice_no"].clone();
    town.spoil(&void);
    town.invoice(&other);
    let stage = Stage::open(&town).await;
    let (_worker, address) = stage.console(&[]).await;
    // 13.00 each: three fit.
    let period = stage.value("SELECT to_char(now() AT TIME ZONE 'Asia/Shanghai', 'YYYYMM')").await;
    let target = json!({"payable": "50.00", "target": "8.00", "period": period});
    let rule = json!({"rule_id": "nightly", "name": "每小时", "work": "deduct", "target": target,
        "when": {"tax_nos": [mine]}, "schedule": "0 * * * *"});
    let kept = set(&rule, &address).await;
    assert_eq!(kept["version"], 1, "{kept}");
    assert!(kept["next_run"].is_string(), "{kept}");
    let would = asked(&["automatic", "dry-run", "nightly"], &address).await.remove(0);
    assert_eq!((&would["chosen"], &would["tax"]), (&json!(3), &json!("39.00")), "{would}");
    assert_eq!(would["skipped"], json!({"over_target": 2, "status": 1}));
    assert_eq!(stage.value("SELECT count(*) FROM task_log").await, "0");

    stage.value(DUE).await;
    stage.until("the rule runs", "count(*) = 1 FROM automatic_run WHERE state = 'ended'").await;
    stage.until_all_ended(1).await;
    assert_eq!(stage.value(SELECTED).await, "3");
    let run = asked(&["automatic", "history", "nightly"], &address).await.remove(0);
    let told = (&run["outcome"], &run["chosen"], &run["left"], &run["cause"]);
    assert_eq!(told, (&json!("batch"), &json!(3), &json!("3.00"), &json!("schedule")), "{run}");
    let batch = run["batch_id"].as_str().expect("a batch");
    let batch = asked(&["batch", "show", batch], &address).await.remove(0);
    assert_eq!(batch["progress"]["succeeded"], 3, "{batch}");

    let arguments = ["automatic", "run", "nightly", "--by", "王", "--reason", "再跑一次"];
    let again = asked(&arguments, &address).await.remove(0);
    assert_eq!((&again["outcome"], &again["chosen"]), (&json!("nothing"), &json!(0)), "{again}");
    assert_eq!(stage.value("SELECT count(*) FROM task_log").await, "1");
    assert_eq!(stage.value(TWICE).await, "0");
}

#[tokio::test]
async fn a_worker_killed_in_the_middle_of_a_run_doubles_nothing() {
    let mut town = Town::new();
    let tax_no = town.taxpayer("etax");
    town.account(&[&tax_no]);
    for _ in 0..20 {
        town.invoice(&tax_no);
    }
    let stage = Stage::open(&town).await;
    // Whoever keeps a batch waits there, until it is killed.
    let wait = "CREATE FUNCTION stand_still() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_sleep(10); RETURN new; END $$";
    stage.value(wait).await;
    let before = "CREATE TRIGGER stand_still BEFORE INSERT ON batch
        FOR EACH ROW EXECUTE FUNCTION stand_still()";
    stage.value(before).await;
    let (mut first, address) = stage.console(&["batch.size=5"]).await;
    let rule = json!({"rule_id": "r", "work": "deduct", "schedule": "0 * * * *"});
    set(&rule, &address).await;
    stage.value(DUE).await;
    stage.until("it has chosen", "count(*) = 1 FROM automatic_run WHERE state = 'chosen'").await;
    first.kill().await;
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    stage.value(cut).await;
    stage.value("DROP TRIGGER stand_still ON batch").await;
    assert_eq!(stage.value("SELECT count(*) FROM batch").await, "0");

    let (_second, address) = stage.console(&["batch.size=5"]).await;
    stage.value("UPDATE automatic_run SET lease_until = clock_timestamp() RETURNING at").await;
    stage
        .until("it is gone on with", "count(*) = 1 FROM automatic_run WHERE state = 'ended'")
        .await;
    stage.until_all_ended(4).await;
    assert_eq!(stage.value(SELECTED).await, "20");
    assert_eq!(stage.value(TWICE).await, "0");
    assert_eq!(stage.value("SELECT count(*) FROM batch").await, "1");
    let run = asked(&["automatic", "history", "r"], &address).await.remove(0);
    assert_eq!((&run["outcome"], &run["takeovers"]), (&json!("batch"), &json!(1)), "{run}");
}
