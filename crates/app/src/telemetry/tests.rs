use crate::{chance::WallClock, commands::work, config::Config, wiring};
use console::gauges::GAUGES;
use domain::{period::date_in_shanghai, world::World};
use fleet::{
    meter::{INSTRUMENTS, Measure},
    ports::{archive::TaskFilter, clock::Clock},
};
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{SdkTracerProvider, SimpleSpanProcessor, SpanData, SpanExporter},
};
use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::layer::SubscriberExt;

/// What a label may be called. Each has as many values as the code names, or bureaus there are.
const BOUNDED: [&str; 7] = ["class", "kind", "state", "bureau", "channel", "reason", "outcome"];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// `docs/METRICS.md`, from the tables in the code.
fn metrics_document() -> String {
    let mut text = "# Metrics\n\nWritten from the code; a test compares them. `/metrics` serves \
                    them as Prometheus text. Labels are\nbounded: never an account, a tax number \
                    or an invoice.\n\n## Of this process\n\n| name | type | label | what it says \
                    |\n|---|---|---|---|\n"
        .to_owned();
    let label = |label: Option<&str>| label.map_or(String::new(), |label| format!("`{label}`"));
    for one in INSTRUMENTS {
        let (suffix, kind) = match one.measure {
            Measure::Counter => ("_total", "counter"),
            Measure::Seconds | Measure::Items => ("", "histogram"),
        };
        let row =
            format!("| `{}{suffix}` | {kind} | {} | {} |\n", one.name, label(one.label), one.what);
        text.push_str(&row);
    }
    text.push_str(
        "\n## Of the store, asked for at every scrape\n\nEvery process on one store says the \
         same: take the `max`, not the `sum`.\n\n| name | type | label | what it says \
         |\n|---|---|---|---|\n",
    );
    for one in GAUGES {
        let row = format!("| `{}` | gauge | {} | {} |\n", one.name, label(one.label), one.what);
        text.push_str(&row);
    }
    text
}

#[test]
fn the_metrics_document_is_the_code() {
    let path = repository().join("docs/METRICS.md");
    let now = metrics_document();
    if env::var_os("UPDATE_DOCS").is_some_and(|value| value == "1") {
        fs::write(&path, &now).expect("docs can be written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == now,
        "docs/METRICS.md is stale: run UPDATE_DOCS=1 cargo nextest run -p gouxuan-app"
    );
}

#[test]
fn labels_are_bounded() {
    let listed = INSTRUMENTS.iter().filter_map(|one| one.label);
    for label in listed.chain(GAUGES.iter().filter_map(|one| one.label)) {
        assert!(BOUNDED.contains(&label), "{label}");
    }
    let names: BTreeSet<&str> = INSTRUMENTS.iter().map(|one| one.name).collect();
    assert_eq!(names.len(), INSTRUMENTS.len(), "two instruments have one name");
    assert!(names.iter().all(|name| name.starts_with("gouxuan_")));
}

/// A label is made by `fleet::meter::label`, whose value must be written in the code: a text that
/// came from outside is none. This finds labels that are made otherwise, or that no table lists.
#[test]
fn every_label_in_the_code_is_listed() {
    let mut used = 0;
    for file in sources(&repository().join("crates")) {
        let name = file.display().to_string();
        let text = fs::read_to_string(&file).expect("a source file");
        let ours = name.ends_with("fleet/src/meter.rs") || name.contains("/telemetry");
        assert!(ours || !text.contains("KeyValue::new("), "{name} makes a label by itself");
        for part in text.split("label(\"").skip(1).filter(|_| !ours) {
            let label = part.split('"').next().unwrap_or_default();
            let known = INSTRUMENTS.iter().any(|one| one.label == Some(label));
            assert!(known, "{name}: no instrument lists the label {label}");
            used += 1;
        }
    }
    assert!(used >= 5, "only {used} labels were found: the search is broken");
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let found = paths.flat_map(|path| match path.is_dir() {
        true => sources(&path),
        false => vec![path],
    });
    found.filter(|path| path.extension().is_some_and(|ending| ending == "rs")).collect()
}

/// Keeps the spans that ended.
#[derive(Debug, Clone, Default)]
struct Kept(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for Kept {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(batch);
        Ok(())
    }
}

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const WORLD: &str = r#"{
  "taxpayers": [{"tax_no": "91440300MA5G9GK78Y", "bureau": "440300"}],
  "accounts": [{"bureau": "440300", "account": "13800000001", "online": true,
                "serves": [{"tax_no": "91440300MA5G9GK78Y"}]}],
  "bureau": {"latency_ms": [0, 0], "outcome_ms": [0, 0]}
}"#;
const TASK: &str = r#"{"task_id": "0193f3a2-7c1e-7b7a-9d53-0c2f6f1f0a11", "kind": "period_query",
  "tax_no": "91440300MA5G9GK78Y"}"#;

/// The whole way in one process: the bus, a store in memory, the real client, the simulator.
#[tokio::test]
async fn one_trace_goes_from_the_publisher_to_the_settlement_and_its_event() {
    // Another test of this process may have been first.
    drop(rustls::crypto::ring::default_provider().install_default());
    let kept = Kept::default();
    let provider = SdkTracerProvider::builder()
        .with_span_processor(SimpleSpanProcessor::new(kept.clone()))
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let _spans = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));

    let mut world = World::parse(WORLD.as_bytes()).expect("a world");
    world.fill_defaults(date_in_shanghai(WallClock.now()));
    let listener = wiring::listen(([127, 0, 0, 1], 0).into()).await.expect("a port");
    let bureau = simulator::serve(listener, world.clone(), simulator::Options::default());
    let bureau = bureau.expect("a bureau");
    let mut config = Config::parse_for_tests();
    config.database_url = "sqlite::memory:".into();
    config.etax_url = bureau.url();
    config.leqi_url = bureau.url();
    let wired = wiring::wire(&config).await.expect("wired");
    wired.ports.store.import(&world, 8).await.expect("imported");
    let wiring::BusEnd::Local(bus) = wired.opened.bus.clone() else { panic!("a local bus") };
    let published = format!("00-{TRACE}-b7ad6b7169203331-01");
    let logged = bus.publish(TASK.as_bytes().into(), None, Some(published));

    let stop = CancellationToken::new();
    let (ports, ending) = (wired.ports.clone(), stop.clone());
    let working = tokio::spawn(async move { work(&config, &ports, ending).await });
    logged.await.expect("logged");
    let ended = async {
        while bus.events().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), ended).await.expect("an event");
    stop.cancel();
    working.await.expect("no panic").expect("drained");

    let rows = wired.ports.store.list(&TaskFilter::default(), None, 2).await.expect("rows");
    assert!(rows[0].state.is_final(), "{:?}", rows[0]);
    let event = bus.events().remove(0);
    let of_event = event.traceparent.clone().unwrap_or_default();
    assert!(of_event.contains(TRACE), "{of_event}");
    provider.force_flush().expect("flushed");
    let spans = kept.0.lock().unwrap_or_else(PoisonError::into_inner);
    let find = |name: &str| {
        let found = spans.iter().find(|span| span.name == name);
        found.unwrap_or_else(|| panic!("no span {name} among {}", spans.len()))
    };
    let (intake, attempt) = (find("intake"), find("attempt"));
    assert_eq!(intake.span_context.trace_id().to_string(), TRACE);
    assert_eq!(intake.parent_span_id.to_string(), "b7ad6b7169203331");
    assert_eq!(attempt.span_context.trace_id(), intake.span_context.trace_id());
    assert_eq!(attempt.parent_span_id, intake.span_context.span_id());
    assert!(of_event.contains(&intake.span_context.span_id().to_string()), "{of_event}");
    let state = attempt.attributes.iter().find(|one| one.key.as_str() == "state");
    assert_eq!(state.map(|one| one.value.to_string()), Some(rows[0].state.name().to_owned()));
}
