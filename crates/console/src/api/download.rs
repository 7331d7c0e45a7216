//! Asking for a download of invoices: a task like any other.

use super::asked::DownloadAsked;
use crate::{
    access::Asker,
    answers::Submission,
    problem::Problem,
    site::Site,
    submit::{Item, submit},
};
use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    http::StatusCode,
};
use domain::{
    ids::TaskId,
    kind::Kind,
    rights::Right,
    task::{TaskMessage, limits},
    tax_no::TaxNo,
};
use serde_json::{Value, json};

/// Make a task that fills the pool from the bureau
///
/// By invoices, else by dates (at most 366 days), else by a period, else of the tax number's current
/// one. What becomes of it stands in the task log under the `task_id` of the answer.
#[utoipa::path(post, path = "/api/v1/invoices/download", tag = "invoices",
    request_body = DownloadAsked, responses(
    (status = 200, description = "The task", body = Submission),
    (status = 400, description = "The request cannot be read", body = Problem),
    (status = 422, description = "A field is wrong", body = Submission),
    (status = 503, description = "The store or the bus is away; send it again with a task_id",
        body = Problem)))]
pub(crate) async fn download(
    State(site): State<Site>,
    asker: Asker,
    asked: Result<Json<DownloadAsked>, JsonRejection>,
) -> Result<(StatusCode, Json<Submission>), Problem> {
    let Json(mut asked) = asked?;
    asked.submitted_by = asker.name(asked.submitted_by.as_deref());
    if asked.invoices.len() > limits::INVOICES {
        let (named, most) = (asked.invoices.len(), limits::INVOICES);
        return Err(Problem::malformed(format!(
            "invoices: names {named}; name at most {most}, or ask by dates"
        )));
    }
    let desk = &site.desk;
    let id = asked.task_id.unwrap_or_else(|| desk.chance.id(desk.clock.now()));
    let body = match message(&asked, TaskId(id)) {
        Ok(message) => message.to_json(),
        Err(body) => body,
    };
    // One that cannot be read is told so when it is submitted.
    let tax_no: Option<TaxNo> = asked.tax_no.parse().ok();
    asker.tax_nos(&site, Right::Select, tax_no.as_slice()).await?;
    let items = [Item { line: 1, body: body.into_bytes().into() }];
    Ok(super::publish::answer(submit(&site, &items, None).await?))
}

/// The same asked twice is the same message. What cannot be read is told as of any message.
fn message(asked: &DownloadAsked, id: TaskId) -> Result<TaskMessage, String> {
    let parameters: serde_json::Map<String, Value> =
        [("from", &asked.from), ("to", &asked.to), ("period", &asked.period)]
            .into_iter()
            .filter_map(|(name, text)| Some((name.to_owned(), json!(text.as_ref()?))))
            .collect();
    let body = json!({
        "task_id": id,
        "kind": Kind::InvoiceDownload,
        "tax_no": asked.tax_no,
        "submitted_by": asked.submitted_by,
        "invoices": asked.invoices,
        "parameters": parameters,
    })
    .to_string();
    TaskMessage::parse(body.as_bytes()).map_err(|_| body)
}
