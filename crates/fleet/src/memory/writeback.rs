//! Write-backs of business documents.

use super::{MemoryStore, book::Book, pool::PoolRest};
use crate::ports::{
    StoreError,
    writeback::{Writebacks, WrittenBack},
};
use async_trait::async_trait;
use domain::{
    invoice::Entry,
    writeback::{Books, Decision, Writeback, decide},
};

impl PoolRest {
    fn books(&self) -> Books {
        let details = self.details.clone();
        Books {
            accounting_org: self.accounting_org.clone(),
            document_type: details.document_type,
            deductible: details.deductible,
            entry: Entry {
                state: details.entry_state,
                period: details.entry_period,
                at: details.entered_at,
            },
            entry_tax: details.entry_tax,
            transferred_out: details.transferred_out,
            transfer_reason: details.transfer_reason,
            voucher_no: details.voucher_no,
            voucher_link: details.voucher_link,
        }
    }

    fn keep(&mut self, books: Books) {
        self.accounting_org = books.accounting_org;
        let details = &mut self.details;
        details.document_type = books.document_type;
        details.deductible = books.deductible;
        details.entry_state = books.entry.state;
        (details.entry_period, details.entered_at) = (books.entry.period, books.entry.at);
        details.entry_tax = books.entry_tax;
        details.transferred_out = books.transferred_out;
        details.transfer_reason = books.transfer_reason;
        details.voucher_no = books.voucher_no;
        details.voucher_link = books.voucher_link;
    }
}

impl Book {
    fn write_back(&mut self, told: &Writeback) -> WrittenBack {
        let Some(tax) = self.tax_ids.get(&told.buyer).copied() else {
            return WrittenBack::NoSuchInvoice;
        };
        let key = (tax, told.invoice.clone());
        let Some(facts) = self.pool.get(&key) else { return WrittenBack::NoSuchInvoice };
        let rest = self.pool_rest.entry(key.clone()).or_default();
        let last = self.written_back.get(&(key.clone(), told.part()));
        match decide(&rest.books(), last, facts.tax, told) {
            Decision::Write(books) => {
                rest.keep(books);
                self.written_back.insert((key, told.part()), told.stamp.clone());
                WrittenBack::Written
            }
            Decision::Repeated => WrittenBack::Repeated,
            Decision::Older(newer) => WrittenBack::Older(newer),
            Decision::Refused(refused) => WrittenBack::Refused(refused),
        }
    }
}

#[async_trait]
impl Writebacks for MemoryStore {
    async fn write_back(&self, told: &[Writeback]) -> Result<Vec<WrittenBack>, StoreError> {
        let mut book = self.open();
        Ok(told.iter().map(|told| book.write_back(told)).collect())
    }
}
