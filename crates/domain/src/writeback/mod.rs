//! Write-backs (业务单据回写): what business documents tell the pool of an invoice.
//!
//! A document (费报, 应付, …) is submitted, a voucher is made of it, the voucher is deleted. Each
//! of these tells a whole part of what stands in the books, so that what comes late is dropped, and
//! what comes twice changes nothing.

mod wire;

use crate::{
    Moment,
    invoice::{Entry, EntryState, InvoiceKey},
    money::Fen,
    tax_no::TaxNo,
};

/// Limits of one write-back; more is rejected with a reason that names the field.
pub mod limits {
    /// Bytes of a body.
    pub const BODY_BYTES: usize = 64 << 10;
    /// Characters of a document's or a voucher's number, an organisation, a type of document.
    pub const NAME_CHARS: usize = 128;
    /// Characters of a reason.
    pub const REASON_CHARS: usize = 300;
    /// Characters of a link.
    pub const LINK_CHARS: usize = 2_000;
}

/// One write-back, read and checked for form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Writeback {
    pub buyer: TaxNo,
    pub invoice: InvoiceKey,
    pub stamp: Stamp,
    pub told: Told,
}

/// Which version of which document tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stamp {
    /// 单据编号
    pub document: String,
    /// Rises with every change of the document.
    pub version: i64,
    /// When this version came to be, to the microsecond; it rises with the version.
    pub time: Moment,
    /// SHA-256 of what it tells: tells a repetition from another content under one version.
    pub digest: [u8; 32],
}

/// What a document tells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Told {
    /// It was submitted, or submitted anew.
    Submitted(Submitted),
    /// A voucher was made of it.
    VoucherMade(Voucher),
    /// Its voucher was deleted.
    VoucherDeleted,
}

/// 业务单据提交
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Submitted {
    /// 入账税额
    pub entry_tax: Fen,
    /// 转出金额
    pub transferred_out: Option<Fen>,
    /// 转出原因; required when 入账税额 is not the tax on the invoice.
    pub transfer_reason: String,
    /// 核算组织
    pub accounting_org: String,
    /// 单据类型
    pub document_type: String,
    /// 是否可抵扣; None: as it is.
    pub deductible: Option<bool>,
}

/// 记账凭证生成
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Voucher {
    /// 入账属期 and 入账时间, of what is entered.
    pub entry: Entry,
    pub number: String,
    pub link: String,
}

/// What a write-back writes, and is ordered within: a submission that overtakes a voucher loses
/// nothing of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Part {
    Document,
    Voucher,
}

impl Part {
    pub const ALL: [Part; 2] = [Part::Document, Part::Voucher];

    pub const fn name(self) -> &'static str {
        match self {
            Part::Document => "document",
            Part::Voucher => "voucher",
        }
    }
}

impl Writeback {
    pub fn part(&self) -> Part {
        match self.told {
            Told::Submitted(_) => Part::Document,
            Told::VoucherMade(_) | Told::VoucherDeleted => Part::Voucher,
        }
    }
}

/// How an invoice stands in the books, as far as documents write it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Books {
    pub accounting_org: String,
    pub document_type: String,
    pub deductible: bool,
    pub entry: Entry,
    pub entry_tax: Option<Fen>,
    pub transferred_out: Option<Fen>,
    pub transfer_reason: String,
    pub voucher_no: String,
    pub voucher_link: String,
}

/// What becomes of a write-back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Decision {
    /// The invoice stands so from now on.
    Write(Books),
    /// It was written before.
    Repeated,
    /// Something newer was written before.
    Older(Newer),
    Refused(Refused),
}

/// What an older write-back finds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Newer {
    /// A later version of the same document.
    Version,
    /// Another document, of a later time.
    Document,
}

impl Newer {
    pub const fn sentence(self) -> &'static str {
        match self {
            Newer::Version => "该单据已有更新的版本回写，未作更改。",
            Newer::Document => "该发票已有时间更晚的业务单据回写，未作更改。",
        }
    }
}

/// Why a write-back may not be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// 入账税额 differs from 票面税额.
    NoTransferReason,
    /// It is not deductible any more.
    NotDeductible,
    /// This version of the document was used for another content.
    VersionUsed,
}

impl Refused {
    /// In metric labels.
    pub const fn name(self) -> &'static str {
        match self {
            Refused::NoTransferReason => "no_transfer_reason",
            Refused::NotDeductible => "not_deductible",
            Refused::VersionUsed => "version_used",
        }
    }

    pub const fn sentence(self) -> &'static str {
        match self {
            Refused::NoTransferReason => "入账税额与票面税额不一致时，转出原因必填。",
            Refused::NotDeductible => "是否可抵扣已为“否”的发票，不能再修改是否可抵扣。",
            Refused::VersionUsed => "该单据版本已回写过其他内容，请提高单据版本后重新回写。",
        }
    }
}

/// Decides a write-back over what is known: `last` wrote the same part of this invoice, `tax` is
/// 票面税额.
///
/// One document's write-backs go by its versions. Of two documents of one invoice the one of the
/// later time counts, at the same moment the one with the greater number.
pub fn decide(known: &Books, last: Option<&Stamp>, tax: Fen, told: &Writeback) -> Decision {
    if let Some(last) = last {
        match order(last, &told.stamp) {
            Order::Same => return Decision::Repeated,
            Order::Clash => return Decision::Refused(Refused::VersionUsed),
            Order::Older(newer) => return Decision::Older(newer),
            Order::Newer => {}
        }
    }
    match &told.told {
        Told::Submitted(submitted) => submit(known, tax, submitted),
        Told::VoucherMade(voucher) => Decision::Write(Books {
            entry: voucher.entry,
            voucher_no: voucher.number.clone(),
            voucher_link: voucher.link.clone(),
            ..known.clone()
        }),
        Told::VoucherDeleted => Decision::Write(Books {
            entry: Entry { state: EntryState::NotEntered, ..Entry::default() },
            voucher_no: String::new(),
            voucher_link: String::new(),
            ..known.clone()
        }),
    }
}

enum Order {
    Same,
    Clash,
    Older(Newer),
    Newer,
}

fn order(last: &Stamp, told: &Stamp) -> Order {
    use std::cmp::Ordering::{Equal, Greater, Less};
    if last.document == told.document {
        return match told.version.cmp(&last.version) {
            Less => Order::Older(Newer::Version),
            Equal if told.digest == last.digest => Order::Same,
            Equal => Order::Clash,
            Greater => Order::Newer,
        };
    }
    match (told.time, &told.document).cmp(&(last.time, &last.document)) {
        Less => Order::Older(Newer::Document),
        Equal | Greater => Order::Newer,
    }
}

fn submit(known: &Books, tax: Fen, told: &Submitted) -> Decision {
    if told.entry_tax != tax && told.transfer_reason.is_empty() {
        return Decision::Refused(Refused::NoTransferReason);
    }
    if !known.deductible && told.deductible == Some(true) {
        return Decision::Refused(Refused::NotDeductible);
    }
    Decision::Write(Books {
        accounting_org: told.accounting_org.clone(),
        document_type: told.document_type.clone(),
        deductible: told.deductible.unwrap_or(known.deductible),
        entry_tax: Some(told.entry_tax),
        transferred_out: told.transferred_out,
        transfer_reason: told.transfer_reason.clone(),
        ..known.clone()
    })
}

#[cfg(test)]
mod tests;
