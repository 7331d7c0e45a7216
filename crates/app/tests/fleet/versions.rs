//! Statistic tables that are kept as files: made, confirmed, withdrawn, and read by another program.

use crate::{
    exports,
    process::{run, succeed},
    stage::{Stage, Task, look_until},
    tables::{done, this_period, turn_the_month},
    town::Town,
};
use serde_json::{Value, json};

/// `gouxuan statistic …`, each line of what it says.
async fn statistic(address: &str, arguments: &[&str]) -> Vec<Value> {
    let listen = ["--json", "--listen", address];
    let said = succeed(&[&["statistic"], arguments, &listen[..]].concat()).await;
    said.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// The versions, once each has its file.
async fn versions(address: &str, tax_no: &str) -> Vec<Value> {
    look_until("every version has its file", async || {
        let all = statistic(address, &["files", tax_no]).await;
        all.iter().all(|version| version["file"].is_object())
    })
    .await;
    statistic(address, &["files", tax_no]).await
}

#[tokio::test]
async fn what_was_generated_and_confirmed_stands_in_files() {
    let mut town = Town::new();
    let tax_no = town.taxpayer("etax");
    let lane = town.account(&[&tax_no]);
    let invoices = [town.invoice(&tax_no), town.invoice(&tax_no)];
    town.invoice(&tax_no);
    let stage = Stage::open(&town).await;
    let (_worker, address) = stage.console(&[]).await;
    let ended = async |kind: &str, invoices: &[&Value]| {
        let task = Task::new(kind, &tax_no, invoices).to(&lane);
        assert_eq!(done(&stage, &task).await, ("done".to_owned(), String::new()), "{kind}");
        task.id
    };
    ended("deduction_select", &[&invoices[0], &invoices[1]]).await;
    let create = ended("statistic_create", &[]).await;
    // Nothing is news: no version.
    ended("statistic_query", &[]).await;
    turn_the_month(&stage);
    let confirm = ended("statistic_confirm", &[]).await;
    let found = versions(&address, &tax_no).await;
    let told: Vec<_> = found
        .iter()
        .map(|one| (one["state"].clone(), one["task_id"].clone(), one["period"].clone()))
        .collect();
    let of = |state: &str, task: uuid::Uuid| (json!(state), json!(task), json!(this_period()));
    assert_eq!(told, [of("confirmed", confirm), of("generated", create)]);
    for version in &found {
        assert_eq!(
            version["ours"],
            json!([{"invoice_type": "27",
            "deducted": {"count": 2, "amount": "200.00", "tax": "26.00"},
            "not_deducted": {"count": 0, "amount": "0.00", "tax": "0.00"}}])
        );
        assert_eq!((&version["differences"], &version["remark"]), (&json!([]), &json!("")));
        assert_eq!(version["file"]["invoices"], 2);
    }

    let path = stage.folder().join("confirmed.xlsx");
    let name = found[0]["version"].as_str().expect("a version");
    let file = path.to_str().expect("a path");
    succeed(&["statistic", "file", &tax_no, name, file, "--listen", &address]).await;
    let bytes = std::fs::read(&path).expect("it was written").len();
    assert_eq!(found[0]["file"]["bytes"], json!(bytes));
    let book = exports::book(&path);
    assert_eq!((&book[0]["title"], &book[1]["title"]), (&json!("统计表"), &json!("发票")));
    let cells: Vec<&Value> = book[0]["rows"].as_array().expect("rows").iter().collect();
    let fact = |label: &str| {
        let row = cells.iter().find(|row| row[0][1] == label);
        row.unwrap_or_else(|| panic!("no {label}"))[1][1].clone()
    };
    assert_eq!((fact("税号"), fact("版本")), (json!(tax_no), json!(name)));
    assert_eq!((fact("状态"), fact("任务编号")), (json!("已确认"), json!(confirm)));
    let total = cells.iter().find(|row| row[0][1] == "合计").expect("a total");
    let shown: Vec<Value> = (2..11).map(|column| total[column][1].clone()).collect();
    assert_eq!(json!(shown), json!([2, 200, 26, 2, 200, 26, 0, 0, 0]));
    let listed = book[1]["rows"].to_string();
    for invoice in &invoices {
        let number = invoice["invoice_no"].as_str().expect("a number");
        assert!(listed.contains(number), "{number} is not in {listed}");
    }
    assert_eq!(book[1]["rows"].as_array().map(Vec::len), Some(5), "the third is not selected");

    ended("statistic_withdraw", &[]).await;
    let found = versions(&address, &tax_no).await;
    let withdrawn: Vec<bool> =
        found.iter().map(|version| !version["withdrawn_at"].is_null()).collect();
    assert_eq!(withdrawn, [true, false]);
    let other = ["statistic", "file", &tax_no, "202001-1", file, "--listen", &address];
    let missing = run(&other).await;
    let said = String::from_utf8_lossy(&missing.stderr).into_owned();
    assert!(!missing.status.success() && said.contains("no version 202001-1"), "{said}");
}

#[tokio::test]
async fn a_folder_that_is_away_holds_a_file_up_and_loses_nothing() {
    let mut town = Town::new();
    let tax_no = town.taxpayer("leqi");
    let stage = Stage::open(&town).await;
    let files = stage.folder().join("kept");
    std::fs::create_dir(&files).expect("a folder");
    let setting = format!("files.dir={}", files.display());
    let (_worker, address) = stage.console(&[&setting]).await;
    // A file stands where the folder was.
    std::fs::remove_dir_all(&files).expect("it goes away");
    std::fs::write(&files, "in the way").expect("written");
    let create = Task::new("statistic_create", &tax_no, &[]);
    assert_eq!(done(&stage, &create).await, ("done".to_owned(), String::new()));
    let taken =
        "count(*) = 1 FROM statistic_version WHERE file IS NULL AND file_due > clock_timestamp()";
    stage.until("a worker has tried to make the file", taken).await;
    let [version] = &statistic(&address, &["files", &tax_no]).await[..] else { panic!("one") };
    assert_eq!((&version["file"], &version["remark"]), (&Value::Null, &json!("文件尚未生成。")));

    std::fs::remove_file(&files).expect("it comes back");
    let again = "UPDATE statistic_version SET file_due = clock_timestamp() RETURNING 1::text";
    // As when the lease of whoever tried is over.
    look_until("the file is made", async || {
        let made = "SELECT count(*)::text FROM statistic_version WHERE file IS NOT NULL";
        stage.value(again).await;
        stage.value(made).await == "1"
    })
    .await;
    let found = versions(&address, &tax_no).await;
    assert_eq!(found[0]["remark"], "");
}
