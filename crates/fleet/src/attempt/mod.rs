//! One attempt at a task: named steps from the rules to the outcome.
//!
//! A step either goes on or ends the attempt with a verdict. What was sent is recorded before
//! anything is concluded from it, and nothing is sent with less than a renewal left of the lease.

mod ask;
mod conclude;
mod course;
mod download;
mod follow_up;
mod layout;
mod park;
mod prepare;
mod submit;
mod uses;

use crate::{
    context::Context,
    dispatcher::Errands,
    grip::Grip,
    ports::{
        StoreError,
        channel::{Call, Order},
        log::{Evidence, NewTask, Proof, Settlement, Verdict, Work},
    },
    trace,
};
use domain::{
    Moment,
    answer::{Outcome, Receipt},
    ids::Epoch,
    invoice::TaskInvoice,
    ledger::LedgerLine,
    period::TaxPeriod,
    run::is_as_approved,
    statistic::{StatisticReading, TableNote},
    task::{Act, ActSaid, due},
};
use std::{future::Future, time::Duration};
use tokio::sync::oneshot;

/// How an attempt ends.
#[derive(Debug)]
pub(crate) enum End {
    Settle(Box<Verdict>),
    /// The keys may have passed on: whoever has them now goes on.
    Abandoned,
}

impl From<Verdict> for End {
    fn from(verdict: Verdict) -> End {
        End::Settle(Box::new(verdict))
    }
}

type Step<T> = Result<T, End>;

/// The longest call that any channel makes; each channel has its own limit below this.
const LONGEST_CALL: Duration = Duration::from_secs(120);

/// A task that this worker holds the keys of.
pub(crate) struct Attempt<'a> {
    context: &'a Context,
    errands: &'a Errands,
    work: &'a Work,
    grip: Grip,
    /// The session that is used; None for 乐企.
    epoch: Option<Epoch>,
    /// Logged in and on the tax number.
    ready: bool,
    /// Since when it is asked about.
    asked_since: Option<Moment>,
    /// Invoices that the rules leave out, with their sentence.
    left_out: Vec<LedgerLine>,
    order: Order,
    /// The acts that are over, and what the bureau said of each.
    over: Vec<(Act, ActSaid)>,
    /// The act that is due.
    act: Act,
    /// What an act of this attempt said of the statistic table.
    table: Option<TableNote>,
    /// Something may have been sent, now or earlier.
    sent: bool,
    /// The cached statistic state, when it was looked at.
    cached: Option<StatisticReading>,
    /// The tax number's current period, when the store does not know it yet.
    period: Option<TaxPeriod>,
    /// What a download brought; None until all of it is in the pool.
    brought: Option<download::Brought>,
    /// What came of the layout files, as soon as all have been asked for.
    archived: Option<layout::Archived>,
    /// What follows from its end.
    child: Option<Box<NewTask>>,
    /// Hears when the newest evidence is durable.
    unwritten: Option<oneshot::Receiver<bool>>,
    /// W3C trace context for the channel's calls: this attempt's own when it is traced.
    traceparent: Option<String>,
}

/// Runs the attempt to its end. None: it was abandoned.
pub(crate) async fn run(
    context: &Context,
    errands: &Errands,
    work: &Work,
    grip: Grip,
) -> Option<Settlement> {
    let over = course::over(work);
    let mut attempt = Attempt {
        context,
        errands,
        work,
        grip,
        epoch: work.session.map(|session| session.epoch),
        ready: false,
        asked_since: work.asked_since,
        left_out: Vec::new(),
        order: order_of(work),
        act: due(work.message.kind, is_as_approved(&work.message.parameters), &over)
            .unwrap_or(Act::Submit),
        over,
        table: None,
        cached: None,
        period: None,
        brought: None,
        archived: None,
        child: None,
        unwritten: None,
        sent: work.may_have_sent || !work.submissions.is_empty(),
        traceparent: trace::traceparent(&tracing::Span::current())
            .or_else(|| work.traceparent.clone()),
    };
    let end = match attempt.steps().await {
        Ok(Heard::Done(outcome)) => attempt.finish(outcome).await,
        Ok(Heard::Refused { sentence, outcome, .. }) => {
            attempt.refused_by_bureau(sentence, *outcome).await
        }
        Err(end) => end,
    };
    match end {
        End::Abandoned => {
            context.meter.leases_lost.add(1, &[]);
            None
        }
        End::Settle(verdict) => Some(Settlement {
            task: work.message.task_id,
            lane: work.lane,
            tax: work.tax,
            fence: work.fence,
            period: attempt.period,
            verdict: *verdict,
            child: attempt.child,
        }),
    }
}

impl Attempt<'_> {
    /// What the bureau said of the last act.
    async fn steps(&mut self) -> Step<Heard> {
        let mut heard = self.hear_of_earlier().await?;
        loop {
            let said = match heard.take() {
                Some(said) => said,
                None => self.perform().await?,
            };
            if !self.goes_on_after(&said).await? {
                return Ok(said);
            }
        }
    }

    /// The act that is due, from its beginning to what the bureau says of it.
    async fn perform(&mut self) -> Step<Heard> {
        if self.over.is_empty() {
            self.check_rules().await?;
            self.be_logged_in().await?;
            self.check_statistic_table().await?;
        } else {
            self.ask_unless_draining()?;
            self.be_logged_in().await?;
        }
        self.know_period().await?;
        self.know_password().await?;
        match self.submit().await? {
            Submitted::Receipt(receipt) => self.ask_for_result(&receipt).await,
            Submitted::Heard(heard) => Ok(heard),
        }
    }

    fn call(&self) -> Call {
        Call {
            task: self.work.message.task_id,
            act: self.act,
            fence: self.work.fence,
            tax_no: self.work.message.tax_no.clone(),
            lane: self.work.lane_key.clone(),
            traceparent: self.traceparent.clone(),
            time_limit: LONGEST_CALL,
        }
    }

    /// Waits for a call of the channel while the lease is renewed; drops it when it is not.
    async fn while_held<T>(&self, call: impl Future<Output = T>) -> Step<T> {
        let mut grip = self.grip.clone();
        if grip.left() < self.context.settings.lease / 3 {
            return Err(End::Abandoned);
        }
        tokio::select! {
            biased;
            answer = call => Ok(answer),
            () = grip.lost() => Err(End::Abandoned),
        }
    }

    /// Waits, unless the worker ends or the lease does. True: the time has passed.
    async fn pause(&self, time: Duration) -> Step<bool> {
        let mut grip = self.grip.clone();
        tokio::select! {
            biased;
            () = grip.lost() => Err(End::Abandoned),
            () = self.context.draining.begun() => Ok(false),
            () = tokio::time::sleep(time) => Ok(true),
        }
    }

    /// Has something durable written before going on. False is a stale holder's answer.
    async fn prove(&mut self, what: Proof) -> Step<()> {
        self.note(what).await;
        self.noted().await
    }

    /// Has something written, before whatever this attempt has written later.
    async fn note(&mut self, what: Proof) {
        let (task, act) = (self.work.message.task_id, self.act);
        let evidence = Evidence { task, act, fence: self.work.fence, what };
        self.unwritten = Some(self.errands.prove(self.work.lane, evidence).await);
    }

    /// Waits until what was noted is durable.
    async fn noted(&mut self) -> Step<()> {
        let Some(written) = self.unwritten.take() else { return Ok(()) };
        if written.await.unwrap_or(false) { Ok(()) } else { Err(End::Abandoned) }
    }

    /// Nothing was sent yet and the worker ends: back to its place.
    fn unless_draining(&self) -> Step<()> {
        if self.context.draining.has_begun() && !self.sent {
            return Err(Verdict::HandBack { reason: String::new() }.into());
        }
        Ok(())
    }

    /// A store that is away ends the attempt for now; the settlement waits until it is back, or
    /// the lease runs out and the rescuer, who knows what may have been sent, goes on.
    fn store<T>(&self, result: Result<T, StoreError>) -> Step<T> {
        result.map_err(|error| {
            tracing::warn!(task = %self.work.message.task_id, %error, "attempt cannot go on");
            self.context.meter.store_away.add(1, &[]);
            self.put_off_or_let_go()
        })
    }

    fn put_off_or_let_go(&self) -> End {
        let after = Duration::from_secs(5);
        if self.sent {
            self.let_go(after, false).into()
        } else {
            let reason = String::new();
            let (sent, counts_as_attempt, gate) = (false, false, None);
            Verdict::PutOff { after, reason, sent, counts_as_attempt, gate }.into()
        }
    }
}

/// What submitting brought.
enum Submitted {
    Receipt(Receipt),
    Heard(Heard),
}

/// What the bureau said of an act that is over.
enum Heard {
    Done(Outcome),
    Refused { code: String, sentence: String, outcome: Box<Outcome> },
}

/// What the pool knows about an invoice wins over what the message says.
fn order_of(work: &Work) -> Order {
    let pairs = work.message.invoices.iter().zip(&work.pool);
    let invoices = pairs.map(|(named, known)| match known {
        None => named.clone(),
        Some(facts) => TaskInvoice {
            invoice_type: facts.invoice_type,
            date: facts.date.or(named.date),
            amount: Some(facts.amount),
            tax: Some(facts.tax),
            ..named.clone()
        },
    });
    Order {
        kind: work.message.kind,
        leqi_mode: work.taxpayer.leqi_mode,
        period: work.message.period(work.taxpayer.period),
        invoices: invoices.collect(),
        parameters: work.message.parameters.clone(),
        password: None,
    }
}
