//! The claim: both keys first, then a look with a new snapshot (protocol section 1).

use super::{Tx, fault::Fault, hindered, work};
use domain::{
    ids::{TaskId, WorkerId},
    task::StateName,
    taxpayer::ChannelKind,
};
use fleet::ports::log::{Claimed, Pick};
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};
use uuid::Uuid;

/// Claims these picks; an outcome for each.
pub(super) async fn claim(
    tx: &mut Tx,
    worker: WorkerId,
    lease: Duration,
    picks: &[&Pick],
) -> Result<Vec<Claimed>, Fault> {
    if picks.is_empty() {
        return Ok(Vec::new());
    }
    let mut held = take_keys(tx, worker, lease, picks).await?;
    if !held.is_empty() {
        let back: Vec<Uuid> =
            sqlx::query_scalar(sql!("claim/give_back")).bind(&held).fetch_all(&mut **tx).await?;
        held.retain(|task| !back.contains(task));
    }
    if !held.is_empty() {
        start(tx, &held).await?;
    }
    let mut started = work::read(tx, &held).await?;
    let losers: Vec<&Pick> =
        picks.iter().copied().filter(|pick| !started.contains_key(&pick.task)).collect();
    let mut hindrances = if losers.is_empty() {
        HashMap::new()
    } else {
        hindered::of_picks(tx, worker, &losers).await?
    };
    let mut seen = HashSet::new();
    let outcome = |pick: &&Pick| match started.remove(&pick.task) {
        Some(work) if seen.insert(pick.task) => Claimed::Started(Box::new(work)),
        _ => Claimed::Hindered(hindrances.remove(&pick.task).unwrap_or(hindered::GONE)),
    };
    Ok(picks.iter().map(outcome).collect())
}

async fn take_keys(
    tx: &mut Tx,
    worker: WorkerId,
    lease: Duration,
    picks: &[&Pick],
) -> Result<Vec<Uuid>, Fault> {
    let slots: HashMap<TaskId, i16> = picks.iter().map(|pick| (pick.task, pick.slot.0)).collect();
    let (tasks, slots): (Vec<Uuid>, Vec<i16>) =
        slots.into_iter().map(|(task, slot)| (task.0, slot)).unzip();
    let held = sqlx::query_scalar(sql!("claim/take_keys"))
        .bind(&tasks)
        .bind(&slots)
        .bind(worker.0)
        .bind(lease.as_secs_f64())
        .fetch_all(&mut **tx)
        .await?;
    Ok(held)
}

async fn start(tx: &mut Tx, held: &[Uuid]) -> Result<(), Fault> {
    let running = |channel, accepted| StateName::Running.shown(channel, accepted).label();
    sqlx::query(sql!("claim/start"))
        .bind(held)
        .bind(running(ChannelKind::Etax, false))
        .bind(running(ChannelKind::Leqi, false))
        .bind(running(ChannelKind::Leqi, true))
        .execute(&mut **tx)
        .await?;
    Ok(())
}
