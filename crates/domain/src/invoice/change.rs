//! What settlements write into the pool: marks of our own tasks, and readings of the bureau.

use super::{
    EntryState, InvoiceKey, InvoiceStatus, InvoiceUse, NonDeductionReason, Purpose, Risk,
    Selection, TaskInvoice, ToldUse, UseReading,
};
use crate::{
    Moment,
    kind::{Action, Kind},
    period::TaxPeriod,
};
use serde::{Deserialize, Serialize};

/// 勾选状态, and what goes with it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Mark {
    pub selection: Selection,
    /// 抵扣税期: of the selection.
    pub period: Option<TaxPeriod>,
    pub purpose: Option<Purpose>,
    pub non_deduction_reason: Option<NonDeductionReason>,
    /// The text that goes with [`NonDeductionReason::Other`].
    pub non_deduction_text: String,
}

impl Mark {
    /// What a task of this kind leaves behind on an invoice for which it succeeded; None: the kind
    /// marks nothing. `period`: that of the selection. Deselecting clears all of it.
    pub fn left_by(kind: Kind, invoice: &TaskInvoice, period: Option<TaxPeriod>) -> Option<Mark> {
        if kind.action()? == Action::Deselect {
            return Some(Mark::default());
        }
        let purpose = match kind {
            Kind::NonDeductionSelect => Purpose::NonDeduction,
            Kind::RebateSelect => Purpose::Rebate,
            // 预勾选 says by its reason what the invoice is to be selected for.
            Kind::PreSelect if invoice.non_deduction_reason.is_some() => Purpose::NonDeduction,
            _ => Purpose::Deduction,
        };
        let own = kind == Kind::PreSelect;
        let mark = Mark {
            selection: if own { Selection::PreSelected } else { Selection::Selected },
            period: period.filter(|_| !own),
            purpose: Some(purpose),
            ..Mark::default()
        };
        if purpose != Purpose::NonDeduction {
            return Some(mark);
        }
        Some(Mark {
            non_deduction_reason: invoice.non_deduction_reason,
            non_deduction_text: invoice.non_deduction_text.clone().unwrap_or_default(),
            ..mark
        })
    }

    /// What the pool has once the bureau has told what it has the invoice down for. The one place
    /// where it is decided whose word counts (selection-rules section 5):
    /// - whether it is selected, for what and for which period is the bureau's;
    /// - what never reached the bureau (预勾选, a purpose) is ours while the bureau has no use for it,
    ///   and goes with the use that the bureau no longer has;
    /// - what the bureau did not say stays, and so does our reason, which it never says, while it can
    ///   be meant.
    #[must_use]
    pub fn after(self, told: &ToldUse) -> Mark {
        let was_used = self.selection.has_period();
        let purpose = match told.used_for {
            InvoiceUse::Unused if was_used => return Mark::default(),
            InvoiceUse::Unused => return self,
            InvoiceUse::Deduction => Some(Purpose::Deduction),
            InvoiceUse::NonDeduction => Some(Purpose::NonDeduction),
            InvoiceUse::Rebate => Some(Purpose::Rebate),
            InvoiceUse::Other => None,
        };
        let same = purpose == Some(Purpose::NonDeduction) && self.purpose == purpose;
        Mark {
            selection: self.used_selection(told.certified),
            period: told.period.or(self.period.filter(|_| was_used)),
            purpose,
            non_deduction_reason: self.non_deduction_reason.filter(|_| same),
            non_deduction_text: if same { self.non_deduction_text } else { String::new() },
        }
    }

    /// 已勾选, 已认证 or 扫描认证. The bureau's 已认证 does not deny 扫描认证, which it has no word for.
    fn used_selection(&self, certified: Option<bool>) -> Selection {
        match (certified, self.selection) {
            (None | Some(true), Selection::ScanCertified) => Selection::ScanCertified,
            (None, Selection::Certified) | (Some(true), _) => Selection::Certified,
            (None | Some(false), _) => Selection::Selected,
        }
    }
}

/// 入账状态, 入账属期 and 入账时间.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Entry {
    pub state: EntryState,
    pub period: Option<TaxPeriod>,
    pub at: Option<Moment>,
}

impl Entry {
    /// After 乐企 said how the invoice stands in the books (selection-rules section 5).
    pub fn after(self, read: EntryState) -> Entry {
        let cleared = |state| Entry { state, period: None, at: None };
        match read {
            EntryState::NotEntered => cleared(EntryState::NotEntered),
            EntryState::Withdrawn => cleared(EntryState::Withdrawn),
            EntryState::Entered => Entry { state: EntryState::Entered, ..self },
        }
    }
}

/// What settlements can change of an invoice.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Standing {
    pub mark: Mark,
    pub status: InvoiceStatus,
    pub risk: Risk,
    pub entry: Entry,
}

impl Standing {
    /// After the bureau's use was read; what it does not say stays.
    pub fn after(self, read: &UseReading) -> Standing {
        Standing {
            status: self.status_after(read.status),
            mark: self.mark.after(&read.told()),
            risk: read.risk.unwrap_or(self.risk),
            entry: read.entry.map_or(self.entry, |state| self.entry.after(state)),
        }
    }

    /// The use services have no word for 失控 and 异常: their 正常 denies neither.
    fn status_after(&self, read: Option<InvoiceStatus>) -> InvoiceStatus {
        use InvoiceStatus::{Abnormal, Normal, OutOfControl};
        match (read, self.status) {
            (None, known) | (Some(Normal), known @ (OutOfControl | Abnormal)) => known,
            (Some(status), _) => status,
        }
    }
}

/// What a settlement changes of one invoice in the pool.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PoolChange {
    pub key: InvoiceKey,
    pub news: PoolNews,
}

/// Where a change of the pool comes from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PoolNews {
    /// A task of ours has marked it.
    Marked(Mark),
    /// The bureau said how it is used: [`Standing::after`].
    Read(UseReading),
}

impl PoolChange {
    pub fn marked(key: InvoiceKey, mark: Mark) -> PoolChange {
        PoolChange { key, news: PoolNews::Marked(mark) }
    }

    pub fn read(key: InvoiceKey, reading: UseReading) -> PoolChange {
        PoolChange { key, news: PoolNews::Read(reading) }
    }
}

#[cfg(test)]
mod tests;
