//! A database of a test's own, with a small world in it.

use domain::{
    Moment,
    bureau::LaneKey,
    ids::{Fence, LaneId, Slot, TaskId, TaxId, WorkerId},
    task::{StateName, TaskMessage},
    tax_no::TaxNo,
    taxpayer::ChannelKind,
    world::World,
};
use fleet::ports::{
    crew::Crew,
    log::{
        Appended, Claimed, Fate, NewTask, Pick, Settled, Settlement, TaskLog, Turn, TurnOutcome,
        Verdict, Work,
    },
    roster::Roster,
};
use rig::{Database, Postgres};
use sqlx::{PgPool, postgres::PgPoolOptions};
use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use store::postgres::{PoolSettings, PostgresStore};
use uuid::Uuid;

pub(crate) const LEASE: Duration = Duration::from_secs(60);
pub(crate) const TAX_A: &str = "91440300MA5G9GK78Y";
pub(crate) const TAX_B: &str = "91440300MA5G9GK79X";

/// A store, and a second way into its database for whoever holds a lock.
pub(crate) struct Stage {
    pub(crate) store: PostgresStore,
    pub(crate) pool: PgPool,
    pub(crate) worker: WorkerId,
    pub(crate) first: LaneId,
    pub(crate) second: LaneId,
    pub(crate) a: TaxId,
    pub(crate) b: TaxId,
    _database: Database,
}

const WORLD: &str = r#"{
  "taxpayers": [
    {"tax_no": "91440300MA5G9GK78Y", "bureau": "440300"},
    {"tax_no": "91440300MA5G9GK79X", "bureau": "440300"},
    {"tax_no": "91440300MA5G9GK70L", "bureau": "440300", "channel": "leqi"}],
  "accounts": [
    {"bureau": "440300", "account": "13800000001", "online": true, "serves": [
      {"tax_no": "91440300MA5G9GK78Y"}, {"tax_no": "91440300MA5G9GK79X"}]},
    {"bureau": "440300", "account": "13800000002", "online": true, "login": "manual", "serves": [
      {"tax_no": "91440300MA5G9GK78Y"}, {"tax_no": "91440300MA5G9GK79X"}]}],
  "invoices": [
    {"buyer_tax_no": "91440300MA5G9GK78Y", "invoice_type": "27", "invoice_no": "1001",
     "invoice_date": "2025-11-01", "amount": "100.00", "tax": "6.00"},
    {"buyer_tax_no": "91440300MA5G9GK78Y", "invoice_type": "27", "invoice_no": "1002",
     "invoice_date": "2025-11-01", "amount": "100.00", "tax": "6.00"}]
}"#;

/// The address of a new database, without a schema.
pub(crate) async fn empty_database() -> Database {
    let server = Postgres::shared().await.expect("PostgreSQL can be started");
    server.database().await.expect("a database can be made")
}

pub(crate) async fn connect(url: &str) -> PostgresStore {
    let settings = PoolSettings { connections: 4, ..PoolSettings::default() };
    PostgresStore::connect(url, settings).await.expect("the database answers")
}

/// Lets time pass: every moment that the store keeps moves back by as much.
const PASS: &str = "
CREATE FUNCTION pass(by interval) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    moments record;
BEGIN
    FOR moments IN
        SELECT a.attrelid::regclass AS kept,
               string_agg(format('%1$I = %1$I - $1', a.attname), ', ') AS earlier
          FROM pg_attribute a
          JOIN pg_class c ON c.oid = a.attrelid
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
           AND NOT c.relispartition AND c.relname <> '_sqlx_migrations'
           AND a.atttypid = 'timestamptz'::regtype
         GROUP BY a.attrelid
    LOOP
        EXECUTE format('UPDATE %s SET %s', moments.kept, moments.earlier) USING by;
    END LOOP;
END
$$";

/// A new database with the schema: a copy of one that was migrated once.
pub(crate) async fn database() -> Database {
    let server = Postgres::shared().await.expect("PostgreSQL can be started");
    let prepare = async |url: String| -> Result<(), String> {
        let store = connect(&url).await;
        store.migrate().await.map_err(|error| error.to_string())?;
        store.close().await;
        let pool = PgPool::connect(&url).await.map_err(|error| error.to_string())?;
        sqlx::query(PASS).execute(&pool).await.map_err(|error| error.to_string())?;
        pool.close().await;
        Ok(())
    };
    let name = format!("store_{:016x}", schema_hash());
    server.database_like(&name, prepare).await.expect("a database can be copied")
}

/// Another schema, another name.
fn schema_hash() -> u64 {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/postgres");
    let entries = fs::read_dir(folder).expect("the migrations are there");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("it can be read").path()).collect();
    files.sort();
    let mut hasher = DefaultHasher::new();
    PASS.hash(&mut hasher);
    for file in files {
        fs::read(file).expect("it can be read").hash(&mut hasher);
    }
    hasher.finish()
}

impl Stage {
    pub(crate) async fn new() -> Stage {
        let database = database().await;
        let store = connect(database.url()).await;
        let world = World::parse(WORLD.as_bytes()).expect("the world is well formed");
        store.import(&world, 4).await.expect("the world is imported");
        let key = |account: &str| LaneKey {
            bureau: "440300".parse().expect("a bureau"),
            account: account.parse().expect("an account"),
        };
        let keys = ["13800000001", "13800000002", "leqi"].map(key);
        let lanes = store.lanes_of(&keys).await.expect("the store answers");
        let lanes: Vec<LaneId> = lanes.into_iter().flatten().collect();
        let worker = store.enlist("worker", "1", LEASE).await.expect("the store answers");
        let owned = store.share(worker, &lanes, &[]).await.expect("the store answers");
        assert_eq!(owned.len(), 3, "the worker serves every lane");
        let numbers: Vec<TaxNo> =
            [TAX_A, TAX_B].iter().map(|tax_no| tax_no.parse().expect("a tax number")).collect();
        let payers = store.taxpayers(&numbers).await.expect("the store answers");
        let ids: Vec<TaxId> = payers.into_iter().flatten().map(|payer| payer.id).collect();
        let pool = PgPoolOptions::new()
            .connect(database.url())
            .await
            .expect("a second connection can be made");
        let (first, second) = (lanes[0], lanes[1]);
        let (a, b) = (ids[0], ids[1]);
        Stage { store, pool, worker, first, second, a, b, _database: database }
    }

    /// Logs one task and expects it to wait.
    pub(crate) async fn queue(&self, kind: &str, lane: LaneId, tax: TaxId) -> Pick {
        let task = self.task(kind, lane, tax, &[]);
        let appended = self.store.append(std::slice::from_ref(&task)).await.expect("it is logged");
        assert!(matches!(appended[0], Appended::Queued { .. }), "{appended:?}");
        Pick { task: task.message.task_id, lane, tax, slot: Slot(0) }
    }

    pub(crate) fn task(&self, kind: &str, lane: LaneId, tax: TaxId, invoices: &[&str]) -> NewTask {
        let tax_no = if tax == self.a { TAX_A } else { TAX_B };
        let account = if lane == self.second { "13800000002" } else { "13800000001" };
        let invoices: Vec<String> = invoices
            .iter()
            .map(|no| {
                format!(
                    r#"{{"invoice_type":"27","invoice_no":"{no}","invoice_date":"2025-11-01","amount":"100.00","tax":"6.00","non_deduction_reason":"3"}}"#
                )
            })
            .collect();
        let id = fresh_id();
        let body = format!(
            r#"{{"task_id":"{id}","kind":"{kind}","tax_no":"{tax_no}","bureau":"440300","account":"{account}","invoices":[{}]}}"#,
            invoices.join(",")
        );
        new_task(&body, Fate::Queue { lane, tax, run_at: None })
    }

    pub(crate) async fn turn(&self, turn: Turn) -> TurnOutcome {
        self.store.turn(self.worker, LEASE, &turn).await.expect("the turn is taken")
    }

    pub(crate) async fn claim(&self, picks: &[Pick]) -> Vec<Claimed> {
        self.turn(Turn { picks: picks.to_vec(), ..Turn::default() }).await.claimed
    }

    /// Claims one task and expects it to start.
    pub(crate) async fn start(&self, pick: &Pick) -> Work {
        match self.claim(std::slice::from_ref(pick)).await.remove(0) {
            Claimed::Started(work) => *work,
            Claimed::Hindered(why) => panic!("{why:?}"),
        }
    }

    pub(crate) async fn settle(&self, work: &Work, verdict: Verdict) -> Settled {
        let settlement = settlement(work, verdict);
        let turn = Turn { settlements: vec![settlement], ..Turn::default() };
        self.turn(turn).await.settled.remove(0)
    }

    pub(crate) async fn state(&self, task: TaskId) -> String {
        sqlx::query_scalar("SELECT state FROM task_log WHERE task_id = $1")
            .bind(task.0)
            .fetch_one(&self.pool)
            .await
            .expect("the task is logged")
    }

    pub(crate) async fn now(&self) -> Moment {
        let now = sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(&self.pool).await;
        now.expect("the database knows the time")
    }

    pub(crate) async fn count(&self, statement: &'static str) -> i64 {
        sqlx::query_scalar(statement).fetch_one(&self.pool).await.expect("it can be counted")
    }

    /// Waits until some session of this database waits for a lock.
    pub(crate) async fn until_somebody_waits(&self) {
        self.until_waiting(1).await;
    }

    /// Waits until so many sessions of this database wait for locks.
    pub(crate) async fn until_waiting(&self, sessions: i64) {
        let waiting = "SELECT count(*) FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while self.count(waiting).await < sessions {
            tokio::task::yield_now().await;
        }
    }
}

/// An id that no other task of this process has.
pub(crate) fn fresh_id() -> Uuid {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let number = u128::from(NEXT.fetch_add(1, Ordering::Relaxed));
    Uuid::from_u128(0x0193_f3a2_7c1e_7b7a_9d53_0000_0000_0000 + number)
}

pub(crate) fn new_task(body: &str, fate: Fate) -> NewTask {
    let message = TaskMessage::parse(body.as_bytes()).expect("the body is well formed");
    let mut body_hash = [0; 32];
    for (index, byte) in body.bytes().enumerate() {
        body_hash[index % 32] = u8::wrapping_add(body_hash[index % 32], byte).rotate_left(3);
    }
    let bureau = message.bureau.expect("the tests name a bureau");
    let account = message.account.clone().expect("the tests name an account");
    NewTask {
        message: Arc::new(message),
        body: body.into(),
        body_hash,
        traceparent: None,
        lane: Some(LaneKey { bureau, account }),
        channel: Some(ChannelKind::Etax),
        fate,
    }
}

pub(crate) fn settlement(work: &Work, verdict: Verdict) -> Settlement {
    let task = work.message.task_id;
    let (lane, tax, fence) = (work.lane, work.tax, work.fence);
    Settlement { task, lane, tax, fence, period: None, verdict, child: None }
}

pub(crate) fn done() -> Verdict {
    ended(StateName::Done, false)
}

pub(crate) fn ended(state: StateName, unknown: bool) -> Verdict {
    Verdict::Final {
        state,
        reason: String::new(),
        lines: Vec::new(),
        pool: Vec::new(),
        statistic: None,
        unknown,
    }
}

pub(crate) fn stale(work: &Work) -> Work {
    Work { fence: Fence(work.fence.0 - 1), ..work.clone() }
}
