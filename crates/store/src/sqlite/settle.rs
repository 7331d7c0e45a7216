//! Settlements: how attempts end, for now or for good.

use super::{
    Tx,
    aftermath::{Ending, succeeded},
    case::{Case, Spot},
    columns::{later, micros},
    docket::Docket,
    fault::Fault,
    session::Sessions,
};
use crate::version_rows::Told;
use domain::{
    Moment,
    ids::{Epoch, LaneId, TaxId},
    ledger::LedgerLine,
    period::TaxPeriod,
    task::{Event, Illegal, State, StateName},
};
use fleet::ports::{
    log::{Settled, Settlement, Throttle, Verdict},
    outbox::EventKind,
};

/// What settlements change beside their tasks.
#[derive(Debug, Default)]
pub(super) struct Gates {
    sessions: Sessions,
    lanes: Vec<(LaneId, Moment)>,
    taxes: Vec<(TaxId, LaneId, Moment)>,
    told: Vec<Told>,
    periods: Vec<(TaxId, TaxPeriod)>,
}

/// Settles one attempt on the desk. A verdict that its state does not allow is refused like a
/// stale one: the lease then runs out and the rescuer decides.
pub(super) fn settle(docket: &mut Docket, gates: &mut Gates, settlement: &Settlement) -> Settled {
    let (now, fence) = (docket.now, settlement.fence);
    let Some(case) = docket.cases.get_mut(&settlement.task) else { return Settled::Stale };
    if !case.is_held_under(fence) {
        let before = case.settled_fence == Some(fence);
        let state = case.state.name();
        return if before { Settled::Before { state } } else { Settled::Stale };
    }
    gates.periods.extend(settlement.period.map(|period| (settlement.tax, period)));
    let written = match &settlement.verdict {
        Verdict::Final { .. } => return finish(docket, gates, settlement),
        Verdict::PutOff { .. } => put_off(case, gates, settlement, now),
        Verdict::Park { .. } => park(case, gates, settlement, now),
        Verdict::HandBack { reason } => hand_back(case, reason),
        Verdict::LetGo { .. } => let_go(case, settlement, now),
    };
    if let Err(illegal) = written {
        return refused(settlement, &illegal);
    }
    case.settled_fence = Some(fence);
    let state = case.state.name();
    let waits_for_login = match &case.spot {
        Spot::Parked { .. } => true,
        Spot::Keys(keys) => state == StateName::Parked && keys.ask_at.is_none(),
        _ => false,
    };
    if waits_for_login {
        docket.aftermath.tell(case, EventKind::Parked);
    }
    Settled::Written { state, events: Vec::new() }
}

fn refused(settlement: &Settlement, illegal: &Illegal) -> Settled {
    tracing::error!(task = %settlement.task, %illegal, "a verdict does not fit the state");
    Settled::Stale
}

fn finish(docket: &mut Docket, gates: &mut Gates, settlement: &Settlement) -> Settled {
    let Verdict::Final { state, reason, lines, pool, statistic, unknown } = &settlement.verdict
    else {
        unreachable!("only a final verdict ends a task")
    };
    let event = match state {
        StateName::Done => Event::Succeeded,
        StateName::Refused => Event::Refused,
        _ => Event::Failed,
    };
    let now = docket.now;
    let Some(case) = docket.cases.get_mut(&settlement.task) else { return Settled::Stale };
    if let Err(illegal) = case.take(event) {
        return refused(settlement, &illegal);
    }
    case.settled_fence = Some(settlement.fence);
    if let Some(note) = statistic.clone() {
        gates.told.push(Told {
            tax: settlement.tax,
            fence: settlement.fence,
            task: settlement.task,
            kind: case.kind,
            state: *state,
            note,
        });
    }
    let outcome = Outcome { reason, lines, pool, unknown: *unknown };
    let state = case.state.name();
    end(docket, settlement.task, &outcome, now);
    Settled::Written { state, events: Vec::new() }
}

/// What an end brings with it.
#[derive(Debug)]
pub(super) struct Outcome<'a> {
    pub(super) reason: &'a str,
    pub(super) lines: &'a [LedgerLine],
    pub(super) pool: &'a [domain::invoice::PoolChange],
    pub(super) unknown: bool,
}

/// Ends a task whose state is final already: its keys are free, its invoices too, the rest is told.
pub(super) fn end(
    docket: &mut Docket,
    task: domain::ids::TaskId,
    outcome: &Outcome<'_>,
    now: Moment,
) {
    let Some(case) = docket.cases.get_mut(&task) else { return };
    case.move_to(Spot::Nowhere);
    case.reason = outcome.reason.to_owned();
    case.unknown = outcome.unknown;
    case.finished_at = Some(now);
    case.succeeded = succeeded(outcome.lines);
    let ending = Ending {
        kind: case.kind,
        tax: case.tax,
        state: case.state.name(),
        shown: case.shown(),
        reason: outcome.reason,
        lines: outcome.lines,
        pool: outcome.pool,
        unknown: outcome.unknown,
    };
    docket.aftermath.end(&mut case.subject, &ending);
}

fn put_off(
    case: &mut Case,
    gates: &mut Gates,
    settlement: &Settlement,
    now: Moment,
) -> Result<(), Illegal> {
    let Verdict::PutOff { after, reason, sent, counts_as_attempt, gate } = &settlement.verdict
    else {
        unreachable!("only a task that is put off comes here")
    };
    let until = later(now, *after);
    case.take(Event::PutOff { until })?;
    case.reason.clone_from(reason);
    case.attempts += u32::from(*counts_as_attempt);
    if *sent || case.state.keeps_tax_number() {
        case.leave_unasked(now, Some(until), false);
    } else {
        case.move_to(Spot::Waiting { run_at: Some(until) });
    }
    match gate {
        Some(Throttle::Lane) => gates.lanes.push((settlement.lane, until)),
        Some(Throttle::TaxNumber) => {
            gates.taxes.push((settlement.tax, settlement.lane, until));
        }
        None => {}
    }
    Ok(())
}

fn hand_back(case: &mut Case, reason: &str) -> Result<(), Illegal> {
    case.take(Event::HandedBack)?;
    reason.clone_into(&mut case.reason);
    case.move_to(Spot::Waiting { run_at: None });
    Ok(())
}

fn let_go(case: &mut Case, settlement: &Settlement, now: Moment) -> Result<(), Illegal> {
    let Verdict::LetGo { ask_after, unclear, quiet_until, keep_lane, reason } = &settlement.verdict
    else {
        unreachable!("only a task that is let go comes here")
    };
    let quiet = case.keys().and_then(|keys| keys.quiet_until).max(*quiet_until);
    let lost = match case.state {
        State::Unclear { .. } => false,
        // What nobody asks about is Awaiting or Unclear.
        State::Running { .. } => true,
        _ => *unclear,
    };
    if lost {
        case.take(Event::LostTrack { quiet_until: quiet.unwrap_or_default() })?;
    }
    case.reason.clone_from(reason);
    if let Some(keys) = case.keys_mut() {
        keys.quiet_until = quiet;
    }
    case.leave_unasked(now, Some(later(now, *ask_after)), *keep_lane);
    Ok(())
}

/// Break 4: the epoch used is compared with the account's in the same transaction. A login that
/// came since makes parking needless: nobody would resume the task.
fn park(
    case: &mut Case,
    gates: &mut Gates,
    settlement: &Settlement,
    now: Moment,
) -> Result<(), Illegal> {
    let Verdict::Park { epoch, needs_person, sent, until, reason } = &settlement.verdict else {
        unreachable!("only a task that is parked comes here")
    };
    case.take(Event::LoggedOut { epoch: *epoch })?;
    let stays = gates.sessions.lost(settlement.lane, *epoch, *needs_person);
    case.reason.clone_from(reason);
    if *sent || case.state.keeps_tax_number() {
        case.leave_unasked(now, (!stays).then_some(now), false);
        if let Some(keys) = case.keys_mut() {
            keys.parked = Some((*epoch, *until));
        }
        return Ok(());
    }
    case.move_to(Spot::Parked { epoch: *epoch, until: *until });
    if stays { Ok(()) } else { unpark(case, *epoch) }
}

/// Back from the park with nothing sent: queues at its place.
pub(super) fn unpark(case: &mut Case, epoch: Epoch) -> Result<(), Illegal> {
    case.take(Event::LoggedIn { epoch: Epoch(epoch.0 + 1) })?;
    case.move_to(Spot::Waiting { run_at: None });
    Ok(())
}

impl Gates {
    pub(super) fn of(sessions: Sessions) -> Gates {
        Gates { sessions, ..Gates::default() }
    }

    /// Writes the gates; the lanes whose gates have changed are heard of by their version. Returns what
    /// is to be written of statistic tables once the pool is.
    pub(super) async fn write(self, tx: &mut Tx) -> Result<Vec<Told>, Fault> {
        let mut touched = self.sessions.write(tx).await?;
        for (lane, until) in &self.lanes {
            sqlx::query(sql!("settle/throttle_lane"))
                .bind(lane.0)
                .bind(micros(*until))
                .execute(&mut **tx)
                .await?;
            touched.insert(*lane);
        }
        for (tax, lane, until) in &self.taxes {
            sqlx::query(sql!("settle/throttle_tax"))
                .bind(tax.0)
                .bind(micros(*until))
                .execute(&mut **tx)
                .await?;
            touched.insert(*lane);
        }
        for (tax, period) in &self.periods {
            sqlx::query(sql!("settle/period"))
                .bind(tax.0)
                .bind(period.number())
                .execute(&mut **tx)
                .await?;
        }
        super::roster::bump(tx, touched).await?;
        Ok(self.told)
    }
}
