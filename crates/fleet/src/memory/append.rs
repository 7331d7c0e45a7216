//! Logging tasks.

use super::{book::Book, rows::Row};
use crate::ports::{
    log::{Appended, Fate, NewTask, RetryRefusal},
    outbox::EventKind,
};
use domain::{
    ids::{Place, TaskId, TaxId},
    invoice::{PoolChange, PoolNews, Standing},
    ledger::{LedgerLine, LineOutcome},
    rules::held_elsewhere,
    task::{State, StateName},
};
use std::collections::BTreeMap;

impl Book {
    pub(super) fn append(&mut self, task: &NewTask) -> Appended {
        let id = task.message.task_id;
        if let Some(known) = self.tasks.get(&id) {
            return known_before(self, id, known, task);
        }
        if let Some(original) = task.message.retry_of
            && let Err(reason) = self.may_retry(original)
        {
            return Appended::RetryRefused { reason };
        }
        let fate = self.with_holds(task);
        let lane = match &fate {
            Fate::Queue { lane, .. } => Some(*lane),
            _ => None,
        };
        let tax = match &fate {
            Fate::Queue { tax, .. } | Fate::Settle { tax, .. } | Fate::Hold { tax } => Some(*tax),
            Fate::Refuse { tax, .. } => *tax,
        };
        self.next_place += 1;
        let row = new_row(task, Place(self.next_place), self.now);
        self.tasks.insert(id, Row { lane, tax, ..row });
        if let Some(batch) = &task.message.batch_id {
            let key = (batch.clone(), task.message.tax_no.clone());
            self.batches.entry(key).or_insert(self.now);
            self.batch_counts.entry(batch.clone()).or_default().0 += 1;
        }
        if let Some(original) = task.message.retry_of {
            self.retries.insert(original, id);
        }
        self.carry_out(id, fate)
    }

    fn carry_out(&mut self, id: TaskId, fate: Fate) -> Appended {
        match fate {
            Fate::Queue { lane, tax, run_at } => {
                let held = run_at.is_some_and(|at| at > self.now);
                let place = self.tasks[&id].place;
                self.row(id).state = if held { State::Held } else { State::Queued };
                self.enqueue(id, run_at);
                Appended::Queued { lane, tax, place, since: self.now, due: !held }
            }
            Fate::Hold { .. } => Appended::Held,
            Fate::Settle { tax, lines, pool } => {
                self.write_pool(tax, &pool);
                self.end_at_once(id, State::Done, String::new(), lines, EventKind::Succeeded)
            }
            Fate::Refuse { reason, lines, .. } => {
                self.end_at_once(id, State::Refused, reason, lines, EventKind::Failed)
            }
        }
    }

    fn end_at_once(
        &mut self,
        id: TaskId,
        state: State,
        reason: String,
        lines: Vec<LedgerLine>,
        event: EventKind,
    ) -> Appended {
        let now = self.now;
        let row = self.row(id);
        row.state = state;
        row.reason.clone_from(&reason);
        row.ledger = lines;
        row.finished_at = Some(now);
        let state = row.state.name();
        let events = self.emit_end(id, event);
        Appended::Final { state, reason, events }
    }

    /// Takes the holds of a queued selection; a conflict refuses the task, also one that would be
    /// settled at once.
    fn with_holds(&mut self, task: &NewTask) -> Fate {
        let (Fate::Queue { tax, .. } | Fate::Hold { tax } | Fate::Settle { tax, .. }, Some(_)) =
            (&task.fate, task.message.kind.action())
        else {
            return task.fate.clone();
        };
        let keys = || task.message.invoices.iter().map(|invoice| (*tax, invoice.key.clone()));
        let culprits: Vec<_> = keys().filter(|key| self.holds.contains_key(key)).collect();
        if culprits.is_empty() {
            if !matches!(task.fate, Fate::Settle { .. }) {
                self.holds.extend(keys().map(|key| (key, task.message.task_id)));
            }
            return task.fate.clone();
        }
        let reason = held_elsewhere(task.message.kind).sentence();
        let line = |(_, invoice)| LedgerLine {
            invoice,
            outcome: LineOutcome::Refused,
            reason: reason.to_owned(),
        };
        let lines = culprits.into_iter().map(line).collect();
        Fate::Refuse { tax: Some(*tax), reason: reason.to_owned(), lines }
    }

    fn may_retry(&self, original: TaskId) -> Result<(), RetryRefusal> {
        let row = self.tasks.get(&original).ok_or(RetryRefusal::NoSuchTask)?;
        let state = row.state.name();
        if !matches!(state, StateName::Failed | StateName::Refused) {
            return Err(RetryRefusal::NotFailed { state });
        }
        if row.unknown {
            return Err(RetryRefusal::OutcomeUnknown);
        }
        match self.retries.get(&original) {
            Some(retry) => Err(RetryRefusal::TriedAgain { retry: *retry }),
            None => Ok(()),
        }
    }

    pub(super) fn write_pool(&mut self, tax: TaxId, changes: &[PoolChange]) {
        for change in changes {
            let key = (tax, change.key.clone());
            let Some(facts) = self.pool.get_mut(&key) else { continue };
            let rest = self.pool_rest.entry(key).or_default();
            let known = rest.standing(facts);
            let standing = match &change.news {
                PoolNews::Marked(mark) => Standing { mark: mark.clone(), ..known },
                PoolNews::Read(read) => known.after(read),
            };
            rest.stand(facts, standing);
        }
    }

    /// A row that is known to exist.
    pub(super) fn row(&mut self, id: TaskId) -> &mut Row {
        self.tasks.get_mut(&id).expect("the task was looked up in this same step")
    }
}

fn known_before(book: &Book, id: TaskId, known: &Row, task: &NewTask) -> Appended {
    if known.body_hash != task.body_hash {
        return Appended::OtherBody { first_logged_at: known.enqueued_at };
    }
    let waiting = known.lane.zip(known.tax).filter(|_| book.is_waiting(id));
    Appended::Duplicate { waiting }
}

fn new_row(task: &NewTask, place: Place, now: domain::Moment) -> Row {
    Row {
        message: task.message.clone(),
        body: task.body.clone(),
        body_hash: task.body_hash,
        traceparent: task.traceparent.clone(),
        lane_key: task.lane.clone(),
        channel: task.channel,
        lane: None,
        tax: None,
        place,
        state: State::Held,
        reason: String::new(),
        attempts: 0,
        rescues: 0,
        submissions: Vec::new(),
        absent: BTreeMap::new(),
        may_have_sent: false,
        quiet_until: None,
        asked_since: None,
        parked_until: None,
        accepted: false,
        unknown: false,
        ledger: Vec::new(),
        enqueued_at: now,
        started_at: None,
        finished_at: None,
        settled_fence: None,
        sequence: 0,
        events: Vec::new(),
    }
}
