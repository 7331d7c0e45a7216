//! The tasks of one batch on the desk: read together, decided one after the other, written
//! together.

use super::{
    Tx,
    aftermath::Aftermath,
    case::{Case, CaseRow, Keys, LogRow, Seat, Spot},
    columns::{self, micros},
    counter::Counter,
    fault::Fault,
};
use domain::{Moment, ids::TaskId};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// The tasks of a batch.
#[derive(Debug)]
pub(super) struct Docket {
    pub(super) now: Moment,
    pub(super) cases: BTreeMap<TaskId, Case>,
    pub(super) aftermath: Aftermath,
}

/// The outbox numbers of each task's events, in order.
pub(super) type Numbers = HashMap<TaskId, Vec<i64>>;

impl Docket {
    /// Reads these tasks; those that the log does not know are missing.
    pub(super) async fn read(
        tx: &mut Tx,
        now: Moment,
        tasks: impl IntoIterator<Item = TaskId>,
    ) -> Result<Docket, Fault> {
        let mut ids: Vec<TaskId> = tasks.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        let mut docket = Docket { now, cases: BTreeMap::new(), aftermath: Aftermath::default() };
        if ids.is_empty() {
            return Ok(docket);
        }
        let rows: Vec<CaseRow> = sqlx::query_as(sql!("case/load"))
            .bind(columns::hexes(ids))
            .fetch_all(&mut **tx)
            .await?;
        for row in rows {
            let case = row.case()?;
            docket.cases.insert(case.task, case);
        }
        Ok(docket)
    }

    pub(super) fn case(&mut self, task: TaskId) -> Option<&mut Case> {
        self.cases.get_mut(&task)
    }

    /// Writes what has changed, and what follows from it. The cases stay, as they are now.
    pub(super) async fn write(&mut self, tx: &mut Tx) -> Result<Numbers, Fault> {
        let changed: Vec<&Case> = self.cases.values().filter(|case| case.changed).collect();
        let log: Vec<LogRow<'_>> = changed.iter().map(|case| LogRow::of(case)).collect();
        send(tx, sql!("case/log"), &log).await?;
        let moved: Vec<&Case> = changed.into_iter().filter(|case| case.spot != case.was).collect();
        leave(tx, &moved).await?;
        let queued = |case: &&Case| case.spot == Spot::Waiting { run_at: None };
        let requeued = match moved.iter().any(queued) {
            true => Some(Counter::GateVersion.take(tx, 1).await? + 1),
            false => None,
        };
        arrive(tx, &moved, requeued).await?;
        for case in self.cases.values_mut() {
            case.was = case.spot.clone();
            case.changed = false;
        }
        std::mem::take(&mut self.aftermath).write(tx, self.now).await
    }
}

/// Runs a statement over rows, unless there are none.
pub(super) async fn send<T: Serialize>(
    tx: &mut Tx,
    statement: &'static str,
    rows: &[T],
) -> Result<(), Fault> {
    if !rows.is_empty() {
        sqlx::query(statement).bind(columns::rows(rows)).execute(&mut **tx).await?;
    }
    Ok(())
}

/// As [`send`], for statements that write down when.
pub(super) async fn send_at<T: Serialize>(
    tx: &mut Tx,
    statement: &'static str,
    rows: &[T],
    at: Moment,
) -> Result<(), Fault> {
    if !rows.is_empty() {
        let query = sqlx::query(statement).bind(columns::rows(rows)).bind(micros(at));
        query.execute(&mut **tx).await?;
    }
    Ok(())
}

async fn leave(tx: &mut Tx, moved: &[&Case]) -> Result<(), Fault> {
    let from = |table: fn(&Spot) -> bool| {
        let leaving = moved.iter().filter(move |case| table(&case.was));
        leaving.map(|case| columns::hex(case.task)).collect::<Vec<_>>()
    };
    send(tx, sql!("case/unwait"), &from(|was| matches!(was, Spot::Waiting { .. }))).await?;
    send(tx, sql!("case/unhold"), &from(|was| matches!(was, Spot::Held { .. }))).await?;
    send(tx, sql!("case/unpark"), &from(|was| matches!(was, Spot::Parked { .. }))).await?;
    send(tx, sql!("case/free"), &from(|was| matches!(was, Spot::Keys(_)))).await
}

#[derive(Serialize)]
struct WaitRow {
    #[serde(flatten)]
    seat: Seat,
    since: i64,
    run_at: Option<i64>,
    requeued: Option<i64>,
}

#[derive(Serialize)]
struct ParkRow {
    #[serde(flatten)]
    seat: Seat,
    epoch: i64,
    since: i64,
    until: i64,
}

#[derive(Serialize)]
struct KeyRow {
    #[serde(flatten)]
    seat: Seat,
    n: Option<i16>,
    fence: i64,
    worker: Option<i32>,
    lease_until: Option<i64>,
    since: i64,
    ask_at: Option<i64>,
    asked_since: Option<i64>,
    quiet_until: Option<i64>,
    may_have_sent: bool,
    parked_epoch: Option<i64>,
    parked_until: Option<i64>,
}

fn key_row(seat: Seat, keys: &Keys) -> KeyRow {
    KeyRow {
        seat,
        n: keys.slot.map(|slot| slot.0),
        fence: keys.fence.0,
        worker: keys.worker.map(|worker| worker.0),
        lease_until: keys.lease_until.map(micros),
        since: micros(keys.since),
        ask_at: keys.ask_at.map(micros),
        asked_since: keys.asked_since.map(micros),
        quiet_until: keys.quiet_until.map(micros),
        may_have_sent: keys.may_have_sent,
        parked_epoch: keys.parked.map(|(epoch, _)| epoch.0),
        parked_until: keys.parked.map(|(_, until)| micros(until)),
    }
}

/// `requeued`: what queues again at an old place is news for its lane's worker.
async fn arrive(tx: &mut Tx, moved: &[&Case], requeued: Option<i64>) -> Result<(), Fault> {
    let (mut waits, mut holds, mut parks, mut keys) = (vec![], vec![], vec![], vec![]);
    for case in moved {
        let (seat, since) = (case.seat(), micros(case.since));
        match &case.spot {
            Spot::Nowhere => {}
            Spot::Waiting { run_at } => {
                let requeued = requeued.filter(|_| run_at.is_none());
                waits.push(WaitRow { seat, since, run_at: run_at.map(micros), requeued });
            }
            Spot::Held { run_at } => {
                holds.push(WaitRow { seat, since, run_at: run_at.map(micros), requeued: None });
            }
            Spot::Parked { epoch, until } => {
                parks.push(ParkRow { seat, epoch: epoch.0, since, until: micros(*until) });
            }
            Spot::Keys(held) => keys.push(key_row(seat, held)),
        }
    }
    send(tx, sql!("case/wait"), &waits).await?;
    send(tx, sql!("case/hold"), &holds).await?;
    send(tx, sql!("case/park"), &parks).await?;
    send(tx, sql!("case/take"), &keys).await
}
