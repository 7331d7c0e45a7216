//! The consuming connection and its supervisor: whatever breaks is built again from what is
//! wanted.

use crate::{
    bell::Heard,
    buffer::Buffer,
    lanes::LaneChannel,
    link::{Fault, Gauge, LinkState, connect, disconnect, within},
    news::NewsDesk,
    settings::Settings,
    side::Side,
    slips::SlipDesk,
    topology,
};
use domain::bureau::LaneKey;
use fleet::ports::bus::BusAway;
use futures::{Stream, StreamExt};
use lapin::{Connection, Event};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Pause before consumers that the broker ended are made again.
const REBUILD_PAUSE: Duration = Duration::from_millis(200);

/// What is wanted and how far it is so.
#[derive(Debug, Default)]
struct Wish {
    /// None until the first [`Consuming::want`]: a console consumes nothing.
    lanes: Option<Arc<BTreeSet<LaneKey>>>,
    /// Rises with every change.
    version: u64,
    /// A connection stands that will look at the next change.
    served: bool,
}

/// How far the wish is fulfilled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// Nothing is consumed; whoever begins will read the newest wish.
    Idle,
    /// A wish is being fulfilled.
    Working,
    /// The wish of this version is fulfilled.
    Done(u64),
}

/// The consuming side of the bus.
#[derive(Debug)]
pub(crate) struct Consuming {
    settings: Settings,
    name: String,
    pub(crate) gauge: Gauge,
    pub(crate) buffer: Arc<Buffer>,
    pub(crate) heard: Arc<Heard>,
    pub(crate) news: Arc<NewsDesk>,
    pub(crate) slips: Arc<SlipDesk>,
    wish: Mutex<Wish>,
    progress: watch::Sender<Progress>,
    changed: watch::Sender<u64>,
    connection: Mutex<Option<Arc<Connection>>>,
}

impl Consuming {
    pub(crate) fn new(
        settings: Settings,
        name: String,
        heard: Arc<Heard>,
        news: Arc<NewsDesk>,
        slips: Arc<SlipDesk>,
    ) -> Consuming {
        Consuming {
            name,
            gauge: Gauge::new("consuming"),
            buffer: Arc::new(Buffer::new(settings.buffer, settings.answer_wait)),
            heard,
            news,
            slips,
            wish: Mutex::default(),
            progress: watch::Sender::new(Progress::Idle),
            changed: watch::Sender::new(0),
            connection: Mutex::new(None),
            settings,
        }
    }

    fn wish(&self) -> MutexGuard<'_, Wish> {
        self.wish.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What our own hints are signed with.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Makes these the lanes wanted; returns when it is so, or nothing is consumed at all.
    pub(crate) async fn want(&self, lanes: &BTreeSet<LaneKey>) {
        let version = {
            let mut wish = self.wish();
            wish.lanes = Some(Arc::new(lanes.clone()));
            wish.version += 1;
            if wish.served {
                self.progress.send_replace(Progress::Working);
            }
            wish.version
        };
        let mut progress = self.progress.subscribe();
        self.changed.send_replace(version);
        let fulfilled = progress.wait_for(|now| match now {
            Progress::Idle => true,
            Progress::Working => false,
            Progress::Done(done) => *done >= version,
        });
        if fulfilled.await.is_err() {
            tracing::debug!("the bus ended while lanes were changed");
        }
    }

    /// Takes the newest wish in hand. Under the lock, so that a wish is either seen here, or its
    /// wisher sees that there is work under way.
    fn begin(&self) -> Option<(Arc<BTreeSet<LaneKey>>, u64)> {
        let wish = self.wish();
        let lanes = wish.lanes.clone()?;
        self.progress.send_replace(Progress::Working);
        Some((lanes, wish.version))
    }

    /// Nothing is consumed now; `served` when the next change will be looked at.
    fn idle(&self, served: bool) {
        let mut wish = self.wish();
        wish.served = served;
        self.progress.send_replace(Progress::Idle);
    }

    /// Declares queues of lanes now.
    pub(crate) async fn declare(&self, lanes: &[LaneKey]) -> Result<(), BusAway> {
        let deadline = tokio::time::Instant::now() + self.settings.confirm_wait;
        self.gauge.up_by(deadline).await?;
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let connection = connection.ok_or_else(|| BusAway(self.gauge.get().reason))?;
        for some in lanes.chunks(1_000) {
            let declare = topology::declare_lanes(&connection, some);
            within(self.settings.answer_wait, "declaring lanes", declare).await?;
        }
        Ok(())
    }

    /// Runs until stopped, connecting again whenever the connection is lost.
    pub(crate) async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut delays = self.settings.retry_delays();
        loop {
            let Err(fault) = self.session(&stop).await else { break };
            if self.gauge.get().state == LinkState::Up {
                delays = self.settings.retry_delays();
            }
            self.gauge.set(LinkState::Down, &fault.to_string());
            let pause = match fault {
                Fault::Misfit(_) => self.settings.misfit_wait,
                Fault::Away(_) => delays.next().unwrap_or(self.settings.retry_most),
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(pause) => {}
            }
        }
        self.gauge.set(LinkState::Down, "the bus was closed");
        self.idle(false);
        self.buffer.close();
    }

    /// One connection's life. Ok: stopped.
    async fn session(&self, stop: &CancellationToken) -> Result<(), Fault> {
        let connection = Arc::new(connect(&self.settings, "consuming").await?);
        let result = self.serve(&connection, stop).await;
        *self.connection.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.idle(false);
        disconnect(&connection).await;
        result
    }

    async fn serve(
        &self,
        connection: &Arc<Connection>,
        stop: &CancellationToken,
    ) -> Result<(), Fault> {
        let mut events = Box::pin(connection.events_listener());
        let declare = topology::declare_fixed(connection);
        within(self.settings.connect_wait, "declaring the topology", declare).await?;
        *self.connection.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection.clone());
        let mut side = Side::open(connection, self).await?;
        let mut lanes: Option<LaneChannel> = None;
        let mut changed = self.changed.subscribe();
        self.idle(true);
        loop {
            changed.borrow_and_update();
            self.fulfil(connection, &mut lanes).await?;
            if lanes.is_some() {
                side.take_news(self).await?;
            }
            self.gauge.set(LinkState::Up, "");
            tokio::select! {
                () = stop.cancelled() => {
                    if let Some(open) = lanes {
                        open.close(&self.settings).await;
                    }
                    return Ok(());
                }
                fault = lost(connection, &mut events, self.settings.check_every) => return Err(fault),
                fault = side.ended() => return Err(fault),
                Ok(()) = changed.changed() => {}
                () = self.damage(&mut lanes) => tokio::time::sleep(REBUILD_PAUSE).await,
            }
        }
    }

    /// Brings the lanes' channel to the newest wish. When that fails, the connection is made anew.
    async fn fulfil(
        &self,
        connection: &Connection,
        lanes: &mut Option<LaneChannel>,
    ) -> Result<(), Fault> {
        let Some((wanted, version)) = self.begin() else { return Ok(()) };
        let mut open = match lanes.take() {
            Some(open) => open,
            None => LaneChannel::open(connection, &self.buffer).await?,
        };
        match open.apply(connection, &self.settings, &wanted).await {
            Ok(()) => {
                tracing::debug!(consumers = open.consumers(), "lanes are consumed");
                *lanes = Some(open);
                self.progress.send_replace(Progress::Done(version));
                Ok(())
            }
            Err(fault) => {
                open.close(&self.settings).await;
                Err(fault)
            }
        }
    }

    /// Waits for damage to the lanes' channel; what is beyond repair is taken away.
    async fn damage(&self, lanes: &mut Option<LaneChannel>) {
        let Some(open) = lanes else { return std::future::pending().await };
        let pulse = open.pulse();
        let fault = tokio::select! {
            noticed = open.noticed() => match noticed {
                Ok(queues) => {
                    tracing::warn!(
                        count = queues.len(), first = %queues[0],
                        "the broker ended consumers (were queues deleted?); they are made again"
                    );
                    return;
                }
                Err(fault) => fault,
            },
            fault = sick(pulse, &self.buffer, self.settings.check_every) => fault,
        };
        tracing::warn!(%fault, "the channel of the lanes failed; it is built again");
        if let Some(open) = lanes.take() {
            open.close(&self.settings).await;
        }
        self.idle(true);
    }
}

/// Waits until the connection is lost and says why. The status is looked at too, since an event
/// may have gone by.
async fn lost(
    connection: &Connection,
    events: &mut (impl Stream<Item = Event> + Unpin),
    every: Duration,
) -> Fault {
    loop {
        match tokio::time::timeout(every, events.next()).await {
            Ok(Some(Event::Error(error))) => {
                // A channel's error is told here too; the channel's owner looks after that.
                if !connection.status().connected() {
                    return error.into();
                }
            }
            Ok(Some(_)) => {}
            Ok(None) => return Fault::Away("the connection has ended".to_owned()),
            Err(_) if connection.status().connected() => {}
            Err(_) => return Fault::Away("the connection was lost".to_owned()),
        }
    }
}

/// Waits until a channel is dead although nobody said so, or a delivery is missing for long.
async fn sick(is_alive: impl Fn() -> bool, buffer: &Buffer, every: Duration) -> Fault {
    let mut gap = None;
    loop {
        tokio::time::sleep(every).await;
        if !is_alive() {
            return Fault::Away("the channel is dead".to_owned());
        }
        let now = buffer.gap();
        if now.is_some() && now == gap {
            return Fault::Away(format!("delivery {} never came", now.unwrap_or_default()));
        }
        gap = now;
    }
}
