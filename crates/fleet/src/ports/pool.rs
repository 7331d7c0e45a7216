//! Looking at the invoice pool (全票池): what people and other systems see of invoices.

use super::{StoreError, archive::TaskRow};
use async_trait::async_trait;
use chrono::NaiveDate;
use domain::{
    ids::{Fence, TaskId, TaxId},
    invoice::{
        EntryState, FileHash, FileRef, Invoice, InvoiceFile, InvoiceKey, InvoiceStatus,
        InvoiceType, Kept, Purpose, Selection, ToldInvoice,
    },
    ledger::LedgerLine,
    money::Fen,
    tax_no::TaxNo,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, HashMap},
    fmt::Debug,
};

/// An invoice and its newest task.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct InvoiceCard {
    pub invoice: Invoice,
    /// None: it never had one, or the log has forgotten it.
    pub newest: Option<NewestTask>,
}

/// The unfinished task that holds the invoice; without one the task that wrote of it last.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct NewestTask {
    pub row: TaskRow,
    /// What became of this invoice; None while the task is unfinished.
    pub line: Option<LedgerLine>,
}

/// Which invoices; every field that is set must match, an empty list is not set.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InvoiceFilter {
    pub buyer: Option<TaxNo>,
    /// 核算组织 of the invoice.
    pub accounting_org: Option<String>,
    /// 税务组织 of the buyer.
    pub tax_org: Option<String>,
    pub types: Vec<InvoiceType>,
    pub statuses: Vec<InvoiceStatus>,
    /// As people see it: `Selecting` is what a task holds, whatever it was before.
    pub selections: Vec<Selection>,
    /// None in it: not decided.
    pub purposes: Vec<Option<Purpose>>,
    pub deductible: Option<bool>,
    /// The first and the last day; an invoice without a date comes before all of them.
    pub date_from: Option<NaiveDate>,
    pub date_to: Option<NaiveDate>,
    /// Without tax; both ends count.
    pub amount_from: Option<Fen>,
    pub amount_to: Option<Fen>,
    /// The seller's name contains it.
    pub seller: Option<String>,
    /// The number, or the payment book's, begins with it.
    pub number: Option<String>,
    pub entry_states: Vec<EntryState>,
    /// Only of these organisations: the invoice's 核算组织, and without one the buyer's 税务组织.
    pub within: Option<Vec<String>>,
}

/// A layout file whose bytes are in the file store.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewFile {
    pub file: FileRef,
    pub bytes: u64,
    pub sha256: FileHash,
}

/// The files of one call, each once (of several for one place the last), and for each of them whether
/// it is new.
pub fn to_note<'a>(
    files: &'a [NewFile],
    known: &HashMap<FileRef, FileHash>,
) -> (Vec<&'a NewFile>, Vec<Kept>) {
    let last: BTreeMap<&FileRef, &NewFile> = files.iter().map(|new| (&new.file, new)).collect();
    let kept = |new: &NewFile| match known.get(&new.file) {
        None => Kept::New,
        Some(hash) if last.get(&new.file).is_some_and(|last| last.sha256 == *hash) => {
            Kept::Unchanged
        }
        Some(_) => Kept::Changed,
    };
    let outcomes = files.iter().map(kept).collect();
    let write = last.values().copied().filter(|new| kept(new) != Kept::Unchanged).collect();
    (write, outcomes)
}

/// Where a page begins: after this invoice.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Cursor {
    pub date: Option<NaiveDate>,
    pub key: InvoiceKey,
    pub buyer: TaxNo,
}

impl Cursor {
    /// The page after this invoice.
    pub fn after(invoice: &Invoice) -> Cursor {
        Cursor {
            date: invoice.facts.date,
            key: invoice.facts.key.clone(),
            buyer: invoice.buyer_tax_no.clone(),
        }
    }
}

/// What an invoice without a date counts as.
pub const NO_DATE: NaiveDate = NaiveDate::from_ymd_opt(1, 1, 1).expect("the first day there is");

#[async_trait]
pub trait InvoicePool: Send + Sync + Debug {
    /// A page: by date, then number, then code, the greatest first; those without a date last. The
    /// order does not change while invoices come and go, so that nothing is shown twice.
    async fn search(
        &self,
        filter: &InvoiceFilter,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Vec<Invoice>, StoreError>;

    /// The invoice of this buyer with every field, `Selecting` while a task holds it; None: the
    /// pool does not know it.
    async fn invoice(
        &self,
        buyer: &TaxNo,
        key: &InvoiceKey,
    ) -> Result<Option<InvoiceCard>, StoreError>;

    /// Writes what the bureau told the holder of the task's tax number, as
    /// [`take_over`](domain::invoice::take_over) decides: the bureau's facts, and of our own marks what the
    /// bureau does not know. New invoices get 采集时间, by the store's clock, and 数据来源. The same again changes nothing.
    ///
    /// An outcome for each, in order; None, and nothing is written, once the keys have passed on:
    /// whoever has the tax number now may have changed at the bureau what was told.
    async fn keep_told(
        &self,
        task: TaskId,
        fence: Fence,
        told: &[ToldInvoice],
    ) -> Result<Option<Vec<Kept>>, StoreError>;

    /// Notes layout files of invoices of this tax number, each with when it was kept, by the store's
    /// clock; one of the same invoice and format takes the place of the older. An outcome for each.
    async fn note_files(&self, tax: TaxId, files: &[NewFile]) -> Result<Vec<Kept>, StoreError>;

    /// The layout files of an invoice, PDF first, then OFD and XML.
    async fn files_of(
        &self,
        buyer: &TaxNo,
        key: &InvoiceKey,
    ) -> Result<Vec<InvoiceFile>, StoreError>;
}
