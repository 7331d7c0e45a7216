//! What changed elsewhere: hints, the look once a tick for those that were lost, and what both
//! make the dispatcher read.

use super::Dispatcher;
use crate::ports::{bus::Ring, log::LaneQueue, roster::Lane};
use domain::{
    ids::{LaneId, TaxId},
    taxpayer::ChannelKind,
};
use tokio::time::Instant;

/// Hindered heads of one lane that are tried again in one tick.
const LOOKS_PER_TICK: usize = 256;

impl Dispatcher {
    pub(super) async fn heard(&mut self, ring: &Ring) {
        for tax in &ring.taxes {
            self.unhinder(*tax);
        }
        let mine = ring.lanes.iter().any(|lane| self.lanes.contains_key(lane));
        if mine || ring.gates {
            self.read_news().await;
        }
    }

    /// What was being logged stands in the log by now, or nearly.
    pub(super) fn look_soon(&mut self) {
        for (lane, tax) in self.soon.due(Instant::now()) {
            if let Some(book) = self.lanes.get_mut(&lane) {
                book.look_now(tax);
                self.writers.wake(lane);
            }
        }
    }

    /// Once a tick: what hints may have missed.
    pub(super) async fn look(&mut self) {
        let now = self.context.ports.clock.now();
        for (lane, book) in &mut self.lanes {
            if book.look_again(now, LOOKS_PER_TICK) {
                self.writers.wake(*lane);
            }
        }
        self.read_news().await;
    }

    fn learn_gates(&mut self, lanes: Vec<Lane>) {
        for lane in lanes {
            if let Some(book) = self.lanes.get_mut(&lane.id).filter(|book| book.lane != lane) {
                self.writers.wake(lane.id);
                self.switched.insert(lane.id);
                book.gates_changed(lane);
            }
        }
    }

    /// What accounts with a budget have used of it. Without limits nobody asks.
    pub(super) async fn read_switches(&mut self) {
        let switched = std::mem::take(&mut self.switched);
        if self.context.settings.switches.is_none() {
            return;
        }
        let scarce = |lane: &LaneId| {
            self.lanes.get(lane).is_some_and(|book| book.lane.channel == ChannelKind::Etax)
        };
        let lanes: Vec<LaneId> = switched.into_iter().filter(scarce).collect();
        if lanes.is_empty() {
            return;
        }
        match self.context.ports.store.switches(&lanes).await {
            Ok(histories) => {
                for (lane, history) in lanes.into_iter().zip(histories) {
                    if let Some(book) = self.lanes.get_mut(&lane) {
                        book.switches = Some(history);
                        self.writers.wake(lane);
                    }
                }
            }
            Err(error) => {
                tracing::warn!(%error, "past switches are looked at again");
                self.context.meter.store_away.add(1, &[]);
                self.switched.extend(lanes);
            }
        }
    }

    async fn read_news(&mut self) {
        let news = match self.context.ports.store.news(self.context.worker, self.mark).await {
            Ok(news) => news,
            Err(error) => {
                tracing::warn!(%error, "no news from the store");
                self.context.meter.store_away.add(1, &[]);
                return;
            }
        };
        self.mark = news.mark;
        self.learn_gates(news.lanes);
        for (lane, book) in &mut self.lanes {
            let asking = news.asking.contains(lane);
            if book.asking && !asking {
                self.writers.wake(*lane);
            }
            book.asking = asking;
        }
        self.offer(news.heads);
        self.unread.extend(news.touched);
        self.read_queues().await;
    }

    /// What came back to an old place may be its queue's head again. Queues that a round trip
    /// under way brings are read when it is back: it may have looked at them before.
    pub(super) async fn read_queues(&mut self) {
        let idle = |(lane, _): &&(LaneId, TaxId)| !self.writers.is_busy(*lane);
        let touched: Vec<(LaneId, TaxId)> = self.unread.iter().filter(idle).copied().collect();
        if touched.is_empty() {
            return;
        }
        match self.context.ports.store.queues(&touched).await {
            Ok(queues) => {
                for queue in &queues {
                    self.set_queue(queue);
                }
                for queue in &touched {
                    self.unread.remove(queue);
                }
            }
            Err(error) => {
                tracing::warn!(%error, "queues are looked at again");
                self.context.meter.store_away.add(1, &[]);
            }
        }
    }

    /// What waits for a tax number in one of my lanes now.
    pub(super) fn set_queue(&mut self, queue: &LaneQueue) {
        if let Some(book) = self.lanes.get_mut(&queue.lane) {
            book.set_queue(queue);
            self.lanes_of.entry(queue.tax).or_default().insert(queue.lane);
            self.writers.wake(queue.lane);
        }
    }
}
