//! The ledger as one worker reaches it.

use crate::{life::Weight, store_port::StorePort};
use async_trait::async_trait;
use fleet::ports::{
    StoreError,
    ledger::{AfterLine, Ledger, LedgerEntry, LedgerFilter},
};

#[async_trait]
impl Ledger for StorePort {
    async fn ledger(
        &self,
        filter: &LedgerFilter,
        after: Option<&AfterLine>,
        limit: usize,
    ) -> Result<Vec<LedgerEntry>, StoreError> {
        let effect = self.store().ledger(filter, after, limit);
        self.pass("ledger", Weight::Quiet, effect, |_| None).await
    }
}
