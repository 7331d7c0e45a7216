//! The way to a bureau: 电子税局 through robots, or 乐企.

use super::secrets::Password;
use async_trait::async_trait;
use domain::{
    answer::{Answer, PeriodFacts, ReadBackAnswer, Receipt},
    bureau::LaneKey,
    ids::{Fence, TaskId},
    invoice::{FileRef, InvoiceKey, TaskInvoice, ToldPage},
    kind::Kind,
    period::TaxPeriod,
    task::Act,
    tax_no::TaxNo,
    taxpayer::LeqiMode,
};
use std::{fmt::Debug, time::Duration};

/// Who calls, for whom, and under which fence. Goes with every request to a bureau.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Call {
    pub task: TaskId,
    /// The acting step that this call belongs to; with the task it makes the request id.
    pub act: Act,
    pub fence: Fence,
    pub tax_no: TaxNo,
    pub lane: LaneKey,
    /// W3C trace context to pass on.
    pub traceparent: Option<String>,
    /// The call is given up after this long: the rest of the lease, at most the channel's own limit.
    pub time_limit: Duration,
}

impl Call {
    /// `<task>.<act>`: the same for every repetition of one acting step.
    pub fn request_id(&self) -> String {
        format!("{}.{}", self.task, self.act.name())
    }
}

/// What a submission asks the bureau to do.
#[derive(Clone, PartialEq, Debug)]
pub struct Order {
    pub kind: Kind,
    pub leqi_mode: LeqiMode,
    /// The bureau's current period when the task runs.
    pub period: Option<TaxPeriod>,
    /// With the pool's facts written over the message's.
    pub invoices: Vec<TaskInvoice>,
    pub parameters: serde_json::Map<String, serde_json::Value>,
    /// What the task is signed with, for the submitting call alone; None: the channel's own.
    pub password: Option<Password>,
}

/// A bureau's channel. Every method makes at most one request and never repeats it: whether to
/// call again is decided by whoever knows what a repetition means.
///
/// Transport failures never surface as errors: `bureau::reading` turns all three layers of
/// failure into an [`Answer`]. On a call that acts, a lost answer is [`Answer::Unclear`]; on a
/// call that only reads it is [`Answer::Faltered`].
#[async_trait]
pub trait Channel: Send + Sync + Debug {
    /// Logs the lane's account in. `Succeeded`, or why not (`LoggedOut { needs_person: true }`
    /// when only a person can).
    async fn log_in(&self, call: &Call) -> Answer;

    /// Which tax number the account is on; `Ok(None)`: on none.
    async fn current_tax_number(&self, call: &Call) -> Result<Option<TaxNo>, Answer>;

    /// Switches the account to the call's tax number.
    async fn switch(&self, call: &Call) -> Answer;

    /// The tax number's current period and the state of its statistic table.
    async fn period(&self, call: &Call) -> Result<PeriodFacts, Answer>;

    /// Submits. `Accepted` with a receipt, `Succeeded` at once (kinds that only read), or why not.
    async fn submit(&self, call: &Call, order: &Order) -> Answer;

    /// Asks what came of a submission; `Running` while the bureau works.
    async fn result(&self, call: &Call, order: &Order, receipt: &Receipt) -> Answer;

    /// Finds out whether an earlier submission of this step took effect. Where the channel knows
    /// fences, it first raises the fence to the call's, so that "absent" is conclusive.
    async fn read_back(&self, call: &Call, order: &Order) -> ReadBackAnswer;

    /// Reads the use of invoices (after a 06): `Succeeded` with a line for each.
    async fn read_use(&self, call: &Call, order: &Order, invoices: &[InvoiceKey]) -> Answer;

    /// Reads one page of a download: `page` is one of [`Outcome::pages`](domain::answer::Outcome::pages),
    /// as often as asked for.
    async fn page(
        &self,
        call: &Call,
        order: &Order,
        receipt: &Receipt,
        page: &str,
    ) -> Result<ToldPage, Answer>;

    /// Reads one layout file of a download: one of [`Outcome::files`](domain::answer::Outcome::files).
    async fn file(
        &self,
        call: &Call,
        order: &Order,
        receipt: &Receipt,
        file: &FileRef,
    ) -> Result<Vec<u8>, Answer>;
}
