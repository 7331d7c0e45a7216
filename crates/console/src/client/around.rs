//! What is done around selection.

use super::{Client, ClientError, request, with_query};
use crate::{
    answers::{
        CalendarView, CheckPage, ChecksView, FilingDayRemoved, FilingDays, MatrixPage, Resyncs,
        RunPage, RunParts, RunView,
    },
    api::asked::{
        AcceptAsked, ApproveAsked, FilingDayAsked, ResyncsAsked, RunAsked, RunPartsAsked,
    },
    around_query::{CalendarQuery, CheckQuery, MatrixQuery, RunPartQuery, RunQuery},
    filter::percent_encoded,
};
use axum::body::{Body, Bytes};
use axum::http::Method;

fn run_path(id: &str, rest: &str) -> String {
    format!("/api/v1/runs/{}{rest}", percent_encoded(id))
}

impl Client {
    pub async fn check_totals(&self, query: &CheckQuery) -> Result<ChecksView, ClientError> {
        self.get(&with_query("/api/v1/checks", query.to_query())).await
    }

    pub async fn check(&self, check: &str, query: &CheckQuery) -> Result<CheckPage, ClientError> {
        let path = format!("/api/v1/checks/{}", percent_encoded(check));
        self.get(&with_query(&path, query.to_query())).await
    }

    pub async fn export_check(
        &self,
        check: &str,
        query: &CheckQuery,
    ) -> Result<Bytes, ClientError> {
        let path = format!("/api/v1/exports/checks/{}", percent_encoded(check));
        self.saved(&with_query(&path, query.to_query())).await
    }

    pub async fn resync_checked(&self, asked: &ResyncsAsked) -> Result<Resyncs, ClientError> {
        self.post("/api/v1/checks/resync", asked).await
    }

    pub async fn matrix(&self, query: &MatrixQuery) -> Result<MatrixPage, ClientError> {
        self.get(&with_query("/api/v1/matrix", query.to_query())).await
    }

    pub async fn calendar(&self, query: &CalendarQuery) -> Result<CalendarView, ClientError> {
        self.get(&with_query("/api/v1/calendar", query.to_query())).await
    }

    pub async fn filing_days(&self) -> Result<FilingDays, ClientError> {
        self.get("/api/v1/calendar/days").await
    }

    pub async fn set_filing_day(&self, asked: &FilingDayAsked) -> Result<FilingDays, ClientError> {
        self.post("/api/v1/calendar/days", asked).await
    }

    pub async fn remove_filing_day(
        &self,
        of: &CalendarQuery,
    ) -> Result<FilingDayRemoved, ClientError> {
        let path = with_query("/api/v1/calendar/days", of.to_query());
        self.read(request(Method::DELETE, &path, "", Body::empty())).await
    }

    pub async fn ask_run(&self, asked: &RunAsked) -> Result<RunView, ClientError> {
        self.post("/api/v1/runs", asked).await
    }

    pub async fn runs(&self, query: &RunQuery) -> Result<RunPage, ClientError> {
        self.get(&with_query("/api/v1/runs", query.to_query())).await
    }

    pub async fn run(&self, id: &str) -> Result<RunView, ClientError> {
        self.get(&run_path(id, "")).await
    }

    pub async fn run_parts(&self, id: &str, query: &RunPartQuery) -> Result<RunParts, ClientError> {
        self.get(&with_query(&run_path(id, "/parts"), query.to_query())).await
    }

    pub async fn accept_difference(
        &self,
        id: &str,
        asked: &AcceptAsked,
    ) -> Result<RunView, ClientError> {
        self.post(&run_path(id, "/accept"), asked).await
    }

    pub async fn approve_run(
        &self,
        id: &str,
        asked: &ApproveAsked,
    ) -> Result<RunView, ClientError> {
        self.post(&run_path(id, "/approve"), asked).await
    }

    pub async fn run_again(&self, id: &str, asked: &RunPartsAsked) -> Result<RunView, ClientError> {
        self.post(&run_path(id, "/again"), asked).await
    }

    pub async fn drop_from_run(
        &self,
        id: &str,
        asked: &RunPartsAsked,
    ) -> Result<RunView, ClientError> {
        self.post(&run_path(id, "/drop"), asked).await
    }

    pub async fn go_on_with_run(&self, id: &str) -> Result<RunView, ClientError> {
        self.post(&run_path(id, "/go-on"), &()).await
    }
}
