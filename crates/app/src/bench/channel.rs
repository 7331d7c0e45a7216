//! A channel in this process that obliges: it accepts, and has succeeded when it is asked.

use async_trait::async_trait;
use domain::{
    answer::{Answer, Outcome, PeriodFacts, ReadBackAnswer, Receipt},
    ids::TaskId,
    invoice::{FileRef, InvoiceKey, ToldPage},
    period::TaxPeriod,
    statistic::StatisticState,
    tax_no::TaxNo,
};
use fleet::ports::channel::{Call, Channel, Order};
use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{sync::Notify, time::Instant};

/// See the module.
#[derive(Debug)]
pub(super) struct Obliging {
    period: TaxPeriod,
    switches: AtomicUsize,
    /// When the first call of each task came, while somebody wants to know.
    first_calls: Option<Mutex<HashMap<TaskId, Instant>>>,
    called: Notify,
}

impl Obliging {
    pub(super) fn new(period: TaxPeriod) -> Obliging {
        Obliging { period, switches: AtomicUsize::new(0), first_calls: None, called: Notify::new() }
    }

    /// One that notes when each task first calls.
    pub(super) fn noting_first_calls(period: TaxPeriod) -> Obliging {
        Obliging { first_calls: Some(Mutex::default()), ..Obliging::new(period) }
    }

    pub(super) fn switches(&self) -> usize {
        self.switches.load(Ordering::Relaxed)
    }

    /// Waits for the first call of a task.
    pub(super) async fn first_call(&self, task: TaskId) -> Option<Instant> {
        let calls = self.first_calls.as_ref()?;
        loop {
            let called = self.called.notified();
            if let Some(at) = calls.lock().unwrap_or_else(PoisonError::into_inner).get(&task) {
                return Some(*at);
            }
            called.await;
        }
    }

    fn note(&self, call: &Call) {
        if let Some(calls) = &self.first_calls {
            let mut calls = calls.lock().unwrap_or_else(PoisonError::into_inner);
            calls.entry(call.task).or_insert_with(Instant::now);
            self.called.notify_waiters();
        }
    }
}

#[async_trait]
impl Channel for Obliging {
    async fn log_in(&self, call: &Call) -> Answer {
        self.note(call);
        Answer::Succeeded(Outcome::default())
    }

    async fn current_tax_number(&self, call: &Call) -> Result<Option<TaxNo>, Answer> {
        self.note(call);
        Ok(None)
    }

    async fn switch(&self, call: &Call) -> Answer {
        self.note(call);
        self.switches.fetch_add(1, Ordering::Relaxed);
        Answer::Succeeded(Outcome::default())
    }

    async fn period(&self, call: &Call) -> Result<PeriodFacts, Answer> {
        self.note(call);
        Ok(PeriodFacts { period: self.period, statistic: StatisticState::NotGenerated })
    }

    async fn submit(&self, call: &Call, _: &Order) -> Answer {
        self.note(call);
        Answer::Accepted(Receipt(call.request_id()))
    }

    async fn result(&self, _: &Call, _: &Order, _: &Receipt) -> Answer {
        Answer::Succeeded(Outcome::default())
    }

    async fn read_back(&self, _: &Call, _: &Order) -> ReadBackAnswer {
        ReadBackAnswer::Found(Outcome::default())
    }

    async fn read_use(&self, _: &Call, _: &Order, _: &[InvoiceKey]) -> Answer {
        Answer::Succeeded(Outcome::default())
    }

    async fn page(&self, _: &Call, _: &Order, _: &Receipt, _: &str) -> Result<ToldPage, Answer> {
        Ok(ToldPage::default())
    }

    async fn file(&self, _: &Call, _: &Order, _: &Receipt, _: &FileRef) -> Result<Vec<u8>, Answer> {
        Err(Answer::Faltered { sentence: "没有文件".into() })
    }
}
