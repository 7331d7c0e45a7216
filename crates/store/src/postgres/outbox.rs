//! Events that must leave at least once.

use super::{PostgresStore, fault::Fault};
use crate::codec;
use async_trait::async_trait;
use domain::{Moment, ids::TaskId};
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
    at: Moment,
    data: String,
    reason: String,
    traceparent: Option<String>,
    failed_body: Option<String>,
}

impl EventRow {
    fn event(self) -> Result<OutboxEvent, StoreError> {
        Ok(OutboxEvent {
            number: self.number,
            task: TaskId(self.task_id),
            sequence: self.sequence,
            kind: codec::read(&self.kind)?,
            bureau: codec::read_optional(self.bureau.as_deref())?,
            at: self.at,
            data: self.data.into(),
            failed_body: self.failed_body.map(Into::into),
            reason: self.reason,
            traceparent: self.traceparent,
        })
    }
}

#[async_trait]
impl Outbox for PostgresStore {
    async fn events(&self, numbers: &[i64]) -> Result<Vec<OutboxEvent>, StoreError> {
        let rows: Vec<EventRow> = sqlx::query_as(sql!("outbox/events"))
            .bind(numbers)
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        rows.into_iter().map(EventRow::event).collect()
    }

    async fn left_over(&self, age: Duration, limit: usize) -> Result<Vec<OutboxEvent>, StoreError> {
        let rows: Vec<EventRow> = sqlx::query_as(sql!("outbox/left_over"))
            .bind(age.as_secs_f64())
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        rows.into_iter().map(EventRow::event).collect()
    }

    async fn published(&self, numbers: &[i64]) -> Result<(), StoreError> {
        sqlx::query(sql!("outbox/published"))
            .bind(numbers)
            .execute(&self.pool)
            .await
            .map_err(Fault::from)?;
        Ok(())
    }
}
