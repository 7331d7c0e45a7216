//! The subcommands.

mod demo;
mod serve;
mod simulate;
mod store;

use crate::{
    cli::{Cli, Command},
    config::{self, Config},
    telemetry,
};

/// Whatever went wrong, as one sentence.
pub(crate) type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// Runs the command.
pub(crate) async fn run(cli: Cli) -> Outcome {
    if let Command::Config = cli.command {
        return print(config::DEFAULTS);
    }
    let config = Config::load(&cli.global)?;
    telemetry::start(&config)?;
    let json = cli.global.json;
    match cli.command {
        Command::Demo { keep } => demo::run(config, keep, json).await,
        Command::Serve { role } => serve::run(config, &role).await,
        Command::Simulate { at, world, seed } => simulate::run(at, &world, seed).await,
        Command::Migrate => store::migrate(&config).await,
        Command::World { action } => store::world(&config, &action, json).await,
        Command::Config => Ok(()),
    }
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
