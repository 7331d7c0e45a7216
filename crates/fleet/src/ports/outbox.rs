//! Events that were committed with a task's state and must leave at least once.

use super::StoreError;
use async_trait::async_trait;
use domain::{Moment, bureau::BureauCode, ids::TaskId};
use serde::{Deserialize, Serialize};
use std::{fmt::Debug, sync::Arc, time::Duration};

/// What happened, as the event's type says.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    Succeeded,
    Failed,
    Cancelled,
    Parked,
    Resumed,
    RefusedDuplicate,
    BatchFinished,
}

impl EventKind {
    /// `gouxuan.task.succeeded`, the CloudEvents type.
    pub const fn type_name(self) -> &'static str {
        match self {
            EventKind::Succeeded => "gouxuan.task.succeeded",
            EventKind::Failed => "gouxuan.task.failed",
            EventKind::Cancelled => "gouxuan.task.cancelled",
            EventKind::Parked => "gouxuan.task.parked",
            EventKind::Resumed => "gouxuan.task.resumed",
            EventKind::RefusedDuplicate => "gouxuan.task.refused_duplicate",
            EventKind::BatchFinished => "gouxuan.batch.finished",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            EventKind::Succeeded => "succeeded",
            EventKind::Failed => "failed",
            EventKind::Cancelled => "cancelled",
            EventKind::Parked => "parked",
            EventKind::Resumed => "resumed",
            EventKind::RefusedDuplicate => "refused_duplicate",
            EventKind::BatchFinished => "batch_finished",
        }
    }
}

/// One event to publish. `sequence` rises per task; (task, sequence) is stable over repeats.
#[derive(Clone, PartialEq, Debug)]
pub struct OutboxEvent {
    /// Ever-rising number in the outbox.
    pub number: i64,
    pub task: TaskId,
    pub sequence: i32,
    pub kind: EventKind,
    pub bureau: Option<BureauCode>,
    pub at: Moment,
    /// The event's `data`, a JSON object: task_id, kind, tax_no, state, shown_state, reason,
    /// batch_id, retry_of, and the lists `succeeded` and `failed` of invoices, each with
    /// invoice_code, invoice_no and reason.
    pub data: Arc<str>,
    /// The task message to put into `gouxuan.failed`: the failed task's body, so that the
    /// publisher can give it a fresh id and `retry_of`. None: not to be retried that way.
    pub failed_body: Option<Arc<str>>,
    pub reason: String,
    pub traceparent: Option<String>,
}

#[async_trait]
pub trait Outbox: Send + Sync + Debug {
    /// The events with these numbers that still stand there.
    async fn events(&self, numbers: &[i64]) -> Result<Vec<OutboxEvent>, StoreError>;

    /// Events that have stood there for longer than `age`, oldest first: left by whoever died.
    async fn left_over(&self, age: Duration, limit: usize) -> Result<Vec<OutboxEvent>, StoreError>;

    /// They were confirmed by the broker.
    async fn published(&self, numbers: &[i64]) -> Result<(), StoreError>;
}
