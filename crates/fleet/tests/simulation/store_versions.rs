//! Versions of statistic tables as one worker reaches them.

use crate::{life::Weight, store_port::StorePort};
use async_trait::async_trait;
use domain::{
    invoice::{Invoice, InvoiceKey},
    period::TaxPeriod,
    statistic::{TableVersion, VersionFile, VersionId},
    tax_no::TaxNo,
};
use fleet::ports::{StoreError, versions::TableVersions};
use std::time::Duration;

#[async_trait]
impl TableVersions for StorePort {
    async fn versions(
        &self,
        of: &TaxNo,
        period: Option<TaxPeriod>,
        after: Option<VersionId>,
        limit: usize,
    ) -> Result<Vec<TableVersion>, StoreError> {
        let effect = self.store().versions(of, period, after, limit);
        self.pass("versions", Weight::Quiet, effect, |_| None).await
    }

    async fn version(&self, of: &TaxNo, id: VersionId) -> Result<Option<TableVersion>, StoreError> {
        self.pass("version", Weight::Quiet, self.store().version(of, id), |_| None).await
    }

    async fn take_fileless(&self, lease: Duration) -> Result<Option<TableVersion>, StoreError> {
        let effect = self.store().take_fileless(lease);
        self.pass("take_fileless", Weight::Quiet, effect, |taken| {
            let version = taken.as_ref()?;
            Some(format!("{} {}", version.tax_no, version.id))
        })
        .await
    }

    async fn note_version_file(
        &self,
        of: &TaxNo,
        id: VersionId,
        file: &VersionFile,
    ) -> Result<bool, StoreError> {
        let effect = self.store().note_version_file(of, id, file);
        self.pass("note_version_file", Weight::Loud, effect, |noted| {
            Some(format!("{of} {id} {noted:?}"))
        })
        .await
    }

    async fn selected(
        &self,
        of: &TaxNo,
        period: TaxPeriod,
        after: Option<&InvoiceKey>,
        limit: usize,
    ) -> Result<Vec<Invoice>, StoreError> {
        let effect = self.store().selected(of, period, after, limit);
        self.pass("selected", Weight::Quiet, effect, |_| None).await
    }
}
