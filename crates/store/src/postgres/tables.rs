//! Statistic tables with their figures.

use super::{PostgresStore, fault::Fault};
use crate::table_rows::{self, SumRow, TableRow};
use async_trait::async_trait;
use domain::{period::TaxPeriod, statistic::TableCard, tax_no::TaxNo};
use fleet::ports::{StoreError, tables::StatisticTables};

#[async_trait]
impl StatisticTables for PostgresStore {
    async fn tables(
        &self,
        of: &[(TaxNo, Option<TaxPeriod>)],
    ) -> Result<Vec<Option<Vec<TableCard>>>, StoreError> {
        let tax_nos: Vec<&str> = of.iter().map(|(tax_no, _)| tax_no.as_str()).collect();
        let periods: Vec<Option<i32>> =
            of.iter().map(|(_, period)| period.map(TaxPeriod::number)).collect();
        let tables: Vec<TableRow> = sqlx::query_as(sql!("statistics/tables"))
            .bind(&tax_nos)
            .bind(&periods)
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        let sums: Vec<SumRow> = sqlx::query_as(sql!("statistics/ours"))
            .bind(&tax_nos)
            .bind(&periods)
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        table_rows::cards(of, &tables, sums)
    }
}
