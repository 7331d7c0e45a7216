//! Workers, their lanes and their news.

use super::{PostgresStore, fault::Fault, heads, split};
use crate::{
    codec,
    crew_rows::{ColleagueRow, OwnedRow},
};
use async_trait::async_trait;
use domain::ids::{LaneId, TaxId, WorkerId};
use fleet::ports::{
    StoreError,
    crew::{Colleague, Crew, Mark, News, Owned, Owners},
};
use std::time::Duration;

fn ids(lanes: &[LaneId]) -> Vec<i32> {
    lanes.iter().map(|lane| lane.0).collect()
}

/// Where to look from, when it is `now`. A mark that lies ahead is of a history that was cut off,
/// as when a replica that lagged behind has taken over: everything is looked at again.
fn since(mark: i64, now: i64) -> i64 {
    if mark > now { 0 } else { mark }
}

impl PostgresStore {
    /// The number of the oldest transaction that is under way: everything older is over, and is
    /// seen by whatever is read after this.
    async fn mark(&self) -> Result<i64, Fault> {
        Ok(sqlx::query_scalar(sql!("crew/mark")).fetch_one(&self.pool).await?)
    }

    async fn owned(&self, worker: WorkerId) -> Result<Vec<LaneId>, Fault> {
        let lanes: Vec<i32> =
            sqlx::query_scalar(sql!("crew/owned")).bind(worker.0).fetch_all(&self.pool).await?;
        Ok(lanes.into_iter().map(LaneId).collect())
    }
}

#[async_trait]
impl Crew for PostgresStore {
    async fn enlist(
        &self,
        name: &str,
        version: &str,
        lease: Duration,
    ) -> Result<WorkerId, StoreError> {
        let id = sqlx::query_scalar(sql!("crew/enlist"))
            .bind(name)
            .bind(version)
            .bind(lease.as_secs_f64())
            .fetch_one(&self.pool)
            .await
            .map_err(Fault::from)?;
        Ok(WorkerId(id))
    }

    async fn heartbeat(
        &self,
        worker: WorkerId,
        lease: Duration,
        leaving: bool,
    ) -> Result<bool, StoreError> {
        let beat = sqlx::query(sql!("crew/heartbeat"))
            .bind(worker.0)
            .bind(lease.as_secs_f64())
            .bind(leaving)
            .execute(&self.pool)
            .await
            .map_err(Fault::from)?;
        Ok(beat.rows_affected() == 1)
    }

    async fn colleagues(&self) -> Result<Vec<Colleague>, StoreError> {
        let rows: Vec<ColleagueRow> = sqlx::query_as(sql!("crew/colleagues"))
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        Ok(rows.into_iter().map(Colleague::from).collect())
    }

    async fn share(
        &self,
        worker: WorkerId,
        wanted: &[LaneId],
        unwanted: &[LaneId],
    ) -> Result<Vec<LaneId>, StoreError> {
        split::again(|| async move {
            if !unwanted.is_empty() {
                sqlx::query(sql!("crew/give_up"))
                    .bind(worker.0)
                    .bind(ids(unwanted))
                    .execute(&self.pool)
                    .await?;
            }
            if !wanted.is_empty() {
                sqlx::query(sql!("crew/take"))
                    .bind(worker.0)
                    .bind(ids(wanted))
                    .execute(&self.pool)
                    .await?;
            }
            self.owned(worker).await
        })
        .await
    }

    async fn owners(&self, mark: i64) -> Result<Owners, StoreError> {
        let now = self.mark().await?;
        let rows: Vec<OwnedRow> = sqlx::query_as(sql!("crew/owners"))
            .bind(since(mark, now))
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        let lanes: Result<Vec<Owned>, StoreError> = rows.into_iter().map(OwnedRow::owned).collect();
        Ok(Owners { lanes: lanes?, mark: now })
    }

    async fn waiting_in(&self, lanes: &[LaneId], most: usize) -> Result<Vec<usize>, StoreError> {
        let counts: Vec<(i64, i64)> = sqlx::query_as(sql!("crew/waiting_in"))
            .bind(ids(lanes))
            .bind(i64::try_from(most).unwrap_or(i64::MAX))
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        Ok(counts.into_iter().map(|(_, tasks)| codec::count(tasks)).collect())
    }

    async fn note_full(
        &self,
        worker: WorkerId,
        full: &[LaneId],
        open: &[LaneId],
    ) -> Result<(), StoreError> {
        let mut lanes: Vec<(i32, bool)> = full.iter().map(|lane| (lane.0, true)).collect();
        lanes.extend(open.iter().map(|lane| (lane.0, false)));
        let lanes = &lanes;
        split::again(|| async move {
            sqlx::query(sql!("crew/note_full"))
                .bind(worker.0)
                .bind(lanes.iter().map(|lane| lane.0).collect::<Vec<_>>())
                .bind(lanes.iter().map(|lane| lane.1).collect::<Vec<_>>())
                .execute(&self.pool)
                .await?;
            Ok(())
        })
        .await
    }

    async fn leave(&self, worker: WorkerId) -> Result<(), StoreError> {
        split::again(|| async move {
            let mut tx = self.begin().await?;
            sqlx::query(sql!("crew/leave_lanes")).bind(worker.0).execute(&mut *tx).await?;
            sqlx::query(sql!("crew/leave")).bind(worker.0).execute(&mut *tx).await?;
            Ok(tx.commit().await?)
        })
        .await
    }

    /// Both marks are the number of the oldest transaction that was under way at the look before:
    /// everything older was over and seen. `touched` stays empty, for whatever began to wait, at a
    /// new place or an old one, stands in `heads`.
    async fn news(&self, worker: WorkerId, mark: Mark) -> Result<News, StoreError> {
        // First how far, then what: what comes in between is seen twice rather than never.
        let now = self.mark().await?;
        let (place, gates) = (since(mark.place, now), since(mark.gates, now));
        let heads = if place == 0 {
            self.all_heads(&self.owned(worker).await?).await?
        } else {
            let queues: Vec<(i32, i32)> = sqlx::query_as(sql!("crew/news"))
                .bind(worker.0)
                .bind(place)
                .fetch_all(&self.pool)
                .await
                .map_err(Fault::from)?;
            let queues: Vec<_> =
                queues.into_iter().map(|(lane, tax)| (LaneId(lane), TaxId(tax))).collect();
            let queues = heads::queues(&self.pool, &queues).await?;
            queues.into_iter().filter_map(|queue| queue.head).collect()
        };
        let asking: Vec<i32> = sqlx::query_scalar(sql!("crew/asking"))
            .bind(worker.0)
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        let changed: Vec<i32> = sqlx::query_scalar(sql!("crew/changed"))
            .bind(worker.0)
            .bind(gates)
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        Ok(News {
            heads,
            touched: Vec::new(),
            asking: asking.into_iter().map(LaneId).collect(),
            lanes: self.lanes_by_id(&changed).await?,
            mark: Mark { place: now, gates: now },
        })
    }
}
