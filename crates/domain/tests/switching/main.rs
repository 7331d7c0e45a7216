//! Whole days of one account on virtual time, under the real planner.
//!
//! `cargo nextest run -p gouxuan-domain --no-capture planner_on_the_study` prints the tables
//! of `docs/SWITCHING.md`, and fails when the document says something else.

mod properties;
mod simple;
mod simulation;
mod workload;

use domain::{
    kind::Class,
    schedule::{LaneView, PlannerSettings, SwitchLimits, Visit, next_visit},
};
use simulation::{Outcome, play};
use std::{fmt::Write as _, io::Write as _};
use workload::Arrival;

const LIMITS: SwitchLimits = SwitchLimits { per_hour: 5, per_day: 50 };
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

fn planner(view: &LaneView<'_>) -> Visit {
    next_visit(view, &PlannerSettings::default())
}

/// One line of a table.
struct Day {
    name: String,
    done: f64,
    end_h: f64,
    switches: usize,
    filing: Waits,
    issuing: Waits,
}

/// In minutes, from arrival to start.
struct Waits {
    worst: f64,
    mean: f64,
}

fn waits(outcome: &Outcome, arrivals: &[Arrival], class: Class) -> Waits {
    let waits = outcome.waits(arrivals, class);
    let minutes = |milliseconds: i64| milliseconds as f64 / 60_000.0;
    Waits {
        worst: minutes(waits.iter().copied().max().unwrap_or(0)),
        mean: minutes(waits.iter().sum()) / waits.len().max(1) as f64,
    }
}

fn run(
    workloads: &[Vec<Arrival>],
    limits: Option<SwitchLimits>,
    policy: fn(&LaneView<'_>) -> Visit,
) -> Vec<Day> {
    let one = |(index, arrivals): (usize, &Vec<Arrival>)| {
        let last = arrivals.last().map_or(0, |arrival| arrival.at);
        let outcome = play(arrivals, limits, last.max(DAY) + 3 * DAY, policy);
        if limits.is_some() {
            assert!(outcome.most_in(HOUR) <= 5, "over the limit of an hour");
            assert!(outcome.most_in(24 * HOUR) <= 50, "over the limit of a day");
        }
        Day {
            name: format!("{index:02}"),
            done: outcome.done as f64 / arrivals.len() as f64,
            end_h: outcome.end as f64 / HOUR as f64,
            switches: outcome.switches.len(),
            filing: waits(&outcome, arrivals, Class::Filing),
            issuing: waits(&outcome, arrivals, Class::Issuing),
        }
    };
    workloads.iter().enumerate().map(one).collect()
}

/// One figure of a day.
type Figure = fn(&Day) -> f64;

fn mean(days: &[Day], of: Figure) -> f64 {
    days.iter().map(of).sum::<f64>() / days.len() as f64
}

fn worst(days: &[Day], of: Figure) -> f64 {
    days.iter().map(of).fold(0.0, f64::max)
}

const HEAD: &str = "\
| workload | end | switches | filing: worst, mean wait | issuing: worst, mean wait |
|---|---|---|---|---|
";

fn table(days: &[Day]) -> String {
    let mut text = String::from(HEAD);
    for day in days {
        let Day { name, end_h, switches, filing, issuing, .. } = day;
        line(&mut text, name, *end_h, *switches as f64, [filing, issuing]);
    }
    summary(&mut text, "**mean**", |of| mean(days, of));
    summary(&mut text, "**worst**", |of| worst(days, of));
    text
}

fn summary(text: &mut String, name: &str, over_days: impl Fn(Figure) -> f64) {
    let filing =
        Waits { worst: over_days(|day| day.filing.worst), mean: over_days(|day| day.filing.mean) };
    let issuing = Waits {
        worst: over_days(|day| day.issuing.worst),
        mean: over_days(|day| day.issuing.mean),
    };
    let end = over_days(|day| day.end_h);
    line(text, name, end, over_days(|day| day.switches as f64), [&filing, &issuing]);
}

fn line(text: &mut String, name: &str, end: f64, switches: f64, waits: [&Waits; 2]) {
    let [filing, issuing] = waits;
    writeln!(
        text,
        "| {name} | {end:.1} h | {switches:.0} | {:.0}, {:.0} min | {:.1}, {:.1} h |",
        filing.worst,
        filing.mean,
        issuing.worst / 60.0,
        issuing.mean / 60.0
    )
    .expect("a string takes everything");
}

/// One line of the comparison with the study: what it measured, and what this measures.
fn compared(policy: &str, study: &str, days: &[Day]) -> String {
    let done = mean(days, |day| day.done);
    let end = if done < 1.0 {
        format!("never ({:.0} %)", 100.0 * done)
    } else {
        format!("{:.1} h ({:.1})", mean(days, |day| day.end_h), worst(days, |day| day.end_h))
    };
    format!(
        "| {policy} | {study} | {:.1} | {end} | {:.1} ({:.1}) min |\n",
        mean(days, |day| day.switches as f64),
        mean(days, |day| day.filing.worst),
        worst(days, |day| day.filing.worst)
    )
}

/// Prints a table and compares it with the one in the document.
fn publish(table: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{table}").expect("standard output is open");
    let document = include_str!("../../../../docs/SWITCHING.md");
    assert!(document.contains(table), "docs/SWITCHING.md is stale: it lacks the table above");
}

const COMPARED: &str = "\
| policy | study: switches, end, worst filing wait | switches | end | worst filing wait |
|---|---|---|---|---|
";

#[test]
fn planner_on_the_study() {
    let workloads = workload::study();
    let limits = Some(LIMITS);
    let free = run(&workloads, None, planner);
    let waiting = run(&workloads, limits, simple::waits_for_a_switch);
    let working = run(&workloads, limits, simple::works_while_it_waits);
    let alone = run(&filings_of(&workloads), limits, planner);
    let ours = run(&workloads, limits, planner);

    // The study's own rows come out again, so the figures compare.
    assert_eq!(mean(&free, |day| day.switches as f64), 545.5);
    assert!(waiting.iter().all(|day| day.switches == 200 && day.done < 0.5));

    publish(
        &[
            COMPARED,
            &compared("no limits: the planner", "545, 8.5 h, 0.8 min", &free),
            &compared(
                "limits, class order, waits for a switch",
                "200, never (38 %), 99 (132) min",
                &waiting,
            ),
            &compared(
                "limits, class order, own work while no switch is left",
                "119, 51.5 h (72.1), 97 (132) min",
                &working,
            ),
            &compared("**limits: the planner**", "best: 92, 36.7 h (49.2), 91 (116) min", &ours),
            &compared("the planner, if there were nothing but the filings", "", &alone),
        ]
        .concat(),
    );
    publish(&table(&ours));

    assert!(ours.iter().all(|day| day.done == 1.0));
    assert!(mean(&ours, |day| day.end_h) <= 29.5);
    assert!(worst(&ours, |day| day.end_h) <= 30.0);
    assert!(mean(&ours, |day| day.filing.worst) <= 72.0);
    assert!(worst(&ours, |day| day.filing.worst) <= 108.0);
}

fn filings_of(workloads: &[Vec<Arrival>]) -> Vec<Vec<Arrival>> {
    let filings = |arrivals: &Vec<Arrival>| {
        arrivals.iter().copied().filter(|arrival| arrival.class == Class::Filing).collect()
    };
    workloads.iter().map(filings).collect()
}

#[test]
fn planner_on_fresh_workloads() {
    let workloads: Vec<_> = (1..=10).map(|seed| workload::fresh(seed, 40, 1)).collect();
    let ours = run(&workloads, Some(LIMITS), planner);
    publish(&table(&ours));
    assert!(ours.iter().all(|day| day.done == 1.0));
    assert!(mean(&ours, |day| day.end_h) <= 30.0);
    assert!(mean(&ours, |day| day.filing.worst) <= 91.0);
    assert!(worst(&ours, |day| day.filing.worst) <= 116.0);
}

/// A day that ends well is not enough: it must not eat the next one's switches.
#[test]
fn planner_on_four_days_in_a_row() {
    let mut text = String::from(
        "| tax numbers | end | switches | filing: worst, mean wait | issuing: worst, mean wait |\n\
         |---|---|---|---|---|\n",
    );
    for (numbers, filing_mean) in [(40, 45.0), (25, 10.0), (8, 5.0)] {
        let workloads: Vec<_> = (11..=20).map(|seed| workload::fresh(seed, numbers, 4)).collect();
        let ours = run(&workloads, Some(LIMITS), planner);
        assert!(ours.iter().all(|day| day.done == 1.0));
        assert!(mean(&ours, |day| day.filing.mean) <= filing_mean);
        let means = table(&ours);
        let line = means.lines().find(|line| line.contains("**mean**")).expect("a line of means");
        text.push_str(&line.replace("**mean**", &numbers.to_string()));
        text.push('\n');
    }
    publish(&text);
}
