//! What a worker that gave up left to whoever works next.

use crate::ports::log::Turn;
use std::fmt;

/// See the module. Nothing of it is lost for good: keys run out, what was sent is asked about,
/// deliveries come again, the outbox is swept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Left {
    /// Tasks under its keys, perhaps.
    pub tasks: usize,
    /// Settlements not written.
    pub outcomes: usize,
    /// Evidence not written.
    pub evidence: usize,
    /// Deliveries not logged, or not rejected.
    pub deliveries: bool,
    /// Events not published.
    pub events: bool,
    /// Its number, and with it its lanes.
    pub number: bool,
}

impl Left {
    pub fn is_nothing(&self) -> bool {
        *self == Left::default()
    }

    /// And what was in this turn.
    pub(crate) fn count(&mut self, turn: &Turn) {
        self.tasks += turn.picks.len();
        self.outcomes += turn.settlements.len();
        self.evidence += turn.evidence.len();
    }

    fn parts(&self) -> Vec<String> {
        let counts = [
            (self.tasks, "tasks under its keys"),
            (self.outcomes, "outcomes unwritten"),
            (self.evidence, "proofs unwritten"),
        ];
        let counts = counts.iter().filter(|(count, _)| *count > 0);
        let mut parts: Vec<String> =
            counts.map(|(count, what)| format!("{count} {what}")).collect();
        let others = [
            (self.deliveries, "deliveries unlogged"),
            (self.events, "events unpublished"),
            (self.number, "its lanes not handed back"),
        ];
        parts.extend(others.iter().filter(|(left, _)| *left).map(|(_, what)| (*what).to_owned()));
        parts
    }
}

/// One sentence for whoever operates it.
impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "told to end while the store or the bus stayed away, this worker has given up and \
             left {}; when its lease is over the next worker goes on with all of it, and asks the \
             bureau about what may have been sent",
            self.parts().join(", ")
        )
    }
}
