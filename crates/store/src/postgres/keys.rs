//! Keys over time: renewed, taken up, rescued, given up.

use super::{
    PostgresStore, Tx,
    ending::Ending,
    fault::Fault,
    holding::{self, Holding},
    logged,
    settle::{end_task, let_go},
    split,
    state_change::{LetGo, NewState, StateChanges},
    work::{self, Sent},
};
use crate::codec;
use domain::{
    Moment,
    ids::{Fence, TaskId, WorkerId},
    ledger::LineOutcome,
    retry::Rescue,
    task::StateName,
    taxpayer::ChannelKind,
};
use fleet::{
    ports::{
        StoreError,
        log::{RescueLimits, Rescued, Work},
    },
    sentences,
};
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};
use uuid::Uuid;

/// Keys that one call of rescue looks at, at most.
const RESCUES_AT_ONCE: i64 = 500;

#[derive(Debug, sqlx::FromRow)]
struct BodyRow {
    task_id: Uuid,
    body: String,
    rescues: i32,
    quiet_until: Option<Moment>,
}

impl PostgresStore {
    pub(super) async fn renew_keys(
        &self,
        worker: WorkerId,
        lease: Duration,
        fences: &[(TaskId, Fence)],
    ) -> Result<Vec<TaskId>, StoreError> {
        let rows: Vec<(Uuid, i64)> = sqlx::query_as(sql!("keys/renew"))
            .bind(worker.0)
            .bind(lease.as_secs_f64())
            .bind(fences.iter().map(|(task, _)| task.0).collect::<Vec<_>>())
            .bind(fences.iter().map(|(_, fence)| fence.0).collect::<Vec<_>>())
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        let renewed: HashSet<(TaskId, Fence)> =
            rows.into_iter().map(|(task, fence)| (TaskId(task), Fence(fence))).collect();
        let mut lost = Vec::new();
        for (task, fence) in fences.iter().filter(|held| !renewed.contains(held)) {
            if !self.renew_one(worker, lease, *task, *fence).await? {
                lost.push(*task);
            }
        }
        Ok(lost)
    }

    /// Whether it was still held.
    async fn renew_one(
        &self,
        worker: WorkerId,
        lease: Duration,
        task: TaskId,
        fence: Fence,
    ) -> Result<bool, StoreError> {
        let renewed = sqlx::query(sql!("keys/renew_one"))
            .bind(worker.0)
            .bind(lease.as_secs_f64())
            .bind(task.0)
            .bind(fence.0)
            .execute(&self.pool)
            .await
            .map_err(Fault::from)?;
        Ok(renewed.rows_affected() > 0)
    }

    pub(super) async fn take_up_due(
        &self,
        worker: WorkerId,
        lease: Duration,
        limit: usize,
    ) -> Result<Vec<Work>, StoreError> {
        split::again(|| async move {
            let mut tx = self.begin().await?;
            let taken: Vec<Uuid> = sqlx::query_scalar(sql!("keys/take_up"))
                .bind(worker.0)
                .bind(lease.as_secs_f64())
                .bind(i64::try_from(limit).unwrap_or(i64::MAX))
                .fetch_all(&mut *tx)
                .await?;
            if taken.is_empty() {
                return Ok(Vec::new());
            }
            let works = work::read(&mut tx, &taken).await?;
            write_taken_up(&mut tx, &works).await?;
            tx.commit().await?;
            Ok(works.into_values().collect())
        })
        .await
    }

    pub(super) async fn rescue_over(
        &self,
        limits: RescueLimits,
    ) -> Result<Vec<Rescued>, StoreError> {
        split::again(|| async move {
            let mut tx = self.begin().await?;
            let over: Vec<Uuid> = sqlx::query_scalar(sql!("keys/over"))
                .bind(RESCUES_AT_ONCE)
                .fetch_all(&mut *tx)
                .await?;
            if over.is_empty() {
                return Ok(Vec::new());
            }
            let holdings = holding::lock(&mut tx, over.iter().copied().map(TaskId)).await?;
            let sent = work::submissions(&mut tx, &over).await?;
            let bodies: Vec<BodyRow> =
                sqlx::query_as(sql!("keys/bodies")).bind(&over).fetch_all(&mut *tx).await?;
            let now: Moment = sqlx::query_scalar(sql!("claim/now")).fetch_one(&mut *tx).await?;
            let mut changes = StateChanges::default();
            let mut rescued = Vec::with_capacity(over.len());
            for row in &bodies {
                let Some(holding) = holdings.get(&TaskId(row.task_id)) else { continue };
                let sent = sent.get(&TaskId(row.task_id)).map_or(&[][..], Vec::as_slice);
                let patient = Patient { holding, sent, row, limits, now };
                rescued.push(patient.rescue(&mut changes)?);
            }
            changes.write(&mut tx).await?;
            tx.commit().await?;
            Ok(rescued)
        })
        .await
    }

    pub(super) async fn expire_late(
        &self,
        asked: Duration,
        limit: usize,
    ) -> Result<Vec<TaskId>, StoreError> {
        split::again(|| async move {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let mut tx = self.begin().await?;
            let lost: Vec<Uuid> = sqlx::query_scalar(sql!("clock/asked_too_long"))
                .bind(asked.as_secs_f64())
                .bind(limit)
                .fetch_all(&mut *tx)
                .await?;
            let parked: Vec<Uuid> = sqlx::query_scalar(sql!("clock/parked_too_long"))
                .bind(limit)
                .fetch_all(&mut *tx)
                .await?;
            let mut changes = StateChanges::default();
            end_unknown(&mut tx, &lost, &mut changes).await?;
            for (_, task) in logged::read(&mut tx, &parked).await? {
                let reason = sentences::PARKED_TOO_LONG;
                let lines = task.lines(LineOutcome::Failed, reason)?;
                task.end(&mut changes, StateName::Failed, reason, &lines);
            }
            changes.write(&mut tx).await?;
            tx.commit().await?;
            Ok(lost.into_iter().chain(parked).map(TaskId).collect())
        })
        .await
    }
}

/// What was Delayed or Parked is asked about again: Awaiting with a receipt, else Unclear.
async fn write_taken_up(tx: &mut Tx, works: &HashMap<TaskId, Work>) -> Result<(), Fault> {
    let holdings = holding::lock(tx, works.keys().copied()).await?;
    let mut changes = StateChanges::default();
    for (task, work) in works {
        let Some(holding) = holdings.get(task) else { continue };
        if matches!(holding.state, StateName::Awaiting | StateName::Unclear) {
            continue;
        }
        let has_receipt = work.submissions.iter().any(|sent| sent.receipt.is_some());
        let state = if has_receipt { StateName::Awaiting } else { StateName::Unclear };
        changes.state(NewState::of(holding, state, ""));
    }
    changes.write(tx).await?;
    Ok(())
}

async fn end_unknown(tx: &mut Tx, tasks: &[Uuid], changes: &mut StateChanges) -> Result<(), Fault> {
    if tasks.is_empty() {
        return Ok(());
    }
    let holdings = holding::lock(tx, tasks.iter().copied().map(TaskId)).await?;
    let bodies: Vec<BodyRow> =
        sqlx::query_as(sql!("keys/bodies")).bind(tasks).fetch_all(&mut **tx).await?;
    for row in &bodies {
        if let Some(holding) = holdings.get(&TaskId(row.task_id)) {
            let new = give_up(changes, holding, &row.body, sentences::OUTCOME_UNKNOWN, true)?;
            changes.state(new);
        }
    }
    Ok(())
}

/// Ends a task that nothing more can be done for; `unknown`: something may have been sent.
fn give_up(
    changes: &mut StateChanges,
    holding: &Holding,
    body: &str,
    sentence: &str,
    unknown: bool,
) -> Result<NewState, Fault> {
    let outcome = if unknown { LineOutcome::Unknown } else { LineOutcome::Failed };
    let lines = logged::lines(body, outcome, sentence)?;
    let ending = Ending {
        kind: holding.kind,
        tax: Some(holding.tax),
        state: StateName::Failed,
        shown: holding.shown(StateName::Failed),
        reason: sentence,
        lines: &lines,
        pool: &[],
        unknown,
    };
    Ok(end_task(changes, holding, &ending))
}

/// A task whose worker stopped renewing, and all that is known of it.
struct Patient<'a> {
    holding: &'a Holding,
    sent: &'a [Sent],
    row: &'a BodyRow,
    limits: RescueLimits,
    now: Moment,
}

impl Patient<'_> {
    /// Protocol section 2: no intent → back to its place; intent without outcome → Unclear;
    /// receipt → asked on. Kinds that can be read back: the claim was the intent.
    fn rescue(&self, changes: &mut StateChanges) -> Result<Rescued, Fault> {
        let holding = self.holding;
        let open = self.sent.iter().any(|sent| sent.answer.is_none());
        let kind = holding.kind;
        let perhaps = kind.acts_at_bureau() && kind.can_be_read_back();
        let asked = holding.state != StateName::Running;
        let sent = asked || perhaps || open;
        // Of several acts the one that follows an answered one may be on its way.
        let midway = self.sent.iter().any(|sent| sent.answer.is_some());
        let lost = (midway || (sent && !asked)).then(|| self.limits.quiet_until(self.now));
        let quiet_until = self.row.quiet_until.max(lost);
        let deaths = codec::count::<_, u32>(self.row.rescues) + 1;
        let state = match self.limits.decide(deaths, kind, sent, quiet_until, self.now) {
            Rescue::Requeue => {
                changes.requeue(holding, None);
                let queued = NewState::of(holding, StateName::Queued, "");
                changes.state(NewState { rescues: 1, ..queued });
                StateName::Queued
            }
            Rescue::Ask { after, keep_lane } => {
                let state = if asked { holding.state } else { StateName::Unclear };
                let has_login = holding.channel == ChannelKind::Etax;
                changes.let_go(LetGo {
                    keep_lane: keep_lane && has_login && holding.in_lane,
                    quiet_until: lost,
                    may_have_sent: lost.is_some(),
                    ..let_go(holding, Some(after))
                });
                changes.state(NewState { rescues: 1, ..NewState::of(holding, state, "") });
                state
            }
            Rescue::Fail => {
                let sentence = sentences::rescued_too_often(deaths);
                let new = give_up(changes, holding, &self.row.body, &sentence, false)?;
                changes.state(NewState { rescues: 1, ..new });
                StateName::Failed
            }
        };
        Ok(Rescued {
            task: holding.subject.task,
            lane: Some(holding.lane),
            tax: holding.tax,
            state,
        })
    }
}
