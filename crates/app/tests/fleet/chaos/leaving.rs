//! Workers that leave: killed, asked to stop, or stopped and woken.

use crate::{
    stage::{Stage, Task, counter},
    town::Town,
};
use domain::bureau::LaneKey;
use std::collections::BTreeMap;

/// Each with one account of its own and two tax numbers.
fn lanes(town: &mut Town, count: usize) -> Vec<(LaneKey, [String; 2])> {
    let mut lanes = Vec::new();
    for _ in 0..count {
        let served = [town.taxpayer("etax"), town.taxpayer("etax")];
        lanes.push((town.account(&[&served[0], &served[1]]), served));
    }
    lanes
}

async fn owned_by(stage: &Stage, workers: usize) {
    let owned =
        format!("count(DISTINCT owner) = {workers} AND bool_and(owner IS NOT NULL) FROM lane");
    stage.until("every worker has lanes, and every lane a worker", &owned).await;
}

/// With the default lease of 10 s. In half of the lanes a call is in flight when the worker dies.
#[tokio::test]
async fn a_killed_workers_lanes_are_served_again_within_15_seconds() {
    let mut town = Town::new();
    town.outcomes_take(600, 900);
    let lanes = lanes(&mut town, 12);
    let stage = Stage::open(&town).await;
    let mut victim = stage.worker(&[]);
    let _survivor = stage.worker(&[]);
    owned_by(&stage, 2).await;

    let in_flight: Vec<Task> = lanes
        .iter()
        .step_by(2)
        .map(|(lane, served)| Task::new("period_query", &served[0], &[]).to(lane))
        .collect();
    stage.publish(&in_flight).await;
    stage.until("calls are in flight", "count(*) >= 4 FROM running").await;
    victim.kill().await;
    let killed_at = stage.value("SELECT clock_timestamp()").await;
    let fresh: Vec<Task> = lanes
        .iter()
        .map(|(lane, served)| Task::new("invoice_download", &served[1], &[]).to(lane))
        .collect();
    stage.publish(&fresh).await;
    stage.until_all_ended(in_flight.len() + fresh.len()).await;

    let late = format!(
        "SELECT account, started_at - timestamptz '{killed_at}' FROM task_log
          WHERE kind = 'invoice_download' AND started_at > timestamptz '{killed_at}' + interval '15 s'"
    );
    let late = stage.database.rows(&late).await.expect("the log can be read");
    assert!(late.is_empty(), "served again too late: {late:?}");
    let states = stage.value("SELECT string_agg(DISTINCT state, ',') FROM task_log").await;
    assert_eq!(states, "done");
    nothing_doubled(&stage);
}

#[tokio::test]
async fn sigterm_hands_back_everything_and_loses_no_place() {
    let mut town = Town::new();
    town.outcomes_take(1_500, 2_500);
    let lanes = lanes(&mut town, 6);
    let stage = Stage::open(&town).await;
    let mut leaving = stage.worker(&[]);
    let mut tasks = Vec::new();
    for (lane, served) in &lanes {
        for n in 0..8 {
            tasks.push(Task::new("invoice_download", &served[n % 2], &[]).to(lane));
        }
    }
    stage.publish(&tasks).await;
    let logged = format!(
        "(SELECT count(*) FROM task_log) = {} AND (SELECT count(*) FROM running) > 0",
        tasks.len()
    );
    stage.until("all is logged and something runs", &logged).await;
    let before = places(&stage).await;
    leaving.signal("TERM").await;
    let status = leaving.ended().await;
    assert!(status.success(), "{status}: {}", leaving.log());

    assert_eq!(stage.value("SELECT count(*) FROM running WHERE worker IS NOT NULL").await, "0");
    assert_eq!(stage.value("SELECT count(*) FROM lane WHERE owner IS NOT NULL").await, "0");
    let after = places(&stage).await;
    assert!(!after.is_empty(), "something was left to hand back");
    for (task, place) in &after {
        assert_eq!(before.get(task), Some(place), "{task} keeps its place");
    }
    let unfinished = stage.value("SELECT count(*) FROM task_log WHERE finished_at IS NULL").await;
    assert_eq!(unfinished, after.len().to_string(), "everything unfinished has its place");

    let _next = stage.worker(&[]);
    stage.until_all_ended(tasks.len()).await;
    in_the_order_of_publishing(&stage, &tasks).await;
    nothing_doubled(&stage);
}

/// Outcomes get through only while the gate is open; whoever is turned away comes again.
const GATE: &str = "
CREATE TABLE gate (open boolean);
INSERT INTO gate VALUES (false);
CREATE SEQUENCE turned_away;
CREATE FUNCTION pass_gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (SELECT open FROM gate) THEN
        -- It counts also what is rolled back.
        PERFORM nextval('turned_away');
        RAISE EXCEPTION 'the gate is closed' USING ERRCODE = 'lock_not_available';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER pass_gate BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION pass_gate()";

/// It stops in the middle of a settlement that does not get through, and tries it again when it
/// wakes up.
#[tokio::test]
async fn a_worker_that_slept_beyond_its_lease_writes_nothing_late() {
    let mut town = Town::new();
    town.outcomes_take(500, 4_000);
    let lanes = lanes(&mut town, 30);
    let mut tasks = Vec::new();
    for (lane, served) in &lanes {
        for tax_no in served {
            let invoice = town.invoice(tax_no);
            tasks.push(Task::new("deduction_select", tax_no, &[&invoice]).to(lane));
        }
    }
    let stage = Stage::open(&town).await;
    stage.database.rows(GATE).await.expect("the gate is built");
    let (mut sleeper, address) = stage.console(&["lease_s=3"]).await;
    owned_by(&stage, 1).await;
    stage.publish(&tasks).await;
    let meanwhile = "(SELECT count(*) >= 20 FROM running) AND is_called FROM turned_away";
    stage.until("calls are in flight, and an outcome is turned away", meanwhile).await;
    sleeper.signal("STOP").await;
    stage.database.rows("UPDATE gate SET open = true").await.expect("the gate opens");
    let _other = stage.worker(&["lease_s=3"]);
    stage.until_all_ended(tasks.len()).await;
    let ledger = "SELECT md5(string_agg(l::text, ';' ORDER BY l::text)) FROM ledger l";
    let log = "SELECT md5(string_agg(t::text, ';' ORDER BY t::text)) FROM task_log t";
    let before = (stage.value(ledger).await, stage.value(log).await);
    sleeper.signal("CONT").await;
    sleeper.until_logged("joining anew").await;

    let refused = counter(&address, "gouxuan_stale_writes_refused_total").await;
    assert!(refused > 0, "its late outcome was refused and counted: {}", sleeper.log());
    assert_eq!((stage.value(ledger).await, stage.value(log).await), before, "nothing changed");
    let states = stage.value("SELECT string_agg(DISTINCT state, ',') FROM task_log").await;
    assert_eq!(states, "done");
    let rescued = "SELECT count(*) > 0 FROM task_log WHERE rescues > 0";
    assert_eq!(stage.value(rescued).await, "t", "the other worker took its tasks over");
    nothing_doubled(&stage);
    sleeper.signal("TERM").await;
    assert!(sleeper.ended().await.success(), "it joined anew and drains");
}

#[tokio::test]
async fn a_worker_whose_database_is_gone_for_good_ends_when_it_is_told_to() {
    let mut town = Town::new();
    town.outcomes_take(500, 4_000);
    let lanes = lanes(&mut town, 6);
    let mut server = rig::Postgres::private().await.expect("a server of its own");
    let stage = Stage::on(&town, &server).await;
    let mut worker = stage.worker(&["lease_s=3"]);
    owned_by(&stage, 1).await;
    stage.publish(&a_query_each(&lanes)).await;
    stage.until("calls are in flight", "count(*) >= 4 FROM running").await;
    server.kill().await.expect("killed");
    worker.signal("TERM").await;

    let status = worker.ended().await;
    let log = worker.log();
    assert_eq!(status.code(), Some(1), "{log}");
    assert!(log.contains("this worker has given up and left"), "{log}");
    assert!(log.contains("the next worker goes on with all of it"), "{log}");
}

#[tokio::test]
async fn a_worker_without_broker_and_cache_hands_back_everything() {
    let mut town = Town::new();
    town.outcomes_take(500, 4_000);
    let lanes = lanes(&mut town, 6);
    let server = rig::Postgres::shared().await.expect("PostgreSQL");
    let mut broker = rig::RabbitMq::private().await.expect("a broker of its own");
    let mut cache = rig::Redis::private().await.expect("a cache of its own");
    let stage = Stage::on_servers(&town, server, &broker, &cache).await;
    let mut worker = stage.worker(&["lease_s=3"]);
    owned_by(&stage, 1).await;
    stage.publish(&a_query_each(&lanes)).await;
    stage.until("calls are in flight", "count(*) >= 4 FROM running").await;
    broker.kill().await.expect("killed");
    cache.kill().await.expect("killed");
    worker.signal("TERM").await;

    worker.ended().await;
    assert_eq!(stage.value("SELECT count(*) FROM running WHERE worker IS NOT NULL").await, "0");
    assert_eq!(stage.value("SELECT count(*) FROM lane WHERE owner IS NOT NULL").await, "0");
}

fn a_query_each(lanes: &[(LaneKey, [String; 2])]) -> Vec<Task> {
    let query = |(lane, served): &(LaneKey, [String; 2])| {
        Task::new("period_query", &served[0], &[]).to(lane)
    };
    lanes.iter().map(query).collect()
}

fn nothing_doubled(stage: &Stage) {
    let referee = stage.bureau.referee();
    let bad = (referee.duplicate_submissions, referee.lane_overlaps, referee.tax_number_overlaps);
    assert_eq!(bad, (0, 0, 0), "{referee:?}");
}

/// The place of every unfinished task.
async fn places(stage: &Stage) -> BTreeMap<String, String> {
    let all = "SELECT task_id, place FROM waiting UNION ALL SELECT task_id, place FROM running
               UNION ALL SELECT task_id, place FROM parked";
    let rows = stage.database.rows(all).await.expect("the log can be read");
    rows.into_iter().map(|row| (row[0].clone(), row[1].clone())).collect()
}

/// Tasks of one tax number, all of one class and lane, started as they were published.
async fn in_the_order_of_publishing(stage: &Stage, tasks: &[Task]) {
    let started = "SELECT task_id, tax_no FROM task_log ORDER BY started_at";
    let rows = stage.database.rows(started).await.expect("the log can be read");
    let mut by_tax = BTreeMap::<String, Vec<String>>::new();
    for row in rows {
        by_tax.entry(row[1].clone()).or_default().push(row[0].clone());
    }
    for (tax_no, started) in by_tax {
        let published: Vec<String> = tasks
            .iter()
            .filter(|task| task.body["tax_no"] == tax_no)
            .map(|task| task.id.to_string())
            .collect();
        assert_eq!(started, published, "{tax_no}");
    }
}
