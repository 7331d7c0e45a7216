//! 企业信息: taxpayers, looked at and changed.

use super::asked::TaxpayerAsked;
use crate::{
    access::Asker,
    answers::{TaxpayerChanged, TaxpayerPage, TaxpayerShown, TaxpayerView},
    problem::Problem,
    registry_query::{TaxpayerQuery, field, next},
    site::Site,
};
use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{JsonRejection, QueryRejection},
    },
};
use domain::{rights::Right, tax_no::TaxNo};
use fleet::ports::{
    bus::Ring,
    registry::{TaxpayerChange, TaxpayerFilter},
};

/// Taxpayers, by tax number
#[utoipa::path(get, path = "/api/v1/taxpayers", tag = "taxpayers", params(TaxpayerQuery),
    responses((status = 200, description = "A page", body = TaxpayerPage),
        (status = 400, description = "A parameter cannot be read", body = Problem)))]
pub(crate) async fn list(
    State(site): State<Site>,
    asker: Asker,
    query: Result<Query<TaxpayerQuery>, QueryRejection>,
) -> Result<Json<TaxpayerPage>, Problem> {
    let Query(query) = query?;
    let (after, limit) = query.page()?;
    // One more than asked for tells whether there is another page.
    let filter = TaxpayerFilter { within: asker.organisations(Right::View)?, ..query.filter()? };
    let rows = site.store.taxpayer_rows(&filter, after.as_ref(), limit + 1).await?;
    let shown = &rows[..rows.len().min(limit)];
    let next = next(shown.last().map(|row| &row.settings.tax_no), rows.len() > limit);
    Ok(Json(TaxpayerPage { taxpayers: shown.iter().map(TaxpayerView::from).collect(), next }))
}

/// One taxpayer with the accounts that serve it
#[utoipa::path(get, path = "/api/v1/taxpayers/{tax_no}", tag = "taxpayers",
    params(("tax_no" = String, Path)), responses(
    (status = 200, description = "The taxpayer", body = TaxpayerShown),
    (status = 404, description = "No such tax number", body = Problem)))]
pub(crate) async fn show(
    State(site): State<Site>,
    asker: Asker,
    Path(tax_no): Path<String>,
) -> Result<Json<TaxpayerShown>, Problem> {
    let tax_no: TaxNo = field("tax_no", &tax_no)?;
    asker.tax_nos(&site, Right::View, std::slice::from_ref(&tax_no)).await?;
    let card = site.store.taxpayer_card(&tax_no).await?;
    let card = card.ok_or_else(|| Problem::no_such_taxpayer(&tax_no))?;
    Ok(Json((&card).into()))
}

/// Make a taxpayer, or change one
///
/// What is left out stays. Without `version` it is made; with it the change is made only of that
/// version. Channel and bureau change while no task of the tax number is unfinished.
#[utoipa::path(put, path = "/api/v1/taxpayers/{tax_no}", tag = "taxpayers",
    params(("tax_no" = String, Path)), request_body = TaxpayerAsked, responses(
    (status = 200, description = "Before and after", body = TaxpayerChanged),
    (status = 400, description = "A field cannot be read", body = Problem),
    (status = 404, description = "No such tax number", body = Problem),
    (status = 409, description = "Why it may not change now", body = Problem)))]
pub(crate) async fn set(
    State(site): State<Site>,
    asker: Asker,
    Path(tax_no): Path<String>,
    asked: Result<Json<TaxpayerAsked>, JsonRejection>,
) -> Result<Json<TaxpayerChanged>, Problem> {
    let tax_no: TaxNo = field("tax_no", &tax_no)?;
    let Json(asked) = asked?;
    let note = asker.note(&asked.by, &asked.reason)?;
    let before = match asked.version {
        None => None,
        Some(_) => {
            let card = site.store.taxpayer_card(&tax_no).await?;
            let card = card.ok_or_else(|| Problem::no_such_taxpayer(&tax_no))?;
            Some(card.row.settings)
        }
    };
    let (after, seen) = (asked.over(tax_no, before)?, asked.seen());
    let change = TaxpayerChange { after, seen, leqi_width: site.leqi_width };
    let changed = site.store.set_taxpayer(&change, &note).await??;
    site.desk.bell.ring(Ring { gates: true, ..Ring::default() });
    let changed = TaxpayerChanged::from(changed);
    asker.before(&changed.before);
    Ok(Json(changed))
}
