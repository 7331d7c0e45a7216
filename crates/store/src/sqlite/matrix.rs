//! The matrix of tax numbers, and filing days.

use super::{
    SqliteStore,
    columns::{self, micros},
    fault::Fault,
};
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

impl SqliteStore {
    async fn read_matrix(
        &self,
        filter: &MatrixFilter,
        after: Option<&TaxNo>,
        limit: usize,
    ) -> Result<Vec<StandingTaxNo>, Fault> {
        let rows = sqlx::query_as(sql!("matrix/rows"))
            .bind(filter.period.number())
            .bind(filter.period.to_string())
            .bind(filter.tax_no.as_ref().map(ToString::to_string))
            .bind(filter.bureau.map(codec::bureau_number))
            .bind(filter.tax_org.clone())
            .bind(filter.stage.map(Stage::name))
            .bind(after.map(ToString::to_string).unwrap_or_default())
            .bind(codec::count::<_, i64>(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(rows)
    }

    async fn write_day(&self, day: &FilingDay, note: &Note) -> Result<(), Fault> {
        let mut tx = self.begin().await?;
        sqlx::query(sql!("matrix/set_day"))
            .bind(day.period.number())
            .bind(number(day.bureau))
            .bind(day.day)
            .bind(&note.by)
            .bind(&note.reason)
            .bind(micros(self.now()))
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    async fn remove_day(
        &self,
        period: TaxPeriod,
        bureau: Option<BureauCode>,
    ) -> Result<bool, Fault> {
        let mut tx = self.begin().await?;
        let removed = sqlx::query(sql!("matrix/remove_day"))
            .bind(period.number())
            .bind(number(bureau))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(removed.rows_affected() == 1)
    }

    async fn read_days(&self, periods: Option<&[TaxPeriod]>) -> Result<Vec<DayRow>, Fault> {
        let query = match periods {
            Some(periods) => {
                let numbers: Vec<i32> = periods.iter().map(|period| period.number()).collect();
                sqlx::query_as(sql!("matrix/days_of")).bind(columns::rows(&numbers))
            }
            None => sqlx::query_as(sql!("matrix/days")).bind(codec::count::<_, i64>(FILING_DAYS)),
        };
        Ok(query.fetch_all(&mut *self.read().await?).await?)
    }
}

#[async_trait]
impl Matrix for SqliteStore {
    async fn matrix(
        &self,
        filter: &MatrixFilter,
        after: Option<&TaxNo>,
        limit: usize,
    ) -> Result<Vec<MatrixRow>, StoreError> {
        let rows = self.read_matrix(filter, after, limit).await?;
        rows.into_iter().map(StandingTaxNo::row).collect()
    }

    async fn set_filing_day(&self, day: &FilingDay, note: &Note) -> Result<(), StoreError> {
        Ok(self.write_day(day, note).await?)
    }

    async fn remove_filing_day(
        &self,
        period: TaxPeriod,
        bureau: Option<BureauCode>,
    ) -> Result<bool, StoreError> {
        Ok(self.remove_day(period, bureau).await?)
    }

    async fn filing_days(
        &self,
        periods: Option<&[TaxPeriod]>,
    ) -> Result<Vec<SetFilingDay>, StoreError> {
        self.read_days(periods).await?.into_iter().map(DayRow::set).collect()
    }
}
