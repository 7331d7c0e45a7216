//! Searching the ledger (用票操作台账).

use crate::{
    answers::LedgerPage, filter::packed, ledger_query::LedgerQuery, problem::Problem, site::Site,
};
use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use fleet::ports::ledger::AfterLine;

/// What became of invoices, the newest task first
#[utoipa::path(get, path = "/api/v1/ledger", tag = "invoices", params(LedgerQuery), responses(
    (status = 200, description = "A page", body = LedgerPage),
    (status = 400, description = "A parameter cannot be read", body = Problem)))]
pub(crate) async fn search(
    State(site): State<Site>,
    query: Result<Query<LedgerQuery>, QueryRejection>,
) -> Result<Json<LedgerPage>, Problem> {
    let Query(query) = query?;
    let (after, limit) = query.page()?;
    let mut lines = site.store.ledger(&query.filter()?, after.as_ref(), limit + 1).await?;
    let more = lines.len() > limit;
    lines.truncate(limit);
    let next = lines.last().filter(|_| more).map(|last| packed(&AfterLine::of(last)));
    Ok(Json(LedgerPage { lines, next }))
}
