//! The step that acts at the bureau.

use super::{Attempt, End, Heard, Step, Submitted};
use crate::{
    ports::log::{Proof, Verdict},
    sentences,
};
use domain::{
    answer::Answer,
    ledger::{LedgerLine, LineOutcome},
    task::StateName,
    taxpayer::ChannelKind,
};
use std::time::Duration;

impl Attempt<'_> {
    pub(super) async fn submit(&mut self) -> Step<Submitted> {
        self.unless_draining()?;
        let kind = self.work.message.kind;
        let intent = !kind.can_be_read_back();
        if intent {
            self.prove(Proof::Sending).await?;
        }
        let call = self.call();
        let channel = self.context.ports.channel(self.work.channel);
        let answer = self.while_held(channel.submit(&call, &self.order)).await?;
        match answer {
            Answer::Accepted(receipt) => {
                self.sent = true;
                self.asked_since = Some(self.context.ports.clock.now());
                // The bureau is asked while this is written: a holder that dies before then has
                // not got further than one that dies right after the answer.
                self.note(Proof::Receipt(receipt.clone())).await;
                Ok(Submitted::Receipt(receipt))
            }
            Answer::Succeeded(_) if self.downloads() => {
                let sentence = sentences::NO_RECEIPT.to_owned();
                Err(self.not_accepted(Answer::Faltered { sentence }).await)
            }
            Answer::Succeeded(outcome) => Ok(Submitted::Heard(Heard::Done(outcome))),
            Answer::Refused { code, sentence, outcome } => {
                Ok(Submitted::Heard(Heard::Refused { code, sentence, outcome }))
            }
            Answer::Unclear { sentence } if kind.acts_at_bureau() => {
                Err(self.lost_track(sentence).await?)
            }
            Answer::Running => Err(self.lost_track(String::new()).await?),
            not_sent => {
                if intent {
                    // The bureau itself says that nothing happened: the intent is void.
                    self.prove(Proof::Absent).await?;
                }
                if matches!(not_sent, Answer::Faltered { .. }) {
                    self.doubt_number().await?;
                }
                Err(self.not_accepted(not_sent).await)
            }
        }
    }

    /// Nobody knows whether the call took effect. Asked by a holder with a higher fence: only
    /// then "absent" can be believed.
    async fn lost_track(&mut self, sentence: String) -> Step<End> {
        self.sent = true;
        let quiet = match self.work.channel {
            ChannelKind::Etax => Duration::ZERO,
            ChannelKind::Leqi => self.context.settings.leqi_quiet,
        };
        let quiet_until = self.context.ports.clock.now() + quiet;
        self.prove(Proof::Lost { quiet_until }).await?;
        Ok(Verdict::LetGo {
            ask_after: Duration::ZERO,
            unclear: true,
            quiet_until: Some(quiet_until),
            keep_lane: self.work.channel == ChannelKind::Etax,
            reason: sentence,
        }
        .into())
    }

    pub(super) async fn not_accepted(&self, answer: Answer) -> End {
        let (Answer::Faltered { sentence } | Answer::Unclear { sentence }) = answer else {
            return self.not_sent(answer).await;
        };
        let chance = self.context.ports.chance.unit();
        let attempts = self.work.attempts + 1;
        match self.context.settings.limits.submit_again(attempts, chance) {
            Some(after) => Verdict::PutOff {
                after,
                reason: sentence,
                sent: self.is_midway(),
                counts_as_attempt: true,
                gate: None,
            },
            None => Verdict::Final {
                state: StateName::Failed,
                lines: self.every_invoice(LineOutcome::Failed, &sentence),
                reason: self.told(sentence),
                pool: Vec::new(),
                statistic: self.table.clone(),
                unknown: false,
            },
        }
        .into()
    }

    /// A line for every invoice of the task, the same for all.
    pub(super) fn every_invoice(&self, outcome: LineOutcome, reason: &str) -> Vec<LedgerLine> {
        let line = |key: &domain::invoice::InvoiceKey| LedgerLine {
            invoice: key.clone(),
            outcome,
            reason: reason.to_owned(),
        };
        self.work.message.invoices.iter().map(|invoice| line(&invoice.key)).collect()
    }
}
