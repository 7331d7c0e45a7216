//! `docs/asyncapi.json` is written from the names and types that the code uses. It fails when the
//! file is stale; `UPDATE_DOCS=1` writes it anew.

use bus::{EVENT_CONTENT_TYPE, OFFLINE, ONLINE, SOURCE, TASK_CONTENT_TYPE, topology};
use domain::{bureau::BUREAUS, kind::Kind, task::limits, writeback::limits as writeback};
use fleet::ports::outbox::EventKind;
use serde_json::{Map, Value, json};
use std::path::Path;

const EVENTS: [EventKind; 7] = [
    EventKind::Succeeded,
    EventKind::Failed,
    EventKind::Cancelled,
    EventKind::Parked,
    EventKind::Resumed,
    EventKind::RefusedDuplicate,
    EventKind::BatchFinished,
];

#[test]
fn the_asyncapi_document_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/asyncapi.json");
    let mut fresh = serde_json::to_string_pretty(&document()).expect("a document");
    fresh.push('\n');
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &fresh).expect("docs/asyncapi.json can be written");
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == fresh, "docs/asyncapi.json is stale: run this test with UPDATE_DOCS=1");
}

fn document() -> Value {
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "gouxuan over RabbitMQ",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Tasks in, result events out, news of accounts, and write-backs of business documents. Names and meanings are stable; fields may be added. docs/bus.md tells the reasons."
        },
        "defaultContentType": TASK_CONTENT_TYPE,
        "channels": channels(),
        "operations": operations(),
        "components": { "messages": messages(), "schemas": schemas() }
    })
}

fn exchange(name: &str, kind: &str, description: &str, messages: &[&str]) -> Value {
    json!({
        "address": name,
        "description": description,
        "messages": references(messages),
        "bindings": {"amqp": {"is": "routingKey",
            "exchange": {"name": name, "type": kind, "durable": true, "autoDelete": false}}}
    })
}

fn queue(name: &str, description: &str, messages: &[&str]) -> Value {
    json!({
        "address": name,
        "description": description,
        "messages": references(messages),
        "bindings": {"amqp": {"is": "queue",
            "queue": {"name": name, "durable": true, "exclusive": false, "autoDelete": false}}}
    })
}

fn references(messages: &[&str]) -> Value {
    let reference = |name: &&str| {
        ((*name).to_owned(), json!({"$ref": format!("#/components/messages/{name}")}))
    };
    Value::Object(messages.iter().map(reference).collect())
}

fn channels() -> Value {
    let kept = format!("The newest {} are kept; nobody has to empty it.", topology::KEPT);
    json!({
        "tasks": exchange(topology::TASKS, "direct",
            &format!("Routing key <bureau>.<account>, or \"{}\" when no account is named. The body decides which lane a task belongs to; a key that no queue is bound for leads to {}.",
                topology::INTAKE_KEY, topology::INTAKE), &["task"]),
        "intake": queue(topology::INTAKE, "Tasks without an account, under a city's code, or for a lane without a queue yet.", &["task"]),
        "rejected": queue(topology::REJECTED, &format!("Messages that could not be read, as they came. {kept}"), &["rejected"]),
        "failed": queue(topology::FAILED, &format!("For each failed task a message that tries it again when moved to {}; one retry per task, for ever. {kept}", topology::TASKS), &["failed"]),
        "events": exchange(topology::EVENTS, "topic",
            "Routing key task.<what>.<bureau> or batch.finished.<bureau>; \"none\" stands for a bureau that is not known. At least once: id is the same for every repetition, sequence rises per task.", &["event"]),
        "accounts": exchange(topology::ACCOUNTS, "fanout", "News of accounts, from a robot or another system. The queue of the same name may be published to as well.", &["account"]),
        "writeback": exchange(topology::WRITEBACK, "fanout", &format!("What business documents tell the invoice pool. The queue of the same name may be published to as well. What cannot be taken (unreadable, refused, or of an invoice that is not in the pool) goes to {} with its reason.", topology::REJECTED), &["writeback"])
    })
}

fn operations() -> Value {
    let of = |action: &str, channel: &str, summary: &str| json!({"action": action, "channel": {"$ref": format!("#/channels/{channel}")}, "summary": summary});
    json!({
        "takeTasks": of("receive", "tasks", "Logs a task; it is acknowledged once it is in the log."),
        "takeIntake": of("receive", "intake", "Logs a task from the common intake."),
        "reject": of("send", "rejected", "Sets aside what cannot be read, with its reason."),
        "offerRetry": of("send", "failed", "Offers a failed task to be tried again."),
        "tellResults": of("send", "events", "Tells what became of a task."),
        "hearAccounts": of("receive", "accounts", "Notes that an account's session began or ended."),
        "takeWritebacks": of("receive", "writeback", "Writes into the pool how an invoice stands in the books; in any order, and as often as it comes.")
    })
}

fn messages() -> Value {
    let string = || json!({"type": "string"});
    let headers = |names: &[&str]| {
        let properties: Map<_, _> =
            names.iter().map(|name| ((*name).to_owned(), string())).collect();
        json!({"type": "object", "properties": properties})
    };
    let message = |content_type: &str, headers: Value, schema: &str| {
        json!({"contentType": content_type, "headers": headers,
            "payload": {"$ref": format!("#/components/schemas/{schema}")}})
    };
    let trace = topology::TRACEPARENT_HEADER;
    let reason = topology::REASON_HEADER;
    json!({
        "task": message(TASK_CONTENT_TYPE, headers(&[trace]), "task"),
        "failed": message(TASK_CONTENT_TYPE, headers(&[reason, trace]), "task"),
        "rejected": {"headers": headers(&[reason, topology::ROUTING_KEY_HEADER]),
            "payload": {"description": "Whatever came, byte for byte."}},
        "event": message(EVENT_CONTENT_TYPE, headers(&[trace]), "event"),
        "account": message(EVENT_CONTENT_TYPE, headers(&[]), "account"),
        "writeback": message(TASK_CONTENT_TYPE, headers(&[]), "writeback")
    })
}

fn schemas() -> Value {
    let kinds: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    let types: Vec<_> = EVENTS.iter().map(|kind| kind.type_name()).collect();
    let bureaus: Vec<_> = BUREAUS.iter().map(|(code, _)| code.to_string()).collect();
    let time = json!({"type": "string", "format": "date-time"});
    json!({
        "task": {
            "type": "object",
            "required": ["task_id", "kind", "tax_no"],
            "description": format!("The task message; its JSON Schema has all fields. At most {} bytes and {} invoices.", limits::BODY_BYTES, limits::INVOICES),
            "properties": {
                "task_id": {"type": "string", "format": "uuid", "description": "The idempotency key; message_id is the same."},
                "kind": {"enum": kinds},
                "tax_no": {"type": "string"},
                "retry_of": {"type": ["string", "null"], "format": "uuid"}
            }
        },
        "event": {
            "type": "object",
            "required": ["specversion", "id", "source", "type", "subject", "time", "sequence", "data"],
            "properties": {
                "specversion": {"const": "1.0"},
                "id": {"type": "string", "description": "<task_id>/<sequence>, for a refused duplicate <task_id>/refused/<beginning of the body's hash>; message_id is the same."},
                "source": {"const": SOURCE},
                "type": {"enum": types},
                "subject": {"type": "string", "format": "uuid", "description": "The task's id."},
                "time": time,
                "datacontenttype": {"const": "application/json"},
                "sequence": {"type": "integer", "description": "Rises per task, from 1; 0 for a refused duplicate, which is no part of a task's history."},
                "traceparent": {"type": "string"},
                "data": {"type": "object", "description": "Of a task: task_id, kind, tax_no, state, shown_state, reason, batch_id, retry_of, unknown, and the lists succeeded and failed of invoices. Of a refused duplicate: task_id, kind, tax_no, batch_id, retry_of, reason, and first_logged_at (task_id was used for another body then) or retry (the task that tries retry_of again). Of a batch: batch_id, tasks."}
            }
        },
        "writeback": {
            "type": "object",
            "required": ["document_id", "version", "time", "what", "tax_no", "invoice_no"],
            "description": format!("One invoice of one business document; its JSON Schema, writeback.schema.json, has all fields. At most {} bytes.", writeback::BODY_BYTES),
            "properties": {
                "document_id": {"type": "string"},
                "version": {"type": "integer", "description": "Rises with every change of the document; an older one does nothing."},
                "time": time,
                "what": {"enum": ["submitted", "voucher_made", "voucher_deleted"]},
                "tax_no": {"type": "string"},
                "invoice_no": {"type": "string"}
            }
        },
        "account": {
            "type": "object",
            "required": ["type", "data"],
            "properties": {
                "type": {"enum": [ONLINE, OFFLINE]},
                "time": time,
                "data": {
                    "type": "object",
                    "required": ["bureau", "account"],
                    "properties": {
                        "bureau": {"type": "string", "description": "A bureau's code, or a city's of its region.", "examples": bureaus},
                        "account": {"type": "string"},
                        "time": time,
                        "until": {"type": ["string", "null"], "format": "date-time", "description": "When the session ends by itself, if known."}
                    }
                }
            }
        }
    })
}
