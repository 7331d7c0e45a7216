//! An uploaded list as it is kept: how far its reading is, and what came of each row.

use super::{Cell, Column, Entry, Purpose, RawRow, Reason, ReasonProblem};
use crate::{
    Moment,
    batch::{AskedBatch, AskedInvoice, BatchPurpose},
    invoice::{InvoiceKey, InvoiceType, NonDeductionReason},
    kind::Action,
    rules::{Rule, list::RowResult},
    tax_no::TaxNo,
};
use chrono::SubsecRound;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where an import stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListState {
    /// 处理中. Whoever read it may have died: uploading it again goes on.
    Reading,
    /// 处理成功: every row has its result; the edit list waits for a person.
    Ready,
    /// 处理失败: the file is no list.
    Refused,
    /// The edit list was confirmed and became a batch.
    Confirmed,
}

impl ListState {
    pub const fn name(self) -> &'static str {
        match self {
            ListState::Reading => "reading",
            ListState::Ready => "ready",
            ListState::Refused => "refused",
            ListState::Confirmed => "confirmed",
        }
    }
}

/// 引入结果 of a row, in one word.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowOutcome {
    /// 引入失败: rules 1 to 10.
    Failed,
    /// 处理失败: rules 11 and 12; its task is made, and ends so.
    TaskFails,
    /// 不提交: rule 13.
    LeftOut,
    /// 通过
    Listed,
}

impl RowOutcome {
    pub const ALL: [RowOutcome; 4] =
        [RowOutcome::Failed, RowOutcome::TaskFails, RowOutcome::LeftOut, RowOutcome::Listed];

    pub const fn name(self) -> &'static str {
        match self {
            RowOutcome::Failed => "failed",
            RowOutcome::TaskFails => "task_fails",
            RowOutcome::LeftOut => "left_out",
            RowOutcome::Listed => "listed",
        }
    }

    /// The word that people read beside the sentence.
    pub const fn label(self) -> &'static str {
        match self {
            RowOutcome::Failed => "引入失败",
            RowOutcome::TaskFails => "处理失败",
            RowOutcome::LeftOut => "不提交",
            RowOutcome::Listed => "通过",
        }
    }
}

/// An uploaded list, without its rows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ListImport {
    pub list_id: String,
    pub purpose: Purpose,
    pub file_name: String,
    pub submitted_by: Option<String>,
    pub state: ListState,
    /// Rows that are not blank.
    pub rows: usize,
    /// How many of them have their result.
    pub done: usize,
    pub results: BTreeMap<RowOutcome, usize>,
    /// Why the file is refused; empty when it is not.
    pub refusal: String,
    /// The batch that it became.
    pub batch_id: Option<String>,
    pub created_at: Moment,
    /// SHA-256 of purpose and file, in hexadecimal: tells a repetition from another list.
    pub asked: String,
    /// Rises with every change.
    pub version: u32,
}

/// A row of the edit list, as far as a batch needs it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Editable {
    pub tax_no: TaxNo,
    pub action: Action,
    pub key: InvoiceKey,
    pub invoice_type: InvoiceType,
    pub reason: Option<NonDeductionReason>,
    pub reason_text: Option<String>,
    /// Taken out of the edit list by a person.
    pub dropped: bool,
}

/// A row as it was uploaded, with what came of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ListRow {
    /// The row's number in the sheet.
    pub row: u32,
    /// As the cells are shown, in the order of [`Column::ALL`].
    pub cells: [String; Column::ALL.len()],
    pub result: RowOutcome,
    /// The rule that speaks against it.
    pub rule: Option<Rule>,
    /// Its sentence; empty when none does.
    pub sentence: String,
    /// None: it did not pass.
    pub entry: Option<Editable>,
}

/// Why a list is not changed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ListRefusal {
    #[error("the list is {}, and only one that is ready can be edited and confirmed", .0.name())]
    NotReady(ListState),
    #[error("row {0} did not pass: {1}")]
    DidNotPass(u32, String),
    #[error("row {0}: {1}")]
    Reason(u32, ReasonProblem),
    #[error("no row of the list passed, or every one was dropped: there is nothing to confirm")]
    NothingLeft,
}

impl ListImport {
    /// A list that has just come; nothing of it is read yet.
    pub fn new(
        list_id: String,
        purpose: Purpose,
        file_name: String,
        submitted_by: Option<String>,
        asked: String,
        now: Moment,
    ) -> ListImport {
        ListImport {
            list_id,
            purpose,
            file_name,
            submitted_by,
            state: ListState::Reading,
            rows: 0,
            done: 0,
            results: BTreeMap::new(),
            refusal: String::new(),
            batch_id: None,
            created_at: now.trunc_subsecs(3),
            asked,
            version: 0,
        }
    }

    /// These rows have their result.
    pub fn judged(&mut self, rows: &[ListRow]) {
        self.done += rows.len();
        for row in rows {
            *self.results.entry(row.result).or_default() += 1;
        }
        if self.done == self.rows {
            self.state = ListState::Ready;
        }
    }

    /// Reading begins, perhaps again.
    pub fn begin(&mut self, rows: usize) {
        (self.state, self.rows, self.done) = (ListState::Reading, rows, 0);
        self.results.clear();
    }

    /// The file is no list.
    pub fn refuse(&mut self, sentence: String) {
        (self.state, self.refusal) = (ListState::Refused, sentence);
    }

    /// It became a batch. Confirming again is the same as once.
    ///
    /// # Errors
    /// It is not ready.
    pub fn confirm(&mut self, batch_id: &str) -> Result<(), ListRefusal> {
        self.must_be_ready()?;
        (self.state, self.batch_id) = (ListState::Confirmed, Some(batch_id.to_owned()));
        Ok(())
    }

    /// # Errors
    /// It is not.
    pub fn must_be_ready(&self) -> Result<(), ListRefusal> {
        match self.state {
            ListState::Ready => Ok(()),
            other => Err(ListRefusal::NotReady(other)),
        }
    }

    /// The batch that the rows left in the edit list ask for.
    ///
    /// # Errors
    /// Nothing is left.
    pub fn batch(
        &self,
        batch_id: String,
        rows: &[ListRow],
        draft: bool,
    ) -> Result<AskedBatch, ListRefusal> {
        let invoices: Vec<AskedInvoice> = rows.iter().filter_map(ListRow::asked).collect();
        if invoices.is_empty() {
            return Err(ListRefusal::NothingLeft);
        }
        Ok(AskedBatch {
            batch_id,
            purpose: match self.purpose {
                Purpose::Deduct => BatchPurpose::Deduction,
                Purpose::NonDeduct => BatchPurpose::NonDeduction,
            },
            tax_period: None,
            submitted_by: self.submitted_by.clone(),
            again_of: None,
            accounts: BTreeMap::new(),
            invoices,
            draft,
        })
    }
}

impl ListRow {
    /// The uploaded row with its result.
    pub fn of(raw: &RawRow, result: &RowResult) -> ListRow {
        let (rule, entry) = match result {
            RowResult::Failed(objection) => (Some(objection.rule), None),
            RowResult::TaskFails { entry, objection } => (Some(objection.rule), Some(entry)),
            RowResult::LeftOut { entry, .. } => (Some(Rule::FutureDated), Some(entry)),
            RowResult::Listed(entry) => (None, Some(entry)),
        };
        ListRow {
            row: raw.number,
            cells: raw.cells.each_ref().map(Cell::shown),
            result: result.outcome(),
            rule,
            sentence: result.sentence().to_owned(),
            entry: entry.map(Editable::of),
        }
    }

    /// Takes the row out of the edit list, or puts it back.
    ///
    /// # Errors
    /// It did not pass.
    pub fn drop_it(&mut self, dropped: bool) -> Result<(), ListRefusal> {
        self.editable()?.dropped = dropped;
        Ok(())
    }

    /// Gives it another reason.
    ///
    /// # Errors
    /// It did not pass, or has no reason.
    pub fn change_reason(&mut self, reason: &Reason) -> Result<(), ListRefusal> {
        let row = self.row;
        let entry = self.editable()?;
        if entry.reason.is_none() {
            return Err(ListRefusal::Reason(row, ReasonProblem::NotForThisKind));
        }
        entry.reason = Some(reason.reason());
        entry.reason_text = reason.text().map(str::to_owned);
        Ok(())
    }

    fn editable(&mut self) -> Result<&mut Editable, ListRefusal> {
        let refusal = ListRefusal::DidNotPass(self.row, self.sentence.clone());
        self.entry.as_mut().ok_or(refusal)
    }

    fn asked(&self) -> Option<AskedInvoice> {
        let entry = self.entry.as_ref().filter(|entry| !entry.dropped)?;
        Some(AskedInvoice {
            tax_no: entry.tax_no.clone(),
            key: entry.key.clone(),
            action: entry.action,
            invoice_type: Some(entry.invoice_type),
            reason: entry.reason,
            reason_text: entry.reason_text.clone(),
            // Rule 12 is looked at again when the task is made: the table may be withdrawn by then.
            refused: self.rule.filter(|rule| *rule == Rule::SmallScale),
        })
    }
}

impl Editable {
    fn of(entry: &Entry) -> Editable {
        Editable {
            tax_no: entry.tax_no.clone(),
            action: entry.kind.action().unwrap_or(Action::Select),
            key: entry.invoice.key.clone(),
            invoice_type: entry.invoice.invoice_type,
            reason: entry.invoice.non_deduction_reason,
            reason_text: entry.invoice.non_deduction_text.clone(),
            dropped: false,
        }
    }
}
