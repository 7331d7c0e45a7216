//! Tasks of workers that died, and what waited too long.

use super::{book::Book, rows::Row};
use crate::{
    ports::{
        log::{RescueLimits, Rescued, Submission, Work},
        outbox::EventKind,
    },
    sentences,
};
use domain::{
    ids::{Fence, Slot, TaskId, WorkerId},
    ledger::{LedgerLine, LineOutcome},
    retry::Rescue,
    task::{Event, State},
    taxpayer::ChannelKind,
};
use std::time::Duration;

impl Book {
    pub(super) fn rescue(&mut self, limits: RescueLimits) -> Vec<Rescued> {
        let now = self.now;
        let over: Vec<TaskId> = self
            .running
            .iter()
            .filter(|(_, key)| key.worker.is_some() && key.lease_until <= now)
            .map(|(task, _)| *task)
            .collect();
        over.into_iter().map(|task| self.rescue_one(task, limits)).collect()
    }

    fn rescue_one(&mut self, id: TaskId, limits: RescueLimits) -> Rescued {
        let now = self.now;
        let tax = self.running[&id].tax;
        let row = self.row(id);
        row.rescues += 1;
        let (kind, deaths, lane) = (row.message.kind, row.rescues, row.lane);
        let open = row.sent().any(|submission| !submission.is_answered());
        let midway = row.sent().any(Submission::is_answered);
        let perhaps = kind.acts_at_bureau() && kind.can_be_read_back();
        let asked = !matches!(row.state, State::Running { .. });
        let sent = asked || perhaps || open;
        let quiet_until = limits.quiet_until(now);
        // Of several acts the one that follows an answered one may be on its way.
        if midway || (sent && !asked) {
            row.may_have_sent = true;
            row.quiet_until = row.quiet_until.max(Some(quiet_until));
        }
        if sent && !asked {
            row.asked_since.get_or_insert(now);
            row.take(Event::LostTrack { quiet_until }).expect("a running task can be lost");
        }
        match limits.decide(deaths, kind, sent, row.quiet_until, now) {
            Rescue::Requeue => {
                self.free(id);
                let row = self.row(id);
                row.take(Event::HandedBack).expect("a running task can be handed back");
                self.requeue(id);
            }
            Rescue::Ask { after, keep_lane } => {
                let has_login = row.channel == Some(ChannelKind::Etax);
                self.leave_unasked(id, Some(after), keep_lane && has_login);
            }
            Rescue::Fail => self.give_up(id, &sentences::rescued_too_often(deaths), false),
        }
        Rescued { task: id, lane, tax, state: self.tasks[&id].state.name() }
    }

    /// Ends a task that nothing more can be done for.
    pub(super) fn give_up(&mut self, id: TaskId, sentence: &str, unknown: bool) {
        self.dequeue(id);
        self.free(id);
        self.free_holds(id);
        let now = self.now;
        let row = self.row(id);
        row.take(Event::Failed).expect("an unfinished task can fail");
        row.reason = sentence.to_owned();
        row.unknown = unknown;
        row.finished_at = Some(now);
        let outcome = if unknown { LineOutcome::Unknown } else { LineOutcome::Failed };
        row.ledger = row
            .message
            .invoices
            .iter()
            .map(|invoice| LedgerLine {
                invoice: invoice.key.clone(),
                outcome,
                reason: sentence.to_owned(),
            })
            .collect();
        self.emit_end(id, EventKind::Failed);
    }

    pub(super) fn expire(&mut self, asked: Duration, limit: usize) -> Vec<TaskId> {
        let now = self.now;
        let late = |row: &Row| row.parked_until.is_some_and(|until| until <= now);
        let over = |row: &Row| {
            let parked = matches!(row.state, State::Parked { .. }) && late(row);
            parked || row.asked_since.is_some_and(|since| since + asked <= now)
        };
        let unasked = self.running.iter().filter(|(_, key)| key.worker.is_none());
        let lost: Vec<TaskId> =
            unasked.map(|(id, _)| *id).filter(|id| over(&self.tasks[id])).take(limit).collect();
        let parked = self.parked.iter().filter(|id| late(&self.tasks[id]));
        let parked: Vec<TaskId> = parked.take(limit - lost.len()).copied().collect();
        for id in &lost {
            self.give_up(*id, sentences::OUTCOME_UNKNOWN, true);
        }
        for id in &parked {
            self.give_up(*id, sentences::PARKED_TOO_LONG, false);
        }
        lost.into_iter().chain(parked).collect()
    }

    pub(super) fn take_up(&mut self, worker: WorkerId, lease: Duration, limit: usize) -> Vec<Work> {
        // One that cannot be taken up yet, for its lane is busy, keeps no other from it.
        let due = self.due_to_ask(worker).into_iter();
        due.filter_map(|id| self.take_up_one(id, worker, lease)).take(limit).collect()
    }

    /// Tasks in this worker's lanes that nobody asks about, though it is time.
    pub(super) fn due_to_ask(&self, worker: WorkerId) -> Vec<TaskId> {
        let due = self.running.iter().filter(|(id, key)| {
            let lane = self.tasks[id].lane.and_then(|lane| self.lanes.get(&lane));
            key.worker.is_none()
                && key.ask_at.is_some_and(|at| at <= self.now)
                && lane.is_some_and(|lane| lane.owner == Some(worker))
        });
        let mut due: Vec<_> = due.map(|(id, key)| (key.ask_at, *id)).collect();
        due.sort_unstable();
        due.into_iter().map(|(_, id)| id).collect()
    }

    fn take_up_one(&mut self, id: TaskId, worker: WorkerId, lease: Duration) -> Option<Work> {
        let (lane_id, channel) = (self.tasks[&id].lane?, self.tasks[&id].channel);
        let lane = &self.lanes[&lane_id];
        let held = self.running[&id].slot;
        let needs_slot = channel == Some(ChannelKind::Etax) && held.is_none();
        if lane.needs_person || (needs_slot && self.by_slot.contains_key(&(lane_id, Slot(0)))) {
            return None;
        }
        self.next_fence += 1;
        let fence = Fence(self.next_fence);
        let lease_until = self.now + lease;
        if needs_slot {
            self.by_slot.insert((lane_id, Slot(0)), id);
        }
        let key = self.running.get_mut(&id)?;
        key.fence = fence;
        key.worker = Some(worker);
        key.lease_until = lease_until;
        key.ask_at = None;
        key.slot = if needs_slot { Some((lane_id, Slot(0))) } else { held };
        let slot = key.slot.map_or(Slot(0), |(_, slot)| slot);
        let row = self.row(id);
        let receipt = row.sent().rev().find_map(|s| s.receipt.clone());
        let quiet_until = row.quiet_until.unwrap_or_default();
        row.take(Event::TakenUp { receipt, quiet_until }).expect("it was left with nobody asking");
        Some(self.work(id, fence, slot))
    }
}
