//! Lists (引入清单勾选): template, upload, results, edit list, confirmation.

use super::asked::{ConfirmAsked, RowAsked};
use crate::{
    access::Asker,
    answers::{BatchShown, ListPage, ListRows, ListShown},
    list_query::{ListQuery, RowsQuery, UploadQuery, token},
    problem::Problem,
    site::Site,
    xlsx,
};
use axum::{
    Json,
    body::Bytes,
    extract::{
        Path, Query, State,
        rejection::{BytesRejection, JsonRejection, QueryRejection},
    },
    response::IntoResponse,
};
use domain::{
    kind::Action,
    list::{ListImport, ListRow, RowOutcome},
    rights::Right,
};
use fleet::{
    lists::{ListError, RowChange},
    ports::lists::AfterList,
};
use sheets::{Limits, Results};

/// Bytes of an uploaded file; a larger one is answered with the sentence of its own limit.
pub(crate) const BYTES: usize = 11 << 20;
/// Rows read in one go while a file is written.
const ROWS: usize = 5_000;
/// What a batch is made of.
const PASSED: [RowOutcome; 3] = [RowOutcome::TaskFails, RowOutcome::LeftOut, RowOutcome::Listed];

fn not_written(error: &sheets::WriteError) -> Problem {
    Problem::broken(format!("a file was not written: {error}"))
}

/// The empty list that people fill in
#[utoipa::path(get, path = "/api/v1/lists/template.xlsx", tag = "lists",
    responses((status = 200, description = "An .xlsx file")))]
pub(crate) async fn template() -> Result<impl IntoResponse, Problem> {
    xlsx::file("template.xlsx", sheets::template().map_err(|error| not_written(&error))?)
}

/// Upload a filled-in list: every row gets its result
///
/// Uploading the same again is answered with how it stands.
#[utoipa::path(post, path = "/api/v1/lists", tag = "lists", params(UploadQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream",
        description = "The .xlsx file"),
    responses((status = 200, description = "The list; `refused` when the file is none",
            body = ListShown),
        (status = 400, description = "A parameter cannot be read", body = Problem),
        (status = 409, description = "The id was used for another list", body = Problem)))]
pub(crate) async fn upload(
    State(site): State<Site>,
    asker: Asker,
    query: Result<Query<UploadQuery>, QueryRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<ListShown>, Problem> {
    let Query(mut query) = query?;
    query.submitted_by = asker.name(query.submitted_by.as_deref());
    let body = body?;
    let list = query.list(&body, site.desk.clock.now())?;
    // Unpacking and reading cost seconds of one core: not on a thread that others wait for.
    let read = tokio::task::spawn_blocking(move || {
        sheets::read_list(&body, &Limits::default()).map_err(|refused| refused.to_string())
    });
    let rows = read.await.map_err(|error| Problem::broken(format!("reading ended: {error}")))?;
    let within = asker.organisations(Right::View)?;
    let list = site.lists().import(list, rows, within.as_deref()).await?;
    Ok(Json(ListShown { list }))
}

/// The list, if it is the asker's to see: a list names invoices of many organisations, so that who
/// sees some only sees their own.
async fn found(site: &Site, asker: &Asker, id: &str) -> Result<ListImport, Problem> {
    let list = site.lists().found(id).await?;
    match asker.organisations(Right::View)? {
        Some(_) if !is_own(asker, &list) => Err(ListError::NoSuchList(id.to_owned()).into()),
        _ => Ok(list),
    }
}

fn is_own(asker: &Asker, list: &ListImport) -> bool {
    list.submitted_by.is_some() && list.submitted_by == asker.name(None)
}

/// A page of those that the asker may see.
async fn page_of(
    site: &Site,
    asker: &Asker,
    mut after: Option<AfterList>,
    limit: usize,
) -> Result<Vec<ListImport>, Problem> {
    if asker.organisations(Right::View)?.is_none() {
        return Ok(site.store.list_imports(after.as_ref(), limit).await?);
    }
    let mut own = Vec::new();
    loop {
        let page = site.store.list_imports(after.as_ref(), ROWS).await?;
        let whole = page.len() == ROWS;
        let last = page.last();
        after = last
            .map(|list| AfterList { created_at: list.created_at, list_id: list.list_id.clone() });
        own.extend(page.into_iter().filter(|list| is_own(asker, list)));
        own.truncate(limit);
        if !whole || own.len() == limit {
            return Ok(own);
        }
    }
}

/// What passed or makes a task that fails, row by row: all of it becomes the batch.
async fn may_confirm(site: &Site, asker: &Asker, id: &str) -> Result<(), Problem> {
    let Some(_) = asker.user() else { return Ok(()) };
    let mut after = 0;
    loop {
        let rows = site.store.list_rows(id, &PASSED, after, ROWS).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.row;
        for (action, right) in
            [(Action::Select, Right::Select), (Action::Deselect, Right::Withdraw)]
        {
            let of = rows.iter().filter_map(|row| row.entry.as_ref());
            let of = of.filter(|entry| entry.action == action && !entry.dropped);
            let of: Vec<_> = of.map(|entry| (entry.tax_no.clone(), entry.key.clone())).collect();
            if !of.is_empty() {
                asker.invoices(site, right, &of).await?;
            }
        }
    }
}

/// Lists, newest first
#[utoipa::path(get, path = "/api/v1/lists", tag = "lists", params(ListQuery), responses(
    (status = 200, description = "A page", body = ListPage),
    (status = 400, description = "A parameter cannot be read", body = Problem)))]
pub(crate) async fn all(
    State(site): State<Site>,
    asker: Asker,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<ListPage>, Problem> {
    let Query(query) = query?;
    let (after, limit) = query.page()?;
    let mut lists = page_of(&site, &asker, after, limit + 1).await?;
    let more = lists.len() > limit;
    lists.truncate(limit);
    let next = lists.last().filter(|_| more).map(token);
    Ok(Json(ListPage { lists, next }))
}

/// One list: how far it is, and how many rows have which result
#[utoipa::path(get, path = "/api/v1/lists/{id}", tag = "lists",
    params(("id" = String, Path, description = "list_id")), responses(
    (status = 200, description = "The list", body = ListShown),
    (status = 404, description = "No such list", body = Problem)))]
pub(crate) async fn show(
    State(site): State<Site>,
    asker: Asker,
    Path(id): Path<String>,
) -> Result<Json<ListShown>, Problem> {
    Ok(Json(ListShown { list: found(&site, &asker, &id).await? }))
}

/// Its rows with their results, and the edit list among them
#[utoipa::path(get, path = "/api/v1/lists/{id}/rows", tag = "lists", params(
    ("id" = String, Path, description = "list_id"), RowsQuery), responses(
    (status = 200, description = "A page", body = ListRows),
    (status = 404, description = "No such list", body = Problem)))]
pub(crate) async fn rows(
    State(site): State<Site>,
    asker: Asker,
    Path(id): Path<String>,
    query: Result<Query<RowsQuery>, QueryRejection>,
) -> Result<Json<ListRows>, Problem> {
    let Query(query) = query?;
    let (results, after, limit) = query.page()?;
    found(&site, &asker, &id).await?;
    let mut rows = site.store.list_rows(&id, &results, after, limit + 1).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| row.row);
    Ok(Json(ListRows { rows, next }))
}

/// Change a row of the edit list: drop it, put it back, give it another reason
#[utoipa::path(post, path = "/api/v1/lists/{id}/rows/{row}", tag = "lists", params(
    ("id" = String, Path, description = "list_id"),
    ("row" = u32, Path, description = "The row's number in the sheet")),
    request_body = RowAsked, responses(
    (status = 200, description = "The row", body = Object),
    (status = 404, description = "No such list or row", body = Problem),
    (status = 409, description = "Why it cannot be changed", body = Problem)))]
pub(crate) async fn change(
    State(site): State<Site>,
    asker: Asker,
    Path((id, row)): Path<(String, String)>,
    asked: Result<Json<RowAsked>, JsonRejection>,
) -> Result<Json<ListRow>, Problem> {
    let Json(asked) = asked?;
    let row = row.parse().map_err(|_| Problem::malformed("row: is no row's number"))?;
    let reason = asked.reason.as_deref().map(str::parse).transpose();
    let reason = reason.map_err(|error| Problem::malformed(format!("reason: {error}")))?;
    let change = RowChange { dropped: asked.dropped, reason };
    if change == RowChange::default() {
        return Err(Problem::malformed("body: say dropped, reason, or both"));
    }
    found(&site, &asker, &id).await?;
    Ok(Json(site.lists().change(&id, row, &change).await?))
}

/// Make a batch of what is left of the edit list
#[utoipa::path(post, path = "/api/v1/lists/{id}/confirm", tag = "lists",
    params(("id" = String, Path, description = "list_id")), request_body = ConfirmAsked,
    responses((status = 200, description = "The batch as it stands", body = BatchShown),
        (status = 404, description = "No such list", body = Problem),
        (status = 409, description = "Why it cannot be confirmed", body = Problem)))]
pub(crate) async fn confirm(
    State(site): State<Site>,
    asker: Asker,
    Path(id): Path<String>,
    asked: Result<Json<ConfirmAsked>, JsonRejection>,
) -> Result<Json<BatchShown>, Problem> {
    let Json(asked) = asked?;
    let list = found(&site, &asker, &id).await?;
    may_confirm(&site, &asker, &id).await?;
    asker.before(&list);
    let batch_id = asked.batch_id.unwrap_or_else(|| id.clone());
    let batch = site.lists().confirm(&id, &batch_id, asked.draft).await?;
    Ok(Json(BatchShown { view: site.batches().view(&batch.batch_id).await? }))
}

/// The uploaded rows with their results, as a file
#[utoipa::path(get, path = "/api/v1/lists/{id}/results.xlsx", tag = "lists",
    params(("id" = String, Path, description = "list_id")), responses(
    (status = 200, description = "An .xlsx file"),
    (status = 404, description = "No such list", body = Problem)))]
pub(crate) async fn results(
    State(site): State<Site>,
    asker: Asker,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let list = found(&site, &asker, &id).await?;
    xlsx::file("results.xlsx", written(&site, &list).await?)
}

async fn written(site: &Site, list: &ListImport) -> Result<Vec<u8>, Problem> {
    let mut file = Results::new(site.desk.clock.now()).map_err(|error| not_written(&error))?;
    let mut after = 0;
    loop {
        let rows = site.store.list_rows(&list.list_id, &[], after, ROWS).await?;
        for row in &rows {
            file.row(row).map_err(|error| not_written(&error))?;
        }
        match rows.last() {
            Some(last) => after = last.row,
            None => break,
        }
    }
    xlsx::packed(move |bytes| file.finish(bytes)).await
}
