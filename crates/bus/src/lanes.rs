//! The channel that task messages come by: one consumer for each lane wanted, and one for the
//! intake.

use crate::{
    buffer::Buffer,
    link::{Fault, within},
    settings::Settings,
    topology::{self, INTAKE},
};
use domain::bureau::LaneKey;
use futures::{
    StreamExt,
    future::ready,
    stream::{self, BoxStream, SelectAll},
};
use lapin::{
    Channel, Connection, Consumer,
    options::{BasicCancelOptions, BasicConsumeOptions, BasicQosOptions},
    types::FieldTable,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    sync::{Notify, mpsc},
    task::JoinHandle,
};

/// Consumes and cancels under way at once.
const PIPELINE: usize = 256;
/// Consumers on their way to the reader.
const NEW_CONSUMERS: usize = 1_024;

/// What the reader of a channel noticed. As large as the number of consumers at most.
#[derive(Debug, Default)]
struct Notices {
    seen: Mutex<Seen>,
    news: Notify,
}

#[derive(Debug, Default)]
struct Seen {
    /// Queues whose consumers ended; by our own cancel, or by the broker's.
    ended: Vec<Arc<str>>,
    broken: Option<Fault>,
}

impl Notices {
    fn tell(&self, note: impl FnOnce(&mut Seen)) {
        note(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner));
        self.news.notify_one();
    }

    fn take(&self) -> Seen {
        std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// An open channel with its consumers.
#[derive(Debug)]
pub(crate) struct LaneChannel {
    channel: Channel,
    number: u64,
    buffer: Arc<Buffer>,
    /// Queues that are consumed; the queue's name is the consumer's tag.
    consumed: BTreeSet<Arc<str>>,
    to_reader: mpsc::Sender<Consumer>,
    notices: Arc<Notices>,
    reader: JoinHandle<()>,
}

impl LaneChannel {
    pub(crate) async fn open(
        connection: &Connection,
        buffer: &Arc<Buffer>,
    ) -> Result<LaneChannel, Fault> {
        let channel = connection.create_channel().await?;
        let number = buffer.begin();
        let (to_reader, consumers) = mpsc::channel(NEW_CONSUMERS);
        let notices = Arc::<Notices>::default();
        let reader = Reader { number, buffer: buffer.clone(), consumers, notices: notices.clone() };
        Ok(LaneChannel {
            channel,
            number,
            buffer: buffer.clone(),
            consumed: BTreeSet::new(),
            to_reader,
            notices,
            reader: tokio::spawn(reader.run()),
        })
    }

    /// Cancels what is no longer wanted and waits until the broker has agreed, then declares
    /// and consumes what is.
    pub(crate) async fn apply(
        &mut self,
        connection: &Connection,
        settings: &Settings,
        wanted: &BTreeSet<LaneKey>,
    ) -> Result<(), Fault> {
        let mut queues: BTreeMap<Arc<str>, Option<&LaneKey>> =
            wanted.iter().map(|lane| (topology::lane_queue(lane).into(), Some(lane))).collect();
        queues.insert(INTAKE.into(), None);
        let leaving: Vec<Arc<str>> =
            self.consumed.iter().filter(|queue| !queues.contains_key(*queue)).cloned().collect();
        self.cancel(settings, leaving).await?;
        queues.retain(|queue, _| !self.consumed.contains(queue));
        let lanes: Vec<LaneKey> = queues.values().copied().flatten().cloned().collect();
        let coming: Vec<Arc<str>> = queues.into_keys().collect();
        for some in lanes.chunks(PIPELINE) {
            let declare = topology::declare_lanes(connection, some);
            within(settings.answer_wait, "declaring lanes", declare).await?;
        }
        let prefetch = settings.prefetch_for(wanted.len() + 1);
        let options = BasicQosOptions::default();
        within(
            settings.answer_wait,
            "setting the prefetch",
            self.channel.basic_qos(prefetch, options),
        )
        .await?;
        self.consume(settings, coming).await
    }

    async fn cancel(&mut self, settings: &Settings, queues: Vec<Arc<str>>) -> Result<(), Fault> {
        for some in queues.chunks(PIPELINE) {
            for queue in some {
                self.consumed.remove(queue);
            }
            let cancels = some.iter().map(|queue| {
                self.channel.basic_cancel((&**queue).into(), BasicCancelOptions::default())
            });
            let all = futures::future::try_join_all(cancels);
            within(settings.answer_wait, "cancelling consumers", all).await?;
        }
        Ok(())
    }

    async fn consume(&mut self, settings: &Settings, queues: Vec<Arc<str>>) -> Result<(), Fault> {
        for some in queues.chunks(PIPELINE) {
            let consumes = some.iter().map(|queue| {
                let (name, tag) = ((&**queue).into(), (&**queue).into());
                let options = BasicConsumeOptions::default();
                self.channel.basic_consume(name, tag, options, FieldTable::default())
            });
            let all = futures::future::try_join_all(consumes);
            for consumer in within(settings.answer_wait, "consuming lanes", all).await? {
                self.consumed.insert(consumer.queue().as_str().into());
                if self.to_reader.send(consumer).await.is_err() {
                    return Err(Fault::Away("the channel ended while it was set up".to_owned()));
                }
            }
        }
        Ok(())
    }

    /// Waits for something that calls for work: lanes whose consumers the broker ended (they must
    /// be consumed again), or an error (the channel is useless).
    pub(crate) async fn noticed(&mut self) -> Result<Vec<Arc<str>>, Fault> {
        loop {
            let seen = self.notices.take();
            if let Some(fault) = seen.broken {
                return Err(fault);
            }
            let mut ended = seen.ended;
            ended.retain(|queue| self.consumed.remove(queue));
            if !ended.is_empty() {
                return Ok(ended);
            }
            self.notices.news.notified().await;
        }
    }

    /// Tells, whenever asked, whether the channel is open and read.
    pub(crate) fn pulse(&self) -> impl Fn() -> bool + Send + use<> {
        let (status, reader) = (self.channel.status().clone(), self.reader.abort_handle());
        move || status.connected() && !reader.is_finished()
    }

    pub(crate) fn consumers(&self) -> usize {
        self.consumed.len()
    }

    /// Closes the channel; the broker takes back what was not acknowledged.
    pub(crate) async fn close(self, settings: &Settings) {
        if self.channel.status().connected() {
            let close = topology::close(&self.channel);
            if tokio::time::timeout(settings.answer_wait, close).await.is_err() {
                tracing::debug!("the broker did not answer the close of a channel");
            }
        }
    }
}

impl Drop for LaneChannel {
    fn drop(&mut self) {
        self.reader.abort();
        self.buffer.end(self.number);
    }
}

/// Reads all consumers of a channel into the buffer.
struct Reader {
    number: u64,
    buffer: Arc<Buffer>,
    consumers: mpsc::Receiver<Consumer>,
    notices: Arc<Notices>,
}

/// What a consumer's stream yields; None is its end.
type Item = (Arc<str>, Option<lapin::Result<lapin::message::Delivery>>);

impl Reader {
    async fn run(mut self) {
        let mut streams: SelectAll<BoxStream<'static, Item>> = SelectAll::new();
        loop {
            let has_room = self.buffer.has_room();
            tokio::select! {
                new = self.consumers.recv() => match new {
                    Some(consumer) => streams.push(told(consumer)),
                    None => return,
                },
                () = self.buffer.room(), if !has_room => {}
                Some(item) = streams.next(), if has_room && !streams.is_empty() => self.take(item),
            }
        }
    }

    fn take(&self, (queue, item): Item) {
        match item {
            Some(Ok(delivery)) => self.buffer.put(self.number, delivery),
            Some(Err(error)) => {
                self.buffer.end(self.number);
                self.notices.tell(|seen| seen.broken = Some(error.into()));
            }
            None => self.notices.tell(|seen| seen.ended.push(queue)),
        }
    }
}

/// The consumer's deliveries, and then its end.
fn told(consumer: Consumer) -> BoxStream<'static, Item> {
    let queue: Arc<str> = consumer.queue().as_str().into();
    let end = stream::once(ready((queue.clone(), None)));
    consumer.map(move |item| (queue.clone(), Some(item))).chain(end).boxed()
}
