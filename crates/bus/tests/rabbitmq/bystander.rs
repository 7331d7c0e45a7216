//! A plain AMQP client beside the bus: an upstream system, or an operator's tool.

use lapin::{
    BasicProperties, Channel, Connection, ConnectionProperties,
    message::BasicGetMessage,
    options::{
        BasicAckOptions, BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions,
        QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions,
    },
    types::{AMQPValue, FieldTable},
};

pub(crate) struct Bystander {
    pub(crate) channel: Channel,
    _connection: Connection,
}

impl Bystander {
    pub(crate) async fn at(url: &str) -> Bystander {
        let connection = Connection::connect(url, ConnectionProperties::default())
            .await
            .expect("the broker can be reached");
        let channel = connection.create_channel().await.expect("a channel");
        channel.confirm_select(ConfirmSelectOptions::default()).await.expect("confirms");
        Bystander { channel, _connection: connection }
    }

    pub(crate) async fn publish(&self, exchange: &str, key: &str, body: &[u8]) {
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let properties = BasicProperties::default().with_message_id("bystander".into());
        let confirm = self
            .channel
            .basic_publish(exchange.into(), key.into(), options, body, properties)
            .await
            .expect("published")
            .await
            .expect("confirmed");
        assert!(confirm.take_message().is_none(), "{exchange} {key} leads nowhere");
    }

    /// Takes a message for good.
    pub(crate) async fn get(&self, queue: &str) -> Option<BasicGetMessage> {
        let message = self
            .channel
            .basic_get(queue.into(), BasicGetOptions::default())
            .await
            .expect("the queue is there")?;
        message.acker.ack(BasicAckOptions::default()).await.expect("acknowledged");
        Some(message)
    }

    /// Messages waiting and consumers.
    pub(crate) async fn look(&self, queue: &str) -> (u32, u32) {
        let options = QueueDeclareOptions::durable().passive();
        let queue = self
            .channel
            .queue_declare(queue.into(), options, FieldTable::default())
            .await
            .expect("the queue is there");
        (queue.message_count(), queue.consumer_count())
    }

    pub(crate) async fn delete(&self, queue: &str) {
        self.channel
            .queue_delete(queue.into(), QueueDeleteOptions::default())
            .await
            .expect("deleted");
    }

    /// A queue of its own that an exchange leads to.
    pub(crate) async fn listen(&self, exchange: &str, key: &str) -> String {
        let options = QueueDeclareOptions::exclusive();
        let queue = self
            .channel
            .queue_declare("".into(), options, FieldTable::default())
            .await
            .expect("a queue");
        let name = queue.name().to_string();
        self.channel
            .queue_bind(
                name.as_str().into(),
                exchange.into(),
                key.into(),
                QueueBindOptions::default(),
                FieldTable::default(),
            )
            .await
            .expect("bound");
        name
    }

    /// A durable queue with an argument that is not ours.
    pub(crate) async fn declare_oddly(&self, queue: &str) {
        let mut arguments = FieldTable::default();
        arguments.insert("x-max-priority".into(), AMQPValue::LongInt(5));
        let options = QueueDeclareOptions::durable();
        self.channel.queue_declare(queue.into(), options, arguments).await.expect("declared");
    }
}

pub(crate) fn header(message: &BasicGetMessage, name: &str) -> Option<String> {
    let headers = message.properties.headers().as_ref()?;
    let (_, value) = headers.into_iter().find(|(key, _)| key.as_str() == name)?;
    match value {
        AMQPValue::LongString(text) => Some(text.to_string()),
        _ => None,
    }
}
