//! Searching the ledger (用票操作台账).

use crate::{
    access::Asker, answers::LedgerPage, filter::packed, ledger_query::LedgerQuery,
    problem::Problem, site::Site,
};
use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use domain::rights::Right;
use fleet::ports::ledger::{AfterLine, LedgerFilter};

/// What became of invoices, the newest task first
#[utoipa::path(get, path = "/api/v1/ledger", tag = "invoices", params(LedgerQuery), responses(
    (status = 200, description = "A page", body = LedgerPage),
    (status = 400, description = "A parameter cannot be read", body = Problem)))]
pub(crate) async fn search(
    State(site): State<Site>,
    asker: Asker,
    query: Result<Query<LedgerQuery>, QueryRejection>,
) -> Result<Json<LedgerPage>, Problem> {
    let Query(query) = query?;
    let (after, limit) = query.page()?;
    let filter = LedgerFilter { within: asker.sees(Right::View)?, ..query.filter()? };
    let mut lines = site.store.ledger(&filter, after.as_ref(), limit + 1).await?;
    let more = lines.len() > limit;
    lines.truncate(limit);
    let next = lines.last().filter(|_| more).map(|last| packed(&AfterLine::of(last)));
    Ok(Json(LedgerPage { lines, next }))
}
