//! Trying again what must not be lost, for as long as it takes.

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use std::time::Duration;

const LEAST: Duration = Duration::from_millis(50);
const MOST: Duration = Duration::from_secs(2);

/// Pauses of 50 ms growing to 2 s, without end.
#[derive(Debug)]
pub(crate) struct Patience(ExponentialBackoff);

impl Patience {
    pub(crate) fn new() -> Patience {
        let pauses = ExponentialBuilder::new().with_min_delay(LEAST).with_max_delay(MOST);
        Patience(pauses.without_max_times().build())
    }

    /// Waits before the next try.
    pub(crate) async fn pause(&mut self) {
        tokio::time::sleep(self.0.next().unwrap_or(MOST)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::{LEAST, MOST, Patience};
    use tokio::time::Instant;

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_to_the_longest_and_never_end() {
        let mut patience = Patience::new();
        let mut pauses = Vec::new();
        for _ in 0..100 {
            let began = Instant::now();
            patience.pause().await;
            pauses.push(began.elapsed());
        }
        assert!(pauses.is_sorted(), "{pauses:?}");
        assert_eq!((pauses[0], pauses[99]), (LEAST, MOST));
    }
}
