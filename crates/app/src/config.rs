//! Settings: the embedded defaults, then the file, then the environment, then the command line.

use crate::cli::Global;
use domain::schedule::{PlannerSettings, SwitchLimits};
use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

/// The commented defaults; also their documentation.
pub(crate) const DEFAULTS: &str = include_str!("default.toml");

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub data_dir: PathBuf,
    pub database_url: SecretString,
    pub amqp_url: SecretString,
    pub redis_url: SecretString,
    pub etax_url: String,
    pub leqi_url: String,
    pub listen: SocketAddr,
    pub token: SecretString,
    pub lease_s: u64,
    pub log: Log,
    pub telemetry: Telemetry,
    pub switch: Switch,
    pub statistics: Statistics,
    pub leqi: Leqi,
    pub batch: Batch,
    pub session: Session,
    pub rules: Rules,
    pub secrets: Secrets,
    pub worker: Worker,
    pub database: Database,
    pub files: Files,
    pub rights: Rights,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rights {
    pub hide_forbidden: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Log {
    pub filter: String,
    pub format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Telemetry {
    pub otlp_endpoint: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Switch {
    pub per_hour: u32,
    pub per_day: u32,
    pub quiet_after_s: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Statistics {
    pub reuse_seconds: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Leqi {
    pub width: u16,
    pub quiet_s: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Batch {
    pub size: usize,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Session {
    pub max_hours: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rules {
    pub agricultural_ordinary_only: bool,
    pub allow_unknown_invoices: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Files {
    pub dir: PathBuf,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Secrets {
    pub key: SecretString,
    pub key_file: PathBuf,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Worker {
    pub running: usize,
    pub writers: usize,
    pub append_batch: usize,
    pub turn_batch: usize,
    pub tick_ms: u64,
    pub lane_waiting: usize,
    pub keep_days: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Database {
    pub connections: u32,
}

/// A setting is wrong: where, and what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("the configuration file {0} cannot be read: {1}")]
    File(PathBuf, std::io::Error),
    #[error("--set {0}: write it as key=value, such as switch.per_hour=3")]
    Set(String),
    #[error("configuration: {0}")]
    Value(Box<figment::Error>),
    #[error("{key}: {problem}")]
    Range { key: &'static str, problem: String },
}

impl Config {
    /// Reads and checks everything before anything is opened.
    pub(crate) fn load(global: &Global) -> Result<Config, ConfigError> {
        let mut figment = Figment::from(Toml::string(DEFAULTS));
        if let Some(path) = &global.config {
            std::fs::metadata(path).map_err(|error| ConfigError::File(path.clone(), error))?;
            figment = figment.merge(Toml::file_exact(path));
        }
        let ours = |key: &figment::value::UncasedStr| {
            !key.starts_with("test_") && key != "seed" && key != "config"
        };
        figment = figment.merge(Env::prefixed("GOUXUAN_").filter(ours).split("__"));
        for (key, value) in global.overrides() {
            figment = figment.merge(Serialized::default(key, value));
        }
        for pair in &global.set {
            let (key, value) =
                pair.split_once('=').ok_or_else(|| ConfigError::Set(pair.clone()))?;
            let value: figment::value::Value =
                value.parse().unwrap_or_else(|infallible| match infallible {});
            figment = figment.merge(Serialized::default(key, value));
        }
        let config: Config =
            figment.extract().map_err(|error| ConfigError::Value(Box::new(error)))?;
        config.check()?;
        Ok(config)
    }

    /// The defaults, whatever the environment says.
    #[cfg(test)]
    pub(crate) fn parse_for_tests() -> Config {
        Figment::from(Toml::string(DEFAULTS)).extract().expect("the defaults are whole")
    }

    fn check(&self) -> Result<(), ConfigError> {
        let range = |ok: bool, key: &'static str, problem: &str| {
            if ok { Ok(()) } else { Err(ConfigError::Range { key, problem: problem.to_owned() }) }
        };
        range((3..=300).contains(&self.lease_s), "lease_s", "must be from 3 to 300 seconds")?;
        range((1..=500).contains(&self.batch.size), "batch.size", "must be from 1 to 500")?;
        range((1..=1000).contains(&self.leqi.width), "leqi.width", "must be from 1 to 1000")?;
        range(self.worker.running > 0, "worker.running", "must be at least 1")?;
        range((1..=8).contains(&self.worker.writers), "worker.writers", "must be from 1 to 8")?;
        range(self.worker.append_batch > 0, "worker.append_batch", "must be at least 1")?;
        range(self.worker.turn_batch > 0, "worker.turn_batch", "must be at least 1")?;
        range(self.worker.tick_ms >= 10, "worker.tick_ms", "must be at least 10")?;
        range((1..=24).contains(&self.session.max_hours), "session.max_hours", "must be 1 to 24")?;
        range(self.database.connections >= 4, "database.connections", "must be at least 4")
    }

    /// Where layout files are kept.
    pub(crate) fn files_dir(&self) -> PathBuf {
        match self.files.dir.as_os_str().is_empty() {
            true => self.data_dir.join("files"),
            false => self.files.dir.clone(),
        }
    }

    /// The URL, when one is set.
    pub(crate) fn url(value: &SecretString) -> Option<&str> {
        Some(value.expose_secret()).filter(|url| !url.is_empty())
    }

    pub(crate) fn fleet(&self, name: &str) -> Arc<fleet::settings::Settings> {
        let limited = self.switch.per_hour > 0 && self.switch.per_day > 0;
        let limits = SwitchLimits { per_hour: self.switch.per_hour, per_day: self.switch.per_day };
        let defaults = fleet::settings::Settings::default();
        Arc::new(fleet::settings::Settings {
            name: name.to_owned(),
            lease: Duration::from_secs(self.lease_s),
            tick: Duration::from_millis(self.worker.tick_ms),
            writers: self.worker.writers,
            task_size: self.batch.size,
            append_batch: self.worker.append_batch,
            turn_batch: self.worker.turn_batch,
            running: self.worker.running,
            switches: limited.then_some(limits),
            planner: PlannerSettings {
                quiet_after: chrono::TimeDelta::seconds(i64::from(self.switch.quiet_after_s)),
                ..PlannerSettings::default()
            },
            statistics_reuse: Duration::from_secs(self.statistics.reuse_seconds),
            leqi_quiet: Duration::from_secs(self.leqi.quiet_s),
            lane_waiting: self.worker.lane_waiting,
            keep: Duration::from_secs(self.worker.keep_days * 24 * 3600),
            rules: domain::rules::Settings {
                agricultural_ordinary_only: self.rules.agricultural_ordinary_only,
                allow_unknown_invoices: self.rules.allow_unknown_invoices,
            },
            ..defaults
        })
    }
}
