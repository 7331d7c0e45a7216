//! From one act of a task to the next.

use super::{Attempt, End, Heard, Step};
use crate::ports::log::{Proof, Verdict, Work};
use domain::{
    answer::Outcome,
    kind::{Action, ReadBack},
    rules::{self, Rule},
    run::is_as_approved,
    statistic::TableNote,
    task::{Act, ActSaid, StateName, due},
};

/// The acts that evidence says are over; of several holders' words the newest one's.
pub(super) fn over(work: &Work) -> Vec<(Act, ActSaid)> {
    let answered = |act: Act| {
        let newest_first = work.submissions.iter().rev().filter(|one| one.act == act);
        newest_first.filter_map(|one| one.answer.as_deref()).next()
    };
    let said = |act: Act| answered(act).map(|written| (act, ActSaid::read(written)));
    Act::ALL.into_iter().filter_map(said).collect()
}

impl Attempt<'_> {
    /// Whether another act follows; what was said of this one is durable before it is begun.
    pub(super) async fn goes_on_after(&mut self, heard: &Heard) -> Step<bool> {
        let (said, sentence, outcome) = match heard {
            Heard::Done(outcome) => (ActSaid::Done, "", outcome),
            Heard::Refused { code, sentence, outcome } => {
                (ActSaid::Refused { code: code.clone() }, sentence.as_str(), &**outcome)
            }
        };
        self.note_table(outcome);
        self.over.push((self.act, said.clone()));
        let message = &self.work.message;
        let as_approved = is_as_approved(&message.parameters);
        let Some(next) = due(message.kind, as_approved, &self.over) else { return Ok(false) };
        self.keep_what_it_implies(outcome).await;
        self.prove(Proof::Answer(said.written(sentence))).await?;
        tracing::info!(task = %self.work.message.task_id, act = next.name(), "another act follows");
        self.sent = true;
        self.act = next;
        Ok(true)
    }

    /// What is settled with the task's end; figures that an earlier act told stay with it.
    fn note_table(&mut self, outcome: &Outcome) {
        let Some(state) = outcome.statistic else { return };
        let earlier = self.table.take().and_then(|table| table.figures);
        self.table = Some(TableNote {
            period: self.period_of(outcome),
            state,
            figures: outcome.figures.clone().or(earlier),
            at: self.context.ports.clock.now(),
        });
    }

    /// An operation on the table is about a period, and its first date is told from it; a selection
    /// counts for the current one. The bureau is asked when neither the task nor we know it,
    /// and when the worker that sent a selection died: what it had been told died with it.
    pub(super) async fn know_period(&mut self) -> Step<()> {
        let Work { message, rescues, .. } = self.work;
        let about_table = message.kind.traits().read_back == ReadBack::StatisticState;
        let selects = message.kind.action() == Some(Action::Select);
        let forgotten = selects && self.sent && *rescues > 0;
        if (about_table || selects) && (self.order.period.is_none() || forgotten) {
            let now = self.context.ports.clock.now();
            self.ask_statistic_state(now).await?;
        }
        Ok(())
    }

    /// The stored secret that the task names, opened for the submission alone.
    pub(super) async fn know_password(&mut self) -> Step<()> {
        let message = &self.work.message;
        let named = rules::secret_of(message.kind, &message.parameters);
        let Some(name) = named.filter(|_| self.act.is_the_tasks_own()) else { return Ok(()) };
        let name = name.map_err(|refusal| self.cannot_sign(refusal))?;
        let found = self.context.ports.store.secrets(std::slice::from_ref(&name)).await;
        let sealed = self.store(found)?.pop().flatten();
        let rule = if sealed.is_some() { Rule::SecretUnreadable } else { Rule::SecretMissing };
        let opened = sealed.zip(self.context.ports.vault.as_ref());
        let opened = opened.and_then(|(sealed, vault)| vault.open(&name, &sealed));
        self.order.password =
            Some(opened.ok_or_else(|| self.cannot_sign(rule.refuses(name.as_str())))?);
        Ok(())
    }

    fn cannot_sign(&self, refusal: rules::Refusal) -> End {
        Verdict::Final {
            state: StateName::Refused,
            reason: refusal.sentence,
            lines: Vec::new(),
            pool: Vec::new(),
            statistic: self.table.clone(),
            unknown: false,
        }
        .into()
    }

    /// Whether earlier acts have taken effect.
    pub(super) fn is_midway(&self) -> bool {
        self.act != Act::Submit
    }

    /// A refusal on the way says which act was refused: what came before it stays done.
    pub(super) fn told(&self, sentence: String) -> String {
        match self.act.label() {
            Some(label) => format!("{label}未成功：{sentence}"),
            None => sentence,
        }
    }
}
