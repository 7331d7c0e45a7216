//! Who exists, and what is known of them.

use super::{
    PostgresStore,
    fault::Fault,
    switch,
    work::{SessionColumns, TaxpayerColumns},
};
use crate::{
    codec,
    facts_row::{self, AskedRow},
};
use async_trait::async_trait;
use domain::{
    Moment,
    bureau::LaneKey,
    ids::{Fence, LaneId, TaxId, WorkerId},
    invoice::{InvoiceKey, PoolInvoice},
    schedule::SwitchHistory,
    tax_no::TaxNo,
    taxpayer::Taxpayer,
    world::World,
};
use fleet::ports::{
    StoreError,
    roster::{Imported, Lane, Roster, SessionNoted, SessionReport},
};

#[derive(Debug, sqlx::FromRow)]
struct TaxpayerRow {
    n: i64,
    #[sqlx(flatten)]
    taxpayer: TaxpayerColumns,
}

#[derive(Debug, sqlx::FromRow)]
struct LaneRow {
    id: i32,
    bureau: i32,
    account: String,
    channel: String,
    width: i16,
    owner: Option<i32>,
    paused_by: Option<String>,
    paused_reason: Option<String>,
    paused_since: Option<Moment>,
    needs_person: Option<bool>,
    throttled_until: Option<Moment>,
    current_tax_id: Option<i32>,
    full_since: Option<Moment>,
    version: i64,
    #[sqlx(flatten)]
    session: SessionColumns,
}

impl LaneRow {
    fn lane(self) -> Result<Lane, Fault> {
        Ok(Lane {
            id: LaneId(self.id),
            key: codec::lane_key(self.bureau, &self.account)?,
            channel: codec::read(&self.channel)?,
            width: codec::count(self.width),
            owner: self.owner.map(WorkerId),
            paused: codec::pause_note(self.paused_by, self.paused_reason, self.paused_since),
            session: self.session.session()?,
            needs_person: self.needs_person.unwrap_or(false),
            throttled_until: self.throttled_until,
            current_tax: self.current_tax_id.map(TaxId),
            full_since: self.full_since,
            version: self.version,
        })
    }
}

/// Puts what was found, with its number from 1, where it was asked for.
fn in_order<T: Clone>(
    asked: usize,
    found: impl Iterator<Item = Result<(i64, T), Fault>>,
) -> Result<Vec<Option<T>>, StoreError> {
    let mut order = vec![None; asked];
    for item in found {
        let (n, item) = item?;
        let index: usize = codec::count(n - 1);
        order[index] = Some(item);
    }
    Ok(order)
}

impl PostgresStore {
    pub(super) async fn lanes_by_id(&self, ids: &[i32]) -> Result<Vec<Lane>, Fault> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<LaneRow> =
            sqlx::query_as(sql!("roster/lanes")).bind(ids).fetch_all(&self.pool).await?;
        rows.into_iter().map(LaneRow::lane).collect()
    }
}

#[async_trait]
impl Roster for PostgresStore {
    async fn import(&self, world: &World, leqi_width: u16) -> Result<Imported, StoreError> {
        self.import_world(world, leqi_width).await
    }

    async fn taxpayers(&self, of: &[TaxNo]) -> Result<Vec<Option<Taxpayer>>, StoreError> {
        let rows: Vec<TaxpayerRow> = sqlx::query_as(sql!("roster/taxpayers"))
            .bind(of.iter().map(TaxNo::as_str).collect::<Vec<_>>())
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        let found = rows.into_iter().map(|row| Ok((row.n, row.taxpayer.taxpayer()?)));
        in_order(of.len(), found)
    }

    async fn invoices(
        &self,
        of: &[(TaxId, InvoiceKey)],
    ) -> Result<Vec<Option<PoolInvoice>>, StoreError> {
        let rows: Vec<AskedRow> = sqlx::query_as(sql!("roster/invoices"))
            .bind(of.iter().map(|(tax, _)| tax.0).collect::<Vec<_>>())
            .bind(of.iter().map(|(_, key)| key.number.as_str()).collect::<Vec<_>>())
            .bind(of.iter().map(|(_, key)| key.code.as_str()).collect::<Vec<_>>())
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        let known = facts_row::in_order(of.len(), rows)?.into_iter();
        Ok(known.map(|known| known.map(|known| facts_row::seen_by(known, None))).collect())
    }

    async fn lanes_of(&self, keys: &[LaneKey]) -> Result<Vec<Option<LaneId>>, StoreError> {
        let bureaus: Vec<i32> = keys.iter().map(|key| codec::bureau_number(key.bureau)).collect();
        let rows: Vec<(i64, i32)> = sqlx::query_as(sql!("roster/lanes_of"))
            .bind(bureaus)
            .bind(keys.iter().map(|key| key.account.as_str()).collect::<Vec<_>>())
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        in_order(keys.len(), rows.into_iter().map(|(n, id)| Ok((n, LaneId(id)))))
    }

    async fn lanes(&self, of: Option<&[LaneId]>) -> Result<Vec<Lane>, StoreError> {
        let ids: Vec<i32> = match of {
            Some(of) => of.iter().map(|lane| lane.0).collect(),
            None => {
                let ids = sqlx::query_scalar(sql!("roster/lane_ids")).fetch_all(&self.pool).await;
                ids.map_err(Fault::from)?
            }
        };
        Ok(self.lanes_by_id(&ids).await?)
    }

    async fn switches(&self, of: &[LaneId]) -> Result<Vec<SwitchHistory>, StoreError> {
        let ids: Vec<i32> = of.iter().map(|lane| lane.0).collect();
        let mut made = switch::histories(&self.pool, &ids).await?;
        Ok(of.iter().map(|lane| made.remove(lane).unwrap_or_default()).collect())
    }

    async fn forget_current(&self, lane: LaneId, fence: Fence) -> Result<(), StoreError> {
        self.forget_current_of(lane, fence).await
    }

    async fn session_changed(&self, report: &SessionReport) -> Result<SessionNoted, StoreError> {
        self.note_session(report).await
    }
}
