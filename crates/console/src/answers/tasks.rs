//! Tasks: what became of them, and what people did about them.

use crate::problem::{Problem, ProblemIfAny};
use chrono::{DateTime, Utc};
use fleet::ports::archive::{TaskCard, TaskRow};
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
    #[schema(value_type = ProblemIfAny)]
    pub problem: Option<Problem>,
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
