//! Who works: heartbeats, lanes shared out among workers, and news for them.

use super::{StoreError, log::Head, roster::Lane};
use async_trait::async_trait;
use domain::{
    bureau::LaneKey,
    ids::{LaneId, TaxId, WorkerId},
};
use std::{fmt::Debug, time::Duration};

/// A worker as the others see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Colleague {
    pub id: WorkerId,
    pub name: String,
    pub version: String,
    /// Still renewing, by the store's clock.
    pub alive: bool,
    /// Handing its lanes back; takes no new ones.
    pub leaving: bool,
}

/// What a worker's look for news returns.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct News {
    /// Heads of queues in my lanes in which something began to wait after the mark: a new task,
    /// or one that came back to its place from a delay, a park or a worker that died.
    pub heads: Vec<Head>,
    /// (lane, tax number) in my lanes where a task queued again at an old place after the mark:
    /// handed back, rescued, resumed, or due. May stand in `heads` instead. Freed keys are not
    /// told: who was hindered by them looks again by itself.
    pub touched: Vec<(LaneId, TaxId)>,
    /// My lanes in which something sent earlier is due to be asked about: nothing new starts
    /// there before it was taken up.
    pub asking: Vec<LaneId>,
    /// My lanes whose gates changed after the mark; some of it may be known already.
    pub lanes: Vec<Lane>,
    /// Look from here next time.
    pub mark: Mark,
}

/// How far a worker has looked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Mark {
    /// The store's number of what began to wait last; it need not be a place.
    pub place: i64,
    /// Its number of the gates that changed last.
    pub gates: i64,
}

/// A lane, and whose it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Owned {
    pub id: LaneId,
    pub key: LaneKey,
    pub owner: Option<WorkerId>,
}

/// What a look for owners returns.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Owners {
    /// Lanes that are new or that changed hands after the mark, perhaps others too.
    pub lanes: Vec<Owned>,
    /// Look from here next time. Also a mark of gates ([`Mark::gates`]) for whoever reads lanes
    /// later than this.
    pub mark: i64,
}

#[async_trait]
pub trait Crew: Send + Sync + Debug {
    /// A new worker number, alive for `lease`.
    async fn enlist(
        &self,
        name: &str,
        version: &str,
        lease: Duration,
    ) -> Result<WorkerId, StoreError>;

    /// Still here. False: the lease was over and the number is gone; enlist again.
    async fn heartbeat(
        &self,
        worker: WorkerId,
        lease: Duration,
        leaving: bool,
    ) -> Result<bool, StoreError>;

    /// Everyone who is not gone: the dead of the last hour are told of, too.
    async fn colleagues(&self) -> Result<Vec<Colleague>, StoreError>;

    /// Takes those of `wanted` that nobody alive owns, gives up those of `unwanted` that it owns.
    /// Returns the lanes that it owns afterwards.
    async fn share(
        &self,
        worker: WorkerId,
        wanted: &[LaneId],
        unwanted: &[LaneId],
    ) -> Result<Vec<LaneId>, StoreError>;

    /// Lanes of everybody that are new or changed hands after `since`; 0: every lane. As with
    /// news, nothing is missed however late a change commits, and repeats are fine.
    async fn owners(&self, since: i64) -> Result<Owners, StoreError>;

    /// How many tasks whose time has come wait in each of these lanes, in the order asked; counting
    /// stops at `most`, and nothing but so much of an index is read.
    async fn waiting_in(&self, lanes: &[LaneId], most: usize) -> Result<Vec<usize>, StoreError>;

    /// In the lanes `full`, if they are this worker's, too much waits: their queues are not
    /// consumed until it says that they are `open`. For people, and for the next owner.
    async fn note_full(
        &self,
        worker: WorkerId,
        full: &[LaneId],
        open: &[LaneId],
    ) -> Result<(), StoreError>;

    /// Ends: releases every lane, and the number is gone. What it still holds is rescued when its lease is over.
    async fn leave(&self, worker: WorkerId) -> Result<(), StoreError>;

    /// News in this worker's lanes since the mark, by indexes alone. Changes may become visible out
    /// of order (a slower transaction commits later), so it looks back as far as it must: nothing
    /// is missed, repeats are fine.
    async fn news(&self, worker: WorkerId, mark: Mark) -> Result<News, StoreError>;
}
