//! Upstream systems: they publish, repeat themselves, make mistakes, and try again what failed.

use crate::{sim::Sim, world::Number};
use domain::{
    bureau::{Account, LaneKey},
    ids::TaskId,
    invoice::{InvoiceKey, InvoiceType, NonDeductionReason, TaskInvoice},
    kind::Kind,
    task::{StateName, TaskMessage},
};
use fleet::ports::clock::{Chance, Clock};
use std::sync::Arc;
use tokio::sync::oneshot;

/// What is asked for, and how often.
const KINDS: [(u32, Kind); 17] = [
    (24, Kind::DeductionSelect),
    (5, Kind::DeductionDeselect),
    (4, Kind::NonDeductionSelect),
    (12, Kind::TaxFiling),
    (12, Kind::InvoiceIssuing),
    (4, Kind::PassengerTransport),
    (2, Kind::StatisticCreate),
    (4, Kind::StatisticWithdraw),
    (3, Kind::StatisticConfirm),
    (3, Kind::PeriodChange),
    (4, Kind::PeriodQuery),
    (3, Kind::StatisticQuery),
    (11, Kind::InvoiceDownload),
    (3, Kind::InvoiceUseQuery),
    (11, Kind::LayoutDownload),
    (2, Kind::PreSelect),
    (1, Kind::PreDeselect),
];

/// See the module.
#[derive(Debug)]
pub(crate) struct Publisher {
    sim: Arc<Sim>,
    numbers: Vec<Number>,
    /// Where most of the work is.
    hot: Vec<usize>,
    /// Everything published, with the broker's confirm.
    pub(crate) published: Vec<(Arc<[u8]>, oneshot::Receiver<()>)>,
    messages: Vec<TaskMessage>,
}

impl Publisher {
    pub(crate) fn new(sim: Arc<Sim>, numbers: Vec<Number>) -> Publisher {
        let hot = (0..70).map(|_| sim.dice.below(numbers.len())).collect();
        Publisher { sim, numbers, hot, published: Vec::new(), messages: Vec::new() }
    }

    fn send(&mut self, body: Arc<[u8]>, lane: Option<LaneKey>, what: &str) {
        self.sim.step(format_args!("published {what}"));
        let confirm = self.sim.bus.publish(body.clone(), lane, None);
        self.published.push((body, confirm));
    }

    fn send_message(&mut self, message: &TaskMessage, what: &str) {
        let body: Arc<[u8]> = message.to_json().into_bytes().into();
        let bureau = message.bureau;
        let account = message.account.clone();
        let lane = bureau.zip(account).map(|(bureau, account)| LaneKey { bureau, account });
        let what = format!("{what} {} {} {}", message.task_id, message.kind, message.tax_no);
        self.send(body, lane, &what);
    }

    fn id(&self) -> TaskId {
        TaskId(self.sim.dice.id(self.sim.clock.now()))
    }

    /// A message that has not been confirmed yet.
    pub(crate) fn unconfirmed(&mut self) -> Option<String> {
        let sim = self.sim.clone();
        self.published.retain_mut(|(body, confirm)| {
            confirm.try_recv().is_err() || !crate::watch::is_logged(&sim, body)
        });
        let first = self.published.first();
        first.map(|(body, _)| format!("published, not logged: {}", String::from_utf8_lossy(body)))
    }

    fn number(&self) -> &Number {
        let cold = self.sim.dice.once_in(4);
        let n = if cold {
            self.sim.dice.below(self.numbers.len())
        } else {
            self.hot[self.sim.dice.below(self.hot.len())]
        };
        &self.numbers[n]
    }

    fn message(&self) -> TaskMessage {
        let dice = &self.sim.dice;
        let number = self.number();
        let kind = dice.weighted(&KINDS);
        let account = dice.one_of(&number.accounts).filter(|_| !dice.once_in(4)).cloned();
        let leqi = number.accounts.is_empty() && dice.once_in(2);
        let account = account.or_else(|| leqi.then(Account::leqi));
        let later = dice.once_in(15).then(|| self.sim.clock.now() + dice.millis(500..20_000));
        let batch = dice.once_in(3).then(|| format!("batch-{}", dice.below(20)));
        let takes_invoices = kind.action().is_some() || kind == Kind::InvoiceUseQuery;
        let id = self.id();
        // A period to come: a selection counts for the bureau's current one all the same.
        let early = kind.action().is_some() && id.0.as_u128().is_multiple_of(7);
        let first = dice.below(number.invoices.len());
        let count = if takes_invoices { 1 + dice.below(2) } else { 0 };
        let invoices = number.invoices.iter().cycle().skip(first).take(count);
        TaskMessage {
            bureau: account.as_ref().map(|_| number.bureau),
            account,
            batch_id: batch,
            not_before: later,
            tax_period: early.then(|| "202512".parse().expect("a period")),
            invoices: invoices.map(|invoice| task_invoice(invoice)).collect(),
            ..TaskMessage::new(id, kind, number.tax_no.clone())
        }
    }

    pub(crate) fn publish(&mut self) {
        let message = self.message();
        self.send_message(&message, "task");
        self.messages.push(message);
    }

    /// The same once more: nothing may come of it.
    pub(crate) fn repeat(&mut self) {
        let Some(message) = self.sim.dice.one_of(&self.messages).cloned() else { return };
        self.sim.history().count("duplicate");
        self.send_message(&message, "duplicate");
    }

    /// The id of one task for another.
    pub(crate) fn reuse_id(&mut self) {
        let Some(known) = self.sim.dice.one_of(&self.messages) else { return };
        let message = TaskMessage { task_id: known.task_id, ..self.message() };
        self.sim.history().count("other_body");
        self.send_message(&message, "other body");
    }

    pub(crate) fn garble(&mut self) {
        self.sim.history().count("unreadable");
        let body: Arc<[u8]> =
            format!("{{\"task_id\": {}", self.published.len()).into_bytes().into();
        self.send(body, None, "garbage");
    }

    pub(crate) fn unknown_number(&mut self) {
        let tax_no = "919999999999999ZZZ".parse().expect("a tax number that nobody has");
        let message = TaskMessage { tax_no, account: None, bureau: None, ..self.message() };
        self.sim.history().count("unknown_number");
        self.send_message(&message, "unknown number");
    }

    /// Tries a failed task again; sometimes two people do at once.
    pub(crate) fn retry(&mut self) {
        let failed: Vec<TaskMessage> = self.sim.store.inspect(|book| {
            let states = [StateName::Failed, StateName::Refused];
            let failed = book.tasks.values().filter(|row| states.contains(&row.state.name()));
            failed.map(|row| (*row.message).clone()).collect()
        });
        let Some(failed) = self.sim.dice.one_of(&failed) else { return };
        let times = if self.sim.dice.once_in(3) { 2 } else { 1 };
        for _ in 0..times {
            self.sim.history().count("retry");
            let message = failed.retry(self.id());
            self.send_message(&message, "retry");
        }
    }

    /// A person has the use of all invoices of a tax number read anew.
    pub(crate) fn resync(&mut self, number: &Number) {
        self.sim.history().count("resync");
        let message = TaskMessage {
            invoices: number.invoices.iter().map(|invoice| task_invoice(invoice)).collect(),
            ..TaskMessage::new(self.id(), Kind::InvoiceUseQuery, number.tax_no.clone())
        };
        self.send_message(&message, "resync");
    }

    /// Moves a message from the failed queue back to the tasks.
    pub(crate) fn move_failed(&mut self) {
        let failed = self.sim.bus.failed();
        let Some((body, _)) = self.sim.dice.one_of(&failed) else { return };
        self.sim.history().count("moved_from_failed");
        self.send(body.as_bytes().into(), None, "moved from failed");
    }
}

fn task_invoice(number: &str) -> TaskInvoice {
    let key = InvoiceKey { code: String::new(), number: number.to_owned() };
    let invoice_type = InvoiceType::from_number(27).expect("type 27 exists");
    TaskInvoice {
        non_deduction_reason: Some(NonDeductionReason::Welfare),
        ..TaskInvoice::new(key, invoice_type)
    }
}
