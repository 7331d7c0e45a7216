//! A world into the store, all of it or nothing.

use super::{
    SqliteStore, Tx,
    case::Spot,
    columns,
    columns::micros,
    docket::{Docket, send, send_at},
    fault::Fault,
    roster,
};
use crate::{codec, invoice_rows::SaidRow};
use domain::{
    Moment,
    bureau::{Account, LaneKey},
    ids::{LaneId, TaskId},
    task::Event,
    taxpayer::{ChannelKind, LoginMode},
    world::{World, WorldAccount, WorldInvoice, WorldStatistic, WorldTaxpayer},
};
use fleet::ports::roster::Imported;
use serde::Serialize;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Rows in one statement.
const AT_ONCE: usize = 1000;

#[derive(Serialize)]
struct PayerRow<'a> {
    tax_no: &'a str,
    name: &'a str,
    kind: String,
    channel: &'a str,
    leqi_mode: String,
    bureau: i32,
    tax_org: &'a str,
}

#[derive(Serialize)]
struct ServesRow<'a> {
    tax_no: &'a str,
    lane_id: i32,
    /// A JSON array, as text; None: nobody said what it may.
    may: Option<String>,
    default_business: Option<String>,
}

#[derive(Serialize)]
struct InvoiceRow<'a> {
    tax_no: &'a str,
    number: String,
    code: String,
    invoice_type: u8,
    date: Option<String>,
    amount: i64,
    tax: i64,
    status: String,
    risk: String,
    special_kind: &'a str,
    accounting_org: &'a str,
    seller_name: &'a str,
    seller_tax_no: &'a str,
}

#[derive(Serialize)]
struct MarkedRow<'a> {
    tax_no: &'a str,
    number: String,
    code: String,
    selection: &'static str,
    has_period: bool,
}

#[derive(Serialize)]
struct StatisticRow<'a> {
    tax_no: &'a str,
    period: i32,
    state: &'static str,
}

/// None: it names no period.
fn statistic_row(statistic: &WorldStatistic) -> Option<StatisticRow<'_>> {
    Some(StatisticRow {
        tax_no: statistic.tax_no.as_str(),
        period: statistic.tax_period?.number(),
        state: statistic.state.name(),
    })
}

fn payer_row(payer: &WorldTaxpayer) -> PayerRow<'_> {
    PayerRow {
        tax_no: payer.tax_no.as_str(),
        name: &payer.name,
        kind: codec::name(payer.kind),
        channel: &payer.channel,
        leqi_mode: codec::name(payer.leqi_mode),
        bureau: codec::bureau_number(payer.bureau),
        tax_org: &payer.tax_org,
    }
}

fn invoice_row(invoice: &WorldInvoice) -> InvoiceRow<'_> {
    let facts = invoice.pool_invoice();
    InvoiceRow {
        tax_no: invoice.buyer_tax_no.as_str(),
        number: facts.key.number,
        code: facts.key.code,
        invoice_type: facts.invoice_type.number(),
        date: facts.date.map(|date| date.to_string()),
        amount: facts.amount.0,
        tax: facts.tax.0,
        status: codec::name(facts.status),
        risk: codec::name(facts.risk),
        special_kind: &invoice.special_kind,
        accounting_org: &invoice.accounting_org,
        seller_name: &invoice.seller_name,
        seller_tax_no: &invoice.seller_tax_no,
    }
}

/// None: the file does not say whether it is selected.
fn marked_row(invoice: &WorldInvoice) -> Option<MarkedRow<'_>> {
    let (key, selection) = (invoice.key(), invoice.marked()?);
    Some(MarkedRow {
        tax_no: invoice.buyer_tax_no.as_str(),
        number: key.number,
        code: key.code,
        selection: selection.name(),
        has_period: selection.has_period(),
    })
}

impl SqliteStore {
    pub(super) async fn import_world(
        &self,
        world: &World,
        leqi_width: u16,
    ) -> Result<Imported, Fault> {
        let mut tx = self.begin().await?;
        let now = self.now();
        let mut touched = write_taxpayers(&mut tx, world, leqi_width).await?;
        touched.extend(write_accounts(&mut tx, world, now).await?);
        roster::bump(&mut tx, touched).await?;
        for some in world.invoices.chunks(AT_ONCE) {
            let rows: Vec<InvoiceRow<'_>> = some.iter().map(invoice_row).collect();
            send(&mut tx, sql!("import/invoices"), &rows).await?;
            let marked: Vec<MarkedRow<'_>> = some.iter().filter_map(marked_row).collect();
            send(&mut tx, sql!("import/selections"), &marked).await?;
            let said: Vec<SaidRow<'_>> = some.iter().filter_map(SaidRow::of).collect();
            send(&mut tx, sql!("import/details"), &said).await?;
        }
        let dated = world.statistics.iter();
        let statistics: Vec<StatisticRow<'_>> = dated.filter_map(statistic_row).collect();
        for some in statistics.chunks(AT_ONCE) {
            send_at(&mut tx, sql!("import/statistics"), some, now).await?;
        }
        tx.commit().await?;
        Ok(Imported {
            taxpayers: world.taxpayers.len(),
            accounts: world.accounts.len(),
            invoices: world.invoices.len(),
            statistics: statistics.len(),
        })
    }
}

/// The taxpayers, and the 乐企 lanes that serve them; these are touched.
pub(super) async fn write_taxpayers(
    tx: &mut Tx,
    world: &World,
    leqi_width: u16,
) -> Result<BTreeSet<LaneId>, Fault> {
    for some in world.taxpayers.chunks(AT_ONCE) {
        let rows: Vec<PayerRow<'_>> = some.iter().map(payer_row).collect();
        send(tx, sql!("import/taxpayers"), &rows).await?;
    }
    leqi_lanes(tx, world, leqi_width).await
}

/// The accounts with their lanes, which are touched, and what was held for want of them.
pub(super) async fn write_accounts(
    tx: &mut Tx,
    world: &World,
    now: Moment,
) -> Result<BTreeSet<LaneId>, Fault> {
    let mut touched = BTreeSet::new();
    for account in &world.accounts {
        let lane = import_account(tx, account).await?;
        touched.insert(lane);
        release_held(tx, account, lane, now).await?;
    }
    Ok(touched)
}

async fn make_lane(
    tx: &mut Tx,
    key: &LaneKey,
    channel: ChannelKind,
    width: u16,
) -> Result<LaneId, Fault> {
    if let Some(lane) = roster::lane_named(tx, key).await? {
        sqlx::query(sql!("import/lane_width")).bind(lane.0).bind(width).execute(&mut **tx).await?;
        return Ok(lane);
    }
    let id: i32 = sqlx::query_scalar(sql!("import/lane"))
        .bind(codec::bureau_number(key.bureau))
        .bind(key.account.as_str())
        .bind(channel.name())
        .bind(width)
        .fetch_one(&mut **tx)
        .await?;
    Ok(LaneId(id))
}

/// A 乐企 taxpayer is served by its bureau's lane without a login.
async fn leqi_lanes(tx: &mut Tx, world: &World, width: u16) -> Result<BTreeSet<LaneId>, Fault> {
    let mut touched = BTreeSet::new();
    let mut rows = Vec::new();
    for payer in world.taxpayers.iter().filter(|payer| payer.channel == ChannelKind::Leqi.name()) {
        let key = LaneKey { bureau: payer.bureau, account: Account::leqi() };
        let lane = make_lane(tx, &key, ChannelKind::Leqi, width).await?;
        touched.insert(lane);
        rows.push(ServesRow {
            tax_no: payer.tax_no.as_str(),
            lane_id: lane.0,
            may: None,
            default_business: None,
        });
    }
    send(tx, sql!("import/serves"), &rows).await?;
    Ok(touched)
}

async fn import_account(tx: &mut Tx, account: &WorldAccount) -> Result<LaneId, Fault> {
    let key = LaneKey { bureau: account.bureau, account: account.account.clone() };
    let lane = make_lane(tx, &key, ChannelKind::Etax, 1).await?;
    sqlx::query(sql!("import/account"))
        .bind(lane.0)
        .bind(codec::name(account.login))
        .bind(account.login == LoginMode::Manual)
        .bind(account.online)
        .execute(&mut **tx)
        .await?;
    let rows = account.serves.iter().map(|served| ServesRow {
        tax_no: served.tax_no.as_str(),
        lane_id: lane.0,
        may: Some(columns::rows(&served.may)),
        default_business: Some(codec::name(served.default_business)),
    });
    send(tx, sql!("import/serves"), &rows.collect::<Vec<_>>()).await?;
    Ok(lane)
}

/// Tasks that were held for want of an account go to this one.
async fn release_held(
    tx: &mut Tx,
    account: &WorldAccount,
    lane: LaneId,
    now: Moment,
) -> Result<(), Fault> {
    let served = account.serves.iter().filter(|served| served.receives());
    let served: Vec<&str> = served.map(|served| served.tax_no.as_str()).collect();
    let held: Vec<Uuid> = sqlx::query_scalar(sql!("import/held"))
        .bind(columns::rows(&served))
        .fetch_all(&mut **tx)
        .await?;
    if held.is_empty() {
        return Ok(());
    }
    let mut docket = Docket::read(tx, now, held.into_iter().map(TaskId)).await?;
    for case in docket.cases.values_mut() {
        let Spot::Held { run_at } = case.spot else { continue };
        let later = run_at.filter(|at| micros(*at) > micros(now));
        case.lane = Some(lane);
        case.channel = Some(ChannelKind::Etax);
        case.new_lane_key =
            Some(LaneKey { bureau: account.bureau, account: account.account.clone() });
        if later.is_none() {
            case.take(Event::Released).map_err(|illegal| Fault::broken(illegal.to_string()))?;
        }
        case.move_to(Spot::Waiting { run_at: later });
    }
    docket.write(tx).await?;
    Ok(())
}
