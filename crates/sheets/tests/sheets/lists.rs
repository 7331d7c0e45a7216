//! Lists as people and other programs write them.

use crate::openpyxl;
use domain::list::{Cell, Column, RawRow};
use serde_json::{Value as Json, json};
use sheets::{Limits, read_list, template};

fn read(file: &[u8]) -> Result<Vec<RawRow>, String> {
    read_list(file, &Limits::default()).map_err(|refused| refused.to_string())
}

fn headings() -> Json {
    json!(Column::ALL.map(Column::heading))
}

/// One sheet with the headings and these rows.
fn list(rows: &[Json]) -> Json {
    let rows: Vec<_> = [headings()].iter().chain(rows).cloned().collect();
    json!([{ "title": "清单", "rows": rows }])
}

#[test]
fn a_template_that_was_filled_elsewhere_is_read() {
    let rows = json!([
        ["勾选", null, "23442000000164214335", null, null, "数电票(增值税专用发票)"],
        [null, " ", null, null, null, null],
        ["撤销勾选 ", "4403201130", "０１２３４５６７", null, "", null],
        ["勾选", null, null, "530120201012345678-L01", "其他：报废", null],
    ]);
    let file = openpyxl::fill(&template().expect("a template"), &rows);
    let text = |number: u32, cells: &[(Column, &str)]| {
        let with = |row: RawRow, (column, text): &(Column, &str)| row.with(*column, text);
        cells.iter().fold(RawRow::empty(number), with)
    };
    let expected = vec![
        text(
            2,
            &[
                (Column::Action, "勾选"),
                (Column::Number, "23442000000164214335"),
                (Column::Type, "数电票(增值税专用发票)"),
            ],
        ),
        text(
            4,
            &[
                (Column::Action, "撤销勾选 "),
                (Column::Code, "4403201130"),
                (Column::Number, "０１２３４５６７"),
            ],
        ),
        text(
            5,
            &[
                (Column::Action, "勾选"),
                (Column::PaymentBook, "530120201012345678-L01"),
                (Column::Reason, "其他：报废"),
            ],
        ),
    ];
    assert_eq!(read(&file), Ok(expected));
}

#[test]
fn columns_may_stand_in_any_order_and_the_type_may_be_missing() {
    let file = openpyxl::write(&json!([
        { "title": "说明", "state": "hidden", "rows": [["不读取"]] },
        { "title": "甲", "rows": [
            [],
            [null, " 发票 号码", "不抵扣原因", "海关缴款书号码", "发票代码", "勾选操作"],
            [null, "23442000000164214335", null, null, null, "勾选"],
        ] },
        { "title": "乙", "rows": [["不读取"]] },
    ]));
    let row = RawRow::empty(3).with(Column::Number, "23442000000164214335");
    assert_eq!(read(&file), Ok(vec![row.with(Column::Action, "勾选")]));
}

#[test]
fn numbers_and_dates_are_read_as_what_they_are() {
    let file = openpyxl::write(&list(&[
        json!(["勾选", 4_403_201_130_u64, 12_345_678, null, 3, 27]),
        json!(["勾选", null, 2.344_200_000_016_42e19, null, null, null]),
        json!(["勾选", null, { "date": "2025-11-01" }, null, true, null]),
    ]));
    let rows = read(&file).expect("read");
    let cell = |row: usize, column: Column| rows[row].cell(column).clone();
    assert_eq!(cell(0, Column::Code), Cell::Number(4_403_201_130.0));
    assert_eq!(cell(0, Column::Reason), Cell::Number(3.0));
    assert_eq!(cell(1, Column::Number), Cell::Number(2.344_200_000_016_42e19));
    assert_eq!(cell(2, Column::Number), Cell::Date("2025-11-01".into()));
    assert_eq!(cell(2, Column::Reason), Cell::Text("TRUE".into()));
}

#[test]
fn what_a_list_cannot_have_is_refused() {
    let row = json!(["勾选", null, "23442000000164214335", null, null, null]);
    let with = |column: usize, value: &str| {
        let mut row = row.clone();
        row[column] = json!(value);
        list(&[row])
    };
    let merged = {
        let mut sheets = list(&[row.clone(), row.clone()]);
        sheets[0]["merge"] = json!(["A2:A3"]);
        sheets
    };
    let titled = |rows: Json| json!([{ "title": "清单", "rows": rows }]);
    for (sheets, sentence) in [
        (merged, "清单含有合并单元格A2:A3，请取消合并，每行填写一张发票"),
        (with(2, "=\"2344\"&\"2\""), "单元格C2含有公式，请将公式“粘贴为数值”后重新上传"),
        (with(5, "=1/0"), "单元格F2含有公式，请将公式“粘贴为数值”后重新上传"),
        (with(1, "#N/A"), "单元格B2是错误值，请改正后重新上传"),
        (list(&[]), "清单中没有数据，请从标题的下一行开始填写"),
        (titled(json!([])), "清单缺少标题“勾选操作”，请使用引入模板的标题"),
        (
            titled(json!([["勾选操作", "发票代码", "发票号码", "不抵扣原因"], ["勾选"]])),
            "清单缺少标题“海关缴款书号码”，请使用引入模板的标题",
        ),
        (
            titled(json!([["发票号码", "勾选操作", "发票 号码"]])),
            "标题“发票号码”重复出现在A1和C1，请只保留一列",
        ),
        (
            titled(json!([["勾选操作", "备注"]])),
            "B1的标题“备注”不在引入模板中，请删除该列或改为模板的标题",
        ),
        (
            list(&[json!(["勾选", null, null, null, null, null, "多余"])]),
            "G2有内容，但该列没有标题，请删除该列的内容",
        ),
        (
            json!([{ "title": "清单", "rows": [["勾选操作"]] , "state": "hidden" },
                   { "title": "空", "rows": [] }]),
            "清单缺少标题“勾选操作”，请使用引入模板的标题",
        ),
        (with(4, &"长".repeat(1001)), "单元格E2的内容超过1000字，请改短"),
    ] {
        assert_eq!(read(&openpyxl::write(&sheets)), Err(sentence.to_owned()));
    }
}

#[test]
fn limits_are_kept_and_named() {
    let row = json!(["勾选", null, "23442000000164214335", null, null, null]);
    let wide = json!([{ "title": "清单", "rows": [headings(), [
        null, null, null, null, null, null, null, "远",
    ]] }]);
    let three = openpyxl::write(&list(&[row.clone(), json!([]), row.clone(), row]));
    let limits = Limits::default();
    assert_eq!(read(&three).map(|rows| rows.len()), Ok(3));
    for (file, limits, sentence) in [
        (&three, Limits { rows: 2, ..limits }, "清单超过2行，请拆分成多个清单"),
        (&three, Limits { file_bytes: 100, ..limits }, "文件超过100字节，请拆分成多个清单"),
        (
            &three,
            Limits { parts: 3, ..limits },
            "文件含有超过3个部分，已拒绝读取，请将数据复制到新下载的模板中再上传",
        ),
        (
            &three,
            Limits { unpacked_bytes: 2000, ..limits },
            "文件解压后超过2000字节，已拒绝读取，请将数据复制到新下载的模板中再上传",
        ),
        (
            &openpyxl::write(&wide),
            Limits { columns: 7, ..limits },
            "H2有内容，清单最多7列，请删除多余的列",
        ),
    ] {
        let refused = read_list(file, &limits).expect_err("refused");
        assert_eq!(refused.to_string(), sentence);
    }
    let exact = Limits { rows: 3, columns: 6, ..limits };
    assert_eq!(read_list(&three, &exact).map(|rows| rows.len()), Ok(3));
}
