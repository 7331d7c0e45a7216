//! The rules of an uploaded list (引入清单勾选), in their order, for each row by itself.
//!
//! Rules 1 to 10 end a row in the result of its import. Rules 11 and 12 let its task be made, which
//! ends 处理失败; rule 13 leaves one invoice out of a task that goes on. Rows that no rule speaks
//! against stand in the edit list. Deselecting is held to 1 to 6, 11 and 12: a reversed or abnormal
//! invoice must be removable.

use super::{Facts, Rule, Settings};
use crate::{
    invoice::{InvoiceKey, PoolInvoice},
    kind::Action,
    ledger::LedgerLine,
    list::{Asked, Entry, Purpose, ReadRow, RowOutcome},
    period::TaxPeriod,
    statistic::StatisticState,
    tax_no::TaxNo,
    taxpayer::{ChannelKind, TaxpayerKind},
};
use std::collections::{HashMap, HashSet};

/// A list with what we know.
#[derive(Clone, Copy, Debug)]
pub struct List<'a> {
    pub purpose: Purpose,
    pub rows: &'a [ReadRow],
    /// By [`ReadRow::key`]; an invoice without an entry is not in the pool.
    pub pool: &'a HashMap<InvoiceKey, Found>,
}

/// An invoice of the pool, with what the rules need to know around it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// Its selection is `Selecting` while an unfinished task holds it.
    pub invoice: PoolInvoice,
    /// More than one: a row does not say whose it is.
    pub buyers: usize,
    /// The buyer's: whose tasks, statistic table and period they are.
    pub tax_no: TaxNo,
    /// Of the tax number. None: none that we serve, which its tasks will be refused for.
    pub channel: Option<ChannelKind>,
    /// Of the accounting organisation; of the buyer's tax number when the invoice has none.
    pub taxpayer: TaxpayerKind,
    /// As cached, of the current period. None: not known, which refuses nothing here.
    pub statistic: Option<StatisticState>,
    /// The current one. None: not known yet; the date is then looked at after the login.
    pub period: Option<TaxPeriod>,
}

/// What a rule says against one row.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{sentence}")]
pub struct Objection {
    pub rule: Rule,
    pub sentence: String,
}

impl Objection {
    /// `detail` goes where the rule's sentence has `{}`.
    pub(crate) fn of(rule: Rule, detail: &str) -> Objection {
        let refusal = rule.refuses(detail);
        Objection { rule, sentence: refusal.sentence }
    }
}

/// The one answer to a row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RowResult {
    /// Rules 1 to 10.
    Failed(Objection),
    /// Rules 11 and 12: its task is made, and ends 处理失败 with the sentence.
    TaskFails { entry: Entry, objection: Objection },
    /// Rule 13: this invoice alone is not sent.
    LeftOut { entry: Entry, line: LedgerLine },
    /// It stands in the edit list.
    Listed(Entry),
}

impl RowResult {
    /// 引入结果, in one word.
    pub const fn outcome(&self) -> RowOutcome {
        match self {
            RowResult::Failed(_) => RowOutcome::Failed,
            RowResult::TaskFails { .. } => RowOutcome::TaskFails,
            RowResult::LeftOut { .. } => RowOutcome::LeftOut,
            RowResult::Listed(_) => RowOutcome::Listed,
        }
    }

    /// Empty when no rule speaks against the row.
    pub fn sentence(&self) -> &str {
        match self {
            RowResult::Failed(objection) | RowResult::TaskFails { objection, .. } => {
                &objection.sentence
            }
            RowResult::LeftOut { line, .. } => &line.reason,
            RowResult::Listed(_) => "",
        }
    }
}

/// One result per row, in the order of the rows.
pub fn check(list: &List<'_>, settings: Settings) -> Vec<RowResult> {
    let repeated = repeated(list.rows);
    // What is not in the pool never passes: the setting is for API and messages.
    let settings = Settings { allow_unknown_invoices: false, ..settings };
    let result =
        |row: &ReadRow| judged(row, list, &repeated, settings).unwrap_or_else(RowResult::Failed);
    list.rows.iter().map(result).collect()
}

/// Rule 2: a payment book's number is a key as well.
fn repeated(rows: &[ReadRow]) -> HashSet<&InvoiceKey> {
    let mut seen = HashSet::with_capacity(rows.len());
    let keys = rows.iter().filter_map(|row| row.key.as_ref());
    keys.filter(|key| !seen.insert(*key)).collect()
}

fn judged(
    row: &ReadRow,
    list: &List<'_>,
    repeated: &HashSet<&InvoiceKey>,
    settings: Settings,
) -> Result<RowResult, Objection> {
    let asked = row.asked.as_ref().map_err(Clone::clone)?;
    if row.key.as_ref().is_some_and(|key| repeated.contains(key)) {
        return Err(Objection::of(Rule::RepeatedRow, ""));
    }
    let found = row.key.as_ref().and_then(|key| list.pool.get(key));
    let found = found.ok_or_else(|| Objection::of(Rule::NotInPool, ""))?;
    if found.buyers > 1 {
        return Err(Objection::of(Rule::SeveralBuyers, ""));
    }
    let entry = Entry::new(row.number, list.purpose, asked, &found.tax_no, &found.invoice);
    own_data(&entry, asked, found, settings)?;
    Ok(of_task(entry, asked, found))
}

/// Rules 4 to 10.
fn own_data(
    entry: &Entry,
    asked: &Asked,
    found: &Found,
    settings: Settings,
) -> Result<(), Objection> {
    let facts = Facts { asked: &entry.invoice, pool: Some(&found.invoice) };
    let breaks = |rule| facts.breaks(rule, entry.kind, settings);
    let state = super::held_elsewhere(entry.kind);
    if breaks(state) {
        return Err(Objection::of(state, ""));
    }
    if !complete(&found.invoice, found.channel) {
        return Err(Objection::of(Rule::PoolIncomplete, ""));
    }
    if asked.action == Action::Deselect {
        return Ok(());
    }
    let said = [
        (Rule::Type, Rule::ListType, ""),
        (Rule::Amount, Rule::Amount, ""),
        (Rule::Status, Rule::ListStatus, Rule::Status.sentence()),
        (Rule::Risk, Rule::Risk, ""),
    ];
    match said.into_iter().find(|(broken, ..)| breaks(*broken)) {
        Some((_, rule, detail)) => Err(Objection::of(rule, detail)),
        None => Ok(()),
    }
}

/// Rule 6: what a call to the channel names must be known (ours: number and date; the code of an
/// invoice that has one; for 乐企 the type's `fplx`).
pub(crate) fn complete(invoice: &PoolInvoice, channel: Option<ChannelKind>) -> bool {
    let key = &invoice.key;
    let coded = !key.code.is_empty()
        || InvoiceKey::is_digital_number(&key.number)
        || !invoice.invoice_type.has_code();
    let named = channel != Some(ChannelKind::Leqi) || invoice.invoice_type.fplx().is_some();
    !key.number.is_empty() && invoice.date.is_some() && coded && named
}

/// Rules 11 to 13: the import itself has passed.
fn of_task(entry: Entry, asked: &Asked, found: &Found) -> RowResult {
    if let Err(refusal) = super::not_small_scale(entry.kind, found.taxpayer) {
        return RowResult::TaskFails { entry, objection: Objection::of(refusal.rule, "") };
    }
    if found.statistic.is_some_and(StatisticState::locks_selection) {
        let objection = Objection::of(Rule::StatisticGenerated, "");
        return RowResult::TaskFails { entry, objection };
    }
    let last_day = found.period.map(TaxPeriod::last_day);
    let early = last_day.zip(found.invoice.date).is_some_and(|(last, date)| date > last);
    if early && asked.action == Action::Select {
        let line = Rule::FutureDated.line(&entry.invoice.key);
        return RowResult::LeftOut { entry, line };
    }
    RowResult::Listed(entry)
}

#[cfg(test)]
mod tests;
