//! From a delivery to a row of the log, and only then the acknowledgement.

mod arrivals;
mod judge;
mod listeners;
mod refused;
#[cfg(test)]
mod tests;

use crate::{
    meter::{Meter, label},
    patience::Patience,
    ports::{
        Store, StoreError,
        bus::{Bell, Delivery, Inbox, Parcel, Post, RefusedDuplicate},
        clock::Clock,
        log::{Appended, Head, NewTask, RetryRefusal},
        statistics::StatisticCache,
    },
    settings::Settings,
    trace,
};
pub(crate) use arrivals::Arrivals;
use domain::{Moment, rules::Rule, task::TaskMessage};
use judge::{Of, Read};
pub(crate) use listeners::Listeners;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// One writer: takes deliveries in their order, logs them in batches, acknowledges.
#[derive(Debug, Clone)]
pub struct Intake {
    pub store: Arc<dyn Store>,
    pub statistics: Arc<dyn StatisticCache>,
    pub post: Arc<dyn Post>,
    pub bell: Arc<dyn Bell>,
    pub clock: Arc<dyn Clock>,
    pub settings: Arc<Settings>,
    pub meter: Arc<Meter>,
}

/// A message that came, from the bus or over HTTP.
#[derive(Debug, Clone)]
pub struct Incoming {
    pub body: Arc<[u8]>,
    pub traceparent: Option<String>,
    pub routing_key: String,
}

/// All that is asked at once for one tax number and action.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub messages: &'a [Incoming],
    /// Refused before it came here: its tasks are made, and end with this rule's sentence.
    pub refused: Option<Rule>,
}

/// What became of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// Logged, and may start now.
    Waiting(Head),
    Logged(Appended),
    /// Could not be taken; the sentence names the field, or says why.
    Rejected {
        reason: String,
        /// What else is told when its id, or its retry, was used already.
        duplicate: Option<Box<RefusedDuplicate>>,
    },
}

impl Taken {
    fn rejected(reason: impl Into<String>) -> Taken {
        Taken::Rejected { reason: reason.into(), duplicate: None }
    }
}

impl Intake {
    /// Takes deliveries until the token is cancelled and nothing is buffered. Begins with what an
    /// earlier one on this inbox left in the middle: it would be acknowledged with what comes after.
    pub(crate) async fn run(
        self,
        inbox: Arc<dyn Inbox>,
        listeners: Listeners,
        ending: CancellationToken,
    ) {
        inbox.recover().await;
        loop {
            let deliveries = tokio::select! {
                biased;
                deliveries = inbox.receive(self.settings.append_batch) => deliveries,
                () = ending.cancelled() => return,
            };
            let Some(last) = deliveries.last().map(|delivery| delivery.tag) else { return };
            let incoming: Vec<Incoming> = deliveries.into_iter().map(Incoming::from).collect();
            let taken = self.take_for_certain(&incoming).await;
            inbox.acknowledge(last).await;
            listeners.tell(taken, &*self.bell).await;
        }
    }

    /// Logs or rejects every one of them, however long the store or the bus is away.
    async fn take_for_certain(&self, incoming: &[Incoming]) -> Vec<Taken> {
        let mut patience = Patience::new();
        let mut one_by_one = false;
        loop {
            let result = if one_by_one {
                self.one_by_one(incoming).await
            } else {
                self.take(incoming).await
            };
            match result {
                Ok(taken) => {
                    self.reject(incoming, &taken).await;
                    return taken;
                }
                // Something in the batch cannot be stored: the others must not wait for it.
                Err(StoreError::Broken(_)) if !one_by_one => one_by_one = true,
                Err(error) => {
                    tracing::error!(%error, messages = incoming.len(), "cannot log; trying again");
                    self.meter.store_away.add(1, &[]);
                    patience.pause().await;
                }
            }
        }
    }

    async fn one_by_one(&self, incoming: &[Incoming]) -> Result<Vec<Taken>, StoreError> {
        let mut taken = Vec::with_capacity(incoming.len());
        for one in incoming {
            match self.take(std::slice::from_ref(one)).await {
                Ok(outcome) => taken.extend(outcome),
                Err(StoreError::Broken(reason)) => {
                    let reason = format!("body: cannot be stored: {reason}");
                    taken.push(Taken::rejected(reason));
                }
                Err(away) => return Err(away),
            }
        }
        Ok(taken)
    }

    /// Logs messages in their order, with an outcome for each. Each is a request of its own.
    pub async fn take(&self, incoming: &[Incoming]) -> Result<Vec<Taken>, StoreError> {
        let alone = |one| Asked { messages: std::slice::from_ref(one), refused: None };
        self.take_requests(incoming.iter().map(alone)).await
    }

    /// As [`Intake::take`], where several messages may be one request: all that is asked at once
    /// for one tax number and action. The rules look at the whole of it, so that one bad invoice
    /// fails all of its messages.
    pub async fn take_requests<'a>(
        &self,
        requests: impl Iterator<Item = Asked<'a>>,
    ) -> Result<Vec<Taken>, StoreError> {
        let numbered = requests.enumerate().flat_map(|(n, asked)| {
            asked.messages.iter().map(move |one| (Of { request: n, refused: asked.refused }, one))
        });
        let incoming: Vec<(Of, &Incoming)> = numbered.collect();
        // Each message is logged in the trace of whoever published it.
        let spans: Vec<tracing::Span> = incoming.iter().map(|(_, one)| span(one)).collect();
        let read: Vec<Result<Read, String>> = incoming
            .iter()
            .zip(&spans)
            .map(|((of, incoming), span)| read(*of, incoming, span))
            .collect();
        let good: Vec<Read> = read.iter().filter_map(|one| one.clone().ok()).collect();
        let now = self.clock.now();
        let rules = self.settings.rules;
        let judged = judge::judge(&*self.store, &*self.statistics, rules, now, &good).await?;
        let (mut tasks, mut refused) = (Vec::with_capacity(judged.len()), Vec::new());
        for judged in judged {
            match judged {
                Ok(task) => {
                    tasks.push(task);
                    refused.push(None);
                }
                Err(sentence) => refused.push(Some(sentence)),
            }
        }
        let appended =
            if tasks.is_empty() { Vec::new() } else { self.store.append(&tasks).await? };
        let mut outcomes =
            tasks.iter().zip(appended).map(|(task, appended)| outcome(task, appended, now));
        let mut refused = refused.into_iter();
        let taken = read.into_iter().map(|one| match one {
            Err(reason) => Taken::rejected(reason),
            Ok(_) => match refused.next().flatten() {
                Some(sentence) => Taken::rejected(format!("retry_of: {sentence}")),
                None => outcomes
                    .next()
                    .unwrap_or_else(|| Taken::rejected("body: the store gave no answer for it")),
            },
        });
        Ok(taken.inspect(|taken| self.count(taken)).collect())
    }

    fn count(&self, taken: &Taken) {
        let outcome = match taken {
            Taken::Rejected { .. } => return self.meter.rejected.add(1, &[]),
            Taken::Waiting(_) | Taken::Logged(Appended::Queued { .. } | Appended::Held) => {
                "waiting"
            }
            Taken::Logged(Appended::Final { .. }) => "final",
            Taken::Logged(_) => "repeated",
        };
        self.meter.logged.add(1, &label("outcome", outcome));
    }

    /// What could not be taken goes to the rejected queue before it is acknowledged, and so does
    /// the event for what came too late under its id.
    async fn reject(&self, incoming: &[Incoming], taken: &[Taken]) {
        let mut parcels = Vec::new();
        for (incoming, taken) in incoming.iter().zip(taken) {
            let Taken::Rejected { reason, duplicate } = taken else { continue };
            parcels.push(Parcel::Rejected {
                body: incoming.body.clone(),
                routing_key: incoming.routing_key.clone(),
                reason: reason.clone(),
                message_id: String::new(),
            });
            parcels.extend(duplicate.as_deref().cloned().map(Parcel::RefusedDuplicate));
        }
        let mut patience = Patience::new();
        while !parcels.is_empty() {
            let results = self.post.send(parcels.clone()).await;
            let unsent = parcels.into_iter().zip(results).filter(|(_, result)| result.is_err());
            parcels = unsent.map(|(parcel, _)| parcel).collect();
            if !parcels.is_empty() {
                tracing::warn!(messages = parcels.len(), "cannot reject yet: the bus is away");
                patience.pause().await;
            }
        }
    }
}

impl From<Delivery> for Incoming {
    fn from(delivery: Delivery) -> Incoming {
        Incoming {
            body: delivery.body,
            traceparent: delivery.traceparent,
            routing_key: delivery.routing_key,
        }
    }
}

fn span(incoming: &Incoming) -> tracing::Span {
    let span = tracing::info_span!("intake", task = tracing::field::Empty);
    trace::adopt(&span, incoming.traceparent.as_deref());
    span
}

fn read(of: Of, incoming: &Incoming, span: &tracing::Span) -> Result<Read, String> {
    let message = TaskMessage::parse(&incoming.body).map_err(|malformed| malformed.to_string())?;
    span.record("task", tracing::field::display(message.task_id));
    let body = std::str::from_utf8(&incoming.body).map_err(|error| format!("body: {error}"))?;
    Ok(Read {
        of,
        message: Arc::new(message),
        body: body.into(),
        body_hash: domain::task::body_hash(&incoming.body),
        traceparent: trace::traceparent(span).or_else(|| incoming.traceparent.clone()),
    })
}

/// What the store did, as the publisher must be told.
fn outcome(task: &NewTask, appended: Appended, now: Moment) -> Taken {
    let reason = match &appended {
        Appended::OtherBody { first_logged_at } => {
            format!("task_id: was used for another task on {}", first_logged_at.to_rfc3339())
        }
        Appended::RetryRefused { reason } => format!("retry_of: {}", refusal(reason)),
        Appended::Queued { lane, tax, place, since, due: true } => {
            return Taken::Waiting(Head {
                task: task.message.task_id,
                lane: *lane,
                tax: *tax,
                class: task.message.kind.class(),
                place: *place,
                since: *since,
            });
        }
        _ => return Taken::Logged(appended),
    };
    let duplicate = refused::duplicate(task, &appended, &reason, now).map(Box::new);
    Taken::Rejected { reason, duplicate }
}

fn refusal(reason: &RetryRefusal) -> String {
    match reason {
        RetryRefusal::NoSuchTask => "no such task is in the log".into(),
        RetryRefusal::NotFailed { state } => format!("that task is {state}, it did not fail"),
        RetryRefusal::OutcomeUnknown => {
            "nobody knows what came of that task; a person must check at the bureau, and may record \
             that nothing came of it (gouxuan task absent)"
                .into()
        }
        RetryRefusal::TriedAgain { retry } => {
            format!("that task was tried again already as {retry}; retry that one instead")
        }
    }
}
