//! Nothing that runs for every task or every second looks at all of what waits, runs or was
//! logged: the plans of the statements say so.

use super::statements::{schema, statements};
use sqlx::{AssertSqlSafe, Row};

/// Tables that grow with the tasks.
const LARGE: [&str; 14] = [
    "waiting",
    "running",
    "task_log",
    "task_body",
    "parked",
    "held",
    "submission",
    "invoice",
    "invoice_hold",
    "ledger",
    "retry",
    "failure",
    "taxpayer",
    "serves",
];

/// Statements that may: people's questions over everything, and gauges. What they scan is said
/// beside them.
const QUESTIONS: [(&str, &str); 8] = [
    ("archive/count", "a filter may match every task"),
    ("archive/list", "along the newest, until the page is full"),
    ("archive/waiting", "a gauge, over an index alone"),
    ("archive/health", "gauges, of what runs and is parked"),
    ("automatic/candidates", "along the oldest, until the page is full"),
    ("desk/retriable", "what has failed, until the page is full"),
    ("registry/taxpayer_rows", "along the tax numbers, until the page is full"),
    ("pool/search", "along the newest, until the page is full"),
];

fn scans(detail: &str, aliases: &[(String, String)]) -> Option<String> {
    let named = detail.strip_prefix("SCAN ")?.split_whitespace().next()?;
    let table = aliases.iter().find(|(alias, _)| alias == named).map_or(named, |(_, table)| table);
    LARGE.contains(&table).then(|| table.to_owned())
}

/// `FROM waiting w` makes `w` another name of `waiting`.
fn aliases(statement: &str) -> Vec<(String, String)> {
    let words: Vec<&str> = statement.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let pairs = words.windows(2).filter(|pair| LARGE.contains(&pair[0]));
    pairs.map(|pair| (pair[1].to_owned(), pair[0].to_owned())).collect()
}

#[tokio::test]
async fn no_statement_scans_what_grows_with_the_tasks() {
    let (_folder, mut connection) = schema().await;
    let mut wrong = Vec::new();
    let mut questions = Vec::new();
    for (name, statement) in statements() {
        let explain = format!("EXPLAIN QUERY PLAN {statement}");
        let rows = sqlx::query(AssertSqlSafe(explain)).fetch_all(&mut connection).await;
        let rows = rows.unwrap_or_else(|error| panic!("{name}: {error}"));
        let known = aliases(&statement);
        let details: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
        let scanned = details.iter().find_map(|detail| scans(detail, &known));
        match (scanned, QUESTIONS.iter().any(|(question, _)| *question == name)) {
            (Some(table), false) => wrong.push(format!("{name} scans {table}: {details:#?}")),
            (Some(_), true) => questions.push(name),
            (None, _) => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(!questions.is_empty(), "the search finds scans where there are some");
}

#[tokio::test]
async fn heads_come_in_order_from_their_index() {
    let (_folder, mut connection) = schema().await;
    for name in ["claim/rivals", "heads/all", "heads/queues", "keys/ripe", "keys/over"] {
        let all = statements();
        let (_, statement) = all.iter().find(|(found, _)| found == name).expect(name);
        let explain = format!("EXPLAIN QUERY PLAN {statement}");
        let rows = sqlx::query(AssertSqlSafe(explain)).fetch_all(&mut connection).await;
        let rows = rows.unwrap_or_else(|error| panic!("{name}: {error}"));
        let details: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
        let sorted = details.iter().any(|detail| detail.contains("TEMP B-TREE FOR ORDER BY"));
        assert!(!sorted, "{name} sorts: {details:#?}");
    }
}
