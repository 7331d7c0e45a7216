//! One run of a rule: begin → choose → write down what is taken → make the batch → end. Each step
//! is durable before the next, and whoever takes a run over goes on at the first that is missing.

use super::{AT_ONCE, AutoError, Automatic, LEASE};
use crate::{
    batches::BatchError,
    cached_states,
    meter::label,
    ports::{
        StoreError,
        automatic::{AfterCandidate, Begun, HeldRun, KeptRule},
    },
};
use domain::{
    Moment,
    automatic::{
        AutoRule, Candidate, Cause, Choice, Choosing, Chosen, Known, Run, RunState, Work, limits,
    },
    invoice::{Entry, EntryState},
    money::Fen,
    period::{TaxPeriod, date_in_shanghai},
    statistic::StatisticState,
    tax_no::TaxNo,
    taxpayer::Taxpayer,
};
use std::collections::{BTreeMap, BTreeSet};

/// Candidates read in one go.
const PAGE: usize = 1_000;

/// What is known of the tax numbers that candidates have.
#[derive(Debug, Default)]
struct Payers {
    payers: BTreeMap<TaxNo, Taxpayer>,
    statistics: BTreeMap<TaxNo, StatisticState>,
    asked: BTreeSet<TaxNo>,
}

impl Payers {
    fn known(&self, tax_no: &TaxNo) -> Known<'_> {
        Known { taxpayer: self.payers.get(tax_no), statistic: self.statistics.get(tax_no).copied() }
    }
}

impl Automatic {
    /// Goes on with runs that somebody left, and runs every rule whose time has come. A run that
    /// cannot go on is left for later, and keeps none of the others waiting.
    ///
    /// # Errors
    /// What there is to do cannot be read.
    pub async fn run_due(&self) -> Result<(), AutoError> {
        for held in self.store().take_over_runs(LEASE, AT_ONCE).await? {
            let (rule, at) = (held.run.rule.rule_id.clone(), held.run.at);
            tracing::warn!(rule, %at, "a run was left in the middle; going on");
            self.work_or_leave(held).await;
        }
        let now = self.clock().now();
        for kept in self.store().rules().await? {
            let Some(at) = kept.rule.due(kept.ran_until, now) else { continue };
            if let Some(held) = self.begin(kept, at, now).await? {
                self.work_or_leave(held).await;
            }
        }
        Ok(())
    }

    async fn begin(
        &self,
        kept: KeptRule,
        at: Moment,
        now: Moment,
    ) -> Result<Option<HeldRun>, StoreError> {
        let run = Run::begun(kept.rule, at, Cause::Schedule, now);
        Ok(match self.store().begin_run(&run, kept.version, LEASE).await? {
            Begun::Held(held) => Some(*held),
            // Busy: it stays due until the other run has ended.
            Begun::Busy | Begun::Before | Begun::Changed => None,
        })
    }

    async fn work_or_leave(&self, held: HeldRun) {
        let (rule, at) = (held.run.rule.rule_id.clone(), held.run.at);
        if let Err(error) = self.work(held).await {
            tracing::warn!(rule, %at, %error, "a run cannot go on; it is taken over later");
        }
    }

    /// Does what is left to do of a run, unless somebody else has taken it over.
    pub(super) async fn work(&self, mut held: HeldRun) -> Result<(), AutoError> {
        if held.run.takeovers > limits::TAKEOVERS {
            let why = format!("given up: left in the middle {} times", held.run.takeovers);
            return self.end(held, |run, now| run.failed(why, now)).await;
        }
        if held.run.state == RunState::Choosing {
            let Some(chosen) = self.take(&mut held).await? else { return Ok(()) };
            if chosen.is_empty() {
                return self.end(held, Run::found_nothing).await;
            }
            if held.run.rule.work == Work::Enter {
                return self.enter(&held, &chosen).await;
            }
            if !self.store().note_choice(&held, &chosen).await? {
                return Ok(());
            }
            held.run.state = RunState::Chosen;
        }
        self.make_batch(held).await
    }

    /// What the run takes; None: it has passed on.
    async fn take(&self, held: &mut HeldRun) -> Result<Option<Vec<Chosen>>, AutoError> {
        let now = self.clock().now();
        let rule = held.run.rule.clone();
        let Some(choice) = self.choose(&rule, now, Some(held)).await? else { return Ok(None) };
        held.run.chose(&choice);
        Ok(Some(choice.chosen.into_iter().map(Chosen::from).collect()))
    }

    /// What a run of the rule would take; None: the run that is held has passed on.
    pub(super) async fn choose(
        &self,
        rule: &AutoRule,
        now: Moment,
        held: Option<&HeldRun>,
    ) -> Result<Option<Choice>, AutoError> {
        let (look, settings) = (rule.look(now), self.batches.intake.settings.rules);
        let mut choosing = Choosing::new(rule, settings, date_in_shanghai(now));
        let mut payers = Payers::default();
        let mut after = None;
        'pages: loop {
            let page = self.store().candidates(&look, after.as_ref(), PAGE).await?;
            if let Some(held) = held
                && !self.store().renew_run(held, LEASE).await?
            {
                return Ok(None);
            }
            self.learn(rule, &page, &mut payers).await?;
            after = page.last().map(AfterCandidate::of);
            let full = page.len() == PAGE;
            for candidate in page {
                let known = payers.known(&candidate.tax_no);
                if !choosing.look(candidate, &known) {
                    break 'pages;
                }
            }
            if !full {
                break;
            }
        }
        let before = match rule.work.target() {
            Some(target) => self.store().tax_tried(&rule.rule_id, target.period).await?,
            None => Fen(0),
        };
        Ok(Some(choosing.choose(before)))
    }

    /// Looks up the tax numbers of a page that are not known yet.
    async fn learn(
        &self,
        rule: &AutoRule,
        page: &[Candidate],
        known: &mut Payers,
    ) -> Result<(), StoreError> {
        let new = page.iter().map(|one| &one.tax_no).filter(|no| !known.asked.contains(*no));
        let new: BTreeSet<TaxNo> = new.cloned().collect();
        if new.is_empty() {
            return Ok(());
        }
        let payers = self.batches.payers(new.iter()).await?;
        let of_target = rule.work.target().map(|target| target.period);
        let wanted = payers.values().filter_map(|payer| {
            let period = of_target.or(payer.period)?;
            Some((payer, period))
        });
        let statistics = &*self.batches.intake.statistics;
        let states = cached_states::look_up(statistics, wanted).await;
        known.statistics.extend(states);
        known.payers.extend(payers);
        known.asked.extend(new);
        Ok(())
    }

    async fn enter(&self, held: &HeldRun, chosen: &[Chosen]) -> Result<(), AutoError> {
        let now = self.clock().now();
        let (state, period) = (EntryState::Entered, Some(TaxPeriod::containing(now)));
        let entry = Entry { state, period, at: Some(now) };
        if let Some(run) = self.store().enter(held, chosen, entry).await? {
            self.tell(&run);
        }
        Ok(())
    }

    /// The same batch however often it is made: its id, its invoices and their order stand in
    /// what the run wrote down.
    async fn make_batch(&self, held: HeldRun) -> Result<(), AutoError> {
        let chosen = self.store().chosen(&held.run.rule.rule_id, held.run.at).await?;
        let asked = held.run.batch(&chosen).filter(|_| !chosen.is_empty());
        let Some(asked) = asked else {
            let why = "what it chose is not there any more";
            return self.end(held, |run, now| run.failed(why, now)).await;
        };
        match self.batches.ask(asked).await {
            Ok(batch) => self.end(held, |run, now| run.made(batch.batch_id, now)).await,
            Err(BatchError::Store(error)) => Err(error.into()),
            Err(refused) => self.end(held, |run, now| run.failed(refused.to_string(), now)).await,
        }
    }

    async fn end(
        &self,
        held: HeldRun,
        ending: impl FnOnce(Run, Moment) -> Run,
    ) -> Result<(), AutoError> {
        let run = ending(held.run, self.clock().now());
        let held = HeldRun { run, fence: held.fence };
        if self.store().end_run(&held).await? {
            self.tell(&held.run);
        }
        Ok(())
    }

    /// Once for every run, by whoever ended it.
    fn tell(&self, run: &Run) {
        let outcome = run.outcome.map_or("", |outcome| outcome.name());
        let (rule, at, chosen) = (&run.rule.rule_id, run.at, run.chosen);
        tracing::info!(rule, %at, outcome, chosen, "a run of a rule ended: {}", run.sentence);
        let meter = &self.batches.intake.meter;
        meter.automatic_runs.add(1, &label("outcome", outcome));
        meter.automatic_chosen.add(chosen as u64, &[]);
    }
}
