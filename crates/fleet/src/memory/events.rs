//! Writing events into the outbox.

use super::{book::Book, rows::Row};
use crate::ports::outbox::{EventKind, OutboxEvent};
use domain::{ids::TaskId, ledger::LineOutcome, taxpayer::ChannelKind};

impl Book {
    /// Tells of a task's end and, when it was the last open one of its batch, of the batch's. The
    /// numbers of these events.
    pub(super) fn emit_end(&mut self, id: TaskId, kind: EventKind) -> Vec<i64> {
        let mut events = vec![self.emit(id, kind)];
        let batch = self.tasks.get(&id).and_then(|row| row.message.batch_id.clone());
        let Some(batch) = batch else { return events };
        let becomes = self.batch_becomes(&batch);
        let (tasks, ended) = self.batch_counts.entry(batch.clone()).or_default();
        *ended += 1;
        if tasks == ended && *tasks as usize >= becomes {
            let data = serde_json::json!({"batch_id": batch, "tasks": *tasks}).to_string();
            let number = self.emit(id, EventKind::BatchFinished);
            if let Some(event) = self.outbox.get_mut(&number) {
                (event.data, event.reason) = (data.into(), String::new());
            }
            events.push(number);
        }
        events
    }

    /// Writes an event into the outbox, with the state that was just written.
    pub(super) fn emit(&mut self, id: TaskId, kind: EventKind) -> i64 {
        self.next_event += 1;
        let number = self.next_event;
        let at = self.now;
        let Some(row) = self.tasks.get_mut(&id) else { return number };
        row.sequence += 1;
        let again = kind == EventKind::Failed && !row.unknown;
        let event = OutboxEvent {
            number,
            task: id,
            sequence: row.sequence,
            kind,
            bureau: row.lane_key.as_ref().map(|lane| lane.bureau),
            at,
            data: event_data(id, row).into(),
            failed_body: again.then(|| row.body.clone()),
            reason: row.reason.clone(),
            traceparent: row.traceparent.clone(),
        };
        self.outbox.insert(number, event);
        number
    }
}

/// The event's `data`.
fn event_data(id: TaskId, row: &Row) -> String {
    let channel = row.channel.unwrap_or(ChannelKind::Etax);
    let of = |outcome: fn(&LineOutcome) -> bool| -> Vec<serde_json::Value> {
        let lines = row.ledger.iter().filter(|line| outcome(&line.outcome));
        lines
            .map(|line| {
                serde_json::json!({
                    "invoice_code": line.invoice.code,
                    "invoice_no": line.invoice.number,
                    "reason": line.reason,
                })
            })
            .collect()
    };
    serde_json::json!({
        "task_id": id,
        "kind": row.message.kind,
        "tax_no": row.message.tax_no,
        "state": row.state.name(),
        "shown_state": row.state.name().shown(channel, row.accepted),
        "reason": row.reason,
        "batch_id": row.message.batch_id,
        "retry_of": row.message.retry_of,
        "succeeded": of(|outcome| *outcome == LineOutcome::Succeeded),
        "failed": of(|outcome| *outcome != LineOutcome::Succeeded),
    })
    .to_string()
}
