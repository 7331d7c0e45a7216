//! New states of tasks, gathered over a batch: their log rows, and where their keys go.

use super::{Tx, ending::Aftermath, fault::Fault, holding::Holding};
use domain::{
    Moment,
    ids::{Epoch, Fence, TaskId},
    task::{ShownState, StateName},
};
use std::{collections::HashMap, time::Duration};
use uuid::Uuid;

/// A task's new log row.
#[derive(Debug)]
pub(super) struct NewState {
    pub(super) task: TaskId,
    pub(super) state: StateName,
    pub(super) shown: ShownState,
    pub(super) reason: String,
    pub(super) succeeded: i32,
    pub(super) unknown: bool,
    pub(super) accepted: bool,
    pub(super) attempts: i32,
    pub(super) rescues: i32,
    /// Events that come with it.
    pub(super) events: i32,
    /// The fence whose settlement this is.
    pub(super) fence: Option<Fence>,
}

impl NewState {
    pub(super) fn of(holding: &Holding, state: StateName, reason: &str) -> NewState {
        NewState {
            task: holding.subject.task,
            state,
            shown: holding.shown(state),
            reason: reason.to_owned(),
            succeeded: 0,
            unknown: false,
            accepted: holding.accepted,
            attempts: 0,
            rescues: 0,
            events: 0,
            fence: None,
        }
    }
}

/// A holding that nobody asks about for now.
#[derive(Debug)]
pub(super) struct LetGo {
    pub(super) task: TaskId,
    /// None: waits for a login.
    pub(super) after: Option<Duration>,
    pub(super) keep_lane: bool,
    pub(super) quiet_until: Option<Moment>,
    pub(super) may_have_sent: bool,
    pub(super) epoch: Option<Epoch>,
    /// Parked until then.
    pub(super) until: Option<Moment>,
}

/// Where a task waits, or is parked.
#[derive(Debug)]
struct Spot {
    task: Uuid,
    lane: i32,
    tax: i32,
    class: i16,
    place: i64,
    since: Moment,
}

impl Spot {
    fn of(holding: &Holding) -> Spot {
        Spot {
            task: holding.subject.task.0,
            lane: holding.lane.0,
            tax: holding.tax.0,
            class: holding.class,
            place: holding.place,
            since: holding.since,
        }
    }
}

/// What a batch of settlements changes.
#[derive(Debug, Default)]
pub(super) struct StateChanges {
    states: Vec<NewState>,
    released: Vec<Uuid>,
    requeued: Vec<(Spot, Option<f64>)>,
    parked: Vec<(Spot, i64, Moment)>,
    let_go: Vec<LetGo>,
    pub(super) aftermath: Aftermath,
}

impl StateChanges {
    pub(super) fn state(&mut self, state: NewState) {
        self.states.push(state);
    }

    /// Both keys are free, for good.
    pub(super) fn release(&mut self, holding: &Holding) {
        self.released.push(holding.subject.task.0);
    }

    /// Back to its place, due after this long.
    pub(super) fn requeue(&mut self, holding: &Holding, after: Option<Duration>) {
        self.release(holding);
        self.requeued.push((Spot::of(holding), after.map(|after| after.as_secs_f64())));
    }

    pub(super) fn park(&mut self, holding: &Holding, epoch: Epoch, until: Moment) {
        self.release(holding);
        self.parked.push((Spot::of(holding), epoch.0, until));
    }

    pub(super) fn let_go(&mut self, let_go: LetGo) {
        self.let_go.push(let_go);
    }

    /// Writes all of it; the outbox numbers of each task's events.
    pub(super) async fn write(self, tx: &mut Tx) -> Result<HashMap<TaskId, Vec<i64>>, Fault> {
        write_states(tx, &self.states).await?;
        if !self.released.is_empty() {
            sqlx::query(sql!("settle/release")).bind(&self.released).execute(&mut **tx).await?;
        }
        if !self.requeued.is_empty() {
            let spots = self.requeued.iter().map(|(spot, _)| spot);
            insert_spots(sqlx::query(sql!("settle/requeue")), spots)
                .bind(self.requeued.iter().map(|(_, after)| *after).collect::<Vec<_>>())
                .execute(&mut **tx)
                .await?;
        }
        if !self.parked.is_empty() {
            let spots = self.parked.iter().map(|(spot, ..)| spot);
            insert_spots(sqlx::query(sql!("settle/park")), spots)
                .bind(self.parked.iter().map(|parked| parked.1).collect::<Vec<_>>())
                .bind(self.parked.iter().map(|parked| parked.2).collect::<Vec<_>>())
                .execute(&mut **tx)
                .await?;
        }
        write_let_go(tx, &self.let_go).await?;
        self.aftermath.write(tx).await
    }
}

type Query = sqlx::query::Query<'static, sqlx::Postgres, sqlx::postgres::PgArguments>;

fn insert_spots<'a>(query: Query, spots: impl Iterator<Item = &'a Spot> + Clone) -> Query {
    query
        .bind(spots.clone().map(|spot| spot.task).collect::<Vec<_>>())
        .bind(spots.clone().map(|spot| spot.lane).collect::<Vec<_>>())
        .bind(spots.clone().map(|spot| spot.tax).collect::<Vec<_>>())
        .bind(spots.clone().map(|spot| spot.class).collect::<Vec<_>>())
        .bind(spots.clone().map(|spot| spot.place).collect::<Vec<_>>())
        .bind(spots.map(|spot| spot.since).collect::<Vec<_>>())
}

fn column<'a, T, C>(rows: &'a [T], of: impl Fn(&'a T) -> C) -> Vec<C> {
    rows.iter().map(of).collect()
}

async fn write_states(tx: &mut Tx, states: &[NewState]) -> Result<(), Fault> {
    if states.is_empty() {
        return Ok(());
    }
    sqlx::query(sql!("settle/log"))
        .bind(column(states, |s| s.task.0))
        .bind(column(states, |s| s.state.name()))
        .bind(column(states, |s| s.shown.label()))
        .bind(column(states, |s| s.reason.as_str()))
        .bind(column(states, |s| s.state.is_final()))
        .bind(column(states, |s| s.succeeded))
        .bind(column(states, |s| s.unknown))
        .bind(column(states, |s| s.accepted))
        .bind(column(states, |s| s.attempts))
        .bind(column(states, |s| s.rescues))
        .bind(column(states, |s| s.events))
        .bind(column(states, |s| s.fence.map(|fence| fence.0)))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn write_let_go(tx: &mut Tx, let_go: &[LetGo]) -> Result<(), Fault> {
    if let_go.is_empty() {
        return Ok(());
    }
    sqlx::query(sql!("settle/let_go"))
        .bind(column(let_go, |l| l.task.0))
        .bind(column(let_go, |l| l.after.map(|after| after.as_secs_f64())))
        .bind(column(let_go, |l| l.keep_lane))
        .bind(column(let_go, |l| l.quiet_until))
        .bind(column(let_go, |l| l.may_have_sent))
        .bind(column(let_go, |l| l.epoch.map(|epoch| epoch.0)))
        .bind(column(let_go, |l| l.until))
        .execute(&mut **tx)
        .await?;
    Ok(())
}
