//! Where an operator's command is done: in the running process when there is one, else on the
//! store directly.

use crate::{
    config::Config,
    site,
    wiring::{self, BusEnd, WiringError},
};
use console::{Client, ClientError};
use secrecy::SecretString;
use std::{net::SocketAddr, path::PathBuf};

/// The way to the actions; [`Reach::end`] closes what it opened.
#[derive(Debug)]
pub(crate) struct Reach {
    pub client: Client,
    bus: Option<BusEnd>,
}

/// Neither a process nor a store.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreachable {
    #[error(
        "no gouxuan is running at {0}, and there is no store at {1}; start one with `gouxuan \
         serve`, or name its address with --listen or its store with --data-dir or --database-url"
    )]
    Nothing(SocketAddr, PathBuf),
    #[error(
        "no gouxuan answers at {0}, and the store cannot be used beside it: {1}; name the \
         running one's address with --listen"
    )]
    Elsewhere(SocketAddr, WiringError),
    #[error("{0}")]
    Wiring(#[from] WiringError),
    #[error("{0}")]
    Client(#[from] ClientError),
}

/// Finds the running process, or opens the store.
pub(crate) async fn reach(config: &Config) -> Result<Reach, Unreachable> {
    let token = Config::url(&config.token).map(SecretString::from);
    let running = Client::at(config.listen).with_token(token);
    if running.answers().await? {
        return Ok(Reach { client: running, bus: None });
    }
    let file = wiring::embedded_file(config);
    if let Some(file) = file.as_ref().filter(|file| !file.exists()) {
        return Err(Unreachable::Nothing(config.listen, file.clone()));
    }
    let opened = wiring::open_as_it_is(config).await.map_err(|error| match error {
        WiringError::Store(_) if file.is_some() => Unreachable::Elsewhere(config.listen, error),
        other => Unreachable::Wiring(other),
    })?;
    let bus = opened.bus.clone();
    let site = site::over(config, &opened, String::new);
    Ok(Reach { client: Client::here(site, &by(None)), bus: Some(bus) })
}

impl Reach {
    pub(crate) async fn end(self) {
        if let Some(bus) = self.bus {
            bus.close().await;
        }
    }
}

/// Who says so, when nothing else is said: the user of this machine.
pub(crate) fn by(named: Option<&str>) -> String {
    use std::os::unix::fs::MetadataExt;
    let from_environment = || {
        let names = ["USER", "LOGNAME"].into_iter().filter_map(|name| std::env::var(name).ok());
        names.into_iter().find(|name| !name.trim().is_empty())
    };
    let number = || {
        let us = std::fs::metadata("/proc/self").ok()?;
        Some(format!("uid {}", us.uid()))
    };
    named
        .map(str::to_owned)
        .or_else(from_environment)
        .or_else(number)
        .unwrap_or_else(|| "unknown".to_owned())
}
