//! The claim: both keys first, then a look with a new snapshot (protocol section 1).

use super::{
    Tx,
    being_logged::{self, Look},
    fault::Fault,
    hindered, work,
};
use domain::{
    Moment,
    ids::{TaskId, WorkerId},
    schedule::Hindrance,
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
    let mut late = HashSet::new();
    if !held.is_empty() {
        let look = being_logged::look(tx, picks, &held).await?;
        let back = give_back(tx, &held, &look).await?;
        held.retain(|task| !back.contains(task));
        if !held.is_empty() {
            start(tx, &held, look.at).await?;
        }
        late = look.late;
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
        _ => Claimed::Hindered(match hindrances.remove(&pick.task) {
            // Nothing else that can be seen yet.
            Some(Hindrance::AboutToStart) if late.contains(&pick.task) => Hindrance::BeingLogged,
            hindrance => hindrance.unwrap_or(hindered::GONE),
        }),
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

/// The second look: the tasks whose keys were given back.
async fn give_back(tx: &mut Tx, held: &[Uuid], look: &Look) -> Result<HashSet<Uuid>, Fault> {
    let late: Vec<Uuid> = look.late.iter().map(|task| task.0).collect();
    let back: Vec<Uuid> = sqlx::query_scalar(sql!("claim/give_back"))
        .bind(held)
        .bind(&late)
        .fetch_all(&mut **tx)
        .await?;
    Ok(back.into_iter().collect())
}

async fn start(tx: &mut Tx, held: &[Uuid], at: Moment) -> Result<(), Fault> {
    let running = |channel, accepted| StateName::Running.shown(channel, accepted).label();
    sqlx::query(sql!("claim/start"))
        .bind(held)
        .bind(running(ChannelKind::Etax, false))
        .bind(running(ChannelKind::Leqi, false))
        .bind(running(ChannelKind::Leqi, true))
        .bind(at)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
