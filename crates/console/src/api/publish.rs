//! Publishing tasks over HTTP.

use crate::{
    access::Asker,
    answers::{Fate, Submission, Submitted},
    problem::Problem,
    site::Site,
    submit::{Item, submit},
};
use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header},
};
use domain::{rights::Right, task::TaskMessage};
use serde_json::value::RawValue;

/// Messages of one request at most.
pub(crate) const MESSAGES: usize = 1000;
/// Bytes of one request at most.
pub(crate) const BYTES: usize = 8 << 20;

/// Publish one task message, an array of them, or one a line
///
/// A message that is answered with any outcome but `rejected` and `unconfirmed` is in the log, or
/// confirmed by the broker. At most 1000 messages and 8 MiB in all.
#[utoipa::path(post, path = "/api/v1/tasks", tag = "tasks",
    request_body(content = Vec<Object>, description = "docs/task-message.schema.json",
        content_type = "application/json"),
    responses(
        (status = 200, description = "An outcome for each", body = Submission),
        (status = 422, description = "None was taken", body = Submission),
        (status = 503, description = "The store or the bus is away; send it again", body = Problem)))]
pub(crate) async fn publish(
    State(site): State<Site>,
    asker: Asker,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Submission>), Problem> {
    let items = items(&headers, &body?)?;
    if items.is_empty() || items.len() > MESSAGES {
        let found = items.len();
        let sentence = format!("body: holds {found} messages; send from 1 to {MESSAGES} at a time");
        return Err(Problem::malformed(sentence));
    }
    allowed(&site, &asker, &items).await?;
    let traceparent = headers.get("traceparent").and_then(|value| value.to_str().ok());
    let outcomes = submit(&site, &items, traceparent).await?;
    Ok(answer(outcomes))
}

/// Whether the asker may ask for all of them. What cannot be read is rejected with its reason.
async fn allowed(site: &Site, asker: &Asker, items: &[Item]) -> Result<(), Problem> {
    let Some(_) = asker.user() else { return Ok(()) };
    for message in items.iter().filter_map(|item| TaskMessage::parse(&item.body).ok()) {
        let (right, tax_no) = (Right::of(message.kind), message.tax_no);
        if message.invoices.is_empty() {
            asker.tax_nos(site, right, &[tax_no]).await?;
            continue;
        }
        let of = message.invoices.into_iter().map(|invoice| (tax_no.clone(), invoice.key));
        asker.invoices(site, right, &of.collect::<Vec<_>>()).await?;
    }
    Ok(())
}

pub(super) fn answer(outcomes: Vec<Submitted>) -> (StatusCode, Json<Submission>) {
    let not_taken = outcomes.iter().filter(|one| !one.outcome.taken()).count();
    let unconfirmed = outcomes.iter().find(|one| one.outcome == Fate::Unconfirmed);
    let problem = match unconfirmed {
        _ if not_taken < outcomes.len() => None,
        Some(one) => Some(Problem::away(one.reason.clone())),
        None => Some(Problem::rejected(match &*outcomes {
            [one] => one.reason.clone(),
            all => format!("none of the {} messages was taken; see their reasons", all.len()),
        })),
    };
    let status = problem.as_ref().map_or(StatusCode::OK, Problem::status);
    (status, Json(Submission { outcomes, not_taken, problem }))
}

/// Every message with its own bytes: they are its identity beside the task_id.
pub(super) fn items(headers: &HeaderMap, body: &[u8]) -> Result<Vec<Item>, Problem> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type = content_type.unwrap_or_default();
    match content_type.split(';').next().unwrap_or_default().trim() {
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Ok(lines_of(body)),
        "application/json" => elements_of(body),
        _ => Err(Problem::wrong_content_type(content_type)),
    }
}

fn lines_of(body: &[u8]) -> Vec<Item> {
    let lines = body.split(|byte| *byte == b'\n').enumerate();
    let filled = lines.map(|(at, line)| (at + 1, line.trim_ascii()));
    let filled = filled.filter(|(_, line)| !line.is_empty());
    filled.map(|(line, text)| Item { line, body: text.into() }).collect()
}

fn elements_of(body: &[u8]) -> Result<Vec<Item>, Problem> {
    let body = body.trim_ascii();
    if !body.starts_with(b"[") {
        return Ok(vec![Item { line: 1, body: body.into() }]);
    }
    let elements: Vec<&RawValue> = serde_json::from_slice(body)
        .map_err(|error| Problem::malformed(format!("body: is not a JSON array: {error}")))?;
    let elements = elements.into_iter().enumerate();
    let item =
        |(at, one): (usize, &RawValue)| Item { line: at + 1, body: one.get().as_bytes().into() };
    Ok(elements.map(item).collect())
}
