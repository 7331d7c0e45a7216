//! Whether a worker is ending, and how long it then still tries what it cannot do.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// SIGTERM: nothing new starts, what runs is finished or handed on.
#[derive(Debug, Clone)]
pub(crate) struct Draining {
    begun: CancellationToken,
    since: Arc<OnceLock<Instant>>,
    patience: Duration,
}

impl Draining {
    /// Not yet; in the end it is tried for `patience` what cannot be done.
    pub(crate) fn later(patience: Duration) -> Draining {
        Draining { begun: CancellationToken::new(), since: Arc::default(), patience }
    }

    pub(crate) fn begin(&self) {
        self.since.get_or_init(Instant::now);
        self.begun.cancel();
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.begun.is_cancelled()
    }

    pub(crate) async fn begun(&self) {
        self.begun.cancelled().await;
    }

    /// What has failed without a break since `failing` is given up. Never before the end: until
    /// then everything is tried for as long as it takes.
    pub(crate) fn gives_up(&self, failing: Instant) -> bool {
        self.since.get().is_some_and(|since| failing.max(*since).elapsed() >= self.patience)
    }

    /// When patience with what has failed all along is over; now when the end has not begun.
    pub(crate) fn until(&self) -> Instant {
        self.since.get().map_or_else(Instant::now, |since| *since + self.patience)
    }
}
