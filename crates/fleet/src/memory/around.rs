//! What stands around selection: resyncs, filing days, confirmation runs.

use super::runs::KeptRun;
use crate::ports::{checks::NewResync, matrix::SetFilingDay};
use domain::{Moment, bureau::BureauCode, ids::TaxId, period::TaxPeriod};
use std::collections::BTreeMap;

/// The tables of it.
#[derive(Debug, Default)]
pub(super) struct Around {
    /// The newest of each, with when it was asked for.
    pub(super) resyncs: BTreeMap<(TaxId, TaxPeriod), (Moment, NewResync)>,
    pub(super) filing_days: BTreeMap<(TaxPeriod, Option<BureauCode>), SetFilingDay>,
    pub(super) runs: BTreeMap<String, KeptRun>,
}
