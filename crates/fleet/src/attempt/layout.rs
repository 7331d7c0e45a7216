//! Keeping layout files: one after the other into the file store, each noted at its invoice before the
//! next is asked for. What is kept already is kept again, which changes nothing.

use super::{Attempt, Step};
use crate::{
    ports::{files::FileKept, log::Verdict, pool::NewFile},
    sentences,
};
use domain::{
    answer::{Answer, Outcome, Receipt},
    invoice::{FileRef, InvoiceKey, NoFile},
    kind::Kind,
    ledger::{LedgerLine, LineOutcome},
    task::StateName,
};
use std::{collections::HashMap, sync::Arc, time::Duration};

/// What is put off while the file store is away.
const FILES_AWAY: Duration = Duration::from_secs(30);

/// What came of the files of each invoice.
#[derive(Debug, Default)]
pub(super) struct Archived {
    files: usize,
    /// Why a file of it was not kept; empty while all were.
    invoices: HashMap<InvoiceKey, String>,
}

impl Archived {
    fn note(&mut self, file: &FileRef, problem: Option<String>) {
        let said = self.invoices.entry(file.invoice.clone()).or_default();
        match problem {
            None => self.files += 1,
            Some(problem) => *said = problem,
        }
    }
}

impl Attempt<'_> {
    pub(super) async fn take_files(&mut self, receipt: &Receipt, outcome: &Outcome) -> Step<()> {
        if self.work.message.kind != Kind::LayoutDownload {
            return Ok(());
        }
        self.noted().await?;
        let mut archived = Archived::default();
        for file in outcome.files() {
            self.ask_unless_draining()?;
            let problem = match self.file(receipt, file).await? {
                Ok(bytes) => self.archive(file, bytes).await?,
                Err(sentence) => Some(sentence),
            };
            archived.note(file, problem);
        }
        self.archived = Some(archived);
        Ok(())
    }

    /// The bytes, or why they cannot be had: one file that cannot be read spoils none of the others.
    async fn file(&mut self, receipt: &Receipt, file: &FileRef) -> Step<Result<Vec<u8>, String>> {
        let channel = self.context.ports.channel(self.work.channel);
        let mut failures = 0;
        loop {
            let call = self.call();
            let sentence =
                match self.while_held(channel.file(&call, &self.order, receipt, file)).await? {
                    Ok(bytes) => return Ok(Ok(bytes)),
                    Err(Answer::Faltered { sentence } | Answer::Unclear { sentence }) => sentence,
                    Err(Answer::Running) => sentences::NO_FILE.to_owned(),
                    Err(Answer::Refused { sentence, .. }) => return Ok(Err(sentence)),
                    Err(answer) => return Err(self.not_sent(answer).await),
                };
            failures += 1;
            let chance = self.context.ports.chance.unit();
            let Some(delay) = self.context.settings.limits.read_again(failures, chance) else {
                return Ok(Err(sentence));
            };
            if !self.pause(delay).await? {
                return Err(self.let_go(self.poll_delay(), false).into());
            }
        }
    }

    /// None: it is kept, and noted.
    async fn archive(&self, file: &FileRef, bytes: Vec<u8>) -> Step<Option<String>> {
        if let Err(problem) = file.format.check(&bytes) {
            return Ok(Some(problem.to_string()));
        }
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let bytes: [Arc<[u8]>; 1] = [bytes.into()];
        let kept = self.while_held(self.context.ports.files.keep(&bytes)).await?;
        let sha256 = match kept.as_deref() {
            Ok([FileKept::As(hash)]) => *hash,
            Ok(_) => return Ok(Some(NoFile::TooLarge.to_string())),
            Err(error) => {
                tracing::warn!(%error, "a layout file cannot be kept");
                return Err(self.let_go(FILES_AWAY, false).into());
            }
        };
        let new = [NewFile { file: file.clone(), bytes: length, sha256 }];
        let noted =
            self.while_held(self.context.ports.store.note_files(self.work.tax, &new)).await?;
        self.store(noted)?;
        Ok(None)
    }

    /// A line for each invoice of the task; the sentence counts the files.
    pub(super) fn archived_verdict(&self, archived: &Archived) -> Verdict {
        let line = |key: &InvoiceKey| {
            let (outcome, reason) = match archived.invoices.get(key).map(String::as_str) {
                Some("") => (LineOutcome::Succeeded, ""),
                Some(problem) => (LineOutcome::Failed, problem),
                None => (LineOutcome::Refused, sentences::NO_FILE),
            };
            LedgerLine { invoice: key.clone(), outcome, reason: reason.to_owned() }
        };
        let named = self.work.message.invoices.iter();
        let lines: Vec<LedgerLine> = named.map(|invoice| line(&invoice.key)).collect();
        let done = lines.iter().filter(|line| line.outcome == LineOutcome::Succeeded).count();
        let (state, reason) = match lines.first() {
            Some(first) if done == 0 => {
                let failed = lines.iter().any(|line| line.outcome == LineOutcome::Failed);
                let state = if failed { StateName::Failed } else { StateName::Refused };
                (state, first.reason.clone())
            }
            _ => (StateName::Done, sentences::archived(archived.files, done, lines.len())),
        };
        let (pool, statistic, unknown) = (Vec::new(), None, false);
        Verdict::Final { state, reason, lines, pool, statistic, unknown }
    }
}
