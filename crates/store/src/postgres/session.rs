//! Sessions that begin and end.

use super::{
    PostgresStore, Tx, desk,
    fault::Fault,
    split,
    state_change::{NewState, StateChanges},
};
use crate::{
    codec,
    event_data::{self, News, Subject},
};
use domain::{
    Moment,
    ids::{Epoch, Fence, LaneId, TaskId},
    task::StateName,
    taxpayer::ChannelKind,
};
use fleet::ports::{
    StoreError,
    outbox::EventKind,
    roster::{SessionNoted, SessionReport},
};
use uuid::Uuid;

#[derive(Debug, sqlx::FromRow)]
struct AccountRow {
    lane_id: i32,
    epoch: i64,
    seen_at: Option<Moment>,
}

#[derive(Debug, sqlx::FromRow)]
struct ResumedRow {
    task_id: Uuid,
    kind: String,
    tax_no: String,
    bureau: Option<String>,
    batch_id: Option<String>,
    retry_of: Option<Uuid>,
    traceparent: Option<String>,
    channel: Option<String>,
    accepted: bool,
    events: i32,
}

impl PostgresStore {
    /// Break 4: the account's row is locked first, so that a park that is under way is either
    /// seen here, or sees this session.
    pub(super) async fn note_session(
        &self,
        report: &SessionReport,
    ) -> Result<SessionNoted, StoreError> {
        split::again(|| async move {
            let mut tx = self.begin().await?;
            let account: Option<AccountRow> = sqlx::query_as(sql!("roster/account"))
                .bind(codec::bureau_number(report.lane.bureau))
                .bind(report.lane.account.as_str())
                .fetch_optional(&mut *tx)
                .await?;
            let Some(account) = account else {
                return Ok(SessionNoted { counted: false, epoch: Epoch(0), resumed: 0 });
            };
            let late = account.seen_at.is_some_and(|seen| report.seen_at < seen)
                || report.epoch.is_some_and(|epoch| epoch.0 != account.epoch);
            if late {
                let epoch = Epoch(account.epoch);
                return Ok(SessionNoted { counted: false, epoch, resumed: 0 });
            }
            let epoch: i64 = sqlx::query_scalar(sql!("roster/session"))
                .bind(account.lane_id)
                .bind(report.online)
                .bind(report.seen_at)
                .bind(report.until)
                .fetch_one(&mut *tx)
                .await?;
            if let Some(note) = &report.note {
                let subject = format!("lane {}", report.lane);
                desk::audit(&mut tx, note, report.action(), &[subject]).await?;
            }
            let resumed =
                if report.online { resume(&mut tx, account.lane_id, epoch).await? } else { 0 };
            tx.commit().await?;
            Ok(SessionNoted { counted: true, epoch: Epoch(epoch), resumed })
        })
        .await
    }

    pub(super) async fn forget_current_of(
        &self,
        lane: LaneId,
        fence: Fence,
    ) -> Result<(), StoreError> {
        split::again(|| async move {
            let mut tx = self.begin().await?;
            if holds(&mut tx, lane, fence).await? {
                sqlx::query(sql!("roster/forget_current")).bind(lane.0).execute(&mut *tx).await?;
                tx.commit().await?;
            }
            Ok(())
        })
        .await
    }
}

async fn holds(tx: &mut Tx, lane: LaneId, fence: Fence) -> Result<bool, Fault> {
    let held: Option<i32> = sqlx::query_scalar(sql!("roster/holds_lane"))
        .bind(lane.0)
        .bind(fence.0)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(held.is_some())
}

/// Brings back what is parked with an older epoch; how many.
async fn resume(tx: &mut Tx, lane: i32, epoch: i64) -> Result<u64, Fault> {
    let rows: Vec<ResumedRow> =
        sqlx::query_as(sql!("roster/resume")).bind(lane).bind(epoch).fetch_all(&mut **tx).await?;
    let asked: Vec<ResumedRow> = sqlx::query_as(sql!("roster/resume_asked"))
        .bind(lane)
        .bind(epoch)
        .fetch_all(&mut **tx)
        .await?;
    let mut changes = StateChanges::default();
    let count = (rows.len() + asked.len()) as u64;
    for row in rows {
        resumed(row, StateName::Queued, &mut changes)?;
    }
    for row in asked {
        resumed(row, StateName::Parked, &mut changes)?;
    }
    changes.write(tx).await?;
    Ok(count)
}

/// What had been sent stays Parked until it is taken up.
fn resumed(row: ResumedRow, state: StateName, changes: &mut StateChanges) -> Result<(), Fault> {
    let channel = codec::read_optional(row.channel.as_deref())?.unwrap_or(ChannelKind::Etax);
    let shown = state.shown(channel, row.accepted);
    let subject = Subject {
        task: TaskId(row.task_id),
        kind: row.kind,
        tax_no: row.tax_no,
        bureau: row.bureau,
        batch_id: row.batch_id,
        retry_of: row.retry_of.map(TaskId),
        traceparent: row.traceparent,
        events: row.events,
    };
    let news =
        News { kind: EventKind::Resumed, state, shown, reason: "", lines: &[], unknown: false };
    changes.aftermath.event(event_data::task_event(&subject, &news));
    changes.state(NewState {
        task: subject.task,
        state,
        shown,
        reason: String::new(),
        succeeded: 0,
        unknown: false,
        accepted: row.accepted,
        attempts: 0,
        rescues: 0,
        events: 1,
        fence: None,
    });
    Ok(())
}
