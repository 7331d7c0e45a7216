use super::{Column, LOADED, read};
use crate::{
    invoice::{EntryState, InvoiceStatus, Risk, SaidDetails},
    list::Cell,
    money::Fen,
};

/// A whole row with these cells in place of its own.
fn row(cells: &[(Column, Cell)]) -> Vec<Cell> {
    let plain = [
        (Column::Buyer, "91440300MA5G9GK78Y"),
        (Column::Type, "27"),
        (Column::Number, "23442000000164214335"),
        (Column::Date, "2023-08-16"),
        (Column::Amount, "235.64"),
        (Column::Tax, "2.36"),
    ];
    let mut row = vec![Cell::Empty; Column::ALL.len()];
    for (column, text) in plain {
        row[column as usize] = Cell::Text(text.to_owned());
    }
    for (column, cell) in cells {
        row[*column as usize] = cell.clone();
    }
    row
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

#[test]
fn a_whole_row_is_an_invoice() {
    let loaded = read(
        7,
        &row(&[
            (Column::Type, text("数电票（增值税专用发票）")),
            (Column::Date, Cell::Date("2023-08-16 00:00:00".into())),
            (Column::Amount, Cell::Number(1234.5)),
            (Column::Tax, text("１,０00.10")),
            (Column::SellerName, text(" 示例供货商 ")),
            (Column::Status, text("部分红冲")),
            (Column::Deductible, text("否")),
            (Column::EntryState, text("已入账")),
            (Column::EntryPeriod, text("2023-09")),
            (Column::EntryTax, Cell::Number(2.36)),
            (Column::Source, text("ERP")),
        ]),
    )
    .expect("a row");
    let invoice = &loaded.invoice;
    assert_eq!((loaded.row, loaded.says_status, loaded.says_risk), (7, true, false));
    assert_eq!((invoice.amount, invoice.tax), (Fen(123_450), Fen(100_010)));
    assert_eq!(invoice.invoice_date, "2023-08-16".parse().ok());
    assert_eq!(
        (invoice.seller_name.as_str(), invoice.status),
        ("示例供货商", InvoiceStatus::PartlyReversed)
    );
    assert_eq!(invoice.selection, None, "only the bureau knows it");
    let details = SaidDetails {
        source: Some("ERP".into()),
        deductible: Some(false),
        entry_state: Some(EntryState::Entered),
        entry_period: "202309".parse().ok(),
        entry_tax: Some(Fen(236)),
        ..SaidDetails::default()
    };
    assert_eq!(invoice.details, details);
}

#[test]
fn what_a_row_leaves_open_stays_as_it_is() {
    let plain = read(2, &row(&[])).expect("a row");
    let known = plain.clone().over(Some((InvoiceStatus::Void, Risk::Suspect, "农产品收购")));
    assert_eq!((known.status, known.risk), (InvoiceStatus::Void, Risk::Suspect));
    assert_eq!((known.special_kind.as_str(), known.details.source), ("农产品收购", None));
    let new = plain.over(None);
    assert_eq!((new.status, new.risk), (InvoiceStatus::Normal, Risk::Normal));
    assert_eq!(new.details.source.as_deref(), Some(LOADED));
    let said = row(&[(Column::Status, text("正常")), (Column::Risk, text("异常"))]);
    let said = read(2, &said).expect("a row");
    let known = said.over(Some((InvoiceStatus::Void, Risk::Suspect, "")));
    assert_eq!((known.status, known.risk), (InvoiceStatus::Normal, Risk::Abnormal));
}

#[test]
fn every_wrong_cell_is_named_with_what_to_do() {
    use Column::*;
    let long = "长".repeat(201);
    for (cells, column, problem) in [
        (vec![(Buyer, Cell::Empty)], "购买方税号", "必填，请填写购买方税号"),
        (
            vec![(Buyer, text("short"))],
            "购买方税号",
            "“short”不是税号，请填写15至20位数字和大写字母",
        ),
        (
            vec![(Buyer, Cell::Number(1.5))],
            "购买方税号",
            "“1.5”不是以文本存储，请将该列设为文本格式后重新填写",
        ),
        (
            vec![(Type, text("发票"))],
            "发票类型",
            "“发票”不是发票类型，请填写模板中的类型名称或编号",
        ),
        (vec![(Number, Cell::Empty)], "发票号码", "必填，请填写发票号码"),
        (
            vec![(Number, Cell::Number(2.3442e19))],
            "发票号码",
            "“23442000000000000000”以数值存储，可能已丢失开头的0或末尾的数字，请将该列设为文本格式后重新填写完整号码",
        ),
        (
            vec![(Number, text("2.34E+19"))],
            "发票号码",
            "“2.34E+19”不是号码，只能含数字、字母和“-”，最多30位",
        ),
        (
            vec![(Type, text("4")), (Number, text("01234567"))],
            "发票代码",
            "该发票类型必填发票代码，请填写",
        ),
        (vec![(Type, text("21"))], "海关缴款书号码", "必填：海关缴款书填写缴款书号码"),
        (
            vec![(Type, text("21")), (PaymentBook, text("5301-L01"))],
            "海关缴款书号码",
            "海关缴款书只填写缴款书号码，请清空发票代码和发票号码",
        ),
        (
            vec![(PaymentBook, text("5301-L01"))],
            "海关缴款书号码",
            "只有海关缴款书填写缴款书号码，请清空或改正发票类型",
        ),
        (
            vec![(Date, Cell::Number(45154.0))],
            "开票日期",
            "“45154”不是日期，请填写如2025-11-03的日期",
        ),
        (
            vec![(Date, text("16.8.2023"))],
            "开票日期",
            "“16.8.2023”不是日期，请填写如2025-11-03的日期",
        ),
        (
            vec![(Date, text("0023-08-16"))],
            "开票日期",
            "“0023-08-16”不是日期，请填写如2025-11-03的日期",
        ),
        (vec![(Amount, text("1.234"))], "金额", "“1.234”不是金额，请填写最多两位小数的元"),
        (vec![(Tax, Cell::Number(0.125))], "税额", "“0.125”不是金额，请填写最多两位小数的元"),
        (vec![(Tax, Cell::Number(f64::NAN))], "税额", "“NaN”不是金额，请填写最多两位小数的元"),
        (
            vec![(Status, text("好"))],
            "发票状态",
            "“好”无法识别，请填写：正常、失控、作废、红冲、异常、部分红冲、全额红冲",
        ),
        (vec![(Risk, text("好"))], "风险等级", "“好”无法识别，请填写：正常、异常、疑似"),
        (vec![(Deductible, text("也许"))], "是否可抵扣", "“也许”无法识别，请填写：是、否"),
        (
            vec![(EntryPeriod, text("2025"))],
            "入账属期",
            "“2025”不是税款所属期，请填写如202511的六位年月",
        ),
        (vec![(SellerName, text(&long))], "销售方名称", "超过200字，请改短"),
        (vec![(VoucherNo, text("一\0二"))], "凭证号", "含有换行等控制字符，请删除"),
    ] {
        let rejected = read(3, &row(&cells)).expect_err(problem);
        assert_eq!(
            (rejected.row, rejected.column.as_str(), rejected.problem.as_str()),
            (3, column, problem)
        );
    }
}

#[test]
fn a_payment_book_is_known_by_its_own_number() {
    let cells = [
        (Column::Type, text("海关缴款书")),
        (Column::Number, Cell::Empty),
        (Column::PaymentBook, text("530120251016007846-L01")),
    ];
    let invoice = read(2, &row(&cells)).expect("a row").invoice;
    assert_eq!(invoice.key().number, "530120251016007846-L01");
    assert_eq!(invoice.invoice_no, "");
}
