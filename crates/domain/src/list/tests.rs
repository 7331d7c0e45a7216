//! What the cells of a row say.

use super::{
    Cell, Column, Editable, ListImport, ListRefusal, ListRow, ListState, Purpose, RawRow, ReadRow,
    Reason, ReasonProblem, RowOutcome, column_under,
};
use crate::{
    invoice::{InvoiceKey, NonDeductionReason},
    kind::{Action, Kind},
    rules::{Rule, list::Objection},
};
use proptest::prelude::*;

const NUMBER: &str = "23442000000164214335";

/// A cell of the tables: `#1e19` is a number, `@2025-11-01` a date, the rest is text.
fn cell(written: &str) -> Cell {
    if let Some(number) = written.strip_prefix('#') {
        return Cell::Number(number.parse().expect("a number"));
    }
    match written.strip_prefix('@') {
        Some(date) => Cell::Date(date.to_owned()),
        None if written.is_empty() => Cell::Empty,
        None => Cell::Text(written.to_owned()),
    }
}

/// `kind key reason`, or the sentence.
fn said(purpose: &str, cells: &[&str]) -> String {
    let purpose = if purpose == "deduct" { Purpose::Deduct } else { Purpose::NonDeduct };
    let cells: Vec<_> = cells.iter().map(|written| cell(written)).collect();
    let row = RawRow { number: 7, cells: cells.try_into().expect("six cells") };
    let read = ReadRow::of(&row, purpose);
    match read.asked {
        Err(Objection { sentence, .. }) => sentence,
        Ok(asked) => {
            let reason = asked.reason.as_ref().map_or(String::new(), |reason| {
                format!(" {}{}", reason.reason().number(), reason.text().unwrap_or(""))
            });
            let key = read.key.expect("a row that asks for something names its invoice");
            format!("{} {key}{reason}", purpose.kind(asked.action))
        }
    }
}

/// purpose | action | code | number | payment book | reason | type | what is read or said
const TABLE: &str = "
deduct | 勾选 | | 23442000000164214335 | | | | deduction_select 23442000000164214335
deduct | 撤销勾选 | 4403201130 | 01234567 | | | | deduction_deselect 4403201130-01234567
not | 撤销勾选 | | 23442000000164214335 | | | | non_deduction_deselect 23442000000164214335
deduct | 勾选 | | | 530120201012345678-L01 | | | deduction_select 530120201012345678-L01
deduct | 勾选 | | | 530120201012345678-L01 | | 海关缴款书 | deduction_select 530120201012345678-L01
# full width, and white space around and inside
deduct | 　勾 选  | ４４０３２０１１３０ | ０１２ ３４５６７ | | | | deduction_select 4403201130-01234567
deduct | 撤销 勾选 | | 2344 2000 0001 6421 4335 | | | | deduction_deselect 23442000000164214335
deduct | 勾选 | | | ５３０１２０２０１０１２３４５６７８－Ｌ０１ | | | deduction_select 530120201012345678-L01
deduct | 勾选 | | 23442000000164214335 | | | 数电票（增值税专用发票） | deduction_select 23442000000164214335
deduct | 勾选 | | 23442000000164214335 | | | #27 | deduction_select 23442000000164214335
# a type that has no code
deduct | 勾选 | | 12345678 | | | 19 | deduction_select 12345678
deduct | 勾选 | | 12345678 | | | 4 | 必填字段缺失：发票代码
# 1
deduct | | | 23442000000164214335 | | | | 必填字段缺失：勾选操作
deduct | 勾选 | | 12345678 | | | | 必填字段缺失：发票代码
deduct | 勾选 | 4403201130 | | | | | 必填字段缺失：发票号码
deduct | 勾选 | | | | | | 必填字段缺失：发票号码或海关缴款书号码
deduct | 勾选 | | | | | 21 | 必填字段缺失：海关缴款书号码
deduct | | | 1234567890123456789 | | | | 必填字段缺失：勾选操作、发票代码
not | 勾选 | | 12345678 | | | | 必填字段缺失：发票代码、不抵扣原因
not | 勾选 | | 23442000000164214335 | | 　 | | 必填字段缺失：不抵扣原因
not | | 　 | | | | | 必填字段缺失：勾选操作、发票号码或海关缴款书号码
# reasons: read where they are needed
not | 勾选 | | 23442000000164214335 | | 3 | | non_deduction_select 23442000000164214335 3
not | 勾选 | | 23442000000164214335 | | #1 | | non_deduction_select 23442000000164214335 1
not | 勾选 | | 23442000000164214335 | | ２ | | non_deduction_select 23442000000164214335 2
not | 勾选 | | 23442000000164214335 | | 遭受不正常损失 | | non_deduction_select 23442000000164214335 4
not | 勾选 | | 23442000000164214335 | | 3 用于集体福利或者个人消费 | | non_deduction_select 23442000000164214335 3
not | 勾选 | | 23442000000164214335 | | 其他：员工 旅游 | | non_deduction_select 23442000000164214335 5员工 旅游
not | 勾选 | | 23442000000164214335 | | 5、其他（报废） | | non_deduction_select 23442000000164214335 5报废
not | 勾选 | | 23442000000164214335 | | 5 报废 | | non_deduction_select 23442000000164214335 5报废
not | 勾选 | | 23442000000164214335 | | 其他 | | 单元格内容无法识别：第7行“不抵扣原因”列：不抵扣原因“其他”缺少说明，请写作“其他：说明”
not | 勾选 | | 23442000000164214335 | | 5： | | 单元格内容无法识别：第7行“不抵扣原因”列：不抵扣原因“其他”缺少说明，请写作“其他：说明”
not | 勾选 | | 23442000000164214335 | | 6 | | 单元格内容无法识别：第7行“不抵扣原因”列：“6”不是不抵扣原因，请填写1至5或原因名称，“其他”写作“其他：说明”
not | 勾选 | | 23442000000164214335 | | 35 | | 单元格内容无法识别：第7行“不抵扣原因”列：“35”不是不抵扣原因，请填写1至5或原因名称，“其他”写作“其他：说明”
not | 勾选 | | 23442000000164214335 | | 2：报废 | | 单元格内容无法识别：第7行“不抵扣原因”列：“用于免税项目：报废”不是不抵扣原因，请填写1至5或原因名称，“其他”写作“其他：说明”
not | 勾选 | | 23442000000164214335 | | @2025-11-01 | | 单元格内容无法识别：第7行“不抵扣原因”列：“2025-11-01”是日期，请将该列设为文本格式后重新填写
not | 撤销勾选 | | 23442000000164214335 | | 随便 | | non_deduction_deselect 23442000000164214335
deduct | 撤销勾选 | | 23442000000164214335 | | 3 | | deduction_deselect 23442000000164214335
deduct | 勾选 | | 23442000000164214335 | | 3 | | 单元格内容无法识别：第7行“不抵扣原因”列：抵扣清单的勾选行不填写不抵扣原因，请清空，或按“不抵扣”用途上传清单
# numbers that a spreadsheet stored as such
deduct | 勾选 | #4403201130 | #12345678 | | | | deduction_select 4403201130-12345678
deduct | 勾选 | #144032011301 | 01234567 | | | | deduction_select 144032011301-01234567
deduct | 勾选 | | #23442000000164214335 | | | | 单元格内容无法识别：第7行“发票号码”列：“23442000000164213000”以数值存储，可能已丢失开头的0或末尾的数字，请将该列设为文本格式后重新填写完整号码
deduct | 勾选 | 4403201130 | #1234567 | | | | 单元格内容无法识别：第7行“发票号码”列：“1234567”以数值存储，可能已丢失开头的0或末尾的数字，请将该列设为文本格式后重新填写完整号码
deduct | 勾选 | #44001900111 | 12345678 | | | | 单元格内容无法识别：第7行“发票代码”列：“44001900111”以数值存储，可能已丢失开头的0或末尾的数字，请将该列设为文本格式后重新填写完整号码
deduct | 勾选 | | | #530120201012 | | | 单元格内容无法识别：第7行“海关缴款书号码”列：“530120201012”以数值存储，可能已丢失开头的0或末尾的数字，请将该列设为文本格式后重新填写完整号码
deduct | 勾选 | 4403201130 | #12345678.5 | | | | 单元格内容无法识别：第7行“发票号码”列：“12345678.5”以数值存储，可能已丢失开头的0或末尾的数字，请将该列设为文本格式后重新填写完整号码
deduct | 勾选 | 4403201130 | #-1234567 | | | | 单元格内容无法识别：第7行“发票号码”列：“-1234567”以数值存储，可能已丢失开头的0或末尾的数字，请将该列设为文本格式后重新填写完整号码
deduct | 勾选 | | 2.34420E+19 | | | | 单元格内容无法识别：第7行“发票号码”列：“2.34420E+19”不是号码，只能含数字、字母和“-”，最多30位
deduct | 勾选 | | @2025-11-01 | | | | 单元格内容无法识别：第7行“发票号码”列：“2025-11-01”是日期，请将该列设为文本格式后重新填写
# the rest of what cannot be read
deduct | 认证 | | 23442000000164214335 | | | | 单元格内容无法识别：第7行“勾选操作”列：“认证”不是“勾选”或“撤销勾选”
deduct | #1 | | 23442000000164214335 | | | | 单元格内容无法识别：第7行“勾选操作”列：“1”不是“勾选”或“撤销勾选”
deduct | 勾选 | | 号码23 | | | | 单元格内容无法识别：第7行“发票号码”列：“号码23”不是号码，只能含数字、字母和“-”，最多30位
deduct | 勾选 | | 1234567890123456789012345678901 | | | | 单元格内容无法识别：第7行“发票号码”列：“1234567890123456789012345678901”不是号码，只能含数字、字母和“-”，最多30位
deduct | 勾选 | | 23442000000164214335 | | | 专票 | 单元格内容无法识别：第7行“发票类型”列：“专票”不是发票类型，请填写模板中的类型名称或编号，也可留空
deduct | 勾选 | | 23442000000164214335 | | | 其他发票 | 单元格内容无法识别：第7行“发票类型”列：“其他发票”不是发票类型，请填写模板中的类型名称或编号，也可留空
deduct | 勾选 | | 23442000000164214335 | 530120201012345678-L01 | | | 单元格内容无法识别：第7行“海关缴款书号码”列：发票号码和海关缴款书号码只能填写一个
deduct | 勾选 | | | 530120201012345678-L01 | | 27 | 单元格内容无法识别：第7行“发票类型”列：发票类型“数电票(增值税专用发票)”与海关缴款书号码不符，请改正其中之一
";

#[test]
fn cells_are_read_or_named() {
    for line in TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")) {
        // Spaces around a column belong to the table; full-width ones are the cell's.
        let columns: Vec<_> = line.split('|').map(|text| text.trim_matches(' ')).collect();
        let [purpose, cells @ .., expected] = &columns[..] else { panic!("{line}") };
        assert_eq!(said(purpose, cells), *expected, "{line}");
    }
}

#[test]
fn invisible_characters_do_not_count() {
    let row = RawRow::empty(2)
        .with(Column::Action, "\u{feff}勾选\u{200b}")
        .with(Column::Number, &format!("\u{202d}{NUMBER}\u{202c}\u{a0}\t"));
    let read = ReadRow::of(&row, Purpose::Deduct);
    let key = InvoiceKey { code: String::new(), number: NUMBER.to_owned() };
    assert_eq!((read.key, read.asked.is_ok()), (Some(key), true));
    assert!(RawRow::empty(1).with(Column::Code, "\u{200b} 　\u{a0}").is_blank());
    assert!(!RawRow::empty(1).with(Column::Code, "0").is_blank());
}

#[test]
fn what_was_uploaded_is_repeated_only_in_part() {
    let row = RawRow::empty(2).with(Column::Action, &"勾".repeat(5000));
    let said = ReadRow::of(&row, Purpose::Deduct).asked.expect_err("no action").sentence;
    assert!(said.contains(&format!("“{}…”", "勾".repeat(40))), "{said}");
}

fn under(heading: &str) -> Option<Column> {
    column_under(&Column::HEADINGS, heading).map(|at| Column::ALL[at])
}

#[test]
fn headings_are_found_as_they_are_written() {
    for column in Column::ALL {
        assert_eq!(under(column.heading()), Some(column));
    }
    assert_eq!(under(" 发票 号码　"), Some(Column::Number));
    for unknown in ["", "发票", "备注", "发票号码2"] {
        assert_eq!(under(unknown), None, "{unknown}");
    }
}

/// A row that passed, as it is kept.
fn passed(row: u32, action: Action, reason: Option<NonDeductionReason>) -> ListRow {
    let entry = Editable {
        tax_no: "91440300MA5G9GK78Y".parse().expect("a tax number"),
        action,
        key: InvoiceKey { code: String::new(), number: row.to_string() },
        invoice_type: "27".parse().expect("a type"),
        reason,
        reason_text: None,
        dropped: false,
    };
    ListRow {
        row,
        cells: Default::default(),
        result: RowOutcome::Listed,
        rule: None,
        sentence: String::new(),
        entry: Some(entry),
    }
}

fn import(purpose: Purpose) -> ListImport {
    let now = "2025-11-22T00:00:00Z".parse().expect("a moment");
    ListImport::new("l".into(), purpose, "清单.xlsx".into(), None, "hash".into(), now)
}

#[test]
fn the_reason_of_a_row_can_be_changed() {
    let other: Reason = "其他：报废".parse().expect("a reason");
    let mut mine = passed(1, Action::Select, Some(NonDeductionReason::Welfare));
    mine.change_reason(&other).expect("it has one");
    let entry = mine.entry.expect("it passed");
    assert_eq!(entry.reason, Some(NonDeductionReason::Other));
    assert_eq!(entry.reason_text.as_deref(), Some("报废"));
    let mut deduction = passed(2, Action::Select, None);
    let refused = ListRefusal::Reason(2, ReasonProblem::NotForThisKind);
    assert_eq!(deduction.change_reason(&other), Err(refused));
    let mut bad = ListRow { sentence: "发票状态异常".into(), entry: None, ..deduction };
    let refused = ListRefusal::DidNotPass(2, "发票状态异常".into());
    assert_eq!(bad.drop_it(true), Err(refused.clone()));
    assert_eq!(bad.change_reason(&other), Err(refused));
    let long = "长".repeat(301);
    for (reason, text, problem) in [
        (NonDeductionReason::Other, " ", ReasonProblem::NoText),
        (NonDeductionReason::Other, long.as_str(), ReasonProblem::TextTooLong),
    ] {
        assert_eq!(Reason::new(reason, text), Err(problem));
    }
}

#[test]
fn what_is_left_of_the_edit_list_becomes_a_batch() {
    let mut list = import(Purpose::NonDeduct);
    assert_eq!(list.confirm("b"), Err(ListRefusal::NotReady(ListState::Reading)));
    let mut small = passed(4, Action::Select, Some(NonDeductionReason::Welfare));
    (small.result, small.rule) = (RowOutcome::TaskFails, Some(Rule::SmallScale));
    let bad =
        ListRow { result: RowOutcome::Failed, entry: None, ..passed(5, Action::Select, None) };
    let mut rows = [
        passed(2, Action::Select, Some(NonDeductionReason::Welfare)),
        passed(3, Action::Deselect, None),
        small,
        bad,
    ];
    list.begin(4);
    list.judged(&rows[..2]);
    assert_eq!((list.state, list.done), (ListState::Reading, 2));
    list.judged(&rows[2..]);
    assert_eq!((list.state, list.results[&RowOutcome::Listed]), (ListState::Ready, 2));
    rows[1].drop_it(true).expect("it passed");
    let batch = list.batch("b".into(), &rows, false).expect("two are left");
    let asked: Vec<_> =
        batch.invoices.iter().map(|one| (one.key.number.as_str(), one.refused)).collect();
    assert_eq!(asked, [("2", None), ("4", Some(Rule::SmallScale))]);
    for row in [0, 2] {
        rows[row].drop_it(true).expect("it passed");
    }
    assert_eq!(list.batch("b".into(), &rows, false), Err(ListRefusal::NothingLeft));
    list.confirm("b").expect("it is ready");
    assert_eq!(list.confirm("b"), Err(ListRefusal::NotReady(ListState::Confirmed)));
}

fn any_cell() -> impl Strategy<Value = Cell> {
    prop_oneof![
        Just(Cell::Empty),
        any::<String>().prop_map(Cell::Text),
        "[勾选撤销　 ０-９0-9A-Z:：其他-]{0,24}".prop_map(Cell::Text),
        any::<f64>().prop_map(Cell::Number),
        any::<String>().prop_map(Cell::Date),
    ]
}

proptest! {
    /// Whatever stands in the cells, a row is read or has a sentence; it names an invoice if it is read.
    #[test]
    fn every_row_is_read_or_has_a_sentence(
        cells in proptest::array::uniform6(any_cell()),
        deduct in any::<bool>(),
    ) {
        let purpose = if deduct { Purpose::Deduct } else { Purpose::NonDeduct };
        // What stands in a cell is quoted: it may look like a placeholder.
        let quoted = cells.iter().any(|cell| match cell {
            Cell::Text(text) | Cell::Date(text) => text.contains("{}"),
            Cell::Number(_) | Cell::Empty => false,
        });
        let read = ReadRow::of(&RawRow { number: 9, cells }, purpose);
        match read.asked {
            Ok(asked) => {
                prop_assert!(read.key.is_some_and(|key| !key.number.is_empty()));
                let needed = purpose.kind(asked.action) == Kind::NonDeductionSelect;
                prop_assert_eq!(asked.reason.is_some(), needed);
            }
            Err(objection) => {
                let filled = !objection.sentence.contains("{}");
                prop_assert!(filled || quoted);
            },
        }
    }

    #[test]
    fn every_reason_is_read_as_it_is_written(n in 0..5_usize, text in "[一-龥a-z0-9]{1,300}") {
        let (reason, number, label) = NonDeductionReason::ALL[n];
        for written in [number.to_owned(), label.to_owned(), format!("{number} {label}")] {
            let (written, text) = match reason {
                NonDeductionReason::Other => (format!("{written}:{text}"), Some(text.as_str())),
                _ => (written, None),
            };
            let read: Reason = written.parse().expect("a reason");
            prop_assert_eq!((read.reason(), read.text()), (reason, text));
        }
    }
}
