//! Write-backs as both databases take them, and what they are decided by.

use crate::codec;
use domain::{
    Moment,
    invoice::{Entry, InvoiceKey},
    money::Fen,
    tax_no::TaxNo,
    writeback::{Books, Decision, Part, Stamp, Writeback, decide},
};
use fleet::ports::{StoreError, writeback::WrittenBack};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// An invoice that is asked for.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct AskedRow<'a> {
    tax_no: &'a str,
    number: &'a str,
    code: &'a str,
}

/// Every invoice of the batch, once.
pub(crate) fn asked(told: &[Writeback]) -> Vec<AskedRow<'_>> {
    told.iter().map(AskedRow::of).collect::<BTreeSet<_>>().into_iter().collect()
}

impl AskedRow<'_> {
    fn of(told: &Writeback) -> AskedRow<'_> {
        let (tax_no, key) = (told.buyer.as_str(), &told.invoice);
        AskedRow { tax_no, number: &key.number, code: &key.code }
    }
}

/// How an invoice stands in the books, locked. Moments are microseconds since 1970 in UTC.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct BooksRow {
    tax_no: String,
    tax_id: i32,
    number: String,
    code: String,
    tax: i64,
    accounting_org: String,
    document_type: String,
    deductible: bool,
    entry_state: String,
    entry_period: Option<i32>,
    entered_at: Option<i64>,
    entry_tax: Option<i64>,
    transferred_out: Option<i64>,
    transfer_reason: String,
    voucher_no: String,
    voucher_link: String,
}

impl BooksRow {
    fn known(self) -> Result<(Of, Known), StoreError> {
        let entry = Entry {
            state: codec::read(&self.entry_state)?,
            period: self.entry_period.map(codec::period).transpose()?,
            at: self.entered_at.and_then(Moment::from_timestamp_micros),
        };
        let books = Books {
            accounting_org: self.accounting_org,
            document_type: self.document_type,
            deductible: self.deductible,
            entry,
            entry_tax: self.entry_tax.map(Fen),
            transferred_out: self.transferred_out.map(Fen),
            transfer_reason: self.transfer_reason,
            voucher_no: self.voucher_no,
            voucher_link: self.voucher_link,
        };
        let key = InvoiceKey { code: self.code, number: self.number };
        let known = Known { tax_id: self.tax_id, tax: Fen(self.tax), books, changed: false };
        Ok(((codec::read(&self.tax_no)?, key), known))
    }
}

/// Who wrote a part of an invoice last.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct StampRow {
    tax_no: String,
    number: String,
    code: String,
    part: String,
    document_id: String,
    version: i64,
    told_at: i64,
    digest: String,
}

impl StampRow {
    fn stamp(self) -> Result<((Of, Part), Stamp), StoreError> {
        let broken = || StoreError::Broken("a stored write-back cannot be read".to_owned());
        let part = Part::ALL.into_iter().find(|part| part.name() == self.part);
        let key = InvoiceKey { code: self.code, number: self.number };
        let stamp = Stamp {
            document: self.document_id,
            version: self.version,
            time: Moment::from_timestamp_micros(self.told_at).ok_or_else(broken)?,
            digest: unhex(&self.digest).ok_or_else(broken)?,
        };
        Ok((((codec::read(&self.tax_no)?, key), part.ok_or_else(broken)?), stamp))
    }
}

fn hex(digest: &[u8; 32]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let byte = |at: usize| u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..text.len() / 2).map(byte).collect();
    bytes?.try_into().ok()
}

/// An invoice of a buyer.
type Of = (TaxNo, InvoiceKey);

#[derive(Debug)]
struct Known {
    tax_id: i32,
    tax: Fen,
    books: Books,
    changed: bool,
}

/// One batch: what is known, decided one after the other.
#[derive(Debug)]
pub(crate) struct Desk {
    known: BTreeMap<Of, Known>,
    stamps: BTreeMap<(Of, Part), Stamp>,
    told: BTreeSet<(Of, Part)>,
}

impl Desk {
    pub(crate) fn new(books: Vec<BooksRow>, stamps: Vec<StampRow>) -> Result<Desk, StoreError> {
        let known = books.into_iter().map(BooksRow::known).collect::<Result<_, _>>()?;
        let stamps = stamps.into_iter().map(StampRow::stamp).collect::<Result<_, _>>()?;
        Ok(Desk { known, stamps, told: BTreeSet::new() })
    }

    pub(crate) fn write(&mut self, told: &Writeback) -> WrittenBack {
        let of = (told.buyer.clone(), told.invoice.clone());
        let Some(known) = self.known.get_mut(&of) else { return WrittenBack::NoSuchInvoice };
        let part = (of, told.part());
        match decide(&known.books, self.stamps.get(&part), known.tax, told) {
            Decision::Write(books) => {
                (known.books, known.changed) = (books, true);
                self.stamps.insert(part.clone(), told.stamp.clone());
                self.told.insert(part);
                WrittenBack::Written
            }
            Decision::Repeated => WrittenBack::Repeated,
            Decision::Older(newer) => WrittenBack::Older(newer),
            Decision::Refused(refused) => WrittenBack::Refused(refused),
        }
    }

    /// Invoices that stand otherwise now.
    pub(crate) fn books(&self) -> Vec<NewBooks<'_>> {
        let changed = self.known.iter().filter(|(_, known)| known.changed);
        changed.map(|((_, key), known)| NewBooks::of(key, known)).collect()
    }

    /// Who has written what now.
    pub(crate) fn stamps<'a>(&'a self) -> Vec<NewStamp<'a>> {
        let row = |part: &'a (Of, Part)| {
            let (known, stamp) = (self.known.get(&part.0)?, self.stamps.get(part)?);
            Some(NewStamp::of(known.tax_id, part, stamp))
        };
        self.told.iter().filter_map(row).collect()
    }
}

/// How an invoice stands in the books from now on.
#[derive(Debug, Serialize)]
pub(crate) struct NewBooks<'a> {
    tax_id: i32,
    number: &'a str,
    code: &'a str,
    accounting_org: &'a str,
    document_type: &'a str,
    deductible: bool,
    entry_state: &'static str,
    entry_period: Option<i32>,
    entered_at: Option<i64>,
    entry_tax: Option<i64>,
    transferred_out: Option<i64>,
    transfer_reason: &'a str,
    voucher_no: &'a str,
    voucher_link: &'a str,
}

impl NewBooks<'_> {
    fn of<'a>(key: &'a InvoiceKey, known: &'a Known) -> NewBooks<'a> {
        let books = &known.books;
        NewBooks {
            tax_id: known.tax_id,
            number: &key.number,
            code: &key.code,
            accounting_org: &books.accounting_org,
            document_type: &books.document_type,
            deductible: books.deductible,
            entry_state: books.entry.state.name(),
            entry_period: books.entry.period.map(|period| period.number()),
            entered_at: books.entry.at.map(|at| at.timestamp_micros()),
            entry_tax: books.entry_tax.map(|tax| tax.0),
            transferred_out: books.transferred_out.map(|amount| amount.0),
            transfer_reason: &books.transfer_reason,
            voucher_no: &books.voucher_no,
            voucher_link: &books.voucher_link,
        }
    }
}

/// Who has written a part of an invoice.
#[derive(Debug, Serialize)]
pub(crate) struct NewStamp<'a> {
    tax_id: i32,
    number: &'a str,
    code: &'a str,
    part: &'static str,
    document_id: &'a str,
    version: i64,
    told_at: i64,
    digest: String,
}

impl NewStamp<'_> {
    fn of<'a>(tax_id: i32, ((_, key), part): &'a (Of, Part), stamp: &'a Stamp) -> NewStamp<'a> {
        NewStamp {
            tax_id,
            number: &key.number,
            code: &key.code,
            part: part.name(),
            document_id: &stamp.document,
            version: stamp.version,
            told_at: stamp.time.timestamp_micros(),
            digest: hex(&stamp.digest),
        }
    }
}
