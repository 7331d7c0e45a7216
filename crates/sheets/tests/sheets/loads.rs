//! Bulk loads: .xlsx and .csv, the template, and files that are refused.

use crate::openpyxl;
use domain::{list::Cell, load::Column};
use serde_json::json;
use sheets::{Limits, load_template, read_load, write_rejected};

/// Rows as they were read: their number, and what their cells show.
fn read(file: &[u8]) -> Result<Vec<(u32, Vec<String>)>, String> {
    let mut rows = Vec::new();
    let count = read_load(file, &Limits::LOAD, &mut |number, cells| {
        rows.push((number, cells.iter().map(Cell::shown).collect()));
        Ok(())
    });
    let count = count.map_err(|refused| refused.to_string())?;
    assert_eq!(count, rows.len());
    Ok(rows)
}

const HEADINGS: &str = "购买方税号,发票类型,发票号码,开票日期,金额,税额";

/// What stands in these columns of the first row.
fn first(file: &[u8], columns: &[Column]) -> Vec<String> {
    let rows = read(file).expect("a table");
    columns.iter().map(|column| rows[0].1[*column as usize].clone()).collect()
}

#[test]
fn csv_is_read_in_both_encodings_and_any_order_of_columns() {
    let text = "税额,金额,开票日期,发票号码,发票类型,购买方税号,销售方名称\r\n\
                2.36,235.64,2023-08-16,23442000000164214335,27,91440300MA5G9GK78Y,\"示例,\n供货商\"\r\n\
                \r\n,,,,,,\r\n1,2,2023-08-16,A1,27,X,\r\n";
    let (gb, _, lossy) = encoding_rs::GB18030.encode(text);
    assert!(!lossy);
    let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    for file in [text.as_bytes(), &marked, &gb] {
        let rows = read(file).expect("a table");
        assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), [2, 6], "lines of the file");
        let unix = String::from_utf8_lossy(text.as_bytes()).replace("\r\n", "\n");
        assert_eq!(read(unix.as_bytes()).expect("a table"), rows);
        let old = text.replace("\r\n", "\r");
        assert_eq!(read(old.as_bytes()).expect("a table"), rows);
        let shown = first(file, &[Column::Number, Column::Tax, Column::SellerName]);
        assert_eq!(shown, ["23442000000164214335", "2.36", "示例,\n供货商"]);
    }
}

#[test]
fn the_template_has_every_heading_and_its_filled_copy_is_read() {
    let template = load_template().expect("the template");
    assert_eq!(template, load_template().expect("the template"), "the same bytes each time");
    let mut row = vec![json!(null); Column::ALL.len()];
    for (column, value) in [
        (Column::Buyer, json!("91440300MA5G9GK78Y")),
        (Column::Number, json!("23442000000164214335")),
        (Column::Date, json!("2023-08-16")),
        (Column::Amount, json!(235.64)),
    ] {
        row[column as usize] = value;
    }
    let filled = openpyxl::fill(&template, &json!([row]));
    assert_eq!(read(&filled).expect("a table")[0].0, 2);
    let shown =
        first(&filled, &[Column::Buyer, Column::Number, Column::Date, Column::Amount, Column::Tax]);
    let expected = ["91440300MA5G9GK78Y", "23442000000164214335", "2023-08-16", "235.64", ""];
    assert_eq!(shown, expected);
    let explained = &openpyxl::read(&template)[1]["rows"];
    assert!(explained.as_array().is_some_and(|lines| lines.len() == 9), "{explained}");
    let empty = read(&template).expect_err("no rows");
    assert_eq!(empty, "清单中没有数据，请从标题的下一行开始填写");
}

#[test]
fn a_workbook_of_others_may_hold_dates_and_numbers() {
    let headings: Vec<&str> = HEADINGS.split(',').collect();
    let row = json!(["91440300MA5G9GK78Y", 27, "A1", {"date": "2023-08-16"}, 235.64, 2]);
    let file = openpyxl::write(&json!([{"title": "任意", "rows": [headings, row]}]));
    let shown = first(&file, &[Column::Type, Column::Date, Column::Amount, Column::Tax]);
    assert_eq!(shown, ["27", "2023-08-16", "235.64", "2"]);
    let mut rows = Vec::new();
    let limits = Limits::LOAD;
    read_load(&file, &limits, &mut |number, cells| {
        rows.push(domain::load::read(number, &cells));
        Ok(())
    })
    .expect("a table");
    let loaded = rows.remove(0).expect("an invoice");
    assert_eq!(loaded.invoice.invoice_date, "2023-08-16".parse().ok());
    assert_eq!(loaded.invoice.amount.0, 23_564);
}

#[test]
fn what_is_no_table_is_refused_with_a_sentence() {
    let row = "91440300MA5G9GK78Y,27,1,2023-08-16,1,0\n";
    let twice = format!("{HEADINGS},金额\n{row}");
    let unknown = format!("{HEADINGS},备注\n{row}");
    let wide = format!("{HEADINGS}\n91440300MA5G9GK78Y,27,1,2023-08-16,1,0,x\n");
    let long = format!("{HEADINGS}\n{},27,1,2023-08-16,1,0\n", "9".repeat(1001));
    for (file, sentence) in [
        (&b""[..], "文件是空的，请重新选择填写好的.xlsx清单"),
        (
            &b"\x00\x01\x02"[..],
            "文件既不是.xlsx，也不是UTF-8或GB18030编码的.csv文本，请下载导入模板，填写后保存为.xlsx或.csv",
        ),
        (
            &b"\xff\xfe\xff\xff"[..],
            "文件既不是.xlsx，也不是UTF-8或GB18030编码的.csv文本，请下载导入模板，填写后保存为.xlsx或.csv",
        ),
        (b"PK\x03\x04 and no package", "文件已损坏"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "文件是旧的.xls格式"),
        ("购买方税号,发票类型\nX,27\n".as_bytes(), "清单缺少标题“发票号码”"),
        (HEADINGS.as_bytes(), "清单中没有数据"),
        (twice.as_bytes(), "标题“金额”重复出现在E1和G1"),
        (unknown.as_bytes(), "G1的标题“备注”不在引入模板中"),
        (wide.as_bytes(), "G2有内容，但该列没有标题"),
        (long.as_bytes(), "单元格A2的内容超过1000字"),
    ] {
        let refused = read(file).expect_err(sentence);
        assert!(refused.starts_with(sentence), "{refused}");
    }
}

#[test]
fn no_more_rows_are_read_than_the_limit() {
    let limits = Limits { rows: 2, ..Limits::LOAD };
    let row = "91440300MA5G9GK78Y,27,1,2023-08-16,1,0\n";
    let count = |rows: usize| {
        let file = format!("{HEADINGS}\n{}", row.repeat(rows));
        read_load(file.as_bytes(), &limits, &mut |_, _| Ok(()))
    };
    assert_eq!(count(2), Ok(2));
    assert_eq!(count(3).expect_err("one too many").to_string(), "清单超过2行，请拆分成多个清单");
    let small = Limits { file_bytes: 10, ..Limits::LOAD };
    let refused = read_load(HEADINGS.as_bytes(), &small, &mut |_, _| Ok(()));
    assert!(refused.expect_err("too large").to_string().starts_with("文件超过10字节"));
}

#[test]
fn rejected_rows_are_written_as_a_table() {
    let rejected = [
        domain::load::Rejected::at(3, Column::Amount, "“=1+1”不是金额"),
        domain::load::Rejected::at(9, Column::Number, "必填，请填写发票号码"),
    ];
    let mut file = Vec::new();
    let at = "2025-11-20T01:00:00Z".parse().expect("a moment");
    write_rejected(&rejected, at, &mut file).expect("written");
    let rows = &openpyxl::read(&file)[0]["rows"];
    assert_eq!(rows[0], json!([["s", "行号"], ["s", "列"], ["s", "原因"]]));
    assert_eq!(rows[1], json!([["n", 3], ["s", "金额"], ["s", "“=1+1”不是金额"]]));
    assert_eq!(rows[2], json!([["n", 9], ["s", "发票号码"], ["s", "必填，请填写发票号码"]]));
}
