//! Who may open a file, and what becomes of an older or a foreign one.

use super::{hand_clock::HandClock, stage};
use fleet::ports::{
    StoreError,
    archive::{Archive, TaskFilter},
    crew::Crew,
    log::TaskLog,
    roster::Roster,
};
use sqlx::{Connection, SqliteConnection, migrate::Migrator};
use std::{borrow::Cow, fs, path::Path, time::Duration};
use store::sqlite::{LockedBy, SqliteStore};
use tempfile::TempDir;

fn place(folder: &TempDir) -> String {
    folder.path().join("gouxuan.db").to_str().expect("a path in UTF-8").to_owned()
}

fn refused(opened: Result<SqliteStore, StoreError>) -> String {
    match opened {
        Err(StoreError::Broken(sentence)) => sentence,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_second_server_is_refused_and_readers_are_not() {
    let folder = TempDir::new().expect("a folder");
    let path = place(&folder);
    let clock = HandClock::new();
    let first = SqliteStore::open(&path, clock.clone()).await.expect("a new file");
    let scene = stage::set(&first, stage::SMALL).await;
    first.append(&[scene.task(1)]).await.expect("logged");

    let sentence = refused(SqliteStore::open(&path, clock.clone()).await);
    assert!(sentence.contains("is served by another gouxuan"), "{sentence}");
    assert!(sentence.contains(&std::process::id().to_string()), "{sentence}");
    let holder = LockedBy::of(Path::new(&path)).expect("somebody serves it");
    assert_eq!(holder.process, Some(std::process::id()));

    let reader = SqliteStore::look(&path, clock.clone()).await.expect("reading is free");
    let rows = reader.list(&TaskFilter::default(), None, 10).await.expect("a page");
    assert_eq!(rows.len(), 1);
    assert!(reader.enlist("cli", "1.0", Duration::from_secs(1)).await.is_err(), "it only reads");
    reader.close().await;

    first.close().await;
    drop(first);
    assert_eq!(LockedBy::of(Path::new(&path)), None);
    SqliteStore::open(&path, clock).await.expect("nobody serves it any more").close().await;
}

#[tokio::test]
async fn looking_makes_no_file() {
    let folder = TempDir::new().expect("a folder");
    let path = place(&folder);
    let looked = SqliteStore::look(&path, HandClock::new()).await;
    assert!(matches!(looked, Err(StoreError::Away(_))), "{looked:?}");
    assert!(!Path::new(&path).exists());
}

#[tokio::test]
async fn what_is_no_database_is_refused() {
    let folder = TempDir::new().expect("a folder");
    let path = place(&folder);
    fs::write(&path, "发票号码,金额\n".repeat(1000)).expect("a file of another kind");
    refused(SqliteStore::open(&path, HandClock::new()).await);
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    let folder = TempDir::new().expect("a folder");
    let path = place(&folder);
    let first = SqliteStore::open(&path, HandClock::new()).await.expect("a new file");
    let scene = stage::set(&first, stage::SMALL).await;
    first.append(&[scene.task(1)]).await.expect("logged");
    first.close().await;
    drop(first);
    let schema = || async {
        let mut connection = SqliteConnection::connect(&path).await.expect("a file");
        let text = "SELECT coalesce(group_concat(sql, ';'), '') FROM sqlite_schema";
        sqlx::query_scalar::<_, String>(text).fetch_one(&mut connection).await.expect("a schema")
    };
    let before = schema().await;
    let second = SqliteStore::open(&path, HandClock::new()).await.expect("the same file");
    assert_eq!(second.list(&TaskFilter::default(), None, 10).await.expect("a page").len(), 1);
    second.close().await;
    assert_eq!(schema().await, before);
}

async fn migrated_up_to(path: &str, version: i64) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/sqlite");
    let all = Migrator::new(folder).await.expect("the migrations");
    let some = all.migrations.iter().filter(|migration| migration.version <= version).cloned();
    let older = Migrator { migrations: Cow::Owned(some.collect()), ..Migrator::DEFAULT };
    let url = format!("sqlite:{path}?mode=rwc");
    let mut connection = SqliteConnection::connect(&url).await.expect("a new file");
    older.run(&mut connection).await.expect("the older migrations run");
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM _sqlx_migrations")
        .fetch_one(&mut connection)
        .await
        .expect("a count");
    assert_eq!(count, version);
    connection.close().await.expect("closed");
}

#[tokio::test]
async fn a_file_of_any_older_version_is_brought_up() {
    for version in 1..5 {
        let folder = TempDir::new().expect("a folder");
        let path = place(&folder);
        migrated_up_to(&path, version).await;
        let sentence = refused(SqliteStore::look(&path, HandClock::new()).await);
        assert!(sentence.contains("older") && sentence.contains("gouxuan migrate"), "{sentence}");
        let store = SqliteStore::open(&path, HandClock::new()).await.expect("brought up");
        let scene = stage::set(&store, stage::SMALL).await;
        store.append(&[scene.task(1)]).await.expect("logged");
        assert_eq!(store.lanes(None).await.expect("lanes").len(), 2);
        store.close().await;
    }
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_refused() {
    let folder = TempDir::new().expect("a folder");
    let path = place(&folder);
    SqliteStore::open(&path, HandClock::new()).await.expect("a new file").close().await;
    let mut connection = SqliteConnection::connect(&path).await.expect("the file");
    sqlx::query(
        "INSERT INTO _sqlx_migrations
         SELECT 9999, 'later', installed_on, true, checksum, 0 FROM _sqlx_migrations LIMIT 1",
    )
    .execute(&mut connection)
    .await
    .expect("a later migration");
    connection.close().await.expect("closed");
    let sentence = refused(SqliteStore::open(&path, HandClock::new()).await);
    assert!(sentence.contains("newer gouxuan"), "{sentence}");
}

#[tokio::test]
async fn a_commit_is_on_the_disk_before_it_is_told() {
    let folder = TempDir::new().expect("a folder");
    let path = place(&folder);
    let store = SqliteStore::open(&path, HandClock::new()).await.expect("a new file");
    let pragmas = store.durability().await.expect("told");
    assert_eq!((pragmas.journal_mode.as_str(), pragmas.synchronous), ("wal", 2));
    assert!(pragmas.foreign_keys);
    store.close().await;
}
