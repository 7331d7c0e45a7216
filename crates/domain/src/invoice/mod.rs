//! Invoices as the pool (全票池) knows them.

mod change;
mod details;
mod file;
mod invoice_type;
mod names;
mod pool;
mod told;
mod used;

pub use change::{Entry, Mark, PoolChange, PoolNews, Standing};
pub use details::{EntryState, Invoice, InvoiceDetails, Purpose, SaidDetails, Verification};
pub use file::{FILE_BYTES, FileFormat, FileHash, FileRef, InvoiceFile, NoFile};
pub use invoice_type::{InvoiceType, Selectable, UnknownInvoiceType};
pub use pool::{InvoiceStatus, PoolInvoice, Risk, Selection};
pub use told::{DOWNLOADED, Face, Kept, Takings, Tally, ToldInvoice, ToldPage, take_over};
pub use used::{InvoiceUse, ToldUse, UseReading};

use crate::money::Fen;
use chrono::NaiveDate;
use names::names;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What tells invoices apart: code and number, or a customs payment book's number.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct InvoiceKey {
    /// Empty for fully digital invoices and payment books.
    pub code: String,
    /// The invoice's number, or the payment book's.
    pub number: String,
}

impl InvoiceKey {
    /// Whether the number is a fully digital invoice's (数电), which needs no code: 20 digits.
    pub fn is_digital_number(number: &str) -> bool {
        number.len() == 20 && number.bytes().all(|b| b.is_ascii_digit())
    }
}

impl fmt::Display for InvoiceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.code.is_empty() {
            f.write_str(&self.number)
        } else {
            write!(f, "{}-{}", self.code, self.number)
        }
    }
}

/// 不抵扣原因
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum NonDeductionReason {
    /// 用于非应税项目
    #[serde(rename = "1")]
    NonTaxable,
    /// 用于免税项目
    #[serde(rename = "2")]
    Exempt,
    /// 用于集体福利或者个人消费
    #[serde(rename = "3")]
    Welfare,
    /// 遭受不正常损失
    #[serde(rename = "4")]
    AbnormalLoss,
    /// 其他
    #[serde(rename = "5")]
    Other,
}

impl NonDeductionReason {
    /// The one table: number (乐企's `bdklx` too) ↔ label.
    pub const ALL: [(NonDeductionReason, &'static str, &'static str); 5] = [
        (NonDeductionReason::NonTaxable, "1", "用于非应税项目"),
        (NonDeductionReason::Exempt, "2", "用于免税项目"),
        (NonDeductionReason::Welfare, "3", "用于集体福利或者个人消费"),
        (NonDeductionReason::AbnormalLoss, "4", "遭受不正常损失"),
        (NonDeductionReason::Other, "5", "其他"),
    ];

    pub fn number(self) -> &'static str {
        NonDeductionReason::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    pub fn label(self) -> &'static str {
        NonDeductionReason::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.2)
    }
}

/// The text is no number of a reason.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("\"{0}\" is not a reason for non-deduction: 1 to 5")]
pub struct UnknownReason(pub String);

impl FromStr for NonDeductionReason {
    type Err = UnknownReason;

    fn from_str(number: &str) -> Result<NonDeductionReason, UnknownReason> {
        let mut rows = NonDeductionReason::ALL.into_iter();
        let row = rows.find(|row| row.1 == number);
        row.map(|row| row.0).ok_or_else(|| UnknownReason(number.to_owned()))
    }
}

/// One invoice as a task names it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TaskInvoice {
    pub key: InvoiceKey,
    pub invoice_type: InvoiceType,
    pub date: Option<NaiveDate>,
    pub amount: Option<Fen>,
    pub tax: Option<Fen>,
    pub effective_tax: Option<Fen>,
    pub non_deduction_reason: Option<NonDeductionReason>,
    /// The text that goes with [`NonDeductionReason::Other`].
    pub non_deduction_text: Option<String>,
}

impl TaskInvoice {
    /// An invoice of which only this is said.
    pub fn new(key: InvoiceKey, invoice_type: InvoiceType) -> TaskInvoice {
        TaskInvoice {
            key,
            invoice_type,
            date: None,
            amount: None,
            tax: None,
            effective_tax: None,
            non_deduction_reason: None,
            non_deduction_text: None,
        }
    }
}
