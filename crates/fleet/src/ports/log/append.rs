//! Logging: what comes in, and what becomes of it.

use domain::{
    Moment,
    bureau::LaneKey,
    ids::{LaneId, Place, TaskId, TaxId},
    invoice::PoolChange,
    ledger::LedgerLine,
    task::{StateName, TaskMessage},
    taxpayer::ChannelKind,
};
use std::sync::Arc;

/// What intake decided about a task that it could read.
#[derive(Clone, PartialEq, Debug)]
pub enum Fate {
    /// Waits in its lane; `run_at` in the future makes it wait for that moment first.
    Queue { lane: LaneId, tax: TaxId, run_at: Option<Moment> },
    /// No account serves the tax number yet: Held, and queued by the import that brings one.
    Hold { tax: TaxId },
    /// Needs no lane (a mark in our own pool): done at once, with these changes.
    Settle { tax: TaxId, lines: Vec<LedgerLine>, pool: Vec<PoolChange> },
    /// Readable but refused, with the sentence: becomes a row, 处理失败.
    Refuse { tax: Option<TaxId>, reason: String, lines: Vec<LedgerLine> },
}

/// A task to be logged.
#[derive(Clone, PartialEq, Debug)]
pub struct NewTask {
    pub message: Arc<TaskMessage>,
    /// The body as it came, kept for retry and for people.
    pub body: Arc<str>,
    /// SHA-256 of the body: tells a repetition from another task under the same id.
    pub body_hash: [u8; 32],
    pub traceparent: Option<String>,
    /// The lane that the task is for, also when it was refused; empty when none could be found.
    pub lane: Option<LaneKey>,
    pub channel: Option<ChannelKind>,
    pub fate: Fate,
}

/// What became of one appended task.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Appended {
    /// Logged and waiting; `due`: its time has come. Its invoices are held.
    Queued { lane: LaneId, tax: TaxId, place: Place, since: Moment, due: bool },
    /// Logged; waits for an account.
    Held,
    /// Logged in a final state: refused (also because an invoice is held by another unfinished
    /// task: list rule 4's or 5's sentence), or settled at once. Its events stand in the outbox with
    /// these numbers, in order.
    Final { state: StateName, reason: String, events: Vec<i64> },
    /// Known already, with the same body: nothing was done. When it waits, its lane rings again.
    Duplicate { waiting: Option<(LaneId, TaxId)> },
    /// The id was used for another body. Nothing was done.
    OtherBody { first_logged_at: Moment },
    /// A retry that may not be: the original is unknown, did not fail, has an unknown outcome,
    /// or was tried again already. Nothing was done.
    RetryRefused { reason: RetryRefusal },
}

/// Why a retry is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RetryRefusal {
    NoSuchTask,
    NotFailed {
        state: StateName,
    },
    /// Nobody knows what came of it; a person must record that the bureau has nothing of it.
    OutcomeUnknown,
    /// One retry per failed task, for ever; try that one again instead.
    TriedAgain {
        retry: TaskId,
    },
}
