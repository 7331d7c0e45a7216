//! From the bureau's outcome to the verdict: ledger lines, pool, statistic state.

use super::{Attempt, End};
use crate::ports::log::Verdict;
use domain::{
    answer::Outcome,
    invoice::{InvoiceKey, Mark, PoolChange, UseReading},
    kind::Kind,
    ledger::{LedgerLine, LineOutcome},
    period::TaxPeriod,
    task::StateName,
    taxpayer::{ChannelKind, LeqiMode},
};
use std::collections::HashSet;

impl Attempt<'_> {
    /// The bureau has said what came of it.
    pub(super) async fn finish(&mut self, outcome: Outcome) -> End {
        if let Some(brought) = &self.brought {
            return self.brought_verdict(brought).into();
        }
        if let Some(archived) = &self.archived {
            return self.archived_verdict(archived).into();
        }
        let doubted = if outcome.read_use { in_doubt(&outcome) } else { Vec::new() };
        let outcome = match self.read_uses(outcome).await {
            Ok(outcome) => outcome,
            Err(end) => return end,
        };
        self.keep_what_it_implies(&outcome).await;
        self.learn_period(&outcome);
        let lines = self.lines(&outcome);
        self.child = self.follow_up(&outcome, &lines);
        let failed = !lines.is_empty() && !lines.iter().any(succeeded);
        let reason = if failed { first_reason(&lines) } else { partial_reason(&lines) };
        Verdict::Final {
            state: if failed { StateName::Refused } else { StateName::Done },
            reason,
            pool: self.pool_changes(&lines, &outcome, &doubted),
            lines,
            statistic: self.table.clone(),
            unknown: false,
        }
        .into()
    }

    /// The bureau said no to the whole task.
    pub(super) async fn refused_by_bureau(&mut self, sentence: String, outcome: Outcome) -> End {
        self.keep_what_it_implies(&outcome).await;
        let lines = if outcome.lines.is_empty() {
            self.every_invoice(LineOutcome::Refused, &sentence)
        } else {
            self.lines(&outcome)
        };
        Verdict::Final {
            state: StateName::Refused,
            reason: self.told(sentence),
            pool: self.pool_changes(&lines, &outcome, &[]),
            lines,
            statistic: self.table.clone(),
            unknown: false,
        }
        .into()
    }

    /// A 05 says that the table is generated, a statistic operation what it made of it.
    pub(super) async fn keep_what_it_implies(&self, outcome: &Outcome) {
        if let (Some(state), Some(period)) = (outcome.statistic, self.period_of(outcome)) {
            self.keep_statistic(period, state, self.context.ports.clock.now()).await;
        }
    }

    /// The period that an outcome is about: the bureau's word, else the one that was asked for.
    pub(super) fn period_of(&self, outcome: &Outcome) -> Option<TaxPeriod> {
        outcome.period.or(self.order.period).or(self.work.taxpayer.period)
    }

    /// A query or a change of the period names the one that is current now.
    fn learn_period(&mut self, outcome: &Outcome) {
        if matches!(self.work.message.kind, Kind::PeriodQuery | Kind::PeriodChange)
            && let Some(period) = outcome.period
        {
            self.see_period(period);
        }
    }

    /// A line for every invoice of the task: the bureau's, ours for those left out, and success
    /// for those that a wholly accepted submission does not name.
    fn lines(&self, outcome: &Outcome) -> Vec<LedgerLine> {
        let named = |key: &InvoiceKey| {
            let ours = self.left_out.iter();
            outcome.lines.iter().chain(ours).find(|line| line.invoice == *key).cloned()
        };
        let keys = self.work.message.invoices.iter().map(|invoice| &invoice.key);
        let line = |key: &InvoiceKey| {
            named(key).unwrap_or_else(|| LedgerLine {
                invoice: key.clone(),
                outcome: LineOutcome::Succeeded,
                reason: String::new(),
            })
        };
        keys.map(line).collect()
    }

    /// Marks what the task has done, then what the bureau said of its use. An invoice that was
    /// "already selected" gets no mark of ours: it was selected by somebody else.
    fn pool_changes(
        &self,
        lines: &[LedgerLine],
        outcome: &Outcome,
        doubted: &[InvoiceKey],
    ) -> Vec<PoolChange> {
        let (message, uses) = (&self.work.message, &outcome.uses);
        let period = self.period_of(outcome);
        let read: HashSet<&InvoiceKey> = uses.iter().map(|(key, _)| key).collect();
        let others: HashSet<&InvoiceKey> =
            doubted.iter().filter(|key| read.contains(key)).collect();
        let done: HashSet<&InvoiceKey> =
            lines.iter().filter(|line| succeeded(line)).map(|line| &line.invoice).collect();
        let ours = message
            .invoices
            .iter()
            .filter(|invoice| done.contains(&invoice.key) && !others.contains(&invoice.key));
        let marked = ours.filter_map(|invoice| {
            let mark = Mark::left_by(message.kind, invoice, period)?;
            Some(PoolChange::marked(invoice.key.clone(), mark))
        });
        let read = uses.iter().map(|(key, read)| PoolChange::read(key.clone(), self.heeded(*read)));
        marked.chain(read).collect()
    }

    /// Only 乐企 self-use tells how an invoice stands in the books.
    fn heeded(&self, read: UseReading) -> UseReading {
        let self_use = self.work.channel == ChannelKind::Leqi
            && self.work.taxpayer.leqi_mode == LeqiMode::SelfUse;
        UseReading { entry: read.entry.filter(|_| self_use), ..read }
    }
}

/// Invoices of which only their use can tell what became of them.
pub(super) fn in_doubt(outcome: &Outcome) -> Vec<InvoiceKey> {
    let doubted = outcome.lines.iter().filter(|line| line.outcome == LineOutcome::Unknown);
    doubted.map(|line| line.invoice.clone()).collect()
}

fn succeeded(line: &LedgerLine) -> bool {
    line.outcome == LineOutcome::Succeeded
}

fn first_reason(lines: &[LedgerLine]) -> String {
    lines.first().map(|line| line.reason.clone()).unwrap_or_default()
}

/// Partial success is a success with its counts; the ledger says which.
fn partial_reason(lines: &[LedgerLine]) -> String {
    let done = lines.iter().filter(|line| succeeded(line)).count();
    if done == lines.len() {
        String::new()
    } else {
        format!("部分成功：成功{done}张，失败{}张，详见用票操作台账。", lines.len() - done)
    }
}
