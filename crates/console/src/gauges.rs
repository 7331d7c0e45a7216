//! Figures of the store, asked for at every scrape.

use domain::kind::Class;
use fleet::ports::archive::StoreHealth;
use std::fmt::Write;

/// One gauge: its name, its only label if it has one, and what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gauge {
    pub name: &'static str,
    pub label: Option<&'static str>,
    pub what: &'static str,
}

const UP: Gauge = Gauge {
    name: "gouxuan_store_up",
    label: None,
    what: "1 when the store answered this scrape; the figures below are missing when it did not",
};
const WAITING: Gauge = Gauge {
    name: "gouxuan_tasks_waiting",
    label: Some("class"),
    what: "Tasks that wait for their turn",
};
const OLDEST: Gauge = Gauge {
    name: "gouxuan_oldest_waiting_seconds",
    label: Some("class"),
    what: "Age of the task that has waited longest; 0 when none waits",
};
const RUNNING: Gauge = Gauge {
    name: "gouxuan_tasks_running",
    label: None,
    what: "Tasks that hold keys: running, and asked about",
};
const PARKED: Gauge = Gauge {
    name: "gouxuan_tasks_parked",
    label: None,
    what: "Tasks that had begun and wait for a login",
};
const OUTBOX: Gauge = Gauge {
    name: "gouxuan_outbox_events",
    label: None,
    what: "Result events that have not been confirmed yet",
};
const FULL: Gauge = Gauge {
    name: "gouxuan_lanes_full",
    label: None,
    what: "Lanes whose queue is not consumed because too much waits in them: alert when it lasts",
};
const SKEW: Gauge =
    Gauge { name: "gouxuan_clock_skew_seconds", label: None, what: "The store's clock minus ours" };
const SCHEMA: Gauge = Gauge {
    name: "gouxuan_schema_version",
    label: None,
    what: "Number of the newest migration in the store",
};

/// Every gauge, as `docs/METRICS.md` lists them.
pub const GAUGES: [Gauge; 9] = [UP, WAITING, OLDEST, RUNNING, PARKED, OUTBOX, FULL, SKEW, SCHEMA];

/// The gauges in Prometheus text; None: the store did not answer.
pub fn render(health: Option<&StoreHealth>) -> String {
    let mut text = String::new();
    one(&mut text, UP, if health.is_some() { 1.0 } else { 0.0 });
    let Some(health) = health else { return text };
    let waiting = |class| of_class(&health.waiting_by_class, class).map_or(0.0, |n| n as f64);
    let oldest = |class| of_class(&health.oldest_waiting_seconds, class).unwrap_or(0.0);
    by_class(&mut text, WAITING, waiting);
    by_class(&mut text, OLDEST, oldest);
    one(&mut text, RUNNING, health.running as f64);
    one(&mut text, PARKED, health.parked as f64);
    one(&mut text, OUTBOX, health.outbox as f64);
    one(&mut text, FULL, health.full_lanes as f64);
    one(&mut text, SKEW, health.clock_skew_seconds);
    one(&mut text, SCHEMA, health.schema_version as f64);
    text
}

fn of_class<T: Copy>(figures: &[(Class, T)], class: Class) -> Option<T> {
    figures.iter().find(|(of, _)| *of == class).map(|(_, figure)| *figure)
}

fn head(text: &mut String, gauge: Gauge) {
    let Gauge { name, what, .. } = gauge;
    writeln!(text, "# HELP {name} {what}\n# TYPE {name} gauge").expect("a string grows");
}

fn one(text: &mut String, gauge: Gauge, value: f64) {
    head(text, gauge);
    writeln!(text, "{} {value}", gauge.name).expect("a string grows");
}

fn by_class(text: &mut String, gauge: Gauge, value: impl Fn(Class) -> f64) {
    head(text, gauge);
    for class in Class::ALL {
        let value = value(class);
        writeln!(text, "{}{{class=\"{class}\"}} {value}", gauge.name).expect("a string grows");
    }
}
