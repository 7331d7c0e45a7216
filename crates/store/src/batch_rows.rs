//! Batches as both databases take and return them.

use crate::codec;
use domain::{
    batch::{Batch, BatchLine},
    bureau::{BureauCode, LaneKey},
    invoice::InvoiceKey,
    ledger::LedgerLine,
};
use fleet::ports::{
    StoreError,
    batches::{LineEnd, Tally},
};
use serde::Serialize;
use std::time::Duration;

/// The batch as it is kept whole.
pub(crate) fn head(batch: &Batch) -> String {
    serde_json::to_string(batch).expect("names, numbers and lists are always JSON")
}

pub(crate) fn read_head(head: &str) -> Result<Batch, StoreError> {
    serde_json::from_str(head)
        .map_err(|error| StoreError::Broken(format!("a kept batch cannot be read: {error}")))
}

pub(crate) fn read_heads(heads: Vec<String>) -> Result<Vec<Batch>, StoreError> {
    heads.iter().map(|head| read_head(head)).collect()
}

/// One invoice of a batch.
#[derive(Debug, sqlx::FromRow, Serialize)]
pub(crate) struct LineRow {
    pub(crate) part: i64,
    pub(crate) at: i64,
    pub(crate) number: String,
    pub(crate) code: String,
    pub(crate) invoice_type: i64,
    pub(crate) reason: Option<String>,
    pub(crate) reason_text: Option<String>,
}

impl LineRow {
    pub(crate) fn of(line: &BatchLine) -> LineRow {
        LineRow {
            part: codec::count(line.part),
            at: codec::count(line.at),
            number: line.key.number.clone(),
            code: line.key.code.clone(),
            invoice_type: i64::from(line.invoice_type.number()),
            reason: line.reason.map(|reason| reason.number().to_owned()),
            reason_text: line.reason_text.clone(),
        }
    }

    pub(crate) fn line(self) -> Result<BatchLine, StoreError> {
        Ok(BatchLine {
            part: codec::count(self.part),
            at: codec::count(self.at),
            key: InvoiceKey { code: self.code, number: self.number },
            invoice_type: codec::read(&self.invoice_type.to_string())?,
            reason: codec::read_optional(self.reason.as_deref())?,
            reason_text: self.reason_text,
        })
    }
}

/// Tasks of a batch that stand alike; `ran` in seconds.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct TallyRow {
    tax_no: String,
    bureau: Option<String>,
    account: Option<String>,
    state: String,
    tasks: i64,
    invoices: i64,
    succeeded: i64,
    ran: f64,
    ran_tasks: i64,
}

impl TallyRow {
    pub(crate) fn tally(self) -> Result<Tally, StoreError> {
        let bureau: Option<BureauCode> = codec::read_optional(self.bureau.as_deref())?;
        let account = codec::read_optional(self.account.as_deref())?;
        let lane = bureau.zip(account).map(|(bureau, account)| LaneKey { bureau, account });
        Ok(Tally {
            tax_no: codec::read(&self.tax_no)?,
            lane,
            state: codec::read(&self.state)?,
            tasks: codec::count(self.tasks),
            invoices: codec::count(self.invoices),
            succeeded: codec::count(self.succeeded),
            ran: Duration::try_from_secs_f64(self.ran).unwrap_or_default(),
            ran_tasks: codec::count(self.ran_tasks),
        })
    }
}

/// What became of one of the invoices that were asked for.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct LineEndRow {
    /// Which, from 0.
    n: i64,
    state: String,
    reason: String,
    outcome: Option<String>,
    line_reason: Option<String>,
}

/// In the order asked; None: the log does not know the task.
pub(crate) fn in_order(
    asked: &[InvoiceKey],
    rows: Vec<LineEndRow>,
) -> Result<Vec<Option<LineEnd>>, StoreError> {
    let mut ends = vec![None; asked.len()];
    for row in rows {
        let place: usize = codec::count(row.n);
        let outcome = codec::read_optional(row.outcome.as_deref())?;
        let line = outcome.map(|outcome| LedgerLine {
            invoice: asked[place].clone(),
            outcome,
            reason: row.line_reason.unwrap_or_default(),
        });
        ends[place] = Some(LineEnd { state: codec::read(&row.state)?, reason: row.reason, line });
    }
    Ok(ends)
}
