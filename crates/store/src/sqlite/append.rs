//! Logging tasks.

use super::{
    SqliteStore, Tx,
    aftermath::Aftermath,
    columns::{self, micros, moment},
    counter::Counter,
    docket::{Numbers, send, send_at},
    fault::Fault,
    log_rows,
};
use crate::{
    append_plan::{self, Facts, Known, Planned},
    codec,
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
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct KnownRow {
    task_id: Uuid,
    body_hash: Vec<u8>,
    enqueued_at: i64,
    state: String,
    unknown: bool,
    lane_id: Option<i32>,
    tax_id: Option<i32>,
    retry_task_id: Option<Uuid>,
}

#[derive(Serialize)]
struct InvoiceRow<'a> {
    tax_id: i32,
    number: &'a str,
    code: &'a str,
    task_id: String,
}

#[derive(Serialize)]
struct SeatRow {
    task_id: String,
    lane_id: Option<i32>,
    tax_id: i32,
    class: i16,
    place: i64,
    since: i64,
    run_at: Option<i64>,
}

#[derive(Serialize)]
struct QueueRow {
    tax_id: i32,
    lane_id: i32,
}

impl QueueRow {
    fn of(task: &NewTask) -> Option<QueueRow> {
        let Fate::Queue { lane, tax, .. } = &task.fate else { return None };
        Some(QueueRow { tax_id: tax.0, lane_id: lane.0 })
    }
}

#[derive(Serialize)]
struct RetryRow {
    failed: String,
    retry: String,
}

#[derive(Serialize)]
struct BatchRow<'a> {
    batch_id: &'a str,
    tasks: i32,
}

impl SqliteStore {
    pub(super) async fn append_all(&self, tasks: &[NewTask]) -> Result<Vec<Appended>, Fault> {
        if tasks.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self.begin().await?;
        fit_still(&mut tx, tasks).await?;
        let appended = write(&mut tx, tasks, self.now()).await?;
        tx.commit().await?;
        Ok(appended)
    }
}

/// Whether the lanes are still those of their tax numbers, and who is held has none: they were
/// judged before.
async fn fit_still(tx: &mut Tx, tasks: &[NewTask]) -> Result<(), Fault> {
    let lanes: Vec<QueueRow> = tasks.iter().filter_map(QueueRow::of).collect();
    let held = tasks.iter().filter_map(|task| match &task.fate {
        Fate::Hold { tax } => Some(tax.0),
        _ => None,
    });
    let held: Vec<i32> = held.collect();
    let mut misfits = 0;
    for (statement, rows, any) in [
        (sql!("append/misfits"), columns::rows(&lanes), !lanes.is_empty()),
        (sql!("append/misheld"), columns::rows(&held), !held.is_empty()),
    ] {
        if any {
            let found: i64 = sqlx::query_scalar(statement).bind(rows).fetch_one(&mut **tx).await?;
            misfits += found;
        }
    }
    if misfits > 0 { Err(StoreError::Away(MISFIT.to_owned()).into()) } else { Ok(()) }
}

/// Logs them in somebody's transaction.
pub(super) async fn write(
    tx: &mut Tx,
    tasks: &[NewTask],
    now: Moment,
) -> Result<Vec<Appended>, Fault> {
    let facts = read_facts(tx, tasks, now).await?;
    let plan = append_plan::plan(tasks, facts);
    let logged: Vec<(&NewTask, &Planned)> =
        tasks.iter().zip(&plan).filter(|(_, planned)| planned.is_logged()).collect();
    let before = Counter::Place.take(tx, logged.len()).await?;
    let mut aftermath = Aftermath::default();
    log_rows::write(tx, &logged, now, &mut aftermath).await?;
    log_rows::write_bodies(tx, &logged).await?;
    write_seats(tx, &logged, before, now).await?;
    write_holds(tx, &logged).await?;
    write_retries(tx, &logged, now).await?;
    write_batches(tx, &logged, now).await?;
    let events = aftermath.write(tx, now).await?;
    let places = logged.iter().zip(before + 1..);
    let places = places.map(|((task, _), place)| (task.message.task_id, Place(place)));
    let places: HashMap<TaskId, Place> = places.collect();
    Ok(answers(tasks, plan, &places, events, now))
}

fn invoices(task: &NewTask, tax: TaxId) -> impl Iterator<Item = InvoiceRow<'_>> {
    task.message.invoices.iter().map(move |invoice| InvoiceRow {
        tax_id: tax.0,
        number: &invoice.key.number,
        code: &invoice.key.code,
        task_id: columns::hex(task.message.task_id),
    })
}

async fn read_facts(tx: &mut Tx, tasks: &[NewTask], now: Moment) -> Result<Facts, Fault> {
    let mut facts = Facts { now: Some(now), ..Facts::default() };
    let ids = tasks.iter().map(|task| task.message.task_id);
    let originals = tasks.iter().filter_map(|task| task.message.retry_of);
    let rows: Vec<KnownRow> = sqlx::query_as(sql!("append/known"))
        .bind(columns::hexes(ids.chain(originals)))
        .fetch_all(&mut **tx)
        .await?;
    for row in rows {
        let known = Known {
            body_hash: row.body_hash,
            first_logged_at: moment(row.enqueued_at),
            state: codec::read(&row.state)?,
            unknown: row.unknown,
            waiting: row.lane_id.map(LaneId).zip(row.tax_id.map(TaxId)),
            retry: row.retry_task_id.map(TaskId),
        };
        facts.known.insert(TaskId(row.task_id), known);
    }
    let wanted: Vec<InvoiceRow<'_>> = tasks
        .iter()
        .filter_map(|task| Some((task, append_plan::holder(task)?)))
        .flat_map(|(task, tax)| invoices(task, tax))
        .collect();
    if !wanted.is_empty() {
        let rows: Vec<(i32, String, String)> = sqlx::query_as(sql!("append/held"))
            .bind(columns::rows(&wanted))
            .fetch_all(&mut **tx)
            .await?;
        let keys = rows.into_iter();
        let keys = keys.map(|(tax, number, code)| (TaxId(tax), InvoiceKey { code, number }));
        facts.held.extend(keys);
    }
    Ok(facts)
}

async fn write_seats(
    tx: &mut Tx,
    logged: &[(&NewTask, &Planned)],
    before: i64,
    now: Moment,
) -> Result<(), Fault> {
    let (mut waits, mut holds) = (Vec::new(), Vec::new());
    for ((task, planned), place) in logged.iter().zip(before + 1..) {
        let seat = |lane: Option<LaneId>, tax: TaxId, run_at: Option<Moment>| SeatRow {
            task_id: columns::hex(task.message.task_id),
            lane_id: lane.map(|lane| lane.0),
            tax_id: tax.0,
            class: task.message.kind.class() as i16,
            place,
            since: micros(now),
            run_at: run_at.map(micros),
        };
        match planned {
            Planned::Queue { lane, tax, run_at } => waits.push(seat(Some(*lane), *tax, *run_at)),
            Planned::Hold { tax } => holds.push(seat(None, *tax, task.message.not_before)),
            _ => {}
        }
    }
    send(tx, sql!("append/serves"), &waits).await?;
    send(tx, sql!("case/wait"), &waits).await?;
    send(tx, sql!("case/hold"), &holds).await
}

async fn write_holds(tx: &mut Tx, logged: &[(&NewTask, &Planned)]) -> Result<(), Fault> {
    let mut rows = Vec::new();
    for (task, planned) in logged {
        let (Planned::Queue { tax, .. } | Planned::Hold { tax }) = planned else { continue };
        if task.message.kind.action().is_some() {
            rows.extend(invoices(task, *tax));
        }
    }
    send(tx, sql!("append/holds"), &rows).await
}

async fn write_retries(
    tx: &mut Tx,
    logged: &[(&NewTask, &Planned)],
    now: Moment,
) -> Result<(), Fault> {
    let retries = logged.iter().filter_map(|(task, _)| {
        let failed = columns::hex(task.message.retry_of?);
        Some(RetryRow { failed, retry: columns::hex(task.message.task_id) })
    });
    send_at(tx, sql!("append/retry"), &retries.collect::<Vec<_>>(), now).await
}

async fn write_batches(
    tx: &mut Tx,
    logged: &[(&NewTask, &Planned)],
    now: Moment,
) -> Result<(), Fault> {
    let mut counts: BTreeMap<&str, i32> = BTreeMap::new();
    for batch_id in logged.iter().filter_map(|(task, _)| task.message.batch_id.as_deref()) {
        *counts.entry(batch_id).or_default() += 1;
    }
    let rows = counts.into_iter().map(|(batch_id, tasks)| BatchRow { batch_id, tasks });
    send_at(tx, sql!("append/batch"), &rows.collect::<Vec<_>>(), now).await
}

fn answers(
    tasks: &[NewTask],
    plan: Vec<Planned>,
    places: &HashMap<TaskId, Place>,
    mut events: Numbers,
    now: Moment,
) -> Vec<Appended> {
    let waiting = |planned: &Planned| match planned {
        Planned::Queue { lane, tax, run_at: None } => Some((*lane, *tax)),
        _ => None,
    };
    let waiting: Vec<_> = plan.iter().map(waiting).collect();
    let answer = |(task, planned): (&NewTask, Planned)| match planned {
        Planned::Answer(appended) => appended,
        Planned::Repeats { index, same: true } => Appended::Duplicate { waiting: waiting[index] },
        Planned::Repeats { .. } => Appended::OtherBody { first_logged_at: now },
        Planned::Queue { lane, tax, run_at } => Appended::Queued {
            lane,
            tax,
            place: places[&task.message.task_id],
            since: now,
            due: run_at.is_none(),
        },
        Planned::Hold { .. } => Appended::Held,
        Planned::End(ended) => Appended::Final {
            state: ended.state,
            reason: ended.reason,
            events: events.remove(&task.message.task_id).unwrap_or_default(),
        },
    };
    tasks.iter().zip(plan).map(answer).collect()
}
