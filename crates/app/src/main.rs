//! The one executable: configuration, wiring, signals, subcommands.

mod bench;
mod chance;
mod cli;
mod commands;
mod config;
mod key;
mod site;
mod table_files;
mod telemetry;
mod wiring;

use clap::Parser;
use std::process::ExitCode;

/// Done.
const DONE: u8 = 0;
/// It did not work.
const FAILED: u8 = 1;
/// It was asked for in a way that cannot be.
const WRONG_USE: u8 = 2;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    // Before any TLS: reqwest, lapin, sqlx and redis all use the process's provider.
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        tracing::debug!("a TLS provider was installed already");
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("no runtime: {error}")),
    };
    match runtime.block_on(commands::run(cli)) {
        Ok(()) => ExitCode::from(DONE),
        Err(error) => {
            let wrong_use = error.is::<commands::WrongUse>();
            failed(&error.to_string());
            ExitCode::from(if wrong_use { WRONG_USE } else { FAILED })
        }
    }
}

/// One sentence that says what to do.
fn failed(sentence: &str) -> ExitCode {
    use std::io::Write;
    // When even stderr is gone, the exit code still tells.
    let _ = writeln!(std::io::stderr(), "gouxuan: {sentence}");
    ExitCode::from(FAILED)
}
