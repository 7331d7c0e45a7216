//! The event for a message that came too late under its id.

use crate::ports::{
    bus::RefusedDuplicate,
    log::{Appended, NewTask, RetryRefusal},
};
use domain::{Moment, ids::TaskId};
use serde::Serialize;
use std::fmt::Write;

/// Bytes of the body's hash in the event's id.
const TOLD_APART_BY: usize = 8;

#[derive(Serialize)]
struct Data<'a> {
    task_id: TaskId,
    kind: &'static str,
    tax_no: &'a str,
    batch_id: Option<&'a str>,
    retry_of: Option<TaskId>,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_logged_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry: Option<TaskId>,
}

/// None: it was refused for something else, or not at all.
pub(super) fn duplicate(
    task: &NewTask,
    appended: &Appended,
    reason: &str,
    now: Moment,
) -> Option<RefusedDuplicate> {
    let (first_logged_at, retry) = match appended {
        Appended::OtherBody { first_logged_at } => (Some(*first_logged_at), None),
        Appended::RetryRefused { reason: RetryRefusal::TriedAgain { retry } } => {
            (None, Some(*retry))
        }
        _ => return None,
    };
    let message = &task.message;
    let data = Data {
        task_id: message.task_id,
        kind: message.kind.name(),
        tax_no: message.tax_no.as_str(),
        batch_id: message.batch_id.as_deref(),
        retry_of: message.retry_of,
        reason,
        first_logged_at,
        retry,
    };
    Some(RefusedDuplicate {
        task: message.task_id,
        id: id(task),
        bureau: task.lane.as_ref().map(|lane| lane.bureau),
        at: now,
        data: serde_json::to_string(&data).expect("names, times and texts are always JSON").into(),
        traceparent: task.traceparent.clone(),
    })
}

/// `<task>/refused/<beginning of the body's hash>`: each of several wrong bodies under one id has
/// its own, and no event of the task that is in the log has it.
fn id(task: &NewTask) -> String {
    let mut id = format!("{}/refused/", task.message.task_id);
    for byte in task.body_hash.iter().take(TOLD_APART_BY) {
        write!(id, "{byte:02x}").expect("a string grows");
    }
    id
}
