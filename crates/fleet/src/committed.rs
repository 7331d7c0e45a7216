//! The way of the events that this worker has just committed to its publisher.

use tokio::sync::mpsc;

/// Commits that the publisher may be behind with; the sweeper publishes the rest.
const UNPUBLISHED: usize = 1024;

/// The publisher ends when the last of these is gone.
#[derive(Debug, Clone)]
pub(crate) struct Committed(mpsc::Sender<Vec<i64>>);

impl Committed {
    pub(crate) fn channel() -> (Committed, mpsc::Receiver<Vec<i64>>) {
        let (sender, receiver) = mpsc::channel(UNPUBLISHED);
        (Committed(sender), receiver)
    }

    /// Events that stand in the outbox with these numbers.
    pub(crate) fn publish(&self, numbers: Vec<i64>) {
        if !numbers.is_empty() && self.0.try_send(numbers).is_err() {
            tracing::debug!("the publisher is behind");
        }
    }
}
