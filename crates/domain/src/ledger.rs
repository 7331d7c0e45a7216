//! The ledger (用票操作台账): one line per invoice of a task, with its outcome.

use crate::invoice::InvoiceKey;
use serde::{Deserialize, Serialize};

/// What became of one invoice.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineOutcome {
    Succeeded,
    /// By our rules or by the bureau's.
    Refused,
    Failed,
    /// Nobody can tell; a person must check.
    Unknown,
}

impl LineOutcome {
    pub const ALL: [LineOutcome; 4] =
        [LineOutcome::Succeeded, LineOutcome::Refused, LineOutcome::Failed, LineOutcome::Unknown];

    /// The word that people read.
    pub const fn label(self) -> &'static str {
        match self {
            LineOutcome::Succeeded => "成功",
            LineOutcome::Refused => "被拒绝",
            LineOutcome::Failed => "失败",
            LineOutcome::Unknown => "结果未知",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            LineOutcome::Succeeded => "succeeded",
            LineOutcome::Refused => "refused",
            LineOutcome::Failed => "failed",
            LineOutcome::Unknown => "unknown",
        }
    }
}

/// One invoice's line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LedgerLine {
    pub invoice: InvoiceKey,
    pub outcome: LineOutcome,
    /// The sentence for people; empty when it succeeded.
    pub reason: String,
}
