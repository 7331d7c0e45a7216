//! Looking at the task log.

use super::{MemoryStore, book::Book};
use crate::ports::{
    StoreError,
    archive::{
        After, Archive, Counts, Occupied, StoreHealth, SubmissionRow, TaskCard, TaskFilter, TaskRow,
    },
    people::Within,
};
use async_trait::async_trait;
use domain::{
    Moment, ids::TaskId, kind::Class, ledger::LineOutcome, schedule::Hindrance, task::StateName,
    tax_no::TaxNo, taxpayer::ChannelKind,
};
use std::{collections::BTreeMap, time::Duration};

/// Whether the row matches every field of the filter that is set.
fn matches(filter: &TaskFilter, row: &TaskRow) -> bool {
    let any = |empty: bool, found: bool| empty || found;
    any(filter.states.is_empty(), filter.states.contains(&row.state))
        && any(filter.shown.is_empty(), filter.shown.contains(&row.shown_state))
        && any(filter.kinds.is_empty(), filter.kinds.contains(&row.kind))
        && filter.tax_no.as_ref().is_none_or(|tax_no| *tax_no == row.tax_no)
        && filter.bureau.is_none_or(|bureau| row.bureau == Some(bureau))
        && filter.account.as_ref().is_none_or(|account| row.account.as_ref() == Some(account))
        && filter.batch_id.as_ref().is_none_or(|batch| row.batch_id.as_ref() == Some(batch))
        && filter.enqueued_from.is_none_or(|from| row.enqueued_at >= from)
        && filter.enqueued_to.is_none_or(|to| row.enqueued_at < to)
}

impl Book {
    /// Whether whoever sees only these sees a task of this tax number and submitter.
    pub(super) fn seen(
        &self,
        within: Option<&Within>,
        tax_no: &TaxNo,
        submitted_by: Option<&str>,
    ) -> bool {
        let Some(within) = within else { return true };
        let payer = self.tax_ids.get(tax_no).and_then(|tax| self.taxpayers.get(tax));
        let org = payer.map(|row| &row.payer.tax_org);
        submitted_by == Some(&within.user)
            || org.is_some_and(|org| within.organisations.contains(org))
    }

    pub(super) fn row_matches(&self, filter: &TaskFilter, row: &TaskRow) -> bool {
        matches(filter, row)
            && self.seen(filter.within.as_ref(), &row.tax_no, row.submitted_by.as_deref())
    }

    pub(super) fn task_row(&self, id: TaskId) -> TaskRow {
        let row = &self.tasks[&id];
        let state = row.state.name();
        let message = &row.message;
        let succeeded = row.ledger.iter().filter(|line| line.outcome == LineOutcome::Succeeded);
        TaskRow {
            task_id: id,
            batch_id: message.batch_id.clone(),
            kind: message.kind,
            tax_no: message.tax_no.clone(),
            bureau: row.lane_key.as_ref().map(|lane| lane.bureau).or(message.bureau),
            account: row.lane_key.as_ref().map(|lane| lane.account.clone()),
            tax_period: message.tax_period,
            state,
            shown_state: state.shown(row.channel.unwrap_or(ChannelKind::Etax), row.accepted),
            reason: row.reason.clone(),
            retry_of: message.retry_of,
            attempts: row.attempts,
            invoices_total: message.invoices.len() as u32,
            invoices_succeeded: succeeded.count() as u32,
            enqueued_at: row.enqueued_at,
            started_at: row.started_at,
            finished_at: row.finished_at,
            submitted_by: message.submitted_by.clone(),
            unknown: row.unknown,
        }
    }

    pub(super) fn why(&self, id: TaskId) -> Option<Hindrance> {
        let row = self.tasks.get(&id)?;
        match row.state.name() {
            StateName::Held | StateName::Queued | StateName::Delayed | StateName::Parked => {}
            _ => return None,
        }
        let tax_no = row.message.tax_no.clone();
        let (Some(lane), Some(at)) = (row.lane_key.clone(), row.lane) else {
            return Some(Hindrance::NoAccount { tax_no });
        };
        if self.parked.contains(&id) {
            return Some(Hindrance::Offline { lane });
        }
        if let Some(key) = self.running.get(&id) {
            // Something was sent: it waits to be asked about.
            let row = &self.lanes[&at];
            return Some(match key.ask_at {
                _ if row.needs_person => Hindrance::Offline { lane },
                Some(until) if until > self.now() => Hindrance::NotBefore { until },
                _ if row.owner.is_none() => Hindrance::NoOwner { lane },
                _ => Hindrance::AboutToStart,
            });
        }
        Some(self.hindrance(id, None).unwrap_or(Hindrance::AboutToStart))
    }
}

#[async_trait]
impl Archive for MemoryStore {
    async fn list(
        &self,
        filter: &TaskFilter,
        after: Option<After>,
        limit: usize,
    ) -> Result<Vec<TaskRow>, StoreError> {
        let book = self.open();
        let mut rows: Vec<TaskRow> = book.tasks.keys().map(|id| book.task_row(*id)).collect();
        let order = |row: &TaskRow| (row.enqueued_at, row.task_id);
        rows.sort_by_key(|row| std::cmp::Reverse(order(row)));
        let start = after.map(|after| (after.enqueued_at, after.task_id));
        let wanted = rows.into_iter().filter(|row| {
            start.is_none_or(|start| order(row) < start) && book.row_matches(filter, row)
        });
        Ok(wanted.take(limit).collect())
    }

    async fn count(&self, filter: &TaskFilter) -> Result<Counts, StoreError> {
        let book = self.open();
        let mut counts = BTreeMap::new();
        let rows = book.tasks.keys().map(|id| book.task_row(*id));
        for row in rows.filter(|row| book.row_matches(filter, row)) {
            *counts.entry(row.state).or_insert(0) += 1;
        }
        Ok(Counts { by_state: counts.into_iter().collect() })
    }

    async fn card(&self, task: TaskId) -> Result<Option<TaskCard>, StoreError> {
        let book = self.open();
        let Some(row) = book.tasks.get(&task) else { return Ok(None) };
        let submissions = row.sent().map(|submission| SubmissionRow {
            act: submission.act,
            fence: submission.fence.0,
            sent_at: submission.sent_at,
            receipt: submission.receipt.as_ref().map(|receipt| receipt.0.clone()),
            answer: submission.answer.clone(),
        });
        Ok(Some(TaskCard {
            row: book.task_row(task),
            body: row.body.to_string(),
            ledger: row.ledger.clone(),
            retry: book.retries.get(&task).copied(),
            submissions: submissions.collect(),
            why: book.why(task),
        }))
    }

    async fn why(&self, task: TaskId) -> Result<Option<Hindrance>, StoreError> {
        Ok(self.open().why(task))
    }

    async fn occupied(&self) -> Result<Vec<Occupied>, StoreError> {
        let book = self.open();
        let lanes = book.lanes.iter().map(|(lane, row)| {
            let current = row.current_tax.and_then(|tax| book.taxpayers.get(&tax));
            let slots = book.by_slot.iter().filter(|((of, _), _)| of == lane);
            Occupied {
                lane: *lane,
                current: current.map(|row| row.payer.tax_no.clone()),
                running: slots.map(|(_, task)| *task).collect(),
            }
        });
        let told = |one: &Occupied| one.current.is_some() || !one.running.is_empty();
        Ok(lanes.filter(told).collect())
    }

    async fn health(&self, our_clock: Moment) -> Result<StoreHealth, StoreError> {
        let book = self.open();
        let mut waiting: BTreeMap<Class, (u64, Moment)> = BTreeMap::new();
        for id in book.waiting.values().flat_map(|queue| queue.values()) {
            let row = &book.tasks[id];
            let entry = waiting.entry(row.class()).or_insert((0, row.enqueued_at));
            *entry = (entry.0 + 1, entry.1.min(row.enqueued_at));
        }
        let seconds = |from: Moment| (book.now() - from).as_seconds_f64();
        Ok(StoreHealth {
            waiting_by_class: waiting.iter().map(|(class, (n, _))| (*class, *n)).collect(),
            oldest_waiting_seconds: waiting
                .iter()
                .map(|(class, (_, oldest))| (*class, seconds(*oldest)))
                .collect(),
            running: book.running.len() as u64,
            parked: book.parked.len() as u64,
            outbox: book.outbox.len() as u64,
            full_lanes: book.lanes.values().filter(|row| row.full_since.is_some()).count() as u64,
            clock_skew_seconds: seconds(our_clock),
            schema_version: 0,
        })
    }

    async fn forget(&self, keep: Duration, limit: usize) -> Result<u64, StoreError> {
        let mut book = self.open();
        let now = book.now();
        let old = book
            .tasks
            .iter()
            .filter(|(_, row)| row.finished_at.is_some_and(|finished| finished + keep <= now));
        let old: Vec<TaskId> = old.map(|(id, _)| *id).take(limit).collect();
        for id in &old {
            book.tasks.remove(id);
            book.retries.remove(id);
        }
        Ok(old.len() as u64)
    }
}
