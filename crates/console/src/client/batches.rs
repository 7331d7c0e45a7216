//! Batches.

use super::{Client, ClientError, request, with_query};
use crate::{
    answers::{BatchCalledOff, BatchLines, BatchPage, BatchShown, SessionChanged},
    api::asked::{AgainAsked, BatchAccountAsked, BatchDropAsked, BatchLoginAsked, NoteAsked},
    batch_query::{BatchLinesQuery, BatchQuery},
    filter::percent_encoded,
};
use axum::{body::Body, http::Method};

fn batch_path(id: &str, rest: &str) -> String {
    format!("/api/v1/batches/{}{rest}", percent_encoded(id))
}

impl Client {
    /// A batch as `docs/batches.md` describes it.
    pub async fn ask_batch(&self, body: Vec<u8>) -> Result<BatchShown, ClientError> {
        let json = "application/json";
        self.read(request(Method::POST, "/api/v1/batches", json, Body::from(body))).await
    }

    pub async fn batches(&self, query: &BatchQuery) -> Result<BatchPage, ClientError> {
        self.get(&with_query("/api/v1/batches", query.to_query())).await
    }

    pub async fn batch(&self, id: &str) -> Result<BatchShown, ClientError> {
        self.get(&batch_path(id, "")).await
    }

    pub async fn batch_lines(
        &self,
        id: &str,
        query: BatchLinesQuery,
    ) -> Result<BatchLines, ClientError> {
        self.get(&with_query(&batch_path(id, "/invoices"), query.to_query())).await
    }

    pub async fn submit_batch(&self, id: &str) -> Result<BatchShown, ClientError> {
        self.post(&batch_path(id, "/submit"), &()).await
    }

    pub async fn batch_account(
        &self,
        id: &str,
        asked: &BatchAccountAsked,
    ) -> Result<BatchShown, ClientError> {
        self.post(&batch_path(id, "/account"), asked).await
    }

    pub async fn drop_from_batch(
        &self,
        id: &str,
        asked: &BatchDropAsked,
    ) -> Result<BatchShown, ClientError> {
        self.post(&batch_path(id, "/drop"), asked).await
    }

    pub async fn batch_login(
        &self,
        id: &str,
        asked: &BatchLoginAsked,
    ) -> Result<SessionChanged, ClientError> {
        self.post(&batch_path(id, "/login"), asked).await
    }

    pub async fn cancel_batch(
        &self,
        id: &str,
        asked: &NoteAsked,
    ) -> Result<BatchCalledOff, ClientError> {
        self.post(&batch_path(id, "/cancel"), asked).await
    }

    pub async fn batch_again(
        &self,
        id: &str,
        asked: &AgainAsked,
    ) -> Result<BatchShown, ClientError> {
        self.post(&batch_path(id, "/again"), asked).await
    }
}
