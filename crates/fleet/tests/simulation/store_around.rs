//! Checks, the matrix and confirmation runs as one worker reaches them.

use crate::{life::Weight, store_port::StorePort};
use async_trait::async_trait;
use domain::{
    bureau::BureauCode,
    calendar::FilingDay,
    check::Check,
    invoice::Invoice,
    period::TaxPeriod,
    run::{PartState, Run, RunPart},
    statistic::Sum,
    tax_no::TaxNo,
};
use fleet::ports::{
    StoreError,
    batches::Kept,
    checks::{CheckScope, Checks, LastResync, NewResync},
    desk::Note,
    matrix::{Matrix, MatrixFilter, MatrixRow, SetFilingDay},
    pool::Cursor,
    runs::{AfterRun, MovingPart, PartsChanged, RunBook},
};

#[async_trait]
impl Checks for StorePort {
    async fn check(
        &self,
        check: Check,
        scope: &CheckScope,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Vec<Invoice>, StoreError> {
        let effect = self.store().check(check, scope, after, limit);
        self.pass("check", Weight::Quiet, effect, |_| None).await
    }

    async fn check_sum(&self, check: Check, scope: &CheckScope) -> Result<Sum, StoreError> {
        let effect = self.store().check_sum(check, scope);
        self.pass("check_sum", Weight::Quiet, effect, |_| None).await
    }

    async fn note_resync(&self, resync: &NewResync) -> Result<(), StoreError> {
        let effect = self.store().note_resync(resync);
        self.pass("note_resync", Weight::Loud, effect, |()| Some(String::new())).await
    }

    async fn last_resyncs(
        &self,
        of: &[(TaxNo, TaxPeriod)],
    ) -> Result<Vec<Option<LastResync>>, StoreError> {
        self.pass("last_resyncs", Weight::Quiet, self.store().last_resyncs(of), |_| None).await
    }
}

#[async_trait]
impl Matrix for StorePort {
    async fn matrix(
        &self,
        filter: &MatrixFilter,
        after: Option<&TaxNo>,
        limit: usize,
    ) -> Result<Vec<MatrixRow>, StoreError> {
        let effect = self.store().matrix(filter, after, limit);
        self.pass("matrix", Weight::Quiet, effect, |_| None).await
    }

    async fn set_filing_day(&self, day: &FilingDay, note: &Note) -> Result<(), StoreError> {
        let effect = self.store().set_filing_day(day, note);
        self.pass("set_filing_day", Weight::Loud, effect, |()| Some(String::new())).await
    }

    async fn remove_filing_day(
        &self,
        period: TaxPeriod,
        bureau: Option<BureauCode>,
    ) -> Result<bool, StoreError> {
        let effect = self.store().remove_filing_day(period, bureau);
        self.pass("remove_filing_day", Weight::Loud, effect, |_| Some(String::new())).await
    }

    async fn filing_days(
        &self,
        periods: Option<&[TaxPeriod]>,
    ) -> Result<Vec<SetFilingDay>, StoreError> {
        self.pass("filing_days", Weight::Quiet, self.store().filing_days(periods), |_| None).await
    }
}

#[async_trait]
impl RunBook for StorePort {
    async fn keep_run(&self, run: &Run, parts: &[RunPart]) -> Result<Kept, StoreError> {
        let effect = self.store().keep_run(run, parts);
        self.pass("keep_run", Weight::Loud, effect, |_| Some(String::new())).await
    }

    async fn run(&self, run_id: &str) -> Result<Option<Run>, StoreError> {
        self.pass("run", Weight::Quiet, self.store().run(run_id), |_| None).await
    }

    async fn runs(
        &self,
        within: Option<&[String]>,
        after: Option<&AfterRun>,
        limit: usize,
    ) -> Result<Vec<Run>, StoreError> {
        self.pass("runs", Weight::Quiet, self.store().runs(within, after, limit), |_| None).await
    }

    async fn run_parts(
        &self,
        run_id: &str,
        states: &[PartState],
        after: Option<&TaxNo>,
        limit: usize,
    ) -> Result<Vec<RunPart>, StoreError> {
        let effect = self.store().run_parts(run_id, states, after, limit);
        self.pass("run_parts", Weight::Quiet, effect, |_| None).await
    }

    async fn parts_of(
        &self,
        run_id: &str,
        tax_nos: &[TaxNo],
    ) -> Result<Vec<Option<RunPart>>, StoreError> {
        let effect = self.store().parts_of(run_id, tax_nos);
        self.pass("parts_of", Weight::Quiet, effect, |_| None).await
    }

    async fn run_counts(&self, run_id: &str) -> Result<Vec<(PartState, u64)>, StoreError> {
        self.pass("run_counts", Weight::Quiet, self.store().run_counts(run_id), |_| None).await
    }

    async fn change_parts(
        &self,
        run_id: &str,
        parts: &[RunPart],
    ) -> Result<PartsChanged, StoreError> {
        let effect = self.store().change_parts(run_id, parts);
        self.pass("change_parts", Weight::Loud, effect, |_| Some(String::new())).await
    }

    async fn moving_parts(
        &self,
        run_id: Option<&str>,
        limit: usize,
    ) -> Result<Vec<MovingPart>, StoreError> {
        let effect = self.store().moving_parts(run_id, limit);
        self.pass("moving_parts", Weight::Quiet, effect, |_| None).await
    }
}
