//! Checks (核对) of the pool before a period is confirmed.

use super::{asked::ResyncsAsked, exports, resync};
use crate::{
    access::Asker,
    answers::{CheckPage, CheckTotal, ChecksView, ResyncOf, Resyncs},
    around_query::CheckQuery,
    filter::{one_of, packed},
    problem::Problem,
    site::Site,
};
use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{JsonRejection, QueryRejection},
    },
    response::IntoResponse,
};
use domain::{check::Check, period::TaxPeriod, rights::Right, tax_no::TaxNo};
use fleet::ports::{
    checks::{CheckScope, LastResync},
    pool::Cursor,
};

/// Tax numbers of one request to read anew: each reads what it has selected.
const RESYNCS: usize = 100;

fn named(name: &str) -> Result<Check, Problem> {
    let known = || one_of(&Check::ALL.map(Check::name));
    Check::from_name(name)
        .ok_or_else(|| Problem::malformed(format!("check: \"{name}\": {}", known())))
}

/// What every check of a period lists in all, and when the period was read anew last
#[utoipa::path(get, path = "/api/v1/checks", tag = "checks", params(CheckQuery), responses(
    (status = 200, description = "Counts, amounts and taxes", body = ChecksView),
    (status = 400, description = "A parameter cannot be read", body = Problem)))]
pub(crate) async fn totals(
    State(site): State<Site>,
    asker: Asker,
    query: Result<Query<CheckQuery>, QueryRejection>,
) -> Result<Json<ChecksView>, Problem> {
    let Query(query) = query?;
    let scope = query.scope(asker.organisations(Right::View)?, site.desk.clock.now())?;
    let mut checks = Vec::with_capacity(Check::ALL.len());
    for check in Check::ALL {
        checks.push(CheckTotal::of(check, site.store.check_sum(check, &scope).await?));
    }
    let resync = last_resync(&site, &asker, &scope).await?;
    let period = scope.period.to_string();
    Ok(Json(ChecksView { period, checks, resync: resync.map(Into::into) }))
}

/// When the tax number that is asked for was read anew: of one that the asker may see.
async fn last_resync(
    site: &Site,
    asker: &Asker,
    scope: &CheckScope,
) -> Result<Option<LastResync>, Problem> {
    let Some(buyer) = scope.buyer.clone() else { return Ok(None) };
    if !asker.sees_tax_no(site, &buyer).await? {
        return Ok(None);
    }
    Ok(site.store.last_resyncs(&[(buyer, scope.period)]).await?.pop().flatten())
}

/// The invoices that one check lists
#[utoipa::path(get, path = "/api/v1/checks/{check}", tag = "checks",
    params(("check" = String, Path,
        description = "abnormal, booked_not_selected, selected_not_booked, wrong_buyer"),
        CheckQuery), responses(
    (status = 200, description = "A page", body = CheckPage),
    (status = 400, description = "A parameter cannot be read", body = Problem)))]
pub(crate) async fn list(
    State(site): State<Site>,
    asker: Asker,
    Path(check): Path<String>,
    query: Result<Query<CheckQuery>, QueryRejection>,
) -> Result<Json<CheckPage>, Problem> {
    let (Query(query), check) = (query?, named(&check)?);
    let scope = query.scope(asker.organisations(Right::View)?, site.desk.clock.now())?;
    let (after, limit) = query.page()?;
    // One more than asked for tells whether there is another page.
    let mut invoices = site.store.check(check, &scope, after.as_ref(), limit + 1).await?;
    let more = invoices.len() > limit;
    invoices.truncate(limit);
    let next = invoices.last().filter(|_| more).map(|last| packed(&Cursor::after(last)));
    Ok(Json(CheckPage { check, period: scope.period.to_string(), invoices, next }))
}

/// The invoices that one check lists, as a file
#[utoipa::path(get, path = "/api/v1/exports/checks/{check}", tag = "checks",
    params(("check" = String, Path, description = "As in the list"), CheckQuery),
    responses((status = 200, description = "An .xlsx file"),
    (status = 400, description = "A parameter cannot be read, or too much matches",
        body = Problem)))]
pub(crate) async fn export(
    State(site): State<Site>,
    asker: Asker,
    Path(check): Path<String>,
    query: Result<Query<CheckQuery>, QueryRejection>,
) -> Result<impl IntoResponse, Problem> {
    let (Query(query), check) = (query?, named(&check)?);
    let scope = query.scope(asker.organisations(Right::View)?, site.desk.clock.now())?;
    exports::check(&site, check, &scope).await
}

/// Read anew what tax numbers have selected for a period: state, status and risk
///
/// Makes the tasks that `/api/v1/invoices/resync` makes, for each of them. Asking again reads again.
#[utoipa::path(post, path = "/api/v1/checks/resync", tag = "checks", request_body = ResyncsAsked,
    responses((status = 200, description = "How many invoices are read, by how many tasks",
        body = Resyncs),
    (status = 400, description = "Something of it cannot be read", body = Problem)))]
pub(crate) async fn resync(
    State(site): State<Site>,
    asker: Asker,
    asked: Result<Json<ResyncsAsked>, JsonRejection>,
) -> Result<Json<Resyncs>, Problem> {
    let Json(asked) = asked?;
    let note = asker.note(&asked.by, "resync")?;
    let period: TaxPeriod =
        asked.period.parse().map_err(|error| Problem::malformed(format!("period: {error}")))?;
    let count = asked.tax_nos.len();
    if !(1..=RESYNCS).contains(&count) {
        return Err(Problem::malformed(format!(
            "tax_nos: has {count} entries; name 1 to {RESYNCS}"
        )));
    }
    let read = |text: &String| {
        text.parse().map_err(|error| Problem::malformed(format!("tax_nos: {error}")))
    };
    let tax_nos: Vec<TaxNo> = asked.tax_nos.iter().map(read).collect::<Result<_, _>>()?;
    asker.tax_nos(&site, Right::Select, &tax_nos).await?;
    let mut done = Vec::with_capacity(count);
    for tax_no in tax_nos {
        let resync = resync::of_whole_period(&site, &tax_no, period, &note.by).await?;
        let (invoices, tasks) = (resync.invoices, resync.tasks.len());
        done.push(ResyncOf { tax_no: tax_no.to_string(), invoices, tasks });
    }
    Ok(Json(Resyncs { period: period.to_string(), tax_nos: done }))
}
