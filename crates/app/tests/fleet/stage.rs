//! What a test stands on: servers of its own, a bureau in its process, and a publisher.

use crate::{
    process::{Addresses, Role, Worker, succeed},
    town::Town,
};
use bus::{Bus, LinkHealth, LinkState};
use domain::bureau::LaneKey;
use fleet::ports::bus::{Parcel, Post};
use rig::{Database, NumberedDatabase, Postgres, RabbitMq, Redis, Vhost};
use serde_json::{Value, json};
use simulator::Simulator;
use std::{
    cell::Cell,
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::MissedTickBehavior,
};
use uuid::Uuid;

/// Ends a test that hangs; no test's outcome depends on how long something takes.
pub(crate) const HANGS: Duration = Duration::from_secs(120);
/// How often it is looked whether something has come true.
const LOOK: Duration = Duration::from_millis(200);
/// Messages published in one go.
const AT_ONCE: usize = 500;

/// Servers, bureau and publisher of one test.
pub(crate) struct Stage {
    pub(crate) database: Database,
    pub(crate) vhost: Vhost,
    pub(crate) redis: NumberedDatabase,
    pub(crate) bureau: Simulator,
    pub(crate) at: Addresses,
    bus: Bus,
    folder: TempDir,
    workers: Cell<u32>,
}

impl Stage {
    /// Opens everything; the town is imported and its bureau runs.
    pub(crate) async fn open(town: &Town) -> Stage {
        Stage::on(town, rig::Postgres::shared().await.expect("PostgreSQL")).await
    }

    /// As [`Stage::open`], on a database server that the test may kill.
    pub(crate) async fn on(town: &Town, server: &Postgres) -> Stage {
        let broker = rig::RabbitMq::shared().await.expect("RabbitMQ");
        let cache = rig::Redis::shared().await.expect("Redis");
        Stage::on_servers(town, server, broker, cache).await
    }

    /// As [`Stage::open`], on servers that the test may kill.
    pub(crate) async fn on_servers(
        town: &Town,
        server: &Postgres,
        broker: &RabbitMq,
        cache: &Redis,
    ) -> Stage {
        let database = server.database().await.expect("a database");
        let vhost = broker.vhost().await.expect("vhost");
        let redis = cache.database().await.expect("a number");
        let bureau = bureau_of(town).await;
        let folder = TempDir::new().expect("a folder");
        let at = Addresses {
            database: database.url().to_owned(),
            amqp: vhost.url().to_owned(),
            redis: redis.url().to_owned(),
            bureau: bureau.url(),
        };
        import(town, &at, &folder).await;
        let bus = publisher(&at.amqp).await;
        Stage { database, vhost, redis, bureau, at, bus, folder, workers: Cell::new(0) }
    }

    /// A worker with these settings beside the defaults; switches are free.
    pub(crate) fn worker(&self, settings: &[&str]) -> Worker {
        self.serve(Role::Worker, settings)
    }

    fn serve(&self, role: Role, settings: &[&str]) -> Worker {
        self.workers.set(self.workers.get() + 1);
        let mut all = free_switches();
        all.extend(settings.iter().map(|&setting| setting.to_owned()));
        Worker::serve(role, &self.at, &all, self.folder.path(), self.workers.get())
    }

    /// A worker with a console; returns with its address.
    pub(crate) async fn console(&self, settings: &[&str]) -> (Worker, String) {
        let settings: Vec<&str> = settings.iter().copied().chain(["log.format=json"]).collect();
        let worker = self.serve(Role::WorkerAndConsole, &settings);
        worker.until_logged("\"listening\"").await;
        let log = worker.log();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let addresses: Vec<String> =
            lines.filter_map(|line| Some(line["fields"]["address"].as_str()?.to_owned())).collect();
        (worker, addresses.first().expect("it says where it listens").clone())
    }

    /// Where this test's files are.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Publishes and waits for every confirm.
    pub(crate) async fn publish(&self, tasks: &[Task]) {
        publish(&self.bus, tasks).await;
    }

    /// Waits until this condition holds in the database.
    pub(crate) async fn until(&self, what: &str, condition: &str) {
        until(&self.database, what, condition).await;
    }

    /// Waits until so many published tasks are logged, and they and what followed from them are
    /// final.
    pub(crate) async fn until_all_ended(&self, tasks: usize) {
        let over = format!(
            "count(*) FILTER (WHERE kind <> 'invoice_use_query') = {tasks}
                 AND count(*) FILTER (WHERE finished_at IS NULL) = 0 FROM task_log"
        );
        self.until("every task ends", &over).await;
    }

    /// One task's row of the log.
    pub(crate) async fn row(&self, task: &Task) -> Row {
        let columns = "state, shown_state, reason, attempts, invoices_succeeded, unknown";
        let select = format!("SELECT {columns} FROM task_log WHERE task_id = '{}'", task.id);
        let mut rows = self.database.rows(&select).await.expect("the log can be read");
        assert_eq!(rows.len(), 1, "{} stands in the log once", task.id);
        let mut values = rows.remove(0).into_iter();
        let mut next = || values.next().expect("a column");
        Row {
            state: next(),
            shown: next(),
            reason: next(),
            attempts: next(),
            succeeded: next(),
            unknown: next() == "t",
        }
    }

    /// The only value of a query.
    pub(crate) async fn value(&self, query: &str) -> String {
        let rows = self.database.rows(query).await.expect("the query runs");
        rows.first().and_then(|row| row.first()).cloned().unwrap_or_default()
    }

    /// `outcome` of each invoice in the ledger, by number.
    pub(crate) async fn ledger(&self, task: &Task) -> BTreeMap<String, String> {
        let lines = format!("SELECT invoice_no, outcome FROM ledger WHERE task_id = '{}'", task.id);
        let rows = self.database.rows(&lines).await.expect("the ledger can be read");
        let count = rows.len();
        let lines: BTreeMap<_, _> =
            rows.into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
        assert_eq!(lines.len(), count, "one line per invoice of {}", task.id);
        lines
    }

    /// Takes every message of a queue: body and headers.
    pub(crate) async fn take_all(&self, queue: &str) -> Vec<Message> {
        let how = json!({"count": 1000, "ackmode": "ack_requeue_false", "encoding": "auto"});
        let rest = format!("{queue}/get");
        let got = self.vhost.manage("POST", "queues", &rest, &how.to_string()).await;
        let got: Vec<Value> =
            serde_json::from_str(&got.expect("the queue is there")).expect("JSON");
        got.into_iter().map(Message::of).collect()
    }

    /// Takes messages of a queue until there are so many.
    pub(crate) async fn take(&self, queue: &str, count: usize) -> Vec<Message> {
        let mut all = Vec::new();
        look_until(&format!("{count} messages stand in {queue}"), async || {
            all.extend(self.take_all(queue).await);
            all.len() >= count
        })
        .await;
        assert_eq!(all.len(), count, "{queue}: {all:?}");
        all
    }

    /// Publishes with an operator's tool; the message must reach a queue.
    pub(crate) async fn send(&self, exchange: &str, key: &str, message: &Message) {
        let body = json!({
            "routing_key": key,
            "payload": message.body,
            "payload_encoding": message.encoding,
            "properties": message.properties,
        });
        let rest = format!("{exchange}/publish");
        let answer = self.vhost.manage("POST", "exchanges", &rest, &body.to_string()).await;
        let answer: Value = serde_json::from_str(&answer.expect("published")).expect("JSON");
        assert_eq!(answer["routed"], json!(true), "{exchange} {key} leads to a queue");
    }

    /// A durable queue that an exchange leads to.
    pub(crate) async fn bind(&self, exchange: &str, key: &str, queue: &str) {
        let durable = json!({"durable": true}).to_string();
        self.vhost.manage("PUT", "queues", queue, &durable).await.expect("declared");
        let rest = format!("e/{exchange}/q/{queue}");
        let key = json!({"routing_key": key}).to_string();
        self.vhost.manage("POST", "bindings", &rest, &key).await.expect("bound");
    }
}

/// What the log says of one task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) state: String,
    pub(crate) shown: String,
    pub(crate) reason: String,
    pub(crate) attempts: String,
    pub(crate) succeeded: String,
    pub(crate) unknown: bool,
}

/// A message as RabbitMQ's own tools show it.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) body: String,
    encoding: String,
    pub(crate) properties: Value,
}

impl Message {
    fn of(got: Value) -> Message {
        let text = |name: &str| got[name].as_str().unwrap_or_default().to_owned();
        Message {
            body: text("payload"),
            encoding: text("payload_encoding"),
            properties: got["properties"].clone(),
        }
    }

    pub(crate) fn text(body: impl Into<String>) -> Message {
        let properties = json!({"delivery_mode": 2, "content_type": "application/json"});
        Message { body: body.into(), encoding: "string".to_owned(), properties }
    }

    /// Bytes in base64.
    pub(crate) fn bytes(base64: &str) -> Message {
        Message { encoding: "base64".to_owned(), ..Message::text(base64) }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("the body is JSON")
    }

    /// Why it was rejected, or failed.
    pub(crate) fn reason(&self) -> &str {
        self.properties["headers"]["x-gouxuan-reason"].as_str().unwrap_or_default()
    }
}

/// A task to publish.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) id: Uuid,
    pub(crate) body: Value,
    lane: Option<LaneKey>,
    traceparent: Option<String>,
}

impl Task {
    /// A task of this kind with an id that no other task of this process has.
    pub(crate) fn new(kind: &str, tax_no: &str, invoices: &[&Value]) -> Task {
        static COUNT: AtomicU64 = AtomicU64::new(1);
        let id = Uuid::from_u128(COUNT.fetch_add(1, Ordering::Relaxed).into());
        let body = json!({"task_id": id, "kind": kind, "tax_no": tax_no, "invoices": invoices});
        Task { id, body, lane: None, traceparent: None }
    }

    /// For this account, by its lane.
    pub(crate) fn to(mut self, lane: &LaneKey) -> Task {
        self.body["account"] = lane.account.to_string().into();
        self.lane = Some(lane.clone());
        self
    }

    /// With one more field.
    pub(crate) fn with(mut self, field: &str, value: impl Into<Value>) -> Task {
        self.body[field] = value.into();
        self
    }

    /// In this W3C trace.
    pub(crate) fn traced(mut self, traceparent: &str) -> Task {
        self.traceparent = Some(traceparent.to_owned());
        self
    }

    fn parcel(&self) -> Parcel {
        Parcel::Task {
            body: self.body.to_string().into(),
            message_id: self.id.to_string(),
            lane: self.lane.clone(),
            traceparent: self.traceparent.clone(),
        }
    }
}

/// A counter of the process that listens there.
pub(crate) async fn counter(address: &str, name: &str) -> u64 {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let request = format!("GET /metrics HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("it answers");
    let value = answer.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    // What was never counted is not there.
    value.map_or(0, |value| value.trim().parse().expect("a whole number"))
}

/// The simulated bureau of a town, in this process.
pub(crate) async fn bureau_of(town: &Town) -> Simulator {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    simulator::serve(listener, town.world(), simulator::Options::default()).expect("it serves")
}

/// `gouxuan migrate` and `gouxuan world import`.
pub(crate) async fn import(town: &Town, at: &Addresses, folder: &TempDir) {
    let file = folder.path().join("world.json");
    std::fs::write(&file, town.file()).expect("the world file can be written");
    let file = file.to_string_lossy().into_owned();
    succeed(&["migrate", "--database-url", &at.database]).await;
    succeed(&["world", "import", &file, "--database-url", &at.database]).await;
}

/// Limits of switching off, as the town's bureau has none.
pub(crate) fn free_switches() -> Vec<String> {
    vec!["switch.per_hour=0".to_owned(), "switch.per_day=0".to_owned()]
}

/// A publisher as an upstream service has one. It consumes nothing.
pub(crate) async fn publisher(url: &str) -> Bus {
    let settings = bus::Settings::new(url).expect("the broker's address");
    let bus = Bus::start(settings, Uuid::from_u128(1));
    let up = |link: &LinkHealth| link.state == LinkState::Up;
    let up = bus.when(|health| up(&health.publishing) && up(&health.consuming));
    tokio::time::timeout(HANGS, up).await.expect("both connections come up");
    bus
}

/// Publishes, again under the same ids, until every one is confirmed.
pub(crate) async fn publish(bus: &Bus, tasks: &[Task]) {
    for some in tasks.chunks(AT_ONCE) {
        let mut parcels: Vec<Parcel> = some.iter().map(Task::parcel).collect();
        while !parcels.is_empty() {
            let results = bus.send(parcels.clone()).await;
            let unsent = parcels.into_iter().zip(results).filter(|(_, result)| result.is_err());
            parcels = unsent.map(|(parcel, _)| parcel).collect();
        }
    }
}

/// Waits until this condition holds in the database.
async fn until(database: &Database, what: &str, condition: &str) {
    if !until_within(HANGS, database, condition).await {
        let open =
            "SELECT task_id, kind, state, reason FROM task_log WHERE finished_at IS NULL LIMIT 20";
        panic!("hangs: {what}; unfinished: {:?}", database.rows(open).await);
    }
}

/// Waits until this condition holds in the database, so long at most; whether it does.
pub(crate) async fn until_within(most: Duration, database: &Database, condition: &str) -> bool {
    let condition = format!("SELECT {condition}");
    let looking = looking(async || {
        let rows = database.rows(&condition).await.expect("the database answers");
        rows.first().is_some_and(|row| row[0] == "t")
    });
    tokio::time::timeout(most, looking).await.is_ok()
}

/// Looks again and again until it is so.
pub(crate) async fn look_until(what: &str, is_so: impl AsyncFnMut() -> bool) {
    if tokio::time::timeout(HANGS, looking(is_so)).await.is_err() {
        panic!("hangs: {what}");
    }
}

async fn looking(mut is_so: impl AsyncFnMut() -> bool) {
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        if is_so().await {
            return;
        }
    }
}
