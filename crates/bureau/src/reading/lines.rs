//! From the bureau's results per invoice to the lines of the ledger.

use super::{codes, sentence_or};
use domain::{
    Moment,
    answer::{Answer, Outcome},
    invoice::{InvoiceKey, InvoiceUse, TaskInvoice, UseReading},
    kind::Kind,
    ledger::{LedgerLine, LineOutcome},
    period::TaxPeriod,
    statistic::StatisticState,
    task::Act,
};
use std::collections::HashMap;

/// What was asked of the bureau: an answer means nothing without it.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub kind: Kind,
    pub act: Act,
    pub period: Option<TaxPeriod>,
    pub invoices: &'a [TaskInvoice],
    /// When the answer came; pauses count from here.
    pub now: Moment,
}

/// What the bureau said of one invoice.
pub(super) struct Said<'a> {
    pub(super) code: &'a str,
    pub(super) sentence: &'a str,
}

/// (code, number) of an invoice → what was said of it.
pub(super) type SaidOf<'a> = HashMap<(&'a str, &'a str), Said<'a>>;

/// One line per invoice asked for; the state and the reading of uses that follow from them.
pub(super) fn outcome(asked: &Asked<'_>, said: &SaidOf<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    for invoice in asked.invoices {
        let key = &invoice.key;
        let line = match said.get(&(key.code.as_str(), key.number.as_str())) {
            Some(said) => {
                if said.code == "05" {
                    outcome.statistic = Some(StatisticState::Generated);
                }
                spoken(invoice, said)
            }
            None => {
                line(key, LineOutcome::Unknown, "税局未返回该发票的处理结果，正在读取发票用途。")
            }
        };
        outcome.read_use |= line.outcome == LineOutcome::Unknown;
        outcome.lines.push(line);
    }
    outcome
}

fn spoken(invoice: &TaskInvoice, said: &Said<'_>) -> LedgerLine {
    let meaning = codes::line(said.code);
    let found = meaning.outcome;
    let ours = match (said.code, invoice.date) {
        ("07", Some(date)) => {
            let month = TaxPeriod::of_date(date);
            let day = month.first_day().format("%Y-%m-%d");
            format!("未到期发票不能勾选，最早 {day}（税款所属期 {month}）可以勾选。")
        }
        _ => meaning.sentence.to_owned(),
    };
    let reason = match found {
        LineOutcome::Succeeded => String::new(),
        LineOutcome::Unknown => ours,
        // The date must stand in the sentence, and the locked table has its exact words.
        _ if matches!(said.code, "05" | "07") => ours,
        _ => sentence_or(said.sentence, &ours),
    };
    LedgerLine { invoice: invoice.key.clone(), outcome: found, reason }
}

fn line(key: &InvoiceKey, outcome: LineOutcome, reason: &str) -> LedgerLine {
    LedgerLine { invoice: key.clone(), outcome, reason: reason.to_owned() }
}

/// An invoice whose use is still to be read.
pub(super) fn unread(key: &InvoiceKey) -> LedgerLine {
    line(key, LineOutcome::Unknown, "正在读取发票用途。")
}

/// Every invoice alike.
pub(super) fn all(asked: &Asked<'_>, outcome: LineOutcome, reason: &str) -> Outcome {
    let lines = asked.invoices.iter().map(|invoice| line(&invoice.key, outcome, reason));
    let read_use = outcome == LineOutcome::Unknown && !asked.invoices.is_empty();
    Outcome { lines: lines.collect(), read_use, ..Outcome::default() }
}

/// Partial success is success; only when no invoice succeeded, and none may have, is it a no.
pub(super) fn verdict(outcome: Outcome, code_of_first: &str) -> Answer {
    let hopeful =
        |line: &LedgerLine| matches!(line.outcome, LineOutcome::Succeeded | LineOutcome::Unknown);
    if outcome.lines.is_empty() || outcome.lines.iter().any(hopeful) {
        return Answer::Succeeded(outcome);
    }
    let sentence = outcome.lines.first().map(|line| line.reason.clone()).unwrap_or_default();
    Answer::Refused { code: code_of_first.to_owned(), sentence, outcome: Box::new(outcome) }
}

/// The use that a finished task of this kind leaves behind; None: the kind sets none.
fn wanted(kind: Kind) -> Option<InvoiceUse> {
    match kind {
        Kind::DeductionSelect => Some(InvoiceUse::Deduction),
        Kind::NonDeductionSelect => Some(InvoiceUse::NonDeduction),
        Kind::RebateSelect => Some(InvoiceUse::Rebate),
        Kind::DeductionDeselect | Kind::NonDeductionDeselect | Kind::RebateDeselect => {
            Some(InvoiceUse::Unused)
        }
        _ => None,
    }
}

/// Whether an invoice with this use is as the task wants it, as a line; `None` as `found`: the
/// bureau does not know the invoice.
pub(super) fn by_use(kind: Kind, key: &InvoiceKey, found: Option<&UseReading>) -> LedgerLine {
    let Some(found) = found else {
        return line(key, LineOutcome::Refused, codes::line("02").sentence);
    };
    match wanted(kind) {
        None => line(key, LineOutcome::Succeeded, ""),
        Some(wanted) if wanted == found.used_for => line(key, LineOutcome::Succeeded, ""),
        Some(_) => {
            let label = found.used_for.label();
            let of = found.period.map(|p| format!("（税款所属期 {p}）")).unwrap_or_default();
            let reason = format!("税局显示该发票用途为“{label}”{of}，与任务不一致。");
            LedgerLine { invoice: key.clone(), outcome: LineOutcome::Refused, reason }
        }
    }
}
