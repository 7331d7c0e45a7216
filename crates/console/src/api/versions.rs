//! Statistic tables that are kept as files, each version with its period.

use crate::{
    access::Asker,
    answers::{VersionPage, VersionView},
    filter::{packed, percent_encoded},
    problem::Problem,
    site::Site,
    version_query::VersionQuery,
    xlsx,
};
use axum::{
    Json,
    extract::{Path, Query, State, rejection::QueryRejection},
    response::IntoResponse,
};
use domain::{
    rights::Right,
    rules::Rule,
    statistic::{TableVersion, VersionId},
    tax_no::TaxNo,
};
use fleet::ports::files::FileError;

fn tax_no_of(text: &str) -> Result<TaxNo, Problem> {
    text.parse().map_err(|error| Problem::malformed(format!("tax_no: {error}")))
}

/// The versions that are kept of a tax number's statistic tables
#[utoipa::path(get, path = "/api/v1/statistics/{tax_no}/files", tag = "statistics",
    params(("tax_no" = String, Path), VersionQuery), responses(
    (status = 200, description = "A page, the newest first", body = VersionPage),
    (status = 400, description = "A parameter cannot be read", body = Problem),
    (status = 422, description = "No such tax number", body = Problem)))]
pub(crate) async fn list(
    State(site): State<Site>,
    asker: Asker,
    Path(tax_no): Path<String>,
    query: Result<Query<VersionQuery>, QueryRejection>,
) -> Result<Json<VersionPage>, Problem> {
    let Query(query) = query?;
    let tax_no = tax_no_of(&tax_no)?;
    let (period, (after, limit)) = (query.of_period()?, query.page()?);
    asker.tax_nos(&site, Right::View, std::slice::from_ref(&tax_no)).await?;
    if site.store.taxpayers(std::slice::from_ref(&tax_no)).await?.pop().flatten().is_none() {
        let refusal = Rule::UnknownTaxNumber.refuses(tax_no.as_str());
        return Err(Problem::rejected(refusal.sentence));
    }
    let mut found = site.store.versions(&tax_no, period, after, limit + 1).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|version| packed(&version.id));
    Ok(Json(VersionPage { versions: found.into_iter().map(VersionView::from).collect(), next }))
}

/// The file of one version
///
/// Whoever looks at it must be allowed to look at the tax number, and at every accounting
/// organisation (核算组织) whose invoices stand in it.
#[utoipa::path(get, path = "/api/v1/statistics/{tax_no}/files/{version}", tag = "statistics",
    params(("tax_no" = String, Path),
        ("version" = String, Path, description = "Such as 202511-37")), responses(
    (status = 200, description = "An .xlsx file: the table, and the invoices selected for it"),
    (status = 400, description = "A parameter cannot be read", body = Problem),
    (status = 404, description = "No such version, or its file is lost", body = Problem),
    (status = 409, description = "Its file is not made yet", body = Problem),
    (status = 503, description = "The file store is away", body = Problem)))]
pub(crate) async fn file(
    State(site): State<Site>,
    asker: Asker,
    Path((tax_no, version)): Path<(String, String)>,
) -> Result<impl IntoResponse, Problem> {
    let tax_no = tax_no_of(&tax_no)?;
    let id: VersionId =
        version.parse().map_err(|error| Problem::malformed(format!("version: {error}")))?;
    asker.tax_nos(&site, Right::View, std::slice::from_ref(&tax_no)).await?;
    let found = site.store.version(&tax_no, id).await?;
    let version = found.ok_or_else(|| Problem::no_such_version(&tax_no, id))?;
    let Some(file) = &version.file else {
        return Err(Problem::conflict(format!(
            "the file of version {id} of {tax_no} is not made yet; a worker makes it while the \
             file store is there: try again in a minute"
        )));
    };
    asker.accounting_orgs(Right::View, &file.accounting_orgs)?;
    match site.files.read(file.sha256).await {
        Ok(Some(bytes)) => answer(&version, bytes),
        Ok(None) | Err(FileError::Damaged(_)) => Err(Problem::lost_version(&tax_no, id)),
        Err(error @ FileError::Away(_)) => {
            let sentence = format!("{error}; see whether the folder of files.dir is there");
            Err(Problem::away(sentence))
        }
    }
}

/// Under its own name, and under one that every header can carry.
fn answer(version: &TableVersion, bytes: Vec<u8>) -> Result<impl IntoResponse + use<>, Problem> {
    let name = version.file_name();
    let plain: String = name.chars().filter(char::is_ascii).collect();
    let (plain, own) = (plain.trim_start_matches('_'), percent_encoded(&name));
    xlsx::named(format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{own}"), bytes)
}
