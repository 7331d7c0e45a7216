//! A plain AMQP client beside the bus: what an operator's own tool does to our queues. Behind the
//! feature `plain-client`, for tests of other crates: nobody but this one names the library.

use crate::{
    letter::{TASK_CONTENT_TYPE, header},
    link::within,
    settings::Settings,
};
use fleet::ports::bus::BusAway;
use lapin::{
    Acker, BasicProperties, Channel, Confirmation, Connection, ConnectionProperties,
    options::{
        BasicAckOptions, BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions,
        QueueDeclareOptions,
    },
    types::FieldTable,
};
use std::time::Duration;

/// For one step of the client's.
const WAIT: Duration = Duration::from_secs(30);

/// A connection with one channel that confirms. It declares nothing and knows no message of ours.
#[derive(Debug)]
pub struct PlainClient {
    channel: Channel,
    _connection: Connection,
}

/// A message with all its properties.
#[derive(Debug, Clone)]
pub struct PlainMessage {
    pub body: Vec<u8>,
    properties: BasicProperties,
}

/// A queue from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueLook {
    /// Ready to be delivered.
    pub messages: u32,
    pub consumers: u32,
}

impl PlainMessage {
    /// A persistent task message.
    pub fn new(body: impl Into<Vec<u8>>) -> PlainMessage {
        let properties = BasicProperties::default()
            .with_content_type(TASK_CONTENT_TYPE.into())
            .with_delivery_mode(2);
        PlainMessage { body: body.into(), properties }
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> Option<String> {
        header(&self.properties, name)
    }

    pub fn message_id(&self) -> Option<String> {
        self.properties.message_id().as_ref().map(|id| id.to_string())
    }
}

impl PlainClient {
    /// Connects to the broker at this URL, virtual host included.
    pub async fn connect(url: &str) -> Result<PlainClient, BusAway> {
        let settings = Settings::new(url).map_err(|wrong| BusAway(wrong.to_string()))?;
        let opening = async {
            let properties = ConnectionProperties::default();
            let connection = Connection::connect_uri(settings.uri, properties).await?;
            let channel = connection.create_channel().await?;
            channel.confirm_select(ConfirmSelectOptions::default()).await?;
            Ok::<_, lapin::Error>(PlainClient { channel, _connection: connection })
        };
        Ok(within(WAIT, "connecting", opening).await?)
    }

    /// `basic.get` and `basic.ack`. None: the queue is empty.
    pub async fn take(&self, queue: &str) -> Result<Option<PlainMessage>, BusAway> {
        let Some((message, acker)) = self.get(queue).await? else { return Ok(None) };
        within(WAIT, "basic.ack", acker.ack(BasicAckOptions::default())).await?;
        Ok(Some(message))
    }

    /// `basic.get`, `basic.publish` of the same body and properties, and once that is confirmed
    /// `basic.ack`. None: the queue is empty.
    pub async fn move_one(
        &self,
        queue: &str,
        exchange: &str,
        key: &str,
    ) -> Result<Option<PlainMessage>, BusAway> {
        let Some((message, acker)) = self.get(queue).await? else { return Ok(None) };
        self.publish(exchange, key, &message).await?;
        within(WAIT, "basic.ack", acker.ack(BasicAckOptions::default())).await?;
        Ok(Some(message))
    }

    /// How much stands in a queue, and how many consume it.
    pub async fn look(&self, queue: &str) -> Result<QueueLook, BusAway> {
        let options = QueueDeclareOptions::durable().passive();
        let looking = self.channel.queue_declare(queue.into(), options, FieldTable::default());
        let found = within(WAIT, "queue.declare", looking).await?;
        Ok(QueueLook { messages: found.message_count(), consumers: found.consumer_count() })
    }

    async fn get(&self, queue: &str) -> Result<Option<(PlainMessage, Acker)>, BusAway> {
        let get = self.channel.basic_get(queue.into(), BasicGetOptions::default());
        let Some(got) = within(WAIT, "basic.get", get).await? else { return Ok(None) };
        let got = got.delivery;
        let message = PlainMessage { body: got.data, properties: got.properties };
        Ok(Some((message, got.acker)))
    }

    /// Publishes it and waits for the confirm; it must reach a queue.
    pub async fn publish(
        &self,
        exchange: &str,
        key: &str,
        message: &PlainMessage,
    ) -> Result<(), BusAway> {
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let publishing = async {
            let properties = message.properties.clone();
            let channel = &self.channel;
            let body = &message.body;
            channel
                .basic_publish(exchange.into(), key.into(), options, body, properties)
                .await?
                .await
        };
        match within(WAIT, "basic.publish", publishing).await? {
            Confirmation::Ack(None) => Ok(()),
            other => Err(BusAway(format!("{exchange} {key} did not take it: {other:?}"))),
        }
    }
}
