//! `gouxuan bench`: how fast and how large, on the servers that are configured, and beside it the
//! raw limit of the same servers. docs/PERFORMANCE.md has figures and conditions.

mod channel;
mod claim;
mod drain;
mod latency;
mod machine;
mod memory;
mod pit;
mod pool;
mod raw;
mod report;
mod shelf;
mod stage;
mod stopwatch;
mod town;

use crate::{
    cli::{BenchArgs, BenchPart},
    commands::WrongUse,
    config::Config,
};
use drain::Published;
use indicatif::{ProgressBar, ProgressStyle};
use report::Report;
use std::time::Duration;
use town::{Arrangement, Size};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Tells on stderr what is being done.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    part: &'static str,
}

impl Progress {
    fn new(part: &'static str) -> Progress {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{elapsed:>5} {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_secs(1));
        Progress { bar, part }
    }

    fn say(&self, what: &str) {
        self.bar.set_message(format!("{}: {what}", self.part));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Runs the parts that were asked for, each with a store of its own.
pub(crate) async fn run(mut config: Config, args: &BenchArgs) -> Result<Report, Failure> {
    let size = size(args)?;
    // Switching is free: the budget of a real bureau would be all that is measured.
    config.switch.per_hour = 0;
    config.switch.per_day = 0;
    let parts = if args.part.is_empty() { BenchPart::ALL.to_vec() } else { args.part.clone() };
    let mut report = Report::new(&config, size);
    for part in parts {
        if let Err(error) = measure(part, &config, args, size, &mut report).await {
            // What was measured before is not lost with it.
            report.failures.push(format!("{part:?}: {error}"));
        }
    }
    Ok(report)
}

async fn measure(
    part: BenchPart,
    config: &Config,
    args: &BenchArgs,
    size: Size,
    report: &mut Report,
) -> Result<(), Failure> {
    match part {
        BenchPart::Drain => {
            for arrangement in [Arrangement::RoundRobin, Arrangement::InARow] {
                let progress = Progress::new("drain");
                let before = Published::Before;
                let run = drain::run(config, size, arrangement, before, &progress);
                report.drained.push(run.await?);
            }
        }
        BenchPart::Publishing => {
            let progress = Progress::new("while publishing");
            let (order, meanwhile) = (Arrangement::RoundRobin, Published::Meanwhile);
            let run = drain::run(config, size, order, meanwhile, &progress);
            report.drained.push(run.await?);
        }
        BenchPart::Raw => {
            report.raw = raw::run(config, size, &Progress::new("raw limit")).await?;
        }
        BenchPart::Latency => {
            let progress = Progress::new("start latency");
            report.latency = Some(latency::run(config, size.lanes, &progress).await?);
        }
        BenchPart::Claim => {
            report.claims = claim::run(config, args.waiting, &Progress::new("claim")).await?;
        }
        BenchPart::Pool => {
            report.pages = pool::run(config, args.invoices, &Progress::new("pool")).await?;
        }
        BenchPart::Memory => {
            report.memory = memory::run(config, &Progress::new("memory")).await?;
        }
    }
    Ok(())
}

fn size(args: &BenchArgs) -> Result<Size, WrongUse> {
    let wrong = |what: &str| Err(WrongUse(what.to_owned()));
    if args.tasks == 0 || args.lanes == 0 || args.tax_numbers == 0 {
        return wrong("--tasks, --lanes and --tax-numbers must be at least 1");
    }
    if args.tax_numbers > args.tasks {
        return wrong("--tax-numbers is more than --tasks: give each tax number a task");
    }
    if args.lanes > args.tax_numbers {
        return wrong("--lanes is more than --tax-numbers: give each lane a tax number");
    }
    Ok(Size { tasks: args.tasks, lanes: args.lanes, tax_numbers: args.tax_numbers })
}
