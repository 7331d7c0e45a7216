//! The publishing connection: messages with confirms, in order, each within a bounded time.

use crate::{
    bell,
    letter::{Letter, letters},
    link::{Fault, Gauge, LinkState, connect, disconnect, within},
    settings::Settings,
    topology::{self, BELL},
};
use fleet::ports::bus::{BusAway, Parcel};
use futures::{FutureExt, StreamExt, future::join_all};
use lapin::{
    BasicProperties, Channel, Confirmation, Connection, Event,
    options::{BasicPublishOptions, ConfirmSelectOptions},
};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;

/// How long a hint may take to leave before it is lost.
const HINT_WAIT: Duration = Duration::from_millis(500);

/// The channels of one connection.
#[derive(Debug, Clone)]
struct Open {
    /// What must reach a queue. One batch at a time, so that what the broker returns is never
    /// taken for another batch's.
    mandatory: Channel,
    /// Events, which nobody has to listen to.
    events: Channel,
    /// Hints, without confirms.
    hints: Channel,
}

/// The publishing side of the bus.
#[derive(Debug)]
pub(crate) struct Publishing {
    settings: Settings,
    pub(crate) gauge: Gauge,
    open: Mutex<Option<Open>>,
    mandatory_turn: tokio::sync::Mutex<()>,
    events_turn: tokio::sync::Mutex<()>,
    /// A confirm did not come although nothing is known to be wrong: connect anew.
    suspect: Notify,
}

/// Which channel a letter goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Mandatory,
    Events,
}

type Outcome = Result<(), BusAway>;

impl Publishing {
    pub(crate) fn new(settings: Settings) -> Publishing {
        Publishing {
            settings,
            gauge: Gauge::new("publishing"),
            open: Mutex::new(None),
            mandatory_turn: tokio::sync::Mutex::new(()),
            events_turn: tokio::sync::Mutex::new(()),
            suspect: Notify::new(),
        }
    }

    /// Sends all; a parcel has gone when each of its messages is confirmed.
    pub(crate) async fn send(&self, parcels: Vec<Parcel>) -> Vec<Outcome> {
        let mut outcomes: Vec<Outcome> = vec![Ok(()); parcels.len()];
        let (mut mandatory, mut events) = (Vec::new(), Vec::new());
        for (index, parcel) in parcels.iter().enumerate() {
            match letters(parcel) {
                Ok(letters) => {
                    for letter in letters {
                        let way = if letter.mandatory { &mut mandatory } else { &mut events };
                        way.push((index, letter));
                    }
                }
                Err(reason) => outcomes[index] = Err(BusAway(reason)),
            }
        }
        let (these, those) = futures::join!(
            self.send_all(Way::Mandatory, &mandatory),
            self.send_all(Way::Events, &events)
        );
        let sent = mandatory.iter().zip(these).chain(events.iter().zip(those));
        for ((index, _), outcome) in sent {
            if outcome.is_err() {
                outcomes[*index] = outcome;
            }
        }
        outcomes
    }

    /// Sends letters of one way, a window at a time. After a window that failed for the broker's
    /// sake the rest is not tried.
    async fn send_all(&self, way: Way, letters: &[(usize, Letter)]) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(letters.len());
        if letters.is_empty() {
            return outcomes;
        }
        let mut deadline = Instant::now() + self.settings.confirm_wait;
        let turn = match way {
            Way::Mandatory => &self.mandatory_turn,
            Way::Events => &self.events_turn,
        };
        let Ok(_turn) = tokio::time::timeout_at(deadline, turn.lock()).await else {
            let away = BusAway("earlier messages are still waiting for the broker".to_owned());
            return vec![Err(away); letters.len()];
        };
        for window in letters.chunks(self.settings.window.max(1)) {
            match self.send_window(way, window, deadline).await {
                Ok(window) => outcomes.extend(window),
                Err(away) => {
                    outcomes.resize(letters.len(), Err(away));
                    break;
                }
            }
            deadline = Instant::now() + self.settings.confirm_wait;
        }
        outcomes
    }

    /// Publishes all of a window, then collects the confirms. Err: the link failed before
    /// anything was confirmed; Ok has an outcome for each.
    async fn send_window(
        &self,
        way: Way,
        window: &[(usize, Letter)],
        deadline: Instant,
    ) -> Result<Vec<Outcome>, BusAway> {
        self.gauge.up_by(deadline).await?;
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let open = open.ok_or_else(|| BusAway(self.gauge.get().reason))?;
        let channel = match way {
            Way::Mandatory => &open.mandatory,
            Way::Events => &open.events,
        };
        // The first poll of each puts its frames into the connection's queue, in this order.
        let confirms = window
            .iter()
            .map(|(_, letter)| tokio::time::timeout_at(deadline, publish(channel, letter)));
        let mut unroutable = HashSet::new();
        let mut late = false;
        let mut outcomes: Vec<Outcome> = Vec::with_capacity(window.len());
        for confirm in join_all(confirms).await {
            outcomes.push(match confirm {
                Ok(Ok(confirmation)) => read(confirmation, &mut unroutable),
                Ok(Err(error)) => Err(Fault::from(error).into()),
                Err(_) => {
                    late = true;
                    Err(BusAway(self.late_reason()))
                }
            });
        }
        for ((_, letter), outcome) in window.iter().zip(&mut outcomes) {
            let id = letter.properties.message_id().as_ref();
            if id.is_some_and(|id| unroutable.contains(id.as_str())) {
                *outcome = Err(BusAway(format!("no queue takes {}", letter.routing_key)));
            }
        }
        if late && self.gauge.get().state == LinkState::Up {
            self.suspect.notify_one();
        }
        match outcomes.iter().all(|outcome| outcome.is_err()) {
            true if late => Err(BusAway(self.late_reason())),
            _ => Ok(outcomes),
        }
    }

    fn late_reason(&self) -> String {
        let health = self.gauge.get();
        match health.state {
            LinkState::Up => {
                format!("no confirm within {} s", self.settings.confirm_wait.as_secs_f32())
            }
            LinkState::Blocked | LinkState::Down => health.reason,
        }
    }

    /// Publishes a hint, or loses it.
    pub(crate) async fn hint(&self, ring: &fleet::ports::bus::Ring, own_name: &str) {
        if self.gauge.get().state != LinkState::Up {
            return;
        }
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(open) = open else { return };
        let body = bell::write(ring);
        let properties = BasicProperties::default().with_app_id(own_name.into());
        let options = BasicPublishOptions::default();
        let publish = open.hints.basic_publish(BELL.into(), "".into(), options, &body, properties);
        if let Ok(Err(error)) = tokio::time::timeout(HINT_WAIT, publish).await {
            tracing::debug!(%error, "a hint was lost");
        }
    }

    /// Runs until stopped, connecting again whenever the connection is lost.
    pub(crate) async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut delays = self.settings.retry_delays();
        loop {
            let Err(fault) = self.session(&stop).await else { break };
            if self.gauge.get().state != LinkState::Down {
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
    }

    /// One connection's life. Ok: stopped.
    async fn session(&self, stop: &CancellationToken) -> Result<(), Fault> {
        let connection = connect(&self.settings, "publishing").await?;
        let result = self.serve(&connection, stop).await;
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = None;
        if let Err(fault) = &result {
            self.gauge.set(LinkState::Down, &fault.to_string());
        }
        disconnect(&connection).await;
        result
    }

    async fn serve(&self, connection: &Connection, stop: &CancellationToken) -> Result<(), Fault> {
        let mut events = Box::pin(connection.events_listener());
        let work = async {
            topology::declare_fixed(connection).await?;
            open(connection).await
        };
        let channels = within(self.settings.connect_wait, "declaring the topology", work).await?;
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = Some(channels.clone());
        // A suspicion of the connection before is not this one's.
        let _ = self.suspect.notified().now_or_never();
        self.gauge.set(LinkState::Up, "");
        loop {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = self.suspect.notified() => {
                    return Err(Fault::Away("confirms did not come in time".to_owned()));
                }
                event = events.next() => match event {
                    Some(Event::ConnectionBlocked(reason)) => {
                        let reason = format!("the broker takes no messages: {reason}");
                        self.gauge.set(LinkState::Blocked, &reason);
                    }
                    Some(Event::ConnectionUnblocked) => self.gauge.set(LinkState::Up, ""),
                    Some(Event::Error(error)) if !intact(connection, &channels) => {
                        return Err(error.into());
                    }
                    // An error may be that of a channel that is done with.
                    Some(_) => {}
                    None => return Err(Fault::Away("the connection has ended".to_owned())),
                },
                () = tokio::time::sleep(self.settings.check_every) => {
                    if !intact(connection, &channels) {
                        return Err(Fault::Away("the connection was lost".to_owned()));
                    }
                }
            }
        }
    }
}

fn intact(connection: &Connection, open: &Open) -> bool {
    let channels = [&open.mandatory, &open.events, &open.hints];
    connection.status().connected() && channels.iter().all(|one| one.status().connected())
}

async fn open(connection: &Connection) -> Result<Open, Fault> {
    let mandatory = connection.create_channel().await?;
    mandatory.confirm_select(ConfirmSelectOptions::default()).await?;
    let events = connection.create_channel().await?;
    events.confirm_select(ConfirmSelectOptions::default()).await?;
    Ok(Open { mandatory, events, hints: connection.create_channel().await? })
}

async fn publish(channel: &Channel, letter: &Letter) -> lapin::Result<Confirmation> {
    let options =
        BasicPublishOptions { mandatory: letter.mandatory, ..BasicPublishOptions::default() };
    let key = letter.routing_key.clone();
    let properties = letter.properties.clone();
    channel
        .basic_publish(letter.exchange.into(), key, options, &letter.body, properties)
        .await?
        .await
}

/// Only a plain ack counts. A message that came back may be told with another's confirm: its id
/// says which one it is, and the bearer is not believed either.
fn read(confirmation: Confirmation, unroutable: &mut HashSet<String>) -> Outcome {
    match confirmation {
        Confirmation::Ack(None) => Ok(()),
        Confirmation::Ack(Some(returned)) | Confirmation::Nack(Some(returned)) => {
            if let Some(id) = returned.properties.message_id() {
                unroutable.insert(id.to_string());
            }
            Err(BusAway(format!("the broker returned a message: {}", returned.reply_text)))
        }
        Confirmation::Nack(None) => Err(BusAway("the broker could not store it".to_owned())),
        Confirmation::NotRequested => Err(BusAway("the channel gives no confirms".to_owned())),
    }
}
