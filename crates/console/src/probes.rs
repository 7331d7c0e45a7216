//! `/healthz`, `/readyz` and `/metrics`: for machines that watch.

use crate::{
    gauges,
    site::{Line, Site},
};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether the process can do its work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Readiness {
    pub ready: bool,
    pub lines: Vec<Line>,
}

/// The process lives
#[utoipa::path(get, path = "/healthz", tag = "watching",
    responses((status = 200, description = "It answers", body = String)))]
pub(crate) async fn healthz() -> &'static str {
    concat!("gouxuan ", env!("CARGO_PKG_VERSION"), " lives\n")
}

/// Whether it can work: store, clock, bus
#[utoipa::path(get, path = "/readyz", tag = "watching", responses(
    (status = 200, description = "Ready", body = Readiness),
    (status = 503, description = "Not ready; a line says why", body = Readiness)))]
pub(crate) async fn readyz(State(site): State<Site>) -> Response {
    let lines = site.readiness().await;
    let ready = lines.iter().all(|line| line.good);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, lines })).into_response()
}

/// Prometheus text
#[utoipa::path(get, path = "/metrics", tag = "watching",
    responses((status = 200, description = "Metrics", body = String, content_type = "text/plain")))]
pub(crate) async fn metrics(State(site): State<Site>) -> Response {
    let health = site.store.health(site.desk.clock.now()).await;
    if let Err(error) = &health {
        tracing::warn!(%error, "metrics without the store's figures");
    }
    let text = (site.metrics)() + &gauges::render(health.as_ref().ok());
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
