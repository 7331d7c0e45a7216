//! Every path, with the limits that all of them have.

use crate::{
    access::{Entrance, gate},
    api, page, probes,
    problem::Problem,
    site::Site,
};
use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Request},
    http::{Method, Uri},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use percent_encoding::percent_decode_str;
use std::{net::SocketAddr, time::Duration};
use tokio::net::TcpListener;

/// How long a request may take: a store that is away must not collect requests.
const REQUEST: Duration = Duration::from_secs(30);
/// Bytes of a body, where nothing else is said.
const BODY: usize = 1 << 20;

/// The whole site, for whoever comes.
pub fn router(site: Site) -> Router {
    through(Entrance { site, command_line: None })
}

/// The whole site, for the user of this machine who has opened its store.
pub(crate) fn trusted(site: Site, by: &str) -> Router {
    through(Entrance { site, command_line: Some(by.into()) })
}

fn through(entrance: Entrance) -> Router {
    let site = entrance.site.clone();
    let (api, description) = api::router();
    let description = Json(description);
    let router = Router::new()
        .route("/", get(page::overview))
        .route("/openapi.json", get(move || std::future::ready(description.clone())))
        .merge(api)
        .route_layer(middleware::from_fn_with_state(entrance, gate));
    finish(router, site)
}

/// Only what machines watch: for a worker without the console.
pub fn probes_only(site: Site) -> Router {
    let router = Router::new()
        .route("/healthz", get(probes::healthz))
        .route("/readyz", get(probes::readyz))
        .route("/metrics", get(probes::metrics));
    finish(router, site)
}

fn finish(router: Router<Site>, site: Site) -> Router {
    router
        .fallback(no_such_page)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(BODY))
        .layer(middleware::from_fn(in_time))
        .layer(middleware::from_fn(readable))
        .with_state(site)
}

/// Serves until `stop`, and then finishes the requests that are under way.
///
/// # Errors
/// The listener is gone.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(stop).await
}

async fn no_such_page(uri: Uri) -> Problem {
    Problem::no_such_page(uri.path())
}

async fn wrong_method(method: Method, uri: Uri) -> Problem {
    Problem::wrong_method(method.as_str(), uri.path())
}

/// A path that no handler could read.
async fn readable(request: Request, next: Next) -> Response {
    match percent_decode_str(request.uri().path()).decode_utf8() {
        Ok(_) => next.run(request).await,
        Err(_) => {
            let sentence = "path: is not UTF-8 when its % are decoded; encode names as UTF-8";
            Problem::malformed(sentence).into_response()
        }
    }
}

async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(REQUEST, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::too_slow(REQUEST.as_secs()).into_response(),
    }
}
