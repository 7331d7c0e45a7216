//! Workers, their lanes and their news.

use super::{
    SqliteStore, Tx,
    columns::{self, later, micros},
    counter::Counter,
    fault::Fault,
    heads, roster,
};
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

async fn owned_by(tx: &mut Tx, worker: WorkerId) -> Result<Vec<LaneId>, Fault> {
    let query = sqlx::query_scalar(sql!("crew/owned")).bind(worker.0);
    let lanes: Vec<i32> = query.fetch_all(&mut **tx).await?;
    Ok(lanes.into_iter().map(LaneId).collect())
}

impl SqliteStore {
    async fn write_worker(
        &self,
        name: &str,
        version: &str,
        lease: Duration,
    ) -> Result<WorkerId, Fault> {
        let mut tx = self.begin().await?;
        let now = self.now();
        let id: i32 = sqlx::query_scalar(sql!("crew/enlist"))
            .bind(name)
            .bind(version)
            .bind(micros(now))
            .bind(micros(later(now, lease)))
            .fetch_one(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(WorkerId(id))
    }

    async fn write_heartbeat(
        &self,
        worker: WorkerId,
        lease: Duration,
        leaving: bool,
    ) -> Result<bool, Fault> {
        let mut tx = self.begin().await?;
        let now = self.now();
        let written = sqlx::query(sql!("crew/heartbeat"))
            .bind(worker.0)
            .bind(micros(now))
            .bind(micros(later(now, lease)))
            .bind(leaving)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(written.rows_affected() > 0)
    }

    async fn read_colleagues(&self) -> Result<Vec<Colleague>, Fault> {
        let mut tx = self.read().await?;
        let rows: Vec<ColleagueRow> = sqlx::query_as(sql!("crew/colleagues"))
            .bind(micros(self.now()))
            .fetch_all(&mut *tx)
            .await?;
        Ok(rows.into_iter().map(Colleague::from).collect())
    }

    async fn write_share(
        &self,
        worker: WorkerId,
        wanted: &[LaneId],
        unwanted: &[LaneId],
    ) -> Result<Vec<LaneId>, Fault> {
        let mut tx = self.begin().await?;
        let now = micros(self.now());
        let ids =
            |lanes: &[LaneId]| columns::rows(&lanes.iter().map(|lane| lane.0).collect::<Vec<_>>());
        let mut changed: Vec<i32> = sqlx::query_scalar(sql!("crew/give_up"))
            .bind(worker.0)
            .bind(ids(unwanted))
            .fetch_all(&mut *tx)
            .await?;
        let taken: Vec<i32> = sqlx::query_scalar(sql!("crew/take"))
            .bind(worker.0)
            .bind(ids(wanted))
            .bind(now)
            .fetch_all(&mut *tx)
            .await?;
        changed.extend(taken);
        roster::bump(&mut tx, changed.into_iter().map(LaneId)).await?;
        let owned = owned_by(&mut tx, worker).await?;
        tx.commit().await?;
        Ok(owned)
    }

    async fn read_owners(&self, since: i64) -> Result<Owners, Fault> {
        let mut tx = self.read().await?;
        let mark = Counter::GateVersion.last(&mut tx).await?;
        let rows: Vec<OwnedRow> =
            sqlx::query_as(sql!("crew/owners")).bind(since).fetch_all(&mut *tx).await?;
        let lanes: Result<Vec<Owned>, StoreError> = rows.into_iter().map(OwnedRow::owned).collect();
        Ok(Owners { lanes: lanes?, mark })
    }

    async fn count_waiting(&self, lanes: &[LaneId], most: usize) -> Result<Vec<usize>, Fault> {
        let mut tx = self.read().await?;
        let mut counts = Vec::with_capacity(lanes.len());
        for lane in lanes {
            let tasks: i64 = sqlx::query_scalar(sql!("crew/waiting_in"))
                .bind(lane.0)
                .bind(i64::try_from(most).unwrap_or(i64::MAX))
                .fetch_one(&mut *tx)
                .await?;
            counts.push(codec::count(tasks));
        }
        Ok(counts)
    }

    async fn write_full(
        &self,
        worker: WorkerId,
        full: &[LaneId],
        open: &[LaneId],
    ) -> Result<(), Fault> {
        let mut tx = self.begin().await?;
        let now = micros(self.now());
        let lanes = full.iter().map(|lane| (lane, true));
        for (lane, is_full) in lanes.chain(open.iter().map(|lane| (lane, false))) {
            sqlx::query(sql!("crew/note_full"))
                .bind(worker.0)
                .bind(lane.0)
                .bind(is_full)
                .bind(now)
                .execute(&mut *tx)
                .await?;
        }
        Ok(tx.commit().await?)
    }

    async fn write_leave(&self, worker: WorkerId) -> Result<(), Fault> {
        let mut tx = self.begin().await?;
        let query = sqlx::query_scalar(sql!("crew/give_up_all")).bind(worker.0);
        let left: Vec<i32> = query.fetch_all(&mut *tx).await?;
        roster::bump(&mut tx, left.into_iter().map(LaneId)).await?;
        sqlx::query(sql!("crew/leave")).bind(worker.0).execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }

    /// One writer: places and versions become visible in their order, so nothing is looked at
    /// twice. The first look returns every head instead of every place.
    async fn read_news(&self, worker: WorkerId, mark: Mark) -> Result<News, Fault> {
        let mut tx = self.read().await?;
        let now = self.now();
        let next = Mark {
            place: Counter::Place.last(&mut tx).await?,
            gates: Counter::GateVersion.last(&mut tx).await?,
        };
        let heads = if mark.place == 0 {
            let mine = owned_by(&mut tx, worker).await?;
            heads::of_lanes(&mut tx, &mine).await?
        } else {
            let fresh: Vec<(i32, i32)> = sqlx::query_as(sql!("crew/fresh"))
                .bind(worker.0)
                .bind(mark.place)
                .bind(mark.gates)
                .fetch_all(&mut *tx)
                .await?;
            let fresh: Vec<_> =
                fresh.into_iter().map(|(lane, tax)| (LaneId(lane), TaxId(tax))).collect();
            let queues = heads::of_queues(&mut tx, &fresh).await?;
            queues.into_iter().filter_map(|queue| queue.head).collect()
        };
        let asking: Vec<i32> = sqlx::query_scalar(sql!("crew/asking"))
            .bind(worker.0)
            .bind(micros(now))
            .fetch_all(&mut *tx)
            .await?;
        let changed: Vec<i32> = sqlx::query_scalar(sql!("crew/changed"))
            .bind(worker.0)
            .bind(mark.gates)
            .fetch_all(&mut *tx)
            .await?;
        let lanes = roster::lanes_by_id(&mut tx, &changed).await?;
        let asking = asking.into_iter().map(LaneId).collect();
        Ok(News { heads, touched: Vec::new(), asking, lanes, mark: next })
    }
}

#[async_trait]
impl Crew for SqliteStore {
    async fn enlist(
        &self,
        name: &str,
        version: &str,
        lease: Duration,
    ) -> Result<WorkerId, StoreError> {
        Ok(self.write_worker(name, version, lease).await?)
    }

    async fn heartbeat(
        &self,
        worker: WorkerId,
        lease: Duration,
        leaving: bool,
    ) -> Result<bool, StoreError> {
        Ok(self.write_heartbeat(worker, lease, leaving).await?)
    }

    async fn colleagues(&self) -> Result<Vec<Colleague>, StoreError> {
        Ok(self.read_colleagues().await?)
    }

    async fn share(
        &self,
        worker: WorkerId,
        wanted: &[LaneId],
        unwanted: &[LaneId],
    ) -> Result<Vec<LaneId>, StoreError> {
        Ok(self.write_share(worker, wanted, unwanted).await?)
    }

    async fn owners(&self, since: i64) -> Result<Owners, StoreError> {
        Ok(self.read_owners(since).await?)
    }

    async fn waiting_in(&self, lanes: &[LaneId], most: usize) -> Result<Vec<usize>, StoreError> {
        Ok(self.count_waiting(lanes, most).await?)
    }

    async fn note_full(
        &self,
        worker: WorkerId,
        full: &[LaneId],
        open: &[LaneId],
    ) -> Result<(), StoreError> {
        Ok(self.write_full(worker, full, open).await?)
    }

    async fn leave(&self, worker: WorkerId) -> Result<(), StoreError> {
        Ok(self.write_leave(worker).await?)
    }

    async fn news(&self, worker: WorkerId, mark: Mark) -> Result<News, StoreError> {
        Ok(self.read_news(worker, mark).await?)
    }
}
