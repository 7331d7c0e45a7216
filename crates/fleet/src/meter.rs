//! Counters and histograms of the fleet. Labels are bounded: class, kind, state, reason code.

use opentelemetry::{
    KeyValue,
    metrics::{Counter, Histogram},
};

/// The worker's instruments; names in `docs/METRICS.md`.
#[derive(Debug)]
pub struct Meter {
    pub(crate) logged: Counter<u64>,
    pub(crate) rejected: Counter<u64>,
    pub(crate) started: Counter<u64>,
    pub(crate) hindered: Counter<u64>,
    pub(crate) settled: Counter<u64>,
    pub(crate) stale_writes: Counter<u64>,
    pub(crate) rescued: Counter<u64>,
    pub(crate) leases_lost: Counter<u64>,
    pub(crate) unknown_outcomes: Counter<u64>,
    pub(crate) statistic_asked: Counter<u64>,
    pub(crate) statistic_cache_away: Counter<u64>,
    pub(crate) store_away: Counter<u64>,
    pub(crate) events_published: Counter<u64>,
    pub(crate) turn_seconds: Histogram<f64>,
    pub(crate) turn_items: Histogram<u64>,
    pub(crate) wait_seconds: Histogram<f64>,
}

impl Default for Meter {
    fn default() -> Meter {
        Meter::new()
    }
}

impl Meter {
    /// Instruments of the process-wide meter provider.
    pub fn new() -> Meter {
        let meter = opentelemetry::global::meter("gouxuan");
        let counter = |name: &'static str, what: &'static str| {
            meter.u64_counter(name).with_description(what).build()
        };
        Meter {
            logged: counter("gouxuan_tasks_logged", "Tasks logged, by class and outcome"),
            rejected: counter("gouxuan_messages_rejected", "Messages that could not be taken"),
            started: counter("gouxuan_tasks_started", "Attempts started, by class"),
            hindered: counter("gouxuan_claims_hindered", "Claims refused, by reason code"),
            settled: counter("gouxuan_tasks_settled", "Settlements written, by class and state"),
            stale_writes: counter("gouxuan_stale_writes_refused", "Late settlements refused"),
            rescued: counter("gouxuan_tasks_rescued", "Tasks taken from workers that died"),
            leases_lost: counter("gouxuan_leases_lost", "Attempts dropped: lease not renewed"),
            unknown_outcomes: counter("gouxuan_unknown_outcomes", "Tasks a person must check"),
            statistic_asked: counter("gouxuan_statistic_queries", "Statistic states asked for"),
            statistic_cache_away: counter(
                "gouxuan_statistic_cache_away",
                "Look-ups that the statistic cache did not answer",
            ),
            store_away: counter("gouxuan_store_away", "Round trips to the store that failed"),
            events_published: counter("gouxuan_events_published", "Result events confirmed"),
            turn_seconds: meter
                .f64_histogram("gouxuan_turn_seconds")
                .with_description("Duration of one round trip of evidence, settlements and claims")
                .with_unit("s")
                .build(),
            turn_items: meter
                .u64_histogram("gouxuan_turn_items")
                .with_description("Evidence, settlements and claims in one round trip")
                .build(),
            wait_seconds: meter
                .f64_histogram("gouxuan_wait_seconds")
                .with_description("From logging to the start, by class")
                .with_unit("s")
                .build(),
        }
    }
}

/// A label with a bounded value.
pub(crate) fn label(name: &'static str, value: &'static str) -> [KeyValue; 1] {
    [KeyValue::new(name, value)]
}
