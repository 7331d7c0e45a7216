//! `/api/v1`: the same actions as the command line.

mod accounts;
pub mod asked;
mod automatic;
mod batches;
mod calendar;
mod checks;
mod description;
mod download;
mod exports;
mod files;
mod import;
mod invoices;
mod lanes;
mod ledger;
mod lists;
mod load;
mod matrix;
mod people;
mod publish;
mod resync;
mod retry;
mod runs;
mod secrets;
mod statistics;
mod tasks;
mod taxpayers;
mod versions;
mod writebacks;

use crate::{probes, site::Site};
use axum::{Router, extract::DefaultBodyLimit};
use utoipa::{OpenApi, openapi::OpenApi as Description};
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt},
    routes,
};

pub(crate) use publish::{BYTES as TASKS_BYTES, MESSAGES};

#[derive(OpenApi)]
#[openapi(
    info(title = "gouxuan", description = "Runs tax tasks against the Chinese tax bureaus."),
    components(schemas(crate::problem::Problem, crate::answers::TaskRowSchema)),
    tags(
        (name = "tasks", description = "Publish, look, retry, cancel, record what a person saw"),
        (name = "invoices", description = "The invoice pool"),
        (name = "batches", description = "Ask for many invoices at once, and follow them"),
        (name = "lists", description = "Select by uploaded .xlsx lists"),
        (name = "checks", description = "Before a period is confirmed: checks, matrix, calendar"),
        (name = "runs", description = "Confirm many tax numbers, approved by a second person"),
        (name = "automatic", description = "Rules that select and enter by themselves"),
        (name = "statistics", description = "Statistic tables and periods"),
        (name = "secrets", description = "What tasks are signed with: kept sealed, never told"),
        (name = "people", description = "Users, their roles, and the audit of what they did"),
        (name = "taxpayers", description = "Taxpayers and the accounts that serve them"),
        (name = "lanes", description = "Accounts at bureaus: pause, resume, login"),
        (name = "watching", description = "For machines that watch")
    )
)]
struct Api;

pub use files::file_name;
pub(crate) use lanes::views;
pub(crate) use tasks::count;

/// The paths and their description.
pub(crate) fn router() -> (Router<Site>, Description) {
    let (router, description) = OpenApiRouter::with_openapi(Api::openapi())
        .routes(routes!(probes::healthz))
        .routes(routes!(probes::readyz))
        .routes(routes!(probes::metrics))
        .routes(routes!(tasks::list))
        .routes(routes!(publish::publish).layer(DefaultBodyLimit::max(publish::BYTES)))
        .routes(routes!(retry::retry))
        .routes(routes!(tasks::cancel))
        .routes(routes!(tasks::record_absent))
        .routes(routes!(tasks::ask_now))
        .routes(routes!(tasks::card))
        .routes(routes!(tasks::why))
        .routes(routes!(tasks::counts))
        .routes(routes!(invoices::list))
        .routes(routes!(download::download))
        .routes(routes!(load::template))
        .routes(routes!(load::invoices).layer(DefaultBodyLimit::max(load::BYTES)))
        .routes(routes!(invoices::card))
        .routes(routes!(batches::ask).layer(DefaultBodyLimit::max(batches::BYTES)))
        .routes(routes!(batches::list))
        .routes(routes!(batches::show))
        .routes(routes!(batches::invoices))
        .routes(routes!(batches::submit))
        .routes(routes!(batches::account))
        .routes(routes!(batches::drop_tax_no))
        .routes(routes!(batches::login))
        .routes(routes!(batches::cancel))
        .routes(routes!(batches::again))
        .routes(routes!(lists::template))
        .routes(routes!(lists::upload).layer(DefaultBodyLimit::max(lists::BYTES)))
        .routes(routes!(lists::all))
        .routes(routes!(lists::show))
        .routes(routes!(lists::rows))
        .routes(routes!(lists::change))
        .routes(routes!(lists::confirm))
        .routes(routes!(lists::results))
        .routes(routes!(automatic::list))
        .routes(routes!(automatic::put))
        .routes(routes!(automatic::show))
        .routes(routes!(automatic::enable))
        .routes(routes!(automatic::disable))
        .routes(routes!(automatic::remove))
        .routes(routes!(automatic::dry_run))
        .routes(routes!(automatic::run))
        .routes(routes!(automatic::runs))
        .routes(routes!(automatic::reset))
        .routes(routes!(ledger::search))
        .routes(routes!(exports::invoices))
        .routes(routes!(exports::tasks))
        .routes(routes!(exports::ledger))
        .routes(routes!(files::list))
        .routes(routes!(files::bytes))
        .routes(routes!(statistics::tables))
        .routes(routes!(statistics::operate))
        .routes(routes!(statistics::period))
        .routes(routes!(versions::list))
        .routes(routes!(versions::file))
        .routes(routes!(people::me))
        .routes(routes!(people::users))
        .routes(routes!(people::keep))
        .routes(routes!(people::remove))
        .routes(routes!(people::audit))
        .routes(routes!(checks::totals))
        .routes(routes!(checks::list))
        .routes(routes!(checks::export))
        .routes(routes!(checks::resync))
        .routes(routes!(matrix::matrix))
        .routes(routes!(calendar::calendar))
        .routes(routes!(calendar::days, calendar::set, calendar::remove))
        .routes(routes!(runs::ask).layer(DefaultBodyLimit::max(runs::BYTES)))
        .routes(routes!(runs::list))
        .routes(routes!(runs::show))
        .routes(routes!(runs::parts))
        .routes(routes!(runs::accept))
        .routes(routes!(runs::approve).layer(DefaultBodyLimit::max(runs::BYTES)))
        .routes(routes!(runs::again).layer(DefaultBodyLimit::max(runs::BYTES)))
        .routes(routes!(runs::drop_parts).layer(DefaultBodyLimit::max(runs::BYTES)))
        .routes(routes!(runs::go_on))
        .routes(routes!(secrets::keep))
        .routes(routes!(secrets::names))
        .routes(routes!(secrets::remove))
        .routes(routes!(resync::resync))
        .routes(routes!(writebacks::write_back).layer(DefaultBodyLimit::max(publish::BYTES)))
        .routes(routes!(taxpayers::list))
        .routes(routes!(taxpayers::show, taxpayers::set))
        .routes(routes!(accounts::list))
        .routes(routes!(accounts::show, accounts::set))
        .routes(routes!(accounts::serve))
        .routes(routes!(accounts::unserve))
        .routes(routes!(lanes::list))
        .routes(routes!(lanes::pause))
        .routes(routes!(lanes::resume))
        .routes(routes!(lanes::login))
        .routes(routes!(lanes::logout))
        .routes(routes!(import::world).layer(DefaultBodyLimit::max(import::BYTES)))
        .split_for_parts();
    (router, description::complete(description))
}

/// The description of the API, as `/openapi.json` serves it.
pub fn openapi() -> Description {
    router().1
}
