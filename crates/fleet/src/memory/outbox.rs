//! The outbox's port.

use super::MemoryStore;
use crate::ports::{
    StoreError,
    outbox::{Outbox, OutboxEvent},
};
use async_trait::async_trait;
use std::time::Duration;

#[async_trait]
impl Outbox for MemoryStore {
    async fn events(&self, numbers: &[i64]) -> Result<Vec<OutboxEvent>, StoreError> {
        let book = self.open();
        Ok(numbers.iter().filter_map(|number| book.outbox.get(number).cloned()).collect())
    }

    async fn left_over(&self, age: Duration, limit: usize) -> Result<Vec<OutboxEvent>, StoreError> {
        let book = self.open();
        let old = |event: &&OutboxEvent| event.at + age <= book.now();
        Ok(book.outbox.values().filter(old).take(limit).cloned().collect())
    }

    async fn published(&self, numbers: &[i64]) -> Result<(), StoreError> {
        let mut book = self.open();
        for number in numbers {
            book.outbox.remove(number);
        }
        Ok(())
    }
}
