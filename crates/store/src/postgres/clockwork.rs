//! What a clock time makes runnable.

use super::{PostgresStore, fault::Fault, split};
use crate::codec;
use domain::{
    ids::{LaneId, TaxId},
    task::StateName,
    taxpayer::ChannelKind,
};
use fleet::ports::StoreError;
use uuid::Uuid;

#[derive(Debug, sqlx::FromRow)]
struct RipeRow {
    task_id: Uuid,
    lane_id: i32,
    tax_id: i32,
    channel: Option<String>,
    accepted: bool,
}

impl PostgresStore {
    pub(super) async fn ripen_due(&self, limit: usize) -> Result<Vec<(LaneId, TaxId)>, StoreError> {
        split::again(|| async move {
            let mut tx = self.begin().await?;
            let rows: Vec<RipeRow> = sqlx::query_as(sql!("clock/ripen"))
                .bind(i64::try_from(limit).unwrap_or(i64::MAX))
                .fetch_all(&mut *tx)
                .await?;
            if rows.is_empty() {
                return Ok(Vec::new());
            }
            let shown: Result<Vec<&str>, Fault> = rows.iter().map(shown_queued).collect();
            sqlx::query(sql!("clock/ripe_log"))
                .bind(rows.iter().map(|row| row.task_id).collect::<Vec<_>>())
                .bind(rows.iter().map(|_| StateName::Queued.name()).collect::<Vec<_>>())
                .bind(shown?)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            let mut touched: Vec<(LaneId, TaxId)> =
                rows.iter().map(|row| (LaneId(row.lane_id), TaxId(row.tax_id))).collect();
            touched.sort_unstable();
            touched.dedup();
            Ok(touched)
        })
        .await
    }
}

fn shown_queued(row: &RipeRow) -> Result<&'static str, Fault> {
    let channel = codec::read_optional(row.channel.as_deref())?.unwrap_or(ChannelKind::Etax);
    Ok(StateName::Queued.shown(channel, row.accepted).label())
}
