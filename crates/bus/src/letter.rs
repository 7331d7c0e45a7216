//! What a parcel becomes on the wire. Pure.

use crate::topology::{
    EVENTS, FAILED, INTAKE_KEY, REASON_HEADER, REJECTED, ROUTING_KEY_HEADER, TASKS,
    TRACEPARENT_HEADER,
};
use domain::{Moment, bureau::BureauCode, ids::TaskId};
use fleet::ports::{
    bus::{Parcel, RefusedDuplicate},
    outbox::{EventKind, OutboxEvent},
};
use lapin::{
    BasicProperties,
    types::{AMQPValue, FieldTable, LongString, ShortString},
};
use serde::Serialize;
use serde_json::value::RawValue;
use std::sync::Arc;

/// Content type of an event in structured mode.
pub const EVENT_CONTENT_TYPE: &str = "application/cloudevents+json";
/// Content type of a task message.
pub const TASK_CONTENT_TYPE: &str = "application/json";
/// The CloudEvents `source` of everything that we publish.
pub const SOURCE: &str = "/gouxuan";
/// Bytes of a short string on the wire (`message_id`, routing key).
const SHORT: usize = 255;
/// Bytes of a reason in a header: the header must fit into one frame.
const REASON: usize = 2_000;
const PERSISTENT: u8 = 2;
/// The sequence of an event that is no part of its task's history, which begins with 1.
const OUTSIDE: i32 = 0;

/// One message to publish.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    pub(crate) exchange: &'static str,
    pub(crate) routing_key: ShortString,
    pub(crate) body: Arc<[u8]>,
    pub(crate) properties: BasicProperties,
    /// Must reach a queue, or it counts as not sent.
    pub(crate) mandatory: bool,
}

/// An event in the CloudEvents 1.0 JSON format.
#[derive(Debug, Serialize)]
struct CloudEvent<'a> {
    specversion: &'static str,
    id: &'a str,
    source: &'static str,
    #[serde(rename = "type")]
    type_name: &'static str,
    subject: String,
    time: Moment,
    datacontenttype: &'static str,
    /// Rises per task: repeats and late ones can be told.
    sequence: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    traceparent: Option<&'a str>,
    data: &'a RawValue,
}

/// The messages of a parcel, in the order in which they are to go. Err: the parcel's own data
/// cannot be sent, whatever the broker does.
pub(crate) fn letters(parcel: &Parcel) -> Result<Vec<Letter>, String> {
    match parcel {
        Parcel::Event { event, failed } => {
            let mut letters = vec![event_letter(event)?];
            letters.extend(failed.as_ref().map(|body| failed_letter(event, body)));
            Ok(letters)
        }
        Parcel::Rejected { body, routing_key, reason, message_id } => {
            Ok(vec![rejected_letter(body.clone(), routing_key, reason, message_id)])
        }
        Parcel::RefusedDuplicate(refused) => Ok(vec![refused_letter(refused)?]),
        Parcel::Task { body, message_id, lane, traceparent } => {
            let key = lane.as_ref().map_or(INTAKE_KEY.to_owned(), |lane| lane.routing_key());
            let headers = traceparent.as_deref().map(|trace| (TRACEPARENT_HEADER, trace));
            Ok(vec![Letter {
                exchange: TASKS,
                routing_key: short(&key),
                body: body.as_bytes().into(),
                properties: properties(TASK_CONTENT_TYPE, message_id, headers),
                mandatory: true,
            }])
        }
    }
}

/// `<task>/<sequence>`: the same for every repetition.
pub(crate) fn event_id(event: &OutboxEvent) -> String {
    format!("{}/{}", event.task, event.sequence)
}

/// `task.<what>.<bureau>`; `none` stands for a bureau that is not known.
fn event_key(kind: EventKind, bureau: Option<BureauCode>) -> String {
    let what = kind.type_name().trim_start_matches("gouxuan.");
    match bureau {
        Some(bureau) => format!("{what}.{bureau}"),
        None => format!("{what}.none"),
    }
}

/// What every event has.
struct Told<'a> {
    id: &'a str,
    kind: EventKind,
    task: TaskId,
    bureau: Option<BureauCode>,
    at: Moment,
    sequence: i32,
    data: &'a str,
    traceparent: Option<&'a str>,
}

fn event_letter(event: &OutboxEvent) -> Result<Letter, String> {
    cloud_letter(&Told {
        id: &event_id(event),
        kind: event.kind,
        task: event.task,
        bureau: event.bureau,
        at: event.at,
        sequence: event.sequence,
        data: &event.data,
        traceparent: event.traceparent.as_deref(),
    })
}

fn refused_letter(refused: &RefusedDuplicate) -> Result<Letter, String> {
    cloud_letter(&Told {
        id: &refused.id,
        kind: EventKind::RefusedDuplicate,
        task: refused.task,
        bureau: refused.bureau,
        at: refused.at,
        sequence: OUTSIDE,
        data: &refused.data,
        traceparent: refused.traceparent.as_deref(),
    })
}

fn cloud_letter(told: &Told<'_>) -> Result<Letter, String> {
    let Told { id, kind, .. } = *told;
    let data: &RawValue = serde_json::from_str(told.data)
        .map_err(|error| format!("the data of event {id} is not JSON: {error}"))?;
    let envelope = CloudEvent {
        specversion: "1.0",
        id,
        source: SOURCE,
        type_name: kind.type_name(),
        subject: told.task.to_string(),
        time: told.at,
        datacontenttype: "application/json",
        sequence: told.sequence,
        traceparent: told.traceparent,
        data,
    };
    let body = serde_json::to_vec(&envelope)
        .map_err(|error| format!("event {id} cannot be written: {error}"))?;
    let headers = told.traceparent.map(|trace| (TRACEPARENT_HEADER, trace));
    let properties = properties(EVENT_CONTENT_TYPE, id, headers).with_type(short(kind.type_name()));
    Ok(Letter {
        exchange: EVENTS,
        routing_key: short(&event_key(kind, told.bureau)),
        body: body.into(),
        properties,
        // Nobody has to listen to events.
        mandatory: false,
    })
}

fn failed_letter(event: &OutboxEvent, body: &Arc<str>) -> Letter {
    let trace = event.traceparent.as_deref().map(|trace| (TRACEPARENT_HEADER, trace));
    let headers = [(REASON_HEADER, clip(&event.reason, REASON))].into_iter().chain(trace);
    Letter {
        exchange: "",
        routing_key: short(FAILED),
        body: body.as_bytes().into(),
        properties: properties(TASK_CONTENT_TYPE, &failed_id(event, body), headers),
        mandatory: true,
    }
}

/// The fresh `task_id` in the body, as for every task message.
fn failed_id(event: &OutboxEvent, body: &str) -> String {
    #[derive(serde::Deserialize)]
    struct Named {
        task_id: String,
    }
    serde_json::from_str(body).map_or_else(|_| event_id(event), |named: Named| named.task_id)
}

pub(crate) fn rejected_letter(
    body: Arc<[u8]>,
    routing_key: &str,
    reason: &str,
    message_id: &str,
) -> Letter {
    let headers =
        [(REASON_HEADER, clip(reason, REASON)), (ROUTING_KEY_HEADER, clip(routing_key, SHORT))];
    Letter {
        exchange: "",
        routing_key: short(REJECTED),
        body,
        properties: properties(TASK_CONTENT_TYPE, message_id, headers),
        mandatory: true,
    }
}

fn properties<'a>(
    content_type: &str,
    message_id: &str,
    headers: impl IntoIterator<Item = (&'static str, &'a str)>,
) -> BasicProperties {
    let mut table = FieldTable::default();
    for (name, value) in headers {
        table.insert(name.into(), AMQPValue::LongString(LongString::from(value)));
    }
    BasicProperties::default()
        .with_content_type(short(content_type))
        .with_delivery_mode(PERSISTENT)
        .with_message_id(short(message_id))
        .with_headers(table)
}

/// A header's text, however its sender wrote it.
pub(crate) fn header(properties: &BasicProperties, name: &str) -> Option<String> {
    let headers = properties.headers().as_ref()?;
    let (_, value) = headers.into_iter().find(|(key, _)| key.as_str() == name)?;
    match value {
        AMQPValue::LongString(text) => String::from_utf8(text.as_bytes().to_vec()).ok(),
        AMQPValue::ShortString(text) => Some(text.to_string()),
        _ => None,
    }
}

fn short(text: &str) -> ShortString {
    ShortString::from(clip(text, SHORT))
}

/// At most this many bytes, cut between characters.
fn clip(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

#[cfg(test)]
mod tests {
    use super::{clip, header, letters};
    use domain::ids::TaskId;
    use fleet::ports::{
        bus::{Parcel, RefusedDuplicate},
        outbox::{EventKind, OutboxEvent},
    };
    use serde_json::{Value, json};
    use uuid::Uuid;

    fn event(kind: EventKind) -> OutboxEvent {
        OutboxEvent {
            number: 7,
            task: TaskId(Uuid::from_u128(5)),
            sequence: 3,
            kind,
            bureau: Some("440300".parse().expect("a bureau")),
            at: "2025-12-01T01:02:03Z".parse().expect("a time"),
            data: r#"{"state":"failed","n":1.10}"#.into(),
            failed_body: None,
            reason: "发票已勾选".to_owned(),
            traceparent: Some("00-1-2-01".to_owned()),
        }
    }

    #[test]
    fn an_event_is_a_cloud_event() {
        let parcel = Parcel::Event { event: event(EventKind::Parked), failed: None };
        let sent = letters(&parcel).expect("letters").remove(0);
        assert_eq!((sent.exchange, sent.mandatory), ("gouxuan.events", false));
        assert_eq!(sent.routing_key.as_str(), "task.parked.440300");
        let body: Value = serde_json::from_slice(&sent.body).expect("JSON");
        let id = "00000000-0000-0000-0000-000000000005";
        assert_eq!(
            body,
            json!({"specversion": "1.0", "id": format!("{id}/3"), "source": "/gouxuan",
                "type": "gouxuan.task.parked", "subject": id, "time": "2025-12-01T01:02:03Z",
                "datacontenttype": "application/json", "sequence": 3,
                "traceparent": "00-1-2-01", "data": {"state": "failed", "n": 1.10}})
        );
        assert_eq!(header(&sent.properties, "traceparent").as_deref(), Some("00-1-2-01"));
        // A sum of money must not be rewritten on the way.
        assert!(String::from_utf8_lossy(&sent.body).contains("1.10"));
    }

    #[test]
    fn a_failed_task_leaves_a_copy_that_retries_it() {
        let body = r#"{"task_id":"fresh","retry_of":"old"}"#;
        let parcel = Parcel::Event { event: event(EventKind::Failed), failed: Some(body.into()) };
        let sent = letters(&parcel).expect("letters").remove(1);
        assert_eq!((sent.exchange, sent.routing_key.as_str()), ("", "gouxuan.failed"));
        assert_eq!(sent.properties.message_id().as_ref().map(|id| id.as_str()), Some("fresh"));
        assert_eq!(header(&sent.properties, "x-gouxuan-reason").as_deref(), Some("发票已勾选"));
        assert_eq!(&*sent.body, body.as_bytes());
    }

    #[test]
    fn a_refused_duplicate_is_an_event_outside_the_tasks_history() {
        let refused = RefusedDuplicate {
            task: TaskId(Uuid::from_u128(5)),
            id: "00000000-0000-0000-0000-000000000005/refused/0011223344556677".to_owned(),
            bureau: None,
            at: "2025-12-01T01:02:03Z".parse().expect("a time"),
            data: r#"{"reason":"task_id: was used"}"#.into(),
            traceparent: None,
        };
        let sent = letters(&Parcel::RefusedDuplicate(refused.clone())).expect("letters").remove(0);
        assert_eq!(sent.routing_key.as_str(), "task.refused_duplicate.none");
        assert_eq!(sent.properties.message_id().as_ref().map(|id| id.as_str()), Some(&*refused.id));
        let body: Value = serde_json::from_slice(&sent.body).expect("JSON");
        assert_eq!(body["type"], "gouxuan.task.refused_duplicate");
        assert_eq!((&body["id"], &body["sequence"]), (&json!(refused.id), &json!(0)));
        assert_eq!(body["data"]["reason"], "task_id: was used");
    }

    #[test]
    fn damaged_data_is_told_and_not_sent() {
        let damaged = OutboxEvent { data: "{".into(), ..event(EventKind::Failed) };
        assert!(letters(&Parcel::Event { event: damaged, failed: None }).is_err());
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(clip("勾选", 4), "勾");
        assert_eq!(clip("勾选", 6), "勾选");
    }
}
