//! A database whose schema is not this executable's.

use crate::process::{run, succeed};
use serde_json::Value;

/// Exit code, and what was said on standard output and error.
async fn said(arguments: &[&str], url: &str) -> (Option<i32>, String) {
    let at = ["--database-url", url, "--listen", "127.0.0.1:1"];
    let output = run(&[arguments, &at].concat()).await;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout) + &text(&output.stderr))
}

/// What the doctor says of the database.
async fn diagnosis(url: &str) -> Value {
    let (_, text) = said(&["doctor", "--json"], url).await;
    let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut lines = lines.filter(|line| line["name"] == "database");
    lines.next().expect("a line about the database")
}

#[tokio::test]
async fn only_migrate_and_serving_bring_a_schema_up_and_others_say_so() {
    let server = rig::Postgres::shared().await.expect("PostgreSQL");
    let database = server.database().await.expect("a database");
    let url = database.url();
    let folder = tempfile::TempDir::new().expect("a folder");
    let world = folder.path().join("world.json");
    std::fs::write(&world, "{}").expect("written");
    let world = world.to_string_lossy().into_owned();
    let import: &[&str] = &["world", "import", &world];
    let looks: [&[&str]; 2] = [&["lane", "list"], &["task", "list"]];

    for command in looks {
        let (code, text) = said(command, url).await;
        assert_eq!(code, Some(1), "{command:?} {text}");
        assert!(text.contains("no schema yet: run `gouxuan migrate`"), "{command:?} {text}");
    }
    let line = diagnosis(url).await;
    assert_eq!(line["good"], false, "{line}");
    assert!(line["text"].as_str().unwrap_or("").contains("run `gouxuan migrate`"), "{line}");
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(database.rows(tables).await.expect("counted"), [["0"]], "nothing was made");

    // An empty database is nobody's: who exists may be the first thing that is written.
    let (code, text) = said(import, url).await;
    assert_eq!(code, Some(0), "{text}");
    succeed(&["migrate", "--database-url", url]).await;
    for command in looks.into_iter().chain([import]) {
        let (code, text) = said(command, url).await;
        assert_eq!(code, Some(0), "{command:?} {text}");
    }
    assert_eq!(diagnosis(url).await["good"], true);

    let newest = "DELETE FROM _sqlx_migrations WHERE version = \
                  (SELECT max(version) FROM _sqlx_migrations) RETURNING version";
    let newest: i64 = database.rows(newest).await.expect("taken back")[0][0].parse().expect("one");
    // Numbers may be left out.
    let left = "SELECT max(version) FROM _sqlx_migrations";
    let left = database.rows(left).await.expect("what is left")[0][0].clone();
    let older = format!("its schema {left} is older than this gouxuan's, {newest}");
    for command in [looks[1], import] {
        let (code, text) = said(command, url).await;
        assert_eq!(code, Some(1), "{command:?} {text}");
        assert!(text.contains(&older) && text.contains("run `gouxuan migrate`"), "{text}");
    }
    let line = diagnosis(url).await;
    assert!(line["text"].as_str().unwrap_or("").contains(&older), "{line}");
}

#[tokio::test]
async fn a_newer_schema_is_left_alone_by_an_older_executable() {
    let server = rig::Postgres::shared().await.expect("PostgreSQL");
    let database = server.database().await.expect("a database");
    let url = database.url();
    succeed(&["migrate", "--database-url", url]).await;
    let later =
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 SELECT 9999, 'later', true, checksum, 0 FROM _sqlx_migrations LIMIT 1 RETURNING 1";
    database.rows(later).await.expect("a later migration");
    for command in [&["migrate"][..], &["task", "list"], &["serve", "--role", "console"]] {
        let (code, text) = said(command, url).await;
        assert_eq!(code, Some(1), "{command:?} {text}");
        assert!(text.contains("this gouxuan is older, of schema"), "{command:?} {text}");
        assert!(text.contains("schema 9999: use that version"), "{command:?} {text}");
    }
    let line = diagnosis(url).await;
    assert!(line["text"].as_str().unwrap_or("").contains("this gouxuan is older"), "{line}");
}
