//! Versions of statistic tables, and their files as plain text.

use super::{MemoryStore, book::Book};
use crate::ports::{
    StoreError,
    table_files::{NotWritten, OpenTable, TableFiles},
    versions::TableVersions,
};
use async_trait::async_trait;
use domain::{
    Moment,
    ids::{Fence, TaskId, TaxId},
    invoice::{Invoice, InvoiceKey},
    period::TaxPeriod,
    statistic::{NewestVersion, TableNote, TableVersion, VersionFile, VersionId, VersionStep},
    task::StateName,
    tax_no::TaxNo,
};
use std::{cmp::Reverse, fmt::Write, time::Duration};

/// A version, and when its file is due.
#[derive(Clone, Debug)]
pub struct KeptVersion {
    pub version: TableVersion,
    pub due: Moment,
}

impl Book {
    /// What the end of a task means for the versions of a table. The table itself is written.
    pub(super) fn keep_version(
        &mut self,
        task: TaskId,
        tax: TaxId,
        fence: Fence,
        note: &TableNote,
    ) {
        let (Some(period), Some(row)) = (note.period, self.tasks.get(&task)) else { return };
        let (kind, succeeded) = (row.message.kind, row.state.name() == StateName::Done);
        let tax_no = row.message.tax_no.clone();
        let of = |order| (tax, VersionId { period, order });
        let newest = self.versions.range(of(Fence(i64::MIN))..=of(Fence(i64::MAX)));
        let newest = newest.last().map(|(id, kept)| (*id, NewestVersion::of(&kept.version)));
        let known = newest.as_ref().map(|(_, newest)| newest);
        match VersionStep::of(kind, succeeded, note, known) {
            VersionStep::Nothing => {}
            VersionStep::Withdraw => {
                if let Some(kept) = newest.and_then(|(id, _)| self.versions.get_mut(&id)) {
                    kept.version.withdrawn_at = Some(note.at);
                }
            }
            VersionStep::Keep => {
                let table = self.statistic_tables.get(&(tax, period));
                let version = TableVersion {
                    tax_no,
                    id: VersionId { period, order: fence },
                    task,
                    kind,
                    state: note.state,
                    known: table.and_then(|table| table.known.clone()),
                    ours: self.ours(tax, period),
                    at: note.at,
                    withdrawn_at: None,
                    file: None,
                };
                let kept = KeptVersion { version, due: self.now };
                self.versions.entry(of(fence)).or_insert(kept);
            }
        }
    }
}

#[async_trait]
impl TableVersions for MemoryStore {
    async fn versions(
        &self,
        of: &TaxNo,
        period: Option<TaxPeriod>,
        after: Option<VersionId>,
        limit: usize,
    ) -> Result<Vec<TableVersion>, StoreError> {
        let book = self.open();
        let all = book.versions.values().map(|kept| &kept.version);
        let mut found: Vec<&TableVersion> = all
            .filter(|version| {
                version.tax_no == *of
                    && period.is_none_or(|period| version.id.period == period)
                    && after.is_none_or(|after| version.id < after)
            })
            .collect();
        found.sort_by_key(|version| Reverse(version.id));
        Ok(found.into_iter().take(limit).cloned().collect())
    }

    async fn version(&self, of: &TaxNo, id: VersionId) -> Result<Option<TableVersion>, StoreError> {
        let book = self.open();
        let tax = book.tax_ids.get(of).copied();
        let kept = tax.and_then(|tax| book.versions.get(&(tax, id)));
        Ok(kept.map(|kept| kept.version.clone()))
    }

    async fn take_fileless(&self, lease: Duration) -> Result<Option<TableVersion>, StoreError> {
        let mut book = self.open();
        let now = book.now;
        let fileless = book.versions.values_mut().filter(|kept| kept.version.file.is_none());
        let due = fileless.filter(|kept| kept.due <= now).min_by_key(|kept| kept.due);
        Ok(due.map(|kept| {
            kept.due = now + lease;
            kept.version.clone()
        }))
    }

    async fn note_version_file(
        &self,
        of: &TaxNo,
        id: VersionId,
        file: &VersionFile,
    ) -> Result<bool, StoreError> {
        let mut book = self.open();
        let tax = book.tax_ids.get(of).copied();
        let kept = tax.and_then(|tax| book.versions.get_mut(&(tax, id)));
        let Some(kept) = kept.filter(|kept| kept.version.file.is_none()) else { return Ok(false) };
        kept.version.file = Some(file.clone());
        Ok(true)
    }

    async fn selected(
        &self,
        of: &TaxNo,
        period: TaxPeriod,
        after: Option<&InvoiceKey>,
        limit: usize,
    ) -> Result<Vec<Invoice>, StoreError> {
        let book = self.open();
        let Some(tax) = book.tax_ids.get(of).copied() else { return Ok(Vec::new()) };
        let place = |key: &InvoiceKey| (key.number.clone(), key.code.clone());
        let after = after.map(place);
        let selected = book.pool.iter().filter(|((buyer, key), facts)| {
            *buyer == tax
                && facts.selection.has_period()
                && facts.period == Some(period)
                && after.as_ref().is_none_or(|after| place(key) > *after)
        });
        let kept = selected.filter_map(|(key, facts)| {
            Some(Invoice { facts: facts.clone(), ..book.whole_invoice(key)? })
        });
        let mut found: Vec<Invoice> = kept.collect();
        found.sort_by_key(|invoice| place(&invoice.facts.key));
        found.truncate(limit);
        Ok(found)
    }
}

/// Files as plain text: what is in them can be looked for.
#[derive(Debug, Default)]
pub struct MemoryTableFiles;

#[derive(Debug)]
struct Text(String);

impl TableFiles for MemoryTableFiles {
    fn begin(
        &self,
        version: &TableVersion,
        read_at: Moment,
        left_out: &str,
    ) -> Result<Box<dyn OpenTable>, NotWritten> {
        let TableVersion { tax_no, id, state, .. } = version;
        Ok(Box::new(Text(format!("{tax_no} {id} {} {read_at} {left_out}\n", state.name()))))
    }
}

#[async_trait]
impl OpenTable for Text {
    fn add(&mut self, invoices: &[Invoice]) -> Result<(), NotWritten> {
        let line = |text: &mut String, invoice: &Invoice| writeln!(text, "{}", invoice.facts.key);
        let written = invoices.iter().try_for_each(|invoice| line(&mut self.0, invoice));
        written.map_err(|error| NotWritten(error.to_string()))
    }

    async fn finish(self: Box<Self>) -> Result<Vec<u8>, NotWritten> {
        Ok(self.0.into_bytes())
    }
}
