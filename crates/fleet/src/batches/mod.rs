//! What people do with batches (勾选批次): ask, look, change a draft, submit, call off, and select
//! again what failed.

mod again;
mod logging;
mod progress;
mod view;

pub use again::Again;
pub use progress::{Progress, TaxProgress};
pub use view::{BatchView, LineView, PartView};

use crate::{
    desk::Desk,
    intake::Intake,
    ports::{
        Store, StoreError,
        batches::{Kept, NewBatch},
        desk::{Cancelled, Note},
    },
};
use domain::{
    batch::{AskedBatch, Batch, BatchRefusal, BatchState, MalformedBatch},
    bureau::Account,
    ids::TaxId,
    invoice::{InvoiceKey, InvoiceType},
    rules::Rule,
    tax_no::TaxNo,
    taxpayer::Taxpayer,
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// How often a change is tried again that somebody else's came before.
const TRIES: usize = 5;

/// The batches' desk.
#[derive(Debug, Clone)]
pub struct Batches {
    pub store: Arc<dyn Store>,
    pub intake: Intake,
    pub desk: Desk,
}

/// Why something was not done with a batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Malformed(#[from] MalformedBatch),
    #[error(transparent)]
    Refused(#[from] BatchRefusal),
    #[error("there is no batch {0}; the list of batches shows those that there are")]
    NoSuchBatch(String),
    #[error(
        "batch_id: was used for another batch on {created_at}; give this one an id of its own, or \
         ask for the same again"
    )]
    OtherBatch { created_at: domain::Moment },
    #[error("{0}")]
    NoSuchAccount(String),
    #[error("nothing of batch {0} has failed: there is nothing to select again")]
    NothingFailed(String),
    #[error("somebody else is changing batch {0} all the time; try again")]
    Contended(String),
}

/// What a draft is changed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DraftChange {
    /// None: the tax number's default account.
    Account {
        tax_no: TaxNo,
        account: Option<Account>,
    },
    Drop {
        tax_no: TaxNo,
        dropped: bool,
    },
}

/// What became of calling a batch off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CalledOff {
    /// Tasks that were called off; of a draft there were none.
    pub cancelled: usize,
    /// Tasks that had ended, or may have sent something to the bureau.
    pub too_late: usize,
}

impl Batches {
    /// Keeps a batch, and unless it is a draft submits it. Asking for the same again is answered
    /// with how it stands.
    pub async fn ask(&self, asked: AskedBatch) -> Result<Batch, BatchError> {
        let (id, draft) = (asked.batch_id.clone(), asked.draft);
        match self.store.batch(&id).await? {
            // Whatever the pool knows by now: it was kept.
            Some(known) if known.asked == asked.hash() => {}
            Some(known) => return Err(BatchError::OtherBatch { created_at: known.created_at }),
            None => {
                let types = self.types_of(&asked).await?;
                self.check_accounts(&asked).await?;
                let now = self.desk.clock.now();
                let (batch, lines) = asked.into_batch(&types, self.intake.settings.task_size, now);
                self.keep(NewBatch { batch, lines }).await?;
            }
        }
        if draft { self.found(&id).await } else { self.submit(&id).await }
    }

    async fn keep(&self, new: NewBatch) -> Result<(), BatchError> {
        match self.store.keep_batch(&new).await? {
            Kept::New => {
                let (batch, invoices) = (&new.batch.batch_id, new.lines.len());
                tracing::info!(batch, invoices, by = new.batch.submitted_by, "a batch was kept");
                Ok(())
            }
            Kept::Before => Ok(()),
            Kept::Other { created_at } => Err(BatchError::OtherBatch { created_at }),
        }
    }

    /// The type of each invoice: as the request says, else as the pool knows.
    async fn types_of(&self, asked: &AskedBatch) -> Result<Vec<InvoiceType>, BatchError> {
        let payers = self.payers(asked.invoices.iter().map(|invoice| &invoice.tax_no)).await?;
        let key = |n: usize| {
            let invoice = &asked.invoices[n];
            payers.get(&invoice.tax_no).map(|payer| (payer.id, invoice.key.clone()))
        };
        let silent =
            (0..asked.invoices.len()).filter(|n| asked.invoices[*n].invoice_type.is_none());
        let silent: Vec<(usize, (TaxId, InvoiceKey))> =
            silent.filter_map(|n| key(n).map(|key| (n, key))).collect();
        let keys: Vec<(TaxId, InvoiceKey)> = silent.iter().map(|(_, key)| key.clone()).collect();
        let found = self.store.invoices(&keys).await?;
        let mut types: Vec<Option<InvoiceType>> =
            asked.invoices.iter().map(|invoice| invoice.invoice_type).collect();
        for ((n, _), facts) in silent.iter().zip(found) {
            types[*n] = facts.map(|facts| facts.invoice_type);
        }
        let typed = types.into_iter().enumerate().map(|(n, found)| {
            let key = &asked.invoices[n].key;
            found.ok_or_else(|| unknown_invoice(n, key))
        });
        Ok(typed.collect::<Result<_, _>>()?)
    }

    async fn check_accounts(&self, asked: &AskedBatch) -> Result<(), BatchError> {
        let payers = self.payers(asked.accounts.keys()).await?;
        for (tax_no, account) in &asked.accounts {
            serves(payers.get(tax_no), tax_no, account)?;
        }
        Ok(())
    }

    pub(crate) async fn payers(
        &self,
        tax_nos: impl Iterator<Item = &TaxNo>,
    ) -> Result<BTreeMap<TaxNo, Taxpayer>, StoreError> {
        let mut tax_nos: Vec<TaxNo> = tax_nos.cloned().collect();
        tax_nos.sort();
        tax_nos.dedup();
        let found = self.store.taxpayers(&tax_nos).await?;
        let known = tax_nos.into_iter().zip(found);
        Ok(known.filter_map(|(tax_no, payer)| payer.map(|payer| (tax_no, payer))).collect())
    }

    /// The batch with this id.
    pub async fn found(&self, id: &str) -> Result<Batch, BatchError> {
        let found = self.store.batch(id).await?;
        found.ok_or_else(|| BatchError::NoSuchBatch(id.to_owned()))
    }

    /// Makes its tasks. Submitting again is the same as once.
    pub async fn submit(&self, id: &str) -> Result<Batch, BatchError> {
        let batch = self.change_with(id, Batch::submit).await?;
        if batch.state == BatchState::Submitting {
            self.log_tasks(&batch).await?;
            return self
                .change_with(id, |batch| {
                    batch.logged();
                    Ok(())
                })
                .await;
        }
        Ok(batch)
    }

    /// Changes a draft.
    pub async fn change(&self, id: &str, change: &DraftChange) -> Result<Batch, BatchError> {
        if let DraftChange::Account { tax_no, account: Some(account) } = change {
            let payers = self.payers(std::iter::once(tax_no)).await?;
            serves(payers.get(tax_no), tax_no, account)?;
        }
        self.change_with(id, |batch| match change {
            DraftChange::Account { tax_no, account } => batch.use_account(tax_no, account.clone()),
            DraftChange::Drop { tax_no, dropped } => batch.drop_tax_no(tax_no, *dropped),
        })
        .await
    }

    /// Calls off a draft, or those tasks of a submitted batch that have sent nothing.
    pub async fn call_off(&self, id: &str, note: &Note) -> Result<CalledOff, BatchError> {
        let batch = self.found(id).await?;
        if matches!(batch.state, BatchState::Draft | BatchState::Cancelled) {
            self.change_with(id, Batch::call_off).await?;
            return Ok(CalledOff { cancelled: 0, too_late: 0 });
        }
        // What was left in the middle must not be logged after it was called off.
        self.submit(id).await?;
        let tasks = self.tasks_of(&batch).await?;
        let done = self.desk.cancel(&tasks, note).await?;
        let cancelled = done.iter().filter(|done| **done == Cancelled::Done).count();
        Ok(CalledOff { cancelled, too_late: done.len() - cancelled })
    }

    /// Goes on with batches that somebody left in the middle of submitting.
    pub async fn go_on(&self, age: Duration, limit: usize) -> Result<usize, BatchError> {
        let left = self.store.left_batches(age, limit).await?;
        for id in &left {
            tracing::warn!(batch = id, "a batch was left in the middle of submitting; going on");
            self.submit(id).await?;
        }
        Ok(left.len())
    }

    /// Reads, changes and writes it, again when somebody else's change came between.
    async fn change_with(
        &self,
        id: &str,
        change: impl Fn(&mut Batch) -> Result<(), BatchRefusal>,
    ) -> Result<Batch, BatchError> {
        for _ in 0..TRIES {
            let found = self.found(id).await?;
            let mut changed = found.clone();
            change(&mut changed)?;
            if changed == found {
                return Ok(found);
            }
            if self.store.change_batch(&changed).await? {
                return self.found(id).await;
            }
        }
        Err(BatchError::Contended(id.to_owned()))
    }
}

fn unknown_invoice(n: usize, key: &InvoiceKey) -> MalformedBatch {
    let problem = format!("{key}: {}", Rule::NotInPool.sentence());
    MalformedBatch::new(format!("invoices[{n}]"), problem)
}

fn serves(payer: Option<&Taxpayer>, tax_no: &TaxNo, account: &Account) -> Result<(), BatchError> {
    match payer {
        Some(payer) if payer.accounts.contains(account) => Ok(()),
        Some(_) => Err(BatchError::NoSuchAccount(
            Rule::AccountDoesNotServe.sentence().replace("{}", account.as_str()),
        )),
        None => Err(BatchError::NoSuchAccount(
            Rule::UnknownTaxNumber.sentence().replace("{}", tax_no.as_str()),
        )),
    }
}

#[cfg(test)]
mod tests;
