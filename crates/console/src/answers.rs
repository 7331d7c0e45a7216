//! The bodies of answers.

mod around;
mod automatic;
mod people;
mod registry;
mod versions;

pub use around::*;
pub use automatic::{
    DryRun, RuleList, RuleRemoved, RuleRunPage, RuleRunShown, RuleShown, TriesReset, WouldChoose,
};
pub use people::{AuditPage, AuditView, Me, RightView, UserKept, UserRemoved, UserView, Users};
pub use registry::*;
pub use versions::*;

use crate::problem::Problem;
use chrono::{DateTime, Utc};
use domain::{
    batch::Batch,
    invoice::{Invoice, InvoiceFile},
    list::{ListImport, ListRow},
    load::Rejected,
    statistic::{Figures, TableCard},
    world::WorldError,
};
use fleet::{
    batches::{BatchView, LineView},
    ports::{
        archive::{TaskCard, TaskRow},
        ledger::LedgerEntry,
        pool::InvoiceCard,
    },
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// What became of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It is in the log and waits for its turn.
    Waiting,
    /// It is in the log and waits for an account or a date.
    Held,
    /// It is in the log and has ended; the reason says how.
    Ended,
    /// It was in the log already, with the same body; nothing was done.
    Repeated,
    /// The broker has it; the log will.
    Confirmed,
    /// It was not taken; the reason names the field.
    Rejected,
    /// Nobody knows whether it was taken; sending it again is safe.
    Unconfirmed,
}

impl Fate {
    pub const fn name(self) -> &'static str {
        match self {
            Fate::Waiting => "waiting",
            Fate::Held => "held",
            Fate::Ended => "ended",
            Fate::Repeated => "repeated",
            Fate::Confirmed => "confirmed",
            Fate::Rejected => "rejected",
            Fate::Unconfirmed => "unconfirmed",
        }
    }

    /// The message is in good hands.
    pub const fn taken(self) -> bool {
        !matches!(self, Fate::Rejected | Fate::Unconfirmed)
    }
}

/// One message's outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Submitted {
    /// Line of an NDJSON body, or place in an array, from 1.
    pub line: usize,
    /// None: it could not be read.
    pub task_id: Option<Uuid>,
    pub outcome: Fate,
    /// The state that it is in, when it has ended already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// What became of each message, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Submission {
    pub outcomes: Vec<Submitted>,
    /// How many of them were not taken.
    pub not_taken: usize,
    /// Set when none was taken.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// What became of one write-back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WritebackOutcome {
    /// The pool says it now.
    Written,
    /// It was told before, by the same version; nothing was done.
    Repeated,
    /// Something newer was told before; nothing was done.
    Older,
    /// It may not be; the reason is a sentence for people.
    Refused,
    /// The invoice is not in the pool: download or import it, then send this again.
    NoSuchInvoice,
    /// It cannot be read; the reason names the field.
    Rejected,
}

impl WritebackOutcome {
    pub const fn name(self) -> &'static str {
        match self {
            WritebackOutcome::Written => "written",
            WritebackOutcome::Repeated => "repeated",
            WritebackOutcome::Older => "older",
            WritebackOutcome::Refused => "refused",
            WritebackOutcome::NoSuchInvoice => "no_such_invoice",
            WritebackOutcome::Rejected => "rejected",
        }
    }

    /// It need not be sent again.
    pub const fn taken(self) -> bool {
        use WritebackOutcome::{Older, Repeated, Written};
        matches!(self, Written | Repeated | Older)
    }
}

/// One write-back's outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WritebackView {
    /// Line of an NDJSON body, or place in an array, from 1.
    pub line: usize,
    pub outcome: WritebackOutcome,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// What became of each write-back, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Writebacks {
    pub outcomes: Vec<WritebackView>,
    /// How many of them were not taken.
    pub not_taken: usize,
    /// Set when none was taken.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// What was made to read invoices anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Resync {
    /// How many invoices will be read.
    pub invoices: usize,
    /// The tasks that read them, as after publishing; their `line` counts them.
    pub tasks: Vec<Submitted>,
}

/// A page of tasks, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Page {
    #[schema(value_type = Vec<TaskRowSchema>)]
    pub tasks: Vec<TaskRow>,
    /// The `after` of the next page; null on the last one.
    pub next: Option<String>,
}

/// A task with all that is known of it, and why it is not running now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Card {
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub card: TaskCard,
    /// The sentence of `why`; empty when it runs or has ended.
    pub why_sentence: String,
}

/// A page of invoices, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct InvoicePage {
    /// With every field that the pool has of them
    #[schema(value_type = Vec<Object>)]
    pub invoices: Vec<Invoice>,
    /// The `after` of the next page; null on the last one.
    pub next: Option<String>,
}

/// A page of the ledger, the newest task first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LedgerPage {
    #[schema(value_type = Vec<Object>)]
    pub lines: Vec<LedgerEntry>,
    /// The `after` of the next page; null on the last one.
    pub next: Option<String>,
}

/// What became of asking for one task's result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AskedTask {
    pub task_id: Uuid,
    /// It is being asked about.
    pub asked: bool,
    /// What hinders it, or how it is already; empty when it is asked about from now on.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// What became of asking for results, in the order asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AskedTasks {
    pub tasks: Vec<AskedTask>,
    pub not_asked: usize,
}

/// An invoice and its newest task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct InvoiceView {
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub card: InvoiceCard,
    /// What is said when it never had a task; empty when it had one.
    pub sentence: String,
}

/// A batch: what each tax number uses, and how far it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BatchShown {
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub view: BatchView,
}

/// A page of batches, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BatchPage {
    #[schema(value_type = Vec<Object>)]
    pub batches: Vec<Batch>,
    /// The `after` of the next page; null on the last one.
    pub next: Option<String>,
}

/// A page of a batch's invoices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BatchLines {
    #[schema(value_type = Vec<Object>)]
    pub invoices: Vec<LineView>,
    /// The `from` of the next page; null on the last one.
    pub next: Option<usize>,
}

/// What became of calling a batch off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BatchCalledOff {
    /// `cancelled` when it was a draft, else `submitted`.
    pub state: String,
    /// Tasks that were called off.
    pub cancelled: usize,
    /// Tasks that had ended, or may have sent something to the bureau.
    pub too_late: usize,
}

/// An uploaded list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ListShown {
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub list: ListImport,
}

/// A page of lists, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ListPage {
    #[schema(value_type = Vec<Object>)]
    pub lists: Vec<ListImport>,
    /// The `after` of the next page; null on the last one.
    pub next: Option<String>,
}

/// A page of a list's rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ListRows {
    #[schema(value_type = Vec<Object>)]
    pub rows: Vec<ListRow>,
    /// The `after` of the next page; null on the last one.
    pub next: Option<u32>,
}

/// The layout files that are kept of an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvoiceFiles {
    /// `format`, `bytes`, `sha256` and `at` of each
    #[schema(value_type = Vec<Object>)]
    pub files: Vec<InvoiceFile>,
}

/// What became of a bulk load.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LoadView {
    /// That are not blank
    pub rows: usize,
    pub loaded: usize,
    /// `row`, `column` and `problem` of each row that was not loaded
    #[schema(value_type = Vec<Object>)]
    pub rejected: Vec<Rejected>,
}

/// A secret was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SecretKept {
    pub name: String,
}

/// The names of the stored secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SecretNames {
    pub names: Vec<String>,
}

/// A secret is not there any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SecretRemoved {
    /// False: it was not there before
    pub removed: bool,
}

/// The statistic tables of a tax number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatisticsView {
    pub tax_no: String,
    /// By period
    pub tables: Vec<TableView>,
}

/// One statistic table. Figures are rows of `invoice_type`, `deducted` and `not_deducted`, each with
/// `count`, `amount` and `tax` in yuan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TableView {
    /// Such as 202511
    pub period: String,
    /// As it was last known; null: nothing is known of a table
    pub state: Option<String>,
    /// When the bureau told its figures
    pub asked_at: Option<DateTime<Utc>>,
    /// The bureau's; null: it never told them
    #[schema(value_type = Option<Vec<Object>>)]
    pub figures: Option<Figures>,
    /// What our pool has selected for the period
    #[schema(value_type = Vec<Object>)]
    pub ours: Figures,
    /// By how much more the bureau counts; empty: nothing differs
    #[schema(value_type = Option<Vec<Object>>)]
    pub differences: Option<Figures>,
}

impl From<&TableCard> for TableView {
    fn from(card: &TableCard) -> TableView {
        let known = card.known.as_ref();
        TableView {
            period: card.period.to_string(),
            state: card.state.map(|state| state.name().to_owned()),
            asked_at: known.map(|known| known.asked_at),
            figures: known.map(|known| known.figures.clone()),
            ours: card.ours.clone(),
            differences: card.differences(),
        }
    }
}

/// Why a task is not running now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Why {
    pub task_id: Uuid,
    /// The inner state.
    pub state: String,
    /// Such as `tax_busy`; `running` and `ended` when nothing hinders it.
    pub code: String,
    /// One sentence for people.
    pub sentence: String,
}

/// How many tasks stand in each state; states without any are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CountsView {
    pub total: u64,
    /// Of these, how many have ended.
    pub ended: u64,
    pub by_state: BTreeMap<String, u64>,
}

/// How many failed tasks have one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReasonCount {
    pub reason: String,
    pub count: usize,
}

/// One retry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Retried {
    pub task_id: Uuid,
    /// The new task; null: there is none, the reason says why.
    pub retry: Option<Uuid>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// What a retry would do, or did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Retries {
    /// Nothing was done.
    pub dry_run: bool,
    /// Tasks that may be tried again.
    pub tasks: usize,
    /// There are more than `limit`; ask again afterwards.
    pub more: bool,
    /// Why they failed, most first.
    pub by_reason: Vec<ReasonCount>,
    pub retried: Vec<Retried>,
}

/// What became of cancelling one task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CancelledTask {
    pub task_id: Uuid,
    pub cancelled: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// What became of cancelling each task, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Cancellations {
    pub tasks: Vec<CancelledTask>,
    pub not_cancelled: usize,
}

/// What became of recording that the bureau has nothing of one task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecordedTask {
    pub task_id: Uuid,
    pub recorded: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// What became of each task, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Records {
    pub tasks: Vec<RecordedTask>,
    pub not_recorded: usize,
}

/// A lane as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LaneView {
    pub bureau: String,
    pub bureau_name: String,
    pub account: String,
    /// `etax` or `leqi`.
    pub channel: String,
    /// Tasks at a time.
    pub width: u16,
    /// The worker that serves it; null: none.
    pub owner: Option<String>,
    /// Null for 乐企, which has no login.
    pub online: Option<bool>,
    /// It is off line and only a person can log it in.
    pub needs_person: bool,
    /// Why nothing may start there now, one sentence each; empty: it is open.
    pub closed: Vec<String>,
    /// The tax number that the account was last switched to, if known.
    #[serde(default)]
    pub current_tax_no: Option<String>,
    /// The tasks that hold its slots, by slot.
    #[serde(default)]
    pub running: Vec<Uuid>,
    /// Too much waits: its queue is not consumed since then.
    #[serde(default)]
    pub full_since: Option<DateTime<Utc>>,
}

/// Every lane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Lanes {
    pub lanes: Vec<LaneView>,
}

/// How many lanes an action touched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LanesTouched {
    pub lanes: usize,
}

/// What a login or logout changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionChanged {
    /// False: something newer was known, and nothing changed.
    pub counted: bool,
    /// Parked tasks that go on.
    pub resumed: u64,
}

/// What an import wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportedWorld {
    pub taxpayers: usize,
    pub accounts: usize,
    pub invoices: usize,
    pub statistics: usize,
    /// Rows that were not written; empty: all were.
    #[serde(default)]
    pub rejected: Vec<RejectedRow>,
}

/// A row of a world file that was not written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RejectedRow {
    /// Such as `invoices[17].amount`, counted from 0.
    pub place: String,
    /// What is wrong there.
    pub problem: String,
}

impl From<WorldError> for RejectedRow {
    fn from(wrong: WorldError) -> RejectedRow {
        RejectedRow { place: wrong.place, problem: wrong.problem }
    }
}

/// A row of the task log, for the description of the API; a test compares it with the real one.
#[derive(ToSchema, Debug)]
#[schema(as = TaskRow)]
#[expect(dead_code, reason = "only its description is used")]
pub(crate) struct TaskRowSchema {
    task_id: Uuid,
    batch_id: Option<String>,
    kind: String,
    tax_no: String,
    bureau: Option<String>,
    account: Option<String>,
    tax_period: Option<String>,
    /// The inner state
    state: String,
    /// 未处理, 处理中, 处理成功 or 处理失败
    shown_state: String,
    reason: String,
    retry_of: Option<Uuid>,
    attempts: u32,
    invoices_total: u32,
    invoices_succeeded: u32,
    enqueued_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    submitted_by: Option<String>,
    /// A person must check what came of it
    unknown: bool,
}
