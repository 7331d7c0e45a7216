//! What other systems tell about accounts: `gouxuan.account.online` and `…offline`.

use crate::publishing::Publishing;
use domain::{
    Moment,
    bureau::{Account, BureauCode, LaneKey},
};
use fleet::ports::bus::{AccountNews, Parcel};
use lapin::{Acker, message::Delivery, options::BasicAckOptions};
use serde::Deserialize;
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc};

/// CloudEvents type: a session began.
pub const ONLINE: &str = "gouxuan.account.online";
/// CloudEvents type: a session ended.
pub const OFFLINE: &str = "gouxuan.account.offline";
/// News that wait to be taken.
const WAITING: usize = 64;

/// One piece of news. It comes again, perhaps to another worker, unless [`News::done`] is called.
#[derive(Debug)]
pub struct News {
    pub news: AccountNews,
    acker: Acker,
}

impl News {
    /// It was written down and need not come again.
    pub async fn done(self) {
        acknowledge(&self.acker).await;
    }
}

pub(crate) async fn acknowledge(acker: &Acker) {
    match acker.ack(BasicAckOptions::default()).await {
        Ok(true) => {}
        Ok(false) => tracing::debug!("the channel is gone; what it brought comes again"),
        Err(error) => tracing::debug!(%error, "not acknowledged; it comes again"),
    }
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "type")]
    type_name: String,
    time: Option<Moment>,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    bureau: BureauCode,
    account: Account,
    time: Option<Moment>,
    until: Option<Moment>,
}

/// Reads a CloudEvent in JSON; Err says what is wrong with it.
pub(crate) fn read(body: &[u8]) -> Result<AccountNews, String> {
    let envelope: Envelope = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let online = match envelope.type_name.as_str() {
        ONLINE => true,
        OFFLINE => false,
        other => return Err(format!("type \"{other}\" is neither {ONLINE} nor {OFFLINE}")),
    };
    let Data { bureau, account, time, until } = envelope.data;
    let time = time.or(envelope.time).ok_or("neither data.time nor time is given")?;
    Ok(AccountNews { lane: LaneKey { bureau, account }, online, time, until })
}

/// Hands news over from the broker's consumer to whoever asks.
#[derive(Debug)]
pub(crate) struct NewsDesk {
    give: mpsc::Sender<News>,
    take: Mutex<mpsc::Receiver<News>>,
    publishing: Arc<Publishing>,
}

impl NewsDesk {
    pub(crate) fn new(publishing: Arc<Publishing>) -> NewsDesk {
        let (give, take) = mpsc::channel(WAITING);
        NewsDesk { give, take: Mutex::new(take), publishing }
    }

    pub(crate) async fn put(&self, delivery: Delivery) {
        match read(&delivery.data) {
            Ok(news) => {
                if self.give.send(News { news, acker: delivery.acker }).await.is_err() {
                    tracing::debug!("nobody takes news any more");
                }
            }
            Err(reason) => self.reject(delivery, &reason).await,
        }
    }

    /// Puts it among the rejected; while that fails it stays unacknowledged and comes again.
    async fn reject(&self, delivery: Delivery, reason: &str) {
        tracing::warn!(reason, "news of an account cannot be read; they go to the rejected ones");
        let message_id = delivery.properties.message_id().as_ref();
        let parcel = Parcel::Rejected {
            body: delivery.data.into(),
            routing_key: delivery.routing_key.to_string(),
            reason: format!("gouxuan.accounts: {reason}"),
            message_id: message_id.map_or(String::new(), ToString::to_string),
        };
        if let [Ok(())] = self.publishing.send(vec![parcel]).await.as_slice() {
            acknowledge(&delivery.acker).await;
        }
    }

    /// The next news of a channel that is still open.
    pub(crate) async fn next(&self) -> News {
        loop {
            match self.take.lock().await.recv().await {
                Some(news) if news.acker.usable() => return news,
                Some(_) => {}
                // Not while we hold a sender ourselves.
                None => std::future::pending().await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn news_are_read_or_told_what_is_wrong() {
        let news = read(
            r#"{"specversion":"1.0","type":"gouxuan.account.online","time":"2025-12-01T00:00:00Z",
                "data":{"bureau":"440300","account":"13800000001","until":"2025-12-01T12:00:00+08:00"}}"#
                .as_bytes(),
        )
        .expect("news");
        assert!(news.online);
        assert_eq!(news.lane.routing_key(), "440300.13800000001");
        assert_eq!(news.time.to_rfc3339(), "2025-12-01T00:00:00+00:00");
        assert_eq!(
            news.until.map(|at| at.to_rfc3339()).as_deref(),
            Some("2025-12-01T04:00:00+00:00")
        );
        for (body, part) in [
            (
                r#"{"type":"gouxuan.account.gone","data":{"bureau":"440300","account":"a"}}"#,
                "neither",
            ),
            (
                r#"{"type":"gouxuan.account.online","data":{"bureau":"999999","account":"a"}}"#,
                "999999",
            ),
            (
                r#"{"type":"gouxuan.account.online","data":{"bureau":"440300","account":"a"}}"#,
                "time",
            ),
            ("no", "expected"),
        ] {
            let wrong = read(body.as_bytes()).expect_err(body);
            assert!(wrong.contains(part), "{wrong}");
        }
    }
}
