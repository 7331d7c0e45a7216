//! Tasks that follow from the outcome of another.

use super::TaskMessage;
use crate::{
    answer::Outcome,
    ids::TaskId,
    invoice::InvoiceKey,
    kind::Kind,
    ledger::{LedgerLine, LineOutcome},
    taxpayer::ChannelKind,
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use uuid::Uuid;

/// The parameter of a child that names its parent.
pub const PARENT: &str = "parent";

impl TaskId {
    /// The id of the one child of this kind: the same however often it is made. It keeps the
    /// parent's time, so that both stand in the same month of the log.
    pub fn child(self, kind: Kind) -> TaskId {
        let mut hash = Sha256::new();
        hash.update(self.0.as_bytes());
        hash.update(kind.name());
        let parent = self.0.as_bytes();
        let mut bytes: [u8; 16] = std::array::from_fn({
            let hash = hash.finalize();
            move |at| hash[at]
        });
        bytes[..6].copy_from_slice(&parent[..6]);
        bytes[6] = parent[6] & 0xf0 | bytes[6] & 0x0f;
        bytes[8] = parent[8] & 0xc0 | bytes[8] & 0x3f;
        TaskId(Uuid::from_bytes(bytes))
    }
}

/// After an upload to 乐企 the use of its invoices is queried, so that the pool is right: the query
/// for those that were accepted and whose use the task has not read itself (selection-rules
/// section 5). It belongs to no batch, whose counts are of what was asked for.
pub fn use_query(
    parent: &TaskMessage,
    channel: ChannelKind,
    outcome: &Outcome,
    lines: &[LedgerLine],
) -> Option<TaskMessage> {
    if channel != ChannelKind::Leqi || parent.kind.action().is_none() {
        return None;
    }
    let read: HashSet<&InvoiceKey> = outcome.uses.iter().map(|(key, _)| key).collect();
    let accepted = |line: &&LedgerLine| line.outcome == LineOutcome::Succeeded;
    let unread: HashSet<&InvoiceKey> = lines
        .iter()
        .filter(accepted)
        .map(|line| &line.invoice)
        .filter(|key| !read.contains(key))
        .collect();
    let mut child = TaskMessage::new(
        parent.task_id.child(Kind::InvoiceUseQuery),
        Kind::InvoiceUseQuery,
        parent.tax_no.clone(),
    );
    let wanted = parent.invoices.iter().filter(|invoice| unread.contains(&invoice.key));
    child.invoices = wanted.cloned().collect();
    child.submitted_by.clone_from(&parent.submitted_by);
    child.parameters.insert(PARENT.to_owned(), Value::String(parent.task_id.to_string()));
    (!child.invoices.is_empty()).then_some(child)
}

#[cfg(test)]
mod tests {
    use super::use_query;
    use crate::{
        answer::Outcome,
        ids::TaskId,
        invoice::{InvoiceKey, InvoiceUse, TaskInvoice, UseReading},
        kind::Kind,
        ledger::{LedgerLine, LineOutcome},
        task::TaskMessage,
        taxpayer::ChannelKind,
    };
    use uuid::Uuid;

    const PARENT: &str = "0193f3a2-7c1e-7b7a-9d53-0c2f6f1f0a11";

    fn id(text: &str) -> TaskId {
        TaskId(Uuid::try_parse(text).expect("a UUID"))
    }

    #[test]
    fn a_child_has_one_id_of_its_own_in_its_parents_month() {
        let parent = id(PARENT);
        let child = parent.child(Kind::InvoiceUseQuery);
        assert_eq!(child, parent.child(Kind::InvoiceUseQuery));
        assert_ne!(child, parent);
        assert_ne!(child, parent.child(Kind::InvoiceDownload));
        assert_ne!(child, id("0193f3a2-7c1e-7b7a-9d53-0c2f6f1f0a12").child(Kind::InvoiceUseQuery));
        assert_eq!(child.0.as_bytes()[..6], parent.0.as_bytes()[..6]);
        assert_eq!(child.0.get_version_num(), 7);
        assert_eq!(child.0.get_variant(), uuid::Variant::RFC4122);
    }

    fn key(number: &str) -> InvoiceKey {
        InvoiceKey { code: String::new(), number: number.to_owned() }
    }

    /// `A+ B- C+r`: accepted, refused, accepted and read; in brackets what is queried.
    #[test]
    fn what_was_accepted_and_not_read_is_queried() {
        use ChannelKind::{Etax, Leqi};
        let table = [
            (Leqi, Kind::DeductionSelect, "A+ B+", "A B"),
            (Leqi, Kind::NonDeductionDeselect, "A+ B-", "A"),
            (Leqi, Kind::DeductionSelect, "A+r B+", "B"),
            (Leqi, Kind::DeductionSelect, "A+r B-", ""),
            (Leqi, Kind::StatisticCreate, "", ""),
            (Leqi, Kind::InvoiceUseQuery, "A+", ""),
            (Etax, Kind::DeductionSelect, "A+ B+", ""),
        ];
        for (channel, kind, said, expected) in table {
            let tax_no = "91440300MA5G9GK78Y".parse().expect("a tax number");
            let mut parent = TaskMessage::new(id(PARENT), kind, tax_no);
            parent.batch_id = Some("b".into());
            parent.submitted_by = Some("erp".into());
            let (mut outcome, mut lines) = (Outcome::default(), Vec::new());
            for word in said.split_whitespace() {
                let invoice = key(&word[..1]);
                let plain = "27".parse().expect("a type");
                parent.invoices.push(TaskInvoice::new(invoice.clone(), plain));
                if word.ends_with('r') {
                    let reading = UseReading::of(InvoiceUse::Deduction, None);
                    outcome.uses.push((invoice.clone(), reading));
                }
                let well = word.contains('+');
                let told = if well { LineOutcome::Succeeded } else { LineOutcome::Refused };
                lines.push(LedgerLine { invoice, outcome: told, reason: String::new() });
            }
            let child = use_query(&parent, channel, &outcome, &lines);
            let invoices = child.iter().flat_map(|child| &child.invoices);
            let queried: Vec<_> = invoices.map(|invoice| invoice.key.number.as_str()).collect();
            assert_eq!(queried.join(" "), expected, "{channel:?} {kind} {said}");
            let Some(child) = child else { continue };
            assert_eq!((child.kind, &child.batch_id), (Kind::InvoiceUseQuery, &None));
            assert_eq!(child.submitted_by, parent.submitted_by);
            assert_eq!(child.parameters["parent"], PARENT);
            assert_eq!(TaskMessage::parse(child.to_json().as_bytes()), Ok(child));
        }
    }
}
