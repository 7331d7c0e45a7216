//! The runs that must hold.

use crate::run::{Plan, Report, run};
use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// Seeds of one round in CI.
pub(crate) const SEEDS: u64 = 200;
/// Steps that all of them make together, at least.
const STEPS: u64 = 1_000_000;

/// The seed that is named in the environment, to repeat one.
fn named() -> Option<u64> {
    std::env::var("GOUXUAN_SEED").ok().and_then(|seed| seed.parse().ok())
}

/// Fails with everything that whoever repeats it needs.
pub(crate) fn must_hold(report: &Report) {
    let Some(violation) = &report.violation else { return };
    if std::env::var_os("GOUXUAN_HISTORY").is_some() {
        for line in &report.lines {
            eprintln!("{line}");
        }
    }
    let tail = report.lines.iter().rev().take(60).rev();
    let tail: String = tail.map(|line| format!("  {line}\n")).collect();
    panic!(
        "seed {} violates {}: {}\nafter {} steps; repeat it with\n  \
         GOUXUAN_SEED={} cargo nextest run -p gouxuan-fleet --test simulation one_seed\n{tail}",
        report.seed, violation.checker, violation.what, report.steps, report.seed,
    );
}

#[test]
fn one_seed() {
    let seed = named().unwrap_or(1);
    let everything = std::env::var_os("GOUXUAN_HISTORY").is_some();
    let report = run(Plan { seed, everything, ..Plan::default() });
    let Report { steps, tasks, lasted, hash, .. } = &report;
    eprintln!("seed {seed}: {steps} steps, {tasks} tasks, {lasted:?} of virtual time, {hash:016x}");
    must_hold(&report);
}

#[test]
fn the_same_seed_gives_the_same_run() {
    for seed in [3, 8] {
        let plan = Plan { seed, everything: true, ..Plan::default() };
        let (one, other) = (run(plan), run(plan));
        let differs = one.lines.iter().zip(&other.lines).find(|(one, other)| one != other);
        assert_eq!(differs, None, "seed {seed}");
        assert_eq!((one.hash, one.steps), (other.hash, other.steps), "seed {seed}");
    }
}

/// How many: the environment may ask for more.
fn seeds() -> u64 {
    let more = std::env::var("GOUXUAN_SEEDS").ok();
    more.map_or(SEEDS, |more| more.parse().expect("GOUXUAN_SEEDS: a whole number"))
}

/// What all runs did, together.
#[derive(Default)]
struct Whole {
    steps: u64,
    tasks: usize,
    tally: BTreeMap<String, u64>,
    failed: Vec<Report>,
}

#[test]
fn two_hundred_seeds() {
    if named().is_some() {
        return;
    }
    let next = AtomicU64::new(0);
    let whole = Mutex::new(Whole::default());
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds() {
                        return;
                    }
                    let report = run(Plan { seed, ..Plan::default() });
                    let mut whole = whole.lock().unwrap_or_else(PoisonError::into_inner);
                    whole.add(report);
                }
            });
        }
    });
    whole.into_inner().unwrap_or_else(PoisonError::into_inner).judge();
}

impl Whole {
    fn add(&mut self, report: Report) {
        self.steps += report.steps;
        self.tasks += report.tasks;
        for (what, count) in &report.tally {
            *self.tally.entry(what.clone()).or_default() += count;
        }
        if report.violation.is_some() {
            self.failed.push(report);
        }
    }

    fn judge(&self) {
        eprintln!("{} steps with {} tasks in {} seeds", self.steps, self.tasks, seeds());
        for (what, count) in &self.tally {
            eprintln!("{count:>9} {what}");
        }
        for report in &self.failed {
            let violation = report.violation.as_ref().map(|v| format!("{} {}", v.checker, v.what));
            eprintln!("seed {}: {}", report.seed, violation.unwrap_or_default());
        }
        if let Some(report) = self.failed.iter().min_by_key(|report| report.seed) {
            must_hold(report);
        }
        let missing: Vec<&str> = crate::expected::ALL
            .iter()
            .copied()
            .filter(|what| self.tally.get(*what).is_none_or(|count| *count == 0))
            .collect();
        assert!(missing.is_empty(), "these never happened: {missing:?}");
        assert!(self.steps >= STEPS, "only {} steps", self.steps);
    }
}
