//! Layout files of an invoice: which are kept, and their bytes.

use super::invoices::{CodeQuery, buyer_and_key};
use crate::{access::Asker, answers::InvoiceFiles, problem::Problem, site::Site};
use axum::{
    Json,
    body::Body,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{HeaderValue, Response, header},
};
use domain::{
    invoice::{FileFormat, InvoiceFile, InvoiceKey},
    rights::Right,
};
use fleet::ports::files::FileError;

/// The layout files that are kept of an invoice
#[utoipa::path(get, path = "/api/v1/invoices/{tax_no}/{number}/files", tag = "invoices", params(
    ("tax_no" = String, Path, description = "The buyer's"),
    ("number" = String, Path, description = "The invoice's number, or the payment book's"),
    CodeQuery), responses(
    (status = 200, description = "PDF first, then OFD and XML; empty when none is kept",
        body = InvoiceFiles),
    (status = 400, description = "A parameter cannot be read", body = Problem)))]
pub(crate) async fn list(
    State(site): State<Site>,
    asker: Asker,
    Path((tax_no, number)): Path<(String, String)>,
    code: Result<Query<CodeQuery>, QueryRejection>,
) -> Result<Json<InvoiceFiles>, Problem> {
    let (buyer, key) = buyer_and_key(&tax_no, number, code)?;
    asker.invoices(&site, Right::View, &[(buyer.clone(), key.clone())]).await?;
    Ok(Json(InvoiceFiles { files: site.store.files_of(&buyer, &key).await? }))
}

/// The bytes of one layout file
#[utoipa::path(get, path = "/api/v1/invoices/{tax_no}/{number}/files/{format}", tag = "invoices",
    params(
    ("tax_no" = String, Path, description = "The buyer's"),
    ("number" = String, Path, description = "The invoice's number, or the payment book's"),
    ("format" = String, Path, description = "pdf, ofd or xml"),
    CodeQuery), responses(
    (status = 200, description = "The file, with its SHA-256 as the ETag", content_type =
        "application/octet-stream"),
    (status = 400, description = "A parameter cannot be read", body = Problem),
    (status = 404, description = "None is kept", body = Problem),
    (status = 503, description = "The file store is away", body = Problem)))]
pub(crate) async fn bytes(
    State(site): State<Site>,
    asker: Asker,
    Path((tax_no, number, format)): Path<(String, String, String)>,
    code: Result<Query<CodeQuery>, QueryRejection>,
) -> Result<Response<Body>, Problem> {
    let (buyer, key) = buyer_and_key(&tax_no, number, code)?;
    asker.invoices(&site, Right::View, &[(buyer.clone(), key.clone())]).await?;
    let Some(format) = FileFormat::from_name(&format) else {
        return Err(Problem::malformed("format: write pdf, ofd or xml"));
    };
    let files = site.store.files_of(&buyer, &key).await?;
    let none = || Problem::no_such_file(format.label(), &buyer, &key);
    let file = files.into_iter().find(|file| file.format == format).ok_or_else(none)?;
    let bytes = match site.files.read(file.sha256).await {
        Ok(Some(bytes)) => bytes,
        Ok(None) | Err(FileError::Damaged(_)) => {
            return Err(Problem::lost_file(format.label(), &buyer, &key));
        }
        Err(error @ FileError::Away(_)) => {
            let sentence = format!("{error}; see whether the folder of files.dir is there");
            return Err(Problem::away(sentence));
        }
    };
    Ok(answer(&key, &file, bytes))
}

fn answer(key: &InvoiceKey, file: &InvoiceFile, bytes: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.format.media_type()));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Digits, letters and signs that a header carries; else the browser finds a name.
    let name = format!("attachment; filename=\"{}\"", file_name(key, file.format));
    for (header, text) in
        [(header::CONTENT_DISPOSITION, name), (header::ETAG, format!("\"{}\"", file.sha256))]
    {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(header, value);
        }
    }
    response
}

/// A name for a file on somebody's disk: digits and letters of the invoice alone.
pub fn file_name(key: &InvoiceKey, format: FileFormat) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
    let name: String = key.to_string().chars().filter(plain).collect();
    format!("{name}.{}", format.name())
}
