//! One round trip of a worker's writer: evidence, settlements, switches, then claims, in one
//! transaction.

use super::{
    PostgresStore, claim, evidence,
    fault::Fault,
    heads,
    holding::{self, Holding},
    settle, switch,
};
use domain::ids::{LaneId, TaskId, TaxId, WorkerId};
use fleet::ports::{
    StoreError,
    log::{Claimed, LaneQueue, Settled, Settlement, SwitchNote, Turn, TurnOutcome, Verdict},
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};

/// How often a part that cannot be split is tried before the store counts as away.
const SINGLE_TRIES: u32 = 5;

/// Some items of a turn, by their index there.
#[derive(Clone, Debug, Default)]
struct Part {
    evidence: Vec<usize>,
    settlements: Vec<usize>,
    switches: Vec<usize>,
    picks: Vec<usize>,
    tries: u32,
}

impl Part {
    fn whole(turn: &Turn) -> Part {
        Part {
            evidence: (0..turn.evidence.len()).collect(),
            settlements: (0..turn.settlements.len()).collect(),
            switches: (0..turn.switches.len()).collect(),
            picks: (0..turn.picks.len()).collect(),
            tries: 0,
        }
    }

    fn is_empty(&self) -> bool {
        !self.writes() && self.picks.is_empty()
    }

    /// Something is written for holders.
    fn writes(&self) -> bool {
        !(self.evidence.is_empty() && self.settlements.is_empty() && self.switches.is_empty())
    }

    /// Two smaller parts: what settles before what claims; else halves by task, so that a task's
    /// evidence stays with its settlement. None: it is about one task.
    fn split(&self, turn: &Turn) -> Option<[Part; 2]> {
        if self.writes() && !self.picks.is_empty() {
            let claims = Part { picks: self.picks.clone(), ..Part::default() };
            return Some([Part { picks: Vec::new(), tries: 0, ..self.clone() }, claims]);
        }
        let of_evidence = self.evidence.iter().map(|i| turn.evidence[*i].task);
        let of_settlements = self.settlements.iter().map(|i| turn.settlements[*i].task);
        let of_switches = self.switches.iter().map(|i| turn.switches[*i].task);
        let of_picks = self.picks.iter().map(|i| turn.picks[*i].task);
        let of_holders = of_evidence.chain(of_settlements).chain(of_switches);
        let mut tasks: Vec<TaskId> = of_holders.chain(of_picks).collect();
        tasks.sort_unstable();
        tasks.dedup();
        if tasks.len() < 2 {
            return None;
        }
        let first: HashSet<TaskId> = tasks[..tasks.len() / 2].iter().copied().collect();
        let half = |wanted: bool| {
            let keep = |task: TaskId| first.contains(&task) == wanted;
            let of = |all: &[usize], task: &dyn Fn(usize) -> TaskId| {
                all.iter().copied().filter(|i| keep(task(*i))).collect()
            };
            Part {
                evidence: of(&self.evidence, &|i| turn.evidence[i].task),
                settlements: of(&self.settlements, &|i| turn.settlements[i].task),
                switches: of(&self.switches, &|i| turn.switches[i].task),
                picks: of(&self.picks, &|i| turn.picks[i].task),
                tries: 0,
            }
        };
        Some([half(true), half(false)])
    }
}

/// What came of the parts so far, by index.
#[derive(Debug, Default)]
struct Done {
    evidence: BTreeMap<usize, bool>,
    settled: BTreeMap<usize, Settled>,
    switches: BTreeMap<usize, SwitchNote>,
    claimed: BTreeMap<usize, Claimed>,
    queues: BTreeMap<(LaneId, TaxId), LaneQueue>,
}

impl Done {
    fn outcome(self) -> TurnOutcome {
        TurnOutcome {
            evidence: self.evidence.into_values().collect(),
            settled: self.settled.into_values().collect(),
            switches: self.switches.into_values().collect(),
            claimed: self.claimed.into_values().collect(),
            queues: self.queues.into_values().collect(),
        }
    }
}

/// The settlement is its current holder's, and frees its keys for good.
fn ends(settlement: &Settlement, holdings: &HashMap<TaskId, Holding>) -> bool {
    let holding = holdings.get(&settlement.task);
    let current = holding.is_some_and(|h| h.asked && h.fence == settlement.fence);
    current && matches!(settlement.verdict, Verdict::Final { .. })
}

impl PostgresStore {
    pub(super) async fn take_turn(
        &self,
        worker: WorkerId,
        lease: Duration,
        turn: &Turn,
    ) -> Result<TurnOutcome, StoreError> {
        let mut done = Done::default();
        let mut parts = vec![Part::whole(turn)];
        while let Some(mut part) = parts.pop() {
            if part.is_empty() {
                continue;
            }
            match self.take_part(worker, lease, turn, &part, &mut done).await {
                Ok(()) => {}
                Err(Fault::Contended(why)) => {
                    tracing::debug!(why, "contention: splitting the turn");
                    match part.split(turn) {
                        Some([first, second]) => parts.extend([second, first]),
                        None if part.tries >= SINGLE_TRIES => return Err(StoreError::Away(why)),
                        None => {
                            part.tries += 1;
                            parts.push(part);
                        }
                    }
                }
                Err(Fault::Store(error)) => return Err(error),
            }
        }
        Ok(done.outcome())
    }

    async fn take_part(
        &self,
        worker: WorkerId,
        lease: Duration,
        turn: &Turn,
        part: &Part,
        done: &mut Done,
    ) -> Result<(), Fault> {
        let proofs: Vec<_> = part.evidence.iter().map(|i| &turn.evidence[*i]).collect();
        let settlements: Vec<_> = part.settlements.iter().map(|i| &turn.settlements[*i]).collect();
        let switches: Vec<_> = part.switches.iter().map(|i| &turn.switches[*i]).collect();
        let picks: Vec<_> = part.picks.iter().map(|i| &turn.picks[*i]).collect();
        let mut tx = self.begin().await?;
        let tasks = proofs.iter().map(|e| e.task).chain(settlements.iter().map(|s| s.task));
        let tasks = tasks.chain(switches.iter().map(|s| s.task));
        let mut holdings = holding::lock(&mut tx, tasks).await?;
        let settling: HashSet<TaskId> = settlements.iter().map(|s| s.task).collect();
        let ended = settlements.iter().filter(|settlement| ends(settlement, &holdings));
        let ended = ended.map(|settlement| settlement.task).collect();
        let current = evidence::write(&mut tx, &proofs, &mut holdings, &settling, &ended).await?;
        let settled = settle::write(&mut tx, &settlements, &holdings).await?;
        // Who has just ended, or let go, switches no more.
        for (settlement, settled) in settlements.iter().zip(&settled) {
            if matches!(settled, Settled::Written { .. }) {
                holdings.remove(&settlement.task);
            }
        }
        let noted = switch::write(&mut tx, &switches, &holdings).await?;
        let claimed = claim::claim(&mut tx, worker, lease, &picks).await?;
        let of_settlements = settlements.iter().map(|s| (s.lane, s.tax));
        let of_picks = picks.iter().map(|p| (p.lane, p.tax));
        let mut touched: Vec<(LaneId, TaxId)> = of_settlements.chain(of_picks).collect();
        touched.sort_unstable();
        touched.dedup();
        let queues = heads::queues(&mut *tx, &touched).await?;
        tx.commit().await?;
        done.evidence.extend(part.evidence.iter().copied().zip(current));
        done.settled.extend(part.settlements.iter().copied().zip(settled));
        done.switches.extend(part.switches.iter().copied().zip(noted));
        done.claimed.extend(part.picks.iter().copied().zip(claimed));
        done.queues.extend(queues.into_iter().map(|queue| ((queue.lane, queue.tax), queue)));
        Ok(())
    }
}
