//! A connection to the broker: made in bounded time, watched, and closed.

use crate::settings::Settings;
use fleet::ports::bus::BusAway;
use lapin::{
    Connection, ConnectionProperties, ErrorKind, protocol::AMQPErrorKind, protocol::AMQPSoftError,
};
use std::{future::Future, time::Duration};
use tokio::{sync::watch, time::Instant};

/// Why a connection or channel cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    /// Trying again may help.
    #[error("{0}")]
    Away(String),
    /// Something stands in the broker under our name with other properties: a person must act.
    #[error("{0}")]
    Misfit(String),
}

impl From<lapin::Error> for Fault {
    fn from(error: lapin::Error) -> Fault {
        if let ErrorKind::ProtocolError(cause) = error.kind() {
            let text = cause.get_message().to_string();
            return match cause.kind() {
                AMQPErrorKind::Soft(AMQPSoftError::PRECONDITIONFAILED) => Fault::Misfit(text),
                _ => Fault::Away(text),
            };
        }
        Fault::Away(error.to_string())
    }
}

impl From<Fault> for BusAway {
    fn from(fault: Fault) -> BusAway {
        BusAway(fault.to_string())
    }
}

/// Whether a connection can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    Up,
    /// The broker has run short of memory or disk and takes no messages.
    Blocked,
    Down,
}

/// One connection's health.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkHealth {
    pub state: LinkState,
    /// Why it is not up, for an operator; empty when it is.
    pub reason: String,
    /// Since when it is so, by the monotonic clock.
    pub since: Instant,
}

/// Both connections' health.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    pub publishing: LinkHealth,
    pub consuming: LinkHealth,
}

/// A link's state, for those who wait for it.
#[derive(Debug)]
pub(crate) struct Gauge {
    link: &'static str,
    state: watch::Sender<LinkHealth>,
}

impl Gauge {
    pub(crate) fn new(link: &'static str) -> Gauge {
        let reason = "not connected yet".to_owned();
        let down = LinkHealth { state: LinkState::Down, reason, since: Instant::now() };
        Gauge { link, state: watch::Sender::new(down) }
    }

    /// Notes a state; the log hears of changes only.
    pub(crate) fn set(&self, state: LinkState, reason: &str) {
        self.state.send_if_modified(|now| {
            if now.state == state && now.reason == reason {
                return false;
            }
            match state {
                LinkState::Up => tracing::info!(link = self.link, "the broker connection is up"),
                _ => tracing::warn!(link = self.link, ?state, reason, "the broker connection"),
            }
            *now = LinkHealth { state, reason: reason.to_owned(), since: Instant::now() };
            true
        });
    }

    pub(crate) fn get(&self) -> LinkHealth {
        self.state.borrow().clone()
    }

    pub(crate) fn watch(&self) -> watch::Receiver<LinkHealth> {
        self.state.subscribe()
    }

    /// Waits until the link is up, or says why it was not in time.
    pub(crate) async fn up_by(&self, deadline: Instant) -> Result<(), BusAway> {
        let mut state = self.state.subscribe();
        let up = state.wait_for(|now| now.state == LinkState::Up);
        match tokio::time::timeout_at(deadline, up).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(BusAway(self.get().reason)),
        }
    }
}

/// Limits a wait for the broker.
pub(crate) async fn within<T, E>(
    limit: Duration,
    what: &str,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, Fault>
where
    Fault: From<E>,
{
    match tokio::time::timeout(limit, work).await {
        Ok(result) => Ok(result?),
        Err(_) => Err(Fault::Away(format!("{what}: no answer within {} s", limit.as_secs_f32()))),
    }
}

/// Connects and names the connection `<name>/<purpose>`.
pub(crate) async fn connect(settings: &Settings, purpose: &str) -> Result<Connection, Fault> {
    let mut uri = settings.uri.clone();
    let seconds = u16::try_from(settings.heartbeat.as_secs()).unwrap_or(u16::MAX).max(1);
    uri.query.heartbeat.get_or_insert(seconds);
    let name = format!("{}/{purpose}", settings.name);
    let properties = ConnectionProperties::default().with_connection_name(name.into());
    let what = format!("connecting to {}", settings.broker());
    within(settings.connect_wait, &what, Connection::connect_uri(uri, properties)).await
}

/// Closes a connection, or leaves it to its own end when the broker does not answer.
pub(crate) async fn disconnect(connection: &Connection) {
    let close = connection.close(200, "done".into());
    if tokio::time::timeout(Duration::from_secs(1), close).await.is_err() {
        tracing::debug!("the broker did not answer the close of a connection");
    }
}
