//! Uploaded lists as one worker reaches them.

use crate::{life::Weight, store_port::StorePort};
use async_trait::async_trait;
use domain::{
    invoice::InvoiceKey,
    list::{ListImport, ListRow, RowOutcome},
    taxpayer::TaxpayerKind,
};
use fleet::ports::{
    StoreError,
    batches::Kept,
    lists::{AfterList, Bought, ListBook},
};

#[async_trait]
impl ListBook for StorePort {
    async fn keep_list(&self, list: &ListImport) -> Result<Kept, StoreError> {
        let effect = self.store().keep_list(list);
        self.pass("keep_list", Weight::Loud, effect, |_| Some(String::new())).await
    }

    async fn list_import(&self, list_id: &str) -> Result<Option<ListImport>, StoreError> {
        self.pass("list_import", Weight::Quiet, self.store().list_import(list_id), |_| None).await
    }

    async fn list_imports(
        &self,
        after: Option<&AfterList>,
        limit: usize,
    ) -> Result<Vec<ListImport>, StoreError> {
        let effect = self.store().list_imports(after, limit);
        self.pass("list_imports", Weight::Quiet, effect, |_| None).await
    }

    async fn change_list(&self, list: &ListImport, rows: &[ListRow]) -> Result<bool, StoreError> {
        let effect = self.store().change_list(list, rows);
        self.pass("change_list", Weight::Loud, effect, |_| Some(String::new())).await
    }

    async fn list_rows(
        &self,
        list_id: &str,
        results: &[RowOutcome],
        after: u32,
        limit: usize,
    ) -> Result<Vec<ListRow>, StoreError> {
        let effect = self.store().list_rows(list_id, results, after, limit);
        self.pass("list_rows", Weight::Quiet, effect, |_| None).await
    }

    async fn bought(&self, keys: &[InvoiceKey]) -> Result<Vec<Vec<Bought>>, StoreError> {
        self.pass("bought", Weight::Quiet, self.store().bought(keys), |_| None).await
    }

    async fn kinds_of_orgs(
        &self,
        orgs: &[String],
    ) -> Result<Vec<Option<TaxpayerKind>>, StoreError> {
        self.pass("kinds_of_orgs", Weight::Quiet, self.store().kinds_of_orgs(orgs), |_| None).await
    }
}
