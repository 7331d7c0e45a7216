//! Automatic work as one worker reaches it.

use crate::{life::Weight, store_port::StorePort};
use async_trait::async_trait;
use domain::{
    Moment,
    automatic::{Candidate, Chosen, Look, Run},
    invoice::Entry,
    money::Fen,
    period::TaxPeriod,
};
use fleet::ports::{
    StoreError,
    automatic::{AfterCandidate, AutomaticBook, Begun, HeldRun, KeptRule, Reset},
    desk::Note,
};
use std::time::Duration;

/// What is told of an operation that writes.
fn said<T>(_: &T) -> Option<String> {
    Some(String::new())
}

#[async_trait]
impl AutomaticBook for StorePort {
    async fn put_rule(&self, rule: &KeptRule, note: &Note) -> Result<Option<u32>, StoreError> {
        self.pass("put_rule", Weight::Loud, self.store().put_rule(rule, note), said).await
    }

    async fn rule(&self, rule_id: &str) -> Result<Option<KeptRule>, StoreError> {
        self.pass("rule", Weight::Quiet, self.store().rule(rule_id), |_| None).await
    }

    async fn rules(&self) -> Result<Vec<KeptRule>, StoreError> {
        self.pass("rules", Weight::Quiet, self.store().rules(), |_| None).await
    }

    async fn remove_rule(
        &self,
        rule_id: &str,
        version: u32,
        note: &Note,
    ) -> Result<bool, StoreError> {
        let effect = self.store().remove_rule(rule_id, version, note);
        self.pass("remove_rule", Weight::Loud, effect, said).await
    }

    async fn begin_run(
        &self,
        run: &Run,
        version: u32,
        lease: Duration,
    ) -> Result<Begun, StoreError> {
        let effect = self.store().begin_run(run, version, lease);
        self.pass("begin_run", Weight::Loud, effect, said).await
    }

    async fn take_over_runs(
        &self,
        lease: Duration,
        limit: usize,
    ) -> Result<Vec<HeldRun>, StoreError> {
        let effect = self.store().take_over_runs(lease, limit);
        self.pass("take_over_runs", Weight::Quiet, effect, |_| None).await
    }

    async fn renew_run(&self, held: &HeldRun, lease: Duration) -> Result<bool, StoreError> {
        self.pass("renew_run", Weight::Loud, self.store().renew_run(held, lease), said).await
    }

    async fn candidates(
        &self,
        look: &Look,
        after: Option<&AfterCandidate>,
        limit: usize,
    ) -> Result<Vec<Candidate>, StoreError> {
        let effect = self.store().candidates(look, after, limit);
        self.pass("candidates", Weight::Quiet, effect, |_| None).await
    }

    async fn tax_tried(&self, rule_id: &str, period: TaxPeriod) -> Result<Fen, StoreError> {
        let effect = self.store().tax_tried(rule_id, period);
        self.pass("tax_tried", Weight::Quiet, effect, |_| None).await
    }

    async fn note_choice(&self, held: &HeldRun, chosen: &[Chosen]) -> Result<bool, StoreError> {
        let effect = self.store().note_choice(held, chosen);
        self.pass("note_choice", Weight::Loud, effect, said).await
    }

    async fn chosen(&self, rule_id: &str, at: Moment) -> Result<Vec<Chosen>, StoreError> {
        self.pass("chosen", Weight::Quiet, self.store().chosen(rule_id, at), |_| None).await
    }

    async fn enter(
        &self,
        held: &HeldRun,
        chosen: &[Chosen],
        entry: Entry,
    ) -> Result<Option<Run>, StoreError> {
        self.pass("enter", Weight::Loud, self.store().enter(held, chosen, entry), said).await
    }

    async fn end_run(&self, held: &HeldRun) -> Result<bool, StoreError> {
        self.pass("end_run", Weight::Loud, self.store().end_run(held), said).await
    }

    async fn rule_runs(
        &self,
        rule_id: &str,
        before: Option<Moment>,
        limit: usize,
    ) -> Result<Vec<Run>, StoreError> {
        let effect = self.store().rule_runs(rule_id, before, limit);
        self.pass("rule_runs", Weight::Quiet, effect, |_| None).await
    }

    async fn reset_tries(
        &self,
        rule_id: &str,
        which: &Reset,
        note: &Note,
    ) -> Result<u64, StoreError> {
        let effect = self.store().reset_tries(rule_id, which, note);
        self.pass("reset_tries", Weight::Loud, effect, said).await
    }
}
