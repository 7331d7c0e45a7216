//! Lists (引入清单勾选): template, upload, results, edit list, confirmation.

use super::asked::{ConfirmAsked, RowAsked};
use crate::{
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
use domain::list::{ListImport, ListRow};
use fleet::lists::RowChange;
use sheets::{Limits, Results};

/// Bytes of an uploaded file; a larger one is answered with the sentence of its own limit.
pub(crate) const BYTES: usize = 11 << 20;
/// Rows read in one go while a file is written.
const ROWS: usize = 5_000;

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
    query: Result<Query<UploadQuery>, QueryRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<ListShown>, Problem> {
    let Query(query) = query?;
    let body = body?;
    let list = query.list(&body, site.desk.clock.now())?;
    // Unpacking and reading cost seconds of one core: not on a thread that others wait for.
    let read = tokio::task::spawn_blocking(move || {
        sheets::read_list(&body, &Limits::default()).map_err(|refused| refused.to_string())
    });
    let rows = read.await.map_err(|error| Problem::broken(format!("reading ended: {error}")))?;
    let list = site.lists().import(list, rows).await?;
    Ok(Json(ListShown { list }))
}

/// Lists, newest first
#[utoipa::path(get, path = "/api/v1/lists", tag = "lists", params(ListQuery), responses(
    (status = 200, description = "A page", body = ListPage),
    (status = 400, description = "A parameter cannot be read", body = Problem)))]
pub(crate) async fn all(
    State(site): State<Site>,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<ListPage>, Problem> {
    let Query(query) = query?;
    let (after, limit) = query.page()?;
    let mut lists = site.store.list_imports(after.as_ref(), limit + 1).await?;
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
    Path(id): Path<String>,
) -> Result<Json<ListShown>, Problem> {
    Ok(Json(ListShown { list: site.lists().found(&id).await? }))
}

/// Its rows with their results, and the edit list among them
#[utoipa::path(get, path = "/api/v1/lists/{id}/rows", tag = "lists", params(
    ("id" = String, Path, description = "list_id"), RowsQuery), responses(
    (status = 200, description = "A page", body = ListRows),
    (status = 404, description = "No such list", body = Problem)))]
pub(crate) async fn rows(
    State(site): State<Site>,
    Path(id): Path<String>,
    query: Result<Query<RowsQuery>, QueryRejection>,
) -> Result<Json<ListRows>, Problem> {
    let Query(query) = query?;
    let (results, after, limit) = query.page()?;
    site.lists().found(&id).await?;
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
    Path(id): Path<String>,
    asked: Result<Json<ConfirmAsked>, JsonRejection>,
) -> Result<Json<BatchShown>, Problem> {
    let Json(asked) = asked?;
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
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let list = site.lists().found(&id).await?;
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
