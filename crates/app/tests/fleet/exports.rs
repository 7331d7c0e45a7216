//! The exports of pool, task log and ledger, read by another program: openpyxl.

use crate::{process::succeed, stage::Stage, town::Town};
use chrono::NaiveDateTime;
use serde_json::{Value, json};
use std::{collections::HashMap, io::Write, path::Path, process::Command};

/// What openpyxl reads: each sheet, with `[type, value]` of each cell.
pub(crate) fn book(file: &Path) -> Value {
    let script =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../sheets/tests/sheets/openpyxl_io.py");
    let has = |python: &&str| {
        let asked = Command::new(python).args(["-c", "import openpyxl"]).output();
        asked.is_ok_and(|output| output.status.success())
    };
    let python = ["python3", "/usr/bin/python3"].into_iter().find(has);
    let python = python.expect("no python3 with openpyxl: deploy/prepare installs it");
    let output = Command::new(python).arg(script).arg("read").arg(file).output();
    let output = output.expect("python3 runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The cells of the first sheet by heading; the rows after the headings.
fn read(file: &Path) -> Vec<HashMap<String, Value>> {
    let book = book(file);
    let rows = book[0]["rows"].as_array().expect("rows");
    let cells = |row: &Value| row.as_array().expect("cells").clone();
    let headings = cells(&rows[0]);
    let headings: Vec<&str> =
        headings.iter().map(|cell| cell[1].as_str().expect("a heading")).collect();
    let named = |row: &Value| {
        let headings = headings.iter().map(|&heading| heading.to_owned());
        headings.zip(cells(row)).collect()
    };
    rows[1..].iter().map(named).collect()
}

/// How a column's cells are to be typed, and what they are to say.
#[derive(Clone, Copy)]
enum Holds {
    Text,
    /// Whole, or yuan.
    Number,
    Date,
    Moment,
}

/// A column's heading, what it holds, and the SQL of its value.
type Column = (&'static str, Holds, &'static str);

/// Each row of the file is the store's row.
async fn same(stage: &Stage, file: &[HashMap<String, Value>], columns: &[Column], from: &str) {
    let values: Vec<&str> = columns.iter().map(|(.., value)| *value).collect();
    let rows = format!("SELECT json_build_array({})::text {from}", values.join(", "));
    let rows = stage.database.rows(&rows).await.expect("the rows can be read");
    assert_eq!(file.len(), rows.len(), "as many rows");
    for (row, stored) in file.iter().zip(rows) {
        let stored: Vec<Value> = serde_json::from_str(&stored[0]).expect("JSON");
        for ((heading, holds, _), stored) in columns.iter().zip(stored) {
            let cell = &row[*heading];
            assert!(is(cell, *holds, &stored), "{heading}: {cell} in the file, {stored} stored");
        }
    }
}

fn is(cell: &Value, holds: Holds, stored: &Value) -> bool {
    if stored.is_null() || stored == "" {
        return cell[1].is_null();
    }
    let moment = |value: &Value| {
        NaiveDateTime::parse_from_str(value.as_str().unwrap_or_default(), "%Y-%m-%d %H:%M:%S").ok()
    };
    match holds {
        Holds::Text => cell == &json!(["s", stored]),
        Holds::Number => cell[0] == "n" && cell[1].as_f64() == stored.as_f64(),
        Holds::Date => cell == &json!(["d", format!("{} 00:00:00", stored.as_str().unwrap_or(""))]),
        // A spreadsheet counts days: a second is as near as its fractions are told.
        Holds::Moment => match (moment(&cell[1]), moment(stored)) {
            (Some(shown), Some(stored)) => {
                cell[0] == "d" && (shown - stored).num_seconds().abs() <= 1
            }
            _ => false,
        },
    }
}

/// Texts that a spreadsheet would take for a formula stand in every field that others fill in.
async fn filled() -> (Stage, crate::process::Worker, String) {
    let mut town = Town::new();
    let tax_no = town.taxpayer("etax");
    town.account(&[&tax_no]);
    let plain = town.invoice(&tax_no);
    town.invoice_with(
        &tax_no,
        json!({"seller_name": "=1+1", "accounting_org": "@0102", "amount": "1234567.89",
               "tax": "0.07", "invoice_date": "2025-09-30",
               "details": {"entry_tax": "5.50", "transferred_out": "0.50",
                           "transfer_reason": "-集体福利", "voucher_no": "+0007",
                           "document_type": "=cmd|' /C calc'!A0", "entry_state": "entered",
                           "entered_at": "2025-11-20T08:00:00+08:00"}}),
    );
    town.invoice_with(
        &tax_no,
        json!({"invoice_type": "4", "invoice_code": "0440320113", "invoice_no": "01234567",
               "seller_name": "@SUM(A1:A9)", "seller_tax_no": "91440300MA5GSELLER"}),
    );
    let stage = Stage::open(&town).await;
    let (worker, address) = stage.console(&[]).await;
    let batch = json!({
        "batch_id": "=2+5", "purpose": "non_deduction", "reason": "5", "reason_text": "-赠送客户",
        "tax_no": tax_no, "submitted_by": "@erp",
        "invoices": [{"invoice_no": plain["invoice_no"]},
                     {"invoice_code": "0440320113", "invoice_no": "01234567"}],
    });
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(batch.to_string().as_bytes()).expect("written");
    let path = file.path().to_str().expect("a path");
    succeed(&["batch", "create", path, "--listen", &address]).await;
    stage.until_all_ended(1).await;
    (stage, worker, address)
}

/// 全票池
const POOL: [Column; 17] = [
    ("购买方税号", Holds::Text, "t.tax_no"),
    ("核算组织", Holds::Text, "v.accounting_org"),
    ("发票代码", Holds::Text, "v.code"),
    ("发票号码", Holds::Text, "v.number"),
    ("开票日期", Holds::Date, "v.date"),
    ("金额", Holds::Number, "v.amount / 100.0"),
    ("票面税额", Holds::Number, "v.tax / 100.0"),
    ("销售方名称", Holds::Text, "v.seller_name"),
    ("销售方税号", Holds::Text, "v.seller_tax_no"),
    ("抵扣税期", Holds::Text, "v.period::text"),
    ("不抵扣原因说明", Holds::Text, "v.non_deduction_text"),
    (
        "入账时间",
        Holds::Moment,
        "to_char(v.entered_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS')",
    ),
    ("入账税额", Holds::Number, "v.entry_tax / 100.0"),
    ("转出金额", Holds::Number, "v.transferred_out / 100.0"),
    ("转出原因", Holds::Text, "v.transfer_reason"),
    ("凭证号", Holds::Text, "v.voucher_no"),
    ("单据类型", Holds::Text, "v.document_type"),
];

/// 税局用票日志
const LOG: [Column; 10] = [
    ("任务编号", Holds::Text, "task_id::text"),
    ("批次", Holds::Text, "batch_id"),
    ("税号", Holds::Text, "tax_no"),
    ("账号", Holds::Text, "account"),
    ("发票数", Holds::Number, "invoices_total"),
    ("成功数", Holds::Number, "invoices_succeeded"),
    ("提交次数", Holds::Number, "attempts"),
    (
        "登记时间",
        Holds::Moment,
        "to_char(enqueued_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS')",
    ),
    (
        "结束时间",
        Holds::Moment,
        "to_char(finished_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS')",
    ),
    ("提交方", Holds::Text, "submitted_by"),
];

/// 用票操作台账
const LEDGER: [Column; 7] = [
    ("税号", Holds::Text, "t.tax_no"),
    ("发票代码", Holds::Text, "l.invoice_code"),
    ("发票号码", Holds::Text, "l.invoice_no"),
    ("说明", Holds::Text, "l.reason"),
    (
        "处理时间",
        Holds::Moment,
        "to_char(l.at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS')",
    ),
    ("任务编号", Holds::Text, "l.task_id::text"),
    ("批次", Holds::Text, "t.batch_id"),
];

#[tokio::test]
async fn exports_say_what_the_store_says_and_nothing_in_them_is_a_formula() {
    let (stage, _worker, address) = filled().await;
    let export = async |what: &str| {
        let path = stage.folder().join(format!("{what}.xlsx"));
        let file = path.to_str().expect("a path");
        succeed(&[what, "export", file, "--listen", &address]).await;
        let rows = read(&path);
        let formula = rows.iter().flatten().find(|(_, cell)| cell[0] == "f");
        assert_eq!(formula, None, "a formula in {what}.xlsx");
        rows
    };
    let pool = export("invoice").await;
    let from = "FROM invoice v JOIN taxpayer t ON t.id = v.tax_id
                ORDER BY v.date DESC, v.number DESC, v.code DESC";
    same(&stage, &pool, &POOL, from).await;
    let shown =
        |heading: &str| -> Vec<&Value> { pool.iter().map(|row| &row[heading][1]).collect() };
    assert!(shown("销售方名称").contains(&&json!("=1+1")), "what was put in came out");
    assert!(shown("发票号码").contains(&&json!("01234567")), "zeros at its beginning stay");
    assert!(shown("入账时间").contains(&&json!("2025-11-20 08:00:00")), "as in Shanghai");

    let log = export("task").await;
    same(&stage, &log, &LOG, "FROM task_log").await;
    assert_eq!((&log[0]["批次"][1], &log[0]["提交方"][1]), (&json!("=2+5"), &json!("@erp")));

    let mut ledger = export("ledger").await;
    ledger.sort_by_key(|row| row["发票号码"][1].to_string());
    let from = "FROM ledger l JOIN task_log t ON t.task_id = l.task_id ORDER BY l.invoice_no";
    same(&stage, &ledger, &LEDGER, from).await;
    assert_eq!(ledger.len(), 2);
}
