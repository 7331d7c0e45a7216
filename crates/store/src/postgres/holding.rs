//! What a task holds, locked for the rest of the transaction, with what its log row says.

use super::{Tx, fault::Fault};
use crate::{codec, event_data::Subject};
use domain::{
    Moment,
    ids::{Fence, LaneId, TaskId, TaxId},
    kind::Kind,
    task::{ShownState, StateName},
    taxpayer::ChannelKind,
};
use std::collections::HashMap;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct HoldingRow {
    task_id: Uuid,
    tax_id: i32,
    lane_id: i32,
    n: Option<i16>,
    class: i16,
    place: i64,
    fence: i64,
    worker: Option<i32>,
    kind: String,
    tax_no: String,
    bureau: Option<String>,
    batch_id: Option<String>,
    retry_of: Option<Uuid>,
    traceparent: Option<String>,
    channel: Option<String>,
    state: String,
    accepted: bool,
    events: i32,
    enqueued_at: Moment,
}

/// A row of `running` and its row of the log.
#[derive(Clone, Debug)]
pub(super) struct Holding {
    pub(super) tax: TaxId,
    pub(super) lane: LaneId,
    /// It holds a slot of its lane, not the tax number only.
    pub(super) in_lane: bool,
    pub(super) class: i16,
    pub(super) place: i64,
    /// When it was logged.
    pub(super) since: Moment,
    pub(super) fence: Fence,
    /// Some worker holds it now.
    pub(super) asked: bool,
    pub(super) kind: Kind,
    pub(super) channel: ChannelKind,
    pub(super) state: StateName,
    pub(super) accepted: bool,
    pub(super) subject: Subject,
}

impl Holding {
    pub(super) fn shown(&self, state: StateName) -> ShownState {
        state.shown(self.channel, self.accepted)
    }

    fn of_row(row: HoldingRow) -> Result<Holding, Fault> {
        let channel = codec::read_optional(row.channel.as_deref())?;
        Ok(Holding {
            tax: TaxId(row.tax_id),
            lane: LaneId(row.lane_id),
            in_lane: row.n.is_some(),
            class: row.class,
            place: row.place,
            since: row.enqueued_at,
            fence: Fence(row.fence),
            asked: row.worker.is_some(),
            kind: codec::read(&row.kind)?,
            channel: channel.unwrap_or(ChannelKind::Etax),
            state: codec::read(&row.state)?,
            accepted: row.accepted,
            subject: Subject {
                task: TaskId(row.task_id),
                kind: row.kind,
                tax_no: row.tax_no,
                bureau: row.bureau,
                batch_id: row.batch_id,
                retry_of: row.retry_of.map(TaskId),
                traceparent: row.traceparent,
                events: row.events,
            },
        })
    }
}

/// What these tasks hold; a task that holds nothing is missing.
pub(super) async fn lock(
    tx: &mut Tx,
    tasks: impl Iterator<Item = TaskId>,
) -> Result<HashMap<TaskId, Holding>, Fault> {
    let mut ids: Vec<Uuid> = tasks.map(|task| task.0).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<HoldingRow> =
        sqlx::query_as(sql!("settle/holdings")).bind(&ids).fetch_all(&mut **tx).await?;
    rows.into_iter().map(|row| Ok((TaskId(row.task_id), Holding::of_row(row)?))).collect()
}
