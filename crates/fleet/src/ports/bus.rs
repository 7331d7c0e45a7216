//! How tasks arrive, workers nudge each other, and results leave.

use super::outbox::OutboxEvent;
use async_trait::async_trait;
use domain::{
    Moment,
    bureau::{BureauCode, LaneKey},
    ids::{LaneId, TaskId, TaxId},
};
use std::{collections::BTreeSet, fmt::Debug, sync::Arc};

/// The bus is away, or did not confirm in time; trying again with the same ids is safe.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the bus is away: {0}")]
pub struct BusAway(pub String);

/// Identifies a delivery on the channel that it came by; meaningless on another.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Tag {
    /// Rises with every channel that the process opens.
    pub channel: u64,
    pub delivery: u64,
}

/// A message that came. It stays unacknowledged until [`Inbox::acknowledge`].
#[derive(Clone, PartialEq, Debug)]
pub struct Delivery {
    pub tag: Tag,
    pub body: Arc<[u8]>,
    pub traceparent: Option<String>,
    /// For people, when it must be rejected.
    pub routing_key: String,
}

/// Where task messages come from.
#[async_trait]
pub trait Inbox: Send + Sync + Debug {
    /// The lanes whose queues this worker shall consume, beside the common intake. The bus makes
    /// it so, again after every reconnection; a lane left out is no longer consumed when this
    /// returns, and what was already delivered still comes out of [`Inbox::receive`].
    async fn consume(&self, lanes: &BTreeSet<LaneKey>);

    /// Waits for deliveries of one channel, in delivery order, at most `limit`. Empty: closed.
    async fn receive(&self, limit: usize) -> Vec<Delivery>;

    /// What was received and not acknowledged comes out of [`Inbox::receive`] again, before
    /// anything newer: whoever received it has stopped in the middle.
    async fn recover(&self);

    /// Completes when everything that was delivered before this call is acknowledged, or its
    /// channel is gone: what a lane's hand-over waits for.
    async fn drained(&self);

    /// Everything up to this tag on its channel has been logged. On a channel that is gone it
    /// does nothing: the broker delivers again, and the log knows the ids.
    async fn acknowledge(&self, up_to: Tag);

    /// Declares queue and bindings of lanes that have become known.
    async fn declare(&self, lanes: &[LaneKey]) -> Result<(), BusAway>;
}

/// What leaves.
#[derive(Clone, PartialEq, Debug)]
pub enum Parcel {
    /// A result event; with `failed` also a copy for `gouxuan.failed` (a message with a fresh
    /// `task_id` and `retry_of`).
    Event { event: OutboxEvent, failed: Option<Arc<str>> },
    /// A message that could not be taken, as it came, with the reason.
    Rejected { body: Arc<[u8]>, routing_key: String, reason: String, message_id: String },
    /// A task message to a lane or, without one, to the intake.
    Task { body: Arc<str>, message_id: String, lane: Option<LaneKey>, traceparent: Option<String> },
    /// The event beside [`Parcel::Rejected`] for a message that came too late under its id.
    RefusedDuplicate(RefusedDuplicate),
}

/// A message was refused because its `task_id` was used for another body, or because the task that
/// it retries was tried again already. It is no part of any task's history.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefusedDuplicate {
    /// The refused message's.
    pub task: TaskId,
    /// The same whenever the same message is refused.
    pub id: String,
    /// Of the lane that it was for.
    pub bureau: Option<BureauCode>,
    pub at: Moment,
    /// The event's `data`, a JSON object: task_id, kind, tax_no, batch_id, retry_of, reason, and
    /// either first_logged_at (of the other task under this id) or retry (the task that tries
    /// `retry_of` again).
    pub data: Arc<str>,
    pub traceparent: Option<String>,
}

/// Sends with confirms.
#[async_trait]
pub trait Post: Send + Sync + Debug {
    /// One result per parcel, each within a bounded time.
    async fn send(&self, parcels: Vec<Parcel>) -> Vec<Result<(), BusAway>>;
}

/// A hint that something changed. Hints may be lost, doubled and late.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ring {
    pub lanes: BTreeSet<LaneId>,
    pub taxes: BTreeSet<TaxId>,
    /// Gates changed: read the lanes anew.
    pub gates: bool,
}

impl Ring {
    pub fn is_empty(&self) -> bool {
        self.lanes.is_empty() && self.taxes.is_empty() && !self.gates
    }
}

/// Workers nudge each other after a commit.
#[async_trait]
pub trait Bell: Send + Sync + Debug {
    /// Never waits and never fails: a lost hint costs at most a second.
    fn ring(&self, ring: Ring);

    /// The same, not heard by this worker: it knows.
    fn ring_others(&self, ring: Ring);

    /// The next hint from anyone, this worker included; pending for ever when hints are off.
    async fn heard(&self) -> Ring;
}

/// An account's session changed, told from outside (`gouxuan.accounts`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountNews {
    pub lane: LaneKey,
    pub online: bool,
    pub time: Moment,
    pub until: Option<Moment>,
}
