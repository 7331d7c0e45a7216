//! Which tasks a batch becomes.

use super::{Batch, BatchLine, BatchPart};
use crate::{
    ids::TaskId,
    invoice::TaskInvoice,
    kind::{Action, Kind},
    rules::Rule,
    task::TaskMessage,
};
use sha2::{Digest, Sha256};

impl Batch {
    /// How many tasks it becomes; what was dropped becomes none.
    pub fn tasks(&self) -> usize {
        let kept = self.parts.iter().filter(|part| !part.dropped);
        kept.map(|part| part.invoices.div_ceil(self.task_size)).sum()
    }

    pub fn kind(&self, part: &BatchPart) -> Kind {
        self.purpose.kind(part.action)
    }

    /// The task that a line belongs to; None: its part was dropped.
    pub fn task_of(&self, line: &BatchLine) -> Option<TaskId> {
        let part = self.parts.get(line.part).filter(|part| !part.dropped)?;
        Some(self.task_id(part, line.at / self.task_size))
    }

    /// The messages of one part, in the order of its lines: the same every time.
    pub fn messages(&self, part: &BatchPart, lines: &[BatchLine]) -> Vec<TaskMessage> {
        let pieces = lines.chunks(self.task_size).enumerate();
        pieces.map(|(piece, lines)| self.message(part, piece, lines)).collect()
    }

    fn message(&self, part: &BatchPart, piece: usize, lines: &[BatchLine]) -> TaskMessage {
        let id = self.task_id(part, piece);
        TaskMessage {
            account: part.account.clone(),
            tax_period: self.tax_period,
            batch_id: Some(self.batch_id.clone()),
            submitted_by: self.submitted_by.clone(),
            invoices: lines.iter().map(invoice).collect(),
            ..TaskMessage::new(id, self.kind(part), part.tax_no.clone())
        }
    }

    /// A UUIDv7 of the batch's moment; the rest tells this piece from all others.
    fn task_id(&self, part: &BatchPart, piece: usize) -> TaskId {
        let action = match part.action {
            Action::Select => "select",
            Action::Deselect => "deselect",
        };
        let refused = part.refused.map_or("", Rule::code);
        let name = format!("{}\n{}\n{action}\n{refused}\n{piece}", self.batch_id, part.tax_no);
        let hash: [u8; 32] = Sha256::digest(name.as_bytes()).into();
        let mut rest = [0; 10];
        rest.copy_from_slice(&hash[..10]);
        let millis = u64::try_from(self.created_at.timestamp_millis()).unwrap_or_default();
        TaskId(uuid::Builder::from_unix_timestamp_millis(millis, &rest).into_uuid())
    }
}

/// Only what tells it apart and what was decided: the rest is the pool's to say when the task runs.
fn invoice(line: &BatchLine) -> TaskInvoice {
    TaskInvoice {
        non_deduction_reason: line.reason,
        non_deduction_text: line.reason_text.clone(),
        ..TaskInvoice::new(line.key.clone(), line.invoice_type)
    }
}
