//! Lines of the ledger as both databases return them.

use crate::codec;
use domain::{Moment, ids::TaskId, invoice::InvoiceKey, ledger::LedgerLine};
use fleet::ports::{StoreError, ledger::LedgerEntry};
use uuid::Uuid;

/// A line with its task; `T` is how the database keeps moments.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct EntryRow<T> {
    task_id: Uuid,
    kind: String,
    tax_no: String,
    batch_id: Option<String>,
    enqueued_at: T,
    at: T,
    invoice_no: String,
    invoice_code: String,
    outcome: String,
    reason: String,
}

impl<T> EntryRow<T> {
    pub(crate) fn entry(self, moment: impl Fn(T) -> Moment) -> Result<LedgerEntry, StoreError> {
        Ok(LedgerEntry {
            task_id: TaskId(self.task_id),
            kind: codec::read(&self.kind)?,
            tax_no: codec::read(&self.tax_no)?,
            batch_id: self.batch_id,
            enqueued_at: moment(self.enqueued_at),
            at: moment(self.at),
            line: LedgerLine {
                invoice: InvoiceKey { code: self.invoice_code, number: self.invoice_no },
                outcome: codec::read(&self.outcome)?,
                reason: self.reason,
            },
        })
    }
}
