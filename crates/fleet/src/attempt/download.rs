//! Taking what a download brought: page after page into the pool, so that any number of invoices
//! needs the memory of one page. Each is written before the next is asked for; after a crash they
//! are taken from the first on, and what stands there already does not change.

use super::{Attempt, End, Step};
use crate::{ports::log::Verdict, sentences};
use domain::{
    answer::{Answer, Outcome, Receipt},
    invoice::{InvoiceKey, Kept, Tally, ToldPage},
    kind::Kind,
    ledger::{LedgerLine, LineOutcome},
    task::StateName,
};
use std::collections::HashSet;

/// Invoices that are written in one go.
const AT_ONCE: usize = 500;

/// What a download has brought so far.
#[derive(Debug, Default)]
pub(super) struct Brought {
    pub(super) tally: Tally,
    /// Of the invoices that the task names, those that came.
    pub(super) found: HashSet<InvoiceKey>,
}

impl Attempt<'_> {
    /// Whether what the task brings is asked for by its receipt.
    pub(super) fn downloads(&self) -> bool {
        matches!(self.work.message.kind, Kind::InvoiceDownload | Kind::LayoutDownload)
    }

    pub(super) async fn take_pages(&mut self, receipt: &Receipt, outcome: &Outcome) -> Step<()> {
        if self.work.message.kind != Kind::InvoiceDownload {
            return Ok(());
        }
        // An asker that dies now is followed by one who has the receipt.
        self.noted().await?;
        let mut brought = Brought::default();
        for page in outcome.pages() {
            self.ask_unless_draining()?;
            let page = self.page(receipt, page).await?;
            self.keep(page, &mut brought).await?;
        }
        self.brought = Some(brought);
        Ok(())
    }

    async fn page(&mut self, receipt: &Receipt, page: &str) -> Step<ToldPage> {
        let channel = self.context.ports.channel(self.work.channel);
        let mut failures = 0;
        loop {
            let call = self.call();
            match self.while_held(channel.page(&call, &self.order, receipt, page)).await? {
                Ok(page) => return Ok(page),
                Err(Answer::Faltered { sentence } | Answer::Unclear { sentence }) => {
                    tracing::debug!(page, sentence, failures, "page not read");
                }
                Err(Answer::Running) => {}
                Err(Answer::Refused { sentence, outcome, .. }) => {
                    return Err(self.refused_by_bureau(sentence, *outcome).await);
                }
                Err(answer) => return Err(self.not_sent(answer).await),
            }
            failures += 1;
            let chance = self.context.ports.chance.unit();
            let again = self.context.settings.limits.read_again(failures, chance);
            let goes_on = match again {
                Some(delay) => self.pause(delay).await?,
                None => false,
            };
            if !goes_on {
                return Err(self.let_go(self.poll_delay(), false).into());
            }
        }
    }

    async fn keep(&self, page: ToldPage, brought: &mut Brought) -> Step<()> {
        let (task, fence) = (self.work.message.task_id, self.work.fence);
        brought.tally.unreadable += page.unreadable;
        for told in page.invoices.chunks(AT_ONCE) {
            let written = self.context.ports.store.keep_told(task, fence, told);
            let written = self.while_held(written).await?;
            let Some(kept) = self.store(written)? else { return Err(End::Abandoned) };
            brought.tally = brought.tally + Tally::of(&kept);
            let theirs = told.iter().zip(&kept).filter(|(_, kept)| **kept != Kept::NotTheirs);
            let named = |key: &&InvoiceKey| {
                self.work.message.invoices.iter().any(|invoice| invoice.key == **key)
            };
            brought.found.extend(theirs.map(|(told, _)| &told.key).filter(named).cloned());
        }
        Ok(())
    }

    /// The pool has what came; the sentence says how much, the ledger which of the invoices named.
    pub(super) fn brought_verdict(&self, brought: &Brought) -> Verdict {
        let line = |key: &InvoiceKey| match brought.found.contains(key) {
            true => LedgerLine {
                invoice: key.clone(),
                outcome: LineOutcome::Succeeded,
                reason: String::new(),
            },
            false => LedgerLine {
                invoice: key.clone(),
                outcome: LineOutcome::Refused,
                reason: sentences::NOT_BROUGHT.into(),
            },
        };
        let named = self.work.message.invoices.iter();
        let lines: Vec<LedgerLine> = named.map(|invoice| line(&invoice.key)).collect();
        let nothing = !lines.is_empty() && brought.found.is_empty();
        Verdict::Final {
            state: if nothing { StateName::Refused } else { StateName::Done },
            reason: if nothing { sentences::NOT_BROUGHT.into() } else { brought.tally.sentence() },
            lines,
            pool: Vec::new(),
            statistic: None,
            unknown: false,
        }
    }
}
