//! Looking at statistic tables.

use super::{MemoryStore, book::Book};
use crate::ports::{StoreError, tables::StatisticTables};
use async_trait::async_trait;
use domain::{
    ids::{Fence, TaxId},
    period::TaxPeriod,
    statistic::{Figures, Sum, TableCard},
    tax_no::TaxNo,
};
use std::collections::BTreeSet;

impl Book {
    fn table_card(&self, tax: TaxId, period: TaxPeriod) -> TableCard {
        let table = self.statistic_tables.get(&(tax, period));
        TableCard {
            period,
            state: table.map(|table| table.state),
            order: table.map_or(Fence(0), |table| table.order),
            known: table.and_then(|table| table.known.clone()),
            ours: self.ours(tax, period),
        }
    }

    /// What the pool has selected for the period.
    pub(super) fn ours(&self, tax: TaxId, period: TaxPeriod) -> Figures {
        let selected = self.pool.iter().filter(|((of, _), facts)| {
            *of == tax && facts.selection.has_period() && facts.period == Some(period)
        });
        Figures::of_pool(selected.map(|(key, facts)| {
            let purpose = self.pool_rest.get(key).and_then(|rest| rest.details.purpose);
            (facts.invoice_type, purpose, Sum::of_one(facts.amount, facts.tax))
        }))
    }

    fn periods(&self, tax: TaxId) -> BTreeSet<TaxPeriod> {
        let tables = self.statistic_tables.keys();
        let tables = tables.filter(|(of, _)| *of == tax).map(|(_, period)| *period);
        let pool = self.pool.iter().filter(|((of, _), _)| *of == tax);
        let selected = pool.filter(|(_, facts)| facts.selection.has_period());
        tables.chain(selected.filter_map(|(_, facts)| facts.period)).collect()
    }
}

#[async_trait]
impl StatisticTables for MemoryStore {
    async fn tables(
        &self,
        of: &[(TaxNo, Option<TaxPeriod>)],
    ) -> Result<Vec<Option<Vec<TableCard>>>, StoreError> {
        let book = self.open();
        let cards = |(tax_no, period): &(TaxNo, Option<TaxPeriod>)| {
            let tax = *book.tax_ids.get(tax_no)?;
            let periods = match period {
                Some(period) => BTreeSet::from([*period]),
                None => book.periods(tax),
            };
            Some(periods.into_iter().map(|period| book.table_card(tax, period)).collect())
        };
        Ok(of.iter().map(cards).collect())
    }
}
