//! Time and chance of a run: both come from the seed and from nowhere else.

use domain::Moment;
use fleet::ports::clock::{Chance, Clock};
use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::{
    ops::Range,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;
use uuid::Uuid;

/// Virtual time: tokio's paused timer, from a fixed morning on.
#[derive(Debug)]
pub(crate) struct VirtualClock {
    began: Instant,
    morning: Moment,
}

impl VirtualClock {
    pub(crate) fn new() -> VirtualClock {
        let morning = "2025-12-01T00:00:00Z".parse().expect("a valid moment");
        VirtualClock { began: Instant::now(), morning }
    }

    /// Since the run began.
    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Moment {
        self.morning + self.began.elapsed()
    }
}

/// Everything that happens by chance.
#[derive(Debug)]
pub(crate) struct Dice(Mutex<ChaCha8Rng>);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(Mutex::new(ChaCha8Rng::seed_from_u64(seed)))
    }

    fn with<T>(&self, roll: impl FnOnce(&mut ChaCha8Rng) -> T) -> T {
        roll(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// True once in `n` on average; never when `n` is 0.
    pub(crate) fn once_in(&self, n: u32) -> bool {
        n > 0 && self.with(|rng| rng.random_ratio(1, n))
    }

    pub(crate) fn below(&self, n: usize) -> usize {
        self.with(|rng| rng.random_range(0..n.max(1)))
    }

    pub(crate) fn millis(&self, range: Range<u64>) -> Duration {
        Duration::from_millis(self.with(|rng| rng.random_range(range)))
    }

    /// One of them; None of none.
    pub(crate) fn one_of<'a, T>(&self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }

    /// A name with this share of the whole.
    pub(crate) fn weighted<T: Copy>(&self, shares: &[(u32, T)]) -> T {
        let whole: u32 = shares.iter().map(|(share, _)| share).sum();
        let mut point = self.with(|rng| rng.random_range(0..whole));
        for (share, what) in shares {
            if point < *share {
                return *what;
            }
            point -= share;
        }
        shares[shares.len() - 1].1
    }
}

impl Chance for Dice {
    fn unit(&self) -> f64 {
        self.with(|rng| rng.random())
    }

    fn id(&self, at: Moment) -> Uuid {
        let mut random = [0; 10];
        self.with(|rng| rng.fill_bytes(&mut random));
        let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}
