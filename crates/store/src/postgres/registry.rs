//! Looking at who exists, and changing it.
//!
//! Changes of one name wait for each other; a change that concerns a tax number's lanes also waits
//! for what is being logged for it (`being_logged`), so that it counts all unfinished tasks, and what
//! comes to be logged later sees it.

use super::{PostgresStore, Tx, being_logged, desk, fault::Fault, import, split};
use crate::{
    codec,
    registry_rows::{
        AccountColumns, AccountRowColumns, PayerColumns, ServedByColumns, ServesColumns,
        world_of_account, world_of_taxpayer,
    },
};
use async_trait::async_trait;
use domain::{
    Moment,
    bureau::LaneKey,
    ids::TaxId,
    roster::{
        AccountEdit, AccountFacts, account_may_become, account_subject, taxpayer_may_become,
        taxpayer_subject,
    },
    task::body_hash,
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

/// The first key of these locks, among all two-key advisory locks of the database.
const SPACE: i32 = 0x7267_7379;

/// Two subjects with one number wait for each other, and nothing else.
async fn lock(tx: &mut Tx, subject: &str) -> Result<(), Fault> {
    let [a, b, c, d, ..] = body_hash(subject.as_bytes());
    let number = i32::from_be_bytes([a, b, c, d]);
    sqlx::query(sql!("registry/lock")).bind(SPACE).bind(number).execute(&mut **tx).await?;
    Ok(())
}

/// The taxpayer's number, with nobody logging tasks for it or changing it until the end.
async fn lock_taxpayer(tx: &mut Tx, tax_no: &TaxNo) -> Result<Option<TaxId>, Fault> {
    let id: Option<i32> = sqlx::query_scalar(sql!("registry/lock_taxpayer"))
        .bind(tax_no.as_str())
        .fetch_optional(&mut **tx)
        .await?;
    let tax = id.map(TaxId);
    if let Some(tax) = tax {
        being_logged::hold_off(tx, tax).await?;
    }
    Ok(tax)
}

async fn taxpayer(tx: &mut Tx, tax_no: &TaxNo) -> Result<Option<TaxpayerRow>, Fault> {
    let row: Option<PayerColumns<Moment>> = sqlx::query_as(sql!("registry/taxpayer"))
        .bind(tax_no.as_str())
        .fetch_optional(&mut **tx)
        .await?;
    Ok(row.map(|row| row.told(|at| at)).transpose()?)
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

impl PostgresStore {
    async fn taxpayer_changed(
        &self,
        change: &TaxpayerChange,
        note: &Note,
    ) -> Result<Edited<WorldTaxpayer>, Fault> {
        let after = &change.after;
        let subject = taxpayer_subject(&after.tax_no);
        let mut tx = self.begin().await?;
        lock(&mut tx, &subject).await?;
        let tax = lock_taxpayer(&mut tx, &after.tax_no).await?;
        let before = taxpayer(&mut tx, &after.tax_no).await?.map(|row| row.settings);
        let waiting = unfinished(&mut tx, tax, None).await?;
        let accounts = served_by(&mut tx, &after.tax_no).await?.len();
        let allowed = taxpayer_may_become(before.as_ref(), after, &change.seen, waiting, accounts);
        if let Err(refusal) = allowed {
            return Ok(Err(refusal));
        }
        let world = world_of_taxpayer(after);
        import::write_taxpayers(&mut tx, &world.taxpayers).await?;
        import::write_lanes(&mut tx, &world, import::width_column(change.leqi_width)?).await?;
        import::write_serves(&mut tx, &world).await?;
        desk::audit(&mut tx, note, "set_taxpayer", &[subject]).await?;
        tx.commit().await?;
        Ok(Ok(Changed { before, after: after.clone() }))
    }

    async fn account_changed(
        &self,
        change: &AccountChange,
        note: &Note,
    ) -> Result<Edited<WorldAccount>, Fault> {
        let AccountChange { lane, edit, seen } = change;
        let mut tx = self.begin().await?;
        lock(&mut tx, &account_subject(lane)).await?;
        let (tax, payer) = match edit.tax_no() {
            None => (None, None),
            Some(tax_no) => {
                let tax = lock_taxpayer(&mut tx, tax_no).await?;
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
        match edit {
            AccountEdit::Unserve(_) => {
                sqlx::query(sql!("registry/unserve"))
                    .bind(tax.map(|tax| tax.0))
                    .bind(lane_id)
                    .execute(&mut *tx)
                    .await?;
            }
            AccountEdit::Login(_) | AccountEdit::Serve(_) => {
                let world = world_of_account(&after, edit.tax_no());
                import::write_lanes(&mut tx, &world, 1).await?;
                import::write_accounts(&mut tx, &world).await?;
                import::write_serves(&mut tx, &world).await?;
                import::release_held(&mut tx, &world).await?;
            }
        }
        desk::audit(&mut tx, note, edit.action(), &[edit.subject(lane)]).await?;
        tx.commit().await?;
        Ok(Ok(Changed { before, after }))
    }
}

#[async_trait]
impl Registry for PostgresStore {
    async fn taxpayer_rows(
        &self,
        filter: &TaxpayerFilter,
        after: Option<&TaxNo>,
        limit: usize,
    ) -> Result<Vec<TaxpayerRow>, StoreError> {
        let rows: Vec<PayerColumns<Moment>> = sqlx::query_as(sql!("registry/taxpayer_rows"))
            .bind(after.map_or("", TaxNo::as_str))
            .bind(&filter.tax_no)
            .bind(&filter.name)
            .bind(filter.kind.map(codec::name))
            .bind(&filter.channel)
            .bind(filter.bureau.map(codec::bureau_number))
            .bind(&filter.tax_org)
            .bind(filter.paused)
            .bind(&filter.within)
            .bind(codec::count::<_, i64>(limit))
            // Not kept: a plan for one filter is wrong for the next.
            .persistent(false)
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        rows.into_iter().map(|row| row.told(|at| at)).collect()
    }

    async fn taxpayer_card(&self, tax_no: &TaxNo) -> Result<Option<TaxpayerCard>, StoreError> {
        let mut tx = self.begin().await?;
        let Some(row) = taxpayer(&mut tx, tax_no).await? else { return Ok(None) };
        let accounts = served_by(&mut tx, tax_no).await?;
        Ok(Some(TaxpayerCard { row, accounts }))
    }

    async fn account_rows(
        &self,
        filter: &AccountFilter,
        after: Option<&LaneKey>,
        limit: usize,
    ) -> Result<Vec<AccountRow>, StoreError> {
        let rows: Vec<AccountRowColumns> = sqlx::query_as(sql!("registry/account_rows"))
            .bind(after.map_or(0, |after| codec::bureau_number(after.bureau)))
            .bind(after.map_or("", |after| after.account.as_str()))
            .bind(filter.bureau.map(codec::bureau_number))
            .bind(&filter.account)
            .bind(filter.login.map(codec::name))
            .bind(filter.online)
            .bind(filter.needs_person)
            .bind(codec::count::<_, i64>(limit))
            .persistent(false)
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        rows.into_iter().map(AccountRowColumns::told).collect()
    }

    async fn account_card(&self, lane: &LaneKey) -> Result<Option<AccountCard>, StoreError> {
        let mut tx = self.begin().await?;
        Ok(account(&mut tx, lane).await?.map(|(_, card)| card))
    }

    async fn set_taxpayer(
        &self,
        change: &TaxpayerChange,
        note: &Note,
    ) -> Result<Edited<WorldTaxpayer>, StoreError> {
        split::again(|| self.taxpayer_changed(change, note)).await
    }

    async fn set_account(
        &self,
        change: &AccountChange,
        note: &Note,
    ) -> Result<Edited<WorldAccount>, StoreError> {
        split::again(|| self.account_changed(change, note)).await
    }
}
