//! Deliveries between the broker and whoever logs them: of one channel, in delivery order.
//!
//! One acknowledgement covers every delivery up to it, so none may be handed out before those
//! with lower tags. Consumers of one channel are read side by side; this puts their deliveries
//! back into the channel's order, which counts 1, 2, 3 … without a gap.

use crate::{letter::header, topology::TRACEPARENT_HEADER};
use fleet::ports::bus::{Delivery, Tag};
use lapin::{Acker, options::BasicAckOptions};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::Notify;

/// How many channels this process has opened: no two of its buses have one of the same number.
static CHANNELS: AtomicU64 = AtomicU64::new(0);

#[derive(Debug)]
pub(crate) struct Buffer {
    inner: Mutex<Inner>,
    /// Something was put in, or the buffer was closed.
    news: Notify,
    /// Something was taken out.
    room: Notify,
    /// Something was acknowledged, or its channel is gone.
    settled: Notify,
    capacity: usize,
    ack_wait: Duration,
}

#[derive(Debug, Default)]
struct Inner {
    /// The channel whose deliveries these are.
    channel: u64,
    /// The tag that is handed out next.
    next: u64,
    /// Came before a lower tag of another consumer.
    early: BTreeMap<u64, Held>,
    ready: VecDeque<Held>,
    /// Handed out and not acknowledged.
    handed: VecDeque<Held>,
    closed: bool,
}

#[derive(Debug, Clone)]
struct Held {
    delivery: Delivery,
    acker: Acker,
}

impl Buffer {
    pub(crate) fn new(capacity: usize, ack_wait: Duration) -> Buffer {
        Buffer {
            inner: Mutex::default(),
            news: Notify::new(),
            room: Notify::new(),
            settled: Notify::new(),
            capacity,
            ack_wait,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins with a new channel; what is left of an older one is dropped. Returns its number.
    pub(crate) fn begin(&self) -> u64 {
        let mut inner = self.lock();
        let channel = CHANNELS.fetch_add(1, Ordering::Relaxed) + 1;
        let closed = inner.closed;
        *inner = Inner { channel, next: 1, closed, ..Inner::default() };
        drop(inner);
        self.room.notify_waiters();
        self.settled.notify_waiters();
        channel
    }

    /// The channel is gone: the broker delivers again what was not acknowledged.
    pub(crate) fn end(&self, channel: u64) {
        let mut inner = self.lock();
        if inner.channel == channel {
            inner.early.clear();
            inner.ready.clear();
            inner.handed.clear();
            drop(inner);
            self.room.notify_waiters();
            self.settled.notify_waiters();
        }
    }

    /// No more deliveries ever: [`Buffer::receive`] returns what is left, then nothing.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.news.notify_waiters();
    }

    pub(crate) fn put(&self, channel: u64, raw: lapin::message::Delivery) {
        let mut inner = self.lock();
        if inner.channel != channel {
            return;
        }
        let tag = raw.delivery_tag;
        inner.early.insert(tag, hold(channel, raw));
        let mut grown = false;
        while let Some(held) = inner.take_next() {
            inner.ready.push_back(held);
            grown = true;
        }
        drop(inner);
        if grown {
            self.news.notify_waiters();
        }
    }

    /// Whether another delivery may be put in.
    pub(crate) fn has_room(&self) -> bool {
        self.lock().ready.len() < self.capacity
    }

    pub(crate) async fn room(&self) {
        loop {
            let taken = self.room.notified();
            if self.has_room() {
                return;
            }
            taken.await;
        }
    }

    /// The tag that is waited for while later ones are here already.
    pub(crate) fn gap(&self) -> Option<u64> {
        let inner = self.lock();
        (inner.ready.is_empty() && !inner.early.is_empty()).then_some(inner.next)
    }

    pub(crate) async fn receive(&self, limit: usize) -> Vec<Delivery> {
        loop {
            let news = self.news.notified();
            {
                let mut inner = self.lock();
                inner.drop_stale();
                if !inner.ready.is_empty() {
                    let batch = inner.hand_out(limit);
                    drop(inner);
                    self.room.notify_waiters();
                    return batch;
                }
                if inner.closed {
                    return Vec::new();
                }
            }
            news.await;
        }
    }

    /// What was handed out and is not acknowledged is handed out again.
    pub(crate) fn recover(&self) {
        let mut inner = self.lock();
        let handed = std::mem::take(&mut inner.handed);
        inner.ready = handed.into_iter().chain(std::mem::take(&mut inner.ready)).collect();
        drop(inner);
        self.news.notify_waiters();
    }

    /// Waits until everything that has come by now is acknowledged, or its channel is gone.
    pub(crate) async fn drained(&self) {
        let (channel, newest) = {
            let inner = self.lock();
            (inner.channel, inner.newest())
        };
        loop {
            let settled = self.settled.notified();
            tokio::pin!(settled);
            // Listen first, then look: nothing that comes in between is missed.
            settled.as_mut().enable();
            {
                let inner = self.lock();
                if inner.channel != channel || inner.oldest().is_none_or(|tag| tag > newest) {
                    return;
                }
            }
            settled.await;
        }
    }

    /// Acknowledges all that was handed out up to this tag, if its channel is still the one.
    pub(crate) async fn acknowledge(&self, up_to: Tag) {
        let Some(acker) = self.lock().settle(up_to) else { return };
        self.settled.notify_waiters();
        let ack = acker.ack(BasicAckOptions { multiple: true });
        // Whatever goes wrong, the broker delivers again, and the log knows the ids.
        match tokio::time::timeout(self.ack_wait, ack).await {
            Ok(Ok(true)) => {}
            Ok(Ok(false)) => tracing::debug!(?up_to, "the channel to acknowledge on is gone"),
            Ok(Err(error)) => tracing::debug!(?up_to, %error, "not acknowledged"),
            Err(_) => tracing::warn!(?up_to, "the acknowledgement could not be sent in time"),
        }
    }
}

impl Inner {
    /// The newest delivery that has come.
    fn newest(&self) -> u64 {
        self.early.keys().next_back().copied().unwrap_or(0).max(self.next.saturating_sub(1))
    }

    /// The oldest delivery that is not acknowledged.
    fn oldest(&self) -> Option<u64> {
        let held = self.handed.front().or(self.ready.front()).map(Held::number);
        held.or_else(|| self.early.keys().next().copied())
    }

    fn take_next(&mut self) -> Option<Held> {
        let held = self.early.remove(&self.next)?;
        self.next += 1;
        Some(held)
    }

    /// Deliveries of a channel that died a moment ago are not worth handing out.
    fn drop_stale(&mut self) {
        if self.ready.front().is_some_and(|held| held.acker.poisoned()) {
            self.ready.clear();
        }
    }

    fn hand_out(&mut self, limit: usize) -> Vec<Delivery> {
        let count = limit.max(1).min(self.ready.len());
        let batch = self.ready.iter().take(count).map(|held| held.delivery.clone()).collect();
        self.handed.extend(self.ready.drain(..count));
        batch
    }

    /// The acker of the last delivery up to this tag; those before it go with it.
    fn settle(&mut self, up_to: Tag) -> Option<Acker> {
        if up_to.channel != self.channel {
            return None;
        }
        let covered = self.handed.partition_point(|held| held.number() <= up_to.delivery);
        self.handed.drain(..covered).next_back().map(|held| held.acker)
    }
}

impl Held {
    fn number(&self) -> u64 {
        self.delivery.tag.delivery
    }
}

fn hold(channel: u64, raw: lapin::message::Delivery) -> Held {
    let delivery = Delivery {
        tag: Tag { channel, delivery: raw.delivery_tag },
        traceparent: header(&raw.properties, TRACEPARENT_HEADER),
        routing_key: raw.routing_key.to_string(),
        body: raw.data.into(),
    };
    Held { delivery, acker: raw.acker }
}

#[cfg(test)]
mod tests {
    use super::Buffer;
    use futures::FutureExt;
    use lapin::message::Delivery;
    use std::time::Duration;

    fn raw(tag: u64) -> Delivery {
        Delivery::mock(tag, "".into(), "440300.a".into(), false, tag.to_string().into_bytes())
    }

    fn tags(buffer: &Buffer, limit: usize) -> Option<Vec<u64>> {
        let batch = buffer.receive(limit).now_or_never()?;
        Some(batch.iter().map(|delivery| delivery.tag.delivery).collect())
    }

    #[test]
    fn nothing_is_handed_out_before_a_lower_tag() {
        let buffer = Buffer::new(10, Duration::from_secs(1));
        let channel = buffer.begin();
        buffer.put(channel, raw(2));
        buffer.put(channel, raw(3));
        assert_eq!(tags(&buffer, 9), None);
        assert_eq!(buffer.gap(), Some(1));
        buffer.put(channel, raw(1));
        assert_eq!(tags(&buffer, 2), Some(vec![1, 2]));
        assert_eq!(tags(&buffer, 2), Some(vec![3]));
        assert_eq!(buffer.gap(), None);
    }

    #[test]
    fn a_dead_channels_deliveries_are_not_handed_out() {
        let buffer = Buffer::new(10, Duration::from_secs(1));
        let old = buffer.begin();
        buffer.put(old, raw(1));
        buffer.end(old);
        assert_eq!(tags(&buffer, 9), None);
        let new = buffer.begin();
        buffer.put(old, raw(1));
        assert_eq!(tags(&buffer, 9), None);
        buffer.put(new, raw(1));
        assert_eq!(tags(&buffer, 9), Some(vec![1]));
    }

    #[tokio::test]
    async fn what_was_handed_out_and_not_acknowledged_is_handed_out_again() {
        let buffer = Buffer::new(10, Duration::from_secs(1));
        let channel = buffer.begin();
        for tag in 1..=4 {
            buffer.put(channel, raw(tag));
        }
        let batch = buffer.receive(3).await;
        buffer.acknowledge(batch[0].tag).await;
        buffer.recover();
        assert_eq!(tags(&buffer, 9), Some(vec![2, 3, 4]));
    }

    #[test]
    fn a_full_buffer_has_no_room_until_something_is_taken() {
        let buffer = Buffer::new(2, Duration::from_secs(1));
        let channel = buffer.begin();
        buffer.put(channel, raw(1));
        assert!(buffer.has_room());
        buffer.put(channel, raw(2));
        assert_eq!(buffer.room().now_or_never(), None);
        assert_eq!(tags(&buffer, 1), Some(vec![1]));
        assert_eq!(buffer.room().now_or_never(), Some(()));
    }

    #[tokio::test]
    async fn drained_when_all_that_had_come_is_acknowledged_or_its_channel_is_gone() {
        let buffer = Buffer::new(9, Duration::from_secs(1));
        let channel = buffer.begin();
        assert_eq!(buffer.drained().now_or_never(), Some(()));
        buffer.put(channel, raw(1));
        buffer.put(channel, raw(2));
        let drained = buffer.drained();
        tokio::pin!(drained);
        assert_eq!((&mut drained).now_or_never(), None);
        buffer.put(channel, raw(3));
        let batch = buffer.receive(2).await;
        assert_eq!((&mut drained).now_or_never(), None);
        let last = batch.last().expect("two were handed out").tag;
        buffer.acknowledge(last).await;
        assert_eq!(drained.now_or_never(), Some(()));
        assert_eq!(buffer.drained().now_or_never(), None);
        buffer.end(channel);
        assert_eq!(buffer.drained().now_or_never(), Some(()));
    }

    #[test]
    fn a_closed_buffer_gives_what_is_left_and_then_ends() {
        let buffer = Buffer::new(2, Duration::from_secs(1));
        let channel = buffer.begin();
        buffer.put(channel, raw(1));
        buffer.close();
        assert_eq!(tags(&buffer, 9), Some(vec![1]));
        assert_eq!(tags(&buffer, 9), Some(vec![]));
    }
}
