//! Taxpayers and accounts, one at a time, as one worker reaches them.

use crate::{life::Weight, store_port::StorePort};
use async_trait::async_trait;
use domain::{
    bureau::LaneKey,
    tax_no::TaxNo,
    world::{WorldAccount, WorldTaxpayer},
};
use fleet::ports::{
    StoreError,
    desk::Note,
    registry::{
        AccountCard, AccountChange, AccountFilter, AccountRow, Edited, Registry, TaxpayerCard,
        TaxpayerChange, TaxpayerFilter, TaxpayerRow,
    },
};

#[async_trait]
impl Registry for StorePort {
    async fn taxpayer_rows(
        &self,
        filter: &TaxpayerFilter,
        after: Option<&TaxNo>,
        limit: usize,
    ) -> Result<Vec<TaxpayerRow>, StoreError> {
        let effect = self.store().taxpayer_rows(filter, after, limit);
        self.pass("taxpayer_rows", Weight::Quiet, effect, |_| None).await
    }

    async fn taxpayer_card(&self, tax_no: &TaxNo) -> Result<Option<TaxpayerCard>, StoreError> {
        let effect = self.store().taxpayer_card(tax_no);
        self.pass("taxpayer_card", Weight::Quiet, effect, |_| None).await
    }

    async fn account_rows(
        &self,
        filter: &AccountFilter,
        after: Option<&LaneKey>,
        limit: usize,
    ) -> Result<Vec<AccountRow>, StoreError> {
        let effect = self.store().account_rows(filter, after, limit);
        self.pass("account_rows", Weight::Quiet, effect, |_| None).await
    }

    async fn account_card(&self, lane: &LaneKey) -> Result<Option<AccountCard>, StoreError> {
        self.pass("account_card", Weight::Quiet, self.store().account_card(lane), |_| None).await
    }

    async fn set_taxpayer(
        &self,
        change: &TaxpayerChange,
        note: &Note,
    ) -> Result<Edited<WorldTaxpayer>, StoreError> {
        let effect = self.store().set_taxpayer(change, note);
        self.pass("set_taxpayer", Weight::Loud, effect, |_| Some(String::new())).await
    }

    async fn set_account(
        &self,
        change: &AccountChange,
        note: &Note,
    ) -> Result<Edited<WorldAccount>, StoreError> {
        let effect = self.store().set_account(change, note);
        self.pass("set_account", Weight::Loud, effect, |_| Some(String::new())).await
    }
}
