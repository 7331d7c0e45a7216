//! What becomes of deliveries that cannot be taken, on memory ports.

use super::{Incoming, Intake};
use crate::{
    contract::scene::{ALPHA, LEQI_WIDTH, world},
    memory::{LocalBus, MemoryStatistics, MemoryStore},
    meter::Meter,
    ports::{bus::RefusedDuplicate, clock::Clock, roster::Roster},
    settings::Settings,
};
use domain::Moment;
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Moment {
        "2025-12-01T01:00:00Z".parse().expect("a time")
    }
}

struct Door {
    intake: Intake,
    bus: Arc<LocalBus>,
}

impl Door {
    async fn open() -> Door {
        let clock = Arc::new(Still);
        let store = Arc::new(MemoryStore::new(clock.clone()));
        store.import(&world(), LEQI_WIDTH).await.expect("imported");
        let bus = Arc::new(LocalBus::new());
        let intake = Intake {
            store,
            statistics: Arc::new(MemoryStatistics::new(clock.clone())),
            post: bus.clone(),
            bell: bus.clone(),
            clock,
            settings: Arc::new(Settings::default()),
            meter: Arc::new(Meter::new()),
        };
        Door { intake, bus }
    }

    /// A delivery comes, and is taken or rejected before it would be acknowledged.
    async fn deliver(&self, message: &Value) {
        let incoming = Incoming {
            body: message.to_string().into_bytes().into(),
            traceparent: None,
            routing_key: "intake".to_owned(),
        };
        self.intake.take_for_certain(&[incoming]).await;
    }

    fn told(&self) -> Vec<RefusedDuplicate> {
        self.bus.refused_duplicates()
    }
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn query(number: u128) -> Value {
    json!({"task_id": id(number), "kind": "period_query", "tax_no": ALPHA, "batch_id": "b"})
}

/// Refused by the rules: its invoice is not in the pool.
fn refused(number: u128) -> Value {
    json!({"task_id": id(number), "kind": "deduction_select", "tax_no": ALPHA,
        "invoices": [{"invoice_type": "27", "invoice_no": "404"}]})
}

fn with(mut message: Value, field: &str, value: impl Into<Value>) -> Value {
    message[field] = value.into();
    message
}

fn data(event: &RefusedDuplicate) -> Value {
    serde_json::from_str(&event.data).expect("JSON")
}

#[tokio::test]
async fn a_used_id_is_told_with_an_id_that_redelivery_does_not_change() {
    let door = Door::open().await;
    door.deliver(&query(1)).await;
    door.deliver(&query(1)).await;
    assert_eq!(door.told(), [], "a repetition is no mistake");

    let other = with(query(1), "batch_id", "another");
    door.deliver(&other).await;
    door.deliver(&other).await;
    let third = with(query(1), "batch_id", "a third");
    door.deliver(&third).await;
    let told = door.told();
    let ids: Vec<&str> = told.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(ids.len(), 3, "{ids:?}");
    assert_eq!(ids[0], ids[1], "the same message again");
    assert_ne!(ids[0], ids[2], "another message");
    assert!(ids[0].starts_with(&format!("{}/refused/", id(1))), "{ids:?}");
    assert_eq!(told[0].bureau.map(|bureau| bureau.to_string()).as_deref(), Some("440300"));
    let data = data(&told[0]);
    assert_eq!(data["task_id"], id(1).to_string());
    assert_eq!((&data["kind"], &data["batch_id"]), (&json!("period_query"), &json!("another")));
    assert_eq!(data["first_logged_at"], "2025-12-01T01:00:00Z");
    let reason = data["reason"].as_str().unwrap_or_default();
    assert!(reason.starts_with("task_id: was used for another task on "), "{reason}");
    assert_eq!(door.bus.rejected().len(), 3, "the message itself is set aside too");
}

#[tokio::test]
async fn a_second_retry_is_told_and_names_the_first() {
    let door = Door::open().await;
    door.deliver(&refused(1)).await;
    door.deliver(&with(refused(2), "retry_of", id(1).to_string())).await;
    assert_eq!(door.told(), []);
    door.deliver(&with(refused(3), "retry_of", id(1).to_string())).await;
    let told = door.told();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].task.0, id(3));
    let data = data(&told[0]);
    assert_eq!((&data["retry_of"], &data["retry"]), (&json!(id(1)), &json!(id(2))));
    assert!(data.get("first_logged_at").is_none(), "{data}");
}

#[tokio::test]
async fn what_is_refused_for_another_reason_is_no_duplicate() {
    let door = Door::open().await;
    door.deliver(&json!({"task_id": id(1), "kind": "no_such_kind"})).await;
    door.deliver(&with(refused(2), "retry_of", id(77).to_string())).await;
    door.deliver(&query(3)).await;
    door.deliver(&with(query(4), "retry_of", id(3).to_string())).await;
    assert_eq!(door.bus.rejected().len(), 3, "{:?}", door.bus.rejected());
    assert_eq!(door.told(), []);
}
