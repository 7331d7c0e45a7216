//! Files of statistic table versions: each is written from its version and the pool, kept in the file
//! store, and noted. Whoever dies on the way has left nothing but bytes: the version is due again.

#[cfg(test)]
mod tests;

use crate::{
    meter::{Meter, label},
    ports::{
        Store, StoreError,
        clock::Clock,
        files::{FileError, FileKept, FileStore, KEPT_BYTES},
        table_files::{NotWritten, TableFiles},
    },
};
use domain::{
    Moment,
    statistic::{TableVersion, VersionFile},
};
use std::{collections::BTreeSet, sync::Arc, time::Duration};

/// How long nobody else makes a file that somebody has begun, and when one that failed is tried
/// again.
pub const LEASE: Duration = Duration::from_secs(120);
/// Invoices of one file at most: of 118 bytes each, as 20,000 took, they are two thirds of [`KEPT_BYTES`].
pub const INVOICES: u64 = 200_000;
/// Invoices read in one go.
const PAGE: usize = 1_000;

/// The desk of these files.
#[derive(Debug, Clone)]
pub struct VersionFiles {
    pub store: Arc<dyn Store>,
    pub files: Arc<dyn FileStore>,
    pub writer: Arc<dyn TableFiles>,
    pub clock: Arc<dyn Clock>,
    pub meter: Arc<Meter>,
    /// [`INVOICES`], but for tests.
    pub most: u64,
}

/// Why a file was not made. It is due again after [`LEASE`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotMade {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Files(#[from] FileError),
    #[error(transparent)]
    Written(#[from] NotWritten),
    #[error("even without invoices it has more than {KEPT_BYTES} bytes")]
    TooLarge,
}

impl NotMade {
    /// Whether it would not go better with another version.
    fn concerns_all(&self) -> bool {
        matches!(self, NotMade::Store(StoreError::Away(_)) | NotMade::Files(_))
    }
}

/// What was written.
struct Written {
    bytes: Vec<u8>,
    invoices: u64,
    accounting_orgs: BTreeSet<String>,
}

impl VersionFiles {
    /// Makes what is due, one after the other, until nothing is or `enough` says so. How many were
    /// made.
    ///
    /// # Errors
    /// Only what concerns all of them; one that cannot be made spoils none of the others.
    pub async fn make_due(&self, enough: impl Fn() -> bool) -> Result<usize, NotMade> {
        let mut made = 0;
        while !enough() {
            let Some(version) = self.store.take_fileless(LEASE).await? else { break };
            match self.make(&version).await {
                Ok(file) => {
                    let whole = file.left_out.is_empty();
                    self.count(if whole { "made" } else { "without_invoices" });
                    made += 1;
                }
                Err(error) => {
                    self.count("failed");
                    if error.concerns_all() {
                        return Err(error);
                    }
                    tracing::error!(task = %version.task, %error, "a statistic table has no file");
                }
            }
        }
        Ok(made)
    }

    fn count(&self, outcome: &'static str) {
        self.meter.version_files.add(1, &label("outcome", outcome));
    }

    async fn make(&self, version: &TableVersion) -> Result<VersionFile, NotMade> {
        let read_at = self.clock.now();
        let too_many = format!("已勾选发票超过{}张，本文件不含发票明细，请分批导出。", self.most);
        let left_out = match self.written(version, read_at).await? {
            None => too_many,
            Some(written) => match self.kept(version, read_at, written, String::new()).await? {
                Some(file) => return Ok(file),
                None => format!(
                    "含发票明细的文件超过{KEPT_BYTES}字节，本文件不含发票明细，请分批导出。"
                ),
            },
        };
        let bytes = self.writer.begin(version, read_at, &left_out)?.finish().await?;
        let written = Written { bytes, invoices: 0, accounting_orgs: BTreeSet::new() };
        self.kept(version, read_at, written, left_out).await?.ok_or(NotMade::TooLarge)
    }

    /// The file with its invoices; None: there are more than a file may have.
    async fn written(
        &self,
        version: &TableVersion,
        read_at: Moment,
    ) -> Result<Option<Written>, NotMade> {
        let mut file = self.writer.begin(version, read_at, "")?;
        let (mut invoices, mut accounting_orgs) = (0, BTreeSet::new());
        let (of, period) = (&version.tax_no, version.id.period);
        let mut after = None;
        loop {
            let page = self.store.selected(of, period, after.as_ref(), PAGE).await?;
            invoices += u64::try_from(page.len()).unwrap_or(u64::MAX);
            if invoices > self.most {
                return Ok(None);
            }
            file.add(&page)?;
            let orgs = page.iter().map(|invoice| &invoice.accounting_org);
            for org in orgs.filter(|org| !org.is_empty()) {
                if !accounting_orgs.contains(org) {
                    accounting_orgs.insert(org.clone());
                }
            }
            after = page.last().map(|invoice| invoice.facts.key.clone());
            if page.len() < PAGE {
                break;
            }
        }
        let bytes = file.finish().await?;
        Ok(Some(Written { bytes, invoices, accounting_orgs }))
    }

    /// First the bytes, then the note of them; None: they are too many.
    async fn kept(
        &self,
        version: &TableVersion,
        read_at: Moment,
        written: Written,
        left_out: String,
    ) -> Result<Option<VersionFile>, NotMade> {
        let Written { bytes, invoices, accounting_orgs } = written;
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let outcome = self.files.keep(&[bytes.into()]).await?;
        let Some(FileKept::As(sha256)) = outcome.first().copied() else { return Ok(None) };
        let file = VersionFile {
            sha256,
            bytes: length,
            read_at,
            invoices,
            accounting_orgs: accounting_orgs.into_iter().collect(),
            left_out,
        };
        // Somebody else may have made it meanwhile: theirs stays.
        self.store.note_version_file(&version.tax_no, version.id, &file).await?;
        Ok(Some(file))
    }
}
