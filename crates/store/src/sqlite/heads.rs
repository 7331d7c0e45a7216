//! What waits first.

use super::{
    SqliteStore, Tx,
    columns::{self, moment},
    fault::Fault,
};
use domain::{
    ids::{LaneId, Place, TaskId, TaxId},
    kind::Class,
};
use fleet::ports::log::{Head, LaneQueue};
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(Debug, sqlx::FromRow)]
struct HeadRow {
    task_id: Uuid,
    lane_id: i32,
    tax_id: i32,
    class: i16,
    place: i64,
    since: i64,
}

impl HeadRow {
    fn head(self) -> Result<Head, Fault> {
        let class = Class::from_number(self.class)
            .ok_or_else(|| Fault::broken(format!("{} is not a class", self.class)))?;
        Ok(Head {
            task: TaskId(self.task_id),
            lane: LaneId(self.lane_id),
            tax: TaxId(self.tax_id),
            class,
            place: Place(self.place),
            since: moment(self.since),
        })
    }
}

/// All heads of these lanes.
pub(super) async fn of_lanes(tx: &mut Tx, lanes: &[LaneId]) -> Result<Vec<Head>, Fault> {
    let ids: Vec<i32> = lanes.iter().map(|lane| lane.0).collect();
    let rows: Vec<HeadRow> =
        sqlx::query_as(sql!("heads/all")).bind(columns::rows(&ids)).fetch_all(&mut **tx).await?;
    rows.into_iter().map(HeadRow::head).collect()
}

/// What waits for these tax numbers in these lanes, in the order asked.
pub(super) async fn of_queues(
    tx: &mut Tx,
    of: &[(LaneId, TaxId)],
) -> Result<Vec<LaneQueue>, Fault> {
    if of.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<(i32, i32)> = of.iter().map(|(lane, tax)| (lane.0, tax.0)).collect();
    let rows: Vec<HeadRow> =
        sqlx::query_as(sql!("heads/queues")).bind(columns::rows(&ids)).fetch_all(&mut **tx).await?;
    let mut heads = BTreeMap::new();
    for row in rows {
        let head = row.head()?;
        heads.insert((head.lane, head.tax), head);
    }
    let queue = |(lane, tax): &(LaneId, TaxId)| LaneQueue {
        lane: *lane,
        tax: *tax,
        head: heads.get(&(*lane, *tax)).cloned(),
    };
    Ok(of.iter().map(queue).collect())
}

impl SqliteStore {
    pub(super) async fn heads_of(&self, lanes: &[LaneId]) -> Result<Vec<Head>, Fault> {
        let mut tx = self.read().await?;
        of_lanes(&mut tx, lanes).await
    }

    pub(super) async fn queues_of(&self, of: &[(LaneId, TaxId)]) -> Result<Vec<LaneQueue>, Fault> {
        let mut tx = self.read().await?;
        of_queues(&mut tx, of).await
    }
}
