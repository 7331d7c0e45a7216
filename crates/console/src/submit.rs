//! Messages that come over HTTP, into the log or to the broker.

use crate::{
    answers::{Fate, Submitted},
    problem::Problem,
    site::{Door, Site},
};
use domain::{bureau::LaneKey, task::TaskMessage};
use fleet::{
    intake::{Incoming, Taken},
    ports::{
        bus::{Parcel, Ring},
        log::Appended,
    },
};
use serde::Deserialize;
use std::sync::Arc;
use uuid::Uuid;

/// A message as it came, with its place.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub line: usize,
    pub body: Arc<[u8]>,
}

/// Logs or publishes each message; an outcome for each, in their order.
pub(crate) async fn submit(
    site: &Site,
    items: &[Item],
    traceparent: Option<&str>,
) -> Result<Vec<Submitted>, Problem> {
    match site.door {
        Door::Log => log(site, items, traceparent).await,
        Door::Broker => Ok(publish(site, items, traceparent).await),
    }
}

async fn log(
    site: &Site,
    items: &[Item],
    traceparent: Option<&str>,
) -> Result<Vec<Submitted>, Problem> {
    let incoming: Vec<Incoming> = items
        .iter()
        .map(|item| Incoming {
            body: item.body.clone(),
            traceparent: traceparent.map(str::to_owned),
            routing_key: String::new(),
        })
        .collect();
    let taken = site.intake.take(&incoming).await?;
    let mut ring = Ring::default();
    let outcomes = items.iter().zip(&taken).map(|(item, taken)| {
        note_lane(taken, &mut ring);
        logged(item, taken)
    });
    let outcomes = outcomes.collect();
    if !ring.is_empty() {
        site.desk.bell.ring(ring);
    }
    Ok(outcomes)
}

fn note_lane(taken: &Taken, ring: &mut Ring) {
    match taken {
        Taken::Waiting(head) => {
            ring.lanes.insert(head.lane);
        }
        Taken::Logged(Appended::Duplicate { waiting: Some((lane, _)) }) => {
            ring.lanes.insert(*lane);
        }
        _ => {}
    }
}

fn logged(item: &Item, taken: &Taken) -> Submitted {
    let (outcome, state, reason) = match taken {
        Taken::Waiting(_) => (Fate::Waiting, None, String::new()),
        Taken::Logged(Appended::Queued { .. } | Appended::Held) => {
            (Fate::Held, None, String::new())
        }
        Taken::Logged(Appended::Final { state, reason, .. }) => {
            (Fate::Ended, Some(state.name().to_owned()), reason.clone())
        }
        Taken::Logged(Appended::Duplicate { .. }) => (Fate::Repeated, None, String::new()),
        Taken::Logged(Appended::OtherBody { .. } | Appended::RetryRefused { .. }) => {
            (Fate::Rejected, None, "task_id: cannot be used".to_owned())
        }
        Taken::Rejected { reason, .. } => (Fate::Rejected, None, reason.clone()),
    };
    Submitted { line: item.line, task_id: named(&item.body), outcome, state, reason }
}

/// The id that a body names, as far as it can be read.
fn named(body: &[u8]) -> Option<Uuid> {
    #[derive(Deserialize)]
    struct Named {
        task_id: Uuid,
    }
    serde_json::from_slice(body).ok().map(|named: Named| named.task_id)
}

async fn publish(site: &Site, items: &[Item], traceparent: Option<&str>) -> Vec<Submitted> {
    let mut parcels = Vec::with_capacity(items.len());
    let mut outcomes = Vec::with_capacity(items.len());
    for item in items {
        let mut outcome = Submitted {
            line: item.line,
            task_id: named(&item.body),
            outcome: Fate::Confirmed,
            state: None,
            reason: String::new(),
        };
        match parcel(&item.body, traceparent) {
            Ok(parcel) => parcels.push(parcel),
            Err(reason) => {
                outcome.outcome = Fate::Rejected;
                outcome.reason = reason;
            }
        }
        outcomes.push(outcome);
    }
    let mut results = site.desk.post.send(parcels).await.into_iter();
    for outcome in outcomes.iter_mut().filter(|outcome| outcome.outcome == Fate::Confirmed) {
        let sent = results.next();
        let problem = match sent {
            Some(Ok(())) => continue,
            Some(Err(error)) => error.to_string(),
            None => "the bus gave no answer for it".to_owned(),
        };
        outcome.outcome = Fate::Unconfirmed;
        outcome.reason = format!("{problem}; send it again, the task_id makes that safe");
    }
    outcomes
}

/// What cannot be read is told at once instead of through the rejected queue.
fn parcel(body: &[u8], traceparent: Option<&str>) -> Result<Parcel, String> {
    let message = TaskMessage::parse(body).map_err(|malformed| malformed.to_string())?;
    let text = std::str::from_utf8(body).map_err(|error| format!("body: {error}"))?;
    let lane = message.bureau.zip(message.account);
    Ok(Parcel::Task {
        body: text.into(),
        message_id: message.task_id.to_string(),
        lane: lane.map(|(bureau, account)| LaneKey { bureau, account }),
        traceparent: traceparent.map(str::to_owned),
    })
}
