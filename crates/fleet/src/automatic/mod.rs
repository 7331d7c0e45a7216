//! What people do with rules of automatic work: write, look, try, run, and forget what was tried.
//!
//! [`Automatic::run_due`] is what a worker calls; `running` is one run, step by step.

mod running;

use crate::{
    batches::Batches,
    ports::{
        Store, StoreError,
        automatic::{Begun, KeptRule, Reset},
        clock::Clock,
        desk::Note,
    },
};
use domain::{
    Moment,
    automatic::{AutoRule, Cause, Choice, Run, limits},
};
use std::time::Duration;

/// How often a change is tried again that somebody else's came before.
const TRIES: usize = 5;
/// How long a run is held without renewal.
const LEASE: Duration = Duration::from_secs(120);
/// Runs taken over in one go.
const AT_ONCE: usize = 10;

/// The desk of automatic work.
#[derive(Debug, Clone)]
pub struct Automatic {
    pub batches: Batches,
}

/// Why something was not done with a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AutoError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("there is no rule {0}; the list of rules shows those that there are")]
    NoSuchRule(String),
    #[error(
        "version: rule {rule_id} stands at version {version}, and would be written over; look at \
         it, and say version {version} with your change"
    )]
    Stale { rule_id: String, version: u32 },
    #[error("there are {most} rules already; remove one first", most = limits::RULES)]
    TooMany,
    #[error("a run of rule {0} has not ended; try again when it has")]
    Busy(String),
    #[error("somebody else is changing rule {0} all the time; try again")]
    Contended(String),
}

impl Automatic {
    fn store(&self) -> &dyn Store {
        &*self.batches.store
    }

    fn clock(&self) -> &dyn Clock {
        &*self.batches.desk.clock
    }

    pub async fn rules(&self) -> Result<Vec<KeptRule>, AutoError> {
        Ok(self.store().rules().await?)
    }

    /// The rule with this id.
    pub async fn found(&self, rule_id: &str) -> Result<KeptRule, AutoError> {
        let found = self.store().rule(rule_id).await?;
        found.ok_or_else(|| AutoError::NoSuchRule(rule_id.to_owned()))
    }

    /// Keeps a rule; `version` is the one that it is written over, None for a new one. What stands
    /// there already is not written again.
    pub async fn put(
        &self,
        rule: AutoRule,
        version: Option<u32>,
        note: &Note,
    ) -> Result<KeptRule, AutoError> {
        let id = rule.rule_id.clone();
        let known = self.store().rule(&id).await?;
        match &known {
            Some(known) if known.rule == rule => return Ok(known.clone()),
            Some(known) if version != Some(known.version) => {
                return Err(AutoError::Stale { rule_id: id, version: known.version });
            }
            None if version.unwrap_or(0) != 0 => return Err(AutoError::NoSuchRule(id)),
            _ => {}
        }
        if !self.write(known.as_ref(), rule, note).await? {
            let known = self.store().rule(&id).await?.ok_or(AutoError::TooMany)?;
            return Err(AutoError::Stale { rule_id: id, version: known.version });
        }
        self.found(&id).await
    }

    async fn write(
        &self,
        known: Option<&KeptRule>,
        rule: AutoRule,
        note: &Note,
    ) -> Result<bool, StoreError> {
        let now = self.clock().now();
        let ran_until = match known {
            Some(known) if !rule.begins_anew(&known.rule) => known.ran_until,
            _ => now,
        };
        let version = known.map_or(0, |known| known.version);
        let put = self.store().put_rule(&KeptRule { rule, version, ran_until }, note).await?;
        Ok(put.is_some())
    }

    /// Lets a rule run by its schedule, or not.
    pub async fn enable(
        &self,
        rule_id: &str,
        enabled: bool,
        note: &Note,
    ) -> Result<KeptRule, AutoError> {
        for _ in 0..TRIES {
            let known = self.found(rule_id).await?;
            if known.rule.enabled == enabled {
                return Ok(known);
            }
            let rule = AutoRule { enabled, ..known.rule.clone() };
            if self.write(Some(&known), rule, note).await? {
                return self.found(rule_id).await;
            }
        }
        Err(AutoError::Contended(rule_id.to_owned()))
    }

    pub async fn remove(&self, rule_id: &str, note: &Note) -> Result<(), AutoError> {
        for _ in 0..TRIES {
            let known = self.found(rule_id).await?;
            if self.store().remove_rule(rule_id, known.version, note).await? {
                return Ok(());
            }
        }
        Err(AutoError::Contended(rule_id.to_owned()))
    }

    /// What a run of the rule would choose now. Nothing is done.
    pub async fn dry_run(&self, rule: &AutoRule) -> Result<Choice, AutoError> {
        Ok(self.choose(rule, self.clock().now(), None).await?.unwrap_or_default())
    }

    /// Runs a rule now, whether it is enabled or not. Asked for twice within one second it is one
    /// run.
    pub async fn run_now(&self, rule_id: &str, note: &Note) -> Result<Run, AutoError> {
        for _ in 0..TRIES {
            let kept = self.found(rule_id).await?;
            let cause = Cause::Person { by: note.by.clone(), reason: note.reason.clone() };
            let now = self.clock().now();
            let run = Run::begun(kept.rule, now, cause, now);
            let at = run.at;
            match self.store().begin_run(&run, kept.version, LEASE).await? {
                Begun::Held(held) => {
                    self.work(*held).await?;
                    return self.run(rule_id, at).await;
                }
                Begun::Before => return self.run(rule_id, at).await,
                Begun::Busy => return Err(AutoError::Busy(rule_id.to_owned())),
                Begun::Changed => {}
            }
        }
        Err(AutoError::Contended(rule_id.to_owned()))
    }

    async fn run(&self, rule_id: &str, at: Moment) -> Result<Run, AutoError> {
        let after = at + chrono::TimeDelta::seconds(1);
        let runs = self.store().rule_runs(rule_id, Some(after), 1).await?;
        let gone = || StoreError::Broken(format!("the run of rule {rule_id} for {at} is gone"));
        Ok(runs.into_iter().find(|run| run.at == at).ok_or_else(gone)?)
    }

    /// Lets a rule choose again what it has tried; how many invoices.
    pub async fn reset(&self, rule_id: &str, which: &Reset, note: &Note) -> Result<u64, AutoError> {
        self.found(rule_id).await?;
        Ok(self.store().reset_tries(rule_id, which, note).await?)
    }
}

#[cfg(test)]
mod tests;
