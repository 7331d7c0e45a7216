//! Spreadsheets as answers.

use crate::problem::Problem;
use axum::{http::header, response::IntoResponse};
use sheets::WriteError;

const TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A file to be saved under this name.
pub(crate) fn file(name: &str, bytes: Vec<u8>) -> Result<impl IntoResponse + use<>, Problem> {
    named(format!("attachment; filename=\"{name}\""), bytes)
}

/// The same, with the whole of the header that says so.
pub(crate) fn named(
    disposition: String,
    bytes: Vec<u8>,
) -> Result<impl IntoResponse + use<>, Problem> {
    let headers =
        [(header::CONTENT_TYPE, TYPE.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, bytes))
}

/// Packing costs seconds of one core: not on a thread that others wait for.
pub(crate) async fn packed(
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), WriteError> + Send + 'static,
) -> Result<Vec<u8>, Problem> {
    let packing = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        write(&mut bytes).map(|()| bytes)
    });
    let packed = packing.await.map_err(|error| Problem::broken(format!("packing: {error}")))?;
    packed.map_err(|error| Problem::broken(format!("a file was not written: {error}")))
}
