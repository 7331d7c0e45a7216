//! The clock that stamps the referee's log, and the bureau's own calendar over it.

use domain::Moment;
use std::fmt::Debug;

/// The wall clock, as an argument.
pub trait Clock: Send + Sync + Debug {
    fn now(&self) -> Moment;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that the simulator is given")]
    fn now(&self) -> Moment {
        chrono::Utc::now()
    }
}

/// The bureau's date: the clock's, or what `/control` set, running on from there.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Calendar {
    ahead: chrono::TimeDelta,
}

impl Calendar {
    pub(crate) fn date(&self, clock: Moment) -> Moment {
        clock.checked_add_signed(self.ahead).unwrap_or(clock)
    }

    /// The clock's time at the bureau's date.
    pub(crate) fn clock(&self, date: Moment) -> Moment {
        date.checked_sub_signed(self.ahead).unwrap_or(date)
    }

    pub(crate) fn set(&mut self, date: Moment, clock: Moment) {
        self.ahead = date - clock;
    }
}
