//! The second consuming channel: hints among workers, news of accounts, write-backs of documents.

use crate::{
    bell,
    consuming::Consuming,
    link::{Fault, within},
    news::NewsDesk,
    settings::Settings,
    slips::SlipDesk,
    topology::{self, ACCOUNTS, WRITEBACK},
};
use futures::StreamExt;
use lapin::{
    Channel, Connection, Consumer,
    options::{BasicConsumeOptions, BasicQosOptions},
    types::FieldTable,
};
use std::sync::Arc;
use tokio::task::JoinSet;

/// News under way to this worker.
const NEWS_PREFETCH: u16 = 16;
/// Write-backs under way to this worker: they are written together.
const SLIPS_PREFETCH: u16 = 200;

/// The channel and the tasks that read it; they end with it.
#[derive(Debug)]
pub(crate) struct Side {
    channel: Channel,
    readers: JoinSet<Fault>,
    takes_news: bool,
}

impl Side {
    pub(crate) async fn open(connection: &Connection, of: &Consuming) -> Result<Side, Fault> {
        let channel = connection.create_channel().await?;
        let work = async {
            let queue = topology::declare_bell_queue(&channel).await?;
            let options = BasicConsumeOptions { no_ack: true, ..BasicConsumeOptions::default() };
            let tag = "bell".into();
            channel.basic_consume(queue.into(), tag, options, FieldTable::default()).await
        };
        let consumer = within(of.settings().answer_wait, "listening for hints", work).await?;
        let mut readers = JoinSet::new();
        readers.spawn(listen(consumer, of.heard.clone(), of.name().to_owned()));
        Ok(Side { channel, readers, takes_news: false })
    }

    /// Begins to take news of accounts and write-backs, once.
    pub(crate) async fn take_news(&mut self, of: &Consuming) -> Result<(), Fault> {
        if self.takes_news {
            return Ok(());
        }
        self.takes_news = true;
        let consumer = consume(&self.channel, of.settings(), ACCOUNTS, NEWS_PREFETCH).await?;
        self.readers.spawn(read_news(consumer, of.news.clone()));
        let consumer = consume(&self.channel, of.settings(), WRITEBACK, SLIPS_PREFETCH).await?;
        self.readers.spawn(read_slips(consumer, of.slips.clone()));
        Ok(())
    }

    /// Waits until a reader has ended, and says why.
    pub(crate) async fn ended(&mut self) -> Fault {
        match self.readers.join_next().await {
            Some(Ok(fault)) => fault,
            Some(Err(error)) => Fault::Away(format!("a reader failed: {error}")),
            None => Fault::Away("no reader is left".to_owned()),
        }
    }
}

async fn consume(
    channel: &Channel,
    settings: &Settings,
    queue: &'static str,
    prefetch: u16,
) -> Result<Consumer, Fault> {
    let work = async {
        // Counts for consumers that begin after it, each for itself.
        channel.basic_qos(prefetch, BasicQosOptions::default()).await?;
        let options = BasicConsumeOptions::default();
        channel.basic_consume(queue.into(), queue.into(), options, FieldTable::default()).await
    };
    within(settings.answer_wait, "listening for news and write-backs", work).await
}

/// Hears what the other workers ring; our own rings were heard without the broker.
async fn listen(mut consumer: Consumer, heard: Arc<bell::Heard>, own_name: String) -> Fault {
    while let Some(item) = consumer.next().await {
        let delivery = match item {
            Ok(delivery) => delivery,
            Err(error) => return error.into(),
        };
        let sender = delivery.properties.app_id().as_ref();
        if sender.is_some_and(|name| name.as_str() == own_name) {
            continue;
        }
        if let Some(ring) = bell::read(&delivery.data) {
            heard.add(&ring);
        }
    }
    Fault::Away("the broker ended the consumer of hints".to_owned())
}

async fn read_slips(mut consumer: Consumer, desk: Arc<SlipDesk>) -> Fault {
    while let Some(item) = consumer.next().await {
        match item {
            Ok(delivery) => desk.put(delivery).await,
            Err(error) => return error.into(),
        }
    }
    Fault::Away("the broker ended the consumer of write-backs".to_owned())
}

async fn read_news(mut consumer: Consumer, desk: Arc<NewsDesk>) -> Fault {
    while let Some(item) = consumer.next().await {
        match item {
            Ok(delivery) => desk.put(delivery).await,
            Err(error) => return error.into(),
        }
    }
    Fault::Away("the broker ended the consumer of news".to_owned())
}
