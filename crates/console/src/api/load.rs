//! Bulk load of the pool, and its template.

use crate::{
    answers::LoadView,
    load::{LoadOutcome, load},
    problem::Problem,
    site::Site,
};
use axum::{
    Json,
    body::{Body, Bytes},
    extract::{
        Query, State,
        rejection::{BytesRejection, QueryRejection},
    },
    http::{HeaderValue, Response, header},
    response::IntoResponse,
};
use serde::Deserialize;
use sheets::{load_template, write_rejected};
use utoipa::IntoParams;

/// Bytes of a file at most, as the sheets' own limit says with a sentence.
pub(crate) const BYTES: usize = (32 << 20) + 1;
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoadQuery {
    /// `xlsx`: the rejected rows as a file; JSON when left out
    #[serde(default)]
    answer: Option<String>,
}

/// Load invoices of the pool from a table (.xlsx or .csv)
///
/// The body is the file, at most 32 MiB and 100,000 rows, with the headings of the template. Good rows
/// are loaded, each rejected one has a line that says what is wrong and what to do. The same file again
/// changes nothing.
#[utoipa::path(post, path = "/api/v1/invoices/load", tag = "invoices", params(LoadQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses(
    (status = 200, description = "Counts and rejected rows", body = LoadView),
    (status = 400, description = "The file is no table; nothing was loaded", body = Problem),
    (status = 413, description = "The file is too large", body = Problem)))]
pub(crate) async fn invoices(
    State(site): State<Site>,
    query: Result<Query<LoadQuery>, QueryRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response<Body>, Problem> {
    let Query(LoadQuery { answer }) = query?;
    let as_file = match answer.as_deref() {
        None | Some("json") => false,
        Some("xlsx") => true,
        Some(other) => {
            let sentence = format!("answer: \"{other}\": write json or xlsx");
            return Err(Problem::malformed(sentence));
        }
    };
    let LoadOutcome { rows, loaded, rejected } = load(&site, body?).await?;
    if !as_file {
        return Ok(Json(LoadView { rows, loaded, rejected }).into_response());
    }
    let mut file = Vec::new();
    write_rejected(&rejected, site.desk.clock.now(), &mut file)
        .map_err(|error| Problem::broken(error.to_string()))?;
    Ok(workbook(file, "rejected-rows.xlsx"))
}

/// The template of a bulk load
#[utoipa::path(get, path = "/api/v1/invoices/template.xlsx", tag = "invoices", responses(
    (status = 200, description = "An .xlsx file: headings, drop-downs, and what they mean",
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
pub(crate) async fn template() -> Result<Response<Body>, Problem> {
    let file = load_template().map_err(|error| Problem::broken(error.to_string()))?;
    Ok(workbook(file, "invoices.xlsx"))
}

fn workbook(file: Vec<u8>, name: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(file));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(XLSX));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
