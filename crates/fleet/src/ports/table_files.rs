//! How a version of a statistic table becomes a file that people open.

use async_trait::async_trait;
use domain::{Moment, invoice::Invoice, statistic::TableVersion};
use std::fmt::Debug;

/// A file could not be written, for a reason of its own; trying again seldom helps.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a file was not written: {0}")]
pub struct NotWritten(pub String);

/// Begins files: spreadsheets, or plain text in memory.
pub trait TableFiles: Send + Sync + Debug {
    /// A file of this version: its figures, ours and where they differ. `read_at` says in it when
    /// its invoices were read, `left_out` why there are none; else they are added page by page.
    fn begin(
        &self,
        version: &TableVersion,
        read_at: Moment,
        left_out: &str,
    ) -> Result<Box<dyn OpenTable>, NotWritten>;
}

/// A file on its way. What was added is not held in memory.
#[async_trait]
pub trait OpenTable: Send {
    fn add(&mut self, invoices: &[Invoice]) -> Result<(), NotWritten>;

    /// Puts it together, away from threads that others wait for.
    async fn finish(self: Box<Self>) -> Result<Vec<u8>, NotWritten>;
}
