//! `/api/v1`: the same actions as the command line.

pub mod asked;
mod import;
mod invoices;
mod lanes;
mod publish;
mod resync;
mod tasks;
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
        (name = "lanes", description = "Accounts at bureaus: pause, resume, login"),
        (name = "watching", description = "For machines that watch")
    )
)]
struct Api;

pub(crate) use lanes::views;
pub(crate) use tasks::count;

/// The paths and their description.
pub(crate) fn router() -> (Router<Site>, Description) {
    OpenApiRouter::with_openapi(Api::openapi())
        .routes(routes!(probes::healthz))
        .routes(routes!(probes::readyz))
        .routes(routes!(probes::metrics))
        .routes(routes!(tasks::list))
        .routes(routes!(publish::publish).layer(DefaultBodyLimit::max(publish::BYTES)))
        .routes(routes!(tasks::retry))
        .routes(routes!(tasks::cancel))
        .routes(routes!(tasks::record_absent))
        .routes(routes!(tasks::card))
        .routes(routes!(tasks::why))
        .routes(routes!(tasks::counts))
        .routes(routes!(invoices::list))
        .routes(routes!(invoices::card))
        .routes(routes!(resync::resync))
        .routes(routes!(writebacks::write_back).layer(DefaultBodyLimit::max(publish::BYTES)))
        .routes(routes!(lanes::list))
        .routes(routes!(lanes::pause))
        .routes(routes!(lanes::resume))
        .routes(routes!(lanes::login))
        .routes(routes!(lanes::logout))
        .routes(routes!(import::world).layer(DefaultBodyLimit::max(import::BYTES)))
        .split_for_parts()
}

/// The description of the API, as `/openapi.json` serves it.
pub fn openapi() -> Description {
    router().1
}
