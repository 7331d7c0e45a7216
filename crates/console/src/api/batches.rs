//! Batches (勾选批次): ask, look, change a draft, submit, call off, select again what failed.

use super::asked::{AgainAsked, BatchAccountAsked, BatchDropAsked, BatchLoginAsked, NoteAsked};
use crate::{
    access::Asker,
    answers::{BatchCalledOff, BatchLines, BatchPage, BatchShown, SessionChanged},
    batch_query::{BatchLinesQuery, BatchQuery, token},
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
    batch::{AskedBatch, Batch},
    kind::Action,
    rights::Right,
    tax_no::TaxNo,
};
use fleet::batches::{Again, DraftChange};

/// Bytes of a batch at most: 50,000 invoices, each with its words.
pub(crate) const BYTES: usize = 32 << 20;

type Shown = Result<Json<BatchShown>, Problem>;

async fn shown(site: &Site, id: &str) -> Shown {
    Ok(Json(BatchShown { view: site.batches().view(id).await? }))
}

fn tax_no(text: &str) -> Result<TaxNo, Problem> {
    text.parse().map_err(|error| Problem::malformed(format!("tax_no: {error}")))
}

async fn found(
    site: &Site,
    asker: &Asker,
    id: &str,
    right: Option<Right>,
) -> Result<Batch, Problem> {
    let batch = site.batches().found(id).await?;
    asker.batch(site, right, &batch).await?;
    Ok(batch)
}

/// The right that each of its parts asks for, and for the audit how it stood.
async fn acts_on(site: &Site, asker: &Asker, id: &str) -> Result<(), Problem> {
    let batch = found(site, asker, id, None).await?;
    asker.before(&batch);
    Ok(())
}

/// Every invoice of it, by what is asked of it.
async fn may_ask(site: &Site, asker: &Asker, asked: &AskedBatch) -> Result<(), Problem> {
    let Some(_) = asker.user() else { return Ok(()) };
    for action in [Action::Select, Action::Deselect] {
        let of = asked.invoices.iter().filter(|invoice| invoice.action == action);
        let of: Vec<_> = of.map(|invoice| (invoice.tax_no.clone(), invoice.key.clone())).collect();
        if !of.is_empty() {
            asker.invoices(site, Right::of(asked.purpose.kind(action)), &of).await?;
        }
    }
    Ok(())
}

/// Ask for a batch: it is split into tasks at once, or kept as a draft
///
/// Asking for the same again is answered with how it stands. `docs/batches.md` describes the body.
#[utoipa::path(post, path = "/api/v1/batches", tag = "batches",
    request_body(content = Object, description = "docs/batches.md"),
    responses((status = 200, description = "The batch as it stands", body = BatchShown),
        (status = 400, description = "Which field cannot be read", body = Problem),
        (status = 409, description = "The id was used for another batch", body = Problem)))]
pub(crate) async fn ask(
    State(site): State<Site>,
    asker: Asker,
    body: Result<Bytes, BytesRejection>,
) -> Shown {
    let mut asked = AskedBatch::parse(&body?).map_err(fleet::batches::BatchError::from)?;
    asked.submitted_by = asker.name(asked.submitted_by.as_deref());
    may_ask(&site, &asker, &asked).await?;
    let batch = site.batches().ask(asked).await?;
    shown(&site, &batch.batch_id).await
}

/// Batches, newest first
#[utoipa::path(get, path = "/api/v1/batches", tag = "batches", params(BatchQuery), responses(
    (status = 200, description = "A page", body = BatchPage),
    (status = 400, description = "A parameter cannot be read", body = Problem)))]
pub(crate) async fn list(
    State(site): State<Site>,
    asker: Asker,
    query: Result<Query<BatchQuery>, QueryRejection>,
) -> Result<Json<BatchPage>, Problem> {
    let Query(query) = query?;
    let (after, limit) = query.page()?;
    let mut filter = query.filter()?;
    // A batch may name many organisations: who sees some sees the own ones.
    if asker.organisations(Right::View)?.is_some() {
        filter.submitted_by = asker.name(None);
    }
    let mut batches = site.store.batches(&filter, after.as_ref(), limit + 1).await?;
    let more = batches.len() > limit;
    batches.truncate(limit);
    let next = batches.last().filter(|_| more).map(token);
    Ok(Json(BatchPage { batches, next }))
}

/// One batch: what each tax number uses, and how far it is
#[utoipa::path(get, path = "/api/v1/batches/{id}", tag = "batches",
    params(("id" = String, Path, description = "batch_id")), responses(
    (status = 200, description = "The batch", body = BatchShown),
    (status = 404, description = "No such batch", body = Problem)))]
pub(crate) async fn show(State(site): State<Site>, asker: Asker, Path(id): Path<String>) -> Shown {
    found(&site, &asker, &id, Some(Right::View)).await?;
    shown(&site, &id).await
}

/// Its invoices in the order asked, with what came of each
#[utoipa::path(get, path = "/api/v1/batches/{id}/invoices", tag = "batches", params(
    ("id" = String, Path, description = "batch_id"), BatchLinesQuery), responses(
    (status = 200, description = "A page", body = BatchLines),
    (status = 404, description = "No such batch", body = Problem)))]
pub(crate) async fn invoices(
    State(site): State<Site>,
    asker: Asker,
    Path(id): Path<String>,
    query: Result<Query<BatchLinesQuery>, QueryRejection>,
) -> Result<Json<BatchLines>, Problem> {
    let Query(query) = query?;
    let (from, limit) = query.page()?;
    let batches = site.batches();
    let batch = found(&site, &asker, &id, Some(Right::View)).await?;
    let mut invoices = batches.lines(&batch, from, limit + 1).await?;
    let more = invoices.len() > limit;
    invoices.truncate(limit);
    Ok(Json(BatchLines { invoices, next: more.then_some(from + limit) }))
}

/// Make a draft's tasks
#[utoipa::path(post, path = "/api/v1/batches/{id}/submit", tag = "batches",
    params(("id" = String, Path, description = "batch_id")), responses(
    (status = 200, description = "The batch as it stands", body = BatchShown),
    (status = 404, description = "No such batch", body = Problem),
    (status = 409, description = "Why it cannot be submitted", body = Problem)))]
pub(crate) async fn submit(
    State(site): State<Site>,
    asker: Asker,
    Path(id): Path<String>,
) -> Shown {
    acts_on(&site, &asker, &id).await?;
    site.batches().submit(&id).await?;
    shown(&site, &id).await
}

/// Use another account for a tax number of a draft
#[utoipa::path(post, path = "/api/v1/batches/{id}/account", tag = "batches",
    params(("id" = String, Path, description = "batch_id")), request_body = BatchAccountAsked,
    responses((status = 200, description = "The batch as it stands", body = BatchShown),
        (status = 404, description = "No such batch", body = Problem),
        (status = 409, description = "It is no draft, or the account does not serve it",
            body = Problem)))]
pub(crate) async fn account(
    State(site): State<Site>,
    asker: Asker,
    Path(id): Path<String>,
    asked: Result<Json<BatchAccountAsked>, JsonRejection>,
) -> Shown {
    let Json(asked) = asked?;
    let account = asked.account.as_deref().filter(|text| !text.is_empty());
    let account = account.map(str::parse).transpose();
    let account = account.map_err(|error| Problem::malformed(format!("account: {error}")))?;
    let change = DraftChange::Account { tax_no: tax_no(&asked.tax_no)?, account };
    acts_on(&site, &asker, &id).await?;
    site.batches().change(&id, &change).await?;
    shown(&site, &id).await
}

/// Drop a tax number's invoices from a draft, or take that back
#[utoipa::path(post, path = "/api/v1/batches/{id}/drop", tag = "batches",
    params(("id" = String, Path, description = "batch_id")), request_body = BatchDropAsked,
    responses((status = 200, description = "The batch as it stands", body = BatchShown),
        (status = 404, description = "No such batch", body = Problem),
        (status = 409, description = "It is no draft", body = Problem)))]
pub(crate) async fn drop_tax_no(
    State(site): State<Site>,
    asker: Asker,
    Path(id): Path<String>,
    asked: Result<Json<BatchDropAsked>, JsonRejection>,
) -> Shown {
    let Json(asked) = asked?;
    let change = DraftChange::Drop { tax_no: tax_no(&asked.tax_no)?, dropped: asked.dropped };
    acts_on(&site, &asker, &id).await?;
    site.batches().change(&id, &change).await?;
    shown(&site, &id).await
}

/// Tell that the account of a tax number is logged in: every tax number with that account and
/// bureau turns on line with it
#[utoipa::path(post, path = "/api/v1/batches/{id}/login", tag = "batches",
    params(("id" = String, Path, description = "batch_id")), request_body = BatchLoginAsked,
    responses((status = 200, description = "Noted", body = SessionChanged),
        (status = 404, description = "No such batch, or it uses no account", body = Problem)))]
pub(crate) async fn login(
    State(site): State<Site>,
    asker: Asker,
    Path(id): Path<String>,
    asked: Result<Json<BatchLoginAsked>, JsonRejection>,
) -> Result<Json<SessionChanged>, Problem> {
    let Json(asked) = asked?;
    let note = asker.note(&asked.by, &asked.reason)?;
    acts_on(&site, &asker, &id).await?;
    let lane = site.batches().lane_of(&id, &tax_no(&asked.tax_no)?).await?;
    let lane = lane.filter(|lane| !lane.account.is_leqi());
    let none = || Problem::no_such_lane(format!("an account that {} logs in with", asked.tax_no));
    let lane = lane.ok_or_else(none)?;
    let now = site.desk.clock.now();
    let noted = site.desk.session(&lane, true, now, asked.until, &note).await?;
    tracing::info!(%lane, by = note.by, reason = note.reason, "a login was told of");
    Ok(Json(SessionChanged { counted: noted.counted, resumed: noted.resumed }))
}

/// Call off a draft, or those tasks of a batch that have sent nothing
#[utoipa::path(post, path = "/api/v1/batches/{id}/cancel", tag = "batches",
    params(("id" = String, Path, description = "batch_id")), request_body = NoteAsked,
    responses((status = 200, description = "What became of its tasks", body = BatchCalledOff),
        (status = 404, description = "No such batch", body = Problem)))]
pub(crate) async fn cancel(
    State(site): State<Site>,
    asker: Asker,
    Path(id): Path<String>,
    asked: Result<Json<NoteAsked>, JsonRejection>,
) -> Result<Json<BatchCalledOff>, Problem> {
    let Json(asked) = asked?;
    let note = asker.note(&asked.by, &asked.reason)?;
    acts_on(&site, &asker, &id).await?;
    let done = site.batches().call_off(&id, &note).await?;
    let state = site.batches().found(&id).await?.state.name().to_owned();
    Ok(Json(BatchCalledOff { state, cancelled: done.cancelled, too_late: done.too_late }))
}

/// Select again what failed: a new batch of just those invoices
#[utoipa::path(post, path = "/api/v1/batches/{id}/again", tag = "batches",
    params(("id" = String, Path, description = "batch_id")), request_body = AgainAsked,
    responses((status = 200, description = "The new batch as it stands", body = BatchShown),
        (status = 404, description = "No such batch", body = Problem),
        (status = 409, description = "Nothing of it has failed", body = Problem)))]
pub(crate) async fn again(
    State(site): State<Site>,
    asker: Asker,
    Path(of): Path<String>,
    asked: Result<Json<AgainAsked>, JsonRejection>,
) -> Shown {
    let Json(AgainAsked { batch_id, submitted_by, draft }) = asked?;
    acts_on(&site, &asker, &of).await?;
    let submitted_by = asker.name(submitted_by.as_deref());
    let batch = site.batches().again(&Again { of, batch_id, submitted_by, draft }).await?;
    shown(&site, &batch.batch_id).await
}
