//! A version of a statistic table as a file, as another reader reads it.

use crate::openpyxl;
use domain::{
    Moment,
    ids::{Fence, TaskId},
    invoice::{Invoice, InvoiceDetails, InvoiceKey, PoolInvoice, Purpose, Selection},
    kind::Kind,
    money::Fen,
    statistic::{Figures, KnownFigures, StatisticState, Sum, TableVersion, VersionId},
};
use serde_json::{Value as Json, json};
use sheets::TableFile;
use uuid::Uuid;

fn moment(text: &str) -> Moment {
    text.parse().expect("a moment")
}

fn figures(rows: &[(&str, Purpose, i64, i64)]) -> Figures {
    Figures::of_pool(rows.iter().map(|(of, purpose, amount, tax)| {
        let sum = Sum::of_one(Fen(*amount), Fen(*tax));
        (of.parse().expect("a type"), Some(*purpose), sum)
    }))
}

fn version(known: Option<Figures>) -> TableVersion {
    TableVersion {
        tax_no: "91440300MA5G9GK78Y".parse().expect("a tax number"),
        id: VersionId { period: "202511".parse().expect("a period"), order: Fence(37) },
        task: TaskId(Uuid::from_u128(7)),
        kind: Kind::StatisticConfirm,
        state: StatisticState::Confirmed,
        known: known.map(|figures| KnownFigures {
            figures,
            asked_at: moment("2025-12-01T00:30:00Z"),
            order: Fence(36),
        }),
        ours: figures(&[
            ("27", Purpose::Deduction, 10_000, 1_300),
            ("27", Purpose::NonDeduction, 500, 65),
        ]),
        at: moment("2025-12-01T00:31:00Z"),
        withdrawn_at: None,
        file: None,
    }
}

fn invoice(number: &str) -> Invoice {
    let key = InvoiceKey { code: String::new(), number: number.to_owned() };
    let facts: PoolInvoice = serde_json::from_value(json!({
        "key": key, "invoice_type": "27", "date": "2025-11-03",
        "amount": "100.00", "tax": "13.00", "status": "normal", "risk": "", "selection": "selected",
        "period": "202511", "special_kind": "",
    }))
    .expect("the facts of an invoice");
    assert_eq!(facts.selection, Selection::Selected);
    Invoice {
        buyer_tax_no: "91440300MA5G9GK78Y".parse().expect("a tax number"),
        tax_org: "0101".into(),
        accounting_org: String::new(),
        seller_name: "=1+1".into(),
        seller_tax_no: String::new(),
        facts,
        details: InvoiceDetails { purpose: Some(Purpose::Deduction), ..InvoiceDetails::default() },
    }
}

fn written(version: &TableVersion, left_out: &str, invoices: &[Invoice]) -> Json {
    let read_at = moment("2025-12-01T00:31:05Z");
    let mut file = TableFile::new(version, read_at, left_out).expect("a file");
    for invoice in invoices {
        file.invoice(invoice).expect("a row");
    }
    let mut bytes = Vec::new();
    file.finish(&mut bytes).expect("a file");
    openpyxl::read(&bytes)
}

/// Values without their types.
fn row(sheet: &Json, n: usize) -> Vec<Json> {
    let cells = sheet["rows"][n].as_array().expect("cells").iter();
    cells.map(|cell| cell[1].clone()).collect()
}

#[test]
fn the_table_stands_before_its_invoices() {
    let bureau = figures(&[("27", Purpose::Deduction, 9_000, 1_170)]);
    let book = written(&version(Some(bureau)), "", &[invoice("001"), invoice("002")]);
    let (table, invoices) = (&book[0], &book[1]);
    assert_eq!((&table["title"], &invoices["title"]), (&json!("统计表"), &json!("发票")));
    let facts = [
        ("税号", "91440300MA5G9GK78Y"),
        ("税款所属期", "202511"),
        ("版本", "202511-37"),
        ("状态", "已确认"),
        ("任务类型", "确认签名"),
        ("任务编号", "00000000-0000-0000-0000-000000000007"),
        ("税局返回结果时间", "2025-12-01 08:31:00"),
        ("税局统计数据时间", "2025-12-01 08:30:00"),
        ("本系统数据", "任务结果入库时，抵扣税期为该期的已勾选发票（不含退税）"),
    ];
    for (n, (label, text)) in facts.into_iter().enumerate() {
        assert_eq!(row(table, n)[..2], [json!(label), json!(text)]);
    }
    let headings = row(table, 10);
    assert_eq!(headings[..3], ["发票类型", "用途", "税局份数"].map(|text| json!(text)));
    let name = version(None).ours.rows()[0].invoice_type.name();
    let expected = [
        json!([name, "抵扣", 1, 90, 11.7, 1, 100, 13, 0, -10, -1.3]),
        json!([name, "不抵扣", 0, 0, 0, 1, 5, 0.65, -1, -5, -0.65]),
        json!(["合计", "抵扣", 1, 90, 11.7, 1, 100, 13, 0, -10, -1.3]),
        json!(["合计", "不抵扣", 0, 0, 0, 1, 5, 0.65, -1, -5, -0.65]),
    ];
    for (n, expected) in expected.into_iter().enumerate() {
        assert_eq!(json!(row(table, 11 + n)), expected);
    }
    assert_eq!(table["rows"].as_array().map(Vec::len), Some(15));

    assert_eq!(row(invoices, 0)[..2], ["读取时间", "2025-12-01 08:31:05"].map(|text| json!(text)));
    let headings = row(invoices, 2);
    let at = |heading: &str| headings.iter().position(|one| one == heading).expect("a column");
    let numbers = [row(invoices, 3), row(invoices, 4)].map(|row| row[at("发票号码")].clone());
    assert_eq!(numbers, ["001", "002"].map(|text| json!(text)));
    assert_eq!(invoices["rows"][3][at("销售方名称")], json!(["s", "=1+1"]));
    assert_eq!(row(invoices, 3)[at("抵扣税期")], json!("202511"));
    assert_eq!(invoices["rows"].as_array().map(Vec::len), Some(5));
}

#[test]
fn what_is_left_out_is_said_and_what_is_not_known_is_empty() {
    let book = written(&version(None), "已勾选发票超过2张。", &[]);
    assert_eq!(book.as_array().map(Vec::len), Some(1), "no sheet for invoices");
    let table = &book[0];
    assert_eq!(row(table, 7)[1], json!("税局未返回统计数据"));
    assert_eq!(row(table, 9)[..2], ["发票明细", "已勾选发票超过2张。"].map(|text| json!(text)));
    let deducted = row(table, 12);
    assert_eq!(deducted[2..5], [Json::Null, Json::Null, Json::Null]);
    assert_eq!(deducted[5..8], [json!(1), json!(100), json!(13)]);
    assert!(deducted[8..].iter().all(Json::is_null), "{deducted:?}");
}
