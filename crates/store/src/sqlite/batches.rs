//! Batches, and where their tasks stand.

use super::{
    SqliteStore,
    columns::{self, earlier, micros, moment},
    fault::Fault,
};
use crate::{
    batch_rows::{self, LineEndRow, LineRow, TallyRow},
    codec,
};
use async_trait::async_trait;
use domain::{
    batch::{Batch, BatchLine},
    ids::{LaneId, TaskId},
    invoice::InvoiceKey,
};
use fleet::ports::{
    StoreError,
    batches::{AfterBatch, Backlog, BatchBook, BatchFilter, Kept, LineEnd, NewBatch, Tally},
};
use serde::Serialize;
use std::time::Duration;

/// An invoice of a task, as the statement takes it.
#[derive(Serialize)]
struct AskedLine<'a> {
    task_id: String,
    number: &'a str,
    code: &'a str,
}

impl SqliteStore {
    async fn keep(&self, new: &NewBatch) -> Result<Kept, Fault> {
        let batch = &new.batch;
        let mut tx = self.begin().await?;
        let kept = sqlx::query(sql!("batches/keep"))
            .bind(&batch.batch_id)
            .bind(batch.state.name())
            .bind(&batch.submitted_by)
            .bind(batch_rows::head(batch))
            .bind(batch.version)
            .bind(codec::count::<_, i64>(batch.tasks()))
            .bind(&batch.asked)
            .bind(micros(batch.created_at))
            .bind(micros(self.now()))
            .execute(&mut *tx)
            .await?;
        if kept.rows_affected() == 0 {
            let (asked, created_at): (String, i64) = sqlx::query_as(sql!("batches/known"))
                .bind(&batch.batch_id)
                .fetch_one(&mut *tx)
                .await?;
            let created_at = moment(created_at);
            let same = asked == batch.asked;
            return Ok(if same { Kept::Before } else { Kept::Other { created_at } });
        }
        let rows: Vec<LineRow> = new.lines.iter().map(LineRow::of).collect();
        sqlx::query(sql!("batches/keep_lines"))
            .bind(&batch.batch_id)
            .bind(columns::rows(&rows))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(Kept::New)
    }

    async fn read_batch(&self, batch_id: &str) -> Result<Option<Batch>, Fault> {
        let head: Option<String> = sqlx::query_scalar(sql!("batches/head"))
            .bind(batch_id)
            .fetch_optional(&mut *self.read().await?)
            .await?;
        Ok(head.as_deref().map(batch_rows::read_head).transpose()?)
    }

    async fn read_batches(
        &self,
        filter: &BatchFilter,
        after: Option<&AfterBatch>,
        limit: usize,
    ) -> Result<Vec<Batch>, Fault> {
        let states = (!filter.states.is_empty()).then(|| columns::rows(&filter.states));
        let heads = sqlx::query_scalar(sql!("batches/list"))
            .bind(states)
            .bind(&filter.submitted_by)
            .bind(after.map_or(i64::MAX, |after| micros(after.created_at)))
            .bind(after.map(|after| after.batch_id.clone()).unwrap_or_default())
            .bind(codec::count::<_, i64>(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(batch_rows::read_heads(heads)?)
    }

    async fn read_lines(
        &self,
        batch_id: &str,
        from: usize,
        limit: usize,
    ) -> Result<Vec<BatchLine>, Fault> {
        let rows: Vec<LineRow> = sqlx::query_as(sql!("batches/lines"))
            .bind(batch_id)
            .bind(codec::count::<_, i64>(from))
            .bind(codec::count::<_, i64>(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(rows.into_iter().map(LineRow::line).collect::<Result<_, _>>()?)
    }

    async fn change(&self, batch: &Batch) -> Result<bool, Fault> {
        let next = Batch { version: batch.version + 1, ..batch.clone() };
        let mut tx = self.begin().await?;
        let changed = sqlx::query(sql!("batches/change"))
            .bind(&batch.batch_id)
            .bind(batch.version)
            .bind(batch.state.name())
            .bind(batch_rows::head(&next))
            .bind(codec::count::<_, i64>(batch.tasks()))
            .bind(micros(self.now()))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(changed.rows_affected() == 1)
    }

    async fn read_left(&self, age: Duration, limit: usize) -> Result<Vec<String>, Fault> {
        let left = sqlx::query_scalar(sql!("batches/left"))
            .bind(micros(earlier(self.now(), age)))
            .bind(codec::count::<_, i64>(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(left)
    }

    async fn read_tally(&self, batch_id: &str) -> Result<Vec<Tally>, Fault> {
        let rows: Vec<TallyRow> = sqlx::query_as(sql!("batches/tally"))
            .bind(batch_id)
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(rows.into_iter().map(TallyRow::tally).collect::<Result<_, _>>()?)
    }

    async fn read_backlogs(&self, lanes: &[LaneId]) -> Result<Vec<Backlog>, Fault> {
        let rows: Vec<(i64, i64)> = sqlx::query_as(sql!("batches/backlogs"))
            .bind(columns::rows(lanes))
            .fetch_all(&mut *self.read().await?)
            .await?;
        let backlog = |(numbers, tasks)| Backlog {
            numbers: codec::count(numbers),
            tasks: codec::count(tasks),
        };
        Ok(rows.into_iter().map(backlog).collect())
    }

    async fn read_line_ends(
        &self,
        of: &[(TaskId, InvoiceKey)],
    ) -> Result<Vec<Option<LineEnd>>, Fault> {
        let asked = of.iter().map(|(task, key)| AskedLine {
            task_id: columns::hex(*task),
            number: &key.number,
            code: &key.code,
        });
        let rows: Vec<LineEndRow> = sqlx::query_as(sql!("batches/line_ends"))
            .bind(columns::rows(&asked.collect::<Vec<_>>()))
            .fetch_all(&mut *self.read().await?)
            .await?;
        let keys: Vec<InvoiceKey> = of.iter().map(|(_, key)| key.clone()).collect();
        Ok(batch_rows::in_order(&keys, rows)?)
    }
}

#[async_trait]
impl BatchBook for SqliteStore {
    async fn keep_batch(&self, batch: &NewBatch) -> Result<Kept, StoreError> {
        Ok(self.keep(batch).await?)
    }

    async fn batch(&self, batch_id: &str) -> Result<Option<Batch>, StoreError> {
        Ok(self.read_batch(batch_id).await?)
    }

    async fn batches(
        &self,
        filter: &BatchFilter,
        after: Option<&AfterBatch>,
        limit: usize,
    ) -> Result<Vec<Batch>, StoreError> {
        Ok(self.read_batches(filter, after, limit).await?)
    }

    async fn batch_lines(
        &self,
        batch_id: &str,
        from: usize,
        limit: usize,
    ) -> Result<Vec<BatchLine>, StoreError> {
        Ok(self.read_lines(batch_id, from, limit).await?)
    }

    async fn change_batch(&self, batch: &Batch) -> Result<bool, StoreError> {
        Ok(self.change(batch).await?)
    }

    async fn left_batches(&self, age: Duration, limit: usize) -> Result<Vec<String>, StoreError> {
        Ok(self.read_left(age, limit).await?)
    }

    async fn tally(&self, batch_id: &str) -> Result<Vec<Tally>, StoreError> {
        Ok(self.read_tally(batch_id).await?)
    }

    async fn backlogs(&self, lanes: &[LaneId]) -> Result<Vec<Backlog>, StoreError> {
        Ok(self.read_backlogs(lanes).await?)
    }

    async fn line_ends(
        &self,
        of: &[(TaskId, InvoiceKey)],
    ) -> Result<Vec<Option<LineEnd>>, StoreError> {
        Ok(self.read_line_ends(of).await?)
    }
}
