//! Who exists: a world file over HTTP.

use crate::{
    access::Asker,
    answers::{ImportedWorld, RejectedRow},
    problem::Problem,
    site::Site,
};
use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, header},
};
use domain::{period::date_in_shanghai, world::World};
use fleet::{
    import::{WorldImported, import},
    ports::bus::Ring,
};

/// Bytes of a world file at most.
pub(crate) const BYTES: usize = 64 << 20;

/// Write the good rows of a world file into the store; every other one is told
///
/// Importing a file again changes nothing of what is there.
#[utoipa::path(post, path = "/api/v1/world", tag = "lanes",
    request_body(content = Object, description = "docs: the world file"),
    responses((status = 200, description = "What was written, and what was not",
        body = ImportedWorld),
        (status = 400, description = "It is no world file", body = Problem)))]
pub(crate) async fn world(
    State(site): State<Site>,
    asker: Asker,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<ImportedWorld>, Problem> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type = content_type.unwrap_or_default();
    if !content_type.starts_with("application/json") {
        return Err(Problem::wrong_content_type(content_type));
    }
    let mut read = World::read(&body?).map_err(|error| Problem::malformed(error.to_string()))?;
    read.world.fill_defaults(date_in_shanghai(site.desk.clock.now()));
    let by = asker.name(None).unwrap_or_else(|| "world import".to_owned());
    let imported = import(&*site.store, read, site.leqi_width, &by).await?;
    let WorldImported { written, rejected } = imported;
    site.desk.bell.ring(Ring { gates: true, ..Ring::default() });
    Ok(Json(ImportedWorld {
        taxpayers: written.taxpayers,
        accounts: written.accounts,
        invoices: written.invoices,
        statistics: written.statistics,
        rejected: rejected.into_iter().map(RejectedRow::from).collect(),
    }))
}
