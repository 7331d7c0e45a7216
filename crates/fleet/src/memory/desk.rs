//! What operators do.

use super::{MemoryStore, book::Book};
use crate::{
    ports::{
        StoreError,
        archive::TaskFilter,
        desk::{AskedNow, AuditLine, Cancelled, DeskLog, Note, Recorded, Retriable, Scope},
        outbox::EventKind,
        people::{NewRecord, Record, RecordOutcome},
    },
    sentences,
};
use async_trait::async_trait;
use domain::{
    bureau::LaneKey,
    ids::{LaneId, TaskId, TaxId},
    ledger::LineOutcome,
    schedule::PauseNote,
    task::{Event, StateName},
};

impl Book {
    fn cancel(&mut self, id: TaskId, note: &Note) -> Cancelled {
        let Some(row) = self.tasks.get(&id) else { return Cancelled::NoSuchTask };
        let state = row.state.name();
        if row.state.clone().on(Event::Cancelled).is_err() {
            return Cancelled::TooLate { state };
        }
        self.dequeue(id);
        self.free_holds(id);
        let now = self.now();
        let row = self.row(id);
        row.take(Event::Cancelled).expect("it was tried just before");
        row.reason = sentences::noted(sentences::CANCELLED, note);
        row.finished_at = Some(now);
        self.emit_end(id, EventKind::Cancelled);
        self.write_audit("cancel", id.to_string(), note);
        Cancelled::Done
    }

    fn ask_now(&mut self, id: TaskId) -> AskedNow {
        let now = self.now();
        let Some(row) = self.tasks.get(&id) else { return AskedNow::NoSuchTask };
        let state = row.state.name();
        let needs_person = row.lane.is_some_and(|lane| self.lanes[&lane].needs_person);
        let Some(key) = self.running.get_mut(&id) else { return AskedNow::NothingSent { state } };
        if key.worker.is_some() {
            return AskedNow::InHand;
        }
        if needs_person || key.ask_at.is_none() {
            return AskedNow::NeedsLogin;
        }
        key.ask_at = key.ask_at.map(|at| at.min(now));
        AskedNow::Due
    }

    fn record_absent(&mut self, id: TaskId, note: &Note) -> Recorded {
        let Some(row) = self.tasks.get_mut(&id) else { return Recorded::NoSuchTask };
        if !row.unknown {
            return Recorded::NotUnknown { state: row.state.name() };
        }
        row.unknown = false;
        row.reason = sentences::noted(sentences::ABSENT, note);
        for line in row.ledger.iter_mut().filter(|line| line.outcome == LineOutcome::Unknown) {
            line.outcome = LineOutcome::Failed;
            line.reason.clone_from(&row.reason);
        }
        self.write_audit("record_absent", id.to_string(), note);
        Recorded::Done
    }

    pub(super) fn write_audit(&mut self, action: &str, subject: String, note: &Note) {
        let new = NewRecord {
            by: note.by.clone(),
            reason: note.reason.clone(),
            action: action.to_owned(),
            subject,
            source: String::new(),
            asked: None,
        };
        self.write_record(new, RecordOutcome::Done);
    }

    fn set_pause(&mut self, scope: &Scope, pause: Option<PauseNote>) -> Vec<LaneId> {
        let touched: Vec<LaneId> = match scope {
            Scope::Bureau(bureau) => {
                match pause {
                    Some(note) => self.bureau_pauses.insert(*bureau, note),
                    None => self.bureau_pauses.remove(bureau),
                };
                let of_it = self.lanes.iter().filter(|(_, row)| row.key.bureau == *bureau);
                of_it.map(|(lane, _)| *lane).collect()
            }
            Scope::Lane { bureau, account } => {
                let key = LaneKey { bureau: *bureau, account: account.clone() };
                let Some(lane) = self.lane_ids.get(&key).copied() else { return Vec::new() };
                if let Some(row) = self.lanes.get_mut(&lane) {
                    row.paused = pause;
                }
                vec![lane]
            }
            Scope::TaxNumber(tax_no) => {
                let tax = self.tax_ids.get(tax_no).copied();
                let Some(row) = tax.and_then(|tax| self.taxpayers.get_mut(&tax)) else {
                    return Vec::new();
                };
                row.paused = pause;
                row.lanes.iter().copied().collect()
            }
        };
        for lane in &touched {
            self.bump(*lane);
        }
        touched
    }
}

#[async_trait]
impl DeskLog for MemoryStore {
    async fn cancel(&self, tasks: &[TaskId], note: &Note) -> Result<Vec<Cancelled>, StoreError> {
        let mut book = self.open();
        Ok(tasks.iter().map(|id| book.cancel(*id, note)).collect())
    }

    async fn ask_now(&self, tasks: &[TaskId]) -> Result<Vec<AskedNow>, StoreError> {
        let mut book = self.open();
        Ok(tasks.iter().map(|id| book.ask_now(*id)).collect())
    }

    async fn record_absent(
        &self,
        tasks: &[TaskId],
        note: &Note,
    ) -> Result<Vec<Recorded>, StoreError> {
        let mut book = self.open();
        Ok(tasks.iter().map(|id| book.record_absent(*id, note)).collect())
    }

    async fn pause(&self, scope: &Scope, note: &Note) -> Result<Vec<LaneId>, StoreError> {
        let mut book = self.open();
        let since = book.now();
        let pause = PauseNote { by: note.by.clone(), reason: note.reason.clone(), since };
        book.write_audit("pause", scope.subject(), note);
        Ok(book.set_pause(scope, Some(pause)))
    }

    async fn resume(&self, scope: &Scope, note: &Note) -> Result<Vec<LaneId>, StoreError> {
        let mut book = self.open();
        book.write_audit("resume", scope.subject(), note);
        Ok(book.set_pause(scope, None))
    }

    async fn retriable(
        &self,
        filter: &TaskFilter,
        limit: usize,
    ) -> Result<Vec<Retriable>, StoreError> {
        let book = self.open();
        let may = |id: &TaskId, row: &super::rows::Row| {
            matches!(row.state.name(), StateName::Failed | StateName::Refused)
                && !row.unknown
                && !book.retries.contains_key(id)
        };
        let matching = book
            .tasks
            .iter()
            .filter(|(id, row)| may(id, row) && book.row_matches(filter, &book.task_row(**id)));
        let retriable = matching.map(|(id, row)| Retriable {
            task: *id,
            reason: row.reason.clone(),
            body: row.body.clone(),
        });
        Ok(retriable.take(limit).collect())
    }

    async fn audited(&self, limit: usize) -> Result<Vec<AuditLine>, StoreError> {
        let line = |record: &Record| {
            let NewRecord { by, reason, action, subject, .. } = record.new.clone();
            AuditLine { at: record.at, action, subject, note: Note { by, reason } }
        };
        Ok(self.open().audit.iter().rev().take(limit).map(line).collect())
    }

    async fn lanes_for(&self, tax: TaxId) -> Result<Vec<LaneId>, StoreError> {
        let book = self.open();
        Ok(book
            .taxpayers
            .get(&tax)
            .map_or_else(Vec::new, |row| row.lanes.iter().copied().collect()))
    }
}
