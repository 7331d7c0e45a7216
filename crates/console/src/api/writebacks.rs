//! What business documents tell the pool, over HTTP.

use super::publish::{MESSAGES, items};
use crate::{
    answers::{WritebackOutcome, WritebackView, Writebacks},
    problem::Problem,
    site::Site,
};
use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
};
use fleet::{
    ports::writeback::WrittenBack,
    writeback::{self, Heard},
};

/// Write back what business documents tell: one, an array of them, or one a line
///
/// Each is written, or not, for itself. What is `written`, `repeated` or `older` need not be sent
/// again. At most 1000 write-backs and 8 MiB in all.
#[utoipa::path(post, path = "/api/v1/writebacks", tag = "invoices",
    request_body(content = Vec<Object>, description = "docs/writeback.schema.json",
        content_type = "application/json"),
    responses(
        (status = 200, description = "An outcome for each", body = Writebacks),
        (status = 400, description = "The body cannot be read", body = Problem),
        (status = 422, description = "None was taken", body = Writebacks),
        (status = 503, description = "The store is away; send it again", body = Problem)))]
pub(crate) async fn write_back(
    State(site): State<Site>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Writebacks>), Problem> {
    let items = items(&headers, &body?)?;
    if items.is_empty() || items.len() > MESSAGES {
        let found = items.len();
        let sentence =
            format!("body: holds {found} write-backs; send from 1 to {MESSAGES} at a time");
        return Err(Problem::malformed(sentence));
    }
    let bodies: Vec<_> = items.iter().map(|item| item.body.clone()).collect();
    let heard = writeback::take(&*site.store, &site.intake.meter, &bodies).await?;
    let views = items.iter().zip(&heard).map(|(item, heard)| view(item.line, heard));
    Ok(answer(views.collect()))
}

fn view(line: usize, heard: &Heard) -> WritebackView {
    let outcome = match heard {
        Heard::Read(WrittenBack::Written) => WritebackOutcome::Written,
        Heard::Read(WrittenBack::Repeated) => WritebackOutcome::Repeated,
        Heard::Read(WrittenBack::Older(_)) => WritebackOutcome::Older,
        Heard::Read(WrittenBack::Refused(_)) => WritebackOutcome::Refused,
        Heard::Read(WrittenBack::NoSuchInvoice) => WritebackOutcome::NoSuchInvoice,
        Heard::Malformed(_) | Heard::Unstorable(_) => WritebackOutcome::Rejected,
    };
    WritebackView { line, outcome, reason: heard.reason() }
}

fn answer(outcomes: Vec<WritebackView>) -> (StatusCode, Json<Writebacks>) {
    let not_taken = outcomes.iter().filter(|one| !one.outcome.taken()).count();
    let problem = (not_taken == outcomes.len()).then(|| {
        Problem::rejected(match &*outcomes {
            [one] => one.reason.clone(),
            all => format!("none of the {} write-backs was taken; see their reasons", all.len()),
        })
    });
    let status = problem.as_ref().map_or(StatusCode::OK, Problem::status);
    (status, Json(Writebacks { outcomes, not_taken, problem }))
}
