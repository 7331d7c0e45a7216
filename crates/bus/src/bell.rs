//! Hints among workers: coalesced on both sides, so that they need no queue and no limit of
//! their own, and lost without a word while the broker is away.

use domain::ids::{LaneId, TaxId};
use fleet::ports::bus::Ring;
use serde::{Deserialize, Serialize};
use std::sync::{Mutex, PoisonError};
use tokio::sync::Notify;

/// Lanes or tax numbers in one hint; what is more is lost, as hints may be.
const MOST: usize = 10_000;

/// A hint on the wire.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Wire {
    lanes: Vec<LaneId>,
    taxes: Vec<TaxId>,
    gates: bool,
}

pub(crate) fn write(ring: &Ring) -> Vec<u8> {
    let wire = Wire {
        lanes: ring.lanes.iter().copied().collect(),
        taxes: ring.taxes.iter().copied().collect(),
        gates: ring.gates,
    };
    // Numbers and a flag: there is nothing in it that cannot be written.
    serde_json::to_vec(&wire).unwrap_or_default()
}

pub(crate) fn read(body: &[u8]) -> Option<Ring> {
    let wire: Wire = serde_json::from_slice(body).ok()?;
    Some(Ring {
        lanes: wire.lanes.into_iter().collect(),
        taxes: wire.taxes.into_iter().collect(),
        gates: wire.gates,
    })
}

/// Hints that came together until somebody takes them.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    ring: Mutex<Ring>,
    news: Notify,
}

impl Heard {
    pub(crate) fn add(&self, more: &Ring) {
        if more.is_empty() {
            return;
        }
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let (lanes, taxes) = (MOST - ring.lanes.len(), MOST - ring.taxes.len());
        ring.lanes.extend(more.lanes.iter().take(lanes));
        ring.taxes.extend(more.taxes.iter().take(taxes));
        ring.gates |= more.gates;
        drop(ring);
        self.news.notify_one();
    }

    /// What came since the last time, as soon as there is something.
    pub(crate) async fn take(&self) -> Ring {
        loop {
            let ring =
                std::mem::take(&mut *self.ring.lock().unwrap_or_else(PoisonError::into_inner));
            if !ring.is_empty() {
                return ring;
            }
            self.news.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Heard, MOST, read, write};
    use domain::ids::{LaneId, TaxId};
    use fleet::ports::bus::Ring;
    use futures::FutureExt;

    fn ring(lanes: impl IntoIterator<Item = i32>, gates: bool) -> Ring {
        let lanes = lanes.into_iter().map(LaneId).collect();
        Ring { lanes, taxes: [TaxId(9)].into(), gates }
    }

    #[test]
    fn a_hint_arrives_as_it_was_sent() {
        let sent = ring([1, 2], true);
        assert_eq!(read(&write(&sent)), Some(sent));
        assert_eq!(read(b"no hint"), None);
    }

    #[test]
    fn hints_come_together_and_are_taken_once() {
        let heard = Heard::default();
        heard.add(&ring([1], false));
        heard.add(&ring([2], true));
        assert_eq!(heard.take().now_or_never(), Some(ring([1, 2], true)));
        assert_eq!(heard.take().now_or_never(), None);
    }

    #[test]
    fn more_than_the_limit_is_lost() {
        let heard = Heard::default();
        heard.add(&ring(0..20_000, false));
        heard.add(&ring(30_000..30_001, false));
        assert_eq!(heard.take().now_or_never().map(|ring| ring.lanes.len()), Some(MOST));
    }
}
