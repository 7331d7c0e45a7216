//! The actions on rules of automatic work.

use super::{Client, ClientError, request, with_query};
use crate::{
    answers::{DryRun, RuleList, RuleRemoved, RuleRunPage, RuleRunShown, RuleShown, TriesReset},
    api::asked::{NoteAsked, ResetAsked, RulePut},
    automatic_query::RuleRunQuery,
    filter::percent_encoded,
};
use axum::{body::Body, http::Method};

fn path(id: &str, rest: &str) -> String {
    format!("/api/v1/automatic/rules/{}{rest}", percent_encoded(id))
}

impl Client {
    pub async fn rules(&self) -> Result<RuleList, ClientError> {
        self.get("/api/v1/automatic/rules").await
    }

    pub async fn put_rule(&self, id: &str, asked: &RulePut) -> Result<RuleShown, ClientError> {
        let body = serde_json::to_vec(asked).map_err(|error| self.broken(error))?;
        let json = "application/json";
        self.read(request(Method::PUT, &path(id, ""), json, Body::from(body))).await
    }

    pub async fn rule(&self, id: &str) -> Result<RuleShown, ClientError> {
        self.get(&path(id, "")).await
    }

    pub async fn enable_rule(
        &self,
        id: &str,
        enabled: bool,
        note: &NoteAsked,
    ) -> Result<RuleShown, ClientError> {
        self.post(&path(id, if enabled { "/enable" } else { "/disable" }), note).await
    }

    pub async fn remove_rule(
        &self,
        id: &str,
        note: &NoteAsked,
    ) -> Result<RuleRemoved, ClientError> {
        self.post(&path(id, "/remove"), note).await
    }

    pub async fn dry_run(&self, id: &str) -> Result<DryRun, ClientError> {
        self.get(&path(id, "/dry-run")).await
    }

    pub async fn run_rule(&self, id: &str, note: &NoteAsked) -> Result<RuleRunShown, ClientError> {
        self.post(&path(id, "/run"), note).await
    }

    pub async fn rule_runs(
        &self,
        id: &str,
        query: &RuleRunQuery,
    ) -> Result<RuleRunPage, ClientError> {
        self.get(&with_query(&path(id, "/runs"), query.to_query())).await
    }

    pub async fn reset_rule(
        &self,
        id: &str,
        asked: &ResetAsked,
    ) -> Result<TriesReset, ClientError> {
        self.post(&path(id, "/reset"), asked).await
    }
}
