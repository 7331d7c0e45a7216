//! Rows of the task log, as an append writes them, and the bodies beside them.

use super::{
    Tx,
    aftermath::{Aftermath, Ending, succeeded},
    columns,
    docket::{send, send_at},
    fault::Fault,
};
use crate::{
    append_plan::{Ended, Planned},
    event_data::Subject,
};
use domain::{
    Moment,
    task::{ShownState, StateName},
    taxpayer::ChannelKind,
};
use fleet::ports::log::NewTask;
use serde::Serialize;

#[derive(Serialize)]
struct LogRow<'a> {
    task_id: String,
    batch_id: Option<&'a str>,
    kind: &'static str,
    class: &'static str,
    tax_no: &'a str,
    tax_id: Option<i32>,
    bureau: Option<String>,
    account: Option<&'a str>,
    channel: Option<&'static str>,
    tax_period: Option<String>,
    state: &'static str,
    shown_state: &'static str,
    reason: &'a str,
    retry_of: Option<String>,
    total: usize,
    succeeded: i32,
    ended: bool,
    submitted_by: Option<&'a str>,
    events: i32,
    body_hash: String,
    traceparent: Option<&'a str>,
}

/// Text of bodies in one statement, about, in bytes.
const BODIES_AT_ONCE: usize = 4 << 20;

fn shown(task: &NewTask, state: StateName) -> ShownState {
    state.shown(task.channel.unwrap_or(ChannelKind::Etax), false)
}

fn log_row<'a>(task: &'a NewTask, planned: &'a Planned, events: i32) -> LogRow<'a> {
    let (state, tax, ended) = match planned {
        Planned::Queue { tax, run_at: None, .. } => (StateName::Queued, Some(*tax), None),
        Planned::Queue { tax, .. } | Planned::Hold { tax } => (StateName::Held, Some(*tax), None),
        Planned::End(ended) => (ended.state, ended.tax, Some(ended)),
        Planned::Answer(_) | Planned::Repeats { .. } => {
            unreachable!("only what is logged gets a row")
        }
    };
    let (message, lane) = (&task.message, task.lane.as_ref());
    let bureau = lane.map(|lane| lane.bureau).or(message.bureau);
    let account = lane.map(|lane| &lane.account).or(message.account.as_ref());
    LogRow {
        task_id: columns::hex(message.task_id),
        batch_id: message.batch_id.as_deref(),
        kind: message.kind.name(),
        class: message.kind.class().name(),
        tax_no: message.tax_no.as_str(),
        tax_id: tax.map(|tax| tax.0),
        bureau: bureau.map(|bureau| bureau.to_string()),
        account: account.map(|account| account.as_str()),
        channel: task.channel.map(ChannelKind::name),
        tax_period: message.tax_period.map(|period| period.to_string()),
        state: state.name(),
        shown_state: shown(task, state).label(),
        reason: ended.map_or("", |ended| &ended.reason),
        retry_of: message.retry_of.map(columns::hex),
        total: message.invoices.len(),
        succeeded: ended.map_or(0, |ended| succeeded(&ended.lines)),
        ended: ended.is_some(),
        submitted_by: message.submitted_by.as_deref(),
        events,
        body_hash: task.body_hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        traceparent: task.traceparent.as_deref(),
    }
}

pub(super) async fn write(
    tx: &mut Tx,
    logged: &[(&NewTask, &Planned)],
    now: Moment,
    aftermath: &mut Aftermath,
) -> Result<(), Fault> {
    let mut rows = Vec::with_capacity(logged.len());
    for (task, planned) in logged {
        let mut subject = subject(task);
        if let Planned::End(ended) = planned {
            aftermath.end(&mut subject, &ending(task, ended));
        }
        rows.push(log_row(task, planned, subject.events));
    }
    send_at(tx, sql!("append/log"), &rows, now).await
}

pub(super) async fn write_bodies(
    tx: &mut Tx,
    logged: &[(&NewTask, &Planned)],
) -> Result<(), Fault> {
    let (mut rows, mut size) = (Vec::new(), 0);
    for (task, _) in logged {
        size += task.body.len();
        rows.push((columns::hex(task.message.task_id), &*task.body));
        if size >= BODIES_AT_ONCE {
            send(tx, sql!("append/body"), &std::mem::take(&mut rows)).await?;
            size = 0;
        }
    }
    send(tx, sql!("append/body"), &rows).await
}

fn subject(task: &NewTask) -> Subject {
    let message = &task.message;
    let bureau = task.lane.as_ref().map(|lane| lane.bureau).or(message.bureau);
    Subject {
        task: message.task_id,
        kind: message.kind.name().to_owned(),
        tax_no: message.tax_no.to_string(),
        bureau: bureau.map(|bureau| bureau.to_string()),
        batch_id: message.batch_id.clone(),
        retry_of: message.retry_of,
        traceparent: task.traceparent.clone(),
        events: 0,
    }
}

fn ending<'a>(task: &NewTask, ended: &'a Ended) -> Ending<'a> {
    Ending {
        kind: task.message.kind,
        tax: ended.tax,
        state: ended.state,
        shown: shown(task, ended.state),
        reason: &ended.reason,
        lines: &ended.lines,
        pool: &ended.pool,
        unknown: false,
    }
}
