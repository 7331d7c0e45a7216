//! The real clock and real chance: the only place that asks the machine for them.

use domain::Moment;
use fleet::ports::clock::{Chance, Clock};
use uuid::Uuid;

/// The machine's wall clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WallClock;

impl Clock for WallClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that all others are given")]
    fn now(&self) -> Moment {
        chrono::Utc::now()
    }
}

/// The machine's randomness, by way of random UUIDs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RealChance;

impl Chance for RealChance {
    #[expect(clippy::disallowed_methods, reason = "this is the chance that all others are given")]
    fn unit(&self) -> f64 {
        // 53 random bits, the precision of an f64.
        let bits = Uuid::new_v4().as_u128() as u64 >> 11;
        bits as f64 / (1u64 << 53) as f64
    }

    fn id(&self, at: Moment) -> Uuid {
        let seconds = u64::try_from(at.timestamp()).unwrap_or_default();
        let stamp =
            uuid::Timestamp::from_unix(uuid::NoContext, seconds, at.timestamp_subsec_nanos());
        Uuid::new_v7(stamp)
    }
}
