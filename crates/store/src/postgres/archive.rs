//! Looking at the task log.

use super::{PostgresStore, fault::Fault, filter, hindered, work};
use crate::codec;
use async_trait::async_trait;
use domain::{
    Moment, ids::TaskId, invoice::InvoiceKey, kind::Class, ledger::LedgerLine, schedule::Hindrance,
    task::StateName,
};
use fleet::ports::{
    StoreError,
    archive::{
        After, Archive, Counts, Occupied, StoreHealth, SubmissionRow, TaskCard, TaskFilter, TaskRow,
    },
};
use sqlx::FromRow;
use std::time::Duration;
use uuid::Uuid;

#[derive(Debug, FromRow)]
struct LogRow {
    task_id: Uuid,
    batch_id: Option<String>,
    kind: String,
    tax_no: String,
    bureau: Option<String>,
    account: Option<String>,
    tax_period: Option<String>,
    state: String,
    shown_state: String,
    reason: String,
    retry_of: Option<Uuid>,
    attempts: i32,
    invoices_total: i32,
    invoices_succeeded: i32,
    enqueued_at: Moment,
    started_at: Option<Moment>,
    finished_at: Option<Moment>,
    submitted_by: Option<String>,
    unknown: bool,
}

impl LogRow {
    fn task_row(self) -> Result<TaskRow, StoreError> {
        Ok(TaskRow {
            task_id: TaskId(self.task_id),
            batch_id: self.batch_id,
            kind: codec::read(&self.kind)?,
            tax_no: codec::read(&self.tax_no)?,
            bureau: codec::read_optional(self.bureau.as_deref())?,
            account: codec::read_optional(self.account.as_deref())?,
            tax_period: codec::read_optional(self.tax_period.as_deref())?,
            state: codec::read(&self.state)?,
            shown_state: codec::read(&self.shown_state)?,
            reason: self.reason,
            retry_of: self.retry_of.map(TaskId),
            attempts: codec::count(self.attempts),
            invoices_total: codec::count(self.invoices_total),
            invoices_succeeded: codec::count(self.invoices_succeeded),
            enqueued_at: self.enqueued_at,
            started_at: self.started_at,
            finished_at: self.finished_at,
            submitted_by: self.submitted_by,
            unknown: self.unknown,
        })
    }
}

#[derive(Debug, FromRow)]
struct RestRow {
    body: String,
    retry_task_id: Option<Uuid>,
    held: bool,
    parked: bool,
    bureau: Option<i32>,
    account: Option<String>,
    needs_person: bool,
    owner: Option<i32>,
    ask_at: Option<Moment>,
    now: Moment,
}

impl RestRow {
    /// Why it is parked, or why nobody asks about it; None: it is neither.
    fn unasked(&self) -> Result<Option<Hindrance>, StoreError> {
        let (Some(bureau), Some(account)) = (self.bureau, self.account.as_deref()) else {
            return Ok(None);
        };
        let lane = codec::lane_key(bureau, account)?;
        Ok(Some(match self.ask_at {
            _ if self.parked || self.needs_person => Hindrance::Offline { lane },
            None => Hindrance::Offline { lane },
            Some(until) if until > self.now => Hindrance::NotBefore { until },
            _ if self.owner.is_none() => Hindrance::NoOwner { lane },
            _ => Hindrance::AboutToStart,
        }))
    }
}

#[derive(Debug, FromRow)]
struct LineRow {
    invoice_code: String,
    invoice_no: String,
    outcome: String,
    reason: String,
}

#[derive(Debug, FromRow)]
struct HealthRow {
    running: i64,
    parked: i64,
    outbox: i64,
    full_lanes: i64,
    now: Moment,
    schema_version: Option<i64>,
}

#[derive(Debug, FromRow)]
struct WaitingRow {
    class: i16,
    tasks: i64,
    oldest: f64,
}

impl PostgresStore {
    async fn rest(&self, task: TaskId) -> Result<Option<RestRow>, Fault> {
        let rest = sqlx::query_as(sql!("archive/rest")).bind(task.0);
        Ok(rest.fetch_optional(&self.pool).await?)
    }

    pub(super) async fn log_row(&self, task: TaskId) -> Result<Option<TaskRow>, StoreError> {
        let row: Option<LogRow> = sqlx::query_as(sql!("archive/row"))
            .bind(task.0)
            .fetch_optional(&self.pool)
            .await
            .map_err(Fault::from)?;
        row.map(LogRow::task_row).transpose()
    }

    async fn why_not(
        &self,
        row: &TaskRow,
        rest: &RestRow,
    ) -> Result<Option<Hindrance>, StoreError> {
        use StateName::{Delayed, Held, Parked, Queued};
        if !matches!(row.state, Held | Queued | Delayed | Parked) {
            return Ok(None);
        }
        if rest.held {
            return Ok(Some(Hindrance::NoAccount { tax_no: row.tax_no.clone() }));
        }
        if let Some(why) = rest.unasked()? {
            return Ok(Some(why));
        }
        let mut tx = self.begin().await?;
        let why = hindered::of_waiting(&mut tx, row.task_id).await?;
        Ok(Some(why.unwrap_or(hindered::GONE)))
    }

    /// Each in a transaction of its own: the log is locked for one month at a time.
    async fn drop_emptied_months(&self, keep: Duration) -> Result<(), Fault> {
        loop {
            let dropped: Option<String> = sqlx::query_scalar(sql!("archive/drop_month"))
                .bind(keep.as_secs_f64())
                .fetch_one(&self.pool)
                .await?;
            let Some(month) = dropped else { return Ok(()) };
            tracing::info!(month, "dropped an emptied month of the log");
        }
    }

    async fn lines(&self, task: TaskId) -> Result<Vec<LedgerLine>, StoreError> {
        let rows: Vec<LineRow> = sqlx::query_as(sql!("archive/ledger"))
            .bind(task.0)
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        let line = |row: LineRow| {
            Ok(LedgerLine {
                invoice: InvoiceKey { code: row.invoice_code, number: row.invoice_no },
                outcome: codec::read(&row.outcome)?,
                reason: row.reason,
            })
        };
        rows.into_iter().map(line).collect()
    }

    async fn sent(&self, task: TaskId) -> Result<Vec<SubmissionRow>, StoreError> {
        let mut tx = self.begin().await?;
        let sent = work::submissions(&mut tx, &[task.0]).await?.remove(&task).unwrap_or_default();
        let row = |sent: work::Sent| SubmissionRow {
            act: sent.act,
            fence: sent.fence.0,
            sent_at: sent.sent_at,
            receipt: sent.receipt,
            answer: sent.answer,
        };
        Ok(sent.into_iter().map(row).collect())
    }
}

#[async_trait]
impl Archive for PostgresStore {
    async fn list(
        &self,
        filter: &TaskFilter,
        after: Option<After>,
        limit: usize,
    ) -> Result<Vec<TaskRow>, StoreError> {
        let rows = filter::bind(sqlx::query(sql!("archive/list")), filter)
            .bind(after.map(|after| after.enqueued_at))
            .bind(after.map(|after| after.task_id.0))
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        rows.iter().map(|row| LogRow::from_row(row).map_err(Fault::from)?.task_row()).collect()
    }

    async fn count(&self, filter: &TaskFilter) -> Result<Counts, StoreError> {
        let rows = filter::bind(sqlx::query(sql!("archive/count")), filter)
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        let mut by_state = Vec::with_capacity(rows.len());
        for row in &rows {
            let (state, tasks) = <(String, i64)>::from_row(row).map_err(Fault::from)?;
            by_state.push((codec::read(&state)?, codec::count(tasks)));
        }
        by_state.sort_unstable();
        Ok(Counts { by_state })
    }

    async fn card(&self, task: TaskId) -> Result<Option<TaskCard>, StoreError> {
        let (Some(row), Some(rest)) = (self.log_row(task).await?, self.rest(task).await?) else {
            return Ok(None);
        };
        let why = self.why_not(&row, &rest).await?;
        Ok(Some(TaskCard {
            row,
            body: rest.body,
            ledger: self.lines(task).await?,
            retry: rest.retry_task_id.map(TaskId),
            submissions: self.sent(task).await?,
            why,
        }))
    }

    async fn why(&self, task: TaskId) -> Result<Option<Hindrance>, StoreError> {
        let (Some(row), Some(rest)) = (self.log_row(task).await?, self.rest(task).await?) else {
            return Ok(None);
        };
        self.why_not(&row, &rest).await
    }

    async fn occupied(&self) -> Result<Vec<Occupied>, StoreError> {
        let rows = sqlx::query_as(sql!("archive/occupied")).fetch_all(&self.pool).await;
        codec::occupied(rows.map_err(Fault::from)?)
    }

    async fn health(&self, our_clock: Moment) -> Result<StoreHealth, StoreError> {
        let health: HealthRow = sqlx::query_as(sql!("archive/health"))
            .fetch_one(&self.pool)
            .await
            .map_err(Fault::from)?;
        let waiting: Vec<WaitingRow> = sqlx::query_as(sql!("archive/waiting"))
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        let of_class = |row: &WaitingRow| Class::from_number(row.class);
        Ok(StoreHealth {
            waiting_by_class: waiting
                .iter()
                .filter_map(|row| Some((of_class(row)?, codec::count(row.tasks))))
                .collect(),
            oldest_waiting_seconds: waiting
                .iter()
                .filter_map(|row| Some((of_class(row)?, row.oldest)))
                .collect(),
            running: codec::count(health.running),
            parked: codec::count(health.parked),
            outbox: codec::count(health.outbox),
            full_lanes: codec::count(health.full_lanes),
            clock_skew_seconds: (health.now - our_clock).as_seconds_f64(),
            schema_version: health.schema_version.unwrap_or_default(),
        })
    }

    async fn forget(&self, keep: Duration, limit: usize) -> Result<u64, StoreError> {
        sqlx::query(sql!("archive/months")).execute(&self.pool).await.map_err(Fault::from)?;
        let gone = sqlx::query(sql!("archive/forget"))
            .bind(keep.as_secs_f64())
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .execute(&self.pool)
            .await
            .map_err(Fault::from)?;
        let gone = gone.rows_affected();
        // What could be forgotten is forgotten: months may have become empty.
        if gone < u64::try_from(limit).unwrap_or(u64::MAX) {
            self.drop_emptied_months(keep).await?;
        }
        Ok(gone)
    }
}
