//! Thousands of tasks while workers, servers and connections die.

use super::{figures::Figures, judge, owners};
use crate::{
    process::{Addresses, Worker},
    stage::{Task, bureau_of, free_switches, import, publish, publisher, until_within},
    town::Town,
};
use domain::bureau::LaneKey;
use rig::{Database, Postgres, Proxy, RabbitMq, Redis};
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::Instant;

/// Workers at a time.
const WORKERS: usize = 3;
/// Kinds of the tasks of a tax number on 电子税局, in the order in which they are published: the lower class
/// often comes first.
const KINDS: [&str; 10] = [
    "invoice_download",
    "deduction_select",
    "deduction_select",
    "invoice_issuing",
    "deduction_select",
    "invoice_download",
    "deduction_select",
    "tax_filing",
    "deduction_select",
    "deduction_select",
];
/// What 乐企 can do of these.
const KINDS_OF_LEQI: [&str; 5] = [
    "invoice_download",
    "deduction_select",
    "deduction_select",
    "invoice_download",
    "deduction_select",
];

/// Whether the publisher rests while servers break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Publisher {
    Rests,
    GoesOn,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_confirmed_task_ends_whatever_dies_meanwhile() {
    storm(Publisher::Rests).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_task_is_confirmed_once_and_ends_though_servers_break_while_it_is_published() {
    storm(Publisher::GoesOn).await;
}

async fn storm(publisher_that: Publisher) {
    let figures = Figures::from_environment();
    let began = Instant::now();
    let (town, tasks) = town_and_tasks(&figures);
    let mut storm = Storm::open(&figures).await;
    let bureau = bureau_of(&town).await;
    let calls = Proxy::in_front_of(&bureau.url()).await.expect("a proxy");
    storm.at.bureau = calls.url(&bureau.url());
    import(&town, &storm.at, &storm.folder).await;
    owners::watch(&storm.database).await;
    let bus = publisher(storm.rabbit.url()).await;
    eprintln!("ready after {:.0?}", began.elapsed());

    storm.start_workers();
    let began = Instant::now();
    let share = tasks.len().div_ceil(figures.kills);
    for (round, some) in tasks.chunks(share).enumerate() {
        let ended = storm.ended().await;
        if publisher_that == Publisher::GoesOn {
            let meanwhile = async {
                storm.strike(round, &calls).await;
                storm.kill_a_worker(round).await;
            };
            tokio::join!(publish(&bus, some), meanwhile);
            storm.until_ended(ended + some.len() / 4).await;
        } else {
            publish(&bus, some).await;
            storm.until_ended(ended + some.len() / 4).await;
            storm.strike(round, &calls).await;
            storm.kill_a_worker(round).await;
        }
        eprintln!("{:.0?}: round {round}, {} tasks had ended", began.elapsed(), ended);
    }
    storm.redis.restart().await.expect("Redis comes back");
    let over = format!(
        "count(*) FILTER (WHERE kind <> 'invoice_use_query') = {}
             AND count(*) FILTER (WHERE finished_at IS NULL) = 0 FROM task_log",
        tasks.len()
    );
    storm.until_it_is_so(&over).await;
    eprintln!("all ended after {:.0?}, {} kills", began.elapsed(), storm.kills);
    for worker in &mut storm.workers {
        worker.signal("TERM").await;
        assert!(worker.ended().await.success(), "a worker drains: {}", worker.log());
    }
    assert!(storm.kills >= figures.kills.min(10), "{} kills", storm.kills);
    judge::judge(&storm.database, &bureau, &tasks).await;
}

/// Tasks of the same tax number stand together, so that they wait for each other.
fn town_and_tasks(figures: &Figures) -> (Town, Vec<Task>) {
    let mut town = Town::new();
    let leqi = |n: usize| n % 10 == 9;
    let tax_numbers: Vec<String> = (0..figures.tax_numbers)
        .map(|n| town.taxpayer(if leqi(n) { "leqi" } else { "etax" }))
        .collect();
    let mut served: Vec<Vec<&str>> = vec![Vec::new(); figures.lanes];
    let first = |n: usize| n % figures.lanes;
    // One in ten is served by two accounts.
    let second = |n: usize| if n % 10 == 3 { (n + 1) % figures.lanes } else { first(n) };
    for (n, tax_no) in tax_numbers.iter().enumerate().filter(|(n, _)| !leqi(*n)) {
        served[first(n)].push(tax_no);
        if second(n) != first(n) {
            served[second(n)].push(tax_no);
        }
    }
    let lanes: Vec<LaneKey> = served.iter().map(|served| town.account(served)).collect();
    let each = figures.tasks / figures.tax_numbers;
    let mut tasks = Vec::with_capacity(figures.tasks);
    for (n, tax_no) in tax_numbers.iter().enumerate() {
        for k in 0..each {
            let kind =
                if leqi(n) { KINDS_OF_LEQI[(n / 10 + k) % 5] } else { KINDS[(n * 7 + k * 3) % 10] };
            let selects = kind == "deduction_select";
            let count = if selects { 1 + (n + k) % 2 } else { 0 };
            let invoices: Vec<_> = (0..count).map(|_| town.invoice(tax_no)).collect();
            let task = Task::new(kind, tax_no, &invoices.iter().collect::<Vec<_>>());
            let lane = if k % 2 == 0 { first(n) } else { second(n) };
            tasks.push(if leqi(n) { task } else { task.to(&lanes[lane]) });
        }
    }
    (town, tasks)
}

/// The servers of the storm, the proxies in front of them, and the workers.
struct Storm {
    postgres: Postgres,
    rabbit: RabbitMq,
    redis: Redis,
    database: Database,
    store: Proxy,
    broker: Proxy,
    cache: Proxy,
    at: Addresses,
    folder: TempDir,
    settings: Vec<String>,
    workers: Vec<Worker>,
    started: u32,
    kills: usize,
    most: Duration,
}

impl Storm {
    async fn open(figures: &Figures) -> Storm {
        let postgres = Postgres::private().await.expect("PostgreSQL");
        let rabbit = RabbitMq::private().await.expect("RabbitMQ");
        let redis = Redis::private().await.expect("Redis");
        let database = postgres.database().await.expect("a database");
        let store = Proxy::in_front_of(database.url()).await.expect("a proxy");
        let broker = Proxy::in_front_of(rabbit.url()).await.expect("a proxy");
        let cache = Proxy::in_front_of(redis.url()).await.expect("a proxy");
        let at = Addresses {
            database: store.url(database.url()),
            amqp: broker.url(rabbit.url()),
            redis: cache.url(redis.url()),
            bureau: String::new(),
        };
        let mut settings = free_switches();
        settings.push(format!("lease_s={}", figures.lease));
        settings.push("leqi.quiet_s=3".to_owned());
        settings.push("log.filter=info".to_owned());
        Storm {
            postgres,
            rabbit,
            redis,
            database,
            store,
            broker,
            cache,
            at,
            folder: TempDir::new().expect("a folder"),
            settings,
            workers: Vec::new(),
            started: 0,
            kills: 0,
            most: Duration::from_secs(figures.most_seconds),
        }
    }

    fn start_workers(&mut self) {
        while self.workers.len() < WORKERS {
            let worker = self.new_worker();
            self.workers.push(worker);
        }
    }

    fn new_worker(&mut self) -> Worker {
        self.started += 1;
        Worker::start(&self.at, &self.settings, self.folder.path(), self.started)
    }

    /// What breaks in this round beside a worker.
    async fn strike(&mut self, round: usize, calls: &Proxy) {
        match round % 12 {
            2 => self.rabbit.restart().await.expect("RabbitMQ restarts"),
            4 => self.postgres.restart().await.expect("PostgreSQL restarts"),
            6 => self.redis.kill().await.expect("Redis is killed"),
            8 => {
                self.redis.restart().await.expect("Redis restarts");
                self.postgres.kill().await.expect("PostgreSQL is killed");
                self.postgres.restart().await.expect("PostgreSQL comes back");
            }
            0 | 9 => self.store.cut().await,
            1 | 7 => self.broker.cut().await,
            3 | 10 => calls.cut().await,
            _ => {
                self.store.cut().await;
                self.broker.cut().await;
                self.cache.cut().await;
            }
        }
    }

    async fn kill_a_worker(&mut self, round: usize) {
        let n = round % WORKERS;
        self.workers[n].kill().await;
        self.kills += 1;
        let worker = self.new_worker();
        self.workers[n] = worker;
    }

    async fn ended(&self) -> usize {
        let count = "SELECT count(*) FROM task_log WHERE finished_at IS NOT NULL";
        let rows = self.database.rows(count).await.expect("PostgreSQL answers");
        rows[0][0].parse().expect("a count")
    }

    async fn until_ended(&self, tasks: usize) {
        let condition = format!("count(*) >= {tasks} FROM task_log WHERE finished_at IS NOT NULL");
        self.until_it_is_so(&condition).await;
    }

    async fn until_it_is_so(&self, condition: &str) {
        if !until_within(self.most, &self.database, condition).await {
            let open = "SELECT state, class, channel, count(*), min(reason), min(task_id::text) FROM task_log
                         WHERE finished_at IS NULL GROUP BY 1, 2, 3";
            let open = self.database.rows(open).await;
            let logs: Vec<String> =
                self.workers.iter().map(|worker| end_of(&worker.log())).collect();
            panic!("hangs: {condition}\n{open:?}\n{}", logs.join("\n---\n"));
        }
    }
}

/// The last lines of a log.
fn end_of(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(25)..].join("\n")
}
