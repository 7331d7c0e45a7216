//! Counters and histograms of the fleet. Labels are bounded: class, state, channel, outcome and
//! reason code, never an account, a tax number or an invoice.

use opentelemetry::{
    KeyValue,
    metrics::{Counter, Histogram},
};

/// How an instrument counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Only rises; shown with `_total` behind its name.
    Counter,
    /// Seconds, in buckets.
    Seconds,
    /// Numbers of things, in buckets.
    Items,
}

/// One instrument, as `docs/METRICS.md` lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instrument {
    pub name: &'static str,
    pub measure: Measure,
    /// Its only label, if it has one.
    pub label: Option<&'static str>,
    pub what: &'static str,
}

/// Upper bounds of the buckets of [`Measure::Seconds`].
const SECONDS: [f64; 16] = [
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0, 600.0, 3600.0,
    86_400.0,
];
/// Upper bounds of the buckets of [`Measure::Items`].
const ITEMS: [f64; 8] = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0];

macro_rules! instruments {
    ($($field:ident: $type:ty = $measure:ident $name:literal [$($label:literal)?] $what:literal;)*) => {
        /// The worker's instruments; names and labels in `docs/METRICS.md`.
        #[derive(Debug)]
        pub struct Meter { $(pub(crate) $field: $type,)* }

        /// Every instrument.
        pub const INSTRUMENTS: &[Instrument] = &[$(Instrument {
            name: $name,
            measure: Measure::$measure,
            label: instruments!(@label $($label)?),
            what: $what,
        },)*];

        impl Meter {
            /// Instruments of the process-wide meter provider, which must have been set before.
            pub fn new() -> Meter {
                let meter = opentelemetry::global::meter("gouxuan");
                Meter { $($field: instruments!(@build meter $measure $name $what),)* }
            }
        }
    };
    (@label) => { None };
    (@label $label:literal) => { Some($label) };
    (@build $meter:ident Counter $name:literal $what:literal) => {
        $meter.u64_counter($name).with_description($what).build()
    };
    (@build $meter:ident Seconds $name:literal $what:literal) => {
        $meter
            .f64_histogram($name)
            .with_description($what)
            .with_unit("s")
            .with_boundaries(SECONDS.to_vec())
            .build()
    };
    (@build $meter:ident Items $name:literal $what:literal) => {
        $meter
            .u64_histogram($name)
            .with_description($what)
            .with_boundaries(ITEMS.to_vec())
            .build()
    };
}

instruments! {
    logged: Counter<u64> = Counter "gouxuan_tasks_logged" ["outcome"]
        "Tasks that came, by what became of them: waiting, final (refused or done at once), repeated";
    rejected: Counter<u64> = Counter "gouxuan_messages_rejected" []
        "Messages that could not be taken";
    started: Counter<u64> = Counter "gouxuan_tasks_started" ["class"]
        "Attempts started";
    hindered: Counter<u64> = Counter "gouxuan_claims_hindered" ["reason"]
        "Claims refused, by the code of the reason";
    settled: Counter<u64> = Counter "gouxuan_tasks_settled" ["state"]
        "Settlements written, by the inner state that they led to";
    stale_writes: Counter<u64> = Counter "gouxuan_stale_writes_refused" []
        "Late settlements refused: the keys had passed on";
    rescued: Counter<u64> = Counter "gouxuan_tasks_rescued" []
        "Tasks taken from workers that stopped renewing";
    leases_lost: Counter<u64> = Counter "gouxuan_leases_lost" []
        "Attempts dropped because their lease was not renewed in time";
    unknown_outcomes: Counter<u64> = Counter "gouxuan_unknown_outcomes" []
        "Tasks that ended with an outcome that a person must check: alert on any";
    statistic_asked: Counter<u64> = Counter "gouxuan_statistic_queries" ["channel"]
        "Statistic states asked of the bureau";
    statistic_cache_away: Counter<u64> = Counter "gouxuan_statistic_cache_away" []
        "Look-ups that the statistic cache did not answer; the bureau was asked instead";
    store_away: Counter<u64> = Counter "gouxuan_store_away" []
        "Round trips to the store that failed and were, or will be, repeated";
    events_published: Counter<u64> = Counter "gouxuan_events_published" []
        "Result events confirmed by the bus";
    writebacks: Counter<u64> = Counter "gouxuan_writebacks" ["outcome"]
        "Write-backs of business documents, over the queue and over HTTP: written, repeated, older, or why not: no_transfer_reason, not_deductible, version_used, no_such_invoice, malformed, unstorable";
    automatic_runs: Counter<u64> = Counter "gouxuan_automatic_runs" ["outcome"]
        "Runs of rules that ended: batch, entered, nothing, failed";
    automatic_chosen: Counter<u64> = Counter "gouxuan_automatic_invoices" []
        "Invoices that runs of rules have chosen";
    version_files: Counter<u64> = Counter "gouxuan_statistic_files" ["outcome"]
        "Files of statistic tables, by what became of them: made, without_invoices, failed (tried again)";
    turn_seconds: Histogram<f64> = Seconds "gouxuan_turn_seconds" []
        "Duration of one round trip of evidence, settlements and claims";
    turn_items: Histogram<u64> = Items "gouxuan_turn_items" []
        "Evidence, settlements and claims in one round trip";
    wait_seconds: Histogram<f64> = Seconds "gouxuan_wait_seconds" ["class"]
        "From logging to each start";
}

impl Default for Meter {
    fn default() -> Meter {
        Meter::new()
    }
}

/// A label with a bounded value: only what is written in the code can be one.
pub(crate) fn label(name: &'static str, value: &'static str) -> [KeyValue; 1] {
    [KeyValue::new(name, value)]
}
