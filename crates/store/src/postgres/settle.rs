//! Settlements: how attempts end, for now or for good.

use super::{
    Tx, append,
    ending::{Ending, succeeded},
    fault::Fault,
    holding::Holding,
    state_change::{LetGo, NewState, StateChanges},
    versions,
};
use crate::{
    codec,
    event_data::{self, News},
    version_rows::Told,
};
use domain::{
    ids::{Epoch, Fence, LaneId, TaskId},
    task::StateName,
    taxpayer::LoginMode,
};
use fleet::ports::{
    log::{NewTask, Settled, Settlement, Throttle, Verdict},
    outbox::EventKind,
};
use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};
use uuid::Uuid;

/// An account's session, locked.
#[derive(Clone, Debug, sqlx::FromRow)]
struct AccountRow {
    lane_id: i32,
    epoch: i64,
    online: bool,
    login: String,
    needs_person: bool,
    #[sqlx(skip)]
    lost: bool,
    #[sqlx(skip)]
    changed: bool,
}

impl AccountRow {
    /// The session `epoch` was found lost; whether a person must log in before the task goes on.
    /// A session that began since then is not touched.
    fn lose(&mut self, epoch: Epoch, needs_person: bool) -> bool {
        if self.online && self.epoch > epoch.0 {
            return false;
        }
        if self.online && self.epoch == epoch.0 {
            (self.online, self.lost) = (false, true);
            self.epoch += 1;
        }
        self.needs_person |= needs_person || self.login == codec::name(LoginMode::Manual);
        self.changed = true;
        self.needs_person
    }
}

/// Settlements of one turn on their way.
#[derive(Debug, Default)]
struct Desk {
    changes: StateChanges,
    accounts: HashMap<LaneId, AccountRow>,
    /// Lanes whose session a park found lost: whether a person must log in, whether it was on line.
    offline: BTreeMap<LaneId, (bool, bool)>,
    lane_throttles: BTreeMap<i32, f64>,
    tax_throttles: BTreeMap<i32, f64>,
    told: Vec<Told>,
    periods: BTreeMap<i32, i32>,
}

/// Writes settlements whose fence holds the keys, and says of the others whether they were
/// written before or are stale.
pub(super) async fn write(
    tx: &mut Tx,
    settlements: &[&Settlement],
    holdings: &HashMap<TaskId, Holding>,
) -> Result<Vec<Settled>, Fault> {
    if settlements.is_empty() {
        return Ok(Vec::new());
    }
    let before = settled_before(tx, settlements, holdings).await?;
    let mut now: HashMap<(TaskId, Fence), StateName> = HashMap::new();
    let mut desk = Desk { accounts: accounts(tx, settlements).await?, ..Desk::default() };
    let mut states: Vec<Result<StateName, Settled>> = Vec::with_capacity(settlements.len());
    for settlement in settlements {
        let key = (settlement.task, settlement.fence);
        let current = holdings.get(&settlement.task);
        let current = current.filter(|h| h.asked && h.fence == settlement.fence);
        states.push(match (before.get(&key).or_else(|| now.get(&key)), current) {
            (Some(state), _) => Err(Settled::Before { state: *state }),
            (None, Some(holding)) => {
                let state = desk.settle(settlement, holding);
                now.insert(key, state);
                Ok(state)
            }
            (None, None) => Err(Settled::Stale),
        });
    }
    let mut numbers = desk.write(tx).await?;
    let ended = settlements.iter().zip(&states).filter(|(_, state)| state.is_ok());
    let children = ended.filter_map(|(settlement, _)| settlement.child.as_deref().cloned());
    let children: Vec<NewTask> = children.collect();
    if !children.is_empty() {
        append::write(tx, &children).await?;
    }
    let outcome = |(settlement, state): (&&Settlement, Result<StateName, Settled>)| match state {
        Ok(state) => {
            Settled::Written { state, events: numbers.remove(&settlement.task).unwrap_or_default() }
        }
        Err(settled) => settled,
    };
    Ok(settlements.iter().zip(states).map(outcome).collect())
}

/// Settlements that the log has already, by task and fence. A fence can stand there although it
/// still holds the keys: it let go, and its answer was lost.
async fn settled_before(
    tx: &mut Tx,
    settlements: &[&Settlement],
    holdings: &HashMap<TaskId, Holding>,
) -> Result<HashMap<(TaskId, Fence), StateName>, Fault> {
    let in_doubt = |settlement: &&&Settlement| {
        let current = holdings.get(&settlement.task).filter(|h| h.fence == settlement.fence);
        current.is_none_or(|holding| !holding.asked)
    };
    let ids: Vec<Uuid> = settlements.iter().filter(in_doubt).map(|s| s.task.0).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Uuid, Option<i64>, String)> =
        sqlx::query_as(sql!("settle/settled")).bind(&ids).fetch_all(&mut **tx).await?;
    let mut before = HashMap::new();
    for (task, fence, state) in rows {
        if let Some(fence) = fence {
            before.insert((TaskId(task), Fence(fence)), codec::read(&state)?);
        }
    }
    Ok(before)
}

async fn accounts(
    tx: &mut Tx,
    settlements: &[&Settlement],
) -> Result<HashMap<LaneId, AccountRow>, Fault> {
    let parks = settlements.iter().filter(|s| matches!(s.verdict, Verdict::Park { .. }));
    let mut lanes: Vec<i32> = parks.map(|s| s.lane.0).collect();
    lanes.dedup();
    if lanes.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<AccountRow> =
        sqlx::query_as(sql!("settle/accounts")).bind(&lanes).fetch_all(&mut **tx).await?;
    Ok(rows.into_iter().map(|row| (LaneId(row.lane_id), row)).collect())
}

impl Desk {
    fn settle(&mut self, settlement: &Settlement, holding: &Holding) -> StateName {
        let mut new = match &settlement.verdict {
            Verdict::Final { .. } => self.end(settlement, holding),
            Verdict::PutOff { after, reason, sent, counts_as_attempt, gate } => {
                self.throttle(*gate, *after, holding);
                let mut new = self.put_off(*after, *sent, reason, holding);
                new.attempts = i32::from(*counts_as_attempt);
                new
            }
            Verdict::Park { .. } => self.park(settlement, holding),
            Verdict::HandBack { reason } => {
                self.changes.requeue(holding, None);
                NewState::of(holding, StateName::Queued, reason)
            }
            Verdict::LetGo { ask_after, unclear, quiet_until, keep_lane, reason } => {
                let state = if *unclear { StateName::Unclear } else { StateName::Awaiting };
                self.changes.let_go(LetGo {
                    keep_lane: *keep_lane,
                    quiet_until: *quiet_until,
                    ..let_go(holding, Some(*ask_after))
                });
                NewState::of(holding, state, reason)
            }
        };
        if let Some(period) = settlement.period {
            self.periods.insert(settlement.tax.0, period.number());
        }
        new.fence = Some(settlement.fence);
        let state = new.state;
        self.changes.state(new);
        state
    }

    fn end(&mut self, settlement: &Settlement, holding: &Holding) -> NewState {
        let Verdict::Final { state, reason, lines, pool, statistic, unknown } = &settlement.verdict
        else {
            unreachable!("only a final verdict ends a task")
        };
        let ending = Ending {
            kind: holding.kind,
            tax: Some(holding.tax),
            state: *state,
            shown: holding.shown(*state),
            reason,
            lines,
            pool,
            unknown: *unknown,
        };
        if let Some(statistic) = statistic {
            self.told.push(Told {
                tax: holding.tax,
                fence: settlement.fence,
                task: settlement.task,
                kind: holding.kind,
                state: *state,
                note: statistic.clone(),
            });
        }
        end_task(&mut self.changes, holding, &ending)
    }

    fn put_off(
        &mut self,
        after: Duration,
        sent: bool,
        reason: &str,
        holding: &Holding,
    ) -> NewState {
        if sent {
            self.changes.let_go(let_go(holding, Some(after)));
        } else {
            self.changes.requeue(holding, Some(after));
        }
        NewState::of(holding, StateName::Delayed, reason)
    }

    fn throttle(&mut self, gate: Option<Throttle>, after: Duration, holding: &Holding) {
        let (throttles, id) = match gate {
            None => return,
            Some(Throttle::Lane) => (&mut self.lane_throttles, holding.lane.0),
            Some(Throttle::TaxNumber) => (&mut self.tax_throttles, holding.tax.0),
        };
        let longest = throttles.entry(id).or_default();
        *longest = longest.max(after.as_secs_f64());
    }

    /// A login that came after the session in question makes parking needless: nobody would
    /// resume the task. So does an account that we can log in ourselves.
    fn park(&mut self, settlement: &Settlement, holding: &Holding) -> NewState {
        let Verdict::Park { epoch, needs_person, sent, until, reason } = &settlement.verdict else {
            unreachable!("only a park parks a task")
        };
        let account = self.accounts.get_mut(&holding.lane);
        let stays = account.is_some_and(|account| account.lose(*epoch, *needs_person));
        if let Some(account) = self.accounts.get(&holding.lane).filter(|account| account.changed) {
            self.offline.insert(holding.lane, (account.needs_person, account.lost));
        }
        match (*sent, stays) {
            (false, false) => {
                self.changes.requeue(holding, None);
                return NewState::of(holding, StateName::Queued, reason);
            }
            (false, true) => self.changes.park(holding, *epoch, *until),
            (true, stays) => self.changes.let_go(LetGo {
                epoch: Some(*epoch),
                until: Some(*until),
                ..let_go(holding, (!stays).then_some(Duration::ZERO))
            }),
        }
        let mut new = NewState::of(holding, StateName::Parked, reason);
        if stays {
            let news = News {
                kind: EventKind::Parked,
                state: StateName::Parked,
                shown: new.shown,
                reason,
                lines: &[],
                unknown: false,
            };
            self.changes.aftermath.event(event_data::task_event(&holding.subject, &news));
            new.events = 1;
        }
        new
    }

    async fn write(self, tx: &mut Tx) -> Result<HashMap<TaskId, Vec<i64>>, Fault> {
        if !self.offline.is_empty() {
            sqlx::query(sql!("settle/offline"))
                .bind(self.offline.keys().map(|lane| lane.0).collect::<Vec<_>>())
                .bind(self.offline.values().map(|seen| seen.0).collect::<Vec<_>>())
                .bind(self.offline.values().map(|seen| seen.1).collect::<Vec<_>>())
                .execute(&mut **tx)
                .await?;
        }
        throttle(tx, sql!("settle/throttle_lane"), &self.lane_throttles).await?;
        throttle(tx, sql!("settle/throttle_tax"), &self.tax_throttles).await?;
        versions::write_tables(tx, &self.told).await?;
        write_periods(tx, &self.periods).await?;
        let numbers = self.changes.write(tx).await?;
        versions::keep(tx, &self.told).await?;
        Ok(numbers)
    }
}

/// Ends a task that holds keys: its log row, and what follows from it.
pub(super) fn end_task(
    changes: &mut StateChanges,
    holding: &Holding,
    ending: &Ending<'_>,
) -> NewState {
    changes.release(holding);
    changes.aftermath.end(holding.subject.clone(), ending, true);
    NewState {
        succeeded: succeeded(ending.lines),
        unknown: ending.unknown,
        events: 1,
        ..NewState::of(holding, ending.state, ending.reason)
    }
}

pub(super) fn let_go(holding: &Holding, after: Option<Duration>) -> LetGo {
    LetGo {
        task: holding.subject.task,
        after,
        keep_lane: false,
        quiet_until: None,
        may_have_sent: false,
        epoch: None,
        until: None,
    }
}

async fn throttle(
    tx: &mut Tx,
    statement: &'static str,
    throttles: &BTreeMap<i32, f64>,
) -> Result<(), Fault> {
    if throttles.is_empty() {
        return Ok(());
    }
    sqlx::query(statement)
        .bind(throttles.keys().copied().collect::<Vec<_>>())
        .bind(throttles.values().copied().collect::<Vec<_>>())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn write_periods(tx: &mut Tx, periods: &BTreeMap<i32, i32>) -> Result<(), Fault> {
    if !periods.is_empty() {
        sqlx::query(sql!("settle/period"))
            .bind(periods.keys().copied().collect::<Vec<_>>())
            .bind(periods.values().copied().collect::<Vec<_>>())
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}
