//! Confirmation runs (批量统计确认).

use super::asked::{AcceptAsked, ApproveAsked, RunAsked, RunPartsAsked};
use crate::{
    access::Asker,
    answers::{RunCount, RunPage, RunPartView, RunParts, RunView},
    around_query::{RunPartQuery, RunQuery},
    filter::packed,
    problem::Problem,
    site::Site,
};
use axum::{
    Json,
    body::Bytes,
    extract::{
        Path, Query, State,
        rejection::{BytesRejection, JsonRejection, QueryRejection},
    },
};
use domain::{
    rights::Right,
    run::{AskedRun, Run, limits::TAX_NUMBERS},
    tax_no::TaxNo,
};
use fleet::{
    ports::runs::AfterRun,
    runs::{AT_ONCE, Decided, RunError},
};

/// Bytes of a request: 10,000 tax numbers with their figures are below 2 MB.
pub(super) const BYTES: usize = 4 << 20;

/// Parts of a run that are looked at together.
const PARTS: usize = 1_000;

type Shown = Result<Json<RunView>, Problem>;

async fn counted(site: &Site, run: Run) -> Result<RunView, Problem> {
    let counts = site.store.run_counts(&run.run_id).await?.into_iter();
    let states = counts.map(|(state, tax_nos)| RunCount { state: state.name().into(), tax_nos });
    Ok(RunView::of(run, states.collect()))
}

/// The run, if the asker has the right for every tax number of it.
async fn found(site: &Site, asker: &Asker, right: Right, id: &str) -> Result<Run, Problem> {
    let run = site.runs().found(id).await?;
    if asker.organisations(right)?.is_none() {
        return Ok(run);
    }
    let mut after = None;
    loop {
        let parts = site.store.run_parts(id, &[], after.as_ref(), PARTS).await?;
        let tax_nos: Vec<TaxNo> = parts.into_iter().map(|part| part.tax_no).collect();
        asker.tax_nos(site, right, &tax_nos).await?;
        after = tax_nos.last().cloned();
        if tax_nos.len() < PARTS {
            return Ok(run);
        }
    }
}

/// The right for these tax numbers, and for the audit how they stood.
async fn acts_on(site: &Site, asker: &Asker, id: &str, of: &[TaxNo]) -> Result<(), Problem> {
    asker.tax_nos(site, Right::Confirm, of).await?;
    let run = site.runs().found(id).await?;
    let parts = site.store.parts_of(id, of).await?.into_iter().flatten();
    let parts: Vec<RunPartView> = parts.map(|part| RunPartView::of(&run, part)).collect();
    asker.before(&parts);
    Ok(())
}

async fn shown(site: &Site, id: &str) -> Shown {
    let run = site.runs().found(id).await?;
    Ok(Json(counted(site, run).await?))
}

/// Ask for a run: the statistic tables of many tax numbers are made, and their figures compared
///
/// Nothing is confirmed before a second person has approved. The same again goes on with it.
#[utoipa::path(post, path = "/api/v1/runs", tag = "runs", request_body = RunAsked, responses(
    (status = 200, description = "The run as it stands", body = RunView),
    (status = 400, description = "Something of it cannot be read", body = Problem),
    (status = 409, description = "The id was used for another run", body = Problem),
    (status = 422, description = "A secret is missing", body = Problem)))]
pub(crate) async fn ask(
    State(site): State<Site>,
    asker: Asker,
    body: Result<Bytes, BytesRejection>,
) -> Shown {
    // Whoever shows a token cannot ask in another's name, nor approve in one.
    let user = asker.name(None);
    let asked = AskedRun::parse(&body?, user.as_deref()).map_err(RunError::from)?;
    asker.tax_nos(&site, Right::Confirm, &asked.tax_nos).await?;
    let run = site.runs().ask(asked).await?;
    Ok(Json(counted(&site, run).await?))
}

/// Runs of which the asker may see every tax number, newest first
#[utoipa::path(get, path = "/api/v1/runs", tag = "runs", params(RunQuery), responses(
    (status = 200, description = "A page", body = RunPage),
    (status = 400, description = "A parameter cannot be read", body = Problem)))]
pub(crate) async fn list(
    State(site): State<Site>,
    asker: Asker,
    query: Result<Query<RunQuery>, QueryRejection>,
) -> Result<Json<RunPage>, Problem> {
    let (after, limit) = query?.page()?;
    let within = asker.organisations(Right::View)?;
    let mut found = site.store.runs(within.as_deref(), after.as_ref(), limit + 1).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let token =
        |run: &Run| packed(&AfterRun { created_at: run.created_at, run_id: run.run_id.clone() });
    let next = found.last().filter(|_| more).map(token);
    let mut runs = Vec::with_capacity(found.len());
    for run in found {
        runs.push(counted(&site, run).await?);
    }
    Ok(Json(RunPage { runs, next }))
}

/// A run, and how many of its tax numbers stand where
#[utoipa::path(get, path = "/api/v1/runs/{id}", tag = "runs",
    params(("id" = String, Path, description = "run_id")), responses(
    (status = 200, description = "The run as it stands", body = RunView),
    (status = 404, description = "No such run", body = Problem)))]
pub(crate) async fn show(State(site): State<Site>, asker: Asker, Path(id): Path<String>) -> Shown {
    found(&site, &asker, Right::View, &id).await?;
    shown(&site, &id).await
}

/// Where each tax number of a run stands, and why not further
#[utoipa::path(get, path = "/api/v1/runs/{id}/parts", tag = "runs",
    params(("id" = String, Path, description = "run_id"), RunPartQuery), responses(
    (status = 200, description = "A page, by tax number", body = RunParts),
    (status = 404, description = "No such run", body = Problem)))]
pub(crate) async fn parts(
    State(site): State<Site>,
    asker: Asker,
    Path(id): Path<String>,
    query: Result<Query<RunPartQuery>, QueryRejection>,
) -> Result<Json<RunParts>, Problem> {
    let Query(query) = query?;
    let (states, (after, limit)) = (query.states()?, query.page()?);
    let run = found(&site, &asker, Right::View, &id).await?;
    let mut found = site.store.run_parts(&id, &states, after.as_ref(), limit + 1).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| last.tax_no.to_string());
    let parts = found.into_iter().map(|part| RunPartView::of(&run, part)).collect();
    Ok(Json(RunParts { parts, next }))
}

/// Accept that the figures of a tax number differ, with a reason
#[utoipa::path(post, path = "/api/v1/runs/{id}/accept", tag = "runs",
    params(("id" = String, Path, description = "run_id")), request_body = AcceptAsked, responses(
    (status = 200, description = "The run as it stands", body = RunView),
    (status = 404, description = "No such run", body = Problem),
    (status = 409, description = "It does not differ, or has other figures", body = Problem)))]
pub(crate) async fn accept(
    State(site): State<Site>,
    asker: Asker,
    Path(id): Path<String>,
    asked: Result<Json<AcceptAsked>, JsonRejection>,
) -> Shown {
    let Json(asked) = asked?;
    let note = asker.note(&asked.by, &asked.reason)?;
    let of = Decided { tax_no: tax_no("tax_no", &asked.tax_no)?, figures: asked.figures };
    acts_on(&site, &asker, &id, std::slice::from_ref(&of.tax_no)).await?;
    site.runs().accept(&id, &of, &note).await?;
    shown(&site, &id).await
}

/// Approve the figures of tax numbers, as the second person: they are confirmed from then on
#[utoipa::path(post, path = "/api/v1/runs/{id}/approve", tag = "runs",
    params(("id" = String, Path, description = "run_id")), request_body = ApproveAsked, responses(
    (status = 200, description = "The run as it stands", body = RunView),
    (status = 404, description = "No such run", body = Problem),
    (status = 409, description = "By whoever asked for it, or other figures", body = Problem)))]
pub(crate) async fn approve(
    State(site): State<Site>,
    asker: Asker,
    Path(id): Path<String>,
    asked: Result<Json<ApproveAsked>, JsonRejection>,
) -> Shown {
    let Json(asked) = asked?;
    let note = asker.note(&asked.by, "approval")?;
    must_be_some("parts", asked.parts.len())?;
    let decided = asked.parts.into_iter().map(|part| {
        let tax_no = tax_no("parts", &part.tax_no)?;
        Ok(Decided { tax_no, figures: part.figures })
    });
    let decided: Vec<Decided> = decided.collect::<Result<_, Problem>>()?;
    let of: Vec<TaxNo> = decided.iter().map(|one| one.tax_no.clone()).collect();
    acts_on(&site, &asker, &id, &of).await?;
    site.runs().approve(&id, &decided, &note.by).await?;
    shown(&site, &id).await
}

/// Read tax numbers again, or try again from the beginning what has stopped
#[utoipa::path(post, path = "/api/v1/runs/{id}/again", tag = "runs",
    params(("id" = String, Path, description = "run_id")), request_body = RunPartsAsked,
    responses((status = 200, description = "The run as it stands", body = RunView),
    (status = 404, description = "No such run", body = Problem),
    (status = 409, description = "A task of it is under way", body = Problem)))]
pub(crate) async fn again(
    State(site): State<Site>,
    asker: Asker,
    Path(id): Path<String>,
    asked: Result<Json<RunPartsAsked>, JsonRejection>,
) -> Shown {
    let Json(asked) = asked?;
    let note = asker.note(&asked.by, &asked.reason)?;
    let of = tax_nos(&asked)?;
    acts_on(&site, &asker, &id, &of).await?;
    site.runs().again(&id, &of, &note).await?;
    shown(&site, &id).await
}

/// Take tax numbers out of a run before they are approved
#[utoipa::path(post, path = "/api/v1/runs/{id}/drop", tag = "runs",
    params(("id" = String, Path, description = "run_id")), request_body = RunPartsAsked,
    responses((status = 200, description = "The run as it stands", body = RunView),
    (status = 404, description = "No such run", body = Problem),
    (status = 409, description = "It is approved already", body = Problem)))]
pub(crate) async fn drop_parts(
    State(site): State<Site>,
    asker: Asker,
    Path(id): Path<String>,
    asked: Result<Json<RunPartsAsked>, JsonRejection>,
) -> Shown {
    let Json(asked) = asked?;
    let note = asker.note(&asked.by, &asked.reason)?;
    let of = tax_nos(&asked)?;
    acts_on(&site, &asker, &id, &of).await?;
    site.runs().drop_parts(&id, &of, &note).await?;
    shown(&site, &id).await
}

/// Go on with a run now; a worker does so by itself every few seconds
#[utoipa::path(post, path = "/api/v1/runs/{id}/go-on", tag = "runs",
    params(("id" = String, Path, description = "run_id")), responses(
    (status = 200, description = "The run as it stands", body = RunView),
    (status = 404, description = "No such run", body = Problem)))]
pub(crate) async fn go_on(State(site): State<Site>, asker: Asker, Path(id): Path<String>) -> Shown {
    found(&site, &asker, Right::Confirm, &id).await?;
    site.runs().go_on(Some(&id), AT_ONCE).await?;
    shown(&site, &id).await
}

fn tax_no(field: &str, text: &str) -> Result<TaxNo, Problem> {
    text.parse().map_err(|error| Problem::malformed(format!("{field}: {error}")))
}

fn tax_nos(asked: &RunPartsAsked) -> Result<Vec<TaxNo>, Problem> {
    must_be_some("tax_nos", asked.tax_nos.len())?;
    asked.tax_nos.iter().map(|text| tax_no("tax_nos", text)).collect()
}

fn must_be_some(field: &str, count: usize) -> Result<(), Problem> {
    if (1..=TAX_NUMBERS).contains(&count) {
        return Ok(());
    }
    Err(Problem::malformed(format!("{field}: has {count} entries; name 1 to {TAX_NUMBERS}")))
}
