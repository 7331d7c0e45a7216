//! Statistic tables with their figures.

use super::{SqliteStore, columns, fault::Fault};
use crate::table_rows::{self, SumRow, TableRow};
use async_trait::async_trait;
use domain::{period::TaxPeriod, statistic::TableCard, tax_no::TaxNo};
use fleet::ports::{StoreError, tables::StatisticTables};

impl SqliteStore {
    async fn find_tables(
        &self,
        of: &[(TaxNo, Option<TaxPeriod>)],
    ) -> Result<Vec<Option<Vec<TableCard>>>, Fault> {
        let asked: Vec<_> = of
            .iter()
            .map(|(tax_no, period)| (tax_no.as_str(), period.map(TaxPeriod::number)))
            .collect();
        let asked = columns::rows(&asked);
        let mut tx = self.read().await?;
        let tables: Vec<TableRow> =
            sqlx::query_as(sql!("statistics/tables")).bind(&asked).fetch_all(&mut *tx).await?;
        let sums: Vec<SumRow> =
            sqlx::query_as(sql!("statistics/ours")).bind(&asked).fetch_all(&mut *tx).await?;
        Ok(table_rows::cards(of, &tables, sums)?)
    }
}

#[async_trait]
impl StatisticTables for SqliteStore {
    async fn tables(
        &self,
        of: &[(TaxNo, Option<TaxPeriod>)],
    ) -> Result<Vec<Option<Vec<TableCard>>>, StoreError> {
        Ok(self.find_tables(of).await?)
    }
}
