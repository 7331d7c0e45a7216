//! The write-back as it travels: one type for reading and the published schema.

use super::{Stamp, Submitted, Told, Voucher, Writeback, limits};
use crate::{
    Moment,
    invoice::{Entry, EntryState, InvoiceKey},
    located::{self, Wrong, optional, required},
    money::Fen,
    period::TaxPeriod,
    task::{Malformed, body_hash, limits as task_limits},
    tax_no::TaxNo,
};
use chrono::{DateTime, SubsecRound};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// One invoice of one document. Every version tells the whole of what it is about; a field that is
/// not named here is refused.
#[derive(Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "Writeback"))]
pub(super) struct Message {
    /// The document's number; all its versions have the same.
    #[cfg_attr(test, schemars(length(min = 1, max = 128)))]
    document_id: String,
    /// Rises with every change of the document; the same version again does nothing.
    #[cfg_attr(test, schemars(range(max = 9_223_372_036_854_775_807_u64)))]
    version: u64,
    /// When this version came to be, RFC 3339 with its offset. Of two documents of one invoice the
    /// later counts.
    #[serde(deserialize_with = "required")]
    #[cfg_attr(test, schemars(with = "String", extend("format" = "date-time")))]
    time: At,
    what: What,
    /// The buyer's: 15 to 20 digits and capital letters.
    #[cfg_attr(test, schemars(with = "String", regex(pattern = r"^[0-9A-Z]{15,20}$")))]
    tax_no: TaxNo,
    /// Empty for fully digital invoices and payment books.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = 20)))]
    invoice_code: Option<String>,
    /// The invoice's number, or the payment book's.
    #[cfg_attr(test, schemars(length(min = 1, max = 32)))]
    invoice_no: String,
    /// 入账税额 in yuan; `submitted` needs it.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    entry_tax: Option<Fen>,
    /// 转出金额 in yuan; `submitted` only.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    transferred_out: Option<Fen>,
    /// 转出原因; `submitted` only, required when 入账税额 is not the tax on the invoice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = 300)))]
    transfer_reason: Option<String>,
    /// 核算组织; `submitted` needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = 128)))]
    accounting_org: Option<String>,
    /// 单据类型; `submitted` needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = 128)))]
    document_type: Option<String>,
    /// 是否可抵扣; `submitted` only. Left out: as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deductible: Option<bool>,
    /// 入账时间; `voucher_made` needs it.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>", extend("format" = "date-time")))]
    entered_at: Option<At>,
    /// 入账属期, `202511`; `voucher_made` only. Default: the month of 入账时间 in Asia/Shanghai.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    entry_period: Option<TaxPeriod>,
    /// 凭证号; `voucher_made` needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = 128)))]
    voucher_no: Option<String>,
    /// Where the voucher can be looked at, http or https; `voucher_made` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = 2_000)))]
    voucher_link: Option<String>,
}

/// What happened to the document.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
enum What {
    Submitted,
    VoucherMade,
    VoucherDeleted,
}

/// A moment to the microsecond, as it is stored.
#[derive(Serialize, Clone, Copy, Debug)]
#[serde(transparent)]
struct At(Moment);

impl FromStr for At {
    type Err = String;

    fn from_str(text: &str) -> Result<At, String> {
        match DateTime::parse_from_rfc3339(text) {
            Ok(at) => Ok(At(at.to_utc().trunc_subsecs(6))),
            Err(_) => Err(format!("\"{text}\" is not a moment, such as 2025-12-01T00:00:00+08:00")),
        }
    }
}

/// How the whole body is called in [`Malformed::field`].
const BODY: &str = "body";

impl Writeback {
    /// Reads one write-back. What cannot be read is rejected with the reason.
    pub fn parse(body: &[u8]) -> Result<Writeback, Malformed> {
        if body.len() > limits::BODY_BYTES {
            let (most, found) = (limits::BODY_BYTES, body.len());
            let problem = format!("has {found} bytes; at most {most} are allowed");
            return Err(Wrong::new(BODY, problem).into());
        }
        let message: Message = located::from_value(located::json(body, BODY)?, BODY)?;
        message.read().map_err(Malformed::from)
    }
}

impl Message {
    fn read(self) -> Result<Writeback, Wrong> {
        let told = match self.what {
            What::Submitted => {
                self.leave_out(&VOUCHER, "voucher_made")?;
                Told::Submitted(self.submitted()?)
            }
            What::VoucherMade => {
                self.leave_out(&DOCUMENT, "submitted")?;
                Told::VoucherMade(self.voucher()?)
            }
            What::VoucherDeleted => {
                self.leave_out(&DOCUMENT, "submitted")?;
                self.leave_out(&VOUCHER, "voucher_made")?;
                Told::VoucherDeleted
            }
        };
        let code = self.invoice_code.as_deref().unwrap_or_default();
        let invoice = InvoiceKey {
            code: plain("invoice_code", code, task_limits::CODE_CHARS)?,
            number: needed("invoice_no", Some(&self.invoice_no), task_limits::BOOK_NUMBER_CHARS)?,
        };
        let document = needed("document_id", Some(&self.document_id), limits::NAME_CHARS)?;
        let version = i64::try_from(self.version)
            .map_err(|_| Wrong::new("version", format!("is above {}", i64::MAX)))?;
        let written = serde_json::to_string(&self).expect("a message has only string keys");
        let digest = body_hash(written.as_bytes());
        let stamp = Stamp { document, version, time: self.time.0, digest };
        Ok(Writeback { buyer: self.tax_no, invoice, stamp, told })
    }

    fn submitted(&self) -> Result<Submitted, Wrong> {
        let names = limits::NAME_CHARS;
        let reason = self.transfer_reason.as_deref().unwrap_or_default();
        Ok(Submitted {
            entry_tax: self.entry_tax.ok_or_else(|| Wrong::new("entry_tax", "is missing"))?,
            transferred_out: self.transferred_out,
            transfer_reason: plain("transfer_reason", reason.trim(), limits::REASON_CHARS)?,
            accounting_org: needed("accounting_org", self.accounting_org.as_deref(), names)?,
            document_type: needed("document_type", self.document_type.as_deref(), names)?,
            deductible: self.deductible,
        })
    }

    fn voucher(&self) -> Result<Voucher, Wrong> {
        let At(at) = self.entered_at.ok_or_else(|| Wrong::new("entered_at", "is missing"))?;
        let period = self.entry_period.unwrap_or_else(|| TaxPeriod::containing(at));
        let link = self.voucher_link.as_deref().unwrap_or_default();
        let known = ["http://", "https://"].iter().any(|scheme| link.starts_with(scheme));
        if !link.is_empty() && !known {
            let problem = "is no address: it begins with http:// or https://";
            return Err(Wrong::new("voucher_link", problem));
        }
        Ok(Voucher {
            entry: Entry { state: EntryState::Entered, period: Some(period), at: Some(at) },
            number: needed("voucher_no", self.voucher_no.as_deref(), limits::NAME_CHARS)?,
            link: plain("voucher_link", link, limits::LINK_CHARS)?,
        })
    }

    /// What belongs to something else is a mistake of whoever wrote it.
    fn leave_out(&self, fields: &[Field], of: &str) -> Result<(), Wrong> {
        match fields.iter().find(|(_, is_told)| is_told(self)) {
            Some((name, _)) => {
                Err(Wrong::new(*name, format!("is told with \"what\": \"{of}\" only")))
            }
            None => Ok(()),
        }
    }
}

type Field = (&'static str, fn(&Message) -> bool);

const DOCUMENT: [Field; 6] = [
    ("entry_tax", |message| message.entry_tax.is_some()),
    ("transferred_out", |message| message.transferred_out.is_some()),
    ("transfer_reason", |message| message.transfer_reason.is_some()),
    ("accounting_org", |message| message.accounting_org.is_some()),
    ("document_type", |message| message.document_type.is_some()),
    ("deductible", |message| message.deductible.is_some()),
];

const VOUCHER: [Field; 4] = [
    ("entered_at", |message| message.entered_at.is_some()),
    ("entry_period", |message| message.entry_period.is_some()),
    ("voucher_no", |message| message.voucher_no.is_some()),
    ("voucher_link", |message| message.voucher_link.is_some()),
];

fn needed(field: &str, text: Option<&str>, chars: usize) -> Result<String, Wrong> {
    match text.map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => plain(field, text, chars),
        None => Err(Wrong::new(field, "is missing or empty")),
    }
}

fn plain(field: &str, text: &str, chars: usize) -> Result<String, Wrong> {
    if text.chars().any(char::is_control) {
        return Err(Wrong::new(field, "holds a control character"));
    }
    match text.chars().count() {
        count if count > chars => {
            Err(Wrong::new(field, format!("has {count} characters; at most {chars} are allowed")))
        }
        _ => Ok(text.to_owned()),
    }
}
