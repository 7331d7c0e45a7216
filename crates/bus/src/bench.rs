//! What a benchmark needs of the broker beside the ports: a listener for events, the raw way of
//! messages without any of our logic, and clearing up.

use crate::{
    link::{Fault, connect, disconnect, within},
    settings::Settings,
    topology::{self, EVENTS},
};
use domain::bureau::LaneKey;
use fleet::ports::bus::BusAway;
use futures::{
    FutureExt, StreamExt,
    stream::{self, SelectAll},
};
use lapin::{
    Channel, Connection, Consumer,
    options::{
        BasicAckOptions, BasicConsumeOptions, BasicQosOptions, QueueBindOptions,
        QueueDeclareOptions, QueueDeleteOptions,
    },
    types::FieldTable,
};
use std::{collections::BTreeSet, time::Duration};

/// Declares, consumes and deletes under way at once.
const PIPELINE: usize = 256;
/// Between two looks at a queue.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// Declares a durable queue that takes every event, as somebody who listens to them would.
pub async fn listen_to_events(settings: &Settings, queue: &str) -> Result<(), BusAway> {
    let connection = connect(settings, "bench").await?;
    let work = async {
        topology::declare_fixed(&connection).await?;
        let channel = connection.create_channel().await?;
        let options = QueueDeclareOptions::durable();
        channel.queue_declare(queue.into(), options, FieldTable::default()).await?;
        let options = QueueBindOptions::default();
        channel
            .queue_bind(queue.into(), EVENTS.into(), "#".into(), options, FieldTable::default())
            .await?;
        Ok::<(), Fault>(())
    };
    let done = within(settings.answer_wait, "declaring a listener", work).await;
    disconnect(&connection).await;
    Ok(done?)
}

/// Deletes queues, whatever stands in them; returns how many messages went with them.
pub async fn delete_queues(settings: &Settings, queues: &[String]) -> Result<u64, BusAway> {
    let connection = connect(settings, "bench").await?;
    let work = async {
        let channel = connection.create_channel().await?;
        let options = QueueDeleteOptions::default();
        let deletes =
            queues.iter().map(|queue| channel.queue_delete(queue.as_str().into(), options));
        let mut gone = 0;
        let mut deleted = stream::iter(deletes).buffered(PIPELINE);
        while let Some(messages) = deleted.next().await {
            gone += u64::from(messages?);
        }
        Ok::<u64, Fault>(gone)
    };
    let done = within(settings.answer_wait, "deleting queues", work).await;
    disconnect(&connection).await;
    Ok(done?)
}

/// Waits until every lane's queue has a consumer.
pub async fn until_consumed(settings: &Settings, lanes: &[LaneKey]) -> Result<(), BusAway> {
    let connection = connect(settings, "bench").await?;
    let mut channel = connection.create_channel().await.map_err(Fault::from)?;
    let mut lanes = lanes.iter().peekable();
    while let Some(lane) = lanes.peek() {
        let options = QueueDeclareOptions::durable().passive();
        let queue = topology::lane_queue(lane);
        match channel.queue_declare(queue.into(), options, FieldTable::default()).await {
            Ok(queue) if queue.consumer_count() > 0 => {
                lanes.next();
            }
            Ok(_) => tokio::time::sleep(LOOK_AGAIN).await,
            // A queue that is not there yet closes the channel.
            Err(_) => {
                tokio::time::sleep(LOOK_AGAIN).await;
                channel = connection.create_channel().await.map_err(Fault::from)?;
            }
        }
    }
    disconnect(&connection).await;
    Ok(())
}

/// Consumes lanes' queues with plain consumers: the bytes and the acknowledgements, nothing else.
pub struct RawInbox {
    connection: Connection,
    channel: Channel,
    deliveries: SelectAll<Consumer>,
    /// Up to this tag everything has been received.
    whole: u64,
    /// Tags beyond it: consumers deliver each in its order, together in none.
    beyond: BTreeSet<u64>,
    acknowledged: u64,
}

impl std::fmt::Debug for RawInbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RawInbox").finish_non_exhaustive()
    }
}

impl RawInbox {
    /// Consumes all of these lanes' queues, with the prefetch that the bus itself uses.
    pub async fn open(settings: &Settings, lanes: &[LaneKey]) -> Result<RawInbox, BusAway> {
        let connection = connect(settings, "bench").await?;
        let work = async {
            let channel = connection.create_channel().await?;
            let prefetch = settings.prefetch_for(lanes.len());
            channel.basic_qos(prefetch, BasicQosOptions::default()).await?;
            let consumes = lanes.iter().map(|lane| {
                let queue = topology::lane_queue(lane);
                let channel = channel.clone();
                async move {
                    let options = BasicConsumeOptions::default();
                    channel
                        .basic_consume(queue.into(), "".into(), options, FieldTable::default())
                        .await
                }
            });
            let mut deliveries = SelectAll::new();
            let mut consumers = stream::iter(consumes).buffered(PIPELINE);
            while let Some(consumer) = consumers.next().await {
                deliveries.push(consumer?);
            }
            drop(consumers);
            Ok::<_, Fault>((channel, deliveries))
        };
        let (channel, deliveries) = within(settings.answer_wait, "consuming", work).await?;
        let (whole, beyond, acknowledged) = (0, BTreeSet::new(), 0);
        Ok(RawInbox { connection, channel, deliveries, whole, beyond, acknowledged })
    }

    /// The next bodies, at least one and at most `limit`.
    pub async fn receive(&mut self, limit: usize) -> Result<Vec<Vec<u8>>, BusAway> {
        let mut bodies = Vec::new();
        while bodies.len() < limit {
            let next = if bodies.is_empty() {
                self.deliveries.next().await
            } else {
                match self.deliveries.next().now_or_never() {
                    Some(next) => next,
                    None => break,
                }
            };
            let delivery = next
                .ok_or_else(|| BusAway("the consumers have ended".to_owned()))?
                .map_err(Fault::from)?;
            self.beyond.insert(delivery.delivery_tag);
            bodies.push(delivery.data);
        }
        Ok(bodies)
    }

    /// Everything that was received has been written.
    pub async fn acknowledge(&mut self) -> Result<(), BusAway> {
        while self.beyond.remove(&(self.whole + 1)) {
            self.whole += 1;
        }
        if self.whole > self.acknowledged {
            let options = BasicAckOptions { multiple: true };
            self.channel.basic_ack(self.whole, options).await.map_err(Fault::from)?;
            self.acknowledged = self.whole;
        }
        Ok(())
    }

    pub async fn close(self) {
        disconnect(&self.connection).await;
    }
}
