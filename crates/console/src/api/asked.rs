//! The bodies of requests.

mod around;
mod automatic;
mod registry;

pub use around::*;
pub use automatic::{ResetAsked, RulePut};
pub(crate) use registry::lane_of;
pub use registry::{AccountAsked, ServeAsked, TaxpayerAsked, UnserveAsked};

use crate::{filter::TaskQuery, problem::Problem};
use chrono::{DateTime, Utc};
use domain::bureau::LaneKey;
use fleet::ports::desk::{Note, Scope};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Characters of `by` and `reason` at most.
const NOTE_CHARS: usize = 300;

/// Which failed tasks to try again: by their ids, or by a filter.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RetryAsked {
    pub tasks: Vec<Uuid>,
    /// As the list's query parameters, without `limit` and `after`
    #[schema(value_type = Option<Object>)]
    pub filter: Option<TaskQuery>,
    /// Count only
    pub dry_run: bool,
    /// Tasks at most, from 1 to 10000; 1000 when left out
    pub limit: Option<usize>,
}

/// Which tasks' results to ask for now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskNowAsked {
    pub tasks: Vec<Uuid>,
}

/// Which tasks to call off, by whom and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelAsked {
    pub tasks: Vec<Uuid>,
    /// Who does it; not needed with a token, which tells it
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    pub reason: String,
}

/// Of which tasks the bureau has nothing, who looked, and how they know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AbsentAsked {
    pub tasks: Vec<Uuid>,
    /// Who does it; not needed with a token, which tells it
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    pub reason: String,
}

/// By whom and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteAsked {
    /// Who does it; not needed with a token, which tells it
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    pub reason: String,
}

/// Which account a tax number of a draft shall use; null: its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchAccountAsked {
    pub tax_no: String,
    pub account: Option<String>,
}

/// Which tax number to drop from a draft; `dropped` false takes that back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchDropAsked {
    pub tax_no: String,
    #[serde(default = "yes")]
    pub dropped: bool,
}

fn yes() -> bool {
    true
}

/// The account of a tax number is logged in; by whom it is told and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchLoginAsked {
    pub tax_no: String,
    /// Who does it; not needed with a token, which tells it
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    pub reason: String,
    /// When the session ends by itself, if known
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

/// The id of the batch that selects again what failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgainAsked {
    pub batch_id: String,
    /// Left out: who asked for the first one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted_by: Option<String>,
    #[serde(default)]
    pub draft: bool,
}

/// How a row of an edit list is changed; what is left out stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RowAsked {
    /// Take it out of the edit list, or put it back
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropped: Option<bool>,
    /// As in a list: 1 to 5, the label, or both; 5 with a text, `其他：报废`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What an edit list becomes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConfirmAsked {
    /// The batch's id; the list's own when left out
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_id: Option<String>,
    /// Keep the batch as a draft, to look at its accounts first
    pub draft: bool,
}

/// Whose invoices to read anew, and which: named ones, or those of a tax period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResyncAsked {
    /// The buyer's
    pub tax_no: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invoices: Vec<InvoiceNamed>,
    /// Instead of them: what the pool has as selected for it, such as 202511
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    /// Who asks: stands in the log
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
}

/// An invoice of the pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvoiceNamed {
    /// Empty for digital invoices and payment books
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub invoice_code: String,
    /// The invoice's number, or the payment book's
    pub invoice_no: String,
}

/// A user's roles, in place of earlier ones.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserAsked {
    /// Each such as `clerk@0101` or, everywhere, `clerk`: viewer, clerk, supervisor, operator,
    /// administrator
    pub roles: Vec<String>,
    /// Give a known user another token; the earlier one is worth nothing then
    #[serde(default)]
    pub new_token: bool,
    /// Who does it; not needed with a token, which tells it
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// A bureau, an account at it, or a tax number; by whom and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GateAsked {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bureau: Option<String>,
    /// With `bureau`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Instead of them
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_no: Option<String>,
    /// Who does it; not needed with a token, which tells it
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    pub reason: String,
}

/// An account came on line or went off line; by whom it is told and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionAsked {
    pub bureau: String,
    pub account: String,
    /// Who does it; not needed with a token, which tells it
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    pub reason: String,
    /// When the session ends by itself, if known
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

/// Which invoices of a tax number to download: those that are named, else by dates, else by a period.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DownloadAsked {
    pub tax_no: String,
    /// At most 500
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invoices: Vec<NamedInvoice>,
    /// The first day of issue, such as 2025-11-01; with `to`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The last day, at most 366 days in all
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// A tax period, such as 202511
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    /// Makes repeating safe; a new one when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted_by: Option<String>,
}

/// An invoice by what tells it apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedInvoice {
    /// The open platform's number; `21` for a payment book. What the pool knows wins
    #[serde(default = "any_type")]
    pub invoice_type: String,
    /// Left out for digital invoices and payment books
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub invoice_code: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice_no: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_book_no: Option<String>,
}

/// 其他发票: nobody has said which.
fn any_type() -> String {
    NamedInvoice::ANY_TYPE.to_owned()
}

impl NamedInvoice {
    pub const ANY_TYPE: &str = "30";

    /// `number`, or `code-number`; with the type 21 a payment book's number as it is.
    pub fn written(text: &str, invoice_type: &str) -> NamedInvoice {
        let book = invoice_type == "21";
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let split = text.split_once('-').filter(|(code, number)| digits(code) && digits(number));
        let (code, number) = split.filter(|_| !book).unwrap_or(("", text));
        NamedInvoice {
            invoice_type: invoice_type.to_owned(),
            invoice_code: code.to_owned(),
            invoice_no: (!book).then(|| number.to_owned()),
            payment_book_no: book.then(|| number.to_owned()),
        }
    }
}

/// Who does it and why, checked.
pub(crate) fn note(by: &str, reason: &str) -> Result<Note, Problem> {
    for (name, text) in [("by", by), ("reason", reason)] {
        let what = if name == "by" { "who does it" } else { "why" };
        if text.trim().is_empty() {
            let untold = if name == "by" { ", for no token tells it" } else { "" };
            return Err(Problem::malformed(format!("{name}: is empty; say {what}{untold}")));
        }
        if text.chars().count() > NOTE_CHARS || text.contains('\0') {
            let sentence = format!("{name}: say {what} in at most {NOTE_CHARS} characters");
            return Err(Problem::malformed(sentence));
        }
    }
    Ok(Note { by: by.trim().to_owned(), reason: reason.trim().to_owned() })
}

fn read<T: std::str::FromStr<Err: std::fmt::Display>>(
    name: &str,
    text: &str,
) -> Result<T, Problem> {
    text.parse().map_err(|error: T::Err| Problem::malformed(format!("{name}: {error}")))
}

impl GateAsked {
    pub(crate) fn scope(&self) -> Result<Scope, Problem> {
        let (bureau, account, tax_no) =
            (self.bureau.as_deref(), self.account.as_deref(), self.tax_no.as_deref());
        match (bureau, account, tax_no) {
            (Some(bureau), None, None) => Ok(Scope::Bureau(read("bureau", bureau)?)),
            (Some(bureau), Some(account), None) => Ok(Scope::Lane {
                bureau: read("bureau", bureau)?,
                account: read("account", account)?,
            }),
            (None, None, Some(tax_no)) => Ok(Scope::TaxNumber(read("tax_no", tax_no)?)),
            _ => Err(Problem::malformed(
                "scope: name a bureau, a bureau and an account, or a tax_no",
            )),
        }
    }

    /// What it names, for sentences.
    pub(crate) fn subject(&self) -> String {
        let part = |name: &str, text: &Option<String>| {
            text.as_ref().map(|text| format!("{name} {text}")).unwrap_or_default()
        };
        let parts = [
            part("bureau", &self.bureau),
            part("account", &self.account),
            part("tax number", &self.tax_no),
        ];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

impl SessionAsked {
    pub(crate) fn lane(&self) -> Result<LaneKey, Problem> {
        Ok(LaneKey {
            bureau: read("bureau", &self.bureau)?,
            account: read("account", &self.account)?,
        })
    }
}

/// An operation on a statistic table, or on the period.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OperationAsked {
    /// Makes repeating it safe; a new one when left out
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_id: Option<Uuid>,
    /// Such as 202511; the bureau's current one when left out. Of a change: the one to change to
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_period: Option<String>,
    /// The account to use; the tax number's own when left out
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Of a confirmation: the name of the stored secret that it is signed with
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_ref: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submitted_by: Option<String>,
}
