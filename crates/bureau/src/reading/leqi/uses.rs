//! Reading how the bureau uses invoices, one by one.

use super::{Codes, opened, period_of};
use crate::reading::{Exchange, Nature, lines};
use domain::{
    Moment,
    answer::{Answer, Outcome, ReadBackAnswer},
    invoice::{EntryState, InvoiceKey, InvoiceStatus, InvoiceUse, Risk, UseReading},
    kind::Kind,
    ledger::LineOutcome,
};
use std::collections::HashSet;

/// `returncode` of the use service for an invoice that the bureau does not know (ours: not
/// published).
pub const NO_SUCH_INVOICE: &str = "404";

/// The use of one invoice; None: the bureau does not know it.
pub fn invoice_use(
    exchange: &Exchange,
    codes: &Codes,
    now: Moment,
) -> Result<Option<UseReading>, Answer> {
    let business = match opened(exchange, Nature::Reads, codes, now) {
        Ok(business) => business,
        Err(Answer::Refused { code, .. }) if code == NO_SUCH_INVOICE => {
            return Ok(None);
        }
        Err(answer) => return Err(answer),
    };
    let used_for = match business.fpyt.as_deref() {
        Some(code) => use_of(code),
        None => {
            let sentence = "乐企返回的发票用途无法识别。".to_owned();
            return Err(Answer::Faltered { sentence });
        }
    };
    Ok(Some(UseReading {
        used_for,
        period: period_of(&business),
        status: business.fpzt.as_deref().and_then(status),
        risk: business.ycpzzt.as_deref().and_then(risk),
        entry: business.rzzt.as_deref().and_then(entry),
    }))
}

pub(super) fn use_of(code: &str) -> InvoiceUse {
    match code {
        "0" => InvoiceUse::Unused,
        "1" => InvoiceUse::Deduction,
        "2" | "3" => InvoiceUse::Rebate,
        "6" => InvoiceUse::NonDeduction,
        _ => InvoiceUse::Other,
    }
}

/// `fpzt`; a code that we do not know says nothing, here and below.
fn status(code: &str) -> Option<InvoiceStatus> {
    match code {
        "0" => Some(InvoiceStatus::Normal),
        "2" => Some(InvoiceStatus::Void),
        "3" => Some(InvoiceStatus::Reversed),
        "7" => Some(InvoiceStatus::PartlyReversed),
        "8" => Some(InvoiceStatus::FullyReversed),
        _ => None,
    }
}

/// `ycpzzt`
fn risk(code: &str) -> Option<Risk> {
    match code {
        "01" => Some(Risk::Normal),
        "02" => Some(Risk::Abnormal),
        "03" => Some(Risk::Suspect),
        _ => None,
    }
}

/// `rzzt`
fn entry(code: &str) -> Option<EntryState> {
    match code {
        "01" => Some(EntryState::NotEntered),
        "02" => Some(EntryState::Entered),
        "03" => Some(EntryState::Withdrawn),
        _ => None,
    }
}

/// What was read of these invoices, as an outcome for a task of this kind.
pub fn uses(kind: Kind, found: Vec<(InvoiceKey, Option<UseReading>)>) -> Outcome {
    let line =
        |(key, read): &(InvoiceKey, Option<UseReading>)| lines::by_use(kind, key, read.as_ref());
    let lines = found.iter().map(line).collect();
    let uses = found.into_iter().filter_map(|(key, read)| read.map(|read| (key, read)));
    Outcome { lines, uses: uses.collect(), ..Outcome::default() }
}

/// The outcome with the invoices whose use is still to be read.
pub fn with_unread(outcome: Outcome, invoices: &[InvoiceKey]) -> Outcome {
    let read: HashSet<InvoiceKey> = outcome.lines.iter().map(|l| l.invoice.clone()).collect();
    let unread = invoices.iter().filter(|key| !read.contains(key));
    let unread: Vec<_> = unread.map(lines::unread).collect();
    let read_use = outcome.read_use || !unread.is_empty();
    let lines = outcome.lines.into_iter().chain(unread).collect();
    Outcome { lines, read_use, ..outcome }
}

/// What the uses of a task's invoices say of its submission: one invoice as wanted is proof that
/// it took effect, none is absence (for now).
pub fn read_back_uses(found: Outcome) -> ReadBackAnswer {
    let took = found.lines.iter().any(|line| line.outcome == LineOutcome::Succeeded);
    if took { ReadBackAnswer::Found(found) } else { ReadBackAnswer::Absent }
}
