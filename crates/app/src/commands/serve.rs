//! `gouxuan serve`: a worker, the console, or both, until SIGTERM.

use super::Outcome;
use crate::{
    cli::Role,
    config::Config,
    wiring::{self, BusEnd, Wired},
};
use fleet::{
    desk::Desk,
    meter::Meter,
    worker::{Ended, Ports, Worker},
};
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

pub(super) async fn run(config: Config, roles: &[Role]) -> Outcome {
    let wired = wiring::wire(&config).await?;
    let stop = CancellationToken::new();
    let on_signal = stop.clone();
    let signals = tokio::spawn(async move {
        asked_to_stop().await;
        tracing::info!("draining");
        on_signal.cancel();
    });
    let news = listen_for_accounts(&wired);
    let result = if roles.contains(&Role::Worker) {
        work(&config, &wired.ports, stop.clone()).await
    } else {
        stop.cancelled().await;
        Ok(())
    };
    news.abort();
    wired.bus.close().await;
    signals.abort();
    result
}

/// Joins the crew, again when its number was lost, until asked to stop.
pub(crate) async fn work(config: &Config, ports: &Ports, stop: CancellationToken) -> Outcome {
    let name = format!("{}-{}", hostname(), std::process::id());
    let meter = Arc::new(Meter::new());
    let settings = config.fleet(&name);
    loop {
        let worker =
            Worker { ports: ports.clone(), settings: settings.clone(), meter: meter.clone() };
        match worker.run(stop.clone()).await {
            Ok(Ended::Drained) => return Ok(()),
            Ok(Ended::NumberLost) => tracing::warn!("joining anew"),
            Err(error) => {
                tracing::error!(%error, "cannot join; trying again");
                tokio::select! {
                    () = stop.cancelled() => return Ok(()),
                    () = tokio::time::sleep(std::time::Duration::from_secs(2)) => {}
                }
            }
        }
    }
}

/// Sessions that robots or other systems tell about.
fn listen_for_accounts(wired: &Wired) -> tokio::task::JoinHandle<()> {
    let ports = wired.ports.clone();
    let desk = Desk {
        store: ports.store,
        post: ports.post,
        bell: ports.bell,
        clock: ports.clock,
        chance: ports.chance,
    };
    let bus = wired.bus.clone();
    tokio::spawn(async move {
        let BusEnd::Rabbit(bus) = bus else { return };
        loop {
            let news = bus.account_news().await;
            let seen = news.news.clone();
            match desk.session(&seen.lane, seen.online, seen.time, seen.until).await {
                Ok(noted) => {
                    tracing::info!(lane = %seen.lane, online = seen.online, ?noted, "account news");
                    news.done().await;
                }
                // Not acknowledged: the broker tells it again.
                Err(error) => tracing::warn!(%error, "account news not noted yet"),
            }
        }
    })
}

/// SIGTERM or SIGINT.
pub(crate) async fn asked_to_stop() {
    let Ok(mut term) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

fn hostname() -> String {
    let name = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "worker".to_owned() } else { name.to_owned() }
}
