//! A process that is killed leaves nothing half done, and nothing that it told of is lost.

use super::{hand_clock::HandClock, stage};
use domain::ids::Slot;
use fleet::ports::{
    archive::{Archive, TaskFilter},
    crew::Crew,
    log::{Pick, TaskLog, Turn},
    roster::Roster,
};
use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
    time::Duration,
};
use store::sqlite::SqliteStore;
use tempfile::TempDir;

/// Names the file to the process that will be killed.
const FILE: &str = "GOUXUAN_TEST_CRASH_FILE";
/// Tasks in one batch.
const BATCH: u64 = 50;
const LEASE: Duration = Duration::from_secs(60);

/// The process that is killed: it appends and claims without end, and says of each batch when it
/// is committed. Run by itself, without the variable, it has nothing to do.
#[tokio::test]
async fn victim() {
    let Ok(path) = std::env::var(FILE) else { return };
    let store = SqliteStore::open(&path, HandClock::new()).await.expect("the file");
    let stage = stage::set(&store, stage::SMALL).await;
    let worker = store.enlist("victim", "1.0", LEASE).await.expect("a number");
    let lanes: Vec<_> =
        store.lanes(None).await.expect("lanes").iter().map(|lane| lane.id).collect();
    store.share(worker, &lanes, &[]).await.expect("shared");
    for n in 0.. {
        store.append(&stage.tasks(n * BATCH..(n + 1) * BATCH)).await.expect("logged");
        let heads = store.heads(&lanes).await.expect("heads");
        let picks = heads.iter().map(|head| Pick {
            task: head.task,
            lane: head.lane,
            tax: head.tax,
            slot: Slot(0),
        });
        let turn = Turn { picks: picks.collect(), ..Turn::default() };
        store.turn(worker, LEASE, &turn).await.expect("a turn");
        // Not captured: the parent reads it.
        let mut out = std::io::stderr();
        writeln!(out, "committed {n}").expect("the parent listens");
    }
}

/// Starts the victim, kills it after so many batches, and returns the last that it told of.
fn kill_after(path: &str, batches: usize) -> u64 {
    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "crash::victim", "--nocapture"])
        .env(FILE, path)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the victim starts");
    let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
    let told = |line: &std::io::Result<String>| {
        line.as_ref().ok()?.strip_prefix("committed ")?.parse::<u64>().ok()
    };
    let mut last = lines.by_ref().filter_map(|line| told(&line)).nth(batches).expect("it works");
    // In the middle of whatever it does now: SIGKILL.
    child.kill().expect("killed");
    last = lines.filter_map(|line| told(&line)).last().unwrap_or(last);
    child.wait().expect("ended");
    last
}

#[tokio::test]
async fn a_killed_process_leaves_whole_batches() {
    for batches in [0, 3, 7] {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("gouxuan.db");
        let path = path.to_str().expect("a path in UTF-8").to_owned();
        let file = path.clone();
        let kill = tokio::task::spawn_blocking(move || kill_after(&file, batches));
        let last = kill.await.expect("the victim was killed");

        let store = SqliteStore::open(&path, HandClock::new()).await.expect("opens again");
        let counts = store.count(&TaskFilter::default()).await.expect("counts").by_state;
        let logged: u64 = counts.iter().map(|(_, count)| count).sum();
        assert_eq!(logged % BATCH, 0, "half a batch was logged");
        assert!(logged >= (last + 1) * BATCH, "{logged} logged, told of batch {last}");
        let damage = store.damage().await.expect("looked");
        assert_eq!(damage, Vec::<String>::new());

        // What waits and what runs are all of it, and the next owner sees every head.
        let running = counts.iter().filter(|(state, _)| state.name() == "running");
        let running: u64 = running.map(|(_, count)| count).sum();
        let health = store.health(domain::Moment::UNIX_EPOCH).await.expect("health");
        let waiting: u64 = health.waiting_by_class.iter().map(|(_, count)| count).sum();
        assert_eq!((health.running, waiting), (running, logged - running));
        let worker = store.enlist("heir", "1.0", LEASE).await.expect("a number");
        let lanes: Vec<_> =
            store.lanes(None).await.expect("lanes").iter().map(|lane| lane.id).collect();
        assert!(store.share(worker, &lanes, &[]).await.expect("shared").is_empty());
        let owners = store.owners(0).await.expect("owners");
        assert_eq!(owners.lanes.len(), lanes.len());
        store.close().await;
    }
}
