//! Looking at who exists, and changing it. One writer at a time: what is read stands until the end.

use super::{
    SqliteStore, Tx,
    columns::{self, moment},
    fault::Fault,
    import, roster,
};
use crate::{
    codec,
    registry_rows::{
        AccountColumns, AccountRowColumns, PayerColumns, ServedByColumns, ServesColumns,
        world_of_account, world_of_taxpayer,
    },
};
use async_trait::async_trait;
use domain::{
    bureau::LaneKey,
    ids::{LaneId, TaxId},
    roster::{
        AccountEdit, AccountFacts, account_may_become, taxpayer_may_become, taxpayer_subject,
    },
    tax_no::TaxNo,
    world::{WorldAccount, WorldTaxpayer},
};
use fleet::ports::{
    StoreError,
    desk::Note,
    registry::{
        AccountCard, AccountChange, AccountFilter, AccountRow, Changed, Edited, Registry, ServedBy,
        TaxpayerCard, TaxpayerChange, TaxpayerFilter, TaxpayerRow,
    },
};

async fn tax_id(tx: &mut Tx, tax_no: &TaxNo) -> Result<Option<TaxId>, Fault> {
    let query = sqlx::query_scalar(sql!("registry/tax_id")).bind(tax_no.as_str());
    Ok(query.fetch_optional(&mut **tx).await?.map(TaxId))
}

async fn taxpayer(tx: &mut Tx, tax_no: &TaxNo) -> Result<Option<TaxpayerRow>, Fault> {
    let row: Option<PayerColumns<i64>> = sqlx::query_as(sql!("registry/taxpayer"))
        .bind(tax_no.as_str())
        .fetch_optional(&mut **tx)
        .await?;
    Ok(row.map(|row| row.told(moment)).transpose()?)
}

async fn served_by(tx: &mut Tx, tax_no: &TaxNo) -> Result<Vec<ServedBy>, Fault> {
    let rows: Vec<ServedByColumns> = sqlx::query_as(sql!("registry/served_by"))
        .bind(tax_no.as_str())
        .fetch_all(&mut **tx)
        .await?;
    Ok(rows.into_iter().map(ServedByColumns::told).collect::<Result<_, _>>()?)
}

/// The account and its lane's number.
async fn account(tx: &mut Tx, lane: &LaneKey) -> Result<Option<(i32, AccountCard)>, Fault> {
    let row: Option<AccountColumns> = sqlx::query_as(sql!("registry/account"))
        .bind(codec::bureau_number(lane.bureau))
        .bind(lane.account.as_str())
        .fetch_optional(&mut **tx)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let serves: Vec<ServesColumns> =
        sqlx::query_as(sql!("registry/serves")).bind(row.lane_id).fetch_all(&mut **tx).await?;
    Ok(Some((row.lane_id, row.card(lane, serves)?)))
}

/// Its tasks that have not ended; of one lane alone when it is named.
async fn unfinished(tx: &mut Tx, tax: Option<TaxId>, lane: Option<i32>) -> Result<u64, Fault> {
    let Some(tax) = tax else { return Ok(0) };
    let count: i64 = sqlx::query_scalar(sql!("registry/unfinished"))
        .bind(tax.0)
        .bind(lane)
        .fetch_one(&mut **tx)
        .await?;
    Ok(codec::count(count))
}

impl SqliteStore {
    async fn change_taxpayer(
        &self,
        change: &TaxpayerChange,
        note: &Note,
    ) -> Result<Edited<WorldTaxpayer>, Fault> {
        let after = &change.after;
        let mut tx = self.begin().await?;
        let tax = tax_id(&mut tx, &after.tax_no).await?;
        let before = taxpayer(&mut tx, &after.tax_no).await?.map(|row| row.settings);
        let waiting = unfinished(&mut tx, tax, None).await?;
        let accounts = served_by(&mut tx, &after.tax_no).await?.len();
        let allowed = taxpayer_may_become(before.as_ref(), after, &change.seen, waiting, accounts);
        if let Err(refusal) = allowed {
            return Ok(Err(refusal));
        }
        let world = world_of_taxpayer(after);
        let touched = import::write_taxpayers(&mut tx, &world, change.leqi_width).await?;
        roster::bump(&mut tx, touched).await?;
        let subject = taxpayer_subject(&after.tax_no);
        self.audit(&mut tx, "set_taxpayer", &subject, note).await?;
        tx.commit().await?;
        Ok(Ok(Changed { before, after: after.clone() }))
    }

    async fn change_account(
        &self,
        change: &AccountChange,
        note: &Note,
    ) -> Result<Edited<WorldAccount>, Fault> {
        let AccountChange { lane, edit, seen } = change;
        let mut tx = self.begin().await?;
        let (tax, payer) = match edit.tax_no() {
            None => (None, None),
            Some(tax_no) => {
                let tax = tax_id(&mut tx, tax_no).await?;
                (tax, taxpayer(&mut tx, tax_no).await?.map(|row| row.settings))
            }
        };
        let (lane_id, before) = account(&mut tx, lane).await?.unzip();
        let before = before.map(|card| card.settings);
        let unfinished = match lane_id {
            None => 0,
            lane => unfinished(&mut tx, tax, lane).await?,
        };
        let facts = AccountFacts { before: before.as_ref(), taxpayer: payer.as_ref(), unfinished };
        let after = match account_may_become(lane, edit, seen, facts) {
            Ok(after) => after,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let touched = match edit {
            AccountEdit::Unserve(_) => {
                sqlx::query(sql!("registry/unserve"))
                    .bind(tax.map(|tax| tax.0))
                    .bind(lane_id)
                    .execute(&mut *tx)
                    .await?;
                lane_id.map(LaneId)
            }
            AccountEdit::Login(_) | AccountEdit::Serve(_) => {
                let world = world_of_account(&after, edit.tax_no());
                let written = import::write_accounts(&mut tx, &world, self.now()).await?;
                written.into_iter().next()
            }
        };
        roster::bump(&mut tx, touched).await?;
        self.audit(&mut tx, edit.action(), &edit.subject(lane), note).await?;
        tx.commit().await?;
        Ok(Ok(Changed { before, after }))
    }

    async fn read_taxpayers(
        &self,
        filter: &TaxpayerFilter,
        after: Option<&TaxNo>,
        limit: usize,
    ) -> Result<Vec<TaxpayerRow>, Fault> {
        let rows: Vec<PayerColumns<i64>> = sqlx::query_as(sql!("registry/taxpayer_rows"))
            .bind(after.map_or("", TaxNo::as_str))
            .bind(&filter.tax_no)
            .bind(&filter.name)
            .bind(filter.kind.map(codec::name))
            .bind(&filter.channel)
            .bind(filter.bureau.map(codec::bureau_number))
            .bind(&filter.tax_org)
            .bind(filter.paused)
            .bind(filter.within.as_ref().map(|orgs| columns::rows(orgs)))
            .bind(codec::count::<_, i64>(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(rows.into_iter().map(|row| row.told(moment)).collect::<Result<_, _>>()?)
    }

    async fn read_taxpayer(&self, tax_no: &TaxNo) -> Result<Option<TaxpayerCard>, Fault> {
        let mut tx = self.read().await?;
        let Some(row) = taxpayer(&mut tx, tax_no).await? else { return Ok(None) };
        let accounts = served_by(&mut tx, tax_no).await?;
        Ok(Some(TaxpayerCard { row, accounts }))
    }

    async fn read_accounts(
        &self,
        filter: &AccountFilter,
        after: Option<&LaneKey>,
        limit: usize,
    ) -> Result<Vec<AccountRow>, Fault> {
        let rows: Vec<AccountRowColumns> = sqlx::query_as(sql!("registry/account_rows"))
            .bind(after.map_or(0, |after| codec::bureau_number(after.bureau)))
            .bind(after.map_or("", |after| after.account.as_str()))
            .bind(filter.bureau.map(codec::bureau_number))
            .bind(&filter.account)
            .bind(filter.login.map(codec::name))
            .bind(filter.online)
            .bind(filter.needs_person)
            .bind(codec::count::<_, i64>(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(rows.into_iter().map(AccountRowColumns::told).collect::<Result<_, _>>()?)
    }

    async fn read_account(&self, lane: &LaneKey) -> Result<Option<AccountCard>, Fault> {
        let mut tx = self.read().await?;
        Ok(account(&mut tx, lane).await?.map(|(_, card)| card))
    }
}

#[async_trait]
impl Registry for SqliteStore {
    async fn taxpayer_rows(
        &self,
        filter: &TaxpayerFilter,
        after: Option<&TaxNo>,
        limit: usize,
    ) -> Result<Vec<TaxpayerRow>, StoreError> {
        Ok(self.read_taxpayers(filter, after, limit).await?)
    }

    async fn taxpayer_card(&self, tax_no: &TaxNo) -> Result<Option<TaxpayerCard>, StoreError> {
        Ok(self.read_taxpayer(tax_no).await?)
    }

    async fn account_rows(
        &self,
        filter: &AccountFilter,
        after: Option<&LaneKey>,
        limit: usize,
    ) -> Result<Vec<AccountRow>, StoreError> {
        Ok(self.read_accounts(filter, after, limit).await?)
    }

    async fn account_card(&self, lane: &LaneKey) -> Result<Option<AccountCard>, StoreError> {
        Ok(self.read_account(lane).await?)
    }

    async fn set_taxpayer(
        &self,
        change: &TaxpayerChange,
        note: &Note,
    ) -> Result<Edited<WorldTaxpayer>, StoreError> {
        Ok(self.change_taxpayer(change, note).await?)
    }

    async fn set_account(
        &self,
        change: &AccountChange,
        note: &Note,
    ) -> Result<Edited<WorldAccount>, StoreError> {
        Ok(self.change_account(change, note).await?)
    }
}
