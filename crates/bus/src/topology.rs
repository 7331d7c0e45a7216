//! Exchanges, queues and bindings: names that others rely on, and their declare arguments.
//!
//! Everything is safe without any policy: the alternate exchange and the lengths are arguments.
//! Queues carry `x-queue-type` and, where nobody empties them, a length; no other argument, since
//! what is allowed differs between RabbitMQ 3.10 and 4.x.

use crate::link::Fault;
use domain::bureau::LaneKey;
use futures::{StreamExt, stream};
use lapin::{
    Channel, Connection, ExchangeKind,
    options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable},
};

/// Task messages; direct, routing key `<bureau>.<account>`.
pub const TASKS: &str = "gouxuan.tasks";
/// Where [`TASKS`] sends what no lane's queue is bound for; leads to [`INTAKE`].
pub const UNROUTED: &str = "gouxuan.unrouted";
/// Tasks without an account, for a lane without a queue, or under a city's code.
pub const INTAKE: &str = "gouxuan.intake";
/// Messages that could not be read, with the reason.
pub const REJECTED: &str = "gouxuan.rejected";
/// Failed tasks as messages that retry them when moved to [`TASKS`].
pub const FAILED: &str = "gouxuan.failed";
/// Result events; topic.
pub const EVENTS: &str = "gouxuan.events";
/// Exchange and queue of accounts' news from outside.
pub const ACCOUNTS: &str = "gouxuan.accounts";
/// Exchange and queue of what business documents tell the invoice pool.
pub const WRITEBACK: &str = "gouxuan.writeback";
/// Hints among workers; fanout, not durable.
pub const BELL: &str = "gouxuan.bell";
/// Routing key of a task without an account.
pub const INTAKE_KEY: &str = "intake";
/// Why a message stands in [`REJECTED`] or [`FAILED`].
pub const REASON_HEADER: &str = "x-gouxuan-reason";
/// The routing key that a rejected message came with.
pub const ROUTING_KEY_HEADER: &str = "x-gouxuan-routing-key";
/// W3C trace context.
pub const TRACEPARENT_HEADER: &str = "traceparent";
/// Messages kept in [`REJECTED`] and in [`FAILED`]; the oldest go first.
pub const KEPT: i64 = 100_000;
/// Hints kept for a worker that does not listen.
const BELL_KEPT: i64 = 1_000;
/// Declares under way at once.
const PIPELINE: usize = 256;

/// `gouxuan.lane.<bureau>.<account>`.
pub fn lane_queue(lane: &LaneKey) -> String {
    format!("gouxuan.lane.{lane}")
}

/// One exchange as we declare it.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub(crate) name: &'static str,
    pub(crate) kind: ExchangeKind,
    pub(crate) durable: bool,
    pub(crate) internal: bool,
    pub(crate) alternate: Option<&'static str>,
}

/// One queue as we declare it, and the exchange that it is bound to.
#[derive(Debug, Clone)]
pub(crate) struct Queue {
    pub(crate) name: &'static str,
    pub(crate) bound_to: Option<&'static str>,
    pub(crate) kept: Option<i64>,
}

/// In the order of their dependence.
pub(crate) fn exchanges() -> Vec<Exchange> {
    let durable =
        |name, kind| Exchange { name, kind, durable: true, internal: false, alternate: None };
    vec![
        Exchange { internal: true, ..durable(UNROUTED, ExchangeKind::Fanout) },
        Exchange { alternate: Some(UNROUTED), ..durable(TASKS, ExchangeKind::Direct) },
        durable(EVENTS, ExchangeKind::Topic),
        durable(ACCOUNTS, ExchangeKind::Fanout),
        durable(WRITEBACK, ExchangeKind::Fanout),
        Exchange { durable: false, ..durable(BELL, ExchangeKind::Fanout) },
    ]
}

pub(crate) const QUEUES: [Queue; 5] = [
    Queue { name: INTAKE, bound_to: Some(UNROUTED), kept: None },
    Queue { name: REJECTED, bound_to: None, kept: Some(KEPT) },
    Queue { name: FAILED, bound_to: None, kept: Some(KEPT) },
    Queue { name: ACCOUNTS, bound_to: Some(ACCOUNTS), kept: None },
    Queue { name: WRITEBACK, bound_to: Some(WRITEBACK), kept: None },
];

impl Exchange {
    pub(crate) async fn declare(&self, channel: &Channel) -> lapin::Result<()> {
        let mut arguments = FieldTable::default();
        if let Some(alternate) = self.alternate {
            arguments.insert("alternate-exchange".into(), AMQPValue::LongString(alternate.into()));
        }
        let options = ExchangeDeclareOptions {
            durable: self.durable,
            internal: self.internal,
            ..ExchangeDeclareOptions::default()
        };
        channel.exchange_declare(self.name.into(), self.kind.clone(), options, arguments).await
    }
}

impl Queue {
    pub(crate) async fn declare(&self, channel: &Channel) -> lapin::Result<()> {
        let mut arguments = classic();
        if let Some(kept) = self.kept {
            arguments.insert("x-max-length".into(), AMQPValue::LongLongInt(kept));
            arguments.insert("x-overflow".into(), AMQPValue::LongString("drop-head".into()));
        }
        let options = QueueDeclareOptions::durable();
        channel.queue_declare(self.name.into(), options, arguments).await.map(drop)
    }

    pub(crate) async fn bind(&self, channel: &Channel) -> lapin::Result<()> {
        let Some(exchange) = self.bound_to else { return Ok(()) };
        bind(channel, self.name, exchange, self.name).await
    }
}

/// `x-queue-type: classic`, so that a default queue type of the virtual host does not matter.
fn classic() -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("classic".into()));
    arguments
}

async fn bind(channel: &Channel, queue: &str, exchange: &str, key: &str) -> lapin::Result<()> {
    let options = QueueBindOptions::default();
    channel
        .queue_bind(queue.into(), exchange.into(), key.into(), options, FieldTable::default())
        .await
}

/// Declares everything but the lanes. An exchange that is there otherwise is a [`Fault::Misfit`];
/// a queue that is there with other arguments is used as it is, with a warning.
pub(crate) async fn declare_fixed(connection: &Connection) -> Result<(), Fault> {
    let channel = connection.create_channel().await?;
    for exchange in exchanges() {
        exchange.declare(&channel).await?;
    }
    let mut channel = channel;
    for queue in QUEUES {
        if let Err(error) = queue.declare(&channel).await {
            channel = after_misfit(connection, error, queue.name).await?;
        }
        queue.bind(&channel).await?;
    }
    close(&channel).await;
    Ok(())
}

/// Declares and binds the lanes' queues, in a pipeline. A queue that is there with other
/// arguments is bound and used as it is, with a warning.
pub(crate) async fn declare_lanes(connection: &Connection, lanes: &[LaneKey]) -> Result<(), Fault> {
    let mut channel = connection.create_channel().await?;
    let mut from = 0;
    while let Some((done, error)) = pipeline(&channel, &lanes[from..]).await {
        let odd = &lanes[from + done];
        let queue = lane_queue(odd);
        channel = after_misfit(connection, error, &queue).await?;
        bind(&channel, &queue, TASKS, &odd.routing_key()).await?;
        from += done + 1;
    }
    close(&channel).await;
    Ok(())
}

/// The number of lanes that were declared before the first failure, with the failure.
async fn pipeline(channel: &Channel, lanes: &[LaneKey]) -> Option<(usize, lapin::Error)> {
    let declares = lanes.iter().cloned().map(|lane| declare_lane(channel.clone(), lane));
    let mut results = stream::iter(declares.collect::<Vec<_>>()).buffered(PIPELINE).enumerate();
    while let Some((index, result)) = results.next().await {
        if let Err(error) = result {
            return Some((index, error));
        }
    }
    None
}

async fn declare_lane(channel: Channel, lane: LaneKey) -> lapin::Result<()> {
    let queue = lane_queue(&lane);
    let declare =
        channel.queue_declare(queue.as_str().into(), QueueDeclareOptions::durable(), classic());
    let key = lane.routing_key();
    // Both are on their way before the first answer comes.
    let (declared, bound) = futures::join!(declare, bind(&channel, &queue, TASKS, &key));
    declared?;
    bound
}

/// A new channel in place of the one that the broker closed because a queue is there otherwise.
async fn after_misfit(
    connection: &Connection,
    error: lapin::Error,
    queue: &str,
) -> Result<Channel, Fault> {
    match Fault::from(error) {
        Fault::Misfit(text) => {
            tracing::warn!(
                queue,
                "the queue exists with other arguments than ours ({text}); it is used as it is: \
                 delete it while it is empty, or leave it if it was made so on purpose"
            );
            Ok(connection.create_channel().await?)
        }
        fault => Err(fault),
    }
}

/// A queue of this worker alone for hints; the broker removes it with the connection.
pub(crate) async fn declare_bell_queue(channel: &Channel) -> lapin::Result<String> {
    let mut arguments = classic();
    arguments.insert("x-max-length".into(), AMQPValue::LongLongInt(BELL_KEPT));
    let options = QueueDeclareOptions::exclusive().auto_delete();
    let queue = channel.queue_declare("".into(), options, arguments).await?;
    let name = queue.name().as_str().to_owned();
    bind(channel, &name, BELL, "").await?;
    Ok(name)
}

/// Closes a channel that did its work; that it is closed already is no matter.
pub(crate) async fn close(channel: &Channel) {
    if let Err(error) = channel.close(200, "done".into()).await {
        tracing::debug!(%error, "closing a channel");
    }
}
