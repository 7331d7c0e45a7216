//! Every statement is one that SQLite understands, over the schema that the migrations make.

use super::hand_clock::HandClock;
use sqlx::{Connection, Executor, SqlSafeStr, SqliteConnection};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};
use store::sqlite::SqliteStore;
use tempfile::TempDir;

/// A file with the schema in it, and a connection to it.
pub(crate) async fn schema() -> (TempDir, SqliteConnection) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("gouxuan.db");
    let path = path.to_str().expect("a path in UTF-8").to_owned();
    let store = SqliteStore::open(&path, HandClock::new()).await.expect("a new file");
    store.close().await;
    let connection = SqliteConnection::connect(&path).await.expect("the file is there");
    (folder, connection)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sql/sqlite")
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of statements") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// Every statement by its name, such as `case/load`.
pub(crate) fn statements() -> Vec<(String, String)> {
    let mut found = Vec::new();
    files(&folder(), &mut found);
    found.sort();
    let named = |path: PathBuf| {
        let name = path.strip_prefix(folder()).expect("inside").with_extension("");
        let name = name.to_str().expect("a name in UTF-8").to_owned();
        (name, fs::read_to_string(path).expect("a statement"))
    };
    found.into_iter().map(named).collect()
}

#[tokio::test]
async fn every_statement_prepares() {
    let (_folder, mut connection) = schema().await;
    let all = statements();
    assert!(all.len() > 80, "only {} statements were found", all.len());
    for (name, statement) in all {
        let prepared = connection.prepare(sqlx::AssertSqlSafe(statement).into_sql_str()).await;
        assert!(prepared.is_ok(), "{name}: {:?}", prepared.err());
    }
}

#[test]
fn every_statement_is_used() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sqlite");
    let mut found = Vec::new();
    files(&source, &mut found);
    let code: String = found.iter().map(|path| fs::read_to_string(path).expect("code")).collect();
    let unused: BTreeSet<String> = statements()
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| !code.contains(&format!("sql!(\"{name}\")")))
        .collect();
    assert_eq!(unused, BTreeSet::new());
}
