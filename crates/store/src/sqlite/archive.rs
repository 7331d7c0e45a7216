//! Looking at the task log.

use super::{
    SqliteStore, Tx,
    columns::{self, earlier, micros, moment},
    fault::Fault,
    work,
};
use crate::codec;
use async_trait::async_trait;
use domain::{
    Moment, ids::TaskId, invoice::InvoiceKey, kind::Class, ledger::LedgerLine, schedule::Hindrance,
};
use fleet::ports::{
    StoreError,
    archive::{
        After, Archive, Counts, Occupied, StoreHealth, SubmissionRow, TaskCard, TaskFilter, TaskRow,
    },
};
use sqlx::{Sqlite, sqlite::SqliteArguments};
use std::time::Duration;
use uuid::Uuid;

/// A filter as the statements take it: `?1` to `?11`, NULL where anything will do.
#[derive(Debug)]
pub(super) struct Filter {
    states: Option<String>,
    shown: Option<String>,
    kinds: Option<String>,
    tax_no: Option<String>,
    bureau: Option<String>,
    account: Option<String>,
    batch_id: Option<String>,
    from: i64,
    to: i64,
    within: Option<String>,
    user: Option<String>,
}

type Query<T> = sqlx::query::QueryAs<'static, Sqlite, T, SqliteArguments>;

impl Filter {
    pub(super) fn of(filter: &TaskFilter) -> Filter {
        fn any<T: serde::Serialize>(list: &[T]) -> Option<String> {
            (!list.is_empty()).then(|| columns::rows(list))
        }
        Filter {
            states: any(&filter.states),
            shown: any(&filter.shown),
            kinds: any(&filter.kinds),
            tax_no: filter.tax_no.as_ref().map(ToString::to_string),
            bureau: filter.bureau.map(|bureau| bureau.to_string()),
            account: filter.account.as_ref().map(ToString::to_string),
            batch_id: filter.batch_id.clone(),
            from: filter.enqueued_from.map_or(i64::MIN, micros),
            to: filter.enqueued_to.map_or(i64::MAX, micros),
            within: filter.within.as_ref().map(|within| columns::rows(&within.organisations)),
            user: filter.within.as_ref().map(|within| within.user.clone()),
        }
    }

    pub(super) fn bind<T>(self, query: Query<T>) -> Query<T> {
        query
            .bind(self.states)
            .bind(self.shown)
            .bind(self.kinds)
            .bind(self.tax_no)
            .bind(self.bureau)
            .bind(self.account)
            .bind(self.batch_id)
            .bind(self.from)
            .bind(self.to)
            .bind(self.within)
            .bind(self.user)
    }
}

#[derive(Debug, sqlx::FromRow)]
struct ArchiveRow {
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
    attempts: u32,
    invoices_total: u32,
    invoices_succeeded: u32,
    enqueued_at: i64,
    started_at: Option<i64>,
    finished_at: Option<i64>,
    submitted_by: Option<String>,
    unknown: bool,
}

impl ArchiveRow {
    fn row(self) -> Result<TaskRow, Fault> {
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
            attempts: self.attempts,
            invoices_total: self.invoices_total,
            invoices_succeeded: self.invoices_succeeded,
            enqueued_at: moment(self.enqueued_at),
            started_at: self.started_at.map(moment),
            finished_at: self.finished_at.map(moment),
            submitted_by: self.submitted_by,
            unknown: self.unknown,
        })
    }
}

/// The task's row; None: it was never logged, or is forgotten.
pub(super) async fn log_row(tx: &mut Tx, task: TaskId) -> Result<Option<TaskRow>, Fault> {
    let query = sqlx::query_as(sql!("archive/row")).bind(task.0);
    let row: Option<ArchiveRow> = query.fetch_optional(&mut **tx).await?;
    row.map(ArchiveRow::row).transpose()
}

impl SqliteStore {
    async fn read_page(
        &self,
        filter: &TaskFilter,
        after: Option<After>,
        limit: usize,
    ) -> Result<Vec<TaskRow>, Fault> {
        let statement =
            if filter.batch_id.is_some() { sql!("archive/batch") } else { sql!("archive/list") };
        let start = after.map(|after| (micros(after.enqueued_at), after.task_id.0));
        let (at, id) = start.unwrap_or((i64::MAX, Uuid::max()));
        let rows: Vec<ArchiveRow> = Filter::of(filter)
            .bind(sqlx::query_as(statement))
            .bind(at)
            .bind(id)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&mut *self.read().await?)
            .await?;
        rows.into_iter().map(ArchiveRow::row).collect()
    }

    async fn read_counts(&self, filter: &TaskFilter) -> Result<Counts, Fault> {
        let query = Filter::of(filter).bind(sqlx::query_as(sql!("archive/count")));
        let rows: Vec<(String, i64)> = query.fetch_all(&mut *self.read().await?).await?;
        let mut by_state = Vec::with_capacity(rows.len());
        for (state, count) in rows {
            by_state.push((codec::read(&state)?, codec::count(count)));
        }
        by_state.sort_unstable();
        Ok(Counts { by_state })
    }

    async fn read_card(&self, task: TaskId) -> Result<Option<TaskCard>, Fault> {
        let mut tx = self.read().await?;
        let Some(row) = log_row(&mut tx, task).await? else { return Ok(None) };
        let query = sqlx::query_scalar(sql!("keys/body")).bind(task.0);
        let body: String = query.fetch_one(&mut *tx).await?;
        let query = sqlx::query_scalar(sql!("archive/retry")).bind(task.0);
        let retry: Option<Uuid> = query.fetch_optional(&mut *tx).await?;
        let lines: Vec<(String, String, String, String)> =
            sqlx::query_as(sql!("archive/ledger")).bind(task.0).fetch_all(&mut *tx).await?;
        let mut ledger = Vec::with_capacity(lines.len());
        for (number, code, outcome, reason) in lines {
            let outcome = codec::read(&outcome)?;
            ledger.push(LedgerLine { invoice: InvoiceKey { code, number }, outcome, reason });
        }
        let sent = work::submissions(&mut tx, &[task]).await?.remove(&task).unwrap_or_default();
        let submissions = sent.into_iter().map(|sent| SubmissionRow {
            act: sent.act,
            fence: sent.fence.0,
            sent_at: sent.sent_at,
            receipt: sent.receipt,
            answer: sent.answer,
        });
        let submissions = submissions.collect();
        // In memory there is one connection: it must be free for the next question.
        drop(tx);
        let why = self.why_not(task).await?;
        let retry = retry.map(TaskId);
        Ok(Some(TaskCard { row, body, ledger, retry, submissions, why }))
    }

    async fn read_occupied(&self) -> Result<Vec<Occupied>, Fault> {
        let mut tx = self.read().await?;
        let rows = sqlx::query_as(sql!("archive/occupied")).fetch_all(&mut *tx).await?;
        Ok(codec::occupied(rows)?)
    }

    async fn read_health(&self, our_clock: Moment) -> Result<StoreHealth, Fault> {
        let schema_version = self.schema_version().await?;
        let mut tx = self.read().await?;
        let now = self.now();
        let mut health = StoreHealth {
            clock_skew_seconds: (now - our_clock).as_seconds_f64(),
            schema_version,
            ..StoreHealth::default()
        };
        let waiting: Vec<(i16, i64, i64)> =
            sqlx::query_as(sql!("archive/waiting")).fetch_all(&mut *tx).await?;
        for (class, count, oldest) in waiting {
            let class = Class::from_number(class)
                .ok_or_else(|| Fault::broken(format!("{class} is not a class")))?;
            health.waiting_by_class.push((class, codec::count(count)));
            let seconds = (now - moment(oldest)).as_seconds_f64();
            health.oldest_waiting_seconds.push((class, seconds));
        }
        let (running, parked, outbox, full_lanes): (i64, i64, i64, i64) =
            sqlx::query_as(sql!("archive/health")).fetch_one(&mut *tx).await?;
        health.running = codec::count(running);
        health.parked = codec::count(parked);
        health.outbox = codec::count(outbox);
        health.full_lanes = codec::count(full_lanes);
        Ok(health)
    }

    async fn forget_old(&self, keep: Duration, limit: usize) -> Result<u64, Fault> {
        let mut tx = self.begin().await?;
        let old: Vec<Uuid> = sqlx::query_scalar(sql!("archive/old"))
            .bind(micros(earlier(self.now(), keep)))
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&mut *tx)
            .await?;
        if old.is_empty() {
            return Ok(0);
        }
        let ids = columns::hexes(old.iter().map(|id| TaskId(*id)));
        sqlx::query(sql!("archive/forget_retries")).bind(&ids).execute(&mut *tx).await?;
        let gone = sqlx::query(sql!("archive/forget")).bind(&ids).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(gone.rows_affected())
    }
}

#[async_trait]
impl Archive for SqliteStore {
    async fn list(
        &self,
        filter: &TaskFilter,
        after: Option<After>,
        limit: usize,
    ) -> Result<Vec<TaskRow>, StoreError> {
        Ok(self.read_page(filter, after, limit).await?)
    }

    async fn count(&self, filter: &TaskFilter) -> Result<Counts, StoreError> {
        Ok(self.read_counts(filter).await?)
    }

    async fn card(&self, task: TaskId) -> Result<Option<TaskCard>, StoreError> {
        Ok(self.read_card(task).await?)
    }

    async fn why(&self, task: TaskId) -> Result<Option<Hindrance>, StoreError> {
        Ok(self.why_not(task).await?)
    }

    async fn occupied(&self) -> Result<Vec<Occupied>, StoreError> {
        Ok(self.read_occupied().await?)
    }

    async fn health(&self, our_clock: Moment) -> Result<StoreHealth, StoreError> {
        Ok(self.read_health(our_clock).await?)
    }

    async fn forget(&self, keep: Duration, limit: usize) -> Result<u64, StoreError> {
        Ok(self.forget_old(keep, limit).await?)
    }
}
