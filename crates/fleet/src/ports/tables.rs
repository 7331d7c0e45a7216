//! Statistic tables with their figures: what people and other systems see of them.

use super::StoreError;
use async_trait::async_trait;
use domain::{period::TaxPeriod, statistic::TableCard, tax_no::TaxNo};
use std::fmt::Debug;

/// No rule reads it: rule 2.6 asks the statistic cache and rule 7 the bureau.
#[async_trait]
pub trait StatisticTables: Send + Sync + Debug {
    /// In the order asked; None: no such tax number. By period: every one that a table is known
    /// of, or that an invoice of the pool is selected for; with a period that one alone, known or
    /// not. `ours` counts what is selected for the period now; a purpose that the pool does not
    /// know counts as deduction, a rebate not at all.
    async fn tables(
        &self,
        of: &[(TaxNo, Option<TaxPeriod>)],
    ) -> Result<Vec<Option<Vec<TableCard>>>, StoreError>;
}
