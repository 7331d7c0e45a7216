//! Looking at the invoice pool.

use super::{MemoryStore, book::Book};
use crate::ports::{
    StoreError,
    pool::{
        Cursor, InvoiceCard, InvoiceFilter, InvoicePool, NO_DATE, NewFile, NewestTask, to_note,
    },
};
use async_trait::async_trait;
use chrono::NaiveDate;
use domain::{
    ids::{Fence, TaskId, TaxId},
    invoice::{
        DOWNLOADED, Entry, Face, FileFormat, FileHash, FileRef, Invoice, InvoiceDetails,
        InvoiceFile, InvoiceKey, Kept, Mark, PoolInvoice, Selection, Standing, ToldInvoice,
        take_over,
    },
    rights::Place,
    tax_no::TaxNo,
    world::WorldInvoice,
};
use std::collections::HashMap;

/// What stands of an invoice beside what rules and channels need.
#[derive(Clone, Debug, Default)]
pub struct PoolRest {
    pub accounting_org: String,
    pub seller_name: String,
    pub seller_tax_no: String,
    pub details: InvoiceDetails,
}

impl PoolRest {
    pub(super) fn standing(&self, facts: &PoolInvoice) -> Standing {
        let details = &self.details;
        Standing {
            mark: Mark {
                selection: facts.selection,
                period: facts.period,
                purpose: details.purpose,
                non_deduction_reason: details.non_deduction_reason,
                non_deduction_text: details.non_deduction_text.clone(),
            },
            status: facts.status,
            risk: facts.risk,
            entry: Entry {
                state: details.entry_state,
                period: details.entry_period,
                at: details.entered_at,
            },
        }
    }

    pub(super) fn stand(&mut self, facts: &mut PoolInvoice, standing: Standing) {
        let Standing { mark, status, risk, entry } = standing;
        (facts.selection, facts.period) = (mark.selection, mark.period);
        (facts.status, facts.risk) = (status, risk);
        let details = &mut self.details;
        details.purpose = mark.purpose;
        details.non_deduction_reason = mark.non_deduction_reason;
        details.non_deduction_text = mark.non_deduction_text;
        details.entry_state = entry.state;
        (details.entry_period, details.entered_at) = (entry.period, entry.at);
    }
}

/// Whether the invoice matches every field of the filter that is set.
fn matches(filter: &InvoiceFilter, invoice: &Invoice) -> bool {
    fn any<T: PartialEq>(wanted: &[T], found: &T) -> bool {
        wanted.is_empty() || wanted.contains(found)
    }
    let (facts, details) = (&invoice.facts, &invoice.details);
    let date = facts.date.unwrap_or(NO_DATE);
    any(&filter.types, &facts.invoice_type)
        && any(&filter.statuses, &facts.status)
        && any(&filter.selections, &facts.selection)
        && any(&filter.purposes, &details.purpose)
        && any(&filter.entry_states, &details.entry_state)
        && filter.buyer.as_ref().is_none_or(|buyer| *buyer == invoice.buyer_tax_no)
        && filter.accounting_org.as_ref().is_none_or(|org| *org == invoice.accounting_org)
        && filter.tax_org.as_ref().is_none_or(|org| *org == invoice.tax_org)
        && filter.deductible.is_none_or(|deductible| deductible == details.deductible)
        && filter.date_from.is_none_or(|from| date >= from)
        && filter.date_to.is_none_or(|to| date <= to)
        && filter.amount_from.is_none_or(|from| facts.amount >= from)
        && filter.amount_to.is_none_or(|to| facts.amount <= to)
        && filter.seller.as_ref().is_none_or(|part| invoice.seller_name.contains(part))
        && filter.number.as_ref().is_none_or(|prefix| facts.key.number.starts_with(prefix))
        && is_within(invoice, filter.within.as_deref())
}

/// Whether one of these organisations has it; None: whoever has.
pub(super) fn is_within(invoice: &Invoice, within: Option<&[String]>) -> bool {
    let (accounting_org, tax_org) = (&*invoice.accounting_org, &*invoice.tax_org);
    within.is_none_or(|within| Place { accounting_org, tax_org }.is_within(within))
}

/// By date, number, code, and the buyer's own number.
pub(super) type Order = (NaiveDate, String, String, TaxId);

pub(super) fn order(date: Option<NaiveDate>, key: InvoiceKey, tax: TaxId) -> Order {
    (date.unwrap_or(NO_DATE), key.number, key.code, tax)
}

impl Book {
    /// A known one keeps what the file does not say.
    pub(super) fn import_invoice(&mut self, tax: TaxId, invoice: &WorldInvoice) {
        let mut facts = invoice.pool_invoice();
        let key = (tax, facts.key.clone());
        if let Some(known) = self.pool.get(&key) {
            facts.selection = invoice.marked().unwrap_or(known.selection);
            facts.period = known.period.filter(|_| facts.selection.has_period());
        }
        let known = self.pool_rest.remove(&key).unwrap_or_default();
        let said = |said: &String, known: String| match said.is_empty() {
            true => known,
            false => said.clone(),
        };
        let rest = PoolRest {
            accounting_org: said(&invoice.accounting_org, known.accounting_org),
            seller_name: said(&invoice.seller_name, known.seller_name),
            seller_tax_no: said(&invoice.seller_tax_no, known.seller_tax_no),
            details: invoice.details.clone().over(known.details),
        };
        self.pool.insert(key.clone(), facts);
        self.pool_rest.insert(key, rest);
    }

    pub(super) fn whole_invoice(&self, key: &(TaxId, InvoiceKey)) -> Option<Invoice> {
        let mut facts = self.pool.get(key)?.clone();
        let rest = self.pool_rest.get(key).cloned().unwrap_or_default();
        let payer = &self.taxpayers.get(&key.0)?.payer;
        if self.holds.contains_key(key) {
            facts.selection = Selection::Selecting;
        }
        Some(Invoice {
            buyer_tax_no: payer.tax_no.clone(),
            tax_org: payer.tax_org.clone(),
            accounting_org: rest.accounting_org,
            seller_name: rest.seller_name,
            seller_tax_no: rest.seller_tax_no,
            facts,
            details: rest.details,
        })
    }

    fn face(&self, key: &(TaxId, InvoiceKey)) -> Option<Face> {
        let facts = self.pool.get(key)?.clone();
        let rest = self.pool_rest.get(key).cloned().unwrap_or_default();
        let face = Face {
            facts,
            seller_name: rest.seller_name,
            seller_tax_no: rest.seller_tax_no,
            purpose: rest.details.purpose,
            non_deduction_reason: rest.details.non_deduction_reason,
            non_deduction_text: rest.details.non_deduction_text,
        };
        Some(face)
    }

    fn keep_face(&mut self, tax: TaxId, face: Face) {
        let key = (tax, face.facts.key.clone());
        let collected = InvoiceDetails {
            collected_at: Some(self.now),
            source: DOWNLOADED.to_owned(),
            ..InvoiceDetails::default()
        };
        let rest = self
            .pool_rest
            .entry(key.clone())
            .or_insert_with(|| PoolRest { details: collected, ..PoolRest::default() });
        (rest.seller_name, rest.seller_tax_no) = (face.seller_name, face.seller_tax_no);
        rest.details.purpose = face.purpose;
        rest.details.non_deduction_reason = face.non_deduction_reason;
        rest.details.non_deduction_text = face.non_deduction_text;
        self.pool.insert(key, face.facts);
    }

    fn keep_told(&mut self, task: TaskId, fence: Fence, told: &[ToldInvoice]) -> Option<Vec<Kept>> {
        let tax = self.running.get(&task).filter(|key| key.held_under(fence))?.tax;
        let buyer = self.taxpayers.get(&tax)?.payer.tax_no.clone();
        let known = told
            .iter()
            .filter_map(|told| Some((told.key.clone(), self.face(&(tax, told.key.clone()))?)));
        let takings = take_over(&buyer, told, known.collect());
        for face in takings.write {
            self.keep_face(tax, face);
        }
        Some(takings.kept)
    }

    fn note_files(&mut self, tax: TaxId, files: &[NewFile]) -> Vec<Kept> {
        let known = files.iter().filter_map(|new| {
            let place = (tax, new.file.invoice.clone(), new.file.format);
            Some((new.file.clone(), self.files.get(&place)?.sha256))
        });
        let known: HashMap<FileRef, FileHash> = known.collect();
        let (write, kept) = to_note(files, &known);
        for NewFile { file, bytes, sha256 } in write {
            let place = (tax, file.invoice.clone(), file.format);
            let (format, bytes, sha256, at) = (file.format, *bytes, *sha256, self.now);
            self.files.insert(place, InvoiceFile { format, bytes, sha256, at });
        }
        kept
    }

    fn files_of(&self, buyer: &TaxNo, key: &InvoiceKey) -> Vec<InvoiceFile> {
        let Some(tax) = self.tax_ids.get(buyer).copied() else { return Vec::new() };
        let place = |format: &FileFormat| (tax, key.clone(), *format);
        let formats = FileFormat::ALL.iter();
        formats.filter_map(|format| self.files.get(&place(format)).cloned()).collect()
    }

    fn newest_task(&self, key: &(TaxId, InvoiceKey)) -> Option<NewestTask> {
        if let Some(holder) = self.holds.get(key) {
            return Some(NewestTask { row: self.task_row(*holder), line: None });
        }
        let told = self.tasks.iter().filter(|(_, row)| row.tax == Some(key.0));
        let told = told.filter_map(|(id, row)| {
            let line = row.ledger.iter().find(|line| line.invoice == key.1)?;
            Some((row.finished_at?, *id, line.clone()))
        });
        let (_, id, line) = told.max_by_key(|(at, id, _)| (*at, *id))?;
        Some(NewestTask { row: self.task_row(id), line: Some(line) })
    }
}

#[async_trait]
impl InvoicePool for MemoryStore {
    async fn search(
        &self,
        filter: &InvoiceFilter,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Vec<Invoice>, StoreError> {
        let book = self.open();
        let after = after.map(|after| {
            let tax = book.tax_ids.get(&after.buyer).copied().unwrap_or(TaxId(0));
            order(after.date, after.key.clone(), tax)
        });
        let found = book.pool.keys().filter_map(|key| {
            let invoice = book.whole_invoice(key).filter(|invoice| matches(filter, invoice))?;
            let place = order(invoice.facts.date, key.1.clone(), key.0);
            after.as_ref().is_none_or(|after| place < *after).then_some((place, invoice))
        });
        let mut found: Vec<(Order, Invoice)> = found.collect();
        found.sort_by(|(one, _), (other, _)| other.cmp(one));
        Ok(found.into_iter().take(limit).map(|(_, invoice)| invoice).collect())
    }

    async fn invoice(
        &self,
        buyer: &TaxNo,
        key: &InvoiceKey,
    ) -> Result<Option<InvoiceCard>, StoreError> {
        let book = self.open();
        let Some(tax) = book.tax_ids.get(buyer).copied() else { return Ok(None) };
        let key = (tax, key.clone());
        let card = |invoice| InvoiceCard { invoice, newest: book.newest_task(&key) };
        Ok(book.whole_invoice(&key).map(card))
    }

    async fn keep_told(
        &self,
        task: TaskId,
        fence: Fence,
        told: &[ToldInvoice],
    ) -> Result<Option<Vec<Kept>>, StoreError> {
        Ok(self.open().keep_told(task, fence, told))
    }

    async fn note_files(&self, tax: TaxId, files: &[NewFile]) -> Result<Vec<Kept>, StoreError> {
        Ok(self.open().note_files(tax, files))
    }

    async fn files_of(
        &self,
        buyer: &TaxNo,
        key: &InvoiceKey,
    ) -> Result<Vec<InvoiceFile>, StoreError> {
        Ok(self.open().files_of(buyer, key))
    }
}
