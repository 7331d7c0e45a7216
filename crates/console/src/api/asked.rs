//! The bodies of requests.

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

/// Which tasks to call off, by whom and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelAsked {
    pub tasks: Vec<Uuid>,
    pub by: String,
    pub reason: String,
}

/// Of which tasks the bureau has nothing, who looked, and how they know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AbsentAsked {
    pub tasks: Vec<Uuid>,
    pub by: String,
    pub reason: String,
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
    pub by: String,
    pub reason: String,
}

/// An account came on line or went off line; by whom it is told and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionAsked {
    pub bureau: String,
    pub account: String,
    pub by: String,
    pub reason: String,
    /// When the session ends by itself, if known
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

/// Who does it and why, checked.
pub(crate) fn note(by: &str, reason: &str) -> Result<Note, Problem> {
    for (name, text) in [("by", by), ("reason", reason)] {
        let what = if name == "by" { "who does it" } else { "why" };
        if text.trim().is_empty() {
            return Err(Problem::malformed(format!("{name}: is empty; say {what}")));
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
