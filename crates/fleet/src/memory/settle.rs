//! Evidence and settlements.

use super::{book::Book, rows::Table};
use crate::ports::{
    log::{Evidence, Proof, Settled, Settlement, Submission, Throttle, Verdict},
    outbox::EventKind,
};
use domain::{
    ids::{Fence, LaneId, TaskId},
    statistic::{KnownFigures, TableNote},
    task::{Event, State, StateName},
    taxpayer::LoginMode,
};
use std::time::Duration;

impl Book {
    fn holds(&self, id: TaskId, fence: Fence) -> bool {
        self.running.get(&id).is_some_and(|key| key.held_under(fence))
    }

    /// Keeps what was learned, whoever holds the keys; only the holder changes the state.
    pub(super) fn note(&mut self, evidence: &Evidence) -> bool {
        let current = self.holds(evidence.task, evidence.fence);
        let now = self.now;
        let Some(row) = self.tasks.get_mut(&evidence.task) else { return false };
        let mine = |s: &&mut Submission| s.act == evidence.act && s.fence == evidence.fence;
        let submission = row.submissions.iter_mut().find(mine);
        match (&evidence.what, submission) {
            (Proof::Sending, _) if !current => return false,
            (Proof::Sending, Some(_)) => {}
            (Proof::Sending, None) => row.submissions.push(sent(evidence, now)),
            (Proof::Receipt(receipt), found) => {
                match found {
                    Some(submission) => submission.receipt = Some(receipt.clone()),
                    None => {
                        let receipt = Some(receipt.clone());
                        row.submissions.push(Submission { receipt, ..sent(evidence, now) });
                    }
                }
                row.accepted = true;
            }
            (Proof::Answer(text), found) => {
                match found {
                    Some(submission) => submission.answer = Some(text.clone()),
                    None => {
                        let answer = Some(text.clone());
                        row.submissions.push(Submission { answer, ..sent(evidence, now) })
                    }
                }
                row.accepted = true;
            }
            (Proof::Lost { quiet_until }, found) => {
                if found.is_none() {
                    row.submissions.push(sent(evidence, now));
                }
                row.quiet_until = row.quiet_until.max(Some(*quiet_until));
            }
            (Proof::Absent | Proof::NotBegun, _) => {}
        }
        row.submissions.sort_by_key(|submission| submission.fence);
        if current {
            self.follow(evidence);
        }
        current
    }

    fn follow(&mut self, evidence: &Evidence) {
        let now = self.now;
        let row = self.row(evidence.task);
        let event = match &evidence.what {
            Proof::Sending => return,
            Proof::Answer(_) => Event::StepDone { at: now },
            Proof::NotBegun => return row.forget_unanswered(evidence),
            Proof::Receipt(receipt) if matches!(row.state, State::Running { .. }) => {
                Event::Accepted { receipt: receipt.clone() }
            }
            Proof::Receipt(receipt) => Event::FoundRunning { receipt: receipt.clone() },
            Proof::Lost { quiet_until } => Event::LostTrack { quiet_until: *quiet_until },
            Proof::Absent => {
                row.forget_unanswered(evidence);
                row.may_have_sent = false;
                row.quiet_until = None;
                row.asked_since = None;
                Event::ProvedAbsent { fence: evidence.fence }
            }
        };
        if evidence.what != Proof::Absent {
            row.asked_since.get_or_insert(now);
        }
        row.take(event).expect("evidence of a current holder fits its state");
    }

    pub(super) fn settle(&mut self, settlement: &Settlement) -> Settled {
        let id = settlement.task;
        if !self.holds(id, settlement.fence) {
            let row = self.tasks.get(&id);
            let before = row.filter(|row| row.settled_fence == Some(settlement.fence));
            return before
                .map_or(Settled::Stale, |row| Settled::Before { state: row.state.name() });
        }
        self.row(id).settled_fence = Some(settlement.fence);
        if let Some(payer) = self.taxpayers.get_mut(&settlement.tax) {
            payer.payer.period = settlement.period.or(payer.payer.period);
        }
        let events = match &settlement.verdict {
            Verdict::Final { .. } => self.finish(settlement),
            Verdict::PutOff { .. } => self.put_off(settlement),
            Verdict::Park { .. } => self.park(settlement),
            Verdict::HandBack { reason } => {
                self.free(id);
                let row = self.row(id);
                row.reason.clone_from(reason);
                row.take(Event::HandedBack).expect("only what sent nothing is handed back");
                self.requeue(id);
                Vec::new()
            }
            Verdict::LetGo { ask_after, unclear, quiet_until, keep_lane, reason } => {
                let row = self.row(id);
                row.reason.clone_from(reason);
                row.quiet_until = row.quiet_until.max(*quiet_until);
                let lost = match row.state {
                    State::Unclear { .. } => false,
                    // What nobody asks about is Awaiting or Unclear.
                    State::Running { .. } => true,
                    _ => *unclear,
                };
                if lost {
                    let quiet_until = row.quiet_until.unwrap_or_default();
                    row.take(Event::LostTrack { quiet_until }).expect("it may have been sent");
                }
                self.leave_unasked(id, Some(*ask_after), *keep_lane);
                Vec::new()
            }
        };
        if let Some(child) = &settlement.child {
            self.append(child);
        }
        Settled::Written { state: self.tasks[&id].state.name(), events }
    }

    fn finish(&mut self, settlement: &Settlement) -> Vec<i64> {
        let Verdict::Final { state, reason, lines, pool, statistic, unknown } = &settlement.verdict
        else {
            return Vec::new();
        };
        let id = settlement.task;
        let now = self.now;
        self.free(id);
        self.free_holds(id);
        let row = self.row(id);
        let event = match state {
            StateName::Done => Event::Succeeded,
            StateName::Refused => Event::Refused,
            _ => Event::Failed,
        };
        row.take(event).expect("a running task can end");
        row.reason.clone_from(reason);
        row.unknown = *unknown;
        row.ledger.clone_from(lines);
        row.finished_at = Some(now);
        self.write_pool(settlement.tax, pool);
        if let Some(note) = statistic {
            self.write_statistic(settlement, note);
        }
        let kind = if *state == StateName::Done { EventKind::Succeeded } else { EventKind::Failed };
        self.emit_end(id, kind)
    }

    fn write_statistic(&mut self, settlement: &Settlement, note: &TableNote) {
        let Settlement { tax, fence, .. } = settlement;
        if let Some(row) = self.taxpayers.get_mut(tax) {
            row.payer.statistic_order = row.payer.statistic_order.max(*fence);
        }
        let Some(period) = note.period else { return };
        let changed_at = self.now;
        let fresh = Table { state: note.state, order: *fence, known: None, changed_at };
        let table = self.statistic_tables.entry((*tax, period)).or_insert(fresh);
        if table.order <= *fence {
            (table.state, table.order, table.changed_at) = (note.state, *fence, changed_at);
            if let Some(figures) = note.figures.clone() {
                table.known = Some(KnownFigures { figures, asked_at: note.at, order: *fence });
            }
        }
        self.keep_version(settlement.task, *tax, *fence, note);
    }

    fn put_off(&mut self, settlement: &Settlement) -> Vec<i64> {
        let Verdict::PutOff { after, reason, counts_as_attempt, gate, .. } = &settlement.verdict
        else {
            return Vec::new();
        };
        let id = settlement.task;
        let until = self.now + *after;
        let row = self.row(id);
        row.reason.clone_from(reason);
        row.attempts += u32::from(*counts_as_attempt);
        row.take(Event::PutOff { until }).expect("a running task can be put off");
        // As the row's own state says: late evidence of a call that only reads keeps nothing.
        if row.state.keeps_tax_number() {
            self.leave_unasked(id, Some(*after), false);
        } else {
            self.free(id);
            self.enqueue_at(id, until);
        }
        match gate {
            Some(Throttle::Lane) => {
                self.throttle_lane(settlement.lane, *after);
            }
            Some(Throttle::TaxNumber) => {
                if let Some(tax) = self.taxpayers.get_mut(&settlement.tax) {
                    tax.throttled_until = tax.throttled_until.max(Some(until));
                }
                self.bump(settlement.lane);
            }
            None => {}
        }
        Vec::new()
    }

    fn throttle_lane(&mut self, lane: LaneId, after: Duration) {
        let until = self.now + after;
        if let Some(row) = self.lanes.get_mut(&lane) {
            row.throttled_until = row.throttled_until.max(Some(until));
        }
        self.bump(lane);
    }

    /// Break 4: the epoch used is compared with the account's in the same step.
    fn park(&mut self, settlement: &Settlement) -> Vec<i64> {
        let Verdict::Park { epoch, needs_person, until, reason, .. } = &settlement.verdict else {
            return Vec::new();
        };
        let id = settlement.task;
        let lane = self.lanes.get_mut(&settlement.lane);
        let session = lane.as_ref().and_then(|lane| lane.session);
        let newer = session.is_some_and(|session| session.online && session.epoch > *epoch);
        if let (Some(lane), false) = (lane, newer)
            && let Some(session) = &mut lane.session
        {
            if session.online && session.epoch == *epoch {
                session.online = false;
                session.epoch.0 += 1;
                lane.current_tax = None;
            }
            lane.needs_person |= *needs_person || session.login == LoginMode::Manual;
            self.bump(settlement.lane);
        }
        let stays = self.lanes.get(&settlement.lane).is_some_and(|lane| lane.needs_person);
        let row = self.row(id);
        row.reason.clone_from(reason);
        row.parked_until = Some(*until);
        row.take(Event::LoggedOut { epoch: *epoch }).expect("a running task can be parked");
        if row.state.keeps_tax_number() {
            let due = if stays && !newer { None } else { Some(Duration::ZERO) };
            self.leave_unasked(id, due, false);
        } else {
            self.free(id);
            self.parked.insert(id);
        }
        if newer || !stays {
            self.resume_parked(id);
            return Vec::new();
        }
        vec![self.emit(id, EventKind::Parked)]
    }

    /// Back from the park with nothing sent: queues at its place.
    pub(super) fn resume_parked(&mut self, id: TaskId) {
        let row = self.row(id);
        let State::Parked { sent: false, epoch } = &row.state else { return };
        let epoch = domain::ids::Epoch(epoch.0 + 1);
        row.take(Event::LoggedIn { epoch }).expect("it was parked with nothing sent");
        self.parked.remove(&id);
        self.requeue(id);
    }

    /// Keeps the tax number (and the lane), with nobody asking until then.
    pub(super) fn leave_unasked(&mut self, id: TaskId, after: Option<Duration>, keep_lane: bool) {
        let ask_at = after.map(|after| self.now + after);
        let Some(key) = self.running.get_mut(&id) else { return };
        key.worker = None;
        key.ask_at = ask_at;
        if !keep_lane && let Some(slot) = key.slot.take() {
            self.by_slot.remove(&slot);
        }
    }
}

fn sent(evidence: &Evidence, now: domain::Moment) -> Submission {
    Submission {
        act: evidence.act,
        fence: evidence.fence,
        sent_at: now,
        receipt: None,
        answer: None,
    }
}
