//! Checks of the pool, and resyncs.

use super::{PostgresStore, fault::Fault};
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
use uuid::Uuid;

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

impl PostgresStore {
    /// From this buyer on.
    async fn buyers_of_check(&self, scope: &CheckScope, from: i32) -> Result<Vec<i32>, Fault> {
        let buyers = sqlx::query_scalar(sql!("checks/buyers"))
            .bind(scope.buyer.as_ref().map(TaxNo::as_str))
            .bind(scope.tax_org.as_deref())
            .bind(from)
            .fetch_all(&self.pool)
            .await?;
        Ok(buyers)
    }

    async fn listed(
        &self,
        check: Check,
        scope: &CheckScope,
        buyers: &[i32],
        after: Option<&Place>,
        limit: Option<usize>,
    ) -> Result<Vec<ListedRow>, Fault> {
        let rows = sqlx::query_as(statement(check))
            .bind(scope.period.number())
            .bind(buyers)
            .bind(scope.accounting_org.as_deref())
            .bind(after.map(|after| after.tax_id))
            .bind(after.map(|after| after.date))
            .bind(after.map(|after| after.key.number.as_str()))
            .bind(after.map(|after| after.key.code.as_str()))
            .bind(limit.map(codec::count::<_, i64>))
            .bind(scope.within.clone())
            // Not kept: a plan for few buyers is wrong for many.
            .persistent(false)
            .fetch_all(&self.pool)
            .await?;
        Ok(rows)
    }

    async fn check_page(
        &self,
        check: Check,
        scope: &CheckScope,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Vec<InvoiceRow>, Fault> {
        let after = match after {
            None => None,
            Some(after) => {
                let known: Vec<i32> = sqlx::query_scalar(sql!("pool/buyer"))
                    .bind(after.buyer.as_str())
                    .bind(None::<&str>)
                    .fetch_all(&self.pool)
                    .await?;
                let tax_id = known.first().copied().unwrap_or_default();
                let date = after.date.unwrap_or(NO_DATE);
                Some(Place { tax_id, date, key: after.key.clone() })
            }
        };
        let from = after.as_ref().map_or(0, |after| after.tax_id);
        let mut found = Vec::new();
        for buyers in self.buyers_of_check(scope, from).await?.chunks(BUYERS) {
            let room = Some(limit - found.len());
            found.extend(self.listed(check, scope, buyers, after.as_ref(), room).await?);
            if found.len() >= limit {
                break;
            }
        }
        let whole = sqlx::query_as(sql!("checks/whole"))
            .bind(found.iter().map(|row| row.tax_id).collect::<Vec<_>>())
            .bind(found.iter().map(|row| row.number.as_str()).collect::<Vec<_>>())
            .bind(found.iter().map(|row| row.code.as_str()).collect::<Vec<_>>())
            .fetch_all(&self.pool)
            .await?;
        Ok(whole)
    }
}

#[async_trait]
impl Checks for PostgresStore {
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
        let mut sum = Sum::default();
        for buyers in self.buyers_of_check(scope, 0).await?.chunks(BUYERS) {
            let listed = self.listed(check, scope, buyers, None, None).await?;
            sum = listed.iter().fold(sum, |sum, row| sum.plus(row.sum()));
        }
        Ok(sum)
    }

    async fn note_resync(&self, resync: &NewResync) -> Result<(), StoreError> {
        sqlx::query(sql!("checks/note_resync"))
            .bind(resync.tax.0)
            .bind(resync.period.number())
            .bind(&resync.by)
            .bind(resync.tasks.iter().map(|task| task.0).collect::<Vec<Uuid>>())
            .execute(&self.pool)
            .await
            .map_err(Fault::from)?;
        Ok(())
    }

    async fn last_resyncs(
        &self,
        of: &[(TaxNo, TaxPeriod)],
    ) -> Result<Vec<Option<LastResync>>, StoreError> {
        let rows: Vec<ResyncRow> = sqlx::query_as(sql!("checks/last_resyncs"))
            .bind(of.iter().map(|(tax_no, _)| tax_no.as_str()).collect::<Vec<_>>())
            .bind(of.iter().map(|(_, period)| period.number()).collect::<Vec<_>>())
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        around_rows::resyncs(of.len(), rows)
    }
}
