//! Logging tasks.

use super::{
    PostgresStore, Tx, being_logged,
    ending::{Aftermath, Ending},
    fault::Fault,
    log_rows::{self, LoggedAt, shown},
    split,
};
use crate::{
    append_plan::{self, Ended, Facts, Known, Planned},
    codec,
    event_data::Subject,
};
use domain::{
    Moment,
    ids::{LaneId, Place, TaskId, TaxId},
    invoice::InvoiceKey,
};
use fleet::ports::{
    StoreError,
    log::{Appended, Fate, NewTask},
    registry::MISFIT,
};
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct KnownRow {
    task_id: Uuid,
    body_hash: Vec<u8>,
    enqueued_at: Moment,
    state: String,
    unknown: bool,
    lane_id: Option<i32>,
    tax_id: Option<i32>,
    retry_task_id: Option<Uuid>,
}

/// What the database gave to the tasks that it logged.
struct Written {
    logged: LoggedAt,
    places: HashMap<TaskId, Place>,
    /// Numbers in the outbox.
    events: HashMap<TaskId, Vec<i64>>,
}

impl PostgresStore {
    pub(super) async fn append_all(&self, tasks: &[NewTask]) -> Result<Vec<Appended>, StoreError> {
        split::in_pieces(tasks, |piece| self.append_piece(piece)).await
    }

    async fn append_piece(&self, tasks: &[NewTask]) -> Result<Vec<Appended>, Fault> {
        let mut tx = self.begin().await?;
        let (appended, misfits) = write_judged(&mut tx, tasks).await?;
        if misfits > 0 {
            return Err(StoreError::Away(MISFIT.to_owned()).into());
        }
        tx.commit().await?;
        Ok(appended)
    }
}

/// Logs them in somebody's transaction, where they are of one that is there already.
pub(super) async fn write(tx: &mut Tx, tasks: &[NewTask]) -> Result<Vec<Appended>, Fault> {
    Ok(write_judged(tx, tasks).await?.0)
}

/// Logs them; and of how many the lane does not fit any more, or has come.
async fn write_judged(tx: &mut Tx, tasks: &[NewTask]) -> Result<(Vec<Appended>, i64), Fault> {
    let facts = read_facts(tx, tasks).await?;
    let plan = append_plan::plan(tasks, facts);
    being_logged::announce(tx, &plan).await?;
    let logged = log_rows::write(tx, tasks, &plan).await?;
    let (places, misfits) = write_waiting(tx, tasks, &plan, &logged).await?;
    let misheld = write_held(tx, tasks, &plan, &logged).await?;
    write_holds(tx, tasks, &plan).await?;
    write_retries(tx, tasks, &plan).await?;
    write_batches(tx, tasks, &plan).await?;
    let events = endings(tasks, &plan).write(tx).await?;
    Ok((answers(tasks, plan, Written { logged, places, events }), misfits + misheld))
}

async fn read_facts(tx: &mut Tx, tasks: &[NewTask]) -> Result<Facts, Fault> {
    let ids = tasks.iter().map(|task| task.message.task_id);
    let originals = tasks.iter().filter_map(|task| task.message.retry_of);
    let ids: HashSet<Uuid> = ids.chain(originals).map(|id| id.0).collect();
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let rows: Vec<KnownRow> =
        sqlx::query_as(sql!("append/known")).bind(&ids).fetch_all(&mut **tx).await?;
    let mut facts = Facts::default();
    for row in rows {
        let known = Known {
            body_hash: row.body_hash,
            first_logged_at: row.enqueued_at,
            state: codec::read(&row.state)?,
            unknown: row.unknown,
            waiting: row.lane_id.map(LaneId).zip(row.tax_id.map(TaxId)),
            retry: row.retry_task_id.map(TaskId),
        };
        facts.known.insert(TaskId(row.task_id), known);
    }
    let timed = |task: &NewTask| matches!(task.fate, Fate::Queue { run_at: Some(_), .. });
    if tasks.iter().any(timed) {
        facts.now = Some(sqlx::query_scalar(sql!("claim/now")).fetch_one(&mut **tx).await?);
    }
    let (mut taxes, mut numbers, mut codes) = (Vec::new(), Vec::new(), Vec::new());
    for task in tasks {
        let Some(tax) = append_plan::holder(task) else { continue };
        for invoice in &task.message.invoices {
            taxes.push(tax.0);
            numbers.push(invoice.key.number.as_str());
            codes.push(invoice.key.code.as_str());
        }
    }
    if !taxes.is_empty() {
        let rows: Vec<(i32, String, String)> = sqlx::query_as(sql!("append/held"))
            .bind(&taxes)
            .bind(&numbers)
            .bind(&codes)
            .fetch_all(&mut **tx)
            .await?;
        let keys = rows.into_iter();
        let keys = keys.map(|(tax, number, code)| (TaxId(tax), InvoiceKey { code, number }));
        facts.held.extend(keys);
    }
    Ok(facts)
}

async fn write_waiting(
    tx: &mut Tx,
    tasks: &[NewTask],
    plan: &[Planned],
    logged: &LoggedAt,
) -> Result<(HashMap<TaskId, Place>, i64), Fault> {
    let (mut ids, mut lanes, mut taxes) = (Vec::new(), Vec::new(), Vec::new());
    let (mut classes, mut logged_at, mut times) = (Vec::new(), Vec::new(), Vec::new());
    for (task, planned) in tasks.iter().zip(plan) {
        let Planned::Queue { lane, tax, run_at, .. } = planned else { continue };
        ids.push(task.message.task_id.0);
        lanes.push(lane.0);
        taxes.push(tax.0);
        classes.push(task.message.kind.class() as i16);
        logged_at.push(logged[&task.message.task_id]);
        times.push(*run_at);
    }
    if ids.is_empty() {
        return Ok((HashMap::new(), 0));
    }
    let misfits: i64 = sqlx::query_scalar(sql!("append/serves"))
        .bind(&taxes)
        .bind(&lanes)
        .fetch_one(&mut **tx)
        .await?;
    let rows: Vec<(Uuid, i64)> = sqlx::query_as(sql!("append/waiting"))
        .bind(&ids)
        .bind(&lanes)
        .bind(&taxes)
        .bind(&classes)
        .bind(&logged_at)
        .bind(&times)
        .fetch_all(&mut **tx)
        .await?;
    let places = rows.into_iter().map(|(id, place)| (TaskId(id), Place(place))).collect();
    Ok((places, misfits))
}

/// How many of them need not be held any more.
async fn write_held(
    tx: &mut Tx,
    tasks: &[NewTask],
    plan: &[Planned],
    logged: &LoggedAt,
) -> Result<i64, Fault> {
    let of = |(task, planned)| match planned {
        &Planned::Hold { tax } => Some((task, tax)),
        _ => None,
    };
    let held: Vec<(&NewTask, TaxId)> = tasks.iter().zip(plan).filter_map(of).collect();
    if held.is_empty() {
        return Ok(0);
    }
    let taxes: Vec<i32> = held.iter().map(|(_, tax)| tax.0).collect();
    let misheld: i64 =
        sqlx::query_scalar(sql!("append/misheld")).bind(&taxes).fetch_one(&mut **tx).await?;
    sqlx::query(sql!("append/held_tasks"))
        .bind(held.iter().map(|(task, _)| task.message.task_id.0).collect::<Vec<_>>())
        .bind(&taxes)
        .bind(held.iter().map(|(task, _)| task.message.kind.class() as i16).collect::<Vec<_>>())
        .bind(held.iter().map(|(task, _)| logged[&task.message.task_id]).collect::<Vec<_>>())
        .bind(held.iter().map(|(task, _)| task.message.not_before).collect::<Vec<_>>())
        .execute(&mut **tx)
        .await?;
    Ok(misheld)
}

async fn write_holds(tx: &mut Tx, tasks: &[NewTask], plan: &[Planned]) -> Result<(), Fault> {
    let mut keys: HashMap<(TaxId, &InvoiceKey), TaskId> = HashMap::new();
    for (task, planned) in tasks.iter().zip(plan) {
        let (Planned::Queue { tax, .. } | Planned::Hold { tax }) = planned else { continue };
        if task.message.kind.action().is_none() {
            continue;
        }
        for invoice in &task.message.invoices {
            keys.insert((*tax, &invoice.key), task.message.task_id);
        }
    }
    if keys.is_empty() {
        return Ok(());
    }
    let taxes: Vec<i32> = keys.keys().map(|(tax, _)| tax.0).collect();
    let numbers: Vec<&str> = keys.keys().map(|(_, key)| key.number.as_str()).collect();
    let codes: Vec<&str> = keys.keys().map(|(_, key)| key.code.as_str()).collect();
    let holders: Vec<Uuid> = keys.values().map(|task| task.0).collect();
    let written = sqlx::query(sql!("append/holds"))
        .bind(&taxes)
        .bind(&numbers)
        .bind(&codes)
        .bind(&holders)
        .execute(&mut **tx)
        .await?;
    all_written(written.rows_affected(), taxes.len(), "an invoice was taken meanwhile")
}

async fn write_retries(tx: &mut Tx, tasks: &[NewTask], plan: &[Planned]) -> Result<(), Fault> {
    let (mut failed, mut retries) = (Vec::new(), Vec::new());
    for (task, planned) in tasks.iter().zip(plan) {
        if let Some(original) = task.message.retry_of.filter(|_| planned.is_logged()) {
            failed.push(original.0);
            retries.push(task.message.task_id.0);
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    let written =
        sqlx::query(sql!("append/retry")).bind(&failed).bind(&retries).execute(&mut **tx).await?;
    all_written(written.rows_affected(), failed.len(), "the task was tried again meanwhile")
}

/// Fewer rows than planned: the facts have changed since they were read.
fn all_written(written: u64, planned: usize, meanwhile: &str) -> Result<(), Fault> {
    if written == planned as u64 { Ok(()) } else { Err(Fault::contended(meanwhile)) }
}

async fn write_batches(tx: &mut Tx, tasks: &[NewTask], plan: &[Planned]) -> Result<(), Fault> {
    let mut counts: BTreeMap<&str, i32> = BTreeMap::new();
    for (task, planned) in tasks.iter().zip(plan) {
        let batch = task.message.batch_id.as_deref();
        if let Some(batch) = batch.filter(|_| planned.is_logged()) {
            *counts.entry(batch).or_default() += 1;
        }
    }
    if !counts.is_empty() {
        let (ids, counts): (Vec<&str>, Vec<i32>) = counts.into_iter().unzip();
        sqlx::query(sql!("append/batch")).bind(&ids).bind(&counts).execute(&mut **tx).await?;
    }
    Ok(())
}

fn endings(tasks: &[NewTask], plan: &[Planned]) -> Aftermath {
    let mut aftermath = Aftermath::default();
    for (task, planned) in tasks.iter().zip(plan) {
        let Planned::End(ended) = planned else { continue };
        aftermath.end(subject(task), &ending(task, ended), false);
    }
    aftermath
}

fn subject(task: &NewTask) -> Subject {
    let message = &task.message;
    Subject {
        task: message.task_id,
        kind: message.kind.name().to_owned(),
        tax_no: message.tax_no.to_string(),
        bureau: task
            .lane
            .as_ref()
            .map(|lane| lane.bureau)
            .or(message.bureau)
            .map(|b| b.to_string()),
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

fn answers(tasks: &[NewTask], plan: Vec<Planned>, mut written: Written) -> Vec<Appended> {
    let waiting: Vec<Option<(LaneId, TaxId)>> = plan
        .iter()
        .map(|planned| match planned {
            Planned::Queue { lane, tax, .. } => Some((*lane, *tax)),
            _ => None,
        })
        .collect();
    let answer = |(task, planned): (&NewTask, Planned)| {
        let id = task.message.task_id;
        match planned {
            Planned::Answer(appended) => appended,
            Planned::Repeats { index, same: true } => {
                Appended::Duplicate { waiting: waiting[index] }
            }
            Planned::Repeats { .. } => Appended::OtherBody { first_logged_at: written.logged[&id] },
            Planned::Queue { lane, tax, run_at } => Appended::Queued {
                lane,
                tax,
                place: written.places[&id],
                since: written.logged[&id],
                due: run_at.is_none(),
            },
            Planned::Hold { .. } => Appended::Held,
            Planned::End(ended) => Appended::Final {
                state: ended.state,
                reason: ended.reason,
                events: written.events.remove(&id).unwrap_or_default(),
            },
        }
    };
    tasks.iter().zip(plan).map(answer).collect()
}
