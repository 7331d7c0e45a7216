//! Waiting tasks by the hundred thousand, in the shapes that a claim may meet them.

use super::{
    Progress,
    stage::{Stage, fresh_id},
    town::{account, bureau, lane, tax_no, taxpayer},
};
use domain::{
    bureau::{Account, LaneKey},
    ids::{LaneId, TaxId, WorkerId},
    task::{TaskMessage, body_hash},
    tax_no::TaxNo,
    taxpayer::ChannelKind,
    world::World,
};
use fleet::ports::{
    Store,
    desk::{DeskLog, Note, Scope},
    log::{Appended, Fate, NewTask},
};
use futures::StreamExt;
use serde_json::json;
use std::{sync::Arc, time::Duration};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Lanes of the shapes that have many.
const LANES: usize = 1_000;
/// Tax numbers of the shapes that have a usual number of them.
const TAX_NUMBERS: usize = 5_000;
/// Rows of one import, or of one look.
const ROWS: usize = 20_000;
/// Tasks of one append, and appends at once.
const BATCH: usize = 500;
const AT_ONCE: usize = 4;

/// How what waits is spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Over 1,000 lanes and 5,000 tax numbers.
    ManyLanes,
    /// All of one tax number, in one lane.
    OneNumber,
    /// Each of another tax number, all in one 乐企 lane.
    OneLeqiLane,
    /// A fifth is of a higher class and of the same tax number, in a lane that is paused.
    ClosedGate,
}

/// Where one task waits.
struct Spot {
    tax: usize,
    /// None: the 乐企 lane.
    lane: Option<usize>,
    kind: &'static str,
}

impl Shape {
    pub(super) const ALL: [Shape; 4] =
        [Shape::ManyLanes, Shape::OneNumber, Shape::OneLeqiLane, Shape::ClosedGate];

    pub(super) fn name(self) -> &'static str {
        match self {
            Shape::ManyLanes => "over 1,000 lanes",
            Shape::OneNumber => "one tax number in one lane",
            Shape::OneLeqiLane => "as many tax numbers in one 乐企 lane",
            Shape::ClosedGate => "a fifth behind a closed gate",
        }
    }

    /// Claims in one round trip.
    pub(super) fn picks(self) -> usize {
        match self {
            Shape::ManyLanes => 25,
            Shape::OneLeqiLane => 8,
            Shape::OneNumber | Shape::ClosedGate => 1,
        }
    }

    /// Round trips that are measured.
    pub(super) fn turns(self) -> usize {
        match self {
            Shape::ManyLanes => 20,
            Shape::OneLeqiLane => 60,
            Shape::OneNumber => 200,
            Shape::ClosedGate => 100,
        }
    }

    fn tax_numbers(self, most: usize) -> usize {
        match self {
            Shape::OneNumber => 1,
            Shape::OneLeqiLane => most,
            Shape::ManyLanes | Shape::ClosedGate => TAX_NUMBERS,
        }
    }

    fn spot(self, n: usize) -> Spot {
        let kind = "invoice_download";
        match self {
            Shape::ManyLanes => Spot { tax: n % TAX_NUMBERS, lane: Some(n % LANES), kind },
            Shape::OneNumber => Spot { tax: 0, lane: Some(0), kind },
            Shape::OneLeqiLane => Spot { tax: n, lane: None, kind },
            Shape::ClosedGate => match n % 5 {
                0 => Spot { tax: 0, lane: Some(1), kind: "tax_filing" },
                1 => Spot { tax: 0, lane: Some(0), kind },
                _ => {
                    let tax = 2 + n % (TAX_NUMBERS - 2);
                    Spot { tax, lane: Some(2 + tax % (LANES - 2)), kind }
                }
            },
        }
    }

    /// Who exists, in pieces that one import takes.
    fn world(self, most: usize) -> Vec<World> {
        let channel = if self == Shape::OneLeqiLane { "leqi" } else { "etax" };
        let taxpayers: Vec<_> = (0..self.tax_numbers(most)).map(|n| taxpayer(n, channel)).collect();
        let people = taxpayers.chunks(ROWS);
        let people = people.map(|some| World { taxpayers: some.to_vec(), ..World::default() });
        let lanes = if self == Shape::OneLeqiLane { 0 } else { LANES };
        let accounts = (0..lanes).map(|n| account(n, std::iter::empty())).collect();
        people.chain([World { accounts, ..World::default() }]).collect()
    }
}

/// A store with tasks waiting, and the worker that owns the lanes.
#[derive(Debug)]
pub(super) struct Pit {
    pub(super) store: Arc<dyn Store>,
    pub(super) shape: Shape,
    pub(super) worker: WorkerId,
    lanes: Vec<(LaneKey, LaneId)>,
    taxes: Vec<TaxId>,
    filled: usize,
}

impl Pit {
    /// Nothing waits yet. A lease of `lease` is the worker's.
    pub(super) async fn dig(
        stage: &Stage,
        shape: Shape,
        most: usize,
        lease: Duration,
    ) -> Result<Pit, Failure> {
        for world in shape.world(most) {
            stage.import(world).await?;
        }
        let store = stage.opened.store.clone();
        let worker = store.enlist("bench", env!("CARGO_PKG_VERSION"), lease).await?;
        let keys: Vec<LaneKey> = match shape {
            Shape::OneLeqiLane => vec![LaneKey { bureau: bureau(), account: Account::leqi() }],
            _ => (0..LANES).map(lane).collect(),
        };
        let ids = store.lanes_of(&keys).await?;
        let ids: Vec<LaneId> = ids.into_iter().collect::<Option<_>>().ok_or("a lane is missing")?;
        store.share(worker, &ids, &[]).await?;
        if shape == Shape::ClosedGate {
            let LaneKey { bureau, account } = keys[1].clone();
            let note = Note { by: "bench".into(), reason: "the closed gate".into() };
            let desk: &dyn DeskLog = &*store;
            desk.pause(&Scope::Lane { bureau, account }, &note).await?;
        }
        let taxes = tax_ids(&*store, shape.tax_numbers(most)).await?;
        let lanes = keys.into_iter().zip(ids).collect();
        Ok(Pit { store, shape, worker, lanes, taxes, filled: 0 })
    }

    /// Logs tasks until this many have been logged.
    pub(super) async fn fill(&mut self, up_to: usize, progress: &Progress) -> Result<(), Failure> {
        let batches: Vec<_> = (self.filled..up_to).step_by(BATCH).collect();
        let this = &*self;
        let appends = batches.into_iter().map(|from| async move {
            let tasks: Result<Vec<NewTask>, Failure> =
                (from..(from + BATCH).min(up_to)).map(|n| this.task(n)).collect();
            for appended in this.store.append(&tasks?).await? {
                if !matches!(appended, Appended::Queued { .. }) {
                    return Err(format!("not logged as waiting: {appended:?}").into());
                }
            }
            Ok::<usize, Failure>(from)
        });
        let mut appends = futures::stream::iter(appends).buffer_unordered(AT_ONCE);
        while let Some(from) = appends.next().await {
            let from = from?;
            if from.is_multiple_of(100 * BATCH) {
                progress.say(&format!("{}: {from} tasks wait", self.shape.name()));
            }
        }
        drop(appends);
        self.filled = up_to;
        Ok(())
    }

    fn task(&self, n: usize) -> Result<NewTask, Failure> {
        let spot = self.shape.spot(n);
        let (key, lane) = self.lanes[spot.lane.unwrap_or_default()].clone();
        let body = json!({
            "task_id": fresh_id(), "kind": spot.kind, "tax_no": tax_no(spot.tax),
            "submitted_by": "bench",
        })
        .to_string();
        let channel = if spot.lane.is_some() { ChannelKind::Etax } else { ChannelKind::Leqi };
        Ok(NewTask {
            message: Arc::new(TaskMessage::parse(body.as_bytes())?),
            body_hash: body_hash(body.as_bytes()),
            body: body.into(),
            traceparent: None,
            lane: Some(key),
            channel: Some(channel),
            fate: Fate::Queue { lane, tax: self.taxes[spot.tax], run_at: None },
        })
    }

    /// The lanes whose tasks are claimed.
    pub(super) fn measured_lanes(&self) -> Vec<LaneId> {
        let count = if self.shape == Shape::ManyLanes { LANES } else { 1 };
        self.lanes.iter().take(count).map(|(_, lane)| *lane).collect()
    }
}

async fn tax_ids(store: &dyn Store, count: usize) -> Result<Vec<TaxId>, Failure> {
    let mut ids = Vec::with_capacity(count);
    for from in (0..count).step_by(ROWS) {
        let numbers: Result<Vec<TaxNo>, _> =
            (from..(from + ROWS).min(count)).map(|n| tax_no(n).parse()).collect();
        for found in store.taxpayers(&numbers?).await? {
            ids.push(found.ok_or("a taxpayer is missing")?.id);
        }
    }
    Ok(ids)
}
