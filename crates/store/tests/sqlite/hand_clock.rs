//! A clock that stands until it is moved on.

use domain::Moment;
use fleet::ports::clock::Clock;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

#[derive(Debug)]
pub(crate) struct HandClock(Mutex<Moment>);

impl HandClock {
    pub(crate) fn new() -> Arc<HandClock> {
        let start = "2025-11-30T09:00:00Z".parse().expect("a moment");
        Arc::new(HandClock(Mutex::new(start)))
    }

    pub(crate) fn advance(&self, by: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

impl Clock for HandClock {
    fn now(&self) -> Moment {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
