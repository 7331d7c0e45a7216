//! Logs to stderr, metrics for `/metrics`, and traces to an OTLP endpoint when one is set.

use crate::config::{Config, LogFormat};
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_prometheus::ResourceSelector;
use opentelemetry_sdk::{
    Resource,
    error::{OTelSdkError, OTelSdkResult},
    metrics::SdkMeterProvider,
    trace::{SdkTracerProvider, SpanData},
};
use prometheus::{Registry, TextEncoder};
use std::{sync::Arc, time::Duration};
use tokio::runtime::Handle;
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

/// How long the last spans may take to leave.
const FLUSH: Duration = Duration::from_secs(5);
/// What a command that only asks or tells something prints of its own working, unless the
/// setting says otherwise: its outcome is on stdout and its error on stderr anyway.
const QUIET: &str = "off";

/// Telemetry cannot be started as it is set.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadTelemetry {
    #[error("log.filter: {0}; write a level such as info, or info,fleet=debug")]
    Filter(String),
    #[error(
        "telemetry.otlp_endpoint: {0}; write an address such as http://127.0.0.1:4318/v1/traces"
    )]
    Endpoint(String),
    #[error("metrics cannot be started: {0}")]
    Metrics(String),
}

/// What the process tells about itself.
#[derive(Debug, Clone)]
pub(crate) struct Telemetry {
    registry: Registry,
    traces: Option<SdkTracerProvider>,
}

/// How long the process is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stay {
    Serving,
    OneCommand,
}

/// Starts telemetry, once per process and before any instrument is made.
pub(crate) fn start(config: &Config, stay: Stay) -> Result<Telemetry, BadTelemetry> {
    let registry = start_metrics()?;
    let endpoint = &config.telemetry.otlp_endpoint;
    let traces = if endpoint.is_empty() || stay == Stay::OneCommand {
        None
    } else {
        Some(tracer(endpoint)?)
    };
    let text = match (stay, config.log.filter.as_str()) {
        (Stay::OneCommand, "info") => QUIET,
        (_, set) => set,
    };
    let filter =
        EnvFilter::try_new(text).map_err(|error| BadTelemetry::Filter(error.to_string()))?;
    let logs = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let logs = match config.log.format {
        LogFormat::Text => logs.with_filter(filter).boxed(),
        LogFormat::Json => logs.json().with_filter(filter).boxed(),
    };
    let spans = traces.as_ref().map(|provider| {
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("gouxuan"));
        layer.with_filter(EnvFilter::new("off,fleet=info,console=info,bureau=info"))
    });
    let started = tracing_subscriber::registry().with(logs).with(spans).try_init();
    started.map_err(|error| BadTelemetry::Filter(error.to_string()))?;
    Ok(Telemetry { registry, traces })
}

/// The process-wide meter provider, and where its figures are gathered.
fn start_metrics() -> Result<Registry, BadTelemetry> {
    let registry = Registry::new();
    let exporter = opentelemetry_prometheus::exporter()
        .with_registry(registry.clone())
        // The names say their units, and labels stay few.
        .without_units()
        .scope_info_enabled(false)
        .without_target_info()
        .with_resource_selector(ResourceSelector::None)
        .build()
        .map_err(|error| BadTelemetry::Metrics(error.to_string()))?;
    let provider = SdkMeterProvider::builder().with_reader(exporter).build();
    opentelemetry::global::set_meter_provider(provider);
    Ok(registry)
}

fn tracer(endpoint: &str) -> Result<SdkTracerProvider, BadTelemetry> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(endpoint)
        .build()
        .map_err(|error| BadTelemetry::Endpoint(error.to_string()))?;
    let resource = Resource::builder()
        .with_service_name("gouxuan")
        .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    let exporter = OnRuntime { inner: Arc::new(exporter), runtime: Handle::current() };
    Ok(SdkTracerProvider::builder().with_resource(resource).with_batch_exporter(exporter).build())
}

/// The batches are put together on a thread of their own; the HTTP client needs our runtime.
#[derive(Debug)]
struct OnRuntime<E> {
    inner: Arc<E>,
    runtime: Handle,
}

impl<E> opentelemetry_sdk::trace::SpanExporter for OnRuntime<E>
where
    E: opentelemetry_sdk::trace::SpanExporter + 'static,
{
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let inner = self.inner.clone();
        let sent = self.runtime.spawn(async move { inner.export(batch).await });
        sent.await.map_err(|error| OTelSdkError::InternalFailure(error.to_string()))?
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.set_resource(resource);
        }
    }
}

impl Telemetry {
    /// Everything measured so far, as Prometheus text.
    pub(crate) fn render(&self) -> String {
        let families = self.registry.gather();
        match TextEncoder::new().encode_to_string(&families) {
            Ok(text) => text,
            Err(error) => {
                tracing::error!(%error, "metrics cannot be written");
                String::new()
            }
        }
    }

    /// Sends the last spans, within a bounded time.
    pub(crate) async fn end(self) {
        let Some(traces) = self.traces else { return };
        // It waits for its own thread, which needs our runtime to go on meanwhile.
        let ending = tokio::task::spawn_blocking(move || traces.shutdown_with_timeout(FLUSH));
        match ending.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the last spans were not sent"),
            Err(error) => tracing::warn!(%error, "the last spans were not sent"),
        }
    }
}

#[cfg(test)]
mod tests;
