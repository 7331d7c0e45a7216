//! Checks of the pool, and resyncs.

use super::{
    SqliteStore,
    columns::{self, micros},
    fault::Fault,
};
use crate::{
    around_rows::{self, BUYERS, ListedRow, Place, ResyncRow},
    codec,
    invoice_rows::InvoiceRow,
};
use async_trait::async_trait;
use domain::{check::Check, invoice::Invoice, period::TaxPeriod, statistic::Sum, tax_no::TaxNo};
use fleet::ports::{
    StoreError,
    checks::{CheckScope, Checks, LastResync, NewResync},
    pool::{Cursor, NO_DATE},
};
use sqlx::SqliteConnection;

/// As a LIMIT: none.
const ALL: i64 = -1;

fn statement(check: Check) -> &'static str {
    around_rows::of_check(
        check,
        [
            sql!("checks/abnormal"),
            sql!("checks/booked_not_selected"),
            sql!("checks/selected_not_booked"),
            sql!("checks/wrong_buyer"),
        ],
    )
}

/// From this buyer on.
async fn buyers(
    connection: &mut SqliteConnection,
    scope: &CheckScope,
    from: i32,
) -> Result<Vec<i32>, Fault> {
    let buyers = sqlx::query_scalar(sql!("checks/buyers"))
        .bind(scope.buyer.as_ref().map(|buyer| buyer.to_string()))
        .bind(scope.tax_org.clone())
        .bind(from)
        .fetch_all(connection)
        .await?;
    Ok(buyers)
}

async fn listed(
    connection: &mut SqliteConnection,
    (check, scope): (Check, &CheckScope),
    buyers: &[i32],
    after: Option<&Place>,
    limit: i64,
) -> Result<Vec<ListedRow>, Fault> {
    let rows = sqlx::query_as(statement(check))
        .bind(scope.period.number())
        .bind(columns::rows(buyers))
        .bind(scope.accounting_org.clone())
        .bind(after.map(|after| after.tax_id))
        .bind(after.map(|after| after.date))
        .bind(after.map(|after| after.key.number.clone()))
        .bind(after.map(|after| after.key.code.clone()))
        .bind(limit)
        .bind(scope.within.as_ref().map(|within| columns::rows(within)))
        .fetch_all(connection)
        .await?;
    Ok(rows)
}

impl SqliteStore {
    async fn check_page(
        &self,
        check: Check,
        scope: &CheckScope,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Vec<InvoiceRow>, Fault> {
        let mut tx = self.read().await?;
        let after = match after {
            None => None,
            Some(after) => {
                let of_cursor =
                    CheckScope { buyer: Some(after.buyer.clone()), ..CheckScope::of(scope.period) };
                let known = buyers(&mut tx, &of_cursor, 0).await?;
                let tax_id = known.first().copied().unwrap_or_default();
                let date = after.date.unwrap_or(NO_DATE);
                Some(Place { tax_id, date, key: after.key.clone() })
            }
        };
        let from = after.as_ref().map_or(0, |after| after.tax_id);
        let mut found: Vec<ListedRow> = Vec::new();
        for buyers in buyers(&mut tx, scope, from).await?.chunks(BUYERS) {
            let room = codec::count(limit - found.len());
            found.extend(listed(&mut tx, (check, scope), buyers, after.as_ref(), room).await?);
            if found.len() >= limit {
                break;
            }
        }
        let keys: Vec<_> = found.iter().map(|row| (row.tax_id, &row.number, &row.code)).collect();
        let whole = sqlx::query_as(sql!("checks/whole"))
            .bind(columns::rows(&keys))
            .fetch_all(&mut *tx)
            .await?;
        Ok(whole)
    }

    async fn add_up(&self, check: Check, scope: &CheckScope) -> Result<Sum, Fault> {
        let mut tx = self.read().await?;
        let mut sum = Sum::default();
        for buyers in buyers(&mut tx, scope, 0).await?.chunks(BUYERS) {
            let listed = listed(&mut tx, (check, scope), buyers, None, ALL).await?;
            sum = listed.iter().fold(sum, |sum, row| sum.plus(row.sum()));
        }
        Ok(sum)
    }

    async fn write_resync(&self, resync: &NewResync) -> Result<(), Fault> {
        let mut tx = self.begin().await?;
        sqlx::query(sql!("checks/note_resync"))
            .bind(resync.tax.0)
            .bind(resync.period.number())
            .bind(&resync.by)
            .bind(columns::hexes(resync.tasks.iter().copied()))
            .bind(micros(self.now()))
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    async fn read_resyncs(&self, of: &[(TaxNo, TaxPeriod)]) -> Result<Vec<ResyncRow>, Fault> {
        let asked: Vec<_> =
            of.iter().map(|(tax_no, period)| (tax_no.as_str(), period.number())).collect();
        let rows = sqlx::query_as(sql!("checks/last_resyncs"))
            .bind(columns::rows(&asked))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(rows)
    }
}

#[async_trait]
impl Checks for SqliteStore {
    async fn check(
        &self,
        check: Check,
        scope: &CheckScope,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Vec<Invoice>, StoreError> {
        let rows = self.check_page(check, scope, after, limit).await?;
        rows.into_iter().map(InvoiceRow::invoice).collect()
    }

    async fn check_sum(&self, check: Check, scope: &CheckScope) -> Result<Sum, StoreError> {
        Ok(self.add_up(check, scope).await?)
    }

    async fn note_resync(&self, resync: &NewResync) -> Result<(), StoreError> {
        Ok(self.write_resync(resync).await?)
    }

    async fn last_resyncs(
        &self,
        of: &[(TaxNo, TaxPeriod)],
    ) -> Result<Vec<Option<LastResync>>, StoreError> {
        around_rows::resyncs(of.len(), self.read_resyncs(of).await?)
    }
}
