//! Verdicts and proofs in one word each.

use super::scene::{invoice_key, seconds};
use crate::ports::{
    log::{Proof, Throttle, Verdict},
    roster::SessionReport,
};
use domain::{
    Moment,
    answer::Receipt,
    bureau::LaneKey,
    ids::Epoch,
    invoice::{InvoiceKey, Mark, PoolChange, Selection},
    ledger::{LedgerLine, LineOutcome},
    period::TaxPeriod,
    task::StateName,
};

pub fn ended(state: StateName, reason: &str, unknown: bool) -> Verdict {
    Verdict::Final {
        state,
        reason: reason.into(),
        lines: Vec::new(),
        pool: Vec::new(),
        statistic: None,
        unknown,
    }
}

/// A mark of one of our tasks, without a purpose.
pub fn marked(key: InvoiceKey, selection: Selection, period: Option<TaxPeriod>) -> PoolChange {
    PoolChange::marked(key, Mark { selection, period, ..Mark::default() })
}

pub fn done() -> Verdict {
    ended(StateName::Done, "", false)
}

pub fn failed() -> Verdict {
    ended(StateName::Failed, "税局系统异常。", false)
}

pub fn unknown() -> Verdict {
    ended(StateName::Failed, "结果未知。", true)
}

pub fn put_off(after: u64) -> Verdict {
    put_off_with(after, false, None)
}

pub fn put_off_with(after: u64, sent: bool, gate: Option<Throttle>) -> Verdict {
    Verdict::PutOff {
        after: seconds(after),
        reason: "稍后再试。".into(),
        sent,
        counts_as_attempt: false,
        gate,
    }
}

pub fn hand_back() -> Verdict {
    Verdict::HandBack { reason: String::new() }
}

/// Asked about after this long, with the lane given back or not.
pub fn let_go(after: u64, keep_lane: bool) -> Verdict {
    Verdict::LetGo {
        ask_after: seconds(after),
        unclear: false,
        quiet_until: None,
        keep_lane,
        reason: String::new(),
    }
}

/// The session of this epoch was lost; nobody waits beyond `until`.
pub fn park(epoch: Epoch, sent: bool, until: Moment) -> Verdict {
    Verdict::Park { epoch, needs_person: false, sent, until, reason: "账号未登录。".into() }
}

pub fn receipt(text: &str) -> Proof {
    Proof::Receipt(Receipt(text.into()))
}

pub fn line(n: u8, outcome: LineOutcome) -> LedgerLine {
    let reason = if outcome == LineOutcome::Succeeded { "" } else { "发票状态异常。" };
    LedgerLine { invoice: invoice_key(n), outcome, reason: reason.into() }
}

/// Somebody outside saw the account come on line or go off line.
pub fn seen(lane: LaneKey, online: bool, seen_at: Moment) -> SessionReport {
    SessionReport { lane, online, seen_at, epoch: None, until: None, note: None }
}
