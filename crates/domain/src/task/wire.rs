//! The task message as it travels: one type for reading, writing and the published schema.

use super::limits;
use crate::{
    Moment,
    bureau::{Account, BureauCode},
    ids::TaskId,
    invoice::{InvoiceKey, InvoiceType, NonDeductionReason, TaskInvoice},
    kind::Kind,
    located::{Day, Wrong, optional, required},
    money::Fen,
    period::TaxPeriod,
    tax_no::TaxNo,
};
use chrono::DateTime;
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use uuid::Uuid;

/// A task for one tax number. Fields that are not named here are kept and ignored.
#[derive(Serialize, Deserialize, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "TaskMessage"))]
pub(super) struct Message {
    /// The idempotency key: the same id with the same body again does nothing.
    #[serde(deserialize_with = "required")]
    #[cfg_attr(test, schemars(with = "Uuid"))]
    pub(super) task_id: Id,
    #[serde(deserialize_with = "required")]
    #[cfg_attr(test, schemars(schema_with = "schema::kind"))]
    pub(super) kind: Kind,
    /// 15 to 20 digits and capital letters.
    #[cfg_attr(test, schemars(with = "String", regex(pattern = r"^[0-9A-Z]{15,20}$")))]
    pub(super) tax_no: TaxNo,
    /// Six-digit region code; a city's code means the bureau of its region. Default: the tax
    /// number's own bureau.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>", regex(pattern = r"^([0-9]{6})?$")))]
    pub(super) bureau: Option<BureauCode>,
    /// The login at the bureau. Default: the tax number's default account for receiving.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        test,
        schemars(with = "Option<String>", regex(pattern = r"^[0-9A-Za-z@_-]{0,64}$"))
    )]
    pub(super) account: Option<Account>,
    /// Year and month, `202511`. Default: the bureau's current period when the task runs.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>", regex(pattern = r"^([0-9]{6})?$")))]
    pub(super) tax_period: Option<TaxPeriod>,
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>", length(max = 128)))]
    pub(super) batch_id: Option<Name>,
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>", length(max = 128)))]
    pub(super) submitted_by: Option<Name>,
    /// Not started before this moment: RFC 3339 with its offset.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>", extend("format" = "date-time")))]
    pub(super) not_before: Option<At>,
    /// At most 500, each once; at least one for kinds that select or deselect.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "null_is_empty")]
    #[cfg_attr(test, schemars(with = "Option<Vec<Invoice>>", length(max = 500)))]
    pub(super) invoices: Vec<Invoice>,
    /// What the kind needs beside the invoices. A password never travels here: `password_ref`
    /// names a stored secret. `invoice_download` without invoices brings those dated from `from` to
    /// `to` (such as 2025-11-01, at most 366 days), else those of `period` (such as 202511), else
    /// those of the task's tax period.
    #[serde(
        default,
        skip_serializing_if = "serde_json::Map::is_empty",
        deserialize_with = "null_is_empty"
    )]
    #[cfg_attr(test, schemars(with = "Option<serde_json::Map<String, serde_json::Value>>"))]
    pub(super) parameters: serde_json::Map<String, serde_json::Value>,
    /// The failed task that this one tries again.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<Uuid>"))]
    pub(super) retry_of: Option<Id>,
    /// Read apart, since a flattened field would lose the place of what is wrong in the others.
    #[serde(flatten, skip_deserializing)]
    #[cfg_attr(test, schemars(skip))]
    pub(super) unknown: serde_json::Map<String, serde_json::Value>,
}

/// The fields that we know.
pub(super) const FIELDS: [&str; 12] = [
    "task_id",
    "kind",
    "tax_no",
    "bureau",
    "account",
    "tax_period",
    "batch_id",
    "submitted_by",
    "not_before",
    "invoices",
    "parameters",
    "retry_of",
];

/// One invoice of a task. All values are strings.
#[derive(Serialize, Deserialize, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Invoice {
    /// The number of the type, such as `27`.
    #[cfg_attr(test, schemars(schema_with = "schema::invoice_type"))]
    invoice_type: InvoiceType,
    /// Empty for fully digital invoices.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>", regex(pattern = r"^[0-9A-Za-z]{0,20}$")))]
    invoice_code: Option<Code>,
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>", regex(pattern = r"^[0-9A-Za-z]{0,20}$")))]
    invoice_no: Option<Code>,
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>", extend("format" = "date")))]
    invoice_date: Option<Day>,
    /// Without tax, in yuan with at most two decimals.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        test,
        schemars(with = "Option<String>", regex(pattern = r"^(-?[0-9]{1,15}(\.[0-9]{1,2})?)?$"))
    )]
    amount: Option<Fen>,
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        test,
        schemars(with = "Option<String>", regex(pattern = r"^(-?[0-9]{1,15}(\.[0-9]{1,2})?)?$"))
    )]
    tax: Option<Fen>,
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        test,
        schemars(with = "Option<String>", regex(pattern = r"^(-?[0-9]{1,15}(\.[0-9]{1,2})?)?$"))
    )]
    effective_tax: Option<Fen>,
    /// 1 用于非应税项目, 2 用于免税项目, 3 用于集体福利或者个人消费, 4 遭受不正常损失, 5 其他.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>", regex(pattern = r"^[1-5]?$")))]
    non_deduction_reason: Option<NonDeductionReason>,
    /// The text that goes with reason 5.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>", length(max = 300)))]
    non_deduction_text: Option<ReasonText>,
    /// A customs payment book's number, instead of code and number; type 21 only.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>", regex(pattern = r"^[0-9A-Za-z-]{0,32}$")))]
    payment_book_no: Option<BookNumber>,
}

impl Invoice {
    pub(super) fn of(invoice: &TaskInvoice) -> Invoice {
        let book = invoice.invoice_type.is_payment_book();
        let key = &invoice.key;
        let some = |text: &String| (!text.is_empty()).then(|| text.clone());
        Invoice {
            invoice_type: invoice.invoice_type,
            invoice_code: some(&key.code).map(Code),
            invoice_no: some(&key.number).filter(|_| !book).map(Code),
            invoice_date: invoice.date.map(Day),
            amount: invoice.amount,
            tax: invoice.tax,
            effective_tax: invoice.effective_tax,
            non_deduction_reason: invoice.non_deduction_reason,
            non_deduction_text: invoice.non_deduction_text.clone().map(ReasonText),
            payment_book_no: some(&key.number).filter(|_| book).map(BookNumber),
        }
    }

    /// `place` is that of the invoice in the message: `invoices[3]`.
    pub(super) fn read(self, place: &str) -> Result<TaskInvoice, Wrong> {
        let wrong = |field: &str, problem: &str| Wrong::new(format!("{place}.{field}"), problem);
        let code = self.invoice_code.map(|code| code.0).unwrap_or_default();
        let book = self.invoice_type.is_payment_book();
        let number = match (self.invoice_no, self.payment_book_no) {
            (None, Some(number)) if book && code.is_empty() => number.0,
            (_, Some(_)) if book => {
                let problem = "stands instead of invoice_code and invoice_no: leave those out";
                return Err(wrong("payment_book_no", problem));
            }
            (_, None) if book => {
                let problem = "is missing: invoices of type 21 are known by it";
                return Err(wrong("payment_book_no", problem));
            }
            (_, Some(_)) => return Err(wrong("payment_book_no", "is for invoice type 21 only")),
            (None, None) => return Err(wrong("invoice_no", "is missing")),
            (Some(number), None) => number.0,
        };
        Ok(TaskInvoice {
            key: InvoiceKey { code, number },
            invoice_type: self.invoice_type,
            date: self.invoice_date.map(|day| day.0),
            amount: self.amount,
            tax: self.tax,
            effective_tax: self.effective_tax,
            non_deduction_reason: self.non_deduction_reason,
            non_deduction_text: self.non_deduction_text.map(|text| text.0),
        })
    }
}

fn null_is_empty<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Text types of the message: each with its own form and its own sentence.
macro_rules! forms {
    ($($(#[$doc:meta])* $name:ident($inner:ty): $read:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Serialize, Debug)]
        #[serde(transparent)]
        pub(super) struct $name(pub(super) $inner);

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<$name, String> {
                let read: fn(&str) -> Result<$inner, String> = $read;
                read(text).map($name)
            }
        }
    )*};
}

forms! {
    Id(TaskId): |text| match Uuid::try_parse(text) {
        Ok(id) if !id.is_nil() && matches!(text.len(), 32 | 36) => Ok(TaskId(id)),
        _ => Err(format!("\"{text}\" is not a UUID, such as 0193f3a2-7c1e-7b7a-9d53-0c2f6f1f0a11")),
    };
    At(Moment): |text| match DateTime::parse_from_rfc3339(text) {
        Ok(at) => Ok(at.to_utc()),
        Err(_) => Err(format!("\"{text}\" is not a moment, such as 2025-12-01T00:00:00+08:00")),
    };
    /// Who or what asked, for filters and people.
    Name(String): |text| at_most(text, limits::NAME_CHARS);
    ReasonText(String): |text| at_most(text, limits::REASON_CHARS);
    /// An invoice's code or number.
    Code(String): |text| {
        if text.len() <= limits::CODE_CHARS && text.bytes().all(|b| b.is_ascii_alphanumeric()) {
            Ok(text.to_owned())
        } else {
            Err(format!("\"{text}\" is not an invoice's code or number: at most {} digits and letters", limits::CODE_CHARS))
        }
    };
    BookNumber(String): |text| {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        if text.len() <= limits::BOOK_NUMBER_CHARS && text.bytes().all(allowed) {
            Ok(text.to_owned())
        } else {
            Err(format!("\"{text}\" is not a payment book's number: at most {} digits, letters and \"-\"", limits::BOOK_NUMBER_CHARS))
        }
    };
}

/// The form of an invoice's code or number, or of a payment book's; else the sentence.
pub(crate) fn code_or_number(text: &str, book: bool) -> Result<String, String> {
    if book {
        text.parse().map(|number: BookNumber| number.0)
    } else {
        text.parse().map(|code: Code| code.0)
    }
}

fn at_most(text: &str, chars: usize) -> Result<String, String> {
    match text.chars().count() {
        count if count > chars => {
            Err(format!("has {count} characters; at most {chars} are allowed"))
        }
        _ => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod schema {
    use crate::{invoice::InvoiceType, kind::Kind};
    use schemars::{Schema, SchemaGenerator, json_schema};

    pub(super) fn kind(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        json_schema!({"type": "string", "enum": names})
    }

    pub(super) fn invoice_type(_: &mut SchemaGenerator) -> Schema {
        let mut numbers: Vec<_> = InvoiceType::all().collect();
        numbers.sort_unstable();
        let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
        json_schema!({"type": "string", "enum": numbers})
    }
}
