//! Writing who exists.

use super::{PostgresStore, Tx, being_logged, fault::Fault, split};
use crate::{codec, invoice_rows::SaidRow};
use domain::{
    bureau::Account,
    task::StateName,
    taxpayer::{ChannelKind, LoginMode},
    world::{World, WorldInvoice, WorldTaxpayer},
};
use fleet::ports::{StoreError, roster::Imported};
use std::collections::BTreeSet;
use uuid::Uuid;

impl PostgresStore {
    pub(super) async fn import_world(
        &self,
        world: &World,
        leqi_width: u16,
    ) -> Result<Imported, StoreError> {
        let width = width_column(leqi_width)?;
        split::again(|| async move {
            let mut tx = self.begin().await?;
            if !world.accounts.is_empty() {
                being_logged::hold_off_homeless(&mut tx).await?;
            }
            write_taxpayers(&mut tx, &world.taxpayers).await?;
            write_lanes(&mut tx, world, width).await?;
            write_accounts(&mut tx, world).await?;
            write_serves(&mut tx, world).await?;
            write_invoices(&mut tx, &world.invoices).await?;
            let statistics = write_statistics(&mut tx, world).await?;
            release_held(&mut tx, world).await?;
            tx.commit().await?;
            Ok(Imported {
                taxpayers: world.taxpayers.len(),
                accounts: world.accounts.len(),
                invoices: world.invoices.len(),
                statistics,
            })
        })
        .await
    }
}

pub(super) fn width_column(leqi_width: u16) -> Result<i16, StoreError> {
    i16::try_from(leqi_width).map_err(|_| {
        StoreError::Broken(format!("leqi.width is {leqi_width}; at most {} is kept", i16::MAX))
    })
}

fn column<T, C>(rows: &[T], of: impl Fn(&T) -> C) -> Vec<C> {
    rows.iter().map(of).collect()
}

pub(super) async fn write_taxpayers(tx: &mut Tx, taxpayers: &[WorldTaxpayer]) -> Result<(), Fault> {
    sqlx::query(sql!("import/taxpayers"))
        .bind(column(taxpayers, |p| p.tax_no.to_string()))
        .bind(column(taxpayers, |p| p.name.clone()))
        .bind(column(taxpayers, |p| codec::name(p.kind)))
        .bind(column(taxpayers, |p| p.channel.clone()))
        .bind(column(taxpayers, |p| codec::name(p.leqi_mode)))
        .bind(column(taxpayers, |p| codec::bureau_number(p.bureau)))
        .bind(column(taxpayers, |p| p.tax_org.clone()))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

fn is_leqi(taxpayer: &&WorldTaxpayer) -> bool {
    taxpayer.channel == ChannelKind::Leqi.name()
}

/// A lane per account, and one per bureau that has taxpayers of 乐企.
pub(super) async fn write_lanes(tx: &mut Tx, world: &World, leqi_width: i16) -> Result<(), Fault> {
    let leqi = world.taxpayers.iter().filter(is_leqi).map(|taxpayer| {
        let bureau = codec::bureau_number(taxpayer.bureau);
        (bureau, Account::LEQI.to_owned(), ChannelKind::Leqi.name(), leqi_width)
    });
    let etax = world.accounts.iter().map(|account| {
        let bureau = codec::bureau_number(account.bureau);
        (bureau, account.account.to_string(), ChannelKind::Etax.name(), 1)
    });
    let lanes: Vec<_> = leqi.chain(etax).collect::<BTreeSet<_>>().into_iter().collect();
    sqlx::query(sql!("import/lanes"))
        .bind(column(&lanes, |lane| lane.0))
        .bind(column(&lanes, |lane| lane.1.clone()))
        .bind(column(&lanes, |lane| lane.2))
        .bind(column(&lanes, |lane| lane.3))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn write_accounts(tx: &mut Tx, world: &World) -> Result<(), Fault> {
    let accounts = &world.accounts;
    sqlx::query(sql!("import/accounts"))
        .bind(column(accounts, |a| codec::bureau_number(a.bureau)))
        .bind(column(accounts, |a| a.account.to_string()))
        .bind(column(accounts, |a| codec::name::<LoginMode>(a.login)))
        .bind(column(accounts, |a| a.online))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn write_serves(tx: &mut Tx, world: &World) -> Result<(), Fault> {
    let leqi = world.taxpayers.iter().filter(is_leqi).map(|taxpayer| {
        let bureau = codec::bureau_number(taxpayer.bureau);
        let nothing = String::new;
        (taxpayer.tax_no.to_string(), bureau, Account::LEQI.to_owned(), nothing(), nothing())
    });
    let etax = world.accounts.iter().flat_map(|account| {
        account.serves.iter().map(|served| {
            let may: Vec<String> = served.may.iter().map(codec::name).collect();
            let bureau = codec::bureau_number(account.bureau);
            let default_business = codec::name(served.default_business);
            let tax_no = served.tax_no.to_string();
            (tax_no, bureau, account.account.to_string(), may.join(","), default_business)
        })
    });
    let serves: Vec<_> = leqi.chain(etax).collect();
    sqlx::query(sql!("import/serves"))
        .bind(column(&serves, |s| s.0.clone()))
        .bind(column(&serves, |s| s.1))
        .bind(column(&serves, |s| s.2.clone()))
        .bind(column(&serves, |s| s.3.clone()))
        .bind(column(&serves, |s| s.4.clone()))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn write_invoices(tx: &mut Tx, invoices: &[WorldInvoice]) -> Result<(), Fault> {
    sqlx::query(sql!("import/invoices"))
        .bind(column(invoices, |i| i.buyer_tax_no.to_string()))
        .bind(column(invoices, |i| i.key().number))
        .bind(column(invoices, |i| i.key().code))
        .bind(column(invoices, |i| i16::from(i.invoice_type.number())))
        .bind(column(invoices, |i| i.invoice_date))
        .bind(column(invoices, |i| i.amount.0))
        .bind(column(invoices, |i| i.tax.0))
        .bind(column(invoices, |i| i.status.name()))
        .bind(column(invoices, |i| i.risk.name()))
        .bind(column(invoices, |i| i.special_kind.clone()))
        .bind(column(invoices, |i| i.accounting_org.clone()))
        .bind(column(invoices, |i| i.seller_name.clone()))
        .bind(column(invoices, |i| i.seller_tax_no.clone()))
        .execute(&mut **tx)
        .await?;
    let marked: Vec<_> = invoices.iter().filter_map(|i| Some((i, i.marked()?))).collect();
    sqlx::query(sql!("import/selections"))
        .bind(column(&marked, |m| m.0.buyer_tax_no.to_string()))
        .bind(column(&marked, |m| m.0.key().number))
        .bind(column(&marked, |m| m.0.key().code))
        .bind(column(&marked, |m| m.1.name()))
        .bind(column(&marked, |m| m.1.has_period()))
        .execute(&mut **tx)
        .await?;
    let sellers = column(invoices, |i| i.seller_name.clone());
    sqlx::query(sql!("import/sellers")).bind(sellers).execute(&mut **tx).await?;
    let said: Vec<_> = invoices.iter().filter_map(SaidRow::of).collect();
    let said = serde_json::to_string(&said).expect("rows of texts and numbers are always JSON");
    sqlx::query(sql!("import/details")).bind(said).execute(&mut **tx).await?;
    Ok(())
}

/// Those that name a period; how many.
async fn write_statistics(tx: &mut Tx, world: &World) -> Result<usize, Fault> {
    let dated = world.statistics.iter();
    let tables: Vec<_> = dated.filter_map(|s| Some((&s.tax_no, s.tax_period?, s.state))).collect();
    sqlx::query(sql!("import/statistics"))
        .bind(column(&tables, |t| t.0.to_string()))
        .bind(column(&tables, |t| t.1.number()))
        .bind(column(&tables, |t| t.2.name()))
        .execute(&mut **tx)
        .await?;
    Ok(tables.len())
}

#[derive(Debug, sqlx::FromRow)]
struct ReleasedRow {
    task_id: Uuid,
    due: bool,
    bureau: i32,
    account: String,
    channel: String,
}

pub(super) async fn release_held(tx: &mut Tx, world: &World) -> Result<(), Fault> {
    let serves: Vec<(String, i32, String)> = world
        .accounts
        .iter()
        .flat_map(|account| {
            account.serves.iter().map(|served| {
                let bureau = codec::bureau_number(account.bureau);
                (served.tax_no.to_string(), bureau, account.account.to_string())
            })
        })
        .collect();
    let rows: Vec<ReleasedRow> = sqlx::query_as(sql!("import/release_held"))
        .bind(column(&serves, |s| s.0.clone()))
        .bind(column(&serves, |s| s.1))
        .bind(column(&serves, |s| s.2.clone()))
        .fetch_all(&mut **tx)
        .await?;
    if rows.is_empty() {
        return Ok(());
    }
    let state = |row: &ReleasedRow| if row.due { StateName::Queued } else { StateName::Held };
    let channels: Result<Vec<ChannelKind>, StoreError> =
        rows.iter().map(|row| codec::read(&row.channel)).collect();
    let shown: Vec<&str> = rows
        .iter()
        .zip(channels?)
        .map(|(row, channel)| state(row).shown(channel, false).label())
        .collect();
    sqlx::query(sql!("import/released_log"))
        .bind(column(&rows, |row| row.task_id))
        .bind(column(&rows, |row| state(row).name()))
        .bind(shown)
        .bind(column(&rows, |row| format!("{:06}", row.bureau)))
        .bind(column(&rows, |row| row.account.clone()))
        .bind(column(&rows, |row| row.channel.clone()))
        .execute(&mut **tx)
        .await?;
    Ok(())
}
