//! The console's site on what a process has opened.

use crate::{
    chance::{RealChance, WallClock},
    config::Config,
    wiring::{BusEnd, Opened},
};
use bus::{LinkHealth, LinkState};
use console::{Door, Health, Line, Site};
use fleet::{desk::Desk, intake::Intake, meter::Meter};
use std::sync::Arc;

/// The site; `metrics` is the text of `/metrics` without the store's figures.
pub(crate) fn over(
    config: &Config,
    opened: &Opened,
    metrics: impl Fn() -> String + Send + Sync + 'static,
) -> Site {
    let desk = desk(opened);
    let intake = Intake {
        store: opened.store.clone(),
        statistics: opened.statistics.clone(),
        post: opened.bus.post(),
        bell: opened.bus.bell(),
        clock: Arc::new(WallClock),
        settings: config.fleet("console"),
        meter: Arc::new(Meter::new()),
    };
    let door = match opened.bus {
        BusEnd::Local(_) => Door::Log,
        BusEnd::Rabbit(_) => Door::Broker,
    };
    Site {
        desk,
        intake,
        store: opened.store.clone(),
        files: opened.files.clone(),
        health: Arc::new(BusHealth(opened.bus.clone())),
        metrics: Arc::new(metrics),
        door,
        vault: opened.vault.clone(),
        leqi_width: config.leqi.width,
        hide_forbidden: config.rights.hide_forbidden,
    }
}

/// The operators' desk on it.
pub(crate) fn desk(opened: &Opened) -> Desk {
    Desk {
        store: opened.store.clone(),
        post: opened.bus.post(),
        bell: opened.bus.bell(),
        clock: Arc::new(WallClock),
        chance: Arc::new(RealChance),
    }
}

/// How the bus is.
#[derive(Debug)]
struct BusHealth(BusEnd);

#[async_trait::async_trait]
impl Health for BusHealth {
    async fn lines(&self) -> Vec<Line> {
        let BusEnd::Rabbit(bus) = &self.0 else {
            return vec![Line::good("bus", "in this process")];
        };
        let health = bus.health();
        let line = |name: &str, link: &LinkHealth| match link.state {
            LinkState::Up => Line::good(name, "connected"),
            LinkState::Blocked => Line::bad(
                name,
                format!("blocked by the broker ({}); free its memory or disk", link.reason),
            ),
            LinkState::Down => Line::bad(
                name,
                format!("not connected ({}); see whether the broker runs", link.reason),
            ),
        };
        vec![line("bus publishing", &health.publishing), line("bus consuming", &health.consuming)]
    }
}
