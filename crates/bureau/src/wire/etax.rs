//! The robot protocol: ours, spoken with whoever drives the browsers at 电子税局.
//!
//! Written out for operators in `docs/bureau/robot-protocol.md`. Every call is a POST of one
//! JSON object to [`path_of`]; who calls, for whom and under which fence stands in the headers
//! of [`super::header`]. Every answer is an [`Envelope`].

mod download;

pub use download::{
    FileData, FileLine, FileRequest, InvoiceFacts, MOST_PAGES, PAGE_INVOICES, PageData, PageRequest,
};

use super::header::Op;
use chrono::NaiveDate;
pub use domain::invoice::InvoiceUse;
use domain::{
    Moment,
    bureau::{Account, BureauCode},
    invoice::{InvoiceKey, InvoiceStatus, Risk, TaskInvoice, UseReading},
    kind::Kind,
    money::Fen,
    period::TaxPeriod,
    statistic::StatisticState,
    tax_no::TaxNo,
};
use fleet::ports::secrets::Password;
use serde::{Deserialize, Serialize, Serializer};

/// The path of a call below the robot's base address.
pub const fn path_of(op: Op) -> &'static str {
    match op {
        Op::Login => "/robot/v1/login",
        Op::CurrentTaxNumber => "/robot/v1/current-tax-number",
        Op::Switch => "/robot/v1/switch",
        Op::Period => "/robot/v1/period",
        Op::Submit => "/robot/v1/submit",
        Op::Result => "/robot/v1/result",
        Op::ReadBack => "/robot/v1/read-back",
        Op::Use => "/robot/v1/use",
        Op::Page => "/robot/v1/page",
        Op::File => "/robot/v1/file",
    }
}

/// The words of [`Envelope::code`].
pub mod code {
    /// Done; `data` says what.
    pub const OK: &str = "ok";
    /// Taken; `data.receipt` is to be asked with.
    pub const ACCEPTED: &str = "accepted";
    /// Still at work.
    pub const RUNNING: &str = "running";
    /// Final: no; `reason_code` and `message` say why.
    pub const REFUSED: &str = "refused";
    /// The session is gone; nothing was done. The robot can log in by itself.
    pub const LOGGED_OUT: &str = "logged_out";
    /// The session is gone or was never there; only a person can log in.
    pub const PERSON_NEEDED: &str = "person_needed";
    /// Nothing was done; leave `scope` alone until `until`.
    pub const THROTTLED: &str = "throttled";
    /// Nothing was done, and promised so by the robot: try again.
    pub const NOT_DONE: &str = "not_done";
    /// Nothing was done: a higher fence was seen for this tax number.
    pub const STALE_FENCE: &str = "stale_fence";
    /// The robot does not know whether it was done.
    pub const UNCLEAR: &str = "unclear";
}

/// Words of [`InvoiceResult::result`] beside the two-digit codes of 乐企's `cljg`.
pub mod result {
    pub const OK: &str = "01";
    pub const LOCKED: &str = "05";
    /// Already selected: the use is read before it is decided.
    pub const ALREADY: &str = "06";
    /// Deselected, but it was not selected: counts as done.
    pub const NOT_SELECTED: &str = "not_selected";
}

/// Every answer of a robot, whatever the HTTP status.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Envelope<T> {
    /// One of [`code`].
    pub code: String,
    /// For people; the bureau's own sentence where there is one.
    #[serde(default)]
    pub message: String,
    /// With [`code::REFUSED`]: the bureau's code, such as `222`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<String>,
    /// With [`code::THROTTLED`]: whom it is for; `tax_number` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// With [`code::THROTTLED`]: until when (RFC 3339); our own pause when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub data: Option<T>,
}

fn none<T>() -> Option<T> {
    None
}

/// Whom a throttle is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    TaxNumber,
    Account,
}

/// Log in: who.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LoginRequest {
    pub bureau: BureauCode,
    pub account: Account,
}

/// Log in: until when the session lasts at most.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct LoginData {
    #[serde(default)]
    pub session_until: Option<Moment>,
}

/// The tax number that the account is on; null: on none.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CurrentTaxNumberData {
    pub tax_no: Option<TaxNo>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SwitchRequest {
    pub tax_no: TaxNo,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PeriodRequest {
    pub tax_no: TaxNo,
}

/// The bureau's current period of the tax number, and its statistic table.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PeriodData {
    pub tax_period: TaxPeriod,
    pub statistic: StatisticState,
}

/// Submit: what is to be done.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SubmitRequest {
    pub tax_no: TaxNo,
    pub kind: Kind,
    /// The acting step: `submit`, `withdraw_confirmation`, `withdraw_table`, `recreate_table`,
    /// `submit_again`.
    pub act: domain::task::Act,
    pub tax_period: Option<TaxPeriod>,
    pub invoices: Vec<Invoice>,
    pub parameters: serde_json::Map<String, serde_json::Value>,
    /// What a confirmation is signed with; left out: the robot's own.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "spoken")]
    pub password: Option<Password>,
}

/// The one place where a stored secret leaves us.
fn spoken<S: Serializer>(password: &Option<Password>, serializer: S) -> Result<S::Ok, S::Error> {
    password.as_ref().map(Password::spoken).serialize(serializer)
}

/// One invoice, in the fields of our own task message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Invoice {
    /// The open platform's number of the type, such as `27`.
    pub invoice_type: String,
    #[serde(default)]
    pub invoice_code: String,
    /// The payment book's number for type 21.
    pub invoice_no: String,
    #[serde(default)]
    pub invoice_date: Option<NaiveDate>,
    #[serde(default)]
    pub amount: Option<Fen>,
    #[serde(default)]
    pub tax: Option<Fen>,
    #[serde(default)]
    pub effective_tax: Option<Fen>,
    /// `1` to `5`, for non-deduction.
    #[serde(default)]
    pub non_deduction_reason: Option<String>,
    #[serde(default)]
    pub non_deduction_text: Option<String>,
}

impl From<&TaskInvoice> for Invoice {
    fn from(invoice: &TaskInvoice) -> Invoice {
        Invoice {
            invoice_type: invoice.invoice_type.to_string(),
            invoice_code: invoice.key.code.clone(),
            invoice_no: invoice.key.number.clone(),
            invoice_date: invoice.date,
            amount: invoice.amount,
            tax: invoice.tax,
            effective_tax: invoice.effective_tax,
            non_deduction_reason: invoice.non_deduction_reason.map(|r| r.number().to_owned()),
            non_deduction_text: invoice.non_deduction_text.clone(),
        }
    }
}

/// What the bureau gave to ask with.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Accepted {
    pub receipt: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ResultRequest {
    pub tax_no: TaxNo,
    pub kind: Kind,
    pub receipt: String,
}

/// How much of a submission the bureau accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    All,
    Partly,
    None,
}

/// What became of a submission.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct OutcomeData {
    #[serde(default)]
    pub accepted: Option<Extent>,
    /// One line per invoice, when the bureau's pages tell.
    #[serde(default)]
    pub results: Vec<InvoiceResult>,
    /// The statistic table afterwards, when it is known.
    #[serde(default)]
    pub statistic: Option<StatisticState>,
    /// What the table counts, by invoice type (`domain::statistic::Figures`), beside `statistic`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figures: Option<serde_json::Value>,
    /// The current period afterwards, when it is known.
    #[serde(default)]
    pub tax_period: Option<TaxPeriod>,
    /// Uses of invoices.
    #[serde(default)]
    pub uses: Vec<UseLine>,
    /// Of a download: how many pages there are to ask for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<u32>,
    /// Layout files that the bureau has of the task's invoices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileLine>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct InvoiceResult {
    #[serde(default)]
    pub invoice_code: String,
    pub invoice_no: String,
    /// A two-digit code as 乐企's `cljg`, or a word of [`result`].
    pub result: String,
    /// The bureau's own sentence, if it gave one.
    #[serde(default)]
    pub message: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct InvoiceRef {
    #[serde(default)]
    pub invoice_code: String,
    pub invoice_no: String,
}

impl From<&InvoiceKey> for InvoiceRef {
    fn from(key: &InvoiceKey) -> InvoiceRef {
        InvoiceRef { invoice_code: key.code.clone(), invoice_no: key.number.clone() }
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UseRequest {
    pub tax_no: TaxNo,
    pub invoices: Vec<InvoiceRef>,
}

/// The use of one invoice; one that the bureau does not know is left out of the answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UseLine {
    #[serde(default)]
    pub invoice_code: String,
    pub invoice_no: String,
    #[serde(rename = "use")]
    pub used_for: InvoiceUse,
    #[serde(default)]
    pub tax_period: Option<TaxPeriod>,
    /// The invoice's status and risk, when the bureau's page shows them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<InvoiceStatus>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<Risk>,
}

impl UseLine {
    pub fn reading(&self) -> UseReading {
        let (status, risk) = (self.status, self.risk);
        UseReading { status, risk, ..UseReading::of(self.used_for, self.tax_period) }
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct UseData {
    pub uses: Vec<UseLine>,
}

/// Read back: the step stands in the request header, the new fence in the fence header.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ReadBackRequest {
    pub tax_no: TaxNo,
    pub kind: Kind,
    pub invoices: Vec<InvoiceRef>,
}

/// What the robot found of a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// It never began, and with the raised fence it never will.
    Absent,
    /// It was taken; `receipt` tells the rest (also when it ended with a refusal).
    InProgress,
    /// It took effect, as `outcome` says.
    Found,
    /// It began, and the bureau's pages do not show what came of it.
    CannotTell,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ReadBackData {
    pub state: Found,
    #[serde(default)]
    pub receipt: Option<String>,
    #[serde(default)]
    pub outcome: Option<OutcomeData>,
}
