//! The files that we write, as another reader reads them.

use crate::openpyxl;
use domain::{
    Moment,
    list::{Cell, Column, ListRow, Purpose, RawRow, ReadRow},
    money::Fen,
    rules::{
        Settings,
        list::{List, check},
    },
};
use serde_json::{Value as Json, json};
use sheets::{Heading, Holds, Results, Table, Value, WriteError, template};
use std::collections::HashMap;

fn made_at() -> Moment {
    "2025-11-22T00:00:00Z".parse().expect("a moment")
}

/// Every cell's value, without its type.
fn values(sheet: &Json) -> Vec<Vec<Json>> {
    let rows = sheet["rows"].as_array().expect("rows").iter();
    let cells = |row: &Json| row.as_array().expect("cells").iter().map(|c| c[1].clone()).collect();
    rows.map(cells).collect()
}

#[test]
fn the_template_has_headings_text_columns_and_choices() {
    let file = template().expect("a template");
    assert_eq!(template().expect("a template"), file);
    let book = openpyxl::read(&file);
    assert_eq!((&book[0]["title"], &book[1]["title"]), (&json!("清单"), &json!("填写说明")));
    assert_eq!(values(&book[0])[0], Column::ALL.map(Column::heading).map(|text| json!(text)));
    assert_eq!(book[0]["column_formats"], json!([[1, 6, "@"]]));
    let choices = &book[0]["choices"];
    assert_eq!(choices[0], json!(["A2:A50001", "\"勾选,撤销勾选\""]));
    assert_eq!(choices[1][0], json!("E2:E50001"));
    assert_eq!(choices[2][0], json!("F2:F50001"));
    assert!(choices[2][1].as_str().is_some_and(|text| text.contains("海关缴款书")));
    assert_eq!(values(&book[1]).len(), 11);
}

#[test]
fn results_stand_beside_the_uploaded_rows() {
    let rows = [
        RawRow::empty(2).with(Column::Action, "勾选").with(Column::Number, "=1+1"),
        RawRow {
            cells: [
                Cell::Text("勾选".into()),
                Cell::Empty,
                Cell::Number(1.5),
                Cell::Empty,
                Cell::Date("2025-11-01".into()),
                Cell::Empty,
            ],
            ..RawRow::empty(5)
        },
        RawRow::empty(6).with(Column::Number, "23442000000164214335"),
    ];
    let read: Vec<_> = rows.iter().map(|row| ReadRow::of(row, Purpose::NonDeduct)).collect();
    let list = List { purpose: Purpose::NonDeduct, rows: &read, pool: &HashMap::new() };
    let results = check(&list, Settings::default());
    let mut file = Vec::new();
    let mut writer = Results::new(made_at()).expect("a file");
    for (row, result) in rows.iter().zip(&results) {
        writer.row(&ListRow::of(row, result)).expect("a row");
    }
    writer.finish(&mut file).expect("a file");
    let sheet = &openpyxl::read(&file)[0];
    let written = values(sheet);
    let headings = ["行号", "勾选操作", "发票代码", "发票号码", "海关缴款书号码", "不抵扣原因"];
    assert_eq!(written[0][..6], headings.map(|text| json!(text)));
    assert_eq!(written[0][6..], ["发票类型", "引入结果", "原因"].map(|text| json!(text)));
    assert_eq!(written[1][0], json!(2));
    // A type of `f` would be a formula.
    assert_eq!(sheet["rows"][1][3], json!(["s", "=1+1"]));
    assert_eq!(written[2][3..6], [json!("1.5"), Json::Null, json!("2025-11-01")]);
    for (row, result) in written[1..].iter().zip(&results) {
        assert_eq!(row[7..], [json!(result.outcome().label()), json!(result.sentence())]);
    }
    assert_eq!(written[3][8], json!("必填字段缺失：勾选操作"));
    assert_eq!(written.len(), 4);
}

const HEADINGS: [Heading<'_>; 5] = [
    Heading { text: "号码", holds: Holds::Text, width: 22 },
    Heading { text: "次数", holds: Holds::Whole, width: 8 },
    Heading { text: "金额", holds: Holds::Money, width: 14 },
    Heading { text: "开票日期", holds: Holds::Date, width: 12 },
    Heading { text: "时间", holds: Holds::Moment, width: 20 },
];

#[test]
fn a_table_holds_what_was_written() {
    let at: Moment = "2025-11-30T16:30:05Z".parse().expect("a moment");
    let date = "2025-11-30".parse().expect("a date");
    let old = "1899-01-01".parse().expect("a date");
    let mut table = Table::new("台账", &HEADINGS, made_at()).expect("a table");
    let rows = [
        [
            Value::Text("23442000000164214335"),
            Value::Whole(-7),
            Value::Money(Fen(23_564)),
            Value::Date(date),
            Value::Moment(at),
        ],
        [Value::Text("@x"), Value::Empty, Value::Money(Fen(-5)), Value::Date(old), Value::Empty],
        [
            Value::Text("-1+2"),
            Value::Whole(i64::MIN),
            Value::Money(Fen(i64::MAX)),
            Value::Empty,
            Value::Empty,
        ],
        [
            Value::Text("+1"),
            Value::Whole(999_999_999_999_999),
            Value::Empty,
            Value::Empty,
            Value::Empty,
        ],
    ];
    for row in &rows {
        table.row(row).expect("a row");
    }
    let mut file = Vec::new();
    table.finish(&mut file).expect("a file");
    let sheet = &openpyxl::read(&file)[0];
    let cells = &sheet["rows"];
    assert_eq!(sheet["title"], json!("台账"));
    assert_eq!(
        sheet["formats"],
        json!(["@", "0", "#,##0.00", "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"])
    );
    assert_eq!(cells[1][0], json!(["s", "23442000000164214335"]));
    assert_eq!((&cells[1][1], &cells[1][2]), (&json!(["n", -7]), &json!(["n", 235.64])));
    assert_eq!(cells[1][3], json!(["d", "2025-11-30 00:00:00"]));
    // In Asia/Shanghai it is the next day already.
    assert_eq!(cells[1][4], json!(["d", "2025-12-01 00:30:05"]));
    assert_eq!((&cells[2][0], &cells[2][2]), (&json!(["s", "@x"]), &json!(["n", -0.05])));
    assert_eq!(cells[2][3], json!(["s", "1899-01-01"]));
    // What has more digits than a spreadsheet keeps is text.
    assert_eq!(cells[3][1], json!(["s", "-9223372036854775808"]));
    assert_eq!(cells[3][2], json!(["s", "92233720368547758.07"]));
    assert_eq!((&cells[3][0], &cells[4][0]), (&json!(["s", "-1+2"]), &json!(["s", "+1"])));
    assert_eq!(cells[4][1], json!(["n", 999_999_999_999_999_u64]));
}

#[test]
fn a_full_sheet_is_followed_by_another() {
    let heading = [Heading { text: "号", holds: Holds::Whole, width: 8 }];
    let mut table = Table::with_sheet_rows("日志", &heading, made_at(), 3).expect("a table");
    for n in 1..=5 {
        table.row(&[Value::Whole(n)]).expect("a row");
    }
    let mut file = Vec::new();
    table.finish(&mut file).expect("a file");
    let book = openpyxl::read(&file);
    let sheets: Vec<_> = book.as_array().expect("sheets").iter().collect();
    let titles: Vec<_> = sheets.iter().map(|sheet| sheet["title"].clone()).collect();
    assert_eq!(titles, [json!("日志"), json!("日志(2)"), json!("日志(3)")]);
    let rows: Vec<_> = sheets.iter().flat_map(|sheet| values(sheet)).flatten().collect();
    assert_eq!(
        rows,
        [json!("号"), json!(1), json!(2), json!("号"), json!(3), json!(4), json!("号"), json!(5)]
    );
}

#[test]
fn what_cannot_be_written_is_named() {
    let heading = [Heading { text: "号", holds: Holds::Text, width: 8 }];
    let mut table = Table::new("日志", &heading, made_at()).expect("a table");
    let wide = table.row(&[Value::Empty, Value::Empty]).expect_err("two cells");
    assert_eq!(wide.to_string(), "row 1 has 2 cells, and the table 1 columns");
    let long = "长".repeat(40_000);
    let long = table.row(&[Value::Text(&long)]).expect_err("too long");
    assert!(matches!(long, WriteError::Cell { row: 1, column: 1, .. }), "{long}");
    for rows in [0, 1, 1_048_577] {
        let refused = Table::with_sheet_rows("日志", &heading, made_at(), rows);
        assert!(matches!(refused, Err(WriteError::SheetRows(named)) if named == rows));
    }
}
