//! What may be done to a batch, and when.

use super::{Batch, BatchState};
use crate::{bureau::Account, tax_no::TaxNo};

/// Why a batch is not changed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BatchRefusal {
    #[error("the batch is {}, and only a draft can be changed", .0.name())]
    NotADraft(BatchState),
    #[error("the batch has nothing of tax number {0}")]
    NotInBatch(TaxNo),
    #[error("every tax number was dropped from the batch: nothing is left to submit; call it off")]
    NothingLeft,
    #[error("the batch was called off while it was a draft; ask for a new one")]
    CalledOff,
}

impl Batch {
    /// The account that a tax number's tasks will use; None: its default.
    ///
    /// # Errors
    /// It is no draft, or has nothing of the tax number.
    pub fn use_account(
        &mut self,
        tax_no: &TaxNo,
        account: Option<Account>,
    ) -> Result<(), BatchRefusal> {
        self.change_parts(tax_no, |part| part.account.clone_from(&account))
    }

    /// Drops a tax number's invoices from the batch, or takes that back.
    ///
    /// # Errors
    /// It is no draft, or has nothing of the tax number.
    pub fn drop_tax_no(&mut self, tax_no: &TaxNo, dropped: bool) -> Result<(), BatchRefusal> {
        self.change_parts(tax_no, |part| part.dropped = dropped)
    }

    fn change_parts(
        &mut self,
        tax_no: &TaxNo,
        change: impl Fn(&mut super::BatchPart),
    ) -> Result<(), BatchRefusal> {
        self.must_be_a_draft()?;
        let mut found = self.parts.iter_mut().filter(|part| part.tax_no == *tax_no).peekable();
        if found.peek().is_none() {
            return Err(BatchRefusal::NotInBatch(tax_no.clone()));
        }
        found.for_each(change);
        Ok(())
    }

    /// From now on its tasks are logged. A batch that is submitted already stays so.
    ///
    /// # Errors
    /// It was called off, or nothing is left of it.
    pub fn submit(&mut self) -> Result<(), BatchRefusal> {
        match self.state {
            BatchState::Submitting | BatchState::Submitted => Ok(()),
            BatchState::Cancelled => Err(BatchRefusal::CalledOff),
            BatchState::Draft if self.parts.iter().all(|part| part.dropped) => {
                Err(BatchRefusal::NothingLeft)
            }
            BatchState::Draft => {
                self.state = BatchState::Submitting;
                Ok(())
            }
        }
    }

    /// All of its tasks are in the log.
    pub fn logged(&mut self) {
        if self.state == BatchState::Submitting {
            self.state = BatchState::Submitted;
        }
    }

    /// Called off before any task was made of it.
    ///
    /// # Errors
    /// It is no draft any more.
    pub fn call_off(&mut self) -> Result<(), BatchRefusal> {
        if self.state == BatchState::Cancelled {
            return Ok(());
        }
        self.must_be_a_draft()?;
        self.state = BatchState::Cancelled;
        Ok(())
    }

    fn must_be_a_draft(&self) -> Result<(), BatchRefusal> {
        match self.state {
            BatchState::Draft => Ok(()),
            other => Err(BatchRefusal::NotADraft(other)),
        }
    }
}
