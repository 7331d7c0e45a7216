//! The template of a list (引入模板).

use crate::{Limits, WriteError};
use domain::{
    invoice::{InvoiceType, NonDeductionReason},
    list::{ACTIONS, Column},
};
use rust_xlsxwriter::{
    DataValidation, DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError,
};

/// What the second sheet says, line by line.
const EXPLANATION: [&str; 11] = [
    "每行填写一张发票，从第2行开始，最多50000行。不要合并单元格，不要使用公式。",
    "勾选操作：必填，填写“勾选”或“撤销勾选”。",
    "发票代码：除数电票和海关缴款书外必填。",
    "发票号码：除海关缴款书外必填。数电票填写20位号码。",
    "海关缴款书号码：仅海关缴款书填写，此时发票代码和发票号码留空。",
    "不抵扣原因：用途为“不抵扣”的勾选必填，用途为“抵扣”的勾选留空。可填写编号或名称：",
    "1 用于非应税项目；2 用于免税项目；3 用于集体福利或者个人消费；4 遭受不正常损失；",
    "5 其他，须写明说明，例如“其他：报废”。",
    "发票类型：可留空，以全票池中的类型为准。",
    "各列均为文本格式。请保持该格式：以数值存储的20位号码会丢失末尾的数字。",
    "用途（抵扣或不抵扣）在上传时选择，一份清单只有一个用途。",
];

/// The file: a sheet with the headings, drop-downs and columns of text, and one that explains it.
/// The same bytes each time.
pub fn template() -> Result<Vec<u8>, WriteError> {
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_ymd(2025, 11, 22)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    list(workbook.add_worksheet())?;
    explanation(workbook.add_worksheet())?;
    Ok(workbook.save_to_buffer()?)
}

fn list(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let text = Format::new().set_num_format("@");
    let bold = text.clone().set_bold();
    sheet.set_name("清单")?.set_freeze_panes(1, 0)?;
    for (at, column) in (0..).zip(Column::ALL) {
        sheet.set_column_width(at, 28)?.set_column_format(at, &text)?;
        sheet.write_string_with_format(0, at, column.heading(), &bold)?;
        if let Some(choice) = choice(column)? {
            let last_row = u32::try_from(Limits::default().rows).unwrap_or(u32::MAX);
            sheet.add_data_validation(1, at, last_row, at, &choice)?;
        }
    }
    Ok(())
}

/// The drop-down of a column that holds words.
fn choice(column: Column) -> Result<Option<DataValidation>, XlsxError> {
    let words: Vec<&str> = match column {
        Column::Action => ACTIONS.iter().map(|(_, word)| *word).collect(),
        Column::Reason => NonDeductionReason::ALL.iter().map(|(.., label)| *label).collect(),
        Column::Type => {
            InvoiceType::all().filter(|one| one.is_named()).map(InvoiceType::name).collect()
        }
        Column::Code | Column::Number | Column::PaymentBook => return Ok(None),
    };
    // 其他 is followed by a text of one's own, and types and reasons may be numbers.
    let strict = column == Column::Action;
    let choice = DataValidation::new().allow_list_strings(&words)?.show_error_message(strict);
    Ok(Some(choice))
}

fn explanation(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    sheet.set_name("填写说明")?.set_column_width(0, 100)?;
    for (row, line) in (0..).zip(EXPLANATION) {
        sheet.write_string(row, 0, line)?;
    }
    Ok(())
}
