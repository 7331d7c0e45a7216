//! Asking what came of a submission: by receipt, or by reading back.

use super::{Attempt, Heard, Step};
use crate::{
    ports::log::{Proof, Verdict},
    sentences,
};
use domain::{
    answer::{Answer, ReadBackAnswer, Receipt},
    ledger::LineOutcome,
    task::StateName,
    taxpayer::ChannelKind,
};
use std::time::Duration;

impl Attempt<'_> {
    /// When something was, or may have been, sent earlier: asks before anything is sent. None:
    /// nothing was, or it is proved that nothing of the due act took effect.
    pub(super) async fn hear_of_earlier(&mut self) -> Step<Option<Heard>> {
        if !self.sent {
            return Ok(None);
        }
        self.ask_unless_draining()?;
        self.be_logged_in().await?;
        self.know_period().await?;
        match self.receipt().cloned() {
            Some(receipt) => self.ask_for_result(&receipt).await.map(Some),
            None => self.read_back().await,
        }
    }

    /// The worker ends before anything was asked: left to whoever serves the lane then.
    pub(super) fn ask_unless_draining(&self) -> Step<()> {
        if self.context.draining.has_begun() {
            return Err(self.let_go(Duration::ZERO, self.receipt().is_none()).into());
        }
        Ok(())
    }

    /// Of the newest submission of the act that is due.
    fn receipt(&self) -> Option<&Receipt> {
        let mut newest_first = self.work.submissions.iter().rev();
        newest_first.find(|submission| submission.act == self.act)?.receipt.as_ref()
    }

    async fn read_back(&mut self) -> Step<Option<Heard>> {
        let call = self.call();
        let channel = self.context.ports.channel(self.work.channel);
        match self.while_held(channel.read_back(&call, &self.order)).await? {
            // Its pages are asked for by a receipt, which is lost: it is sent anew.
            ReadBackAnswer::Found(_) if self.downloads() => self.absent().await,
            ReadBackAnswer::Found(outcome) => Ok(Some(Heard::Done(outcome))),
            ReadBackAnswer::InProgress(Some(receipt)) => {
                self.prove(Proof::Receipt(receipt.clone())).await?;
                self.ask_for_result(&receipt).await.map(Some)
            }
            ReadBackAnswer::InProgress(None) => Err(self.let_go(self.poll_delay(), true).into()),
            ReadBackAnswer::Absent => self.absent().await,
            ReadBackAnswer::CannotTell { sentence } => {
                tracing::info!(task = %self.work.message.task_id, sentence, "cannot be told");
                self.be_quiet()?;
                Err(self.unknown().into())
            }
            ReadBackAnswer::NotRead(answer) => Err(match *answer {
                Answer::Faltered { .. } | Answer::Unclear { .. } | Answer::Running => {
                    self.let_go(self.poll_delay(), true).into()
                }
                answer => self.not_sent(answer).await,
            }),
        }
    }

    /// "Absent" counts when no earlier submission can still take effect: the raised fence
    /// forbids it, or the quiet time has passed. What cannot be read back is never sent again.
    async fn absent(&mut self) -> Step<Option<Heard>> {
        self.be_quiet()?;
        if !self.work.message.kind.can_be_read_back() {
            return Err(self.unknown().into());
        }
        if self.is_midway() {
            self.prove(Proof::NotBegun).await?;
        } else {
            self.prove(Proof::Absent).await?;
            self.sent = false;
        }
        Ok(None)
    }

    /// Where no fence keeps an earlier call out, nothing is concluded, and the tax number is not
    /// given to others, before that call can no longer land.
    fn be_quiet(&self) -> Step<()> {
        let now = self.context.ports.clock.now();
        let quiet = self.work.quiet_until.filter(|_| self.work.channel == ChannelKind::Leqi);
        match quiet.filter(|until| *until > now) {
            None => Ok(()),
            Some(until) => {
                let ask_after = (until - now).to_std().unwrap_or_default();
                Err(self.let_go(ask_after, true).into())
            }
        }
    }

    /// Asks with the receipt until there is an outcome. A lane that has no login is not held
    /// meanwhile: the durable poller asks on.
    pub(super) async fn ask_for_result(&mut self, receipt: &Receipt) -> Step<Heard> {
        self.sent = true;
        let channel = self.context.ports.channel(self.work.channel);
        let mut failures = 0;
        loop {
            let call = self.call();
            match self.while_held(channel.result(&call, &self.order, receipt)).await? {
                Answer::Succeeded(outcome) => {
                    self.take_pages(receipt, &outcome).await?;
                    self.take_files(receipt, &outcome).await?;
                    return Ok(Heard::Done(outcome));
                }
                Answer::Refused { code, sentence, outcome } => {
                    return Ok(Heard::Refused { code, sentence, outcome });
                }
                Answer::Running | Answer::Accepted(_) => failures = 0,
                Answer::Faltered { sentence } | Answer::Unclear { sentence } => {
                    failures += 1;
                    tracing::debug!(sentence, failures, "result not read");
                }
                answer => return Err(self.not_sent(answer).await),
            }
            self.noted().await?;
            let chance = self.context.ports.chance.unit();
            let failing =
                failures > 0 && self.context.settings.limits.read_again(failures, chance).is_none();
            let delay = self.poll_delay();
            let given_up = self.age() >= self.context.settings.limits.outcome_deadline;
            let leaves = failing || given_up || self.work.channel == ChannelKind::Leqi;
            if leaves || !self.pause(delay).await? {
                return Err(self.let_go(delay, false).into());
            }
        }
    }

    /// The longer it takes, the less often it is asked for.
    pub(super) fn poll_delay(&self) -> Duration {
        self.context.settings.limits.poll(self.age(), self.context.ports.chance.unit())
    }

    /// How long it has been asked about. Beyond the deadline it is let go of, and ended.
    fn age(&self) -> Duration {
        let now = self.context.ports.clock.now();
        let since = self.asked_since.unwrap_or(now);
        (now - since).to_std().unwrap_or_default()
    }

    /// Left to whoever serves the lane then; the tax number stays held.
    pub(super) fn let_go(&self, ask_after: Duration, unclear: bool) -> Verdict {
        Verdict::LetGo {
            ask_after,
            unclear,
            quiet_until: None,
            keep_lane: self.work.channel == ChannelKind::Etax,
            reason: String::new(),
        }
    }

    /// Nobody can tell what came of it: a person must check, and it is never sent again.
    pub(super) fn unknown(&self) -> Verdict {
        self.context.meter.unknown_outcomes.add(1, &[]);
        Verdict::Final {
            state: StateName::Failed,
            reason: sentences::OUTCOME_UNKNOWN.into(),
            lines: self.every_invoice(LineOutcome::Unknown, sentences::OUTCOME_UNKNOWN),
            pool: Vec::new(),
            statistic: self.table.clone(),
            unknown: true,
        }
    }
}
