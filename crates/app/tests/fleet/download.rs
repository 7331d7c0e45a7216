//! Filling the pool from the bureau, keeping layout files, and loading tables: real servers, and embedded.

use crate::{
    process::{gouxuan, succeed},
    stage::{Stage, Task, bureau_of, look_until},
    town::Town,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// An invoice by its number: amount, status, selection and period as text.
type Truth = BTreeMap<String, String>;

/// The world's invoices of this buyer, as the pool must show them after a download.
fn truth(town: &Town, tax_no: &str) -> Truth {
    let world: Value = serde_json::from_str(&town.file()).expect("a world");
    let invoices = world["invoices"].as_array().expect("invoices");
    let theirs = invoices.iter().filter(|invoice| invoice["buyer_tax_no"] == tax_no);
    let one = |invoice: &Value| {
        let text = |name: &str, plain: &str| invoice[name].as_str().unwrap_or(plain).to_owned();
        let fen = text("amount", "0").replace('.', "");
        let shown = format!(
            "{fen} {} {} {}",
            text("status", "normal"),
            text("selection", "unselected"),
            text("seller_name", "")
        );
        (text("invoice_no", ""), shown)
    };
    theirs.map(one).collect()
}

async fn pool(stage: &Stage, tax_no: &str) -> Truth {
    let select = format!(
        "SELECT v.number, v.amount || ' ' || v.status || ' ' || v.selection || ' ' || v.seller_name
           FROM invoice v JOIN taxpayer t ON t.id = v.tax_id WHERE t.tax_no = '{tax_no}'"
    );
    let rows = stage.database.rows(&select).await.expect("the pool can be read");
    rows.into_iter().map(|mut row| (row.remove(0), row.remove(0))).collect()
}

/// The pool forgets what the import brought: everything comes from the bureau.
async fn forget_the_pool(stage: &Stage) {
    stage.database.rows("DELETE FROM invoice").await.expect("the pool is empty");
}

#[tokio::test]
async fn ten_thousand_invoices_are_downloaded_though_their_worker_is_killed() {
    let mut town = Town::new();
    let tax_no = town.taxpayer("etax");
    let other = town.taxpayer("etax");
    let lane = town.account(&[&tax_no, &other]);
    for n in 0..10_000 {
        let facts = json!({
            "status": if n % 7 == 0 { "partly_reversed" } else { "normal" },
            "selection": if n % 3 == 0 { "selected" } else { "unselected" },
            "seller_name": format!("供货商{}", n % 50),
        });
        town.invoice_with(&tax_no, facts);
    }
    town.invoice(&other);
    // Pages that take their time, get lost, and come with those of the page before.
    town.latency(150, 300);
    town.faults(json!({
        "lost_page": {"probability": 0.2, "kind": "invoice_download"},
        "page_twice": {"probability": 0.3, "kind": "invoice_download"},
    }));
    let stage = Stage::open(&town).await;
    forget_the_pool(&stage).await;
    let mut first = stage.worker(&["lease_s=3"]);
    let task = Task::new("invoice_download", &tax_no, &[])
        .to(&lane)
        .with("parameters", json!({"from": "2025-10-01", "to": "2025-10-31"}));
    stage.publish(std::slice::from_ref(&task)).await;
    stage.until("some pages are in the pool", "count(*) >= 2000 FROM invoice").await;
    first.kill().await;
    let some: usize = stage.value("SELECT count(*) FROM invoice").await.parse().expect("a count");
    assert!(some < 10_000, "it was killed in the middle: {some}");
    let _second = stage.worker(&["lease_s=3"]);
    stage.until_all_ended(1).await;
    let row = stage.row(&task).await;
    assert_eq!((row.state.as_str(), row.shown.as_str()), ("done", "处理成功"), "{row:?}");
    assert!(row.reason.starts_with("下载发票"), "{row:?}");
    assert_eq!(pool(&stage, &tax_no).await, truth(&town, &tax_no));
    assert_eq!(pool(&stage, &other).await, Truth::new(), "nobody downloads for others");
    let told = "SELECT count(*) FROM invoice WHERE source <> '税局下载' OR collected_at IS NULL";
    assert_eq!(stage.value(told).await, "0");
}

#[tokio::test]
async fn layout_files_are_kept_byte_for_byte() {
    let mut town = Town::new();
    let tax_no = town.taxpayer("etax");
    let lane = town.account(&[&tax_no]);
    let invoices = [town.invoice(&tax_no), town.invoice(&tax_no)];
    town.faults(json!({"lost_page": {"at": [2], "kind": "layout_download"}}));
    let stage = Stage::open(&town).await;
    let files = stage.folder().join("files");
    let dir = format!("files.dir={}", files.display());
    let (_worker, address) = stage.console(&[&dir]).await;
    let task = Task::new("layout_download", &tax_no, &[&invoices[0], &invoices[1]]).to(&lane);
    stage.publish(std::slice::from_ref(&task)).await;
    stage.until_all_ended(1).await;
    let row = stage.row(&task).await;
    assert_eq!(row.state, "done", "{row:?}");
    assert_eq!(row.reason, "已保存2张发票的6个版式文件，0张未保存。");
    let number = invoices[0]["invoice_no"].as_str().expect("a number");
    let listed =
        succeed(&["invoice", "files", number, "--tax-no", &tax_no, "--listen", &address, "--json"])
            .await;
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    assert_eq!(listed["files"].as_array().map(Vec::len), Some(3), "{listed}");
    let to = stage.folder().join("saved");
    std::fs::create_dir(&to).expect("a folder");
    succeed(&[
        "invoice",
        "save",
        number,
        "--tax-no",
        &tax_no,
        "--listen",
        &address,
        "--to",
        &to.to_string_lossy(),
    ])
    .await;
    for file in listed["files"].as_array().expect("files") {
        let format = file["format"].as_str().expect("a format");
        let saved = std::fs::read(to.join(format!("{number}.{format}"))).expect("it was saved");
        let hash = domain::invoice::FileHash::of(&saved).to_string();
        assert_eq!(file["sha256"], hash, "{format}");
        assert_eq!(file["bytes"], saved.len());
        let kept = std::fs::read(files.join(&hash[..2]).join(&hash[2..])).expect("it is kept");
        assert_eq!(kept, saved, "{format}");
        let format = domain::invoice::FileFormat::from_name(format).expect("a format");
        assert_eq!(format.check(&saved), Ok(()));
    }
}

#[tokio::test]
async fn a_download_is_asked_for_and_a_table_loaded_on_the_command_line() {
    let mut town = Town::new();
    let tax_no = town.taxpayer("leqi");
    for _ in 0..3 {
        town.invoice(&tax_no);
    }
    let stage = Stage::open(&town).await;
    forget_the_pool(&stage).await;
    let (_worker, address) = stage.console(&[]).await;
    let asked = ["invoice", "download", "--tax-no", &tax_no, "--period", "202510"];
    let made = succeed(&[&asked[..], &["--listen", &address, "--json"]].concat()).await;
    let made: Value = serde_json::from_str(&made).expect("JSON");
    assert!(made["task_id"].is_string(), "{made}");
    look_until("the download is logged", async || {
        stage.value("SELECT count(*) FROM task_log").await == "1"
    })
    .await;
    stage.until_all_ended(1).await;
    assert_eq!(
        stage.value("SELECT state || ' ' || reason FROM task_log").await,
        "done 下载发票3张：新增3张，更新0张，未变0张。"
    );
    assert_eq!(pool(&stage, &tax_no).await, truth(&town, &tax_no));

    let table = stage.folder().join("table.csv");
    let text = format!(
        "购买方税号,发票类型,发票号码,开票日期,金额,税额\n\
         {tax_no},27,24440000000000009001,2025-10-09,\"1,000.00\",130\n\
         {tax_no},27,,2025-10-09,1,0\n"
    );
    std::fs::write(&table, text).expect("written");
    let file = table.to_string_lossy().into_owned();
    let arguments = ["invoice", "load", &file, "--listen", &address, "--json"];
    let output = crate::process::run(&arguments).await;
    assert_eq!(output.status.code(), Some(1), "one row was rejected");
    let loaded: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&loaded["rows"], &loaded["loaded"]), (&json!(2), &json!(1)), "{loaded}");
    assert_eq!(
        loaded["rejected"],
        json!([{"row": 3, "column": "发票号码", "problem": "必填，请填写发票号码"}])
    );
    let shown = "SELECT amount || ' ' || source FROM invoice WHERE number = '24440000000000009001'";
    assert_eq!(stage.value(shown).await, "100000 文件导入");
}

/// A free port, for a process that must say beforehand where it listens.
async fn free_address() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    listener.local_addr().expect("an address").to_string()
}

/// Waits until it listens: then the file is its own, and commands go through it.
async fn until_it_listens(address: &str) {
    look_until("it listens", async || tokio::net::TcpStream::connect(address).await.is_ok()).await;
}

#[tokio::test]
async fn one_machine_downloads_though_its_process_is_killed() {
    let mut town = Town::new();
    let tax_no = town.taxpayer("leqi");
    for n in 0..3_000 {
        town.invoice_with(&tax_no, json!({"seller_name": format!("供货商{}", n % 50)}));
    }
    town.latency(150, 300);
    let bureau = bureau_of(&town).await;
    let folder = tempfile::TempDir::new().expect("a folder");
    let data = folder.path().join("data").to_string_lossy().into_owned();
    let world = folder.path().join("world.json").to_string_lossy().into_owned();
    // Only who exists: the invoices come from the bureau.
    let mut known: Value = serde_json::from_str(&town.file()).expect("a world");
    known["invoices"] = json!([]);
    std::fs::write(&world, known.to_string()).expect("written");
    succeed(&["world", "import", &world, "--data-dir", &data]).await;
    let address = free_address().await;
    let url = bureau.url();
    let arguments = [
        "serve",
        "--listen",
        &address,
        "--data-dir",
        &data,
        "--etax-url",
        &url,
        "--leqi-url",
        &url,
        "--set",
        "lease_s=3",
    ];
    let here = ["--listen", address.as_str(), "--json"];
    let shown = async |limit: &str| {
        let list = ["invoice", "list", "--tax-no", &tax_no, "--limit", limit];
        let output = crate::process::run(&[&list[..], &here[..]].concat()).await;
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let mut first = gouxuan(&arguments).spawn().expect("it starts");
    until_it_listens(&address).await;
    let asked = ["invoice", "download", "--tax-no", &tax_no, "--period", "202510"];
    succeed(&[&asked[..], &here[..]].concat()).await;
    look_until("a page is in the pool", async || !shown("1").await.is_empty()).await;
    first.kill().await.expect("killed");
    let _second = gouxuan(&arguments).spawn().expect("it starts");
    until_it_listens(&address).await;
    look_until("every download has ended", async || {
        let list = ["task", "list", "--state", "done"];
        let output = crate::process::run(&[&list[..], &here[..]].concat()).await;
        String::from_utf8_lossy(&output.stdout).contains("下载发票3000张")
    })
    .await;
    let pool: Truth = shown("5000")
        .await
        .iter()
        .map(|line| {
            let row: Value = serde_json::from_str(line).expect("JSON");
            let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            assert_eq!(row["source"], "税局下载", "{row}");
            let number = row["key"]["number"].as_str().unwrap_or_default().to_owned();
            let amount = text("amount").replace('.', "");
            let (status, selection) = (text("status"), text("selection"));
            (number, format!("{amount} {status} {selection} {}", text("seller_name")))
        })
        .collect();
    assert_eq!(pool, truth(&town, &tax_no));
}
