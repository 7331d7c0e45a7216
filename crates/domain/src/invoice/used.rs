//! What the bureau says of the use of an invoice (发票用途).

use super::{EntryState, InvoiceStatus, Risk};
use crate::period::TaxPeriod;
use serde::{Deserialize, Serialize};

/// 发票用途: what the bureau has an invoice down for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceUse {
    Unused,
    Deduction,
    NonDeduction,
    Rebate,
    /// Used for something that we have no word for.
    Other,
}

super::names!(InvoiceUse {
    Unused "unused" "未勾选", Deduction "deduction" "抵扣", NonDeduction "non_deduction" "不抵扣",
    Rebate "rebate" "退税", Other "other" "其他",
});

/// What the bureau has an invoice down for, whichever way it told: in a download, or when it was
/// asked for the use. [`Mark::after`](super::Mark::after) is what the pool makes of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ToldUse {
    pub used_for: InvoiceUse,
    /// 税款所属期 of the use. None: it was not said, as with the next.
    pub period: Option<TaxPeriod>,
    /// 已认证 rather than 已勾选.
    pub certified: Option<bool>,
}

/// The bureau's answer about the use of one invoice. What it does not say is None.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UseReading {
    pub used_for: InvoiceUse,
    /// 税款所属期 of the use.
    pub period: Option<TaxPeriod>,
    pub status: Option<InvoiceStatus>,
    pub risk: Option<Risk>,
    /// 入账状态; counts for 乐企 self-use only.
    pub entry: Option<EntryState>,
}

impl UseReading {
    /// What it says of the selection.
    pub const fn told(&self) -> ToldUse {
        ToldUse { used_for: self.used_for, period: self.period, certified: None }
    }

    /// A reading that says nothing else.
    pub const fn of(used_for: InvoiceUse, period: Option<TaxPeriod>) -> UseReading {
        UseReading { used_for, period, status: None, risk: None, entry: None }
    }
}
