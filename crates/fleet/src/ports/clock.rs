//! Time and chance are arguments.

use domain::Moment;
use std::fmt::Debug;
use uuid::Uuid;

/// The wall clock. Waiting goes through tokio's timer, which tests pause.
pub trait Clock: Send + Sync + Debug {
    fn now(&self) -> Moment;
}

/// Randomness: back-off jitter and fresh ids.
pub trait Chance: Send + Sync + Debug {
    /// Uniform in [0, 1).
    fn unit(&self) -> f64;
    /// A new UUIDv7 at this moment.
    fn id(&self, at: Moment) -> Uuid;
}
