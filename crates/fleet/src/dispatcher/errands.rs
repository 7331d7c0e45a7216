//! The way to the dispatcher.

use crate::ports::{
    log::{Evidence, Head, Settlement, SwitchNote, SwitchRequest, Work},
    roster::Lane,
};
use domain::ids::LaneId;
use std::collections::BTreeSet;
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

/// Errands that may wait for the dispatcher; more makes the sender wait.
const ERRANDS: usize = 16_384;

/// What others ask of the dispatcher.
#[derive(Debug)]
pub(crate) enum Errand {
    /// Of a task in this lane.
    Prove(LaneId, Evidence, oneshot::Sender<bool>),
    Switch(SwitchRequest, oneshot::Sender<SwitchNote>),
    /// The attempt has ended; None: it was abandoned.
    Ended(Box<Work>, Option<Settlement>),
    /// Logged by this worker's intake.
    Logged(Vec<Head>),
    /// Taken up to be asked about.
    TakenUp(Vec<Work>, Instant),
    /// These are the worker's lanes too, read after this mark of gates; answered when they are
    /// known.
    Lanes(Vec<Lane>, i64, oneshot::Sender<()>),
    /// These lanes are given up; answered when nothing new can start in them.
    GiveUp(BTreeSet<LaneId>, oneshot::Sender<()>),
}

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Errands(mpsc::Sender<Errand>);

impl Errands {
    pub(crate) fn channel() -> (Errands, mpsc::Receiver<Errand>) {
        let (sender, receiver) = mpsc::channel(ERRANDS);
        (Errands(sender), receiver)
    }

    /// Has the evidence written, before anything that is sent later. The receiver hears when it is
    /// durable, and whether its holder is current.
    pub(crate) async fn prove(&self, lane: LaneId, evidence: Evidence) -> oneshot::Receiver<bool> {
        let (reply, written) = oneshot::channel();
        self.send(Errand::Prove(lane, evidence, reply)).await;
        written
    }

    /// Waits until the switch is written down, or may not be made.
    pub(crate) async fn switch(&self, request: SwitchRequest) -> SwitchNote {
        let (reply, noted) = oneshot::channel();
        self.send(Errand::Switch(request, reply)).await;
        noted.await.unwrap_or(SwitchNote::Stale)
    }

    pub(crate) async fn send(&self, errand: Errand) {
        if self.0.send(errand).await.is_err() {
            tracing::debug!("the dispatcher has ended");
        }
    }
}
