//! Which lanes are this worker's, and how one is handed over.

use super::room::Room;
use crate::{
    context::Context,
    dispatcher::{Errand, Errands},
    intake::Arrivals,
    ports::{StoreError, crew::Owned},
};
use domain::{
    bureau::LaneKey,
    ids::{LaneId, WorkerId},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    time::Duration,
};
use tokio::{sync::oneshot, time::MissedTickBehavior};

/// A hand-over waits this long for what was delivered to be logged.
const HAND_OVER: Duration = Duration::from_secs(5);

/// Rendezvous hashing: every worker computes the same owner, and a worker that comes or goes
/// moves only its own share.
pub fn owner_of(lane: LaneId, workers: &[WorkerId]) -> Option<WorkerId> {
    workers.iter().copied().max_by_key(|worker| (weight(lane, *worker), *worker))
}

/// A fixed mixing function (not the standard library's hasher, whose result may change between
/// versions of the same fleet).
fn weight(lane: LaneId, worker: WorkerId) -> u64 {
    let seed = (u64::from(lane.0.unsigned_abs()) << 32) | u64::from(worker.0.unsigned_abs());
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

pub(super) struct Sharing {
    context: Context,
    errands: Errands,
    lanes: BTreeMap<LaneId, LaneKey>,
    /// How far owners were looked at.
    mark: i64,
    /// Mine by the store, and known to the dispatcher.
    mine: BTreeSet<LaneId>,
    /// No longer the dispatcher's, perhaps still mine by the store.
    releasing: BTreeSet<LaneId>,
    workers: Vec<WorkerId>,
    room: Room,
    arrivals: Arrivals,
    /// Some lane that should be mine is still somebody else's, or the other way round.
    unsettled: bool,
}

impl Sharing {
    pub(super) fn new(context: Context, errands: Errands, arrivals: Arrivals) -> Sharing {
        Sharing {
            room: Room::new(context.settings.lane_waiting),
            arrivals,
            context,
            errands,
            lanes: BTreeMap::new(),
            mark: 0,
            mine: BTreeSet::new(),
            releasing: BTreeSet::new(),
            workers: Vec::new(),
            unsettled: true,
        }
    }

    /// Once a tick, for ever.
    pub(super) async fn run(&mut self) -> Infallible {
        let mut tick = tokio::time::interval(self.context.settings.tick);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            if let Err(error) = self.look().await {
                tracing::warn!(%error, "lanes are not shared out: the store is away");
                self.context.meter.store_away.add(1, &[]);
            }
        }
    }

    async fn look(&mut self) -> Result<(), StoreError> {
        let store = self.context.ports.store.clone();
        let colleagues = store.colleagues().await?;
        let present = colleagues.iter().filter(|worker| worker.alive && !worker.leaving);
        let workers: Vec<WorkerId> = present.map(|worker| worker.id).collect();
        let owners = store.owners(self.mark).await?;
        self.mark = owners.mark;
        self.learn(&owners.lanes).await;
        if workers != self.workers || self.unsettled {
            self.workers = workers;
            // It stays so when the store goes away in the middle.
            self.unsettled = true;
            self.settle().await?;
        }
        self.watch_room().await
    }

    /// New lanes get their queue; a lane that somebody else took is mine no more.
    async fn learn(&mut self, changed: &[Owned]) {
        let mut unknown = Vec::new();
        for lane in changed {
            let mine = lane.owner == Some(self.context.worker);
            if mine != self.mine.contains(&lane.id) {
                self.unsettled = true;
            }
            if self.lanes.insert(lane.id, lane.key.clone()).is_none() {
                unknown.push(lane.key.clone());
                self.unsettled = true;
            }
        }
        if !unknown.is_empty()
            && let Err(error) = self.context.ports.inbox.declare(&unknown).await
        {
            // Consuming declares too; until then the alternate exchange brings tasks to the intake.
            tracing::warn!(%error, lanes = unknown.len(), "queues are not declared yet");
        }
    }

    async fn settle(&mut self) -> Result<(), StoreError> {
        let me = self.context.worker;
        let should = |lane: &&LaneId| owner_of(**lane, &self.workers) == Some(me);
        let wanted: BTreeSet<LaneId> = self.lanes.keys().filter(should).copied().collect();
        let unwanted: BTreeSet<LaneId> = self.mine.difference(&wanted).copied().collect();
        if !unwanted.is_empty() {
            self.hand_over(&unwanted).await;
        }
        let missing: Vec<LaneId> = wanted.difference(&self.mine).copied().collect();
        let releasing: Vec<LaneId> = self.releasing.difference(&wanted).copied().collect();
        let owned = self.context.ports.store.share(me, &missing, &releasing).await?;
        self.releasing.clear();
        let owned: BTreeSet<LaneId> = owned.into_iter().collect();
        let gained: BTreeSet<LaneId> = owned.difference(&self.mine).copied().collect();
        let lost: BTreeSet<LaneId> = self.mine.difference(&owned).copied().collect();
        if !lost.is_empty() {
            self.give_up(&lost).await;
        }
        if !gained.is_empty() || !lost.is_empty() {
            self.take_over(&gained, &owned).await?;
        }
        self.room.keep(&owned);
        self.mine = owned;
        self.unsettled = self.mine != wanted;
        Ok(())
    }

    /// Stop consuming, log what is buffered, stop starting, release. What still runs keeps its
    /// keys until it ends: ownership spreads load, the keys protect.
    async fn hand_over(&mut self, lanes: &BTreeSet<LaneId>) {
        let keep: BTreeSet<LaneId> = self.mine.difference(lanes).copied().collect();
        self.consume(&keep).await;
        if tokio::time::timeout(HAND_OVER, self.context.ports.inbox.drained()).await.is_err() {
            tracing::warn!("handed over with deliveries unlogged; they will be delivered again");
        }
        self.give_up(lanes).await;
        self.releasing.extend(lanes);
    }

    /// The dispatcher starts nothing there any more.
    async fn give_up(&mut self, lanes: &BTreeSet<LaneId>) {
        let (reply, done) = oneshot::channel();
        self.errands.send(Errand::GiveUp(lanes.clone(), reply)).await;
        if done.await.is_err() {
            tracing::debug!("the dispatcher has ended");
        }
        self.mine.retain(|lane| !lanes.contains(lane));
    }

    /// Gates and heads of lanes that have become mine, then their queues. The heads are read
    /// when the dispatcher knows the lanes: what is logged later reaches it as news.
    async fn take_over(
        &mut self,
        gained: &BTreeSet<LaneId>,
        owned: &BTreeSet<LaneId>,
    ) -> Result<(), StoreError> {
        let store = self.context.ports.store.clone();
        let ids: Vec<LaneId> = gained.iter().copied().collect();
        let lanes = store.lanes(Some(&ids)).await?;
        for full in lanes.iter().filter(|lane| lane.full_since.is_some()) {
            self.room.take_over_full(full.id);
        }
        let (reply, known) = oneshot::channel();
        self.errands.send(Errand::Lanes(lanes, self.mark, reply)).await;
        if known.await.is_err() {
            tracing::debug!("the dispatcher has ended");
        }
        let heads = store.heads(&ids).await?;
        self.errands.send(Errand::Logged(heads)).await;
        self.consume(owned).await;
        Ok(())
    }

    /// The queues of these lanes, but not of those in which too much waits.
    async fn consume(&self, lanes: &BTreeSet<LaneId>) {
        let with_room = lanes.iter().filter(|lane| !self.room.is_full(**lane));
        let with_room: BTreeSet<LaneId> = with_room.copied().collect();
        self.context.ports.inbox.consume(&self.keys(&with_room)).await;
    }

    /// A lane with too much waiting stops being consumed, and says so; below nine tenths of the
    /// limit it is consumed again.
    async fn watch_room(&mut self) -> Result<(), StoreError> {
        let lanes = self.room.tick(self.arrivals.take(), &self.mine);
        if lanes.is_empty() {
            return Ok(());
        }
        let store = &self.context.ports.store;
        let waiting = store.waiting_in(&lanes, self.room.most()).await?;
        let counts: Vec<(LaneId, usize)> = lanes.into_iter().zip(waiting).collect();
        let changes = self.room.changes(&counts);
        if !changes.is_empty() {
            store.note_full(self.context.worker, &changes.full, &changes.open).await?;
        }
        self.room.counted(&counts, &changes);
        let limit = self.context.settings.lane_waiting;
        for lane in changes.full.iter().filter_map(|lane| self.lanes.get(lane)) {
            tracing::warn!(%lane, limit, "too much waits in a lane: its queue is not consumed");
        }
        for lane in changes.open.iter().filter_map(|lane| self.lanes.get(lane)) {
            tracing::info!(%lane, limit, "a lane has room again: its queue is consumed");
        }
        if !changes.is_empty() {
            self.consume(&self.mine).await;
        }
        Ok(())
    }

    fn keys(&self, lanes: &BTreeSet<LaneId>) -> BTreeSet<LaneKey> {
        lanes.iter().filter_map(|lane| self.lanes.get(lane).cloned()).collect()
    }
}
