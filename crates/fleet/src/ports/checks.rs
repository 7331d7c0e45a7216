//! Checks (核对) of the pool before a period is confirmed, and when it was last read anew.

use super::{StoreError, pool::Cursor};
use async_trait::async_trait;
use domain::{
    Moment,
    check::Check,
    ids::{TaskId, TaxId},
    invoice::Invoice,
    period::TaxPeriod,
    statistic::Sum,
    tax_no::TaxNo,
};
use std::fmt::Debug;

/// Of whom a check is, and for which period; every field that is set must match.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckScope {
    pub period: TaxPeriod,
    pub buyer: Option<TaxNo>,
    /// 税务组织 of the buyer.
    pub tax_org: Option<String>,
    /// 核算组织 of the invoice.
    pub accounting_org: Option<String>,
    /// Only of these organisations: the invoice's 核算组织, and without one the buyer's 税务组织.
    pub within: Option<Vec<String>>,
}

impl CheckScope {
    /// Everybody's, for this period.
    pub fn of(period: TaxPeriod) -> CheckScope {
        CheckScope { period, buyer: None, tax_org: None, accounting_org: None, within: None }
    }
}

/// The invoices selected for a period were asked to be read anew.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewResync {
    pub tax: TaxId,
    pub period: TaxPeriod,
    pub by: String,
    /// The tasks that read them; none when nothing was selected.
    pub tasks: Vec<TaskId>,
}

/// How far the newest reading of a tax number and period is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LastResync {
    pub asked_at: Moment,
    pub by: String,
    pub tasks: usize,
    /// Tasks that have ended, and those of them that did not succeed.
    pub ended: usize,
    pub failed: usize,
    /// When the last of them ended; None: not all have. Without tasks, when it was asked for.
    pub ended_at: Option<Moment>,
}

#[async_trait]
pub trait Checks: Send + Sync + Debug {
    /// A page of the invoices that [`Check::lists`] for the period: by buyer, in the order in which
    /// taxpayers became known, then by date, number and code, the smallest first. An invoice that a
    /// task holds is listed by what the pool keeps, and shown as `Selecting`.
    async fn check(
        &self,
        check: Check,
        scope: &CheckScope,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Vec<Invoice>, StoreError>;

    /// How many it lists in all, their amounts and taxes.
    async fn check_sum(&self, check: Check, scope: &CheckScope) -> Result<Sum, StoreError>;

    /// Notes a resync; it takes the place of the one before, of the same tax number and period.
    async fn note_resync(&self, resync: &NewResync) -> Result<(), StoreError>;

    /// In the order asked; None: never, as far as is known.
    async fn last_resyncs(
        &self,
        of: &[(TaxNo, TaxPeriod)],
    ) -> Result<Vec<Option<LastResync>>, StoreError>;
}
