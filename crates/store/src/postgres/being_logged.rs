//! Tax numbers of which tasks are being logged (docs/adr/0003).
//!
//! An append takes `enqueued_at` before it commits. A claim that looks in between sees nothing of
//! the task, and would start a lower class later than a higher one was logged. So an append leaves
//! a mark that others see before it commits, a shared advisory lock, and a claim that finds one
//! starts nothing of that tax number.
//!
//! The same marks keep a change of who serves a tax number, and what is logged for it beside the
//! change, from missing each other. An import may change thousands: one mark stands for all of
//! them, which only what is held for want of an account takes.

use super::{Tx, fault::Fault};
use crate::append_plan::Planned;
use domain::{
    Moment,
    ids::{TaskId, TaxId},
};
use fleet::ports::log::Pick;
use std::collections::{BTreeSet, HashSet};
use uuid::Uuid;

/// The first key of these locks, among all two-key advisory locks of the database.
const SPACE: i32 = 0x6C6F67;

/// Tax numbers are marked by their number modulo this.
///
/// Every mark stands in PostgreSQL's table of locks, which is full at `max_locks_per_transaction`
/// times `max_connections` (64 × 100 by default) and then fails every statement of every session.
/// So few marks fit whatever happens; appends of 200 tax numbers each fit as holders from more
/// than 40 sessions. Numbers are given in order, hence the first 4,096 taxpayers share nothing.
const MARKS: i32 = 4_096;

/// What is logged without an account.
const HOMELESS: i32 = -1;

fn mark(tax: TaxId) -> i32 {
    tax.0.rem_euclid(MARKS)
}

/// Marks the tax numbers of what will wait, or be held, until the transaction ends; before
/// `enqueued_at` is taken. Waits only for a look, which is over at once, and for whoever changes who
/// serves them.
pub(super) async fn announce(tx: &mut Tx, plan: &[Planned]) -> Result<(), Fault> {
    let mut marks = BTreeSet::new();
    for planned in plan {
        match planned {
            Planned::Queue { tax, .. } => {
                marks.insert(mark(*tax));
            }
            Planned::Hold { tax } => marks.extend([HOMELESS, mark(*tax)]),
            _ => {}
        }
    }
    if !marks.is_empty() {
        let marks: Vec<i32> = marks.into_iter().collect();
        sqlx::query(sql!("append/announce")).bind(SPACE).bind(&marks).execute(&mut **tx).await?;
    }
    Ok(())
}

/// Waits for every append that logs tasks of this tax number, and lets none begin until the
/// transaction ends.
pub(super) async fn hold_off(tx: &mut Tx, tax: TaxId) -> Result<(), Fault> {
    sqlx::query(sql!("registry/lock")).bind(SPACE).bind(mark(tax)).execute(&mut **tx).await?;
    Ok(())
}

/// Waits for every append that holds tasks for want of an account, and lets none begin until the
/// transaction ends. Before anything else is locked: an append may wait for that.
pub(super) async fn hold_off_homeless(tx: &mut Tx) -> Result<(), Fault> {
    sqlx::query(sql!("registry/lock")).bind(SPACE).bind(HOMELESS).execute(&mut **tx).await?;
    Ok(())
}

/// What a claim found after its keys were taken.
#[derive(Debug)]
pub(super) struct Look {
    /// Whatever was logged before this moment has been committed, but of the tasks below: the next
    /// statement sees it.
    pub(super) at: Moment,
    /// Candidates of whose tax numbers tasks are being logged.
    pub(super) late: HashSet<TaskId>,
}

/// Looks, without waiting, who is being logged beside these candidates, some of the picks.
pub(super) async fn look(tx: &mut Tx, picks: &[&Pick], held: &[Uuid]) -> Result<Look, Fault> {
    let held: HashSet<Uuid> = held.iter().copied().collect();
    let held: Vec<&Pick> =
        picks.iter().copied().filter(|pick| held.contains(&pick.task.0)).collect();
    let marks: BTreeSet<i32> = held.iter().map(|pick| mark(pick.tax)).collect();
    let marks: Vec<i32> = marks.into_iter().collect();
    let (at, found): (Moment, Vec<i32>) = sqlx::query_as(sql!("claim/being_logged"))
        .bind(SPACE)
        .bind(&marks)
        .fetch_one(&mut **tx)
        .await?;
    let late = held.iter().filter(|pick| found.contains(&mark(pick.tax)));
    Ok(Look { at, late: late.map(|pick| pick.task).collect() })
}

#[cfg(test)]
mod tests {
    use super::{HOMELESS, MARKS, mark};
    use domain::ids::TaxId;

    #[test]
    fn marks_are_few_and_neighbours_share_none() {
        for tax in [i32::MIN, -1, 0, 1, MARKS, i32::MAX] {
            assert!((0..MARKS).contains(&mark(TaxId(tax))), "{tax}");
            assert_ne!(mark(TaxId(tax)), HOMELESS);
        }
        assert_ne!(mark(TaxId(1)), mark(TaxId(2)));
        assert_eq!(mark(TaxId(1)), mark(TaxId(1 + MARKS)));
    }
}
