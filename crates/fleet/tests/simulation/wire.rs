//! The way from a worker to the bureau: requests and answers get lost, come late, or hang.

use crate::{life::Life, sim::Sim};
use async_trait::async_trait;
use domain::{
    Moment,
    answer::{Answer, PeriodFacts, ReadBackAnswer, Receipt},
    invoice::{FileRef, InvoiceKey, ToldPage},
    tax_no::TaxNo,
};
use fleet::ports::{
    channel::{Call, Channel, Order},
    clock::Clock,
};
use std::{sync::Arc, time::Duration};
use tokio::sync::oneshot;

use crate::bureau::Bureau;

/// Both channels of one worker.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    pub(crate) sim: Arc<Sim>,
    pub(crate) life: Arc<Life>,
}

/// What happens to one request on its way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    Normal,
    CrashBefore,
    CrashAfter,
    LostRequest,
    LostAnswer,
    LateArrival,
}

impl Wire {
    fn way(&self, acts: bool) -> Way {
        let rates = self.sim.rates();
        let strikes = |rate: u32| self.sim.dice.once_in(rate);
        if strikes(rates.crash_before / 6) {
            Way::CrashBefore
        } else if strikes(rates.crash_after / 6) {
            Way::CrashAfter
        } else if strikes(rates.lost_request / 2) {
            Way::LostRequest
        } else if strikes(rates.lost_answer / 2) {
            Way::LostAnswer
        } else if acts && strikes(rates.late_arrival) {
            Way::LateArrival
        } else {
            Way::Normal
        }
    }

    /// One request. It is on its way on its own: a worker that dies does not call it back.
    async fn request<T: Send + 'static>(
        &self,
        op: &'static str,
        call: &Call,
        acts: bool,
        lost: T,
        say: fn(&T) -> String,
        handle: impl FnOnce(&mut Bureau, &Call, Moment) -> T + Send + 'static,
    ) -> T {
        let (sim, life) = (self.sim.clone(), self.life.clone());
        life.gate().await;
        let way = self.way(acts);
        if way == Way::CrashBefore {
            life.die(&sim, "crash_before", op).await;
        }
        let timeout = sim.dice.millis(200..4_000);
        if way == Way::LostRequest {
            sim.strike("lost_request", format_args!("{} {op}", life.name));
            tokio::time::sleep(timeout).await;
            life.gate().await;
            return lost;
        }
        let mut arrives = sim.dice.millis(1..20);
        if way == Way::LateArrival {
            sim.strike("late_arrival", format_args!("{} {op}", life.name));
            arrives = sim.dice.millis(4_000..55_000);
        } else if sim.dice.once_in(sim.rates().stall / 4) {
            // Stopped in the middle of the call, which goes on when the process does.
            arrives = sim.dice.millis(3_000..35_000);
            sim.strike("stall", format_args!("{} in {op} for {arrives:?}", life.name));
            life.stall(arrives);
        }
        let (answer_to, answered) = oneshot::channel();
        let trip = Trip { wire: self.clone(), op, way, arrives, call: call.clone() };
        tokio::spawn(trip.go(say, handle, answer_to));
        if matches!(way, Way::LateArrival | Way::LostAnswer) {
            if way == Way::LostAnswer {
                sim.strike("lost_answer", format_args!("{} {op}", life.name));
            }
            tokio::time::sleep(timeout).await;
            life.gate().await;
            return lost;
        }
        let answer = answered.await.unwrap_or(lost);
        life.gate().await;
        answer
    }
}

/// A request under way.
struct Trip {
    wire: Wire,
    op: &'static str,
    way: Way,
    arrives: Duration,
    call: Call,
}

impl Trip {
    async fn go<T: Send>(
        self,
        say: fn(&T) -> String,
        handle: impl FnOnce(&mut Bureau, &Call, Moment) -> T + Send,
        answer_to: oneshot::Sender<T>,
    ) {
        let Wire { sim, life } = self.wire;
        tokio::time::sleep(self.arrives).await;
        let answer = handle(&mut sim.bureau(), &self.call, sim.clock.now());
        let said = say(&answer);
        let Call { task, fence, tax_no, .. } = &self.call;
        let op = self.op;
        sim.step(format_args!("{} {op} {task} f{fence} {tax_no} -> {said}", life.name));
        if self.way == Way::CrashAfter && !life.is_dead() {
            sim.strike("crash_after", format_args!("{} in {op}", life.name));
            life.crash();
        }
        tokio::time::sleep(sim.dice.millis(1..20)).await;
        // Nobody may wait for it any more.
        let _ = answer_to.send(answer);
    }
}

fn brief(answer: &Answer) -> String {
    match answer {
        Answer::Accepted(receipt) => format!("accepted {}", receipt.0),
        Answer::Succeeded(_) => "succeeded".into(),
        Answer::Refused { code, .. } => format!("refused {code}"),
        Answer::Faltered { .. } => "faltered".into(),
        Answer::LoggedOut { .. } => "logged out".into(),
        Answer::Throttled { .. } => "throttled".into(),
        Answer::Unclear { .. } => "unclear".into(),
        Answer::Running => "running".into(),
        Answer::Stale => "stale".into(),
    }
}

fn unclear() -> Answer {
    Answer::Unclear { sentence: "税局未响应".into() }
}

fn not_read() -> Answer {
    Answer::Faltered { sentence: "税局未响应".into() }
}

fn brief_result<T: std::fmt::Debug>(result: &Result<T, Answer>) -> String {
    match result {
        Ok(value) => format!("{value:?}"),
        Err(answer) => brief(answer),
    }
}

fn brief_read_back(answer: &ReadBackAnswer) -> String {
    match answer {
        ReadBackAnswer::Found(_) => "found".into(),
        ReadBackAnswer::InProgress(receipt) => format!("in progress {receipt:?}"),
        ReadBackAnswer::Absent => "absent".into(),
        ReadBackAnswer::CannotTell { .. } => "cannot tell".into(),
        ReadBackAnswer::NotRead(answer) => format!("not read: {}", brief(answer)),
    }
}

#[async_trait]
impl Channel for Wire {
    async fn log_in(&self, call: &Call) -> Answer {
        self.request("log_in", call, false, not_read(), brief, |bureau, call, _| {
            bureau.log_in(call)
        })
        .await
    }

    async fn current_tax_number(&self, call: &Call) -> Result<Option<TaxNo>, Answer> {
        let lost = Err(not_read());
        self.request("current", call, false, lost, brief_result, |bureau, call, _| {
            bureau.current(call)
        })
        .await
    }

    async fn switch(&self, call: &Call) -> Answer {
        self.request("switch", call, true, unclear(), brief, Bureau::switch).await
    }

    async fn period(&self, call: &Call) -> Result<PeriodFacts, Answer> {
        let lost = Err(not_read());
        self.request("period", call, false, lost, brief_result, |bureau, call, _| {
            bureau.period(call)
        })
        .await
    }

    async fn submit(&self, call: &Call, order: &Order) -> Answer {
        self.life.gate().await;
        let (task, kind) = (call.task, order.kind);
        let acts = kind.acts_at_bureau();
        let late = acts && self.sim.dice.once_in(self.sim.rates().late_effect);
        let works = if late {
            self.sim.strike("late_effect", format_args!("{} {task}", self.life.name));
            self.sim.dice.millis(5_000..18_000)
        } else {
            self.sim.dice.millis(100..3_000)
        };
        if let Some(violation) = self.sim.watch().sends(task, kind) {
            self.sim.violated(violation);
        }
        let order = order.clone();
        let lost = if acts { unclear() } else { not_read() };
        let answer = self
            .request("submit", call, acts, lost, brief, move |bureau, call, now| {
                bureau.submit(call, &order, now, works)
            })
            .await;
        self.sim.watch().answered(task, &answer);
        if late && matches!(answer, Answer::Accepted(_)) {
            return unclear();
        }
        answer
    }

    async fn result(&self, call: &Call, _order: &Order, receipt: &Receipt) -> Answer {
        let receipt = receipt.clone();
        self.request("result", call, false, not_read(), brief, move |bureau, call, now| {
            bureau.result(call, &receipt, now)
        })
        .await
    }

    async fn read_back(&self, call: &Call, order: &Order) -> ReadBackAnswer {
        let order = order.clone();
        let lost = ReadBackAnswer::NotRead(Box::new(not_read()));
        self.request("read_back", call, false, lost, brief_read_back, move |bureau, call, now| {
            bureau.read_back(call, &order, now)
        })
        .await
    }

    async fn read_use(&self, call: &Call, order: &Order, invoices: &[InvoiceKey]) -> Answer {
        let (kind, invoices) = (order.kind, invoices.to_vec());
        self.request("read_use", call, false, not_read(), brief, move |bureau, call, _| {
            bureau.read_use(call, kind, &invoices)
        })
        .await
    }

    async fn page(
        &self,
        call: &Call,
        _order: &Order,
        receipt: &Receipt,
        page: &str,
    ) -> Result<ToldPage, Answer> {
        let (receipt, page) = (receipt.clone(), page.to_owned());
        let lost = Err(not_read());
        self.request("page", call, false, lost, brief_result, move |bureau, call, _| {
            bureau.page(call, &receipt, &page)
        })
        .await
    }

    async fn file(
        &self,
        call: &Call,
        _order: &Order,
        _receipt: &Receipt,
        _file: &FileRef,
    ) -> Result<Vec<u8>, Answer> {
        let lost = Err(not_read());
        self.request("file", call, false, lost, brief_result, |_, _, _| Err(not_read())).await
    }
}
