//! Many tasks appended and drained. Prints figures; asserts only that nothing is lost.
//! 100,000 take minutes in a debug build: `GOUXUAN_TEST_TASKS=100000` runs so many.

use super::{hand_clock::HandClock, stage};
use domain::{
    ids::{LaneId, Slot, WorkerId},
    task::StateName,
};
use fleet::ports::{
    archive::{Archive, TaskFilter},
    crew::Crew,
    log::{Claimed, LaneQueue, Pick, Settlement, TaskLog, Turn, Verdict},
    roster::Roster,
};
use std::{
    collections::{BTreeMap, VecDeque},
    io::Write,
    time::Duration,
};
use store::sqlite::SqliteStore;
use tempfile::TempDir;
use tokio::time::Instant;

/// Tasks, unless the environment says otherwise.
const TASKS: u64 = 10_000;
const BATCH: usize = 500;
const LEASE: Duration = Duration::from_secs(3600);

fn say(line: &str) {
    let mut out = std::io::stderr();
    writeln!(out, "{line}").expect("somebody listens");
}

fn done(work: &fleet::ports::log::Work) -> Settlement {
    Settlement {
        child: None,
        task: work.message.task_id,
        lane: work.lane,
        tax: work.tax,
        fence: work.fence,
        period: None,
        verdict: Verdict::Final {
            state: StateName::Done,
            reason: String::new(),
            lines: Vec::new(),
            pool: Vec::new(),
            statistic: None,
            unknown: false,
        },
    }
}

/// Heads by lane; a lane starts one after the other.
#[derive(Default)]
struct Lanes {
    heads: BTreeMap<LaneId, BTreeMap<domain::ids::TaxId, Pick>>,
    idle: VecDeque<LaneId>,
}

impl Lanes {
    fn learn(&mut self, queue: LaneQueue) {
        let heads = self.heads.entry(queue.lane).or_default();
        match queue.head {
            Some(head) => {
                let pick = Pick { task: head.task, lane: head.lane, tax: head.tax, slot: Slot(0) };
                heads.insert(queue.tax, pick);
            }
            None => {
                heads.remove(&queue.tax);
            }
        }
    }

    fn picks(&mut self) -> Vec<Pick> {
        let lanes: Vec<LaneId> = self.idle.drain(..self.idle.len().min(BATCH)).collect();
        let first = |lane: LaneId| self.heads.get(&lane)?.first_key_value();
        lanes.into_iter().filter_map(|lane| Some(first(lane)?.1.clone())).collect()
    }
}

async fn drain(store: &SqliteStore, worker: WorkerId, lanes: &[LaneId]) -> (u64, u64) {
    let mut books = Lanes { idle: lanes.iter().copied().collect(), ..Lanes::default() };
    for head in store.heads(lanes).await.expect("heads") {
        let (lane, tax) = (head.lane, head.tax);
        books.learn(LaneQueue { lane, tax, head: Some(head) });
    }
    let (mut settlements, mut settled, mut turns) = (Vec::new(), 0, 0);
    loop {
        let picks = books.picks();
        if picks.is_empty() && settlements.is_empty() {
            return (settled, turns);
        }
        settled += settlements.len() as u64;
        let turn = Turn { settlements: std::mem::take(&mut settlements), picks, ..Turn::default() };
        let outcome = store.turn(worker, LEASE, &turn).await.expect("a turn");
        turns += 1;
        for queue in outcome.queues {
            books.learn(queue);
        }
        for claimed in outcome.claimed {
            match claimed {
                Claimed::Started(work) => {
                    books.idle.push_back(work.lane);
                    settlements.push(done(&work));
                }
                Claimed::Hindered(hindrance) => panic!("hindered: {hindrance:?}"),
            }
        }
    }
}

#[tokio::test]
async fn chaos_what_is_appended_is_drained() {
    let tasks = std::env::var("GOUXUAN_TEST_TASKS").ok();
    let tasks = tasks.map_or(TASKS, |tasks| tasks.parse().expect("a number of tasks"));
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("gouxuan.db");
    let path = path.to_str().expect("a path in UTF-8");
    let store = SqliteStore::open(path, HandClock::new()).await.expect("a new file");
    let size = stage::Size { accounts: 1000, tax_numbers: 5000 };
    let stage = stage::set(&store, size).await;
    let worker = store.enlist("drain", "1.0", LEASE).await.expect("a number");
    let lanes: Vec<LaneId> =
        store.lanes(None).await.expect("lanes").iter().map(|lane| lane.id).collect();
    store.share(worker, &lanes, &[]).await.expect("shared");

    let drafts = stage.tasks(0..tasks);
    let began = Instant::now();
    for batch in drafts.chunks(BATCH) {
        store.append(batch).await.expect("logged");
    }
    let appended = began.elapsed();
    let per_second = |time: Duration| tasks as f64 / time.as_secs_f64();
    say(&format!("appended {tasks} in {appended:.1?}: {:.0}/s", per_second(appended)));

    let began = Instant::now();
    let (settled, turns) = drain(&store, worker, &lanes).await;
    let drained = began.elapsed();
    say(&format!("drained in {drained:.1?}, {turns} turns: {:.0}/s", per_second(drained)));
    assert_eq!(settled, tasks);
    let counts = store.count(&TaskFilter::default()).await.expect("counts");
    assert_eq!(counts.by_state, [(StateName::Done, tasks)]);
    let health = store.health(domain::Moment::UNIX_EPOCH).await.expect("health");
    assert_eq!((health.running, health.waiting_by_class.len()), (0, 0));
    assert_eq!(health.outbox, tasks);
    store.close().await;
}
