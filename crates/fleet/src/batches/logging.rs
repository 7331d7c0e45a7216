//! From a batch to rows of the log.

use super::{BatchError, Batches};
use crate::{
    intake::{Asked, Incoming, Taken},
    ports::{StoreError, bus::Ring, log::Appended},
};
use domain::{
    batch::{Batch, BatchLine},
    ids::TaskId,
    rules::Rule,
};

/// Invoices read in one go.
const LINES: usize = 10_000;
/// Tasks logged in one transaction, unless one part of a batch has more.
const TASKS: usize = 200;

/// The messages of one part, and the rule that refuses it.
type Request = (Vec<Incoming>, Option<Rule>);

impl Batches {
    /// Logs every task of the batch; what is in the log already stays as it is.
    pub(super) async fn log_tasks(&self, batch: &Batch) -> Result<(), BatchError> {
        let lines = self.lines_by_part(batch).await?;
        let mut piece: Vec<Request> = Vec::new();
        for (part, lines) in batch.parts.iter().zip(lines) {
            if part.dropped {
                continue;
            }
            let messages = batch.messages(part, &lines);
            let messages = messages.iter().map(|message| incoming(message.to_json()));
            piece.push((messages.collect(), part.refused));
            if piece.iter().map(|(messages, _)| messages.len()).sum::<usize>() >= TASKS {
                self.log_requests(&std::mem::take(&mut piece)).await?;
            }
        }
        self.log_requests(&piece).await
    }

    async fn log_requests(&self, requests: &[Request]) -> Result<(), BatchError> {
        if requests.is_empty() {
            return Ok(());
        }
        let asked =
            requests.iter().map(|(messages, refused)| Asked { messages, refused: *refused });
        let taken = self.intake.take_requests(asked).await?;
        let mut ring = Ring::default();
        for taken in &taken {
            match taken {
                Taken::Waiting(head) => {
                    ring.lanes.insert(head.lane);
                }
                Taken::Logged(Appended::Duplicate { waiting: Some((lane, _)) }) => {
                    ring.lanes.insert(*lane);
                }
                Taken::Logged(_) => {}
                Taken::Rejected { reason, .. } => {
                    let broken = format!("a task of the batch was rejected: {reason}");
                    return Err(StoreError::Broken(broken).into());
                }
            }
        }
        if !ring.is_empty() {
            self.desk.bell.ring(ring);
        }
        Ok(())
    }

    /// The lines of each part, in their order.
    async fn lines_by_part(&self, batch: &Batch) -> Result<Vec<Vec<BatchLine>>, StoreError> {
        let mut by_part = vec![Vec::new(); batch.parts.len()];
        let mut from = 0;
        loop {
            let lines = self.store.batch_lines(&batch.batch_id, from, LINES).await?;
            from += lines.len();
            let whole = lines.len() == LINES;
            for line in lines {
                if let Some(part) = by_part.get_mut(line.part) {
                    part.push(line);
                }
            }
            if !whole {
                return Ok(by_part);
            }
        }
    }

    /// Every task that the batch becomes.
    pub(super) async fn tasks_of(&self, batch: &Batch) -> Result<Vec<TaskId>, StoreError> {
        let lines = self.lines_by_part(batch).await?;
        let mut tasks: Vec<TaskId> =
            lines.iter().flatten().filter_map(|line| batch.task_of(line)).collect();
        tasks.sort_unstable();
        tasks.dedup();
        Ok(tasks)
    }
}

fn incoming(body: String) -> Incoming {
    Incoming { body: body.into_bytes().into(), traceparent: None, routing_key: String::new() }
}
