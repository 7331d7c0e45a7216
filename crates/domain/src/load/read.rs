//! From the cells of a row to an invoice.

use super::{Column, LOADED};
use crate::{
    invoice::{
        EntryState, InvoiceKey, InvoiceStatus, InvoiceType, Risk, SaidDetails, Verification,
    },
    list::{self, Cell, clipped, squeezed},
    money::Fen,
    period::TaxPeriod,
    tax_no::TaxNo,
    world::WorldInvoice,
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Characters of a text column.
const TEXT_CHARS: usize = 200;

/// A row that was not loaded.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Rejected {
    /// As the table counts, from 1; the headings have a number too.
    pub row: u32,
    /// The heading of the column; empty when it is about the whole row.
    pub column: String,
    /// What is wrong, and what to do.
    pub problem: String,
}

impl Rejected {
    pub fn at(row: u32, column: Column, problem: impl Into<String>) -> Rejected {
        Rejected { row, column: column.heading().to_owned(), problem: problem.into() }
    }
}

/// What is wrong with the cell of a column.
type Wrong = (Column, String);

/// An invoice and what of it the row left open: the status and the risk that the pool has then stay.
#[derive(Clone, PartialEq, Debug)]
pub struct Loaded {
    pub row: u32,
    pub invoice: WorldInvoice,
    pub says_status: bool,
    pub says_risk: bool,
}

/// Reads one row; `cells` in the order of [`Column::ALL`].
pub fn read(row: u32, cells: &[Cell]) -> Result<Loaded, Rejected> {
    Row(cells).invoice(row).map_err(|(column, problem)| Rejected::at(row, column, problem))
}

struct Row<'a>(&'a [Cell]);

impl Row<'_> {
    fn cell(&self, column: Column) -> &Cell {
        self.0.get(column as usize).unwrap_or(&Cell::Empty)
    }

    fn invoice(&self, row: u32) -> Result<Loaded, Wrong> {
        let invoice_type = self.needed(Column::Type, invoice_type)?;
        let (code, number) = self.key(invoice_type)?;
        let status = self.named(Column::Status, InvoiceStatus::ALL, InvoiceStatus::label)?;
        let risk = self.named(Column::Risk, &Risk::ALL[1..], Risk::label)?;
        let book = invoice_type.is_payment_book();
        let invoice = WorldInvoice {
            buyer_tax_no: self.needed(Column::Buyer, buyer)?,
            invoice_type,
            invoice_code: code,
            invoice_no: if book { String::new() } else { number.clone() },
            payment_book_no: book.then_some(number),
            invoice_date: Some(self.needed(Column::Date, day)?),
            amount: self.needed(Column::Amount, money)?,
            tax: self.needed(Column::Tax, money)?,
            status: status.unwrap_or_default(),
            risk: risk.unwrap_or_default(),
            selection: None,
            special_kind: self.text(Column::SpecialKind)?,
            accounting_org: self.text(Column::AccountingOrg)?,
            seller_name: self.text(Column::SellerName)?,
            seller_tax_no: self.text(Column::SellerTaxNo)?,
            details: self.details()?,
        };
        Ok(Loaded { row, invoice, says_status: status.is_some(), says_risk: risk.is_some() })
    }

    fn details(&self) -> Result<SaidDetails, Wrong> {
        let verification =
            self.named(Column::Verification, Verification::ALL, Verification::label)?;
        let entry_state = self.named(Column::EntryState, EntryState::ALL, EntryState::label)?;
        let said = |text: String| (!text.is_empty()).then_some(text);
        let details = SaidDetails {
            verification,
            source: said(self.text(Column::Source)?),
            document_type: said(self.text(Column::DocumentType)?),
            deductible: self.optional(Column::Deductible, yes_or_no)?,
            entry_state,
            entry_period: self.optional(Column::EntryPeriod, period)?,
            entry_tax: self.optional(Column::EntryTax, money)?,
            transferred_out: self.optional(Column::TransferredOut, money)?,
            transfer_reason: said(self.text(Column::TransferReason)?),
            voucher_no: said(self.text(Column::VoucherNo)?),
            ..SaidDetails::default()
        };
        Ok(details)
    }

    /// Code and number, or a payment book's number.
    fn key(&self, invoice_type: InvoiceType) -> Result<(String, String), Wrong> {
        let identifier = |column: Column, like: list::Column| {
            let read = self.cell(column).identifier(like);
            read.map_err(|problem| (column, problem.to_string()))
        };
        let code = identifier(Column::Code, list::Column::Code)?;
        let number = identifier(Column::Number, list::Column::Number)?;
        let book = identifier(Column::PaymentBook, list::Column::PaymentBook)?;
        let wrong = |column, problem: &str| Err((column, problem.to_owned()));
        let filled = (!code.is_empty(), !number.is_empty(), !book.is_empty());
        match (invoice_type.is_payment_book(), filled) {
            (true, (false, false, true)) => Ok((code, book)),
            (true, (_, _, false)) => wrong(Column::PaymentBook, "必填：海关缴款书填写缴款书号码"),
            (true, _) => {
                wrong(Column::PaymentBook, "海关缴款书只填写缴款书号码，请清空发票代码和发票号码")
            }
            (false, (_, _, true)) => {
                wrong(Column::PaymentBook, "只有海关缴款书填写缴款书号码，请清空或改正发票类型")
            }
            (false, (_, false, _)) => wrong(Column::Number, "必填，请填写发票号码"),
            (false, (false, ..))
                if invoice_type.has_code() && !InvoiceKey::is_digital_number(&number) =>
            {
                wrong(Column::Code, "该发票类型必填发票代码，请填写")
            }
            (false, _) => Ok((code, number)),
        }
    }

    fn optional<T>(
        &self,
        column: Column,
        read: impl FnOnce(&Cell) -> Result<T, String>,
    ) -> Result<Option<T>, Wrong> {
        let cell = self.cell(column);
        if cell.is_blank() {
            return Ok(None);
        }
        read(cell).map(Some).map_err(|problem| (column, problem))
    }

    fn needed<T>(
        &self,
        column: Column,
        read: impl FnOnce(&Cell) -> Result<T, String>,
    ) -> Result<T, Wrong> {
        let missing = || (column, format!("必填，请填写{}", column.heading()));
        self.optional(column, read)?.ok_or_else(missing)
    }

    /// One of several words, as people read them.
    fn named<T: Copy>(
        &self,
        column: Column,
        all: &[T],
        label: fn(T) -> &'static str,
    ) -> Result<Option<T>, Wrong> {
        self.optional(column, |cell| {
            let written = squeezed(&cell.shown());
            let found = all.iter().copied().find(|one| label(*one) == written);
            found.ok_or_else(|| {
                let words: Vec<&str> = all.iter().map(|one| label(*one)).collect();
                format!("“{}”无法识别，请填写：{}", clipped(&written), words.join("、"))
            })
        })
    }

    fn text(&self, column: Column) -> Result<String, Wrong> {
        let text = self.cell(column).shown().trim().to_owned();
        if text.chars().count() > TEXT_CHARS {
            return Err((column, format!("超过{TEXT_CHARS}字，请改短")));
        }
        if text.chars().any(char::is_control) {
            return Err((column, "含有换行等控制字符，请删除".to_owned()));
        }
        Ok(text)
    }
}

fn buyer(cell: &Cell) -> Result<TaxNo, String> {
    let written = squeezed(&words(cell)?);
    written
        .parse()
        .map_err(|_| format!("“{}”不是税号，请填写15至20位数字和大写字母", clipped(&written)))
}

/// What must be text: a number has lost digits, and a date is none.
fn words(cell: &Cell) -> Result<String, String> {
    match cell {
        Cell::Empty => Ok(String::new()),
        Cell::Text(text) => Ok(text.clone()),
        Cell::Number(_) | Cell::Date(_) => Err(format!(
            "“{}”不是以文本存储，请将该列设为文本格式后重新填写",
            clipped(&cell.shown())
        )),
    }
}

/// By number or name; brackets may be full-width.
fn invoice_type(cell: &Cell) -> Result<InvoiceType, String> {
    let written = squeezed(&cell.shown());
    let named = InvoiceType::all().find(|known| known.is_named() && known.name() == written);
    named
        .or_else(|| written.parse().ok())
        .ok_or_else(|| format!("“{}”不是发票类型，请填写模板中的类型名称或编号", clipped(&written)))
}

fn day(cell: &Cell) -> Result<NaiveDate, String> {
    let written = match cell {
        Cell::Date(text) => text.chars().take(10).collect(),
        Cell::Number(_) => String::new(),
        other => squeezed(&other.shown()),
    };
    let forms = ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日"];
    let read = forms.iter().find_map(|form| NaiveDate::parse_from_str(&written, form).ok());
    let sensible =
        read.filter(|day| (FIRST_YEAR..=LAST_YEAR).contains(&chrono::Datelike::year(day)));
    sensible
        .ok_or_else(|| format!("“{}”不是日期，请填写如2025-11-03的日期", clipped(&cell.shown())))
}

/// An invoice of another year is a slip of the pen.
const FIRST_YEAR: i32 = 1990;
const LAST_YEAR: i32 = 2100;

/// Yuan with at most two decimals; thousands may be set apart by commas.
fn money(cell: &Cell) -> Result<Fen, String> {
    let wrong = || format!("“{}”不是金额，请填写最多两位小数的元", clipped(&cell.shown()));
    let written = match cell {
        Cell::Number(number) => {
            let cents = number * 100.0;
            let exact = cents.abs() < 1e15 && (cents - cents.round()).abs() < 1e-3;
            return exact.then(|| Fen(cents.round() as i64)).ok_or_else(wrong);
        }
        other => squeezed(&other.shown()).replace(',', ""),
    };
    written.parse().map_err(|_| wrong())
}

fn period(cell: &Cell) -> Result<TaxPeriod, String> {
    let written = squeezed(&cell.shown()).replace('-', "");
    written.parse().map_err(|_| {
        format!("“{}”不是税款所属期，请填写如202511的六位年月", clipped(&cell.shown()))
    })
}

fn yes_or_no(cell: &Cell) -> Result<bool, String> {
    match squeezed(&cell.shown()).as_str() {
        "是" | "可抵扣" => Ok(true),
        "否" | "不可抵扣" => Ok(false),
        other => Err(format!("“{}”无法识别，请填写：是、否", clipped(other))),
    }
}

impl Loaded {
    /// As it is written where the pool has it already (its status and risk), or not yet (None): then
    /// it came from a file.
    pub fn over(mut self, known: Option<(InvoiceStatus, Risk, &str)>) -> WorldInvoice {
        match known {
            Some((status, risk, special_kind)) => {
                if !self.says_status {
                    self.invoice.status = status;
                }
                if !self.says_risk {
                    self.invoice.risk = risk;
                }
                if self.invoice.special_kind.is_empty() {
                    special_kind.clone_into(&mut self.invoice.special_kind);
                }
            }
            None => {
                self.invoice.details.source.get_or_insert_with(|| LOADED.to_owned());
            }
        }
        self.invoice
    }
}
