//! Users and their rights on a running console, and the audit of what they did.

use crate::{process::gouxuan, stage::Stage, town::Town};
use serde_json::{Value, json};
use std::process::Output;

/// A command of somebody with this token.
async fn of(token: &str, address: &str, arguments: &[&str]) -> Output {
    let mut command = gouxuan(&[arguments, &["--json", "--listen", address]].concat());
    command.env("GOUXUAN_TOKEN", token).output().await.expect("it runs")
}

fn said(output: &Output) -> Value {
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn refusal(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn what_one_may_not_do_is_refused_and_what_one_did_is_told() {
    let mut town = Town::new();
    let (own, other) = (town.taxpayer("etax"), town.taxpayer("etax"));
    town.account(&[&own, &other]);
    let mut world = town.world();
    for payer in &mut world.taxpayers {
        payer.tax_org = if payer.tax_no.as_str() == own { "0101" } else { "0102" }.to_owned();
    }
    let stage = Stage::open(&town).await;
    let (_worker, address) = stage.console(&[]).await;
    for payer in &world.taxpayers {
        let set = format!(
            "UPDATE taxpayer SET tax_org = '{}' WHERE tax_no = '{}' RETURNING tax_no",
            payer.tax_org, payer.tax_no
        );
        assert_eq!(stage.value(&set).await, payer.tax_no.as_str());
    }
    let user = async |token: &str, name: &str, role: &str| -> String {
        let set = of(token, &address, &["user", "set", name, "--role", role]).await;
        said(&set)["token"].as_str().expect("a token").to_owned()
    };
    let boss = user("", "陈", "administrator").await;
    let nobody = refusal(&of("", &address, &["task", "list"]).await);
    assert!(nobody.contains("GOUXUAN_TOKEN"), "{nobody}");
    let wang = user(&boss, "王", "clerk@0101").await;

    let query = |tax_no: &str| -> [String; 3] { ["statistic", "query", tax_no].map(str::to_owned) };
    let asked = async |token: &str, words: &[String]| {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        of(token, &address, &words).await
    };
    said(&asked(&wang, &query(&own)).await);
    let elsewhere = refusal(&asked(&wang, &query(&other)).await);
    assert!(elsewhere.contains("王 has no right to select in organisation 0102"), "{elsewhere}");
    stage.until_all_ended(1).await;
    let row = "SELECT tax_no || ' ' || submitted_by FROM task_log";
    assert_eq!(stage.value(row).await, format!("{own} 王"));

    let audit = of(&boss, &address, &["audit", "--by", "王"]).await;
    assert!(audit.status.success(), "{audit:?}");
    let lines: Vec<Value> = String::from_utf8_lossy(&audit.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let [refused, done] = &lines[..] else { panic!("two lines: {lines:?}") };
    assert_eq!((&refused["outcome"], &done["outcome"]), (&json!("refused"), &json!("done")));
    assert_eq!(done["action"], "POST statistics/{tax_no}/{operation}");
    assert_eq!(done["source"], "127.0.0.1", "{done}");
    assert!(done["subject"].as_str().is_some_and(|of| of.contains(&own)));
    refusal(&of(&wang, &address, &["audit"]).await);
    // Whoever has the database itself is asked for no token.
    let stored =
        stage.value("SELECT count(*)::text FROM person WHERE length(token_hash) = 32").await;
    assert_eq!(stored, "2");
}
