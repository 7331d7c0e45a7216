//! Workers, their lanes and their news.

use super::{MemoryStore, book::Book, rows::WorkerRow};
use crate::ports::{
    StoreError,
    crew::{Colleague, Crew, Mark, News, Owned, Owners},
};
use async_trait::async_trait;
use domain::ids::{LaneId, Place, WorkerId};
use std::{collections::BTreeSet, time::Duration};

/// How long the dead are told of.
const REMEMBERED: Duration = Duration::from_secs(3600);

impl Book {
    fn alive(&self, worker: WorkerId) -> bool {
        self.workers.get(&worker).is_some_and(|row| row.lease_until > self.now())
    }

    pub(super) fn set_owner(&mut self, lane: LaneId, owner: Option<WorkerId>) {
        if let Some(row) = self.lanes.get_mut(&lane) {
            row.owner = owner;
        }
        self.bump(lane);
    }

    fn owned_by(&self, worker: WorkerId) -> Vec<LaneId> {
        let mine = self.lanes.iter().filter(|(_, row)| row.owner == Some(worker));
        mine.map(|(lane, _)| *lane).collect()
    }
}

#[async_trait]
impl Crew for MemoryStore {
    async fn enlist(
        &self,
        name: &str,
        version: &str,
        lease: Duration,
    ) -> Result<WorkerId, StoreError> {
        let mut book = self.open();
        book.next_worker += 1;
        let number = book.next_worker;
        let row = WorkerRow {
            name: name.to_owned(),
            version: version.to_owned(),
            lease_until: book.now() + lease,
            leaving: false,
        };
        book.workers.insert(WorkerId(number), row);
        Ok(WorkerId(number))
    }

    async fn heartbeat(
        &self,
        worker: WorkerId,
        lease: Duration,
        leaving: bool,
    ) -> Result<bool, StoreError> {
        let mut book = self.open();
        let now = book.now();
        if !book.alive(worker) {
            return Ok(false);
        }
        if let Some(row) = book.workers.get_mut(&worker) {
            row.lease_until = now + lease;
            row.leaving = leaving;
        }
        Ok(true)
    }

    async fn colleagues(&self) -> Result<Vec<Colleague>, StoreError> {
        let book = self.open();
        let recent = |row: &WorkerRow| row.lease_until + REMEMBERED > book.now();
        let all = book.workers.iter().filter(|(_, row)| recent(row)).map(|(id, row)| Colleague {
            id: *id,
            name: row.name.clone(),
            version: row.version.clone(),
            alive: book.alive(*id),
            leaving: row.leaving,
        });
        Ok(all.collect())
    }

    async fn share(
        &self,
        worker: WorkerId,
        wanted: &[LaneId],
        unwanted: &[LaneId],
    ) -> Result<Vec<LaneId>, StoreError> {
        let mut book = self.open();
        for lane in unwanted {
            if book.lanes.get(lane).is_some_and(|row| row.owner == Some(worker)) {
                book.set_owner(*lane, None);
            }
        }
        for lane in wanted {
            let Some(row) = book.lanes.get(lane) else { continue };
            let free = row.owner.is_none_or(|owner| owner != worker && !book.alive(owner));
            if free && book.alive(worker) {
                book.set_owner(*lane, Some(worker));
            }
        }
        Ok(book.owned_by(worker))
    }

    async fn owners(&self, since: i64) -> Result<Owners, StoreError> {
        let book = self.open();
        let changed = book.lanes.iter().filter(|(_, row)| row.version > since);
        let owned =
            changed.map(|(id, row)| Owned { id: *id, key: row.key.clone(), owner: row.owner });
        Ok(Owners { lanes: owned.collect(), mark: book.next_version })
    }

    async fn waiting_in(&self, lanes: &[LaneId], most: usize) -> Result<Vec<usize>, StoreError> {
        let book = self.open();
        let waiting = |lane: &LaneId| {
            let queues = book.waiting.iter().filter(|((of, _), _)| of == lane);
            queues.map(|(_, queue)| queue.len()).sum::<usize>().min(most)
        };
        Ok(lanes.iter().map(waiting).collect())
    }

    async fn note_full(
        &self,
        worker: WorkerId,
        full: &[LaneId],
        open: &[LaneId],
    ) -> Result<(), StoreError> {
        let mut book = self.open();
        let now = book.now();
        for (lane, row) in book.lanes.iter_mut().filter(|(_, row)| row.owner == Some(worker)) {
            if full.contains(lane) {
                row.full_since.get_or_insert(now);
            } else if open.contains(lane) {
                row.full_since = None;
            }
        }
        Ok(())
    }

    async fn leave(&self, worker: WorkerId) -> Result<(), StoreError> {
        let mut book = self.open();
        for lane in book.owned_by(worker) {
            book.set_owner(lane, None);
        }
        book.workers.remove(&worker);
        Ok(())
    }

    async fn news(&self, worker: WorkerId, mark: Mark) -> Result<News, StoreError> {
        let book = self.open();
        let mine: BTreeSet<LaneId> = book.owned_by(worker).into_iter().collect();
        let newest = |queue: &std::collections::BTreeMap<_, _>| {
            queue.keys().any(|(_, place): &(_, Place)| place.0 > mark.place)
        };
        let fresh =
            book.waiting.iter().filter(|(key, queue)| mine.contains(&key.0) && newest(queue));
        let heads = fresh.filter_map(|((lane, tax), _)| book.queue_of(*lane, *tax).head).collect();
        let asking = book.due_to_ask(worker);
        let asking = asking.iter().filter_map(|id| book.tasks[id].lane).collect::<BTreeSet<_>>();
        let lanes = book.lanes(|id, row| mine.contains(id) && row.version > mark.gates);
        let since = book.touched.range(mark.gates + 1..).map(|(_, queue)| *queue);
        let touched: BTreeSet<_> = since.filter(|(lane, _)| mine.contains(lane)).collect();
        let mark = Mark { place: book.next_place, gates: book.next_version };
        let asking = asking.into_iter().collect();
        Ok(News { heads, touched: touched.into_iter().collect(), asking, lanes, mark })
    }
}
