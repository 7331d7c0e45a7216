//! Who exists: taxpayers, lanes, invoices; and what switches do to lanes.

use super::{
    SqliteStore, Tx,
    columns::{self, micros, moment},
    counter::Counter,
    fault::Fault,
    work::{self, Asked, SessionColumns, TaxpayerColumns},
};
use crate::{codec, facts_row};
use async_trait::async_trait;
use chrono::TimeDelta;
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
    log::{SwitchNote, SwitchRequest},
    roster::{Imported, Lane, Roster, SessionNoted, SessionReport},
};
use std::collections::{BTreeSet, HashMap};

/// Switches older than this are outside every window.
const SWITCHES_KEPT: TimeDelta = TimeDelta::hours(25);

#[derive(Debug, sqlx::FromRow)]
struct LaneRow {
    id: i32,
    bureau: i32,
    account: String,
    channel: String,
    width: u16,
    owner: Option<i32>,
    paused_by: Option<String>,
    paused_reason: Option<String>,
    paused_since: Option<i64>,
    needs_person: bool,
    throttled_until: Option<i64>,
    current_tax_id: Option<i32>,
    full_since: Option<i64>,
    version: i64,
    #[sqlx(flatten)]
    session: SessionColumns,
}

/// The lane with this name.
pub(super) async fn lane_named(tx: &mut Tx, key: &LaneKey) -> Result<Option<LaneId>, Fault> {
    let id: Option<i32> = sqlx::query_scalar(sql!("roster/lane_named"))
        .bind(codec::bureau_number(key.bureau))
        .bind(key.account.as_str())
        .fetch_optional(&mut **tx)
        .await?;
    Ok(id.map(LaneId))
}

/// These lanes' gates have changed.
pub(super) async fn bump(
    tx: &mut Tx,
    lanes: impl IntoIterator<Item = LaneId>,
) -> Result<(), Fault> {
    let lanes: BTreeSet<i32> = lanes.into_iter().map(|lane| lane.0).collect();
    if lanes.is_empty() {
        return Ok(());
    }
    let mut version = Counter::GateVersion.take(tx, lanes.len()).await?;
    for lane in lanes {
        version += 1;
        let query = sqlx::query(sql!("roster/bump")).bind(lane).bind(version);
        query.execute(&mut **tx).await?;
    }
    Ok(())
}

async fn switches(
    tx: &mut Tx,
    lanes: &[i32],
    now: Moment,
) -> Result<HashMap<i32, Vec<Moment>>, Fault> {
    let rows: Vec<(i32, i64)> = sqlx::query_as(sql!("roster/switches"))
        .bind(columns::rows(lanes))
        .bind(micros(now - SWITCHES_KEPT))
        .fetch_all(&mut **tx)
        .await?;
    let mut switches: HashMap<i32, Vec<Moment>> = HashMap::new();
    for (lane, at) in rows {
        switches.entry(lane).or_default().push(moment(at));
    }
    Ok(switches)
}

pub(super) async fn lanes_by_id(tx: &mut Tx, ids: &[i32]) -> Result<Vec<Lane>, Fault> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<LaneRow> =
        sqlx::query_as(sql!("roster/lanes")).bind(columns::rows(ids)).fetch_all(&mut **tx).await?;
    let lane = |row: LaneRow| {
        let since = row.paused_since.map(moment);
        Ok(Lane {
            id: LaneId(row.id),
            key: codec::lane_key(row.bureau, &row.account)?,
            channel: codec::read(&row.channel)?,
            width: row.width,
            owner: row.owner.map(WorkerId),
            paused: codec::pause_note(row.paused_by, row.paused_reason, since),
            session: row.session.session()?,
            needs_person: row.needs_person,
            throttled_until: row.throttled_until.map(moment),
            current_tax: row.current_tax_id.map(TaxId),
            full_since: row.full_since.map(moment),
            version: row.version,
        })
    };
    rows.into_iter().map(lane).collect()
}

/// Writes a switch down, if its holder is current and the budget allows it.
pub(super) async fn note_switch(
    tx: &mut Tx,
    now: Moment,
    request: &SwitchRequest,
) -> Result<SwitchNote, Fault> {
    let SwitchRequest { lane, tax, fence, budget, .. } = *request;
    let holder: Option<i32> = sqlx::query_scalar(sql!("roster/holder"))
        .bind(lane.0)
        .bind(fence.0)
        .fetch_optional(&mut **tx)
        .await?;
    if holder != Some(tax.0) {
        return Ok(SwitchNote::Stale);
    }
    let made = switches(tx, &[lane.0], now).await?.remove(&lane.0).unwrap_or_default();
    let mut history = SwitchHistory::from_moments(made);
    if let Some(until) = budget.and_then(|limits| history.free_at(now, limits)) {
        return Ok(SwitchNote::Limited { until });
    }
    history.record(now);
    let free_at = budget.and_then(|limits| history.free_at(now, limits));
    sqlx::query(sql!("roster/switch"))
        .bind(lane.0)
        .bind(tax.0)
        .bind(fence.0)
        .bind(micros(now))
        .execute(&mut **tx)
        .await?;
    sqlx::query(sql!("roster/set_current"))
        .bind(lane.0)
        .bind(tax.0)
        .bind(free_at.map(micros))
        .execute(&mut **tx)
        .await?;
    if budget.is_some() {
        bump(tx, [lane]).await?;
    }
    Ok(SwitchNote::Noted)
}

impl SqliteStore {
    async fn forget(&self, lane: LaneId, fence: Fence) -> Result<(), Fault> {
        let mut tx = self.begin().await?;
        let holder: Option<i32> = sqlx::query_scalar(sql!("roster/holder"))
            .bind(lane.0)
            .bind(fence.0)
            .fetch_optional(&mut *tx)
            .await?;
        if holder.is_some() {
            sqlx::query(sql!("roster/forget_current")).bind(lane.0).execute(&mut *tx).await?;
            bump(&mut tx, [lane]).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn find_taxpayers(&self, of: &[TaxNo]) -> Result<Vec<Option<Taxpayer>>, Fault> {
        let mut tx = self.read().await?;
        let rows: Vec<TaxpayerColumns> = sqlx::query_as(sql!("roster/taxpayers"))
            .bind(columns::rows(of))
            .fetch_all(&mut *tx)
            .await?;
        let mut known = HashMap::new();
        for row in rows {
            let taxpayer = row.taxpayer()?;
            known.insert(taxpayer.tax_no.clone(), taxpayer);
        }
        Ok(of.iter().map(|tax_no| known.get(tax_no).cloned()).collect())
    }

    async fn find_invoices(
        &self,
        of: &[(TaxId, InvoiceKey)],
    ) -> Result<Vec<Option<PoolInvoice>>, Fault> {
        let mut tx = self.read().await?;
        let asked = of.iter().map(|(tax, key)| Asked {
            tax_id: tax.0,
            number: &key.number,
            code: &key.code,
        });
        let known = work::pool(&mut tx, &asked.collect::<Vec<_>>()).await?;
        Ok(known
            .into_iter()
            .map(|known| known.map(|known| facts_row::seen_by(known, None)))
            .collect())
    }

    async fn find_lanes(&self, keys: &[LaneKey]) -> Result<Vec<Option<LaneId>>, Fault> {
        let mut tx = self.read().await?;
        let mut found = Vec::with_capacity(keys.len());
        for key in keys {
            found.push(lane_named(&mut tx, key).await?);
        }
        Ok(found)
    }

    async fn read_lanes(&self, of: Option<&[LaneId]>) -> Result<Vec<Lane>, Fault> {
        let mut tx = self.read().await?;
        let ids: Vec<i32> = match of {
            Some(of) => of.iter().map(|lane| lane.0).collect(),
            None => sqlx::query_scalar(sql!("roster/lane_ids")).fetch_all(&mut *tx).await?,
        };
        lanes_by_id(&mut tx, &ids).await
    }

    async fn read_switches(&self, of: &[LaneId]) -> Result<Vec<SwitchHistory>, Fault> {
        let mut tx = self.read().await?;
        let ids: Vec<i32> = of.iter().map(|lane| lane.0).collect();
        let mut made = switches(&mut tx, &ids, self.now()).await?;
        let history = |id| SwitchHistory::from_moments(made.remove(id).unwrap_or_default());
        Ok(ids.iter().map(history).collect())
    }
}

#[async_trait]
impl Roster for SqliteStore {
    async fn import(&self, world: &World, leqi_width: u16) -> Result<Imported, StoreError> {
        Ok(self.import_world(world, leqi_width).await?)
    }

    async fn taxpayers(&self, of: &[TaxNo]) -> Result<Vec<Option<Taxpayer>>, StoreError> {
        Ok(self.find_taxpayers(of).await?)
    }

    async fn invoices(
        &self,
        of: &[(TaxId, InvoiceKey)],
    ) -> Result<Vec<Option<PoolInvoice>>, StoreError> {
        Ok(self.find_invoices(of).await?)
    }

    async fn lanes_of(&self, keys: &[LaneKey]) -> Result<Vec<Option<LaneId>>, StoreError> {
        Ok(self.find_lanes(keys).await?)
    }

    async fn lanes(&self, of: Option<&[LaneId]>) -> Result<Vec<Lane>, StoreError> {
        Ok(self.read_lanes(of).await?)
    }

    async fn switches(&self, of: &[LaneId]) -> Result<Vec<SwitchHistory>, StoreError> {
        Ok(self.read_switches(of).await?)
    }

    async fn forget_current(&self, lane: LaneId, fence: Fence) -> Result<(), StoreError> {
        Ok(self.forget(lane, fence).await?)
    }

    async fn session_changed(&self, report: &SessionReport) -> Result<SessionNoted, StoreError> {
        Ok(self.note_session(report).await?)
    }
}
