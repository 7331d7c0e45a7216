//! The matrix of tax numbers, and filing days.

use super::{MemoryStore, book::Book, rows::TaxRow};
use crate::ports::{
    StoreError,
    desk::Note,
    matrix::{FILING_DAYS, Matrix, MatrixFilter, MatrixRow, SetFilingDay},
};
use async_trait::async_trait;
use domain::{
    bureau::BureauCode, calendar::FilingDay, ids::TaskId, kind::Kind, period::TaxPeriod,
    statistic::Stage, task::StateName, tax_no::TaxNo,
};

impl Book {
    fn filed(&self, tax_no: &TaxNo, period: TaxPeriod) -> Option<TaskId> {
        let filed = self.tasks.iter().filter(|(_, row)| {
            let message = &row.message;
            message.kind == Kind::TaxFiling
                && message.tax_no == *tax_no
                && message.tax_period == Some(period)
                && row.state.name() == StateName::Done
        });
        filed.min_by_key(|(id, row)| (row.enqueued_at, **id)).map(|(id, _)| *id)
    }

    fn matrix_row(&self, row: &TaxRow, period: TaxPeriod) -> MatrixRow {
        let payer = &row.payer;
        let table = self.statistic_tables.get(&(payer.id, period));
        let state = table.map(|table| table.state);
        let filed = self.filed(&payer.tax_no, period);
        let open = self
            .tasks
            .values()
            .filter(|row| row.tax == Some(payer.id) && row.finished_at.is_none());
        MatrixRow {
            tax_no: payer.tax_no.clone(),
            name: payer.name.clone(),
            bureau: payer.bureau,
            tax_org: payer.tax_org.clone(),
            stage: Stage::of(state, filed.is_some()),
            table: state,
            seen_at: table.map(|table| table.changed_at),
            filed,
            open_tasks: open.count() as u64,
        }
    }
}

#[async_trait]
impl Matrix for MemoryStore {
    async fn matrix(
        &self,
        filter: &MatrixFilter,
        after: Option<&TaxNo>,
        limit: usize,
    ) -> Result<Vec<MatrixRow>, StoreError> {
        let book = self.open();
        let payers = book.tax_ids.values().filter_map(|tax| book.taxpayers.get(tax));
        let rows = payers.filter(|row| {
            let payer = &row.payer;
            filter.tax_no.as_ref().is_none_or(|tax_no| *tax_no == payer.tax_no)
                && filter.bureau.is_none_or(|bureau| bureau == payer.bureau)
                && filter.tax_org.as_ref().is_none_or(|org| *org == payer.tax_org)
                && after.is_none_or(|after| payer.tax_no > *after)
        });
        let rows = rows.map(|row| book.matrix_row(row, filter.period));
        let of_stage = rows.filter(|row| filter.stage.is_none_or(|stage| stage == row.stage));
        Ok(of_stage.take(limit).collect())
    }

    async fn set_filing_day(&self, day: &FilingDay, note: &Note) -> Result<(), StoreError> {
        let mut book = self.open();
        let set = SetFilingDay { day: *day, note: note.clone(), at: book.now() };
        book.around.filing_days.insert((day.period, day.bureau), set);
        Ok(())
    }

    async fn remove_filing_day(
        &self,
        period: TaxPeriod,
        bureau: Option<BureauCode>,
    ) -> Result<bool, StoreError> {
        Ok(self.open().around.filing_days.remove(&(period, bureau)).is_some())
    }

    async fn filing_days(
        &self,
        periods: Option<&[TaxPeriod]>,
    ) -> Result<Vec<SetFilingDay>, StoreError> {
        let book = self.open();
        let days = book.around.filing_days.values();
        let wanted =
            |set: &&SetFilingDay| periods.is_none_or(|periods| periods.contains(&set.day.period));
        let mut found: Vec<SetFilingDay> = days.filter(wanted).cloned().collect();
        if periods.is_none() {
            found.sort_by_key(|set| (std::cmp::Reverse(set.day.period), set.day.bureau));
            found.truncate(FILING_DAYS);
        }
        Ok(found)
    }
}
