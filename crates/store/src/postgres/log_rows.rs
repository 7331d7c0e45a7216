//! Rows of the log, and the bodies beside them.

use super::{Tx, ending::succeeded, fault::Fault};
use crate::{append_plan::Planned, codec};
use domain::{
    Moment,
    ids::TaskId,
    task::{ShownState, StateName},
    taxpayer::ChannelKind,
};
use fleet::ports::log::NewTask;
use std::collections::HashMap;
use uuid::Uuid;

/// The moment a row was logged, by task.
pub(super) type LoggedAt = HashMap<TaskId, Moment>;

#[derive(Default)]
struct LogColumns<'a> {
    ids: Vec<Uuid>,
    batches: Vec<Option<&'a str>>,
    kinds: Vec<&'static str>,
    classes: Vec<&'static str>,
    tax_nos: Vec<&'a str>,
    taxes: Vec<Option<i32>>,
    bureaus: Vec<Option<String>>,
    accounts: Vec<Option<&'a str>>,
    channels: Vec<Option<&'static str>>,
    periods: Vec<Option<String>>,
    states: Vec<&'static str>,
    shown: Vec<&'static str>,
    reasons: Vec<&'a str>,
    retries: Vec<Option<Uuid>>,
    totals: Vec<i32>,
    succeeded: Vec<i32>,
    ended: Vec<bool>,
    submitters: Vec<Option<&'a str>>,
    hashes: Vec<&'a [u8]>,
    traces: Vec<Option<&'a str>>,
    bodies: Vec<&'a str>,
}

/// The state in which a queued task begins: held until its date, else queued.
fn first_state(run_at: Option<Moment>) -> StateName {
    if run_at.is_some() { StateName::Held } else { StateName::Queued }
}

pub(super) fn shown(task: &NewTask, state: StateName) -> ShownState {
    state.shown(task.channel.unwrap_or(ChannelKind::Etax), false)
}

impl<'a> LogColumns<'a> {
    fn add(&mut self, task: &'a NewTask, planned: &'a Planned) {
        let (state, tax, ended) = match planned {
            Planned::Queue { tax, run_at, .. } => (first_state(*run_at), Some(*tax), None),
            Planned::Hold { tax } => (StateName::Held, Some(*tax), None),
            Planned::End(ended) => (ended.state, ended.tax, Some(ended)),
            Planned::Answer(_) | Planned::Repeats { .. } => return,
        };
        let message = &task.message;
        let lane = task.lane.as_ref();
        self.ids.push(message.task_id.0);
        self.batches.push(message.batch_id.as_deref());
        self.kinds.push(message.kind.name());
        self.classes.push(message.kind.class().name());
        self.tax_nos.push(message.tax_no.as_str());
        self.taxes.push(tax.map(|tax| tax.0));
        let bureau = lane.map(|lane| lane.bureau).or(message.bureau);
        self.bureaus.push(bureau.map(|bureau| bureau.to_string()));
        let account = lane.map(|lane| &lane.account).or(message.account.as_ref());
        self.accounts.push(account.map(|account| account.as_str()));
        self.channels.push(task.channel.map(ChannelKind::name));
        self.periods.push(message.tax_period.map(|period| period.to_string()));
        self.states.push(state.name());
        self.shown.push(shown(task, state).label());
        self.reasons.push(ended.map_or("", |ended| &ended.reason));
        self.retries.push(message.retry_of.map(|id| id.0));
        self.totals.push(codec::count(message.invoices.len()));
        self.succeeded.push(ended.map_or(0, |ended| succeeded(&ended.lines)));
        self.ended.push(ended.is_some());
        self.submitters.push(message.submitted_by.as_deref());
        self.hashes.push(&task.body_hash);
        self.traces.push(task.traceparent.as_deref());
        self.bodies.push(&task.body);
    }
}

/// When each was logged.
pub(super) async fn write(
    tx: &mut Tx,
    tasks: &[NewTask],
    plan: &[Planned],
) -> Result<LoggedAt, Fault> {
    let mut c = LogColumns::default();
    for (task, planned) in tasks.iter().zip(plan) {
        c.add(task, planned);
    }
    if c.ids.is_empty() {
        return Ok(LoggedAt::new());
    }
    let rows: Vec<(Uuid, Moment)> = sqlx::query_as(sql!("append/log"))
        .bind(&c.ids)
        .bind(&c.batches)
        .bind(&c.kinds)
        .bind(&c.classes)
        .bind(&c.tax_nos)
        .bind(&c.taxes)
        .bind(&c.bureaus)
        .bind(&c.accounts)
        .bind(&c.channels)
        .bind(&c.periods)
        .bind(&c.states)
        .bind(&c.shown)
        .bind(&c.reasons)
        .bind(&c.retries)
        .bind(&c.totals)
        .bind(&c.succeeded)
        .bind(&c.ended)
        .bind(&c.submitters)
        .bind(&c.hashes)
        .bind(&c.traces)
        .fetch_all(&mut **tx)
        .await?;
    if rows.len() < c.ids.len() {
        return Err(Fault::contended("the same task was logged meanwhile"));
    }
    sqlx::query(sql!("append/body")).bind(&c.ids).bind(&c.bodies).execute(&mut **tx).await?;
    Ok(rows.into_iter().map(|(id, at)| (TaskId(id), at)).collect())
}
