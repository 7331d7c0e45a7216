//! What follows from the end of tasks, written with their state in one transaction: ledger
//! lines, the pool, freed holds, marks of failure, counted batches, events.

use super::{Tx, fault::Fault};
use crate::{
    codec,
    event_data::{self, NewEvent, News, Subject},
    standing_row::{Heard, MarkRow, StandingRow},
};
use domain::{
    ids::{TaskId, TaxId},
    invoice::PoolChange,
    kind::Kind,
    ledger::{LedgerLine, LineOutcome},
    task::{ShownState, StateName},
};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// How a task ended.
#[derive(Debug)]
pub(super) struct Ending<'a> {
    pub(super) kind: Kind,
    pub(super) tax: Option<TaxId>,
    pub(super) state: StateName,
    pub(super) shown: ShownState,
    pub(super) reason: &'a str,
    pub(super) lines: &'a [LedgerLine],
    pub(super) pool: &'a [PoolChange],
    pub(super) unknown: bool,
}

/// Rows to write, gathered over a batch.
#[derive(Debug, Default)]
pub(super) struct Aftermath {
    lines: LineColumns,
    pool: Heard,
    failures: (Vec<Uuid>, Vec<bool>),
    freed: Vec<Uuid>,
    batches: BTreeMap<String, (i32, Subject)>,
    events: Vec<NewEvent>,
}

#[derive(Debug, Default)]
struct LineColumns {
    tasks: Vec<Uuid>,
    numbers: Vec<String>,
    codes: Vec<String>,
    actions: Vec<&'static str>,
    outcomes: Vec<&'static str>,
    reasons: Vec<String>,
}

#[derive(sqlx::FromRow)]
struct BatchRow {
    batch_id: String,
    tasks: i32,
    complete: bool,
}

/// How many of the lines succeeded.
pub(super) fn succeeded(lines: &[LedgerLine]) -> i32 {
    let count = lines.iter().filter(|line| line.outcome == LineOutcome::Succeeded).count();
    codec::count(count)
}

impl Aftermath {
    /// A task ended. `held`: it may hold invoices.
    pub(super) fn end(&mut self, subject: Subject, ending: &Ending<'_>, held: bool) {
        for line in ending.lines {
            self.lines.tasks.push(subject.task.0);
            self.lines.numbers.push(line.invoice.number.clone());
            self.lines.codes.push(line.invoice.code.clone());
            self.lines.actions.push(codec::action_name(ending.kind));
            self.lines.outcomes.push(line.outcome.name());
            self.lines.reasons.push(line.reason.clone());
        }
        if let Some(tax) = ending.tax {
            self.pool.hear(tax, ending.pool);
        }
        if matches!(ending.state, StateName::Failed | StateName::Refused) {
            self.failures.0.push(subject.task.0);
            self.failures.1.push(ending.unknown);
        }
        if held && ending.kind.action().is_some() {
            self.freed.push(subject.task.0);
        }
        if let Some(kind) = event_data::kind_of(ending.state) {
            let news = News {
                kind,
                state: ending.state,
                shown: ending.shown,
                reason: ending.reason,
                lines: ending.lines,
                unknown: ending.unknown,
            };
            self.events.push(event_data::task_event(&subject, &news));
        }
        if let Some(batch) = subject.batch_id.clone() {
            let entry = self.batches.entry(batch).or_insert_with(|| (0, subject.clone()));
            entry.0 += 1;
            entry.1 = subject;
        }
    }

    /// An event of a task that goes on.
    pub(super) fn event(&mut self, event: NewEvent) {
        self.events.push(event);
    }

    /// Writes all of it; the numbers of each task's events in the outbox, in order.
    pub(super) async fn write(mut self, tx: &mut Tx) -> Result<HashMap<TaskId, Vec<i64>>, Fault> {
        self.write_pool(tx).await?;
        if !self.freed.is_empty() {
            sqlx::query(sql!("ending/holds")).bind(&self.freed).execute(&mut **tx).await?;
        }
        self.count_batches(tx).await?;
        self.write_lines(tx).await?;
        if !self.failures.0.is_empty() {
            sqlx::query(sql!("ending/failure"))
                .bind(&self.failures.0)
                .bind(&self.failures.1)
                .execute(&mut **tx)
                .await?;
        }
        write_events(tx, &self.events).await
    }

    async fn write_lines(&self, tx: &mut Tx) -> Result<(), Fault> {
        if !self.lines.tasks.is_empty() {
            sqlx::query(sql!("ending/ledger"))
                .bind(&self.lines.tasks)
                .bind(&self.lines.numbers)
                .bind(&self.lines.codes)
                .bind(&self.lines.actions)
                .bind(&self.lines.outcomes)
                .bind(&self.lines.reasons)
                .execute(&mut **tx)
                .await?;
        }
        Ok(())
    }

    async fn write_pool(&self, tx: &mut Tx) -> Result<(), Fault> {
        let marked = &self.pool.marked;
        if !marked.is_empty() {
            fn column<'a, T>(marks: &'a [MarkRow], of: impl Fn(&'a MarkRow) -> T) -> Vec<T> {
                marks.iter().map(of).collect()
            }
            sqlx::query(sql!("ending/pool"))
                .bind(column(marked, |mark| mark.tax_id))
                .bind(column(marked, |mark| mark.number.as_str()))
                .bind(column(marked, |mark| mark.code.as_str()))
                .bind(column(marked, |mark| mark.selection))
                .bind(column(marked, |mark| mark.period))
                .bind(column(marked, |mark| mark.purpose))
                .bind(column(marked, |mark| mark.non_deduction_reason))
                .bind(column(marked, |mark| mark.non_deduction_text.as_str()))
                .execute(&mut **tx)
                .await?;
        }
        self.write_read(tx).await
    }

    /// What the bureau told decides with what is known now.
    async fn write_read(&self, tx: &mut Tx) -> Result<(), Fault> {
        if self.pool.read.is_empty() {
            return Ok(());
        }
        let known: Vec<StandingRow> = sqlx::query_as(sql!("ending/standing"))
            .bind(json(&self.pool.asked()))
            .fetch_all(&mut **tx)
            .await?;
        let standings = self.pool.standings(known)?;
        sqlx::query(sql!("ending/read")).bind(json(&standings)).execute(&mut **tx).await?;
        Ok(())
    }

    async fn count_batches(&mut self, tx: &mut Tx) -> Result<(), Fault> {
        if self.batches.is_empty() {
            return Ok(());
        }
        let ids: Vec<&str> = self.batches.keys().map(String::as_str).collect();
        let ended: Vec<i32> = self.batches.values().map(|entry| entry.0).collect();
        let rows: Vec<BatchRow> = sqlx::query_as(sql!("ending/batch"))
            .bind(&ids)
            .bind(&ended)
            .fetch_all(&mut **tx)
            .await?;
        let mut told = Vec::new();
        for row in rows.into_iter().filter(|row| row.complete) {
            let Some((_, last)) = self.batches.get(&row.batch_id) else { continue };
            told.push(last.task.0);
            let sequence = last.events + 2;
            self.events.push(event_data::batch_event(last, sequence, &row.batch_id, row.tasks));
        }
        if !told.is_empty() {
            sqlx::query(sql!("ending/count_event")).bind(&told).execute(&mut **tx).await?;
        }
        Ok(())
    }
}

fn json<T: Serialize>(rows: &[T]) -> String {
    serde_json::to_string(rows).expect("rows of texts and numbers are always JSON")
}

async fn write_events(
    tx: &mut Tx,
    events: &[NewEvent],
) -> Result<HashMap<TaskId, Vec<i64>>, Fault> {
    let mut numbers: HashMap<TaskId, Vec<i64>> = HashMap::new();
    if events.is_empty() {
        return Ok(numbers);
    }
    fn column<'a, T>(events: &'a [NewEvent], of: impl Fn(&'a NewEvent) -> T) -> Vec<T> {
        events.iter().map(of).collect()
    }
    let written: Vec<i64> = sqlx::query_scalar(sql!("ending/outbox"))
        .bind(column(events, |e| e.task.0))
        .bind(column(events, |e| e.sequence))
        .bind(column(events, |e| e.kind.name()))
        .bind(column(events, |e| e.bureau.as_deref()))
        .bind(column(events, |e| e.data.as_str()))
        .bind(column(events, |e| e.retriable))
        .bind(column(events, |e| e.reason.as_str()))
        .bind(column(events, |e| e.traceparent.as_deref()))
        .fetch_all(&mut **tx)
        .await?;
    for (event, number) in events.iter().zip(written) {
        numbers.entry(event.task).or_default().push(number);
    }
    Ok(numbers)
}
