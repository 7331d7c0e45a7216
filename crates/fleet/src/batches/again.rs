//! Selecting again what failed.

use super::{BatchError, Batches};
use domain::{
    batch::{AskedBatch, AskedInvoice, Batch, BatchLine},
    ledger::LineOutcome,
};
use std::collections::BTreeMap;

/// Lines looked at in one go.
const LINES: usize = 1_000;

/// A new batch of just those invoices of an earlier one that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Again {
    pub of: String,
    /// The new batch's id.
    pub batch_id: String,
    pub submitted_by: Option<String>,
    pub draft: bool,
}

impl Batches {
    /// Asks for a new batch of the invoices that were refused or failed. What nobody knows the
    /// outcome of is not among them, nor what was called off.
    pub async fn again(&self, again: &Again) -> Result<Batch, BatchError> {
        let of = self.found(&again.of).await?;
        let failed = self.failed_lines(&of).await?;
        if failed.is_empty() {
            return Err(BatchError::NothingFailed(again.of.clone()));
        }
        let accounts = of.parts.iter().filter_map(|part| {
            let concerned = failed.iter().any(|line| of.parts[line.part].tax_no == part.tax_no);
            let account = part.account.clone().filter(|_| concerned)?;
            Some((part.tax_no.clone(), account))
        });
        let accounts: BTreeMap<_, _> = accounts.collect();
        let asked = AskedBatch {
            batch_id: again.batch_id.clone(),
            purpose: of.purpose,
            tax_period: of.tax_period,
            submitted_by: again.submitted_by.clone().or_else(|| of.submitted_by.clone()),
            again_of: Some(of.batch_id.clone()),
            accounts,
            invoices: failed.iter().map(|line| asked(&of, line)).collect(),
            draft: again.draft,
        };
        asked.check()?;
        self.ask(asked).await
    }

    async fn failed_lines(&self, batch: &Batch) -> Result<Vec<BatchLine>, BatchError> {
        let mut failed = Vec::new();
        let mut from = 0;
        loop {
            let lines = self.lines(batch, from, LINES).await?;
            from += lines.len();
            let whole = lines.len() == LINES;
            let bad = |outcome| matches!(outcome, LineOutcome::Refused | LineOutcome::Failed);
            failed.extend(
                lines.into_iter().filter(|line| line.outcome.is_some_and(bad)).map(|l| l.line),
            );
            if !whole {
                return Ok(failed);
            }
        }
    }
}

fn asked(of: &Batch, line: &BatchLine) -> AskedInvoice {
    let part = &of.parts[line.part];
    AskedInvoice {
        tax_no: part.tax_no.clone(),
        key: line.key.clone(),
        action: part.action,
        invoice_type: Some(line.invoice_type),
        reason: line.reason,
        reason_text: line.reason_text.clone(),
        refused: None,
    }
}
