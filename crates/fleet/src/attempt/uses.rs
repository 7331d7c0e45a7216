//! Reading how the bureau uses invoices: after a 06, and for a query of it.

use super::{Attempt, End, Step, conclude::in_doubt};
use domain::{
    answer::{Answer, Outcome},
    invoice::InvoiceKey,
    ledger::LedgerLine,
};
use std::collections::HashSet;

impl Attempt<'_> {
    /// After a 06 the use of those invoices decides; the selection stays 处理中 meanwhile. What was
    /// read before something stops it is not asked for again.
    pub(super) async fn read_uses(&self, outcome: Outcome) -> Step<Outcome> {
        if !outcome.read_use {
            return Ok(outcome);
        }
        let (task, half_read) = (self.work.message.task_id, &self.context.half_read);
        let mut read = half_read.take(task).unwrap_or_default();
        let stopped = self.read_rest(&outcome, &mut read).await;
        if let Err(end) = stopped {
            // With nothing sent others may have the tax number until it is tried again.
            if self.sent {
                half_read.keep(task, read);
            }
            return Err(end);
        }
        Ok(Outcome { read_use: false, ..with(outcome, read) })
    }

    /// Asked in portions, as much as one call of the channel reads, until every use is known: 乐企
    /// is asked for one invoice at a time, and 500 may be in doubt.
    async fn read_rest(&self, outcome: &Outcome, read: &mut Outcome) -> Step<()> {
        let doubted = in_doubt(outcome);
        let mut failures = 0;
        loop {
            let told: HashSet<&InvoiceKey> = read.lines.iter().map(|line| &line.invoice).collect();
            let unread = doubted.iter().filter(|key| !told.contains(key));
            let unread: Vec<InvoiceKey> = unread.cloned().collect();
            if unread.is_empty() {
                return Ok(());
            }
            match self.portion(&unread).await? {
                Answer::Succeeded(more) if !more.lines.is_empty() => {
                    read.lines.extend(more.lines);
                    read.uses.extend(more.uses);
                    failures = 0;
                }
                answer @ (Answer::LoggedOut { .. } | Answer::Throttled { .. }) => {
                    return Err(self.not_sent(answer).await);
                }
                _ => {
                    failures += 1;
                    self.before_reading_again(failures).await?;
                }
            }
        }
    }

    async fn portion(&self, doubted: &[InvoiceKey]) -> Step<Answer> {
        let call = self.call();
        let channel = self.context.ports.channel(self.work.channel);
        self.while_held(channel.read_use(&call, &self.order, doubted)).await
    }

    async fn before_reading_again(&self, failures: u32) -> Step<()> {
        let chance = self.context.ports.chance.unit();
        match self.context.settings.limits.read_again(failures, chance) {
            Some(delay) if self.pause(delay).await? => Ok(()),
            _ => Err(self.uses_not_read().await),
        }
    }

    /// What was sent is asked about again later. A query, which sends nothing, is tried again.
    async fn uses_not_read(&self) -> End {
        if self.sent {
            return self.let_go(self.poll_delay(), false).into();
        }
        let sentence = "发票用途暂时无法读取，稍后重试。".to_owned();
        self.not_accepted(Answer::Faltered { sentence }).await
    }
}

/// The lines in doubt are replaced by those that were read.
fn with(outcome: Outcome, read: Outcome) -> Outcome {
    let told: HashSet<InvoiceKey> = read.lines.iter().map(|line| line.invoice.clone()).collect();
    let settled = |line: &LedgerLine| !told.contains(&line.invoice);
    let lines = outcome.lines.into_iter().filter(settled).chain(read.lines).collect();
    let uses = outcome.uses.into_iter().chain(read.uses).collect();
    Outcome { lines, uses, ..outcome }
}
