//! Bulk load of the pool: its template, its tables, and the rows that were rejected.

use crate::{
    Heading, Holds, Limits, Refused, Table, Value, WriteError, csv_file, guard, read::read_xlsx,
    rows::Form,
};
use domain::{
    Moment,
    invoice::{EntryState, InvoiceStatus, InvoiceType, Risk, Verification},
    list::Cell,
    load::{Column, Rejected},
};
use rust_xlsxwriter::{
    DataValidation, DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError,
};
use std::io::Write;

const FORM: Form = Form { headings: Column::HEADINGS };

/// Hands on the rows of an .xlsx or .csv file that are not blank, each as soon as it is read: its number
/// from 1, and a cell for each of [`Column::ALL`]. How many there were.
///
/// Headings stand in the first row that is not blank, in any order. A file that has anything which a
/// table cannot have is refused as a whole, though rows before it were handed on already: whoever must
/// not take them reads the file once before.
pub fn read_load(
    bytes: &[u8],
    limits: &Limits,
    row: &mut dyn FnMut(u32, Vec<Cell>) -> Result<(), Refused>,
) -> Result<usize, Refused> {
    if guard::is_workbook(bytes) {
        read_xlsx(bytes, limits, FORM, row)
    } else {
        csv_file::read_csv(bytes, limits, FORM, row)
    }
}

/// The rejected rows, with what is wrong and what to do.
pub fn write_rejected<'a>(
    rejected: impl IntoIterator<Item = &'a Rejected>,
    made_at: Moment,
    writer: impl Write + Send,
) -> Result<(), WriteError> {
    let text = |text, width| Heading { text, holds: Holds::Text, width };
    let row = Heading { text: "行号", holds: Holds::Whole, width: 8 };
    let headings = [row, text("列", 20), text("原因", 80)];
    let mut table = Table::new("未导入的行", &headings, made_at)?;
    for rejected in rejected {
        let row = Value::Whole(i64::from(rejected.row));
        table.row(&[row, Value::Text(&rejected.column), Value::Text(&rejected.problem)])?;
    }
    table.finish(writer)
}

/// What the second sheet says, line by line.
const EXPLANATION: [&str; 9] = [
    "每行填写一张发票，从第2行开始，最多100000行。也可另存为.csv（UTF-8或GB18030编码）。不要合并单元格，不要使用公式。",
    "必填：购买方税号、发票类型、开票日期、金额、税额，以及发票号码或海关缴款书号码。",
    "购买方税号须已在企业信息中。发票类型填写名称或编号。发票代码：除数电票和海关缴款书外必填。",
    "金额为不含税金额，单位为元，最多两位小数。日期如2025-11-03，入账属期如202511。",
    "发票状态：正常、失控、作废、红冲、异常、部分红冲、全额红冲；风险等级：正常、异常、疑似。",
    "查验状态：未查验、查验一致、查验不一致、查无此票；入账状态：未入账、已入账、已入账撤销；是否可抵扣：是、否。",
    "留空的列不修改全票池中已有的值。同一文件重复导入，结果不变。",
    "勾选状态和抵扣税期以税局为准，不能导入，请使用【下载发票数据】。",
    "各列均为文本格式。请保持该格式：以数值存储的20位号码会丢失末尾的数字。",
];

/// The file: a sheet with the headings, drop-downs and columns of text, and one that explains it.
/// The same bytes each time.
pub fn load_template() -> Result<Vec<u8>, WriteError> {
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_ymd(2025, 11, 22)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    invoices(workbook.add_worksheet())?;
    let sheet = workbook.add_worksheet();
    sheet.set_name("填写说明")?.set_column_width(0, 110)?;
    for (row, line) in (0..).zip(EXPLANATION) {
        sheet.write_string(row, 0, line)?;
    }
    Ok(workbook.save_to_buffer()?)
}

fn invoices(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let text = Format::new().set_num_format("@");
    let bold = text.clone().set_bold();
    sheet.set_name("发票")?.set_freeze_panes(1, 0)?;
    let last_row = u32::try_from(Limits::LOAD.rows).unwrap_or(u32::MAX);
    for (at, column) in (0..).zip(Column::ALL) {
        sheet.set_column_width(at, 22)?.set_column_format(at, &text)?;
        sheet.write_string_with_format(0, at, column.heading(), &bold)?;
        let words = words(*column);
        if !words.is_empty() {
            // Types may be numbers.
            let strict = *column != Column::Type;
            let choice =
                DataValidation::new().allow_list_strings(&words)?.show_error_message(strict);
            sheet.add_data_validation(1, at, last_row, at, &choice)?;
        }
    }
    Ok(())
}

/// Those that a column with a drop-down offers.
fn words(column: Column) -> Vec<&'static str> {
    match column {
        Column::Type => {
            InvoiceType::all().filter(|one| one.is_named()).map(InvoiceType::name).collect()
        }
        Column::Status => InvoiceStatus::ALL.iter().map(|one| one.label()).collect(),
        Column::Risk => Risk::ALL[1..].iter().map(|one| one.label()).collect(),
        Column::Verification => Verification::ALL.iter().map(|one| one.label()).collect(),
        Column::EntryState => EntryState::ALL.iter().map(|one| one.label()).collect(),
        Column::Deductible => vec!["是", "否"],
        _ => Vec::new(),
    }
}
