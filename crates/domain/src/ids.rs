//! Identities. Each number has its own type, so that none stands in for another.

use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// A task's identity and idempotency key, chosen by whoever publishes it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskId(pub Uuid);

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number!(
    /// The store's short number of a lane (bureau and account).
    LaneId(i32)
);
number!(
    /// The store's short number of a tax number.
    TaxId(i32)
);
number!(
    /// The store's number of one worker process, never used again after it ends.
    WorkerId(i32)
);
number!(
    /// A task's position, given once when it is logged; kept through crash, park and delay.
    Place(i64)
);
number!(
    /// The number of one holding of keys. It only rises; the holder with the lower one is stale.
    Fence(i64)
);
number!(
    /// One of a lane's `width` slots, from 0.
    Slot(i16)
);
number!(
    /// How often an account's session has begun or ended; tells a late report from a new one.
    Epoch(i64)
);
