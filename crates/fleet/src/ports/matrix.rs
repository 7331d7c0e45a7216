//! The matrix of tax numbers: selected → statistics → confirmed → filed; and the filing days that an
//! operator has set.

use super::{StoreError, desk::Note};
use async_trait::async_trait;
use domain::{
    Moment,
    bureau::BureauCode,
    calendar::FilingDay,
    ids::TaskId,
    period::TaxPeriod,
    statistic::{Stage, StatisticState},
    tax_no::TaxNo,
};
use std::fmt::Debug;

/// Which tax numbers; every field that is set must match.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MatrixFilter {
    pub period: TaxPeriod,
    pub tax_no: Option<TaxNo>,
    pub bureau: Option<BureauCode>,
    pub tax_org: Option<String>,
    pub stage: Option<Stage>,
}

impl MatrixFilter {
    /// Every tax number, for this period.
    pub fn of(period: TaxPeriod) -> MatrixFilter {
        MatrixFilter { period, tax_no: None, bureau: None, tax_org: None, stage: None }
    }
}

/// Where one tax number stands; what is selected for the period is told by
/// [`StatisticTables`](super::tables::StatisticTables).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MatrixRow {
    pub tax_no: TaxNo,
    pub name: String,
    pub bureau: BureauCode,
    pub tax_org: String,
    pub stage: Stage,
    /// None: nothing is known of a table.
    pub table: Option<StatisticState>,
    /// When the table's state was last told, by an operation or an import.
    pub seen_at: Option<Moment>,
    /// A 税务申报 task of the period that succeeded: the first one.
    pub filed: Option<TaskId>,
    /// Tasks of the tax number that have not ended, whatever their kind and period.
    pub open_tasks: u64,
}

/// A day as it was set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SetFilingDay {
    pub day: FilingDay,
    pub note: Note,
    pub at: Moment,
}

#[async_trait]
pub trait Matrix: Send + Sync + Debug {
    /// A page, by tax number, the smallest first.
    async fn matrix(
        &self,
        filter: &MatrixFilter,
        after: Option<&TaxNo>,
        limit: usize,
    ) -> Result<Vec<MatrixRow>, StoreError>;

    /// Sets the last day of a period for a bureau or the country, in the place of the one before.
    async fn set_filing_day(&self, day: &FilingDay, note: &Note) -> Result<(), StoreError>;

    /// Takes it back; false: none was set.
    async fn remove_filing_day(
        &self,
        period: TaxPeriod,
        bureau: Option<BureauCode>,
    ) -> Result<bool, StoreError>;

    /// Those that are set for these periods, by period, the country's first; None: all, at most
    /// [`FILING_DAYS`], the newest periods first.
    async fn filing_days(
        &self,
        periods: Option<&[TaxPeriod]>,
    ) -> Result<Vec<SetFilingDay>, StoreError>;
}

/// Days told at most when all are asked for.
pub const FILING_DAYS: usize = 2_000;
