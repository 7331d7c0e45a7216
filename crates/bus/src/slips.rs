//! Write-backs of business documents (`gouxuan.writeback`), as they come.

use crate::{news::acknowledge, publishing::Publishing, topology::WRITEBACK};
use fleet::ports::bus::Parcel;
use lapin::{Acker, message::Delivery};
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc};

/// Write-backs that wait to be taken.
const WAITING: usize = 256;

/// One write-back. It comes again, perhaps to another worker, unless it is done or rejected.
#[derive(Debug)]
pub struct Slip {
    pub body: Arc<[u8]>,
    routing_key: String,
    message_id: String,
    acker: Acker,
}

impl Slip {
    fn of(delivery: Delivery) -> Slip {
        let message_id = delivery.properties.message_id().as_ref();
        Slip {
            message_id: message_id.map_or(String::new(), ToString::to_string),
            body: delivery.data.into(),
            routing_key: delivery.routing_key.to_string(),
            acker: delivery.acker,
        }
    }

    /// It was written, or something newer was; it need not come again.
    pub async fn done(self) {
        acknowledge(&self.acker).await;
    }
}

/// Hands write-backs over from the broker's consumer to whoever asks.
#[derive(Debug)]
pub(crate) struct SlipDesk {
    give: mpsc::Sender<Slip>,
    take: Mutex<mpsc::Receiver<Slip>>,
    publishing: Arc<Publishing>,
}

impl SlipDesk {
    pub(crate) fn new(publishing: Arc<Publishing>) -> SlipDesk {
        let (give, take) = mpsc::channel(WAITING);
        SlipDesk { give, take: Mutex::new(take), publishing }
    }

    pub(crate) async fn put(&self, delivery: Delivery) {
        if self.give.send(Slip::of(delivery)).await.is_err() {
            tracing::debug!("nobody takes write-backs any more");
        }
    }

    /// What has come of a channel that is still open, at least one.
    pub(crate) async fn next(&self, limit: usize) -> Vec<Slip> {
        let mut slips = Vec::new();
        loop {
            if self.take.lock().await.recv_many(&mut slips, limit).await == 0 {
                // Not while we hold a sender ourselves.
                std::future::pending::<()>().await;
            }
            slips.retain(|slip: &Slip| slip.acker.usable());
            if !slips.is_empty() {
                return slips;
            }
        }
    }

    /// Puts it among the rejected; while that fails it stays unacknowledged and comes again.
    pub(crate) async fn reject(&self, slip: Slip, reason: &str) {
        tracing::warn!(reason, "a write-back cannot be taken; it goes to the rejected ones");
        let parcel = Parcel::Rejected {
            body: slip.body.clone(),
            routing_key: slip.routing_key.clone(),
            reason: format!("{WRITEBACK}: {reason}"),
            message_id: slip.message_id.clone(),
        };
        if let [Ok(())] = self.publishing.send(vec![parcel]).await.as_slice() {
            slip.done().await;
        }
    }
}
