//! Logs to stderr.

use crate::config::{Config, LogFormat};
use tracing_subscriber::EnvFilter;

/// The filter cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("log.filter: {0}; write a level such as info, or info,fleet=debug")]
pub(crate) struct BadFilter(String);

/// Starts logging, once per process.
pub(crate) fn start(config: &Config) -> Result<(), BadFilter> {
    let filter =
        EnvFilter::try_new(&config.log.filter).map_err(|error| BadFilter(error.to_string()))?;
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match config.log.format {
        LogFormat::Text => logs.try_init(),
        LogFormat::Json => logs.json().try_init(),
    };
    started.map_err(|error| BadFilter(error.to_string()))
}
