//! The `data` of a result event.

use domain::{
    ids::TaskId,
    ledger::{LedgerLine, LineOutcome},
    task::{ShownState, StateName},
};
use fleet::ports::outbox::EventKind;
use serde::Serialize;

/// What an event tells of its task beside what just happened.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) task: TaskId,
    pub(crate) kind: String,
    pub(crate) tax_no: String,
    pub(crate) bureau: Option<String>,
    pub(crate) batch_id: Option<String>,
    pub(crate) retry_of: Option<TaskId>,
    pub(crate) traceparent: Option<String>,
    /// Events of this task so far.
    pub(crate) events: i32,
}

/// One event on its way into the outbox.
#[derive(Clone, Debug)]
pub(crate) struct NewEvent {
    pub(crate) task: TaskId,
    pub(crate) sequence: i32,
    pub(crate) kind: EventKind,
    pub(crate) bureau: Option<String>,
    pub(crate) data: String,
    pub(crate) retriable: bool,
    pub(crate) reason: String,
    pub(crate) traceparent: Option<String>,
}

#[derive(Serialize)]
struct Invoice<'a> {
    invoice_code: &'a str,
    invoice_no: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct Data<'a> {
    task_id: TaskId,
    kind: &'a str,
    tax_no: &'a str,
    state: StateName,
    shown_state: ShownState,
    reason: &'a str,
    batch_id: Option<&'a str>,
    retry_of: Option<TaskId>,
    /// Nobody can tell what came of it: a person must check.
    unknown: bool,
    succeeded: Vec<Invoice<'a>>,
    failed: Vec<Invoice<'a>>,
}

/// The kind of event that a state makes, if any.
pub(crate) const fn kind_of(state: StateName) -> Option<EventKind> {
    match state {
        StateName::Done => Some(EventKind::Succeeded),
        StateName::Refused | StateName::Failed => Some(EventKind::Failed),
        StateName::Cancelled => Some(EventKind::Cancelled),
        StateName::Parked => Some(EventKind::Parked),
        _ => None,
    }
}

/// What a task has come to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct News<'a> {
    pub(crate) kind: EventKind,
    pub(crate) state: StateName,
    pub(crate) shown: ShownState,
    pub(crate) reason: &'a str,
    pub(crate) lines: &'a [LedgerLine],
    pub(crate) unknown: bool,
}

/// The event of a task, with the next number in the task's sequence.
pub(crate) fn task_event(subject: &Subject, news: &News<'_>) -> NewEvent {
    let invoices = |succeeded: bool| {
        let of_this_sort =
            move |line: &&LedgerLine| (line.outcome == LineOutcome::Succeeded) == succeeded;
        let lines = news.lines.iter().filter(of_this_sort);
        lines
            .map(|line| Invoice {
                invoice_code: &line.invoice.code,
                invoice_no: &line.invoice.number,
                reason: &line.reason,
            })
            .collect::<Vec<_>>()
    };
    let data = Data {
        task_id: subject.task,
        kind: &subject.kind,
        tax_no: &subject.tax_no,
        state: news.state,
        shown_state: news.shown,
        reason: news.reason,
        batch_id: subject.batch_id.as_deref(),
        retry_of: subject.retry_of,
        unknown: news.unknown,
        succeeded: invoices(true),
        failed: invoices(false),
    };
    NewEvent {
        task: subject.task,
        sequence: subject.events + 1,
        kind: news.kind,
        bureau: subject.bureau.clone(),
        data: serde_json::to_string(&data).expect("names, numbers and texts are always JSON"),
        retriable: news.kind == EventKind::Failed && !news.unknown,
        reason: news.reason.to_owned(),
        traceparent: subject.traceparent.clone(),
    }
}

#[derive(Serialize)]
struct BatchData<'a> {
    batch_id: &'a str,
    tasks: i32,
}

/// Every task of the batch that was logged so far has ended; told along with the last one.
pub(crate) fn batch_event(last: &Subject, sequence: i32, batch_id: &str, tasks: i32) -> NewEvent {
    let data = BatchData { batch_id, tasks };
    NewEvent {
        task: last.task,
        sequence,
        kind: EventKind::BatchFinished,
        bureau: last.bureau.clone(),
        data: serde_json::to_string(&data).expect("names and numbers are always JSON"),
        retriable: false,
        reason: String::new(),
        traceparent: last.traceparent.clone(),
    }
}
