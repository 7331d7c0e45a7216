//! Rules of automatic work and their runs.

use super::{
    MemoryStore,
    book::Book,
    pool::{is_within, order},
};
use crate::ports::{
    StoreError,
    automatic::{AfterCandidate, AutomaticBook, Begun, HeldRun, KeptRule, Reset, subject},
    desk::Note,
    pool::NO_DATE,
};
use async_trait::async_trait;
use chrono::TimeDelta;
use domain::{
    Moment,
    automatic::{Candidate, Cause, Chosen, Look, Run, RunState, limits},
    ids::{Fence, TaxId},
    invoice::{Entry, EntryState, InvoiceKey},
    money::Fen,
    period::TaxPeriod,
    tax_no::TaxNo,
};
use std::{collections::BTreeMap, time::Duration};

/// A run with its holding.
#[derive(Clone, Debug)]
struct RunRow {
    run: Run,
    fence: Fence,
    lease_until: Moment,
}

/// An invoice that a rule has chosen.
#[derive(Clone, Debug)]
struct Try {
    at: Moment,
    n: usize,
    period: Option<TaxPeriod>,
    chosen: Chosen,
}

/// What is kept of automatic work.
#[derive(Clone, Debug, Default)]
pub(super) struct Automatic {
    rules: BTreeMap<String, KeptRule>,
    runs: BTreeMap<(String, Moment), RunRow>,
    tries: BTreeMap<(String, TaxNo, InvoiceKey), Try>,
}

impl Automatic {
    /// The row of a run, while it is held like this.
    fn held(&mut self, held: &HeldRun) -> Option<&mut RunRow> {
        let key = (held.run.rule.rule_id.clone(), held.run.at);
        let row = self.runs.get_mut(&key)?;
        (row.fence == held.fence && row.run.state != RunState::Ended).then_some(row)
    }

    fn is_open(&self, rule_id: &str) -> bool {
        self.runs.iter().any(|(key, row)| key.0 == rule_id && row.run.state != RunState::Ended)
    }

    fn note_tries(&mut self, run: &Run, chosen: &[Chosen]) {
        let period = run.rule.work.target().map(|target| target.period);
        for (n, one) in chosen.iter().enumerate() {
            let key = (run.rule.rule_id.clone(), one.tax_no.clone(), one.key.clone());
            let new = Try { at: run.at, n, period, chosen: one.clone() };
            self.tries.entry(key).or_insert(new);
        }
    }

    /// Only so many of a rule are kept.
    fn trim(&mut self, rule_id: &str) {
        let of_rule = |key: &&(String, Moment)| key.0 == rule_id;
        let old: Vec<_> =
            self.runs.keys().filter(of_rule).rev().skip(limits::HISTORY - 1).cloned().collect();
        for key in old {
            if self.runs[&key].run.state == RunState::Ended {
                self.runs.remove(&key);
            }
        }
    }
}

fn until(now: Moment, lease: Duration) -> Moment {
    now + TimeDelta::from_std(lease).unwrap_or(TimeDelta::MAX)
}

fn any<T: PartialEq>(wanted: &[T], found: &T) -> bool {
    wanted.is_empty() || wanted.contains(found)
}

impl Book {
    fn put_rule(&mut self, rule: &KeptRule, note: &Note) -> Option<u32> {
        let id = &rule.rule.rule_id;
        let known = self.automatic.rules.get(id);
        if known.map_or(0, |known| known.version) != rule.version {
            return None;
        }
        if known.is_none() && self.automatic.rules.len() >= limits::RULES {
            return None;
        }
        let ran_until = known.map_or(rule.ran_until, |known| known.ran_until.max(rule.ran_until));
        let kept = KeptRule { version: rule.version + 1, ran_until, rule: rule.rule.clone() };
        self.automatic.rules.insert(id.clone(), kept);
        self.write_audit("automatic_put", subject(id), note);
        Some(rule.version + 1)
    }

    fn begin_run(&mut self, run: &Run, version: u32, lease: Duration) -> Begun {
        let (id, at, now) = (run.rule.rule_id.clone(), run.at, self.now());
        let automatic = &mut self.automatic;
        let is_open = automatic.is_open(&id);
        let Some(kept) = automatic.rules.get_mut(&id).filter(|kept| kept.version == version) else {
            return Begun::Changed;
        };
        let scheduled = run.cause == Cause::Schedule;
        if scheduled && kept.ran_until >= at {
            return Begun::Before;
        }
        let ran = automatic.runs.contains_key(&(id.clone(), at));
        if is_open && !ran {
            return Begun::Busy;
        }
        if scheduled {
            kept.ran_until = at;
        }
        if ran {
            return Begun::Before;
        }
        let fence = Fence(1);
        let row = RunRow { run: run.clone(), fence, lease_until: until(now, lease) };
        automatic.trim(&id);
        automatic.runs.insert((id, at), row);
        Begun::Held(Box::new(HeldRun { run: run.clone(), fence }))
    }

    fn take_over_runs(&mut self, lease: Duration, limit: usize) -> Vec<HeldRun> {
        let now = self.now();
        let left = |row: &&mut RunRow| row.run.state != RunState::Ended && row.lease_until < now;
        let left = self.automatic.runs.values_mut().filter(left).take(limit);
        let held = left.map(|row| {
            row.fence = Fence(row.fence.0 + 1);
            row.lease_until = until(now, lease);
            row.run.takeovers += 1;
            HeldRun { run: row.run.clone(), fence: row.fence }
        });
        held.collect()
    }

    /// The invoice as a candidate, if it matches.
    fn candidate(&self, look: &Look, of: &(TaxId, InvoiceKey)) -> Option<Candidate> {
        let invoice = self.whole_invoice(of)?;
        let stands = self.pool.get(of)?.selection;
        let when = &look.when;
        let held = (!when.organisations.is_empty()).then_some(&*when.organisations);
        if !is_within(&invoice, held) {
            return None;
        }
        let (facts, details) = (invoice.facts, invoice.details);
        let date = facts.date.unwrap_or(NO_DATE);
        let matches = any(&when.tax_nos, &invoice.buyer_tax_no)
            && any(&when.tax_orgs, &invoice.tax_org)
            && any(&when.accounting_orgs, &invoice.accounting_org)
            && any(&when.sources, &details.source)
            && any(&when.document_types, &details.document_type)
            && any(&when.types, &facts.invoice_type)
            && any(&look.selections, &stands)
            && look.entry.is_none_or(|entry| entry == details.entry_state)
            && when.deductible.is_none_or(|deductible| deductible == details.deductible)
            && look.from.is_none_or(|from| date >= from)
            && look.to.is_none_or(|to| date <= to)
            && when.amount_from.is_none_or(|from| facts.amount >= from)
            && when.amount_to.is_none_or(|to| facts.amount <= to);
        let tried = (look.rule_id.clone(), invoice.buyer_tax_no.clone(), of.1.clone());
        matches.then(|| Candidate {
            tax_no: invoice.buyer_tax_no,
            invoice: facts,
            collected_at: details.collected_at,
            purpose: details.purpose,
            tried: self.automatic.tries.contains_key(&tried),
        })
    }

    fn candidates(
        &self,
        look: &Look,
        after: Option<&AfterCandidate>,
        limit: usize,
    ) -> Vec<Candidate> {
        let after = after.map(|after| {
            let tax = self.tax_ids.get(&after.tax_no).copied().unwrap_or(TaxId(0));
            order(Some(after.date), after.key.clone(), tax)
        });
        let found = self.pool.keys().filter_map(|of| {
            let candidate = self.candidate(look, of)?;
            let place = order(candidate.invoice.date, of.1.clone(), of.0);
            after.as_ref().is_none_or(|after| place > *after).then_some((place, candidate))
        });
        let mut found: Vec<_> = found.collect();
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        found.into_iter().take(limit).map(|(_, candidate)| candidate).collect()
    }

    fn enter(&mut self, held: &HeldRun, chosen: &[Chosen], entry: Entry) -> Option<Run> {
        let now = entry.at.unwrap_or(held.run.started_at);
        self.automatic.held(held).filter(|row| row.run.state == RunState::Choosing)?;
        let mut entered = 0;
        for one in chosen {
            let Some(tax) = self.tax_ids.get(&one.tax_no).copied() else { continue };
            let of = (tax, one.key.clone());
            let Some(mut facts) = self.pool.get(&of).cloned() else { continue };
            let rest = self.pool_rest.entry(of.clone()).or_default();
            let mut standing = rest.standing(&facts);
            if standing.entry.state == EntryState::NotEntered {
                standing.entry = entry;
                rest.stand(&mut facts, standing);
                entered += 1;
            }
        }
        let ended = held.run.clone().entered(entered, now);
        self.automatic.note_tries(&held.run, chosen);
        if let Some(row) = self.automatic.held(held) {
            row.run = ended.clone();
        }
        Some(ended)
    }

    fn reset_tries(&mut self, rule_id: &str, which: &Reset, note: &Note) -> u64 {
        let open = self
            .automatic
            .runs
            .values()
            .find(|row| row.run.rule.rule_id == rule_id && row.run.state != RunState::Ended);
        let open = open.map(|row| row.run.at);
        let before = self.automatic.tries.len();
        self.automatic.tries.retain(|(rule, tax_no, key), tried| {
            let meant = match which {
                Reset::All => true,
                Reset::Run(at) => tried.at == *at,
                Reset::Invoice { tax_no: of, key: one } => of == tax_no && one == key,
            };
            !(rule == rule_id && meant && Some(tried.at) != open)
        });
        self.write_audit("automatic_reset", subject(rule_id), note);
        (before - self.automatic.tries.len()) as u64
    }
}

#[async_trait]
impl AutomaticBook for MemoryStore {
    async fn put_rule(&self, rule: &KeptRule, note: &Note) -> Result<Option<u32>, StoreError> {
        Ok(self.open().put_rule(rule, note))
    }

    async fn rule(&self, rule_id: &str) -> Result<Option<KeptRule>, StoreError> {
        Ok(self.open().automatic.rules.get(rule_id).cloned())
    }

    async fn rules(&self) -> Result<Vec<KeptRule>, StoreError> {
        Ok(self.open().automatic.rules.values().cloned().collect())
    }

    async fn remove_rule(
        &self,
        rule_id: &str,
        version: u32,
        note: &Note,
    ) -> Result<bool, StoreError> {
        let mut book = self.open();
        if book.automatic.rules.get(rule_id).is_none_or(|kept| kept.version != version) {
            return Ok(false);
        }
        book.automatic.rules.remove(rule_id);
        book.write_audit("automatic_remove", subject(rule_id), note);
        Ok(true)
    }

    async fn begin_run(
        &self,
        run: &Run,
        version: u32,
        lease: Duration,
    ) -> Result<Begun, StoreError> {
        Ok(self.open().begin_run(run, version, lease))
    }

    async fn take_over_runs(
        &self,
        lease: Duration,
        limit: usize,
    ) -> Result<Vec<HeldRun>, StoreError> {
        Ok(self.open().take_over_runs(lease, limit))
    }

    async fn renew_run(&self, held: &HeldRun, lease: Duration) -> Result<bool, StoreError> {
        let mut book = self.open();
        let now = book.now();
        let row = book.automatic.held(held);
        Ok(row.map(|row| row.lease_until = until(now, lease)).is_some())
    }

    async fn candidates(
        &self,
        look: &Look,
        after: Option<&AfterCandidate>,
        limit: usize,
    ) -> Result<Vec<Candidate>, StoreError> {
        Ok(self.open().candidates(look, after, limit))
    }

    async fn tax_tried(&self, rule_id: &str, period: TaxPeriod) -> Result<Fen, StoreError> {
        let book = self.open();
        let tries = book.automatic.tries.iter();
        let of = tries.filter(|(key, tried)| key.0 == rule_id && tried.period == Some(period));
        Ok(Fen(of.map(|(_, tried)| tried.chosen.tax.0).sum()))
    }

    async fn note_choice(&self, held: &HeldRun, chosen: &[Chosen]) -> Result<bool, StoreError> {
        let mut book = self.open();
        let row = book.automatic.held(held).filter(|row| row.run.state == RunState::Choosing);
        let Some(row) = row else { return Ok(false) };
        row.run = Run { state: RunState::Chosen, ..held.run.clone() };
        book.automatic.note_tries(&held.run, chosen);
        Ok(true)
    }

    async fn chosen(&self, rule_id: &str, at: Moment) -> Result<Vec<Chosen>, StoreError> {
        let book = self.open();
        let tries = book.automatic.tries.iter();
        let of = tries.filter(|(key, tried)| key.0 == rule_id && tried.at == at);
        let mut of: Vec<&Try> = of.map(|(_, tried)| tried).collect();
        of.sort_by_key(|tried| tried.n);
        Ok(of.into_iter().map(|tried| tried.chosen.clone()).collect())
    }

    async fn enter(
        &self,
        held: &HeldRun,
        chosen: &[Chosen],
        entry: Entry,
    ) -> Result<Option<Run>, StoreError> {
        Ok(self.open().enter(held, chosen, entry))
    }

    async fn end_run(&self, held: &HeldRun) -> Result<bool, StoreError> {
        let mut book = self.open();
        let row = book.automatic.held(held);
        Ok(row.map(|row| row.run = held.run.clone()).is_some())
    }

    async fn rule_runs(
        &self,
        rule_id: &str,
        before: Option<Moment>,
        limit: usize,
    ) -> Result<Vec<Run>, StoreError> {
        let book = self.open();
        let of =
            book.automatic.runs.iter().rev().filter(|((rule, at), _)| {
                rule == rule_id && before.is_none_or(|before| *at < before)
            });
        Ok(of.take(limit).map(|(_, row)| row.run.clone()).collect())
    }

    async fn reset_tries(
        &self,
        rule_id: &str,
        which: &Reset,
        note: &Note,
    ) -> Result<u64, StoreError> {
        Ok(self.open().reset_tries(rule_id, which, note))
    }
}
