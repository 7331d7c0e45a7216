//! What rules and channels need of an invoice, as both databases return it.

use crate::codec;
use chrono::NaiveDate;
use domain::{
    ids::TaskId,
    invoice::{InvoiceKey, PoolInvoice, Selection},
    money::Fen,
};
use fleet::ports::StoreError;
use uuid::Uuid;

#[derive(Debug, sqlx::FromRow)]
pub(crate) struct FactsRow {
    number: String,
    code: String,
    invoice_type: i64,
    date: Option<NaiveDate>,
    amount: i64,
    tax: i64,
    status: String,
    risk: String,
    selection: String,
    period: Option<i32>,
    special_kind: String,
    held_by: Option<Uuid>,
}

/// One of several that were asked for.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct AskedRow {
    /// Which, from 0.
    n: i64,
    #[sqlx(flatten)]
    facts: FactsRow,
}

/// An invoice as it stands in the pool, and the unfinished task that holds it.
pub(crate) type Known = (PoolInvoice, Option<TaskId>);

impl FactsRow {
    pub(crate) fn held_by(&self) -> Option<TaskId> {
        self.held_by.map(TaskId)
    }

    pub(crate) fn known(self) -> Result<Known, StoreError> {
        let held_by = self.held_by();
        let invoice = PoolInvoice {
            key: InvoiceKey { code: self.code, number: self.number },
            invoice_type: codec::read(&self.invoice_type.to_string())?,
            date: self.date,
            amount: Fen(self.amount),
            tax: Fen(self.tax),
            status: codec::read(&self.status)?,
            risk: codec::read(&self.risk)?,
            selection: codec::read(&self.selection)?,
            period: self.period.map(codec::period).transpose()?,
            special_kind: self.special_kind,
        };
        Ok((invoice, held_by))
    }
}

/// In the order asked; None: the pool does not know it.
pub(crate) fn in_order(
    asked: usize,
    rows: Vec<AskedRow>,
) -> Result<Vec<Option<Known>>, StoreError> {
    let mut known = vec![None; asked];
    for row in rows {
        let place: usize = codec::count(row.n);
        known[place] = Some(row.facts.known()?);
    }
    Ok(known)
}

/// 勾选中 is derived: while another task than `own` holds it.
pub(crate) fn seen_by((invoice, held_by): Known, own: Option<TaskId>) -> PoolInvoice {
    match held_by {
        Some(holder) if Some(holder) != own => {
            PoolInvoice { selection: Selection::Selecting, ..invoice }
        }
        _ => invoice,
    }
}
