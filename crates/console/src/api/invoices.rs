//! Looking at the invoice pool.

use crate::{
    access::Asker,
    answers::{InvoicePage, InvoiceView},
    filter::packed,
    invoice_query::InvoiceQuery,
    problem::Problem,
    site::Site,
};
use axum::{
    Json,
    extract::{Path, Query, State, rejection::QueryRejection},
};
use domain::{invoice::InvoiceKey, rights::Right, tax_no::TaxNo};
use fleet::ports::pool::{Cursor, InvoiceFilter};
use serde::Deserialize;
use utoipa::IntoParams;

/// What is said of an invoice that never had a task.
const NO_TASK: &str = "未查到该发票在星空的税局用票台账";

/// Invoices of the pool, newest first
#[utoipa::path(get, path = "/api/v1/invoices", tag = "invoices", params(InvoiceQuery), responses(
    (status = 200, description = "A page", body = InvoicePage),
    (status = 400, description = "A parameter cannot be read", body = Problem)))]
pub(crate) async fn list(
    State(site): State<Site>,
    asker: Asker,
    query: Result<Query<InvoiceQuery>, QueryRejection>,
) -> Result<Json<InvoicePage>, Problem> {
    let Query(query) = query?;
    let (after, limit) = query.page()?;
    // One more than asked for tells whether there is another page.
    let filter = InvoiceFilter { within: asker.organisations(Right::View)?, ..query.filter()? };
    let mut invoices = site.store.search(&filter, after.as_ref(), limit + 1).await?;
    let more = invoices.len() > limit;
    invoices.truncate(limit);
    let next = invoices.last().filter(|_| more).map(|last| packed(&Cursor::after(last)));
    Ok(Json(InvoicePage { invoices, next }))
}

/// The rest of an invoice's key.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeQuery {
    /// The invoice code; left out for digital invoices and payment books
    #[serde(default)]
    code: String,
}

/// Which invoice of whom an address names.
pub(crate) fn buyer_and_key(
    tax_no: &str,
    number: String,
    code: Result<Query<CodeQuery>, QueryRejection>,
) -> Result<(TaxNo, InvoiceKey), Problem> {
    let Query(CodeQuery { code }) = code?;
    let buyer: TaxNo =
        tax_no.parse().map_err(|error| Problem::malformed(format!("tax_no: {error}")))?;
    if [&code, &number].iter().any(|text| text.chars().any(char::is_control)) {
        return Err(Problem::malformed("number: is no invoice's; write it as it is printed"));
    }
    Ok((buyer, InvoiceKey { code, number }))
}

/// One invoice with every field, and its newest task
#[utoipa::path(get, path = "/api/v1/invoices/{tax_no}/{number}", tag = "invoices", params(
    ("tax_no" = String, Path, description = "The buyer's"),
    ("number" = String, Path, description = "The invoice's number, or the payment book's"),
    CodeQuery), responses(
    (status = 200, description = "The invoice", body = InvoiceView),
    (status = 400, description = "A parameter cannot be read", body = Problem),
    (status = 404, description = "No such invoice", body = Problem)))]
pub(crate) async fn card(
    State(site): State<Site>,
    asker: Asker,
    Path((tax_no, number)): Path<(String, String)>,
    code: Result<Query<CodeQuery>, QueryRejection>,
) -> Result<Json<InvoiceView>, Problem> {
    let (buyer, key) = buyer_and_key(&tax_no, number, code)?;
    asker.invoices(&site, Right::View, &[(buyer.clone(), key.clone())]).await?;
    let card = site.store.invoice(&buyer, &key).await?;
    let card = card.ok_or_else(|| Problem::no_such_invoice(&buyer, &key))?;
    let sentence = if card.newest.is_some() { "" } else { NO_TASK };
    Ok(Json(InvoiceView { card, sentence: sentence.to_owned() }))
}
