//! The figures of a benchmark, for people and as JSON.

use super::{
    claim::ClaimCost,
    drain::{Drained, Published},
    latency::Latency,
    machine::Machine,
    memory::Memory,
    pool::PageCost,
    raw::Raw,
    town::{Arrangement, Size},
};
use crate::{commands::table, config::Config};
use serde::Serialize;
use std::collections::BTreeMap;

/// Everything that was measured in one run.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Report {
    pub(super) machine: Machine,
    pub(super) store: &'static str,
    pub(super) bus: &'static str,
    pub(super) cache: &'static str,
    pub(super) lanes: usize,
    pub(super) tax_numbers: usize,
    pub(super) drained: Vec<Drained>,
    pub(super) raw: Option<Raw>,
    pub(super) latency: Option<Latency>,
    pub(super) claims: Vec<ClaimCost>,
    pub(super) pages: Vec<PageCost>,
    pub(super) memory: Option<Memory>,
    /// Parts that could not be measured, with the reason.
    pub(crate) failures: Vec<String>,
}

/// What others rely on: the main figures by their names, then everything.
#[derive(Debug, Serialize)]
struct Summary<'a> {
    tasks_per_second: Option<f64>,
    tasks_per_second_while_publishing: Option<f64>,
    start_latency_p50_ms: Option<f64>,
    start_latency_p99_ms: Option<f64>,
    switches_per_task: Option<f64>,
    raw_tasks_per_second: Option<f64>,
    /// Ours of the raw limit.
    ratio: Option<f64>,
    #[serde(flatten)]
    report: &'a Report,
}

impl Report {
    pub(super) fn new(config: &Config, size: Size) -> Report {
        let configured = |url, server, here| if Config::url(url).is_some() { server } else { here };
        Report {
            machine: Machine::this(),
            store: match Config::url(&config.database_url) {
                Some(url) if url.starts_with("postgres") => "postgresql",
                _ => "sqlite",
            },
            bus: configured(&config.amqp_url, "rabbitmq", "in process"),
            cache: configured(&config.redis_url, "redis", "in process"),
            lanes: size.lanes,
            tax_numbers: size.tax_numbers,
            drained: Vec::new(),
            raw: None,
            latency: None,
            claims: Vec::new(),
            pages: Vec::new(),
            memory: None,
            failures: Vec::new(),
        }
    }

    fn main_run(&self) -> Option<&Drained> {
        self.drained.iter().find(|run| {
            run.published == Published::Before && run.arrangement == Arrangement::RoundRobin
        })
    }

    pub(crate) fn json(&self) -> serde_json::Result<String> {
        let main = self.main_run();
        let meanwhile = self.drained.iter().find(|run| run.published == Published::Meanwhile);
        let rate = |run: &Drained| run.tasks_per_second.round();
        let raw = self.raw.as_ref().map(|raw| raw.tasks_per_second.round());
        serde_json::to_string(&Summary {
            tasks_per_second: main.map(rate),
            tasks_per_second_while_publishing: meanwhile.map(rate),
            start_latency_p50_ms: self.latency.as_ref().map(|latency| latency.p50_ms),
            start_latency_p99_ms: self.latency.as_ref().map(|latency| latency.p99_ms),
            switches_per_task: main.map(|run| run.switches_per_task),
            raw_tasks_per_second: raw,
            ratio: main.zip(raw).map(|(run, raw)| hundredths(run.tasks_per_second / raw)),
            report: self,
        })
    }

    /// Tables for people.
    pub(crate) fn text(&self) -> String {
        let Machine { processor, cores, memory_mb, kernel } = &self.machine;
        let mut parts = vec![format!(
            "{processor}, {cores} cores, {memory_mb} MB, Linux {kernel}; store {}, bus {}, cache {}; \
             {} lanes, {} tax numbers",
            self.store, self.bus, self.cache, self.lanes, self.tax_numbers
        )];
        parts.extend(self.throughput());
        parts.extend(self.latency.as_ref().map(|latency| {
            let Latency { samples, p50_ms, p90_ms, p99_ms, max_ms } = latency;
            format!(
                "start latency of {samples} samples: p50 {p50_ms} ms, p90 {p90_ms} ms, \
                 p99 {p99_ms} ms, max {max_ms} ms"
            )
        }));
        parts.extend(self.claim_costs());
        parts.extend(self.page_costs());
        parts.extend(self.memory.as_ref().map(|memory| {
            let Memory { idle_mb, lanes, with_lanes_mb, taken_over_after_s } = memory;
            format!(
                "resident memory of a worker: idle {idle_mb} MB, with {lanes} lanes \
                 {with_lanes_mb} MB (taken over after {taken_over_after_s:.1} s)"
            )
        }));
        parts.join("\n\n")
    }

    fn throughput(&self) -> Option<String> {
        if self.drained.is_empty() && self.raw.is_none() {
            return None;
        }
        let mut rows =
            table(&["run", "tasks", "s", "tasks/s", "of raw", "switches/task", "CPU µs/task"]);
        let raw = self.raw.as_ref();
        for run in &self.drained {
            let order = match run.arrangement {
                Arrangement::RoundRobin => "round-robin",
                Arrangement::InARow => "in a row",
            };
            let name = match run.published {
                Published::Before => order.to_owned(),
                Published::Meanwhile => format!("{order}, while publishing"),
            };
            let ratio = raw.map(|raw| run.tasks_per_second / raw.tasks_per_second);
            rows.add_row([
                name,
                run.tasks.to_string(),
                format!("{:.1}", run.seconds),
                format!("{:.0}", run.tasks_per_second),
                ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}")),
                format!("{:.2}", run.switches_per_task),
                shares(&run.cpu_us_per_task),
            ]);
        }
        if let Some(raw) = raw {
            rows.add_row([
                "raw limit".to_owned(),
                raw.tasks.to_string(),
                format!("{:.1}", raw.seconds),
                format!("{:.0}", raw.tasks_per_second),
                "1.00".to_owned(),
                String::new(),
                shares(&raw.cpu_us_per_task),
            ]);
        }
        Some(rows.to_string())
    }

    fn claim_costs(&self) -> Option<String> {
        if self.claims.is_empty() {
            return None;
        }
        let mut rows = table(&[
            "claims with tasks waiting",
            "a turn",
            "few",
            "ms",
            "many",
            "ms",
            "ratio",
            "heads, ms",
        ]);
        for cost in &self.claims {
            rows.add_row([
                cost.shape.to_owned(),
                cost.picks_per_turn.to_string(),
                cost.few.to_string(),
                format!("{:.2}", cost.few_ms),
                cost.many.to_string(),
                format!("{:.2}", cost.many_ms),
                format!("{:.2}", cost.ratio),
                format!("{:.0}", cost.many_take_over_ms),
            ]);
        }
        Some(rows.to_string())
    }

    fn page_costs(&self) -> Option<String> {
        if self.pages.is_empty() {
            return None;
        }
        let mut rows = table(&["a page of invoices", "rows", "p50, ms", "max, ms"]);
        for cost in &self.pages {
            rows.add_row([
                cost.question.to_owned(),
                cost.rows.to_string(),
                format!("{:.1}", cost.p50_ms),
                format!("{:.1}", cost.max_ms),
            ]);
        }
        Some(rows.to_string())
    }
}

fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

fn shares(cpu: &BTreeMap<&'static str, f64>) -> String {
    cpu.iter().map(|(who, micros)| format!("{who} {micros:.0}")).collect::<Vec<_>>().join(", ")
}
