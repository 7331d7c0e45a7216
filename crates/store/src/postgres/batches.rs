//! Batches, and where their tasks stand.

use super::{PostgresStore, fault::Fault};
use crate::{
    batch_rows::{self, LineEndRow, LineRow, TallyRow},
    codec,
};
use async_trait::async_trait;
use domain::{
    Moment,
    batch::{Batch, BatchLine},
    ids::{LaneId, TaskId},
    invoice::InvoiceKey,
};
use fleet::ports::{
    StoreError,
    batches::{AfterBatch, Backlog, BatchBook, BatchFilter, Kept, LineEnd, NewBatch, Tally},
};
use std::time::Duration;
use uuid::Uuid;

impl PostgresStore {
    async fn keep(&self, new: &NewBatch) -> Result<Kept, Fault> {
        let batch = &new.batch;
        let mut tx = self.begin().await?;
        let kept = sqlx::query(sql!("batches/keep"))
            .bind(&batch.batch_id)
            .bind(batch.state.name())
            .bind(&batch.submitted_by)
            .bind(batch_rows::head(batch))
            .bind(codec::count::<_, i32>(batch.version))
            .bind(codec::count::<_, i32>(batch.tasks()))
            .bind(&batch.asked)
            .bind(batch.created_at)
            .execute(&mut *tx)
            .await?;
        if kept.rows_affected() == 0 {
            let (asked, created_at): (String, Moment) = sqlx::query_as(sql!("batches/known"))
                .bind(&batch.batch_id)
                .fetch_one(&mut *tx)
                .await?;
            let same = asked == batch.asked;
            return Ok(if same { Kept::Before } else { Kept::Other { created_at } });
        }
        let rows: Vec<LineRow> = new.lines.iter().map(LineRow::of).collect();
        fn column<T>(rows: &[LineRow], of: impl Fn(&LineRow) -> T) -> Vec<T> {
            rows.iter().map(of).collect()
        }
        sqlx::query(sql!("batches/keep_lines"))
            .bind(&batch.batch_id)
            .bind(column(&rows, |row| codec::count::<_, i32>(row.part)))
            .bind(column(&rows, |row| codec::count::<_, i32>(row.at)))
            .bind(column(&rows, |row| row.number.clone()))
            .bind(column(&rows, |row| row.code.clone()))
            .bind(column(&rows, |row| codec::count::<_, i16>(row.invoice_type)))
            .bind(column(&rows, |row| row.reason.clone()))
            .bind(column(&rows, |row| row.reason_text.clone()))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(Kept::New)
    }

    async fn heads_of(
        &self,
        filter: &BatchFilter,
        after: Option<&AfterBatch>,
        limit: usize,
    ) -> Result<Vec<String>, Fault> {
        let states: Vec<&str> = filter.states.iter().map(|state| state.name()).collect();
        let heads = sqlx::query_scalar(sql!("batches/list"))
            .bind((!states.is_empty()).then_some(states))
            .bind(&filter.submitted_by)
            .bind(after.map(|after| after.created_at))
            .bind(after.map(|after| after.batch_id.as_str()))
            .bind(codec::count::<_, i64>(limit))
            .fetch_all(&self.pool)
            .await?;
        Ok(heads)
    }
}

#[async_trait]
impl BatchBook for PostgresStore {
    async fn keep_batch(&self, batch: &NewBatch) -> Result<Kept, StoreError> {
        Ok(self.keep(batch).await?)
    }

    async fn batch(&self, batch_id: &str) -> Result<Option<Batch>, StoreError> {
        let head: Option<String> = sqlx::query_scalar(sql!("batches/head"))
            .bind(batch_id)
            .fetch_optional(&self.pool)
            .await
            .map_err(Fault::from)?;
        head.as_deref().map(batch_rows::read_head).transpose()
    }

    async fn batches(
        &self,
        filter: &BatchFilter,
        after: Option<&AfterBatch>,
        limit: usize,
    ) -> Result<Vec<Batch>, StoreError> {
        batch_rows::read_heads(self.heads_of(filter, after, limit).await?)
    }

    async fn batch_lines(
        &self,
        batch_id: &str,
        from: usize,
        limit: usize,
    ) -> Result<Vec<BatchLine>, StoreError> {
        let rows: Vec<LineRow> = sqlx::query_as(sql!("batches/lines"))
            .bind(batch_id)
            .bind(codec::count::<_, i64>(from))
            .bind(codec::count::<_, i64>(limit))
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        rows.into_iter().map(LineRow::line).collect()
    }

    async fn change_batch(&self, batch: &Batch) -> Result<bool, StoreError> {
        let next = Batch { version: batch.version + 1, ..batch.clone() };
        let changed = sqlx::query(sql!("batches/change"))
            .bind(&batch.batch_id)
            .bind(codec::count::<_, i32>(batch.version))
            .bind(batch.state.name())
            .bind(batch_rows::head(&next))
            .bind(codec::count::<_, i32>(batch.tasks()))
            .execute(&self.pool)
            .await
            .map_err(Fault::from)?;
        Ok(changed.rows_affected() == 1)
    }

    async fn left_batches(&self, age: Duration, limit: usize) -> Result<Vec<String>, StoreError> {
        let left = sqlx::query_scalar(sql!("batches/left"))
            .bind(age.as_secs_f64())
            .bind(codec::count::<_, i64>(limit))
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        Ok(left)
    }

    async fn tally(&self, batch_id: &str) -> Result<Vec<Tally>, StoreError> {
        let rows: Vec<TallyRow> = sqlx::query_as(sql!("batches/tally"))
            .bind(batch_id)
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        rows.into_iter().map(TallyRow::tally).collect()
    }

    async fn backlogs(&self, lanes: &[LaneId]) -> Result<Vec<Backlog>, StoreError> {
        let rows: Vec<(i64, i64)> = sqlx::query_as(sql!("batches/backlogs"))
            .bind(lanes.iter().map(|lane| lane.0).collect::<Vec<_>>())
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        let backlog = |(numbers, tasks)| Backlog {
            numbers: codec::count(numbers),
            tasks: codec::count(tasks),
        };
        Ok(rows.into_iter().map(backlog).collect())
    }

    async fn line_ends(
        &self,
        of: &[(TaskId, InvoiceKey)],
    ) -> Result<Vec<Option<LineEnd>>, StoreError> {
        let keys: Vec<InvoiceKey> = of.iter().map(|(_, key)| key.clone()).collect();
        let rows: Vec<LineEndRow> = sqlx::query_as(sql!("batches/line_ends"))
            .bind(of.iter().map(|(task, _)| task.0).collect::<Vec<Uuid>>())
            .bind(keys.iter().map(|key| key.number.as_str()).collect::<Vec<_>>())
            .bind(keys.iter().map(|key| key.code.as_str()).collect::<Vec<_>>())
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        batch_rows::in_order(&keys, rows)
    }
}
