//! How values stand in columns and in the JSON arrays that batches travel in.

use domain::{Moment, ids::TaskId};
use serde::Serialize;
use std::time::Duration;
use uuid::Uuid;

/// Microseconds since 1970 in UTC.
pub(super) fn micros(at: Moment) -> i64 {
    at.timestamp_micros()
}

pub(super) fn moment(micros: i64) -> Moment {
    Moment::from_timestamp_micros(micros).unwrap_or_default()
}

/// A time so long before or after; the end of time when it is beyond it.
pub(super) fn later(at: Moment, by: Duration) -> Moment {
    chrono::TimeDelta::from_std(by)
        .ok()
        .and_then(|by| at.checked_add_signed(by))
        .unwrap_or(Moment::MAX_UTC)
}

pub(super) fn earlier(at: Moment, by: Duration) -> Moment {
    chrono::TimeDelta::from_std(by)
        .ok()
        .and_then(|by| at.checked_sub_signed(by))
        .unwrap_or(Moment::MIN_UTC)
}

/// A task id inside JSON, which has no blobs: statements read it with `unhex`.
pub(super) fn hex(task: TaskId) -> String {
    task.0.simple().to_string()
}

/// Ids for `json_each`.
pub(super) fn hexes(tasks: impl IntoIterator<Item = TaskId>) -> String {
    rows(&tasks.into_iter().map(hex).collect::<Vec<_>>())
}

/// Rows for `json_each`.
pub(super) fn rows<T: Serialize>(rows: &[T]) -> String {
    serde_json::to_string(rows).expect("rows of texts and numbers are always JSON")
}

pub(super) fn task(id: Uuid) -> TaskId {
    TaskId(id)
}
