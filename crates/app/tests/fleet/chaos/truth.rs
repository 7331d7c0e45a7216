//! Pool and ledger held against what the bureau has every invoice down for, one by one.

use crate::stage::Stage;
use domain::invoice::InvoiceUse;
use std::collections::BTreeMap;

/// Differences that a failing test shows.
const SHOWN: usize = 5;

/// `used for` and period of each invoice at the bureau, by number.
pub(super) fn at_the_bureau(stage: &Stage) -> BTreeMap<String, String> {
    let truth = stage.bureau.invoices().into_iter();
    let shown = truth.map(|one| {
        let period = one.period.map_or("-".to_owned(), |period| period.to_string());
        (one.key.number, format!("{} {period}", one.used_for.name()))
    });
    shown.collect()
}

/// The same, as our pool has it.
async fn in_the_pool(stage: &Stage) -> BTreeMap<String, String> {
    let rows = "SELECT v.number, CASE
                WHEN h.task_id IS NOT NULL THEN 'held'
                WHEN v.selection = 'unselected' AND v.purpose IS NULL THEN 'unused'
                WHEN v.selection = 'selected' THEN coalesce(v.purpose, 'selected without a purpose')
                ELSE v.selection || ' for ' || coalesce(v.purpose, '-') END
                || ' ' || coalesce(v.period::text, '-')
           FROM invoice v
           LEFT JOIN invoice_hold h
             ON h.tax_id = v.tax_id AND h.number = v.number AND h.code = v.code";
    by_number(stage, rows).await
}

/// What the newest success in the ledger leaves of each invoice; `unused` when it has none.
async fn in_the_ledger(stage: &Stage) -> BTreeMap<String, String> {
    let rows = "SELECT v.number, CASE l.kind
                WHEN 'deduction_select' THEN 'deduction'
                WHEN 'non_deduction_select' THEN 'non_deduction'
                ELSE 'unused' END
           FROM invoice v
           LEFT JOIN (SELECT DISTINCT ON (l.invoice_no) l.invoice_no, t.kind
                        FROM ledger l JOIN task_log t ON t.task_id = l.task_id
                       WHERE l.outcome = 'succeeded' AND t.kind LIKE '%select'
                       ORDER BY l.invoice_no, t.finished_at DESC) l ON l.invoice_no = v.number";
    by_number(stage, rows).await
}

async fn by_number(stage: &Stage, rows: &str) -> BTreeMap<String, String> {
    let rows = stage.database.rows(rows).await.expect("the rows can be read");
    rows.into_iter().map(|row| (row[0].clone(), row[1].clone())).collect()
}

/// Every invoice of the pool is as the bureau has it; how many are used for each.
pub(super) async fn pool_is_true(stage: &Stage, when: &str) -> BTreeMap<String, usize> {
    let truth = at_the_bureau(stage);
    equal(&in_the_pool(stage).await, &truth, &format!("pool and bureau, {when}"));
    let mut counts = BTreeMap::new();
    for used in truth.values() {
        let used = used.split(' ').next().unwrap_or_default();
        *counts.entry(used.to_owned()).or_default() += 1;
    }
    counts
}

/// So is the ledger.
pub(super) async fn ledger_is_true(stage: &Stage) {
    let truth = stage.bureau.invoices().into_iter();
    let truth = truth.map(|one| (one.key.number, InvoiceUse::name(one.used_for).to_owned()));
    equal(&in_the_ledger(stage).await, &truth.collect(), "ledger and bureau");
}

fn equal(ours: &BTreeMap<String, String>, truth: &BTreeMap<String, String>, what: &str) {
    assert_eq!(ours.len(), truth.len(), "{what}: as many invoices");
    let differ = |number: &&String| ours.get(*number) != truth.get(*number);
    let differing: Vec<&String> = truth.keys().filter(differ).collect();
    let shown = differing.iter().take(SHOWN);
    let shown: Vec<_> =
        shown.map(|number| (*number, ours.get(*number), truth.get(*number))).collect();
    assert!(differing.is_empty(), "{what}: {} differ, such as {shown:?}", differing.len());
}

/// Nothing was done twice or side by side, and nothing is left over.
pub(super) async fn nothing_overlapped(stage: &Stage) {
    let seen = stage.bureau.referee();
    let doubled = (seen.duplicate_submissions, seen.lane_overlaps, seen.tax_number_overlaps);
    assert_eq!(doubled, (0, 0, 0), "{seen:?}");
    // A task that was refused when it was logged never held its invoices.
    let shared = "SELECT count(*) FROM (
             SELECT t.enqueued_at, lag(t.finished_at) OVER (
                      PARTITION BY l.invoice_no ORDER BY t.enqueued_at) AS before
               FROM ledger l JOIN task_log t ON t.task_id = l.task_id
              WHERE t.kind LIKE '%select' AND t.started_at IS NOT NULL) tasks
         WHERE before > enqueued_at";
    assert_eq!(stage.value(shared).await, "0", "no invoice was in two unfinished tasks");
    assert_eq!(stage.value("SELECT count(*) FROM invoice_hold").await, "0");
    let unfinished = "SELECT count(*) FROM task_log WHERE finished_at IS NULL OR unknown";
    assert_eq!(stage.value(unfinished).await, "0");
}
