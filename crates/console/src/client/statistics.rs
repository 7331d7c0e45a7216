//! Statistic tables, periods and the secrets of their confirmation.

use super::{Client, ClientError, request, with_query};
use crate::{
    answers::{SecretKept, SecretNames, SecretRemoved, StatisticsView, Submission},
    api::asked::OperationAsked,
    filter::percent_encoded,
};
use axum::{body::Body, http::Method};
use fleet::ports::secrets::Password;

impl Client {
    /// The statistic tables of a tax number; of one period alone when it is named.
    pub async fn statistics(
        &self,
        tax_no: &str,
        period: Option<&str>,
    ) -> Result<StatisticsView, ClientError> {
        let query = period.map(|period| format!("period={}", percent_encoded(period)));
        let path = format!("/api/v1/statistics/{}", percent_encoded(tax_no));
        self.get(&with_query(&path, query.unwrap_or_default())).await
    }

    /// Makes the task of an operation: `of` is `statistics` or `periods`.
    pub async fn operate(
        &self,
        of: &str,
        tax_no: &str,
        operation: &str,
        asked: &OperationAsked,
    ) -> Result<Submission, ClientError> {
        let path = format!("/api/v1/{of}/{}/{operation}", percent_encoded(tax_no));
        self.post(&path, asked).await
    }

    /// Keeps a secret under this name.
    pub async fn keep_secret(
        &self,
        name: &str,
        value: &Password,
    ) -> Result<SecretKept, ClientError> {
        let body = serde_json::json!({"value": value.spoken()}).to_string();
        let path = format!("/api/v1/secrets/{}", percent_encoded(name));
        self.read(request(Method::PUT, &path, "application/json", Body::from(body))).await
    }

    pub async fn secret_names(&self) -> Result<SecretNames, ClientError> {
        self.get("/api/v1/secrets").await
    }

    pub async fn remove_secret(&self, name: &str) -> Result<SecretRemoved, ClientError> {
        let path = format!("/api/v1/secrets/{}", percent_encoded(name));
        self.read(request(Method::DELETE, &path, "", Body::empty())).await
    }
}
