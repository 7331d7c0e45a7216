//! Events that must leave at least once.

use super::{
    SqliteStore,
    columns::{self, earlier, micros, moment},
    fault::Fault,
};
use crate::codec;
use async_trait::async_trait;
use domain::ids::TaskId;
use fleet::ports::{
    StoreError,
    outbox::{Outbox, OutboxEvent},
};
use std::time::Duration;
use uuid::Uuid;

#[derive(Debug, sqlx::FromRow)]
struct EventRow {
    number: i64,
    task_id: Uuid,
    sequence: i32,
    kind: String,
    bureau: Option<String>,
    at: i64,
    data: String,
    failed_body: Option<String>,
    reason: String,
    traceparent: Option<String>,
}

impl EventRow {
    fn event(self) -> Result<OutboxEvent, Fault> {
        Ok(OutboxEvent {
            number: self.number,
            task: TaskId(self.task_id),
            sequence: self.sequence,
            kind: codec::read(&self.kind)?,
            bureau: codec::read_optional(self.bureau.as_deref())?,
            at: moment(self.at),
            data: self.data.into(),
            failed_body: self.failed_body.map(Into::into),
            reason: self.reason,
            traceparent: self.traceparent,
        })
    }
}

impl SqliteStore {
    async fn read_events(&self, numbers: &[i64]) -> Result<Vec<OutboxEvent>, Fault> {
        let query = sqlx::query_as(sql!("outbox/events")).bind(columns::rows(numbers));
        let rows: Vec<EventRow> = query.fetch_all(&mut *self.read().await?).await?;
        rows.into_iter().map(EventRow::event).collect()
    }

    async fn read_left_over(&self, age: Duration, limit: usize) -> Result<Vec<OutboxEvent>, Fault> {
        let rows: Vec<EventRow> = sqlx::query_as(sql!("outbox/left_over"))
            .bind(micros(earlier(self.now(), age)))
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&mut *self.read().await?)
            .await?;
        rows.into_iter().map(EventRow::event).collect()
    }

    async fn remove_events(&self, numbers: &[i64]) -> Result<(), Fault> {
        if numbers.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        let query = sqlx::query(sql!("outbox/published")).bind(columns::rows(numbers));
        query.execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }
}

#[async_trait]
impl Outbox for SqliteStore {
    async fn events(&self, numbers: &[i64]) -> Result<Vec<OutboxEvent>, StoreError> {
        Ok(self.read_events(numbers).await?)
    }

    async fn left_over(&self, age: Duration, limit: usize) -> Result<Vec<OutboxEvent>, StoreError> {
        Ok(self.read_left_over(age, limit).await?)
    }

    async fn published(&self, numbers: &[i64]) -> Result<(), StoreError> {
        Ok(self.remove_events(numbers).await?)
    }
}
