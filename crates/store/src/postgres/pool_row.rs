//! Rows of the invoice pool.

use super::fault::Fault;
use crate::codec;
use chrono::NaiveDate;
use domain::{
    invoice::{InvoiceKey, PoolInvoice, Selection},
    money::Fen,
};
use uuid::Uuid;

#[derive(Debug, sqlx::FromRow)]
pub(super) struct PoolRow {
    /// From 1, in the order asked.
    n: i64,
    number: String,
    code: String,
    invoice_type: i16,
    date: Option<NaiveDate>,
    amount: i64,
    tax: i64,
    status: String,
    risk: String,
    selection: String,
    period: Option<i32>,
    special_kind: String,
    pub(super) held_by: Option<Uuid>,
}

impl PoolRow {
    /// Which of those asked for it is, from 0.
    pub(super) fn index(&self) -> usize {
        codec::count(self.n - 1)
    }

    /// As it stands in the pool, holds aside.
    pub(super) fn invoice(self) -> Result<PoolInvoice, Fault> {
        Ok(PoolInvoice {
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
        })
    }

    /// 勾选中 is derived: while another task than `own` holds it.
    pub(super) fn seen_by(invoice: PoolInvoice, held_by: Option<Uuid>, own: Uuid) -> PoolInvoice {
        match held_by {
            Some(task) if task != own => PoolInvoice { selection: Selection::Selecting, ..invoice },
            _ => invoice,
        }
    }
}
