//! `gouxuan serve`: a worker, the console, or both, until SIGTERM.

use super::Outcome;
use crate::{
    cli::Role,
    config::Config,
    telemetry::Telemetry,
    wiring::{self, BusEnd, Opened},
};
use console::Site;
use fleet::{
    meter::Meter,
    ports::desk::Note,
    worker::{Ended, Ports, Worker},
    writeback,
};
use std::{sync::Arc, time::Duration};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// How long requests may go on when the process ends.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

pub(super) async fn run(config: Config, roles: &[Role], telemetry: &Telemetry) -> Outcome {
    let works = roles.contains(&Role::Worker);
    let wired = if works { Some(wiring::wire(&config).await?) } else { None };
    let opened = match &wired {
        Some(wired) => wired.opened.clone(),
        // The console alone calls no bureau.
        None => wiring::open(&config).await?,
    };
    let listener = wiring::listen(config.listen).await?;
    let address = listener.local_addr()?;
    let stop = CancellationToken::new();
    let site = site(&config, &opened, telemetry);
    let router = if roles.contains(&Role::Console) {
        console::router(site)
    } else {
        console::probes_only(site)
    };
    // It answers until the worker has drained.
    let closed = CancellationToken::new();
    let serving = tokio::spawn(console::serve(listener, router, closed.clone().cancelled_owned()));
    tracing::info!(%address, "listening");
    if !address.ip().is_loopback() && opened.store.users().await?.is_empty() {
        tracing::warn!(
            %address,
            "there are no users, and everybody who reaches this address may do everything; begin \
             with `gouxuan user set NAME --role administrator`"
        );
    }
    let on_signal = stop.clone();
    let signals = tokio::spawn(async move {
        asked_to_stop().await;
        tracing::info!("draining");
        on_signal.cancel();
    });
    let news = listen_for_accounts(&opened);
    let slips = take_writebacks(&opened);
    let result = match &wired {
        Some(wired) => work(&config, &wired.ports, stop.clone()).await,
        None => {
            stop.cancelled().await;
            Ok(())
        }
    };
    news.abort();
    slips.abort();
    closed.cancel();
    if tokio::time::timeout(LAST_ANSWERS, serving).await.is_err() {
        tracing::warn!("requests that were still under way are cut off");
    }
    opened.bus.close().await;
    signals.abort();
    result
}

const NOT_HANDED_BACK: &str = "the worker could not hand back all it held, for what it needs \
                               stayed away; the last error of its log says what is left";

/// The site of this process.
pub(crate) fn site(config: &Config, opened: &Opened, telemetry: &Telemetry) -> Site {
    let telemetry = telemetry.clone();
    crate::site::over(config, opened, move || telemetry.render())
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
            // The worker has logged what it left.
            Ok(Ended::GaveUp(_)) => return Err(NOT_HANDED_BACK.into()),
            Err(error) => {
                tracing::error!(%error, "cannot join; trying again");
                tokio::select! {
                    () = stop.cancelled() => return Ok(()),
                    () = tokio::time::sleep(Duration::from_secs(2)) => {}
                }
            }
        }
    }
}

/// Sessions that robots or other systems tell about.
fn listen_for_accounts(opened: &Opened) -> tokio::task::JoinHandle<()> {
    let desk = crate::site::desk(opened);
    let bus = opened.bus.clone();
    let note = Note {
        by: bus::topology::ACCOUNTS.to_owned(),
        reason: "told by a robot or another system".to_owned(),
    };
    tokio::spawn(async move {
        let BusEnd::Rabbit(bus) = bus else { return };
        loop {
            let news = bus.account_news().await;
            let seen = news.news.clone();
            match desk.session(&seen.lane, seen.online, seen.time, seen.until, &note).await {
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

/// Write-backs of one transaction at most.
const SLIPS: usize = 200;

/// What business documents tell the pool over the broker.
fn take_writebacks(opened: &Opened) -> tokio::task::JoinHandle<()> {
    let (store, bus, meter) = (opened.store.clone(), opened.bus.clone(), Meter::new());
    tokio::spawn(async move {
        let BusEnd::Rabbit(bus) = bus else { return };
        loop {
            let slips = bus.writebacks(SLIPS).await;
            let bodies: Vec<_> = slips.iter().map(|slip| slip.body.clone()).collect();
            let heard = writeback::take_for_certain(&*store, &meter, &bodies).await;
            for (slip, heard) in slips.into_iter().zip(heard) {
                if heard.is_taken() {
                    slip.done().await;
                } else {
                    bus.reject(slip, &heard.reason()).await;
                }
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
