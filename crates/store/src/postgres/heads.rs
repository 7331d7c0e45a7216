//! What waits at the front.

use super::{PostgresStore, fault::Fault};
use domain::{
    Moment,
    ids::{LaneId, Place, TaskId, TaxId},
    kind::Class,
};
use fleet::ports::{
    StoreError,
    log::{Head, LaneQueue},
};
use sqlx::PgExecutor;
use std::collections::HashMap;
use uuid::Uuid;

#[derive(Debug, sqlx::FromRow)]
pub(super) struct HeadRow {
    lane_id: i32,
    tax_id: i32,
    task_id: Uuid,
    class: i16,
    place: i64,
    since: Moment,
}

impl HeadRow {
    pub(super) fn head(self) -> Result<Head, Fault> {
        let class = Class::from_number(self.class)
            .ok_or_else(|| Fault::broken(format!("{} is not a class", self.class)))?;
        Ok(Head {
            task: TaskId(self.task_id),
            lane: LaneId(self.lane_id),
            tax: TaxId(self.tax_id),
            class,
            place: Place(self.place),
            since: self.since,
        })
    }
}

/// The head of each of these queues, in the order asked.
pub(super) async fn queues(
    connection: impl PgExecutor<'_>,
    of: &[(LaneId, TaxId)],
) -> Result<Vec<LaneQueue>, Fault> {
    if of.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<HeadRow> = sqlx::query_as(sql!("heads/queues"))
        .bind(of.iter().map(|(lane, _)| lane.0).collect::<Vec<_>>())
        .bind(of.iter().map(|(_, tax)| tax.0).collect::<Vec<_>>())
        .fetch_all(connection)
        .await?;
    let mut heads: HashMap<(LaneId, TaxId), Head> = HashMap::new();
    for row in rows {
        let head = row.head()?;
        heads.insert((head.lane, head.tax), head);
    }
    let queue = |&(lane, tax): &(LaneId, TaxId)| LaneQueue {
        lane,
        tax,
        head: heads.get(&(lane, tax)).cloned(),
    };
    Ok(of.iter().map(queue).collect())
}

impl PostgresStore {
    pub(super) async fn all_heads(&self, lanes: &[LaneId]) -> Result<Vec<Head>, StoreError> {
        let ids: Vec<i32> = lanes.iter().map(|lane| lane.0).collect();
        let rows: Vec<HeadRow> = sqlx::query_as(sql!("heads/all"))
            .bind(&ids)
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        let mut first: HashMap<(LaneId, TaxId), Head> = HashMap::new();
        for row in rows {
            let head = row.head()?;
            let known = first.entry((head.lane, head.tax)).or_insert_with(|| head.clone());
            if (head.class, head.place) < (known.class, known.place) {
                *known = head;
            }
        }
        Ok(first.into_values().collect())
    }
}
