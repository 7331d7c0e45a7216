//! The subcommands.

mod account;
mod automatic;
mod batch;
mod bench;
mod check;
mod demo;
mod doctor;
mod invoice;
mod lane;
mod ledger;
mod lines;
mod list;
mod pages;
mod people;
mod reach;
mod run;
mod secret;
mod serve;
mod simulate;
mod statistic;
mod store;
mod task;
mod taxpayer;

#[cfg(test)]
pub(crate) use serve::work;

use crate::{
    cli::{Cli, Command},
    config::{self, Config},
    telemetry::{self, Stay, Telemetry},
};
use comfy_table::{ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use console::Bytes;
use std::path::Path;

/// Whatever went wrong, as one sentence.
pub(crate) type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// The command was given something that it cannot take; the sentence says what to write.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct WrongUse(pub String);

/// It was done only in part, or not at all; what was printed says what.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotDone(pub String);

/// Runs the command.
pub(crate) async fn run(cli: Cli) -> Outcome {
    if let Command::Config = cli.command {
        return print(config::DEFAULTS);
    }
    let config = Config::load(&cli.global)?;
    let stay = match cli.command {
        Command::Serve { .. } | Command::Simulate { .. } | Command::Demo { .. } => Stay::Serving,
        _ => Stay::OneCommand,
    };
    let telemetry = telemetry::start(&config, stay)?;
    let outcome = dispatch(cli, config, &telemetry).await;
    telemetry.end().await;
    outcome
}

async fn dispatch(cli: Cli, config: Config, telemetry: &Telemetry) -> Outcome {
    let json = cli.global.json;
    match cli.command {
        Command::Demo { keep } => demo::run(config, keep, json, telemetry).await,
        Command::Serve { role } => serve::run(config, &role, telemetry).await,
        Command::Simulate { world, seed } => {
            let at = cli.global.listen.unwrap_or(simulate::ADDRESS);
            simulate::run(at, &world, seed).await
        }
        Command::Bench(args) => bench::run(config, &args, json).await,
        Command::Doctor => doctor::run(&config, json).await,
        Command::Task { action } => task::run(&config, action, json).await,
        Command::Invoice { action } => invoice::run(&config, action, json).await,
        Command::Batch { action } => batch::run(&config, action, json).await,
        Command::List { action } => list::run(&config, action, json).await,
        Command::Automatic { action } => automatic::run(&config, action, json).await,
        Command::Ledger { action } => ledger::run(&config, action, json).await,
        Command::Statistic { action } => statistic::run(&config, action, json).await,
        Command::Period { action } => statistic::run_period(&config, action, json).await,
        Command::Check { action } => check::run(&config, action, json).await,
        Command::Matrix(args) => check::run_matrix(&config, args, json).await,
        Command::Calendar { action } => check::run_calendar(&config, action, json).await,
        Command::Run { action } => run::run(&config, action, json).await,
        Command::Secret { action } => secret::run(&config, action, json).await,
        Command::User { action } => people::run(&config, action, json).await,
        Command::Audit(args) => people::run_audit(&config, args, json).await,
        Command::Taxpayer { action } => taxpayer::run(&config, action, json).await,
        Command::Account { action } => account::run(&config, action, json).await,
        Command::Lane { action } => lane::run(&config, action, json).await,
        Command::Migrate => store::migrate(&config).await,
        Command::World { action } => store::world(&config, &action, json).await,
        Command::Config => Ok(()),
    }
}

/// Writes a file that came over HTTP.
pub(crate) fn save(file: &Path, bytes: &Bytes) -> Outcome {
    let unwritable = |error| WrongUse(format!("{}: {error}", file.display()));
    std::fs::write(file, bytes).map_err(unwritable)?;
    print(&format!("written to {}", file.display()))
}

/// A table for people's eyes.
pub(crate) fn table(head: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    if head.iter().any(|title| !title.is_empty()) {
        table.set_header(head.to_vec());
    }
    table
}

/// Writes to stdout; a reader that went away is not an error of ours.
pub(crate) fn print(text: &str) -> Outcome {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{}", text.trim_end_matches('\n')) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
