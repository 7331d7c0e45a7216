//! Tasks that end without keys: cancelled, or parked for too long.

use super::{
    Tx,
    ending::{Ending, succeeded},
    fault::Fault,
    state_change::{NewState, StateChanges},
    work,
};
use crate::{codec, event_data::Subject};
use domain::{
    ids::{TaskId, TaxId},
    kind::Kind,
    ledger::{LedgerLine, LineOutcome},
    task::{ShownState, StateName},
    taxpayer::ChannelKind,
};
use std::collections::HashMap;
use uuid::Uuid;

#[derive(Debug, sqlx::FromRow)]
struct LoggedRow {
    task_id: Uuid,
    tax_id: Option<i32>,
    kind: String,
    tax_no: String,
    bureau: Option<String>,
    batch_id: Option<String>,
    retry_of: Option<Uuid>,
    traceparent: Option<String>,
    channel: Option<String>,
    state: String,
    accepted: bool,
    events: i32,
    body: String,
}

/// A task's log row.
#[derive(Debug)]
pub(super) struct Logged {
    pub(super) kind: Kind,
    pub(super) tax: Option<TaxId>,
    pub(super) state: StateName,
    pub(super) channel: ChannelKind,
    pub(super) accepted: bool,
    pub(super) subject: Subject,
    body: String,
}

impl Logged {
    fn of_row(row: LoggedRow) -> Result<Logged, Fault> {
        let channel = codec::read_optional(row.channel.as_deref())?;
        Ok(Logged {
            kind: codec::read(&row.kind)?,
            tax: row.tax_id.map(TaxId),
            state: codec::read(&row.state)?,
            channel: channel.unwrap_or(ChannelKind::Etax),
            accepted: row.accepted,
            subject: Subject {
                task: TaskId(row.task_id),
                kind: row.kind,
                tax_no: row.tax_no,
                bureau: row.bureau,
                batch_id: row.batch_id,
                retry_of: row.retry_of.map(TaskId),
                traceparent: row.traceparent,
                events: row.events,
            },
            body: row.body,
        })
    }

    pub(super) fn shown(&self, state: StateName) -> ShownState {
        state.shown(self.channel, self.accepted)
    }

    /// Ends the task, whose row has left the table where it waited.
    pub(super) fn end(
        &self,
        changes: &mut StateChanges,
        state: StateName,
        reason: &str,
        lines: &[LedgerLine],
    ) {
        let ending = Ending {
            kind: self.kind,
            tax: self.tax,
            state,
            shown: self.shown(state),
            reason,
            lines,
            pool: &[],
            unknown: false,
        };
        changes.aftermath.end(self.subject.clone(), &ending, true);
        changes.state(NewState {
            task: self.subject.task,
            state,
            shown: ending.shown,
            reason: reason.to_owned(),
            succeeded: succeeded(lines),
            unknown: false,
            accepted: self.accepted,
            attempts: 0,
            rescues: 0,
            events: 1,
            fence: None,
        });
    }

    pub(super) fn lines(
        &self,
        outcome: LineOutcome,
        reason: &str,
    ) -> Result<Vec<LedgerLine>, Fault> {
        lines(&self.body, outcome, reason)
    }
}

/// The same line for every invoice of a task.
pub(super) fn lines(
    body: &str,
    outcome: LineOutcome,
    reason: &str,
) -> Result<Vec<LedgerLine>, Fault> {
    let line = |key| LedgerLine { invoice: key, outcome, reason: reason.to_owned() };
    Ok(work::message(body)?.invoices.into_iter().map(|invoice| line(invoice.key)).collect())
}

/// The log rows of these tasks.
pub(super) async fn read(tx: &mut Tx, tasks: &[Uuid]) -> Result<HashMap<TaskId, Logged>, Fault> {
    let rows: Vec<LoggedRow> =
        sqlx::query_as(sql!("desk/logged")).bind(tasks).fetch_all(&mut **tx).await?;
    rows.into_iter().map(|row| Ok((TaskId(row.task_id), Logged::of_row(row)?))).collect()
}
