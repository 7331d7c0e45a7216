//! The verdict, from our log and the bureau's together.

use super::owners::{Owners, Served};
use crate::stage::Task;
use domain::{
    ids::TaskId,
    kind::{Class, Kind},
};
use rig::Database;
use simulator::{Entry, Simulator};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What follows from a selection through 乐企.
const USE: Kind = Kind::InvoiceUseQuery;

/// One task as our log has it; moments in microseconds since 1970.
#[derive(Debug, Clone)]
struct Logged {
    id: String,
    tax_no: String,
    account: String,
    class: Class,
    state: String,
    reason: String,
    unknown: bool,
    enqueued: i64,
    started: i64,
    finished: i64,
    rescues: i64,
    /// An intent was written before the bureau was called.
    intended: bool,
    /// Invoices in the message, and lines of the ledger that succeeded.
    invoices: i64,
    succeeded: i64,
}

const LOG: &str = "
SELECT t.task_id, t.tax_no, t.class, t.state, replace(t.reason, E'\\t', ' '), t.unknown,
       (extract(epoch FROM t.enqueued_at) * 1000000)::bigint,
       coalesce((extract(epoch FROM t.started_at) * 1000000)::bigint, 0),
       coalesce((extract(epoch FROM t.finished_at) * 1000000)::bigint, 0),
       t.rescues,
       EXISTS (SELECT 1 FROM submission s WHERE s.task_id = t.task_id AND s.proof = 'sending'),
       t.invoices_total,
       (SELECT count(DISTINCT (l.invoice_no, l.invoice_code)) FROM ledger l
         WHERE l.task_id = t.task_id AND l.outcome = 'succeeded'),
       t.account
  FROM task_log t";

/// Judges everything and prints the figures.
pub(super) async fn judge(database: &Database, bureau: &Simulator, published: &[Task]) {
    let rows = database.rows(LOG).await.expect("the log can be read");
    let log: Vec<Logged> = rows.iter().map(|row| logged(row)).collect();
    let entries = bureau.log();
    let referee = bureau.referee();
    let mut states = BTreeMap::<(&str, bool, &str), usize>::new();
    for task in &log {
        *states.entry((&task.state, task.unknown, &task.reason)).or_default() += 1;
    }
    let rescues: i64 = log.iter().map(|task| task.rescues).sum();
    let unknown = log.iter().filter(|task| task.unknown).count();
    let worn_out = log.iter().filter(|task| task.state == "failed" && !task.unknown).count();
    let owners = Owners::read(database).await;
    let begun = log.iter().filter(|task| task.started > 0).map(|task| task.id.as_str());
    assert!(owners.know(begun), "every start was noted with what its claim saw");
    let Order { inversions, contested, overtaken, unserved, changing } =
        order(&log, &entries, &owners);
    eprintln!("states (whether unknown, and why): {states:?}; rescues {rescues}");
    eprintln!("unknown {unknown}, failed because their workers died {worn_out}");
    eprintln!("referee: {referee:?}");
    eprintln!(
        "class inversions {} of {contested} contested pairs, overtaken while put off {overtaken}, \
         while nobody served the lane {unserved}, while it changed hands {changing}",
        inversions.len()
    );

    let ids: HashSet<String> = published.iter().map(|task| task.id.to_string()).collect();
    let logged: HashSet<String> = log.iter().map(|task| task.id.clone()).collect();
    let children: HashSet<String> =
        published.iter().map(|task| TaskId(task.id).child(USE).to_string()).collect();
    assert!(ids.is_subset(&logged), "every confirmed task is in the log");
    assert!(logged.difference(&ids).all(|id| children.contains(id)), "and what follows from it");
    assert_eq!(referee.lane_overlaps, 0);
    assert_eq!(referee.tax_number_overlaps, 0);
    assert_eq!(referee.duplicate_submissions, 0);
    assert_eq!(referee.log_dropped, 0, "the referee remembers everything");
    every_end_is_one_of_these(&log);
    both_logs_agree(&log, &entries);
    assert!(inversions.is_empty(), "{inversions:?}");
    assert!(contested > 0, "classes competed");
    assert!(rescues > 0, "workers died with tasks in their hands");
    let doubled =
        "SELECT task_id FROM ledger GROUP BY task_id, invoice_no, invoice_code HAVING count(*) > 1";
    let doubled = database.rows(doubled).await.expect("the ledger can be read");
    assert!(doubled.is_empty(), "two ledger lines for one invoice: {doubled:?}");
    for left in ["waiting", "running", "parked", "invoice_hold"] {
        let left_over = database.rows(&format!("SELECT count(*) FROM {left}")).await;
        assert_eq!(left_over.expect("a count")[0][0], "0", "{left} is empty");
    }
}

fn logged(row: &[String]) -> Logged {
    let number = |n: usize| row[n].parse::<i64>().expect("a number");
    let class = Class::ALL.into_iter().find(|class| class.name() == row[2]);
    Logged {
        id: row[0].clone(),
        tax_no: row[1].clone(),
        class: class.expect("a class"),
        state: row[3].clone(),
        reason: row[4].clone(),
        unknown: row[5] == "t",
        enqueued: number(6),
        started: number(7),
        finished: number(8),
        rescues: number(9),
        intended: row[10] == "t",
        invoices: number(11),
        succeeded: number(12),
        account: row[13].clone(),
    }
}

/// Done; or Failed because nobody can know what came of a filing or an issuing that had been intended; or
/// Failed because its workers died again and again while it had changed nothing at the bureau.
fn every_end_is_one_of_these(log: &[Logged]) {
    for task in log {
        let acts_unseen = matches!(task.class, Class::Filing | Class::Issuing);
        let harmless = task.class == Class::DataDownload || (acts_unseen && !task.intended);
        let fair = match (task.state.as_str(), task.unknown) {
            ("done", false) => task.succeeded == task.invoices,
            ("failed", true) => acts_unseen && task.intended,
            ("failed", false) => harmless && task.rescues > 3,
            _ => false,
        };
        assert!(fair, "{task:?}");
    }
}

/// What is Done was taken by the bureau, what the bureau took is Done or counted as unknown, and between start
/// and end.
fn both_logs_agree(log: &[Logged], entries: &[Entry]) {
    let tasks: HashMap<&str, &Logged> = log.iter().map(|task| (task.id.as_str(), task)).collect();
    let mut taken = HashSet::new();
    for entry in entries.iter().filter(|entry| ["submit", "use"].contains(&entry.op)) {
        let task = tasks.get(entry.task_id.as_str());
        let task = task.unwrap_or_else(|| panic!("the bureau was sent an unknown task: {entry:?}"));
        // A query of uses submits nothing: it changes nothing, and may be asked again.
        if entry.op == "use" && entry.answer == "ok" {
            taken.insert(task.id.as_str());
        }
        if entry.answer == "accepted" || entry.answer == "succeeded" {
            taken.insert(task.id.as_str());
            assert!(task.state == "done" || task.unknown, "the bureau took {task:?}");
            let at = entry.ended_at.timestamp_micros();
            assert!(task.started <= at, "{task:?} was submitted before it started: {entry:?}");
            assert!(
                entry.at.timestamp_micros() <= task.finished || task.unknown,
                "{task:?} {entry:?}"
            );
        }
    }
    for task in log.iter().filter(|task| task.state == "done") {
        assert!(taken.contains(task.id.as_str()), "the bureau knows nothing of {task:?}");
    }
}

/// In what order tasks of one tax number went.
#[derive(Debug, Default)]
struct Order<'a> {
    /// A lower class started although a higher one stood in the log and had not begun.
    inversions: Vec<(&'a Logged, &'a Logged)>,
    /// Both waited at the same time: pairs that could have gone wrong.
    contested: usize,
    /// The lower one was submitted first although the higher one had begun: right when the higher one was put
    /// off meanwhile, which the log does not keep.
    overtaken: usize,
    /// The lower one started while the higher one's lane had no owner: a lane that is handed over is closed, and
    /// what waits in it holds back nobody.
    unserved: usize,
    /// That lane got or lost its owner while the claim of the lower one looked.
    changing: usize,
}

fn order<'a>(log: &'a [Logged], entries: &[Entry], owners: &Owners) -> Order<'a> {
    let mut first_submit = HashMap::<&str, i64>::new();
    for entry in entries.iter().filter(|entry| entry.op == "submit") {
        let at = entry.at.timestamp_micros();
        first_submit
            .entry(&entry.task_id)
            .and_modify(|first| *first = at.min(*first))
            .or_insert(at);
    }
    let submitted = |task: &Logged| first_submit.get(task.id.as_str()).copied();
    let mut by_tax = HashMap::<&str, Vec<&Logged>>::new();
    for task in log.iter().filter(|task| task.started > 0) {
        by_tax.entry(&task.tax_no).or_default().push(task);
    }
    let mut order = Order::default();
    let pairs = by_tax.values().flat_map(|tasks| {
        let pairs = tasks.iter().flat_map(|low| tasks.iter().map(move |high| (*low, *high)));
        pairs.filter(|(low, high)| high.class < low.class)
    });
    // What was logged after the lower one had started did not wait.
    for (low, high) in pairs.filter(|(low, high)| high.enqueued < low.started) {
        order.contested += usize::from(low.enqueued < high.started);
        if low.started < high.started {
            let elsewhere = low.account != high.account;
            match owners.served(&high.account, &low.id) {
                Served::No if elsewhere => order.unserved += 1,
                Served::Changing if elsewhere => order.changing += 1,
                _ => order.inversions.push((low, high)),
            }
        } else {
            let before = submitted(low).zip(submitted(high)).is_some_and(|(l, h)| l < h);
            order.overtaken += usize::from(before);
        }
    }
    order
}
