//! 数电账号: accounts at bureaus, looked at and changed.

use super::asked::{AccountAsked, ServeAsked, UnserveAsked, lane_of};
use crate::{
    access::Asker,
    answers::{AccountChanged, AccountPage, AccountShown, AccountView},
    problem::Problem,
    registry_query::{AccountQuery, next},
    site::Site,
};
use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{JsonRejection, QueryRejection},
    },
};
use domain::{
    bureau::LaneKey,
    roster::{AccountEdit, Seen},
};
use fleet::ports::{bus::Ring, desk::Note, registry::AccountChange};

/// Accounts, by bureau and name
#[utoipa::path(get, path = "/api/v1/accounts", tag = "taxpayers", params(AccountQuery),
    responses((status = 200, description = "A page", body = AccountPage),
        (status = 400, description = "A parameter cannot be read", body = Problem)))]
pub(crate) async fn list(
    State(site): State<Site>,
    query: Result<Query<AccountQuery>, QueryRejection>,
) -> Result<Json<AccountPage>, Problem> {
    let Query(query) = query?;
    let (after, limit) = query.page()?;
    let rows = site.store.account_rows(&query.filter()?, after.as_ref(), limit + 1).await?;
    let shown = &rows[..rows.len().min(limit)];
    let next = next(shown.last().map(|row| &row.lane), rows.len() > limit);
    Ok(Json(AccountPage { accounts: shown.iter().map(AccountView::from).collect(), next }))
}

/// One account with whom it serves
#[utoipa::path(get, path = "/api/v1/accounts/{bureau}/{account}", tag = "taxpayers",
    params(("bureau" = String, Path), ("account" = String, Path)), responses(
    (status = 200, description = "The account", body = AccountShown),
    (status = 404, description = "No such account", body = Problem)))]
pub(crate) async fn show(
    State(site): State<Site>,
    Path((bureau, account)): Path<(String, String)>,
) -> Result<Json<AccountShown>, Problem> {
    let lane = lane_of(&bureau, &account)?;
    let card = site.store.account_card(&lane).await?;
    Ok(Json((&card.ok_or_else(|| Problem::no_such_account(&lane))?).into()))
}

/// Make an account, or change how it logs in
///
/// Without `version` it is made; with it the change is made only of that version.
#[utoipa::path(put, path = "/api/v1/accounts/{bureau}/{account}", tag = "taxpayers",
    params(("bureau" = String, Path), ("account" = String, Path)), request_body = AccountAsked,
    responses((status = 200, description = "Before and after", body = AccountChanged),
    (status = 400, description = "A field cannot be read", body = Problem),
    (status = 404, description = "No such account", body = Problem),
    (status = 409, description = "Why it may not change now", body = Problem)))]
pub(crate) async fn set(
    State(site): State<Site>,
    asker: Asker,
    Path((bureau, account)): Path<(String, String)>,
    asked: Result<Json<AccountAsked>, JsonRejection>,
) -> Result<Json<AccountChanged>, Problem> {
    let Json(asked) = asked?;
    let note = asker.note(&asked.by, &asked.reason)?;
    change(&site, &asker, (lane_of(&bureau, &account)?, asked.edit()?), &note).await
}

/// Let an account serve a tax number, or serve it otherwise
///
/// Tasks that were held for want of an account go on when it may receive.
#[utoipa::path(post, path = "/api/v1/accounts/{bureau}/{account}/serve", tag = "taxpayers",
    params(("bureau" = String, Path), ("account" = String, Path)), request_body = ServeAsked,
    responses((status = 200, description = "Before and after", body = AccountChanged),
    (status = 400, description = "A field cannot be read", body = Problem),
    (status = 404, description = "No such account or tax number", body = Problem),
    (status = 409, description = "Why it may not change now", body = Problem)))]
pub(crate) async fn serve(
    State(site): State<Site>,
    asker: Asker,
    Path((bureau, account)): Path<(String, String)>,
    asked: Result<Json<ServeAsked>, JsonRejection>,
) -> Result<Json<AccountChanged>, Problem> {
    let Json(asked) = asked?;
    let note = asker.note(&asked.by, &asked.reason)?;
    change(&site, &asker, (lane_of(&bureau, &account)?, asked.edit()?), &note).await
}

/// Let an account serve a tax number no longer
///
/// Refused while unfinished tasks of the tax number stand with the account.
#[utoipa::path(post, path = "/api/v1/accounts/{bureau}/{account}/unserve", tag = "taxpayers",
    params(("bureau" = String, Path), ("account" = String, Path)), request_body = UnserveAsked,
    responses((status = 200, description = "Before and after", body = AccountChanged),
    (status = 400, description = "A field cannot be read", body = Problem),
    (status = 404, description = "No such account, or it does not serve it", body = Problem),
    (status = 409, description = "Why it may not change now", body = Problem)))]
pub(crate) async fn unserve(
    State(site): State<Site>,
    asker: Asker,
    Path((bureau, account)): Path<(String, String)>,
    asked: Result<Json<UnserveAsked>, JsonRejection>,
) -> Result<Json<AccountChanged>, Problem> {
    let Json(asked) = asked?;
    let note = asker.note(&asked.by, &asked.reason)?;
    change(&site, &asker, (lane_of(&bureau, &account)?, asked.edit()?), &note).await
}

async fn change(
    site: &Site,
    asker: &Asker,
    (lane, (edit, seen)): (LaneKey, (AccountEdit, Seen)),
    note: &Note,
) -> Result<Json<AccountChanged>, Problem> {
    let changed = site.store.set_account(&AccountChange { lane, edit, seen }, note).await??;
    site.desk.bell.ring(Ring { gates: true, ..Ring::default() });
    let changed = AccountChanged::from(changed);
    asker.before(&changed.before);
    Ok(Json(changed))
}
