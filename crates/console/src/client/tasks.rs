//! Tasks: publishing them, what became of them, and what people do about them.

use super::{Client, ClientError, NDJSON, Tasks, ndjson, request, with_query};
use crate::{
    answers::{
        AskedTasks, Cancellations, Card, CountsView, Page, Records, Retries, Submission, Why,
    },
    api::asked::{AbsentAsked, AskNowAsked, CancelAsked, RetryAsked},
    filter::TaskQuery,
};
use axum::{
    body::{Body, Bytes},
    http::Method,
};
use uuid::Uuid;

impl Client {
    /// Publishes messages; an outcome for each, with its line.
    pub async fn publish(
        &self,
        tasks: Tasks<'_>,
        traceparent: Option<&str>,
    ) -> Result<Submission, ClientError> {
        let body = Body::from(ndjson(tasks));
        let mut request = request(Method::POST, "/api/v1/tasks", NDJSON, body);
        if let Some(value) = traceparent.and_then(|text| text.parse().ok()) {
            request.headers_mut().insert("traceparent", value);
        }
        let (status, answer) = self.exchange(request).await?;
        // An answer that nothing was taken still says why for each.
        let mut submission: Submission = match serde_json::from_slice(&answer) {
            Ok(submission) => submission,
            Err(_) => return Err(self.refusal(status, &answer)),
        };
        for outcome in &mut submission.outcomes {
            if let Some((line, _)) = tasks.get(outcome.line.wrapping_sub(1)) {
                outcome.line = *line;
            }
        }
        Ok(submission)
    }

    pub async fn list(&self, query: &TaskQuery) -> Result<Page, ClientError> {
        self.get(&with_query("/api/v1/tasks", query.to_query())).await
    }

    pub async fn counts(&self, query: &TaskQuery) -> Result<CountsView, ClientError> {
        self.get(&with_query("/api/v1/counts", query.to_query())).await
    }

    pub async fn card(&self, task: Uuid) -> Result<Card, ClientError> {
        self.get(&format!("/api/v1/tasks/{task}")).await
    }

    pub async fn why(&self, task: Uuid) -> Result<Why, ClientError> {
        self.get(&format!("/api/v1/tasks/{task}/why")).await
    }

    /// An .xlsx file of the tasks that match.
    pub async fn export_tasks(&self, query: &TaskQuery) -> Result<Bytes, ClientError> {
        self.saved(&with_query("/api/v1/exports/tasks.xlsx", query.to_query())).await
    }

    pub async fn ask_now(&self, asked: &AskNowAsked) -> Result<AskedTasks, ClientError> {
        self.post("/api/v1/tasks/ask", asked).await
    }

    pub async fn retry(&self, asked: &RetryAsked) -> Result<Retries, ClientError> {
        self.post("/api/v1/tasks/retry", asked).await
    }

    pub async fn cancel(&self, asked: &CancelAsked) -> Result<Cancellations, ClientError> {
        self.post("/api/v1/tasks/cancel", asked).await
    }

    pub async fn record_absent(&self, asked: &AbsentAsked) -> Result<Records, ClientError> {
        self.post("/api/v1/tasks/absent", asked).await
    }
}
