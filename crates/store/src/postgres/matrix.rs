//! The matrix of tax numbers, and filing days.

use super::{PostgresStore, fault::Fault};
use crate::{
    around_rows::{DayRow, StandingTaxNo},
    codec,
};
use async_trait::async_trait;
use domain::{
    bureau::BureauCode, calendar::FilingDay, period::TaxPeriod, statistic::Stage, tax_no::TaxNo,
};
use fleet::ports::{
    StoreError,
    desk::Note,
    matrix::{FILING_DAYS, Matrix, MatrixFilter, MatrixRow, SetFilingDay},
};

/// 0: the whole country.
fn number(bureau: Option<BureauCode>) -> i32 {
    bureau.map_or(0, codec::bureau_number)
}

#[async_trait]
impl Matrix for PostgresStore {
    async fn matrix(
        &self,
        filter: &MatrixFilter,
        after: Option<&TaxNo>,
        limit: usize,
    ) -> Result<Vec<MatrixRow>, StoreError> {
        let rows: Vec<StandingTaxNo> = sqlx::query_as(sql!("matrix/rows"))
            .bind(filter.period.number())
            .bind(filter.period.to_string())
            .bind(filter.tax_no.as_ref().map(TaxNo::as_str))
            .bind(filter.bureau.map(codec::bureau_number))
            .bind(filter.tax_org.as_deref())
            .bind(filter.stage.map(Stage::name))
            .bind(after.map(TaxNo::as_str))
            .bind(codec::count::<_, i64>(limit))
            // Not kept: a plan for one filter is wrong for the next.
            .persistent(false)
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        rows.into_iter().map(StandingTaxNo::row).collect()
    }

    async fn set_filing_day(&self, day: &FilingDay, note: &Note) -> Result<(), StoreError> {
        sqlx::query(sql!("matrix/set_day"))
            .bind(day.period.number())
            .bind(number(day.bureau))
            .bind(day.day)
            .bind(&note.by)
            .bind(&note.reason)
            .execute(&self.pool)
            .await
            .map_err(Fault::from)?;
        Ok(())
    }

    async fn remove_filing_day(
        &self,
        period: TaxPeriod,
        bureau: Option<BureauCode>,
    ) -> Result<bool, StoreError> {
        let removed = sqlx::query(sql!("matrix/remove_day"))
            .bind(period.number())
            .bind(number(bureau))
            .execute(&self.pool)
            .await
            .map_err(Fault::from)?;
        Ok(removed.rows_affected() == 1)
    }

    async fn filing_days(
        &self,
        periods: Option<&[TaxPeriod]>,
    ) -> Result<Vec<SetFilingDay>, StoreError> {
        let query = match periods {
            Some(periods) => sqlx::query_as(sql!("matrix/days_of"))
                .bind(periods.iter().map(|period| period.number()).collect::<Vec<_>>()),
            None => sqlx::query_as(sql!("matrix/days")).bind(codec::count::<_, i64>(FILING_DAYS)),
        };
        let rows: Vec<DayRow> = query.fetch_all(&self.pool).await.map_err(Fault::from)?;
        rows.into_iter().map(DayRow::set).collect()
    }
}
