//! Taking both keys, as [`domain::schedule::admit`] allows.

use super::{
    book::Book,
    rows::{Key, LaneRow},
};
use crate::ports::log::{Claimed, Pick, Work};
use domain::{
    ids::{Fence, LaneId, Slot, TaskId, TaxId, WorkerId},
    invoice::Selection,
    schedule::{Candidate, Hindrance, Holder, LaneFacts, Rival, TaxFacts, admit},
    task::Event,
};
use std::{sync::Arc, time::Duration};

impl Book {
    pub(super) fn claim(
        &mut self,
        worker: WorkerId,
        lease: Duration,
        picks: &[Pick],
    ) -> Vec<Claimed> {
        let mut order: Vec<usize> = (0..picks.len()).collect();
        // Inside a tax number as its tasks wait: of two picks the first one in order starts.
        let waits = |pick: &Pick| self.tasks.get(&pick.task).map(|row| (row.class(), row.place));
        order.sort_by_key(|i| (picks[*i].tax, waits(&picks[*i])));
        self.next_fence += 1;
        let fence = Fence(self.next_fence);
        let mut claimed: Vec<Option<Claimed>> = vec![None; picks.len()];
        for i in order {
            let pick = &picks[i];
            claimed[i] = Some(match self.hindrance(pick.task, Some((worker, pick.slot))) {
                Some(hindrance) => Claimed::Hindered(hindrance),
                None => Claimed::Started(Box::new(self.start(worker, lease, fence, pick))),
            });
        }
        claimed.into_iter().flatten().collect()
    }

    fn start(&mut self, worker: WorkerId, lease: Duration, fence: Fence, pick: &Pick) -> Work {
        if self.run_at.contains_key(&pick.task) {
            self.come_due(pick.task);
        }
        self.dequeue(pick.task);
        let now = self.now;
        let key = Key {
            tax: pick.tax,
            slot: Some((pick.lane, pick.slot)),
            fence,
            worker: Some(worker),
            lease_until: now + lease,
            ask_at: None,
            since: now,
        };
        self.by_tax.insert(pick.tax, pick.task);
        self.by_slot.insert((pick.lane, pick.slot), pick.task);
        self.running.insert(pick.task, key);
        let row = self.row(pick.task);
        row.started_at.get_or_insert(now);
        row.reason.clear();
        row.take(Event::Claimed { fence }).expect("what waits and is due is Queued");
        self.work(pick.task, fence, pick.slot)
    }

    /// What an attempt needs to know.
    pub(super) fn work(&self, id: TaskId, fence: Fence, slot: Slot) -> Work {
        let row = &self.tasks[&id];
        let lane_id = row.lane.expect("a task with keys has a lane");
        let tax = row.tax.expect("a task with keys has a tax number");
        let lane = &self.lanes[&lane_id];
        let pool = row.message.invoices.iter().map(|invoice| {
            let known = self.pool.get(&(tax, invoice.key.clone())).cloned();
            let holder = self.holds.get(&(tax, invoice.key.clone()));
            known.map(|mut facts| {
                if holder.is_some_and(|holder| *holder != id) {
                    facts.selection = Selection::Selecting;
                }
                facts
            })
        });
        Work {
            fence,
            lane: lane_id,
            lane_key: lane.key.clone(),
            slot,
            tax,
            place: row.place,
            message: row.message.clone(),
            channel: lane.channel,
            taxpayer: Arc::new(self.taxpayers[&tax].payer.clone()),
            session: lane.session,
            current_tax: lane.current_tax,
            pool: pool.collect(),
            submitted_at: self.submitted_at(id),
            attempts: row.attempts,
            rescues: row.rescues,
            submissions: row.sent().cloned().collect(),
            may_have_sent: row.may_have_sent,
            quiet_until: row.quiet_until,
            asked_since: row.asked_since,
            traceparent: row.traceparent.clone(),
        }
    }

    /// The first append of the task's batch for its tax number, else its own.
    fn submitted_at(&self, id: TaskId) -> domain::Moment {
        let row = &self.tasks[&id];
        let key = |batch: &String| (batch.clone(), row.message.tax_no.clone());
        let batch = row.message.batch_id.as_ref().and_then(|batch| self.batches.get(&key(batch)));
        batch.copied().unwrap_or(row.enqueued_at)
    }

    /// Why this task may not start; None: it may. Without a claimant any owner and slot will do.
    pub(super) fn hindrance(
        &self,
        id: TaskId,
        claimant: Option<(WorkerId, Slot)>,
    ) -> Option<Hindrance> {
        let Some(row) = self.tasks.get(&id) else { return Some(Hindrance::Gone) };
        let (Some(lane_id), Some(tax_id)) = (row.lane, row.tax) else {
            return Some(Hindrance::Gone);
        };
        let timed = self.run_at.get(&id).copied();
        if !self.is_waiting(id) && timed.is_none() {
            return Some(Hindrance::Gone);
        }
        let candidate = Candidate {
            task: id,
            kind: row.message.kind,
            place: row.place,
            tax: tax_id,
            tax_no: row.message.tax_no.clone(),
            lane: lane_id,
            run_at: timed,
        };
        let lane_row = self.lanes.get(&lane_id)?;
        let slot = claimant.map_or_else(|| self.free_slot(lane_id), |(_, slot)| slot);
        let lane = self.lane_facts(lane_id, Some(slot));
        let worker = claimant.map(|(worker, _)| worker).or(lane_row.owner);
        let rivals = self.rivals(id, tax_id);
        let rivals = rivals.iter().map(|(rival, facts)| (rival, facts));
        let tax = self.tax_facts(tax_id);
        admit(&candidate, worker.unwrap_or(WorkerId(0)), self.now, &lane, &tax, rivals).err()
    }

    fn free_slot(&self, lane: LaneId) -> Slot {
        let width = self.lanes.get(&lane).map_or(1, |row| row.width);
        let mut slots = (0..width).filter_map(|n| i16::try_from(n).ok()).map(Slot);
        slots.find(|slot| !self.by_slot.contains_key(&(lane, *slot))).unwrap_or(Slot(0))
    }

    fn lane_facts(&self, id: LaneId, slot: Option<Slot>) -> LaneFacts {
        let row: &LaneRow = &self.lanes[&id];
        let bureau_pause = self.bureau_pauses.get(&row.key.bureau);
        let holder = slot.and_then(|slot| self.by_slot.get(&(id, slot)));
        LaneFacts {
            id,
            key: row.key.clone(),
            owner: row.owner,
            paused: row.paused.as_ref().or(bureau_pause).cloned(),
            needs_person: row.needs_person,
            throttled_until: row.throttled_until,
            current_tax: row.current_tax,
            switch_free_at: row.switch_free_at,
            slot_holder: holder.map(|task| self.holder(*task)),
        }
    }

    fn tax_facts(&self, id: TaxId) -> TaxFacts {
        let row = &self.taxpayers[&id];
        TaxFacts {
            paused: row.paused.clone(),
            throttled_until: row.throttled_until,
            holder: self.by_tax.get(&id).map(|task| self.holder(*task)),
        }
    }

    fn holder(&self, id: TaskId) -> Holder {
        let key = &self.running[&id];
        let row = &self.tasks[&id];
        Holder {
            task: id,
            kind: row.message.kind,
            tax_no: row.message.tax_no.clone(),
            lane: key.slot.map(|(lane, _)| self.lanes[&lane].key.clone()),
            since: key.since,
        }
    }

    /// The other waiting tasks of the tax number that matter: each lane's head, and due timed ones.
    fn rivals(&self, id: TaskId, tax: TaxId) -> Vec<(Rival, LaneFacts)> {
        let lanes = self.taxpayers[&tax].lanes.iter();
        let heads = lanes.filter_map(|lane| self.queue_of(*lane, tax).head.map(|head| head.task));
        let due = self.timed.range(..=(self.now, TaskId(uuid::Uuid::max())));
        let due = due.map(|(_, task)| *task).filter(|task| self.tasks[task].tax == Some(tax));
        heads
            .chain(due)
            .filter(|task| *task != id)
            .filter_map(|task| {
                let row = &self.tasks[&task];
                let lane = row.lane?;
                let rival =
                    Rival { task, kind: row.message.kind, place: row.place, lane, run_at: None };
                Some((rival, self.lane_facts(lane, None)))
            })
            .collect()
    }
}
