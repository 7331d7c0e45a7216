//! Evidence of what was sent: kept whoever holds the keys now.

use super::{Tx, fault::Fault, holding::Holding};
use domain::{
    Moment,
    ids::TaskId,
    task::{ShownState, StateName},
};
use fleet::ports::log::{Evidence, Proof};
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

/// What a task's evidence of one turn, taken together, changes.
#[derive(Clone, Copy, Debug, Default)]
struct Change {
    state: Option<StateName>,
    accepted: bool,
    /// True: something is out, ask about it. False: nothing is.
    asked: Option<bool>,
    quiet_until: Option<Moment>,
}

impl Change {
    /// `was` is the task's state before this turn.
    fn learn(&mut self, proof: &Proof, was: StateName) {
        match proof {
            Proof::Sending | Proof::NotBegun => {}
            Proof::Answer(_) => {
                if self.state.unwrap_or(was) == StateName::Running {
                    self.state = Some(StateName::Unclear);
                }
                self.accepted = true;
                self.asked = Some(true);
            }
            Proof::Receipt(_) => {
                self.state = Some(StateName::Awaiting);
                self.accepted = true;
                self.asked = Some(true);
            }
            Proof::Lost { quiet_until } => {
                self.state = Some(StateName::Unclear);
                self.asked = Some(true);
                self.quiet_until = self.quiet_until.max(Some(*quiet_until));
            }
            Proof::Absent => {
                *self = Change {
                    state: Some(StateName::Running),
                    accepted: self.accepted,
                    asked: Some(false),
                    quiet_until: None,
                };
            }
        }
    }
}

/// Writes evidence; whether each one's holder is current. A stale holder's is kept too, except
/// that it may not send, and that it cannot prove absence. `settled` are tasks that the same turn
/// settles: their state comes with that. `ended` are those of them whose keys it frees.
pub(super) async fn write(
    tx: &mut Tx,
    evidence: &[&Evidence],
    holdings: &mut HashMap<TaskId, Holding>,
    settled: &HashSet<TaskId>,
    ended: &HashSet<TaskId>,
) -> Result<Vec<bool>, Fault> {
    let current: Vec<bool> = evidence
        .iter()
        .map(|e| {
            let holding = holdings.get(&e.task);
            holding.is_some_and(|holding| holding.asked && holding.fence == e.fence)
        })
        .collect();
    write_submissions(tx, evidence, &current).await?;
    let mut changes: BTreeMap<TaskId, Change> = BTreeMap::new();
    for (e, current) in evidence.iter().zip(&current) {
        let change = changes.entry(e.task).or_default();
        match &e.what {
            proof if *current => {
                let was = holdings.get(&e.task).map_or(StateName::Running, |held| held.state);
                change.learn(proof, was);
            }
            Proof::Lost { quiet_until } => {
                change.quiet_until = change.quiet_until.max(Some(*quiet_until));
            }
            _ => {}
        }
    }
    write_keys(tx, &changes, ended).await?;
    write_states(tx, &changes, holdings, settled).await?;
    Ok(current)
}

async fn write_submissions(
    tx: &mut Tx,
    evidence: &[&Evidence],
    current: &[bool],
) -> Result<(), Fault> {
    let kept: Vec<&Evidence> = evidence
        .iter()
        .zip(current)
        .filter(|(e, current)| **current || !e.what.is_a_holders_word())
        .map(|(e, _)| *e)
        .collect();
    if kept.is_empty() {
        return Ok(());
    }
    let proofs: Vec<(&str, Option<&str>, Option<Moment>)> =
        kept.iter().map(|e| columns(&e.what)).collect();
    sqlx::query(sql!("settle/submission"))
        .bind(kept.iter().map(|e| e.task.0).collect::<Vec<_>>())
        .bind(kept.iter().map(|e| e.act.name()).collect::<Vec<_>>())
        .bind(kept.iter().map(|e| e.fence.0).collect::<Vec<_>>())
        .bind(proofs.iter().map(|p| p.0).collect::<Vec<_>>())
        .bind(proofs.iter().map(|p| p.1).collect::<Vec<_>>())
        .bind(proofs.iter().map(|p| p.2).collect::<Vec<_>>())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

fn columns(proof: &Proof) -> (&'static str, Option<&str>, Option<Moment>) {
    match proof {
        Proof::Sending => ("sending", None, None),
        Proof::Receipt(receipt) => ("receipt", Some(&receipt.0), None),
        Proof::Answer(words) => ("answer", Some(words), None),
        Proof::Lost { quiet_until } => ("lost", None, Some(*quiet_until)),
        Proof::Absent | Proof::NotBegun => ("absent", None, None),
    }
}

async fn write_keys(
    tx: &mut Tx,
    changes: &BTreeMap<TaskId, Change>,
    ended: &HashSet<TaskId>,
) -> Result<(), Fault> {
    let of_keys = |change: &Change| change.asked.is_some() || change.quiet_until.is_some();
    let stays = |task: &TaskId| !ended.contains(task);
    let rows: Vec<_> =
        changes.iter().filter(|(task, change)| stays(task) && of_keys(change)).collect();
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query(sql!("settle/evidence_keys"))
        .bind(rows.iter().map(|row| row.0.0).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.1.asked).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.1.quiet_until).collect::<Vec<_>>())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn write_states(
    tx: &mut Tx,
    changes: &BTreeMap<TaskId, Change>,
    holdings: &mut HashMap<TaskId, Holding>,
    settled: &HashSet<TaskId>,
) -> Result<(), Fault> {
    let mut rows: Vec<(Uuid, StateName, ShownState, bool)> = Vec::new();
    for (task, change) in changes {
        let Some(holding) = holdings.get_mut(task) else { continue };
        let state = change.state.unwrap_or(holding.state);
        let news = state != holding.state || (change.accepted && !holding.accepted);
        holding.accepted |= change.accepted;
        holding.state = state;
        if news && !settled.contains(task) {
            rows.push((task.0, state, holding.shown(state), holding.accepted));
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query(sql!("settle/evidence_log"))
        .bind(rows.iter().map(|row| row.0).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.1.name()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.2.label()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.3).collect::<Vec<_>>())
        .execute(&mut **tx)
        .await?;
    Ok(())
}
