//! From the bureau's outcome to the verdict: ledger lines, pool, statistic state.

use super::{Attempt, End};
use crate::ports::log::Verdict;
use domain::{
    answer::{Answer, Outcome},
    invoice::{InvoiceKey, PoolChange, Selection},
    kind::{Action, Kind},
    ledger::{LedgerLine, LineOutcome},
    period::TaxPeriod,
    task::StateName,
};
use std::time::Duration;

impl Attempt<'_> {
    /// The bureau has said what came of it.
    pub(super) async fn finish(&mut self, outcome: Outcome) -> End {
        if let Some(brought) = &self.brought {
            return self.brought_verdict(brought).into();
        }
        if let Some(archived) = &self.archived {
            return self.archived_verdict(archived).into();
        }
        let outcome = if outcome.read_use {
            match self.read_use(outcome).await {
                Ok(outcome) => outcome,
                Err(end) => return end,
            }
        } else {
            outcome
        };
        self.keep_what_it_implies(&outcome).await;
        self.learn_period(&outcome);
        let lines = self.lines(&outcome);
        let failed = !lines.is_empty() && !lines.iter().any(succeeded);
        let reason = if failed { first_reason(&lines) } else { partial_reason(&lines) };
        Verdict::Final {
            state: if failed { StateName::Refused } else { StateName::Done },
            reason,
            pool: self.pool_changes(&lines),
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
            pool: self.pool_changes(&lines),
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

    /// After a 06 the use of those invoices decides; the selection stays 处理中 meanwhile.
    async fn read_use(&mut self, outcome: Outcome) -> Result<Outcome, End> {
        let in_doubt = |line: &&LedgerLine| line.outcome == LineOutcome::Unknown;
        let invoices: Vec<InvoiceKey> =
            outcome.lines.iter().filter(in_doubt).map(|line| line.invoice.clone()).collect();
        let call = self.call();
        let channel = self.context.ports.channel(self.work.channel);
        match self.while_held(channel.read_use(&call, &self.order, &invoices)).await? {
            Answer::Succeeded(read) => {
                let settled = outcome.lines.into_iter().filter(|line| !in_doubt(&line));
                let lines = settled.chain(read.lines).collect();
                Ok(Outcome { lines, read_use: false, ..outcome })
            }
            answer @ (Answer::LoggedOut { .. } | Answer::Throttled { .. }) => {
                Err(self.not_sent(answer))
            }
            _ => Err(self.let_go(Duration::from_secs(2), false).into()),
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

    fn pool_changes(&self, lines: &[LedgerLine]) -> Vec<PoolChange> {
        let Some(action) = self.work.message.kind.action() else { return Vec::new() };
        let (selection, period) = match action {
            Action::Select => (Selection::Selected, self.order.period),
            Action::Deselect => (Selection::Unselected, None),
        };
        let change =
            |line: &LedgerLine| PoolChange { key: line.invoice.clone(), selection, period };
        lines.iter().filter(|line| succeeded(line)).map(change).collect()
    }
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
