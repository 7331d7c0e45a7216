//! Whom a worker's intake tells what it has logged.

use super::{Arrivals, Taken};
use crate::{
    committed::Committed,
    dispatcher::{Errand, Errands},
    ports::{
        bus::{Bell, Ring},
        log::{Appended, Head},
    },
};

#[derive(Debug)]
pub(crate) struct Listeners {
    pub(crate) errands: Errands,
    pub(crate) arrivals: Arrivals,
    pub(crate) committed: Committed,
}

impl Listeners {
    /// What waits may start, what has ended is told to the world.
    pub(super) async fn tell(&self, taken: Vec<Taken>, bell: &dyn Bell) {
        let (mut heads, mut events) = (Vec::new(), Vec::new());
        for one in taken {
            match one {
                Taken::Waiting(head) => heads.push(head),
                Taken::Logged(Appended::Final { events: numbers, .. }) => events.extend(numbers),
                _ => {}
            }
        }
        self.committed.publish(events);
        if !heads.is_empty() {
            self.arrivals.note(&heads);
            bell.ring_others(ring(&heads));
            self.errands.send(Errand::Logged(heads)).await;
        }
    }
}

fn ring(heads: &[Head]) -> Ring {
    let mut ring = Ring::default();
    ring.lanes.extend(heads.iter().map(|head| head.lane));
    ring
}
