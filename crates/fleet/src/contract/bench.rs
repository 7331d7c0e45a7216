//! What an implementation of the store brings to its tests.

use crate::ports::Store;
use async_trait::async_trait;
use domain::Moment;
use std::{sync::Arc, time::Duration};

/// An empty store under test, and its clock.
#[async_trait]
pub trait Bench: Send + Sync {
    /// The store; the same one at every call.
    fn store(&self) -> Arc<dyn Store>;

    /// The store's clock, by which leases end and dates come.
    async fn now(&self) -> Moment;

    /// Lets this much time pass by the store's clock. Either the clock itself moves on, or every
    /// moment that the store keeps (leases, dates, gates, histories, times of rows and events)
    /// moves back by as much: the suite never compares a moment that it read before with one that
    /// it reads after.
    async fn advance(&self, by: Duration);

    /// Clears up after a test that went well.
    async fn end(self: Box<Self>) {}
}
