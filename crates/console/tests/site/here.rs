//! A site on memory ports, with a clock that stands still.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use console::{Door, Health, Line, Site};
use domain::{Moment, ids::TaskId, secret::SecretName, task::StateName, world::World};
use fleet::{
    desk::Desk,
    intake::Intake,
    memory::{LocalBus, MemoryFiles, MemoryStatistics, MemoryStore},
    meter::Meter,
    ports::{
        Store,
        bus::{BusAway, Parcel, Post},
        clock::{Chance, Clock},
        secrets::{NotSealed, Password, Sealed, Vault},
    },
    settings::Settings,
};
use serde_json::{Value, json};
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};
use tower::ServiceExt;
use uuid::Uuid;

pub(crate) const TAX_NO: &str = "91440300MA5G9GK78Y";
pub(crate) const NOW: &str = "2025-12-01T01:00:00Z";
pub(crate) const WORLD: &str = r#"{
  "taxpayers": [{"tax_no": "91440300MA5G9GK78Y", "bureau": "440300"}],
  "accounts": [{"bureau": "440300", "account": "13800000001", "login": "manual", "online": true,
                "serves": [{"tax_no": "91440300MA5G9GK78Y"}]}],
  "invoices": [{"buyer_tax_no": "91440300MA5G9GK78Y", "invoice_type": "27",
                "invoice_no": "23442000000164214335", "invoice_date": "2025-11-03",
                "amount": "235.64"}]
}"#;

#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Moment {
        NOW.parse().expect("a time")
    }
}

/// Ids that count up.
#[derive(Debug, Default)]
struct Counting(AtomicU64);

impl Chance for Counting {
    fn unit(&self) -> f64 {
        0.5
    }

    fn id(&self, _: Moment) -> Uuid {
        Uuid::from_u128(0xf000_0000 + u128::from(self.0.fetch_add(1, Ordering::Relaxed)))
    }
}

/// Turns a secret's bytes around: enough to see that it is not kept as it came.
#[derive(Debug)]
struct Mirror;

impl Vault for Mirror {
    fn seal(&self, _: &SecretName, secret: &Password) -> Result<Sealed, NotSealed> {
        Ok(Sealed(secret.spoken().bytes().rev().collect()))
    }

    fn open(&self, _: &SecretName, sealed: &Sealed) -> Option<Password> {
        String::from_utf8(sealed.0.iter().rev().copied().collect()).ok().map(Password::new)
    }
}

/// A broker that confirms, or is away.
#[derive(Debug, Default)]
pub(crate) struct Broker {
    pub away: bool,
    pub sent: Mutex<Vec<Parcel>>,
}

#[async_trait::async_trait]
impl Post for Broker {
    async fn send(&self, parcels: Vec<Parcel>) -> Vec<Result<(), BusAway>> {
        let answer = if self.away { Err(BusAway("no confirm".into())) } else { Ok(()) };
        let answers = parcels.iter().map(|_| answer.clone()).collect();
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).extend(parcels);
        answers
    }
}

#[derive(Debug)]
struct Fine(bool);

#[async_trait::async_trait]
impl Health for Fine {
    async fn lines(&self) -> Vec<Line> {
        if self.0 {
            vec![Line::good("bus", "connected")]
        } else {
            vec![Line::bad("bus", "publishing is blocked: memory; see the broker's alarms")]
        }
    }
}

/// A site and what is behind it.
pub(crate) struct Here {
    pub site: Site,
    pub broker: Arc<Broker>,
}

impl Here {
    /// With the world imported, no worker, and no broker.
    pub(crate) async fn new() -> Here {
        Here::with(Door::Log, Broker::default()).await
    }

    pub(crate) async fn with(door: Door, broker: Broker) -> Here {
        let clock: Arc<dyn Clock> = Arc::new(Still);
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new(clock.clone()));
        let (bus, broker) = (Arc::new(LocalBus::new()), Arc::new(broker));
        let desk = Desk {
            store: store.clone(),
            post: broker.clone(),
            bell: bus.clone(),
            clock: clock.clone(),
            chance: Arc::new(Counting::default()),
        };
        let intake = Intake {
            store: store.clone(),
            statistics: Arc::new(MemoryStatistics::new(clock.clone())),
            post: broker.clone(),
            bell: bus,
            clock,
            settings: Arc::new(Settings::default()),
            meter: Arc::new(Meter::new()),
        };
        let world = World::parse(WORLD.as_bytes()).expect("a world");
        store.import(&world, 8).await.expect("imported");
        let metrics = Arc::new(|| "gouxuan_test_total 1\n".to_owned());
        let health = Arc::new(Fine(!broker.away));
        let files = Arc::new(MemoryFiles::default());
        let vault: Option<Arc<dyn Vault>> = Some(Arc::new(Mirror));
        let site = Site {
            desk,
            intake,
            store,
            files,
            health,
            metrics,
            door,
            vault,
            leqi_width: 8,
            hide_forbidden: false,
        };
        Here { site, broker }
    }

    pub(crate) fn router(&self) -> Router {
        console::router(self.site.clone())
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        Answer::of(self.router(), request).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(path, "application/json", body.to_string()).await
    }

    pub(crate) async fn send(&self, path: &str, content_type: &str, body: String) -> Answer {
        let request = Request::post(path).header("content-type", content_type);
        Answer::of(self.router(), request.body(Body::from(body)).expect("a request")).await
    }

    /// A task that waits.
    pub(crate) async fn waiting(&self, number: u128) -> Uuid {
        let answer = self.post("/api/v1/tasks", query_task(number)).await;
        assert_eq!(answer.json["outcomes"][0]["outcome"], "waiting", "{answer:?}");
        Uuid::from_u128(number)
    }

    /// A task that was refused, and may be tried again.
    pub(crate) async fn refused(&self, number: u128) -> Uuid {
        let task = json!({"task_id": Uuid::from_u128(number), "kind": "deduction_select",
            "tax_no": TAX_NO, "invoices": [{"invoice_type": "01", "invoice_code": "4403",
            "invoice_no": "404"}]});
        let answer = self.post("/api/v1/tasks", task).await;
        assert_eq!(answer.json["outcomes"][0]["outcome"], "ended", "{answer:?}");
        let card = self.site.store.card(TaskId(Uuid::from_u128(number))).await.expect("a store");
        assert_eq!(card.map(|card| card.row.state), Some(StateName::Refused));
        Uuid::from_u128(number)
    }
}

pub(crate) fn query_task(number: u128) -> Value {
    json!({"task_id": Uuid::from_u128(number), "kind": "invoice_download", "tax_no": TAX_NO,
        "batch_id": "b<1>"})
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub text: String,
    /// Null when it is not JSON.
    pub json: Value,
}

impl Answer {
    pub(crate) async fn of(router: Router, request: Request<Body>) -> Answer {
        let response = router.oneshot(request).await.expect("infallible");
        let status = response.status();
        let bytes = to_bytes(response.into_body(), 1 << 24).await.expect("a body");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let json = serde_json::from_str(&text).unwrap_or_default();
        Answer { status, text, json }
    }

    /// A problem for the caller, whose sentence begins like this.
    pub(crate) fn refuses(&self, status: u16, code: &str, sentence: &str) {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.json["code"], code, "{self:?}");
        let said = self.json["sentence"].as_str().unwrap_or_default();
        assert!(said.starts_with(sentence), "{self:?}");
        assert!(["caller", "operator", "us"].contains(&self.json["who"].as_str().unwrap_or("")));
    }
}
