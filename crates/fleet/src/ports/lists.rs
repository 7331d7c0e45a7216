//! Uploaded lists (引入清单勾选) and the results of their rows.

use super::{StoreError, batches::Kept};
use async_trait::async_trait;
use domain::{
    Moment,
    invoice::{InvoiceKey, PoolInvoice},
    list::{ListImport, ListRow, RowOutcome},
    tax_no::TaxNo,
    taxpayer::TaxpayerKind,
};
use serde::{Deserialize, Serialize};
use std::fmt::Debug;

/// Where a page begins: after this list, newest first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AfterList {
    pub created_at: Moment,
    pub list_id: String,
}

/// An invoice that the pool has under a number, whoever its buyer is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bought {
    pub buyer: TaxNo,
    /// 核算组织
    pub accounting_org: String,
    /// `Selecting` while a task holds it.
    pub invoice: PoolInvoice,
}

#[async_trait]
pub trait ListBook: Send + Sync + Debug {
    /// Keeps a list that has come. Idempotent by id and [`ListImport::asked`].
    async fn keep_list(&self, list: &ListImport) -> Result<Kept, StoreError>;

    /// None: there is none with this id.
    async fn list_import(&self, list_id: &str) -> Result<Option<ListImport>, StoreError>;

    /// A page, newest first.
    async fn list_imports(
        &self,
        after: Option<&AfterList>,
        limit: usize,
    ) -> Result<Vec<ListImport>, StoreError>;

    /// Writes a changed list, if nobody has changed it since it was read with this version, and
    /// these rows over those of the same number: all or nothing. The list then has the next
    /// version.
    async fn change_list(&self, list: &ListImport, rows: &[ListRow]) -> Result<bool, StoreError>;

    /// Its rows with these results (none: all), by their number, after this one.
    async fn list_rows(
        &self,
        list_id: &str,
        results: &[RowOutcome],
        after: u32,
        limit: usize,
    ) -> Result<Vec<ListRow>, StoreError>;

    /// Every invoice of the pool with these keys, in the order asked, by the buyers' numbers.
    async fn bought(&self, keys: &[InvoiceKey]) -> Result<Vec<Vec<Bought>>, StoreError>;

    /// What kind of taxpayer each of these organisations is, in the order asked: small-scale if
    /// any of its tax numbers is. None: no taxpayer has it.
    async fn kinds_of_orgs(&self, orgs: &[String])
    -> Result<Vec<Option<TaxpayerKind>>, StoreError>;
}
