//! Versions of statistic tables: kept for good in the transaction that ends the task which told of them
//! ([`domain::statistic::VersionStep`]), and made into files afterwards.

use super::StoreError;
use async_trait::async_trait;
use domain::{
    invoice::{Invoice, InvoiceKey},
    period::TaxPeriod,
    statistic::{TableVersion, VersionFile, VersionId},
    tax_no::TaxNo,
};
use std::{fmt::Debug, time::Duration};

#[async_trait]
pub trait TableVersions: Send + Sync + Debug {
    /// A page of a tax number's versions, of one period or of all, the newest first: by period, then
    /// order. A tax number that nobody knows has none.
    async fn versions(
        &self,
        of: &TaxNo,
        period: Option<TaxPeriod>,
        after: Option<VersionId>,
        limit: usize,
    ) -> Result<Vec<TableVersion>, StoreError>;

    /// None: there is no such version.
    async fn version(&self, of: &TaxNo, id: VersionId) -> Result<Option<TableVersion>, StoreError>;

    /// The version without a file that is due longest. It is due again after this long, by the
    /// store's clock: whoever takes it has made the file by then, or has died. None: none is due.
    async fn take_fileless(&self, lease: Duration) -> Result<Option<TableVersion>, StoreError>;

    /// Notes the file of a version. False: it has one already, which stays, or there is no such
    /// version.
    async fn note_version_file(
        &self,
        of: &TaxNo,
        id: VersionId,
        file: &VersionFile,
    ) -> Result<bool, StoreError>;

    /// A page of what the pool has selected for a period now, which is what a version's `ours`
    /// counts, rebates beside it: by number, then code. Each as the pool keeps it, whether a task
    /// holds it or not.
    async fn selected(
        &self,
        of: &TaxNo,
        period: TaxPeriod,
        after: Option<&InvoiceKey>,
        limit: usize,
    ) -> Result<Vec<Invoice>, StoreError>;
}
