//! What was left: by workers that died, by those that let go, by nobody for too long.

use super::{
    SqliteStore, Tx,
    case::{Case, Spot},
    columns::{earlier, later, micros},
    counter::Counter,
    docket::Docket,
    fault::Fault,
    settle::{self, Outcome},
    work::{self, Sent},
};
use domain::{
    Moment,
    ids::{Fence, LaneId, Slot, TaskId, TaxId, WorkerId},
    ledger::{LedgerLine, LineOutcome},
    retry::Rescue,
    task::{Event, Illegal, State},
    taxpayer::ChannelKind,
};
use fleet::{
    ports::log::{RescueLimits, Rescued, Work},
    sentences,
};
use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};
use uuid::Uuid;

/// Leases that end in one transaction.
const AT_ONCE: i64 = 500;

fn broken(task: TaskId) -> impl Fn(Illegal) -> Fault {
    move |illegal| Fault::broken(format!("task {task}: {illegal}"))
}

impl SqliteStore {
    pub(super) async fn rescue_all(&self, limits: RescueLimits) -> Result<Vec<Rescued>, Fault> {
        let mut tx = self.begin().await?;
        let now = self.now();
        let over: Vec<Uuid> = sqlx::query_scalar(sql!("keys/over"))
            .bind(micros(now))
            .bind(AT_ONCE)
            .fetch_all(&mut *tx)
            .await?;
        if over.is_empty() {
            return Ok(Vec::new());
        }
        let over: Vec<TaskId> = over.into_iter().map(TaskId).collect();
        let mut docket = Docket::read(&mut tx, now, over.iter().copied()).await?;
        let sent = work::submissions(&mut tx, &over).await?;
        let mut rescued = Vec::new();
        for task in over {
            let Some(case) = docket.case(task) else { continue };
            let (lane, tax) = (case.lane, case.tax.unwrap_or(TaxId(0)));
            let submissions = sent.get(&task).map_or(&[][..], Vec::as_slice);
            let fate = rescue_one(case, submissions, limits, now).map_err(broken(task))?;
            let deaths = case.rescues;
            if fate == Rescue::Fail {
                let sentence = sentences::rescued_too_often(deaths);
                give_up(&mut tx, &mut docket, &[(task, false)], &sentence).await?;
            }
            rescued.push((task, lane, tax));
        }
        docket.write(&mut tx).await?;
        tx.commit().await?;
        let outcome = |(task, lane, tax)| {
            let state = docket.cases.get(&task)?.state.name();
            Some(Rescued { task, lane, tax, state })
        };
        Ok(rescued.into_iter().filter_map(outcome).collect())
    }

    pub(super) async fn expire_all(
        &self,
        asked: Duration,
        limit: usize,
    ) -> Result<Vec<TaskId>, Fault> {
        let mut tx = self.begin().await?;
        let now = self.now();
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let lost: Vec<Uuid> = sqlx::query_scalar(sql!("keys/lost"))
            .bind(micros(earlier(now, asked)))
            .bind(micros(now))
            .bind(limit)
            .fetch_all(&mut *tx)
            .await?;
        let parked: Vec<Uuid> = sqlx::query_scalar(sql!("keys/parked_too_long"))
            .bind(micros(now))
            .bind(limit - i64::try_from(lost.len()).unwrap_or_default())
            .fetch_all(&mut *tx)
            .await?;
        let all: Vec<TaskId> = lost.iter().chain(&parked).map(|id| TaskId(*id)).collect();
        if all.is_empty() {
            return Ok(all);
        }
        let mut docket = Docket::read(&mut tx, now, all.iter().copied()).await?;
        let lost: Vec<_> = lost.into_iter().map(|id| (TaskId(id), true)).collect();
        let parked: Vec<_> = parked.into_iter().map(|id| (TaskId(id), false)).collect();
        give_up(&mut tx, &mut docket, &lost, sentences::OUTCOME_UNKNOWN).await?;
        give_up(&mut tx, &mut docket, &parked, sentences::PARKED_TOO_LONG).await?;
        docket.write(&mut tx).await?;
        tx.commit().await?;
        Ok(all)
    }

    pub(super) async fn take_up_all(
        &self,
        worker: WorkerId,
        lease: Duration,
        limit: usize,
    ) -> Result<Vec<Work>, Fault> {
        let mut tx = self.begin().await?;
        let now = self.now();
        let due: Vec<Uuid> = sqlx::query_scalar(sql!("keys/due"))
            .bind(worker.0)
            .bind(micros(now))
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&mut *tx)
            .await?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let due: Vec<TaskId> = due.into_iter().map(TaskId).collect();
        let mut docket = Docket::read(&mut tx, now, due.iter().copied()).await?;
        let sent = work::submissions(&mut tx, &due).await?;
        let mut fence = Counter::Fence.take(&mut tx, due.len()).await?;
        let mut taken = Vec::new();
        for task in due {
            let Some(case) = docket.case(task) else { continue };
            let etax = case.channel != Some(ChannelKind::Leqi);
            let wants_slot = etax && case.keys().is_some_and(|keys| keys.slot.is_none());
            fence += 1;
            let lease_until = later(now, lease);
            let sent = sent.get(&task).map_or(&[][..], Vec::as_slice);
            take_up_one(case, worker, Fence(fence), lease_until, sent).map_err(broken(task))?;
            if let Some(keys) = case.keys_mut().filter(|_| wants_slot) {
                keys.slot = Some(Slot(0));
            }
            taken.push(task);
        }
        docket.write(&mut tx).await?;
        let mut works: HashMap<TaskId, Work> = work::read(&mut tx, &taken).await?;
        tx.commit().await?;
        Ok(taken.into_iter().filter_map(|task| works.remove(&task)).collect())
    }

    pub(super) async fn ripen_some(&self, limit: usize) -> Result<Vec<(LaneId, TaxId)>, Fault> {
        let mut tx = self.begin().await?;
        let now = self.now();
        let due: Vec<Uuid> = sqlx::query_scalar(sql!("keys/ripe"))
            .bind(micros(now))
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&mut *tx)
            .await?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let mut docket = Docket::read(&mut tx, now, due.into_iter().map(TaskId)).await?;
        let mut touched = BTreeSet::new();
        for case in docket.cases.values_mut() {
            let event = match case.state {
                State::Held => Event::Released,
                _ => Event::Due,
            };
            case.take(event).map_err(broken(case.task))?;
            case.move_to(Spot::Waiting { run_at: None });
            touched.extend(case.lane.zip(case.tax));
        }
        docket.write(&mut tx).await?;
        tx.commit().await?;
        Ok(touched.into_iter().collect())
    }
}

fn rescue_one(
    case: &mut Case,
    submissions: &[Sent],
    limits: RescueLimits,
    now: Moment,
) -> Result<Rescue, Illegal> {
    case.rescues += 1;
    let open = submissions.iter().any(|sent| sent.answer.is_none());
    let perhaps = case.kind.acts_at_bureau() && case.kind.can_be_read_back();
    let asked = !matches!(case.state, State::Running { .. });
    let sent = asked || perhaps || open;
    // Of several acts the one that follows an answered one may be on its way.
    let midway = submissions.iter().any(|sent| sent.answer.is_some());
    let lost = limits.quiet_until(now);
    if sent && !asked {
        case.take(Event::LostTrack { quiet_until: lost })?;
    }
    if let Some(keys) = case.keys_mut().filter(|_| midway || (sent && !asked)) {
        keys.may_have_sent = true;
        keys.quiet_until = keys.quiet_until.max(Some(lost));
    }
    let quiet_until = case.keys().and_then(|keys| keys.quiet_until);
    let fate = limits.decide(case.rescues, case.kind, sent, quiet_until, now);
    match fate {
        Rescue::Requeue => {
            case.take(Event::HandedBack)?;
            case.move_to(Spot::Waiting { run_at: None });
        }
        Rescue::Ask { after, keep_lane } => {
            let has_login = case.channel == Some(ChannelKind::Etax);
            case.leave_unasked(now, Some(later(now, after)), keep_lane && has_login);
        }
        // Its body is wanted for that.
        Rescue::Fail => {}
    }
    Ok(fate)
}

fn take_up_one(
    case: &mut Case,
    worker: WorkerId,
    fence: Fence,
    lease_until: Moment,
    sent: &[Sent],
) -> Result<(), Illegal> {
    let receipt = sent.iter().rev().find_map(|sent| sent.receipt.clone());
    let receipt = receipt.map(domain::answer::Receipt);
    let quiet_until = case.keys().and_then(|keys| keys.quiet_until).unwrap_or_default();
    case.take(Event::TakenUp { receipt, quiet_until })?;
    if let Some(keys) = case.keys_mut() {
        keys.fence = fence;
        keys.worker = Some(worker);
        keys.lease_until = Some(lease_until);
        keys.ask_at = None;
        keys.parked = None;
    }
    Ok(())
}

/// Ends tasks that nothing more can be done for.
async fn give_up(
    tx: &mut Tx,
    docket: &mut Docket,
    tasks: &[(TaskId, bool)],
    sentence: &str,
) -> Result<(), Fault> {
    let now = docket.now;
    for (task, unknown) in tasks {
        let body: String =
            sqlx::query_scalar(sql!("keys/body")).bind(task.0).fetch_one(&mut **tx).await?;
        let outcome = if *unknown { LineOutcome::Unknown } else { LineOutcome::Failed };
        let line = |invoice: &domain::invoice::TaskInvoice| LedgerLine {
            invoice: invoice.key.clone(),
            outcome,
            reason: sentence.to_owned(),
        };
        let lines: Vec<LedgerLine> = work::message(&body)?.invoices.iter().map(line).collect();
        let Some(case) = docket.case(*task) else { continue };
        case.take(Event::Failed).map_err(broken(*task))?;
        let outcome = Outcome { reason: sentence, lines: &lines, pool: &[], unknown: *unknown };
        settle::end(docket, *task, &outcome, now);
    }
    Ok(())
}
