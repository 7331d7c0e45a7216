//! What a download's outcome leads to: its pages, and layout files.

use super::{InvoiceRef, InvoiceUse};
use chrono::NaiveDate;
use domain::{
    invoice::{FileFormat, InvoiceStatus, Risk},
    money::Fen,
    period::TaxPeriod,
    tax_no::TaxNo,
};
use serde::{Deserialize, Serialize};

/// Pages of one download; an outcome that names more is not read.
pub const MOST_PAGES: u32 = 10_000;
/// Invoices of one page; the rest stands on the next.
pub const PAGE_INVOICES: usize = 500;

/// One page of a download.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PageRequest {
    pub tax_no: TaxNo,
    /// Of the download's submission.
    pub receipt: String,
    /// From 1 to the outcome's `pages`.
    pub page: u32,
}

/// A page's invoices; [`InvoiceFacts`] each. One that cannot be read spoils none of the others.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct PageData {
    pub invoices: Vec<serde_json::Value>,
}

/// An invoice as the bureau's pages show it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct InvoiceFacts {
    pub buyer_tax_no: TaxNo,
    /// The open platform's number of the type, such as `27`.
    pub invoice_type: String,
    #[serde(default)]
    pub invoice_code: String,
    /// The payment book's number for type 21.
    pub invoice_no: String,
    #[serde(default)]
    pub invoice_date: Option<NaiveDate>,
    /// Without tax.
    pub amount: Fen,
    pub tax: Fen,
    #[serde(default)]
    pub status: InvoiceStatus,
    #[serde(default)]
    pub risk: Risk,
    /// 农产品收购 or 自产农产品销售.
    #[serde(default)]
    pub special_kind: String,
    #[serde(default)]
    pub seller_name: String,
    #[serde(default)]
    pub seller_tax_no: String,
    /// Null: the pages do not tell.
    #[serde(default, rename = "use")]
    pub used_for: Option<InvoiceUse>,
    /// The period that the use counts for.
    #[serde(default)]
    pub tax_period: Option<TaxPeriod>,
    /// Its statistic table is confirmed.
    #[serde(default)]
    pub certified: bool,
}

/// A layout file that may be asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FileLine {
    #[serde(default)]
    pub invoice_code: String,
    pub invoice_no: String,
    pub format: FileFormat,
}

/// One layout file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FileRequest {
    pub tax_no: TaxNo,
    /// Of the download's submission.
    pub receipt: String,
    #[serde(flatten)]
    pub invoice: InvoiceRef,
    pub format: FileFormat,
}

/// Its bytes, in base64 (RFC 4648 section 4).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FileData {
    pub content: String,
}
